"""What Lumina-DiMOO costs on this machine: graphs of its true widths, random weights and a few layers, each alone in onnxruntime.

    python -m slipstream_train.measure_dimoo --layers 1 2 --threads 2 --results dimoo.json

A full step is measured at two depths and extrapolated by layer to the published 32; the head and the shortcut are measured
whole. Of several runs the quickest counts: other work delays, nothing speeds up. With `--branches 1` a run holds half of
attention's scores (5 GB less at 1024 pixels), and a step is two such runs, as the published program has it. What was measured
is kept in --results and not measured again, so `--only full-1` and so on split the work; the report comes when all is there.
The text's embeddings are left out but for a few, which no step's time depends on. The floor is what the sums and products
would take at the speed of a large matrix product, measured before each graph.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper

from .dimoo_layout import Layout
from .dimoo_model import DimooBase, DimooShortcut, DimooShortcutSizes, DimooSizes, Stored
from .graph_files import sampling_inputs
from .graphs import FullGraph, Graph, HeadGraph, PromptedShortcutGraph
from .onnx_file import Weights, write_graph

TEXT, CODES, WIDTH, HEADS, HIDDEN, LAYERS = 4096, 8192, 4096, 32, 12_288, 32  # as published, but for the text's 126,356 ids
STEPS, BUDGETS = 64, (14, 11, 9)
SHORTCUT = DimooShortcutSizes(width=2048, blocks=1, hidden=HIDDEN, time=724)
NEW = 128  # revealed at a step, at most
PROMPT = 64  # ids of a prompt; the others are padding, which is computed as well


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(options.threads)
    layout = Layout(TEXT, options.prompt_length, options.grid, options.grid)
    shallow, deep = sorted(options.layers)
    graphs: dict[str, Callable[[], Graph]] = {
        f"full-{shallow}": lambda: FullGraph(_base(shallow, layout)), f"full-{deep}": lambda: FullGraph(_base(deep, layout)),
        "head": lambda: HeadGraph(_base(1, layout)), "shortcut": lambda: _shortcut(_base(1, layout)),
    }
    setting = f"{options.grid * 16} pixels, {layout.positions} positions, {options.branches} branches, {options.threads} threads"
    kept = json.loads(options.results.read_text()) if options.results.exists() else {}
    found = kept.setdefault(setting, {})
    for name, build in graphs.items():
        if name not in found and options.only in (None, name):
            found[name] = measured(build, layout, options)
            options.results.write_text(json.dumps(kept, indent=2))
            print(f"{setting}: {name} {json.dumps(found[name])}", flush=True)
    if graphs.keys() <= found.keys():
        print(json.dumps({"setting": setting, **_report(found, layout, options.branches, (shallow, deep))}, indent=2))


def measured(build: Callable[[], Graph], layout: Layout, options: argparse.Namespace) -> dict[str, float | list[float]]:
    """Seconds of runs with one row, after one that warms up. PyTorch's own copy of the graph is gone by then."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    speed = _matrix_speed(settings)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "graph.onnx"
        feeds = _written(build(), path, layout, options.branches)
        gc.collect()
        session, seconds = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"]), []
        for _ in range(1 + options.runs):
            begun = time.perf_counter()
            session.run(["next_tokens"], feeds)
            seconds.append(round(time.perf_counter() - begun, 3))
    return {"seconds": seconds[1:], "matrix_gflops_per_second": round(speed), "peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)}


def _report(found: dict[str, dict], layout: Layout, branches: int, depths: tuple[int, int]) -> dict:
    shallow, deep = depths
    seconds = {name: min(each["seconds"]) * 2 / branches for name, each in found.items()}  # of both branches
    layer = (seconds[f"full-{deep}"] - seconds[f"full-{shallow}"]) / (deep - shallow)
    step = seconds[f"full-{shallow}"] + (LAYERS - shallow) * layer
    speed = max(each["matrix_gflops_per_second"] for each in found.values()) * 1e9
    head = 2 * (layout.height * layout.width // 2) * WIDTH * CODES
    floors = {
        "layer": 2 * _layer_operations(layout.positions, WIDTH) / speed,
        "full": (LAYERS * 2 * _layer_operations(layout.positions, WIDTH) + head) / speed,
        "shortcut": (2 * _shortcut_operations(layout.positions) + head) / speed,
    }
    pictures = {"vanilla": STEPS * step, **{f"budget {budget}": budget * step + (STEPS - budget) * seconds["shortcut"] for budget in BUDGETS}}
    return {
        "least_seconds_of_both_branches": seconds, "layer_seconds": layer, "full_seconds_extrapolated_to_32_layers": step, "ratio": step / seconds["shortcut"],
        "floor_seconds": floors, "share_of_floor": {"layer": floors["layer"] / layer, "shortcut": floors["shortcut"] / seconds["shortcut"]},
        "weight_gigabytes": {"layer": 4 * _layer_weights(WIDTH) / 1e9, "full": 4 * (LAYERS * _layer_weights(WIDTH) + WIDTH * CODES) / 1e9},
        "picture_hours_extrapolated": {name: value / 3600 for name, value in pictures.items()},
        "speedup_extrapolated": {name: pictures["vanilla"] / value for name, value in pictures.items()},
    }


def _written(graph: Graph, path: Path, layout: Layout, branches: int) -> dict[str, np.ndarray]:
    """The inputs of a run."""
    traced, run = _inputs(layout, 2, 2), _inputs(layout, 1, branches)
    write_graph(graph, {name: traced[name] for name in graph.inputs}, path, Weights(path.with_name("weights.bin"), "fp32"))
    return {name: np.ascontiguousarray(run[name].numpy()) for name in graph.inputs}


def _inputs(layout: Layout, rows: int, branches: int) -> dict[str, torch.Tensor]:
    """A step in which half of the tokens are known."""
    generator, tokens = torch.Generator().manual_seed(0), layout.height * layout.width
    codes = torch.randint(CODES, (rows, tokens), generator=generator)
    prompt = torch.full((rows, branches, layout.prompt_length), layout.pad)
    prompt[..., :PROMPT] = torch.randint(1000, (rows, branches, PROMPT), generator=generator)
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


def _matrix_speed(settings: onnxruntime.SessionOptions) -> float:
    """GFLOP/s of a large product of matrices in onnxruntime, the best of five."""
    side, best = 3072, float("inf")
    value = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [side, side]) for name in ("left", "right", "product")}
    graph = helper.make_graph([helper.make_node("MatMul", ["left", "right"], ["product"])], "product", [value["left"], value["right"]], [value["product"]])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    feeds = {name: np.random.default_rng(0).standard_normal((side, side), np.float32) for name in ("left", "right")}
    for _ in range(5):
        begun = time.perf_counter()
        session.run(None, feeds)
        best = min(best, time.perf_counter() - begun)
    return 2 * side**3 / best / 1e9


def _layer_weights(width: int) -> int:
    return 4 * width**2 + 3 * width * HIDDEN


def _layer_operations(positions: int, width: int) -> int:
    """Sums and products of one branch."""
    return 2 * positions * _layer_weights(width) + 4 * positions**2 * width


def _shortcut_operations(positions: int) -> int:
    """Of one branch: in and out, the layer that looks at what is new (the prompt and NEW tokens), the layer of its own."""
    narrow, new = SHORTCUT.width, PROMPT + NEW
    across = 2 * positions * (2 * narrow**2 + 3 * narrow * HIDDEN) + 2 * new * 2 * narrow**2 + 4 * positions * new * narrow
    return 2 * (2 * positions + new) * WIDTH * narrow + across + _layer_operations(positions, narrow)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("measure_dimoo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, nargs=2, default=(1, 2), help="two depths of the base (default: 1 2)")
    parser.add_argument("--branches", type=int, choices=[1, 2], default=2, help="guidance branches in a run (default: 2)")
    parser.add_argument("--grid", type=int, default=64, help="tokens to a side (default: 64, 1024 pixels)")
    parser.add_argument("--prompt-length", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3, help="runs of each graph, one more to warm up (default: 3)")
    parser.add_argument("--only", help="one graph: full-1, full-2, head or shortcut")
    parser.add_argument("--results", type=Path, default=Path("dimoo-measured.json"), help="where figures are kept (default: dimoo-measured.json)")
    parser.add_argument("--folder", type=Path, help="where graphs are written, about 4 GB (default: the system's)")
    return parser


if __name__ == "__main__":
    main()
