"""`import maskgit`: published files -> a bundle, checked against PyTorch before it stands where it was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch

from . import __version__
from .errors import TrainerError
from .golden import golden_trajectory
from .graph_files import LARGE_PICTURE, buckets, example_inputs, graph_inputs, write_graphs
from .graphs import DecodeGraph, EmbedGraph, FullGraph, Graph, HeadGraph, PartialGraph, ShortcutGraph, TailGraph
from .half_arithmetic import Arithmetic, multiplies_in_halves, multiply_in_halves, stored_for
from .import_folder import LICENCE, free_bytes, make_whole, require_name, require_room
from .manifest import NEEDS, Manifest, describe_file
from .maskgit_model import MaskgitBase, MaskgitShortcut
from .maskgit_weights import HEADS, load_maskgit, load_maskgit_shortcut, load_vqgan
from .int8_weights import int8_bytes, quantise
from .onnx_file import TORCH, Stored, halve
from .operations import count_operations
from .own_shortcut import prediction_errors, require_better
from .presets import SamplingPreset
from .verify import verify_bundle
from .vqgan_decoder import VqganDecoder

SIZES = (8, 16, 32, 64, 128, 256, 512)
PROMPTS = 200  # classes that a bundle is measured on, about


def import_maskgit(
    checkpoint: Path, vq: Path, out: Path, shortcut: Path | None = None, *, heads: int = HEADS, unproven_shortcut: bool = False, weights: Stored | Literal["int8"] | None = None,
    arithmetic: Arithmetic = "fp32",
    free_bytes: Callable[[Path], int] = free_bytes, verify: Callable[[Path], object] = verify_bundle,
) -> None:
    """Writes the bundle `out`, or nothing. TrainerError names the file, tensor or option that is wrong, and the remedy.
    weights: as they are stored; None is fp32, or what the arithmetic needs."""
    require_name(out)
    weights = stored_for(arithmetic, weights, "fp32")
    kind: Stored = "fp32" if weights == "int8" else weights
    tokenizer = halve(load_vqgan(vq), kind)
    base = halve(load_maskgit(checkpoint, codes=tokenizer.codebook.num_embeddings, heads=heads), kind)
    _require_square(base, checkpoint)
    predictor = halve(load_maskgit_shortcut(shortcut, base, heads=heads), kind) if shortcut else None
    if weights == "int8":
        quantise(base.blocks)
    if arithmetic == "fp16":
        multiply_in_halves(base.blocks)
    models = [model for model in (base, tokenizer, predictor) if model]
    parameters = sum(value.numel() for model in models for value in model.parameters())
    require_room(out, TORCH[kind].itemsize * parameters + int8_bytes(base), free_bytes)
    if predictor and not unproven_shortcut:
        require_own(predictor, base, shortcut)
    make_whole(out, lambda folder: _write(folder, base, tokenizer, predictor, name=out.name, kind=kind, choices={"weights": weights, "arithmetic": arithmetic}), verify)


def _write(folder: Path, base: MaskgitBase, tokenizer: VqganDecoder, shortcut: MaskgitShortcut | None, *,
           name: str, kind: Stored, choices: dict[str, str]) -> None:
    generator = torch.Generator().manual_seed(0)
    graphs: dict[str, Graph] = {
        "full": FullGraph(base), "head": HeadGraph(base), "decode": DecodeGraph(tokenizer), "embed": EmbedGraph(tokenizer),
        "tail": TailGraph(base), "partial": PartialGraph(base), **({"shortcut": ShortcutGraph(base, shortcut)} if shortcut else {}),
    }
    examples = example_inputs(base, generator)
    signatures, golden = write_graphs(graphs, examples, folder, kind=kind)
    operations = {key: count_operations(graph, graph_inputs(graph, examples)) for key, graph in graphs.items() if key != "embed"}
    sampling = published_sampling(base.image_tokens, "shortcut" if shortcut else "vanilla")
    trajectories = [] if multiplies_in_halves(base) else _golden_runs(base, shortcut, sampling, generator)
    (folder / "golden.json").write_text(json.dumps({"graphs": golden, "trajectories": trajectories}))
    labels = [str(label) for label in range(0, base.unconditional, max(1, base.unconditional // PROMPTS))]
    (folder / "reference.json").write_text(json.dumps({"entries": [], "prompts": {"names": labels, "categories": []}}))
    (folder / "LICENCE.md").write_text(LICENCE)
    manifest = maskgit_manifest(folder, name, base, tokenizer, sampling, signatures, training={**choices, "operations": operations})
    (folder / "manifest.json").write_text(json.dumps(manifest.model_dump(exclude_none=True), indent=2))


def _golden_runs(base: MaskgitBase, shortcut: MaskgitShortcut | None, sampling: SamplingPreset, generator: torch.Generator) -> list[dict]:
    """Vanilla and by the shortcut, of the first and the last class; of a large picture one short run by the shortcut."""
    large = base.image_tokens > LARGE_PICTURE
    steps, budget = min(4 if large else 8, sampling.steps), min(2 if large else 3, sampling.budget)
    predictors = [None, shortcut] if shortcut and not large else [shortcut]
    labels = (0,) if large else (0, base.unconditional - 1)
    return [
        golden_trajectory(base, predictor, sampling, str(label), [label], steps=steps, budget=budget,
                          length=base.image_tokens, generator=generator)
        for label in labels for predictor in predictors
    ]


def require_own(shortcut: MaskgitShortcut, base: MaskgitBase, path: Path) -> None:
    """TrainerError when the shortcut is of another base, as far as its predictions tell."""
    prompt = torch.zeros(1, base.prompt_length, dtype=torch.long)
    require_better(*prediction_errors(base, shortcut, published_sampling(base.image_tokens, "shortcut"), prompt), path)


def published_sampling(image_tokens: int, strategy: str) -> SamplingPreset:
    """The settings published for 512 pixels, and those for 256 (algorithms 1.1), in at most as many steps as there are tokens."""
    large = image_tokens > 256
    steps = min(image_tokens, {"vanilla": 15, "shortcut": 32}[strategy] if large else {"vanilla": 8, "shortcut": 15}[strategy])
    return SamplingPreset(
        strategy=strategy, steps=steps, budget=min(steps, 9 if large else 7), schedule="arccos", guidance=2.8 if large else 3.0,
        guidance_ramp="linear", temperature=1.0, confidence_temperature=7.0 if large else 4.5,
    )


def maskgit_manifest(folder: Path, name: str, base: MaskgitBase, tokenizer: VqganDecoder, sampling: SamplingPreset, signatures: dict, training: dict) -> Manifest:
    tokens, grid = base.image_tokens, _grid(base)
    positions, channels = base.positions, base.width
    side = grid * tokenizer.sizes.factor
    return Manifest(
        name=name, description=f"MaskGIT: {side}x{side} pictures of {base.unconditional} classes",
        image={"width": side, "height": side, "channels": 4},
        tokens={"image": tokens, "gridWidth": grid, "gridHeight": grid, "codes": base.mask_token, "mask": base.mask_token},
        prompt={"classes": base.unconditional, "length": base.prompt_length, "pad": base.unconditional},
        features={"branches": 2, "positions": positions, "channels": channels, "layers": len(base.blocks)},
        newTokenBuckets=buckets(tokens, SIZES),
        maskedBuckets=buckets(tokens, (tokens // 4, tokens // 2, tokens * 3 // 4)),
        selectedBuckets=buckets(positions, SIZES),
        sampling=sampling.to_manifest(),
        strategies=[strategy for strategy, graphs in NEEDS.items() if graphs <= signatures.keys()],
        graphs=signatures,
        files=[describe_file(folder, path.name) for path in sorted(folder.iterdir())],
        weights="weights.bin", reference="reference.json", golden="golden.json", licences=[],
        training={"importer": __version__, "layout": "maskgit", "torch": torch.__version__, **training},
    )


def _grid(base: MaskgitBase) -> int:
    return round(base.image_tokens**0.5)


def _require_square(base: MaskgitBase, path: Path) -> None:
    if _grid(base) ** 2 != base.image_tokens:
        raise TrainerError(f"{path}: pos_emb has {base.image_tokens} positions beside the class, not a square of tokens")
