"""Bundles at MaskGIT's published widths against the published procedure: the same uniforms in, the same tokens out?

`full_width_parity.py FOLDER --runs 8` writes random weights of two layers, imports them and plays runs of both strategies;
with --full of all 24, which takes hours on two cores. Prints how many tokens of how many differ, and fails when any does."""

from __future__ import annotations

import argparse
from pathlib import Path

import onnxruntime
import torch
from maskgit_reference import Reference
from published_maskgit import FULL, FULL_WIDTH, Sizes, base_state, shortcut_state, write_published

from slipstream_train.import_maskgit import import_maskgit, published_sampling
from slipstream_train.manifest import read_manifest
from slipstream_train.replay import replay
from slipstream_train.sampler import draw_uniforms
from slipstream_train.schedule import refresh_steps

BUDGET = 3


def differing(bundle: Path, sizes: Sizes, runs: int, steps: int) -> list[int]:
    """Tokens that differ, of each run: vanilla and by the shortcut in turn, each of a class and uniforms of its own."""
    manifest, generator = read_manifest(bundle), torch.Generator().manual_seed(0)
    sessions = {name: onnxruntime.InferenceSession(str(bundle / f"{name}.onnx")) for name in ("full", "shortcut")}
    reference = Reference(sizes, base_state(sizes), shortcut_state(sizes))
    sampling, counts = published_sampling(sizes.grid**2, "shortcut"), []
    for index in range(runs):
        noise = draw_uniforms((2, steps, sizes.grid**2), generator)
        strategy, label = ("vanilla", "shortcut")[index % 2], 37 * index % sizes.classes
        full = set(range(steps)) if strategy == "vanilla" else set(refresh_steps(steps, BUDGET))
        expected = reference.sample(label, *noise, steps=steps, full=full, guidance=sampling.guidance, randomness=sampling.confidence_temperature)
        run = {"strategy": strategy, "steps": steps, "budget": BUDGET, "promptIds": [label], "guidance": sampling.guidance, "temperature": 1.0}
        counts.append(int((replay(sessions, manifest, run, *(part.numpy() for part in noise)) != expected.numpy()).sum()))
        print(f"run {index}: class {label}, {strategy}, {counts[-1]} of {steps * sizes.grid**2} tokens differ", flush=True)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    sizes, bundle = (FULL if options.full else FULL_WIDTH), options.folder / "bundle"
    if not bundle.exists():
        files = write_published(options.folder / "published", sizes)
        import_maskgit(**files, out=bundle, heads=sizes.heads, unproven_shortcut=True)
    counts = differing(bundle, sizes, options.runs, options.steps)
    print(f"{sum(counts)} tokens differ in {options.runs} runs")
    raise SystemExit(any(counts))


if __name__ == "__main__":
    main()
