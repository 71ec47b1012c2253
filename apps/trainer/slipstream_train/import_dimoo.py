"""`import dimoo`: published files -> a bundle, checked against PyTorch before it stands where it was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn

from . import __version__
from .dimoo_layout import TEMPLATE
from .dimoo_model import DimooBase, DimooShortcut
from .dimoo_model import Stored as Matrix
from .dimoo_prompt import Prompts, read_prompts
from .dimoo_weights import ROOT, load_dimoo, load_dimoo_shortcut, load_vq, read_config
from .golden import golden_trajectory
from .graph_files import buckets, example_inputs, write_graphs
from .graphs import DecodeGraph, EmbedGraph, FullGraph, Graph, HeadGraph, PartialGraph, PromptedShortcutGraph, TailGraph
from .half_arithmetic import Arithmetic, multiplies_in_halves, multiply_in_halves, stored_for
from .import_folder import LICENCE, free_bytes, make_whole, require_name, require_room
from .int8_weights import int8_bytes, quantise
from .manifest import NEEDS, Manifest, describe_file
from .own_shortcut import prediction_errors, require_better
from .presets import SamplingPreset, dimoo_sampling
from .published_weights import PublishedWeights
from .verify import verify_bundle
from .vqgan_decoder import VqganDecoder

NEW_SIZES = (16, 32, 64, 128, 256, 512, 1024)
LARGE = 10**9  # parameters from which a run of the base takes minutes
EXAMPLES = ["a red apple", "an orange cat on the moon", "x"]
TYPES = {"published": None, "fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16, "int8": None}


@dataclass(frozen=True)
class DimooChoices:
    """What the bundle is to be."""

    size: tuple[int, int] = (1024, 1024)
    """Width and height in pixels."""
    prompt_length: int = 256
    """Ids of a prompt, the template's 13 among them."""
    noise: str = "bf16"
    weights: str | None = None
    """Type that the matrices are stored in: one of TYPES; int8 those of the base's blocks, the others as
    published. None is as published, or what the arithmetic needs."""
    arithmetic: Arithmetic = "fp32"
    partial: bool = False
    """Whether the strategies that recompute some positions are served; a second copy of the base in memory."""
    unproven_shortcut: bool = False

    @property
    def stored(self) -> str:
        """TrainerError where weights and arithmetic do not go together."""
        return stored_for(self.arithmetic, self.weights, "published")


@dataclass(frozen=True)
class Parts:
    base: DimooBase
    tokenizer: VqganDecoder
    shortcut: DimooShortcut | None
    prompts: Prompts

    @property
    def examples(self) -> list[str]:
        """Two that fit into the context."""
        return [text for text in EXAMPLES if len(self.prompts.ids(text)) <= self.base.prompt_length][:2]


def import_dimoo(
    checkpoint: Path, vq: Path, tokenizer: Path, out: Path, shortcut: Path | None = None, choices: DimooChoices = DimooChoices(), *,
    free_bytes: Callable[[Path], int] = free_bytes, verify: Callable[[Path], object] = verify_bundle,
) -> None:
    """Writes the bundle `out`, or nothing. TrainerError names the file, tensor or option that is wrong, and the remedy."""
    require_name(out)
    parts = load_parts(checkpoint, vq, tokenizer, shortcut, choices)
    require_room(out, sum(_bytes(model) for model in (parts.base, parts.tokenizer, parts.shortcut) if model), free_bytes)
    if parts.shortcut and not choices.unproven_shortcut:
        require_own(parts, shortcut)
    make_whole(out, lambda folder: _write(folder, out.name, parts, choices), verify)


def load_parts(checkpoint: Path, vq: Path, tokenizer: Path, shortcut: Path | None, choices: DimooChoices) -> Parts:
    decoder, config, stored = load_vq(vq, *choices.size), read_config(checkpoint), TYPES[choices.stored]
    codes, grid = decoder.codebook.num_embeddings, decoder.sizes.grid
    vocabulary = PublishedWeights.open(checkpoint).shape(f"{ROOT}wte.weight", 2)[0]
    prompts = read_prompts(tokenizer, vocabulary - codes, choices.prompt_length)
    base = load_dimoo(checkpoint, config, codes=codes, prompt_length=choices.prompt_length, grid=grid,
                      unconditional=prompts.unconditional, noise=choices.noise, stored=stored)
    if choices.arithmetic == "fp16":
        multiply_in_halves(base.blocks, (Matrix,))
    if choices.stored == "int8":
        quantise(base.blocks, (Matrix,))
    return Parts(base, decoder, load_dimoo_shortcut(shortcut, base, config, stored) if shortcut else None, prompts)


def require_own(parts: Parts, path: Path) -> None:
    """TrainerError when the shortcut is of another base, as far as its predictions tell: over the first steps of the
    published 64, which a base of this size takes its time for."""
    base = parts.base
    prompt = torch.tensor([base.layout.padded(parts.prompts.ids(parts.examples[0]))])
    errors = prediction_errors(base, parts.shortcut, published_sampling(base.image_tokens, "shortcut"), prompt, steps=64, last=4)
    require_better(*errors, path)


def published_sampling(image_tokens: int, strategy: str) -> SamplingPreset:
    """The published settings (algorithms 1.2), in at most as many steps as there are tokens."""
    steps = min(image_tokens, 64)
    return dimoo_sampling(steps, strategy=strategy, budget=min(steps, 11))


def _write(folder: Path, name: str, parts: Parts, choices: DimooChoices) -> None:
    base, generator = parts.base, torch.Generator().manual_seed(0)
    graphs: dict[str, Graph] = {
        "full": FullGraph(base), "head": HeadGraph(base), "decode": DecodeGraph(parts.tokenizer), "embed": EmbedGraph(parts.tokenizer),
        "tail": TailGraph(base), **({"partial": PartialGraph(base)} if choices.partial else {}),
        **({"shortcut": PromptedShortcutGraph(base, parts.shortcut)} if parts.shortcut else {}),
    }
    signatures, golden = write_graphs(graphs, example_inputs(base, generator), folder, kind="fp32")
    sampling = published_sampling(base.image_tokens, "shortcut" if parts.shortcut else "vanilla")
    large = sum(value.numel() for value in base.parameters()) > LARGE
    steps, budget = (2, 1) if large else (8, 3)
    examples = [] if multiplies_in_halves(base) else parts.examples[: 1 if large else 2]
    trajectories = [
        golden_trajectory(base, predictor, sampling, text, base.layout.padded(parts.prompts.ids(text)), steps=min(steps, sampling.steps),
                          budget=budget, length=base.image_tokens, generator=generator)
        for text in examples for predictor in ([None, parts.shortcut] if parts.shortcut else [None])
    ]
    (folder / "golden.json").write_text(json.dumps({"graphs": golden, "trajectories": trajectories}))
    (folder / "reference.json").write_text(json.dumps({"entries": [], "prompts": {"names": parts.examples, "categories": []}}))
    (folder / "LICENCE.md").write_text(LICENCE)
    parts.prompts.tokenizer.save(str(folder / "tokenizer.json"))
    manifest = _manifest(folder, name, parts, choices, sampling, signatures)
    (folder / "manifest.json").write_text(json.dumps(manifest.model_dump(exclude_none=True), indent=2))


def _manifest(folder: Path, name: str, parts: Parts, choices: DimooChoices, sampling: SamplingPreset, signatures: dict) -> Manifest:
    base, layout, tokens = parts.base, parts.base.layout, parts.base.image_tokens
    width, height = choices.size
    return Manifest(
        name=name, description=f"Lumina-DiMOO: {width}x{height} pictures from words",
        image={"width": width, "height": height, "channels": 4},
        tokens={"image": tokens, "gridWidth": layout.width, "gridHeight": layout.height, "codes": base.mask_token, "mask": base.mask_token},
        prompt={"tokenizer": "tokenizer.json", "length": layout.prompt_length, "pad": layout.pad, "unknown": layout.newline,
                "template": TEMPLATE, "limit": layout.prompt_length - len(parts.prompts.ids("")), "unconditional": parts.prompts.unconditional},
        features={"branches": 2, "positions": base.positions, "channels": base.width, "layers": len(base.blocks),
                  "first": layout.first, "lineLength": layout.width + 1},
        newTokenBuckets=buckets(tokens, NEW_SIZES),
        maskedBuckets=buckets(tokens, (tokens // 4, tokens // 2, tokens * 3 // 4)),
        selectedBuckets=buckets(base.positions, NEW_SIZES),
        sampling=sampling.to_manifest() | {"noise": choices.noise},
        strategies=[strategy for strategy, needed in NEEDS.items() if needed <= signatures.keys()],
        graphs=signatures,
        files=[describe_file(folder, path.name) for path in sorted(folder.iterdir())],
        weights="weights.bin", reference="reference.json", golden="golden.json", licences=[],
        training={
            "importer": __version__, "layout": "dimoo", "torch": torch.__version__, "weights": choices.stored, "arithmetic": choices.arithmetic,
            "sizes": asdict(base.sizes),
        },
    )


def _bytes(model: nn.Module) -> int:
    return sum(value.numel() * value.element_size() for value in model.parameters()) + int8_bytes(model)
