"""The sampling loop in PyTorch: the reference the exported graphs and the TypeScript engine are held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .base_model import MaskedTransformer
from .graphs import HeadGraph
from .presets import SamplingPreset
from .schedule import annealed, ramp, refresh_steps, reveal_counts
from .shortcut_model import AnchoredModel, StepShortcut


@dataclass(frozen=True)
class StepRecord:
    """One step as it happened: `tokens` (rows, T) after it, `features` (rows, 2, L, width) it sampled from."""

    index: int
    full: bool
    tokens: Tensor
    features: Tensor


@torch.no_grad()
def generate(
    base: MaskedTransformer,
    prompt: Tensor,
    uniforms: Tensor,
    confidence_uniforms: Tensor,
    sampling: SamplingPreset,
    *,
    steps: int,
    predictor: StepShortcut | AnchoredModel | None = None,
    budget: int | None = None,
    on_step: Callable[[StepRecord], None] | None = None,
    last: int | None = None,
) -> Tensor:
    """prompt (rows, P), uniforms and confidence_uniforms (steps, rows, T) -> tokens (rows, T).

    Without a predictor every step is full; with one, `budget` of `steps` are (the paper's placement). It ends after the
    step `last`, where that is given.
    """
    rows, length = prompt.shape[0], uniforms.shape[2]
    positions = torch.arange(length, device=prompt.device).expand(rows, -1)
    prompts = base.branches(prompt)
    head = HeadGraph(base)
    counts = reveal_counts(sampling.schedule, steps, length)
    refreshes = set(refresh_steps(steps, budget)) if predictor and budget else set(range(steps))
    tokens = torch.full((rows, length), base.mask_token, device=prompt.device)
    scalar = torch.ones(rows, device=prompt.device)
    guidance = [scalar * sampling.guidance * ramp(sampling.guidance_ramp, index, steps) for index in range(steps)]
    features = source = None  # `source` is what the predictor starts from: features, tokens and mask ratio at their input
    for index in range(steps if last is None else last + 1):
        full = index in refreshes
        here = (tokens, (tokens == base.mask_token).float().mean(1))
        if full:
            features = base.guided_features(prompt, tokens)
        else:
            from_features, from_tokens, from_ratio = source
            if isinstance(predictor, AnchoredModel):
                revealed = revealed_since(from_tokens, tokens, base.mask_token)
                branches = predictor(from_features, revealed, positions, (from_ratio, here[1]))
                features = torch.cat([from_features[:, :, : base.prompt_length], torch.stack(branches, 1)], dim=2)
            else:
                features = predictor.guided(from_features, *new_tokens(from_tokens, tokens), here[1], prompts)
        if full or not isinstance(predictor, AnchoredModel):
            source = (features, *here)
        step = (
            positions, uniforms[index], confidence_uniforms[index],
            guidance[index],
            scalar * sampling.temperature,
            scalar * sampling.confidence_temperature * annealed(sampling.confidence_ramp, index, steps),
            torch.full((rows,), counts[index], device=prompt.device),
        )
        tokens = head(features, tokens, *step).long()
        if on_step:
            on_step(StepRecord(index, full, tokens, features))
    return tokens


def revealed_since(before: Tensor, after: Tensor, mask_token: int) -> Tensor:
    """(rows, T) twice -> (rows, T): the token revealed in between at its position, the mask elsewhere."""
    return torch.where(before != after, after, mask_token)


def new_tokens(before: Tensor, after: Tensor, bucket: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """What a step revealed, positions ascending: ids, positions, validity, each (rows, new); padded to `bucket`
    or to the largest count."""
    changed = before != after
    size = bucket or max(1, int(changed.sum(1).max()))
    positions = changed.int().argsort(dim=1, descending=True, stable=True)[:, :size]
    valid = changed.gather(1, positions)
    return after.gather(1, positions) * valid, positions * valid, valid


def draw_uniforms(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """float32 in the open interval (0, 1)."""
    return torch.rand(shape, generator=generator).clamp(1e-7, 1 - 1e-7)
