"""What Lumina-DiMOO costs on this machine: graphs of its true widths, random weights and a few layers, each alone in onnxruntime.

    python -m slipstream_train.measure_dimoo --layers 1 3 --threads 2

A full step is measured at two depths and extrapolated by layer to the published 32; the shortcut is measured whole. At
1024 pixels one layer and two branches took 10.7 GB, a further layer takes 0.9 GB; `--branches 1` takes less.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from .dimoo_layout import Layout
from .dimoo_model import DimooBase, DimooShortcut, DimooShortcutSizes, DimooSizes, Stored
from .graph_files import sampling_inputs
from .graphs import FullGraph, Graph, HeadGraph, PromptedShortcutGraph
from .onnx_file import Weights, write_graph

TEXT, CODES, WIDTH, HEADS, HIDDEN, LAYERS = 126_356, 8192, 4096, 32, 12_288, 32  # as published
STEPS, BUDGETS = 64, (14, 11, 9)
SHORTCUT = DimooShortcutSizes(width=2048, blocks=1, hidden=HIDDEN, time=724)
NEW = 128  # revealed at a step, at most


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(options.threads)
    layout = Layout(TEXT, options.prompt_length, options.grid, options.grid)
    shallow, deep = sorted(options.layers)
    full = {layers: measured(lambda layers=layers: FullGraph(_base(layers, layout)), layout, options) for layers in (shallow, deep)}
    head = measured(lambda: HeadGraph(_base(1, layout)), layout, options)
    shortcut = measured(lambda: _shortcut(_base(1, layout)), layout, options)
    layer = (full[deep] - full[shallow]) / (deep - shallow)
    step = full[shallow] + (LAYERS - shallow) * layer
    flops = options.branches * _layer_flops(layout.positions)
    report = {
        "positions": layout.positions, "branches": options.branches, "threads": options.threads,
        "full_seconds_by_layers": full, "layer_seconds": layer, "layer_gflops_per_second": flops / layer / 1e9,
        "full_seconds_extrapolated_to_32_layers": step, "head_seconds": head, "shortcut_seconds": shortcut, "ratio": step / shortcut,
        "picture_hours_extrapolated": {
            "vanilla": STEPS * step / 3600,
            **{f"budget {budget}": (budget * step + (STEPS - budget) * shortcut) / 3600 for budget in BUDGETS},
        },
        "speedup_extrapolated": {f"budget {budget}": STEPS * step / (budget * step + (STEPS - budget) * shortcut) for budget in BUDGETS},
        "peak_memory_gb": _peak_gb(),
    }
    print(json.dumps(report, indent=2))


def measured(build: Callable[[], Graph], layout: Layout, options: argparse.Namespace) -> float:
    """Median seconds of a run with one row, after one that warms up. PyTorch's own copy of the graph is gone by then."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "graph.onnx"
        name, feeds = _written(build(), path, layout, options.branches)
        gc.collect()
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        session, seconds = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"]), []
        for _ in range(1 + options.runs):
            begun = time.perf_counter()
            session.run(["next_tokens"], feeds)
            seconds.append(time.perf_counter() - begun)
        print(f"{name}: {[round(each, 3) for each in seconds]} s, {_peak_gb():.1f} GB at most so far", flush=True)
    return statistics.median(seconds[1:])


def _written(graph: Graph, path: Path, layout: Layout, branches: int) -> tuple[str, dict[str, np.ndarray]]:
    """Its name, and the inputs of a run."""
    traced, run = _inputs(layout, 2, 2), _inputs(layout, 1, branches)
    write_graph(graph, {name: traced[name] for name in graph.inputs}, path, Weights(path.with_name("weights.bin"), "fp32"))
    return type(graph).__name__, {name: np.ascontiguousarray(run[name].numpy()) for name in graph.inputs}


def _inputs(layout: Layout, rows: int, branches: int) -> dict[str, torch.Tensor]:
    """A step in which half of the tokens are known."""
    generator, tokens = torch.Generator().manual_seed(0), layout.height * layout.width
    codes = torch.randint(CODES, (rows, tokens), generator=generator)
    prompt = torch.full((rows, branches, layout.prompt_length), layout.pad)
    prompt[..., :64] = torch.randint(1000, (rows, branches, 64), generator=generator)
    features = torch.randn(rows, branches, layout.positions, WIDTH, generator=generator)
    new = torch.arange(min(NEW, tokens // 2)).expand(rows, -1).contiguous()
    inputs = {
        "prompt": prompt.int(), "features": features, "last_features": features, "new_tokens": codes[:, : new.shape[1]].int(), "new_positions": new.int(),
        "new_valid": torch.ones_like(new, dtype=torch.bool), "mask_ratio": torch.full((rows,), 0.5),
        "tokens": torch.where(torch.arange(tokens) < tokens // 2, codes, CODES).int(), **sampling_inputs(2, tokens, generator),
    }
    masked = {name: inputs[name][:, tokens // 2 :] for name in ("masked_positions", "uniforms", "confidence_uniforms")}
    return {name: value[:rows].contiguous() for name, value in (inputs | masked).items()}


def _base(layers: int, layout: Layout) -> DimooBase:
    sizes = DimooSizes(CODES, WIDTH, layers, HEADS, HIDDEN, 500_000.0, 1e-5)
    return _filled(DimooBase(sizes, layout, [0] * 14, "bf16"))


def _shortcut(base: DimooBase) -> Graph:
    return PromptedShortcutGraph(base, _filled(DimooShortcut(SHORTCUT, base, 1e-5)))


def _filled(model: torch.nn.Module) -> torch.nn.Module:
    for module in model.modules():
        if isinstance(module, Stored):
            shape = module.weight.shape
            values = torch.empty(shape, dtype=torch.bfloat16).normal_(std=shape[1] ** -0.5)
            module.weight = torch.nn.Parameter(values, requires_grad=False)
    return model.eval().requires_grad_(False)


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _layer_flops(positions: int) -> float:
    return 2 * positions * (4 * WIDTH**2 + 3 * WIDTH * HIDDEN) + 4 * positions**2 * WIDTH


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("measure_dimoo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, nargs=2, default=(1, 2), help="two depths of the base (default: 1 2)")
    parser.add_argument("--branches", type=int, choices=[1, 2], default=2, help="guidance branches in a run (default: 2)")
    parser.add_argument("--grid", type=int, default=64, help="tokens to a side (default: 64, 1024 pixels)")
    parser.add_argument("--prompt-length", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3, help="runs of each graph, one more to warm up (default: 3)")
    parser.add_argument("--folder", type=Path, help="where graphs are written, about 4 GB (default: the system's)")
    return parser


if __name__ == "__main__":
    main()
