"""What narrower weights cost a bundle: its runs with rounded weights against the same seeds with its own.

    python -m slipstream_train.measure_weights --bundle bundles/emoji --runs 64

For each rounding and strategy it says the share of a picture's tokens that end otherwise. Runs part ways at the first token
that does; so at every full step of the vanilla runs, and every shortcut step of the others, it also computes both from the same
tokens and features: the divergence (Kullback-Leibler, nats a masked position, the bundle's own first) of the distributions after
guidance, and the share of codes drawn otherwise.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from .adopt_maskgit import published_sizes
from .base_model import BaseModel, MaskedTransformer
from .errors import TrainerError
from .graph_weights import load_weights
from .half_arithmetic import multiply_in_halves
from .int8_weights import quantise
from .manifest import Manifest, read_manifest
from .maskgit_model import MaskgitBase, MaskgitShortcut, MaskgitShortcutSizes
from .onnx_file import halve
from .presets import PRESETS, SamplingPreset
from .prompt_tokenizer import load_prompt_tokenizer
from .sampler import StepRecord, draw_uniforms, generate, new_tokens
from .sampling import guide, inverse_cdf
from .schedule import ramp
from .shortcut_model import ShortcutModel, StepShortcut

ROWS = 16  # runs side by side


@dataclass
class Model:
    base: MaskedTransformer
    shortcut: StepShortcut | None


def _int8(model: Model) -> None:
    quantise(model.base.blocks)


def _int8_shortcut(model: Model) -> None:
    for part in (model.base, model.shortcut):
        quantise(part.blocks)


def _half_arithmetic(model: Model) -> None:
    multiply_in_halves(model.base.blocks)


def _halved(kind: str) -> Callable[[Model], None]:
    def rounded(model: Model) -> None:
        for part in (model.base, model.shortcut):
            halve(part or nn.Identity(), kind)
    return rounded


ROUNDINGS: dict[str, Callable[[Model], None]] = {
    "fp16": _halved("fp16"), "bf16": _halved("bf16"), "int8": _int8, "int8, the shortcut's too": _int8_shortcut,
    "arithmetic fp16": _half_arithmetic,
}


@torch.no_grad()
def measure(folder: Path, runs: int) -> dict[str, dict[str, float]]:
    """By rounding; figures as the module says."""
    manifest = read_manifest(folder)
    own, sampling = _load(folder, manifest), _sampling(manifest)
    report: dict[str, dict[str, float]] = {}
    for name, rounded in ROUNDINGS.items():
        if name.endswith("too") and not own.shortcut:
            continue
        other = copy.deepcopy(own)
        rounded(other)
        figures = [_batch(own, other, sampling, prompts, first) for first, prompts in _prompts(folder, manifest, runs)]
        report[name] = {key: sum(each[key] for each in figures) / len(figures) for key in figures[0]}
        print(name, json.dumps(report[name]), flush=True)
    return report


def _sampling(manifest: Manifest) -> SamplingPreset:
    own = manifest.sampling
    return SamplingPreset(
        strategy=own.strategy, steps=own.steps, budget=max(own.budget, own.steps // 4), schedule=own.schedule, guidance=own.guidance,
        guidance_ramp=own.guidanceRamp, temperature=own.temperature, confidence_temperature=own.confidenceTemperature,
        confidence_ramp=own.confidenceRamp,
    )


def _batch(own: Model, other: Model, sampling: SamplingPreset, prompt: Tensor, seed: int) -> dict[str, float]:
    steps, tokens = sampling.steps, own.base.image_tokens
    noise = draw_uniforms((2, steps, len(prompt), tokens), torch.Generator().manual_seed(seed))
    figures = {}
    for strategy in ("vanilla", "shortcut") if own.shortcut else ("vanilla",):
        records: list[StepRecord] = []
        ends = [
            generate(model.base, prompt, *noise, sampling, steps=steps, budget=sampling.budget,
                     predictor=model.shortcut if strategy == "shortcut" else None, on_step=records.append if model is own else None)
            for model in (own, other)
        ]
        figures[f"{strategy}: tokens that end otherwise"] = (ends[0] != ends[1]).float().mean().item()
        divergence, drawn = _steps_apart(own, other, sampling, prompt, records, noise[0])
        kind = "full" if strategy == "vanilla" else strategy
        figures |= {f"divergence a {kind} step, nats": divergence, f"codes drawn otherwise a {kind} step": drawn}
    return figures


def _steps_apart(own: Model, other: Model, sampling: SamplingPreset, prompt: Tensor, records: list[StepRecord], uniforms: Tensor) -> tuple[float, float]:
    """Divergence and share of codes drawn otherwise: of a vanilla run's steps, of another's shortcut steps, each from what the
    run had before it."""
    vanilla, base = all(record.full for record in records), own.base
    before = tokens = torch.full_like(records[0].tokens, base.mask_token)
    last, divergence, drawn, places = None, 0.0, 0, 0
    for record in records:
        masked = tokens == base.mask_token
        if record.full == vanilla:
            news = new_tokens(before, tokens)
            features = (other.base.guided_features(prompt, tokens) if vanilla
                        else other.shortcut.guided(last, *news, masked.float().mean(1), base.branches(prompt)))
            guidance = sampling.guidance * ramp(sampling.guidance_ramp, record.index, sampling.steps)
            chances = [_chances(model.base, each, guidance, sampling.temperature) for model, each in ((own, record.features), (other, features))]
            parts = (chances[0] * (chances[0].clamp(min=1e-30).log() - chances[1].clamp(min=1e-30).log())).sum(-1)
            codes = [inverse_cdf(each, uniforms[record.index])[0] for each in chances]
            divergence += parts[masked].sum().item()
            drawn += (codes[0] != codes[1])[masked].sum().item()
            places += int(masked.sum())
        last, before, tokens = record.features, tokens, record.tokens
    return divergence / places, drawn / places


def _chances(base: MaskedTransformer, features: Tensor, guidance: float, temperature: float) -> Tensor:
    """(rows, 2, L, width) -> (rows, T, codes)."""
    rows, positions = features.shape[0], torch.arange(base.image_tokens).expand(features.shape[0], -1)
    guided = guide(base.of_image(features), torch.full((rows,), guidance))
    return torch.softmax(base.logits_at(guided, positions) / temperature, dim=-1)


def _load(folder: Path, manifest: Manifest) -> Model:
    """TrainerError of a bundle that is neither MaskGIT's nor trained here."""
    full, shortcut = manifest.graphs.full, manifest.graphs.shortcut
    if manifest.training.get("layout") == "maskgit":
        sizes = published_sizes(manifest, folder / full.file)
        base, width = MaskgitBase(sizes), sizes.width // 2
        predictor = MaskgitShortcut(MaskgitShortcutSizes(width, 1, sizes.heads, round((width * 256) ** 0.5)), base) if shortcut else None
    elif "preset" in manifest.training:
        preset = PRESETS[manifest.training["preset"]["name"]]
        base = BaseModel(preset, manifest.tokens.codes, manifest.training["vocabulary"])
        predictor = ShortcutModel(preset, base) if shortcut else None
    else:
        raise TrainerError(f"{folder} is neither of MaskGIT nor trained here: name another bundle")
    load_weights(base, "base.", folder / full.file)
    if predictor:
        load_weights(predictor, "shortcut.", folder / shortcut.file)
        for table, whole in (("token_table", base.token_embedding.weight), ("position_table", base.position[base.prompt_length :])):
            getattr(predictor, table).copy_(whole)
    return Model(base.eval(), predictor.eval() if predictor else None)


def _prompts(folder: Path, manifest: Manifest, runs: int) -> list[tuple[int, Tensor]]:
    """Seeds and (rows, P), of the bundle's own list."""
    names = json.loads((folder / manifest.reference).read_text())["prompts"]["names"]
    chosen = [names[index % len(names)] for index in range(runs)]
    if hasattr(manifest.prompt, "classes"):
        ids = torch.tensor([[int(name)] for name in chosen])
    else:
        tokenizer = load_prompt_tokenizer(folder / manifest.prompt.tokenizer)
        ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(chosen)])
    return [(first, ids[first : first + ROWS]) for first in range(0, runs, ROWS)]


def main() -> None:
    parser = argparse.ArgumentParser("measure_weights", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=64, help="pictures of each strategy (default: 64)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    measure(options.bundle, options.runs)


if __name__ == "__main__":
    main()
