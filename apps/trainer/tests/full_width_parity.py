"""Bundles at MaskGIT's published widths against the published procedure: the same uniforms in, the same tokens out?

`full_width_parity.py FOLDER --runs 64` writes random weights of two layers, imports them and plays runs of both strategies;
with --full of all 24. The procedure is computed in float32, as published, and of the first --exact runs in float64 too, which
tells what float32 itself decides by rounding. Prints for each run, as a line of JSON, what begins to differ between which two."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import onnxruntime
import torch
from maskgit_reference import Reference
from published_maskgit import FULL, FULL_WIDTH, Sizes, base_state, shortcut_state, write_published
from torch import Tensor

from slipstream_train.import_maskgit import import_maskgit, published_sampling
from slipstream_train.manifest import read_manifest
from slipstream_train.replay import replay
from slipstream_train.sampler import draw_uniforms
from slipstream_train.schedule import refresh_steps

BUDGET = 3


@dataclass(frozen=True)
class Run:
    strategy: str
    histories: dict[str, Tensor]
    """Tokens after every step (steps, T) by who computed them."""
    edges: Tensor
    """Of every step and position (steps, T): how far, in probability, its uniform was from another code; by PyTorch."""
    thresholds: Tensor
    """The same of its confidence, in nats, from being revealed or not."""


def runs(bundle: Path, sizes: Sizes, numbers: range, steps: int, exact: int) -> Iterator[Run]:
    """Vanilla and by the shortcut in turn, each of a class and uniforms of its own, which its number decides."""
    manifest = read_manifest(bundle)
    sessions = {name: onnxruntime.InferenceSession(str(bundle / f"{name}.onnx")) for name in ("full", "shortcut")}
    states = base_state(sizes), shortcut_state(sizes)
    single = Reference(sizes, *states)
    double = Reference(sizes, *({name: value.double() for name, value in state.items()} for state in states))
    sampling = published_sampling(sizes.grid**2, "shortcut")
    settings = {"steps": steps, "guidance": sampling.guidance, "randomness": sampling.confidence_temperature}
    for index in numbers:
        noise = draw_uniforms((2, steps, sizes.grid**2), torch.Generator().manual_seed(index))
        strategy, label = ("vanilla", "shortcut")[index % 2], 37 * index % sizes.classes
        full = set(range(steps)) if strategy == "vanilla" else set(refresh_steps(steps, BUDGET))
        run = {"strategy": strategy, "steps": steps, "budget": BUDGET, "promptIds": [label], "guidance": sampling.guidance, "temperature": 1.0}
        margins: list[tuple[Tensor, Tensor]] = []
        histories = {
            "pytorch": single.sample(label, *noise, full=full, **settings, on_step=lambda *seen: margins.append(seen)),
            "onnxruntime": torch.from_numpy(replay(sessions, manifest, run, *(part.numpy() for part in noise))),
            **({"float64": double.sample(label, *noise, full=full, **settings)} if index < exact else {}),
        }
        yield Run(strategy, histories, *(torch.stack(each) for each in zip(*margins, strict=True)))


def first_differences(run: Run, left: str, right: str) -> dict | None:
    """Of the first step after which the two differ, for what follows from it differs too: how many positions do, and how near
    PyTorch was to another choice at the nearest of them; how many differ in the end."""
    differs = run.histories[left] != run.histories[right]
    if not differs.any():
        return None
    step = int(differs.any(1).int().argmax())
    where = differs[step]
    return {"step": step, "positions": int(where.sum()), "edge": float(run.edges[step, where].min()), "threshold": float(run.thresholds[step, where].min()),
            "later": int(differs[-1].sum())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--exact", type=int, default=0, help="runs with numbers below it are computed in float64 too")
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    sizes, bundle = (FULL if options.full else FULL_WIDTH), options.folder / "bundle"
    if not bundle.exists():
        files = write_published(options.folder / "published", sizes)
        import_maskgit(**files, out=bundle, heads=sizes.heads, unproven_shortcut=True)
    numbers = range(options.first, options.first + options.runs)
    for index, run in zip(numbers, runs(bundle, sizes, numbers, options.steps, options.exact), strict=True):
        differences = {f"{left} and {right}": first_differences(run, left, right) for left, right in combinations(run.histories, 2)}
        print(json.dumps({"run": index, "strategy": run.strategy, **differences}), flush=True)


if __name__ == "__main__":
    main()
