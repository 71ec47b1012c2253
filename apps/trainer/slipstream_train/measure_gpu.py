"""What a full and a shortcut step of MaskGIT-512 cost in PyTorch on this machine, to hold `slipstream steps` against.

    python -m slipstream_train.measure_gpu --rows 1 2 4 8 16 32

Random weights; both guidance branches, half of the tokens masked, 32 revealed since the last step; head and sampling
included, and the tokens copied to the host. fp32 and TF32 step by step; bf16 with the blocks compiled and the step captured
in a CUDA graph. One line of JSON for each measurement.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from .graph_files import graph_inputs
from .graphs import FullGraph, Graph, ShortcutGraph
from .maskgit_random import LAYERS, random_maskgit, step_inputs

PATIENCE = 2.0  # seconds that one measurement may go on
Step = Callable[[], Tensor]


def main() -> None:
    options = _parser().parse_args()
    device = torch.device(options.device)
    with torch.no_grad():
        for arm in options.arms:
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = arm == "tf32"
            for line in measured(arm, device, options):
                print(json.dumps(line), flush=True)


def measured(arm: str, device: torch.device, options: argparse.Namespace) -> Iterator[dict]:
    base, shortcut = random_maskgit(options.layers)
    dtype = torch.bfloat16 if arm == "bf16" else torch.float32
    full, short = (graph.to(device, dtype) for graph in (FullGraph(base), ShortcutGraph(base, shortcut)))
    if arm == "bf16" and options.compiled:
        for block in (*base.blocks, *shortcut.blocks):
            block.compile(dynamic=True)
    for kind, graph in (("full", full), ("shortcut", short)):
        for rows in options.rows:
            inputs = _inputs(graph, step_inputs(base, rows), device, dtype)
            base_line = {"provider": f"pytorch {arm}", "kind": kind, "rows": rows}
            try:
                step = _step(graph, inputs)
                begun = time.perf_counter()
                step()
                first = time.perf_counter() - begun
                if arm == "bf16" and options.captured and device.type == "cuda":
                    step = _captured(step)
                yield base_line | {"seconds": _timed(step, options.runs), "first": first, "peak_gb": _peak_gb(device)}
            except RuntimeError as error:
                yield base_line | {"seconds": [], "failure": str(error)[:200]}
                break


def _inputs(graph: Graph, examples: dict[str, Tensor], device: torch.device, dtype: torch.dtype) -> list[Tensor]:
    """Those that meet weights in the weights' type; what the sampling reads stays fp32."""
    held = ("features", "last_features", "mask_ratio", "guidance")
    return [value.to(device, dtype) if name in held else value.to(device) for name, value in graph_inputs(graph, examples).items()]


def _step(graph: Graph, inputs: list[Tensor]) -> Step:
    place = list(graph.outputs).index("next_tokens")
    return lambda: graph(*inputs)[place]


def _captured(step: Step) -> Step:
    """The same as one CUDA graph."""
    beside = torch.cuda.Stream()
    with torch.cuda.stream(beside):
        for _ in range(2):
            step()
    torch.cuda.current_stream().wait_stream(beside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        tokens = step()

    def replay() -> Tensor:
        graph.replay()
        return tokens

    return replay


def _timed(step: Step, runs: int) -> list[float]:
    """Seconds from the call to the tokens on the host."""
    seconds: list[float] = []
    begun = time.perf_counter()
    for run in range(2 + runs):
        before = time.perf_counter()
        step().cpu()
        seconds.append(time.perf_counter() - before)
        if run >= 2 and time.perf_counter() - begun > PATIENCE:
            break
    return seconds[2:]


def _peak_gb(device: torch.device) -> float:
    if device.type != "cuda":
        return 0.0
    peak = torch.cuda.max_memory_allocated() / 1e9
    torch.cuda.reset_peak_memory_stats()
    return round(peak, 2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("measure_gpu", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32], help="pictures in one step (default: 1 2 4 8 16 32)")
    parser.add_argument("--arms", nargs="+", choices=["fp32", "tf32", "bf16"], default=["fp32", "tf32", "bf16"])
    parser.add_argument("--layers", type=int, default=LAYERS, help=f"of the base (default: {LAYERS}, as published)")
    parser.add_argument("--runs", type=int, default=20, help="measured runs of each at most (default: 20)")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--no-compile", dest="compiled", action="store_false", help="leave the blocks of bf16 as they are")
    parser.add_argument("--no-graph", dest="captured", action="store_false", help="launch the kernels of bf16 one by one")
    return parser


if __name__ == "__main__":
    main()
