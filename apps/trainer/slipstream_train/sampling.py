"""One sampling step on logits: guidance, inverse-CDF token, annealed Gumbel confidence, exact top-k. Exported into the graphs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .transformer import found


@dataclass(frozen=True)
class StepInputs:
    """Per-row scalars and noise of one step; every field is in a graph's signature under this name.

    masked_positions: (rows, M) integer, distinct, with every masked position among them. uniforms,
    confidence_uniforms: (rows, M) float32 in (0, 1), for these positions. guidance, temperature, confidence_noise:
    (rows,) float32. reveal_count: (rows,) integer.
    """

    masked_positions: Tensor
    uniforms: Tensor
    confidence_uniforms: Tensor
    guidance: Tensor
    temperature: Tensor
    confidence_noise: Tensor
    reveal_count: Tensor


def guide(features: Tensor, guidance: Tensor) -> Tensor:
    """(rows, branches, L, width), (rows,) -> (rows, L, width): (1 + w) conditional - w unconditional; with one branch
    exactly the conditional.

    The head is linear, so guiding features equals guiding logits (paper's formula) at half the head's cost.
    """
    return guide_branches(features[:, 0], features[:, -1], guidance)


def guide_branches(conditional: Tensor, unconditional: Tensor, guidance: Tensor) -> Tensor:
    """The same of two branches, each (rows, L, width)."""
    return conditional + guidance[:, None, None] * (conditional - unconditional)


def sample_step(logits: Tensor, tokens: Tensor, mask_token: int, step: StepInputs) -> tuple[Tensor, Tensor]:
    """Guided logits (rows, M, codes) at the masked positions, tokens (rows, T) -> tokens with `reveal_count` more of
    them revealed, and the confidence (rows, M) that decided it, -1e30 at positions that are no longer masked.

    A token is the inverse CDF of the tempered softmax at its uniform; confidence is its log-probability plus annealed
    Gumbel noise. Revealed tokens never change; of features that are not numbers nothing is revealed.
    """
    positions = step.masked_positions.long()
    before = tokens.gather(1, positions)
    sampled, probability = inverse_cdf(torch.softmax(logits / step.temperature[:, None, None], dim=-1), step.uniforms)
    anti_gumbel = torch.log(-torch.log(step.confidence_uniforms))
    confidence = torch.log(probability + 1e-30) - step.confidence_noise[:, None] * anti_gumbel
    confidence = torch.where(before == mask_token, confidence, -1e30)
    highest, order = confidence.topk(confidence.shape[1], dim=1)
    due = torch.arange(confidence.shape[1], device=tokens.device) < step.reveal_count[:, None]
    revealed = due & (highest > -2e30)  # what is not a number is not revealed, so that an engine sees it missing
    changed = torch.where(revealed, sampled.gather(1, order), before.gather(1, order))
    return tokens.scatter(1, positions.gather(1, order), changed), confidence


def inverse_cdf(weights: Tensor, uniforms: Tensor) -> tuple[Tensor, Tensor]:
    """weights (rows, T, codes) >= 0, uniforms (rows, T) -> sampled codes (rows, T) and their weights.

    In two levels, first the block and then the code in it: one pass over the codes instead of a running sum of all.
    """
    codes = weights.shape[-1]
    size = next(codes // count for count in range(math.isqrt(codes), 0, -1) if codes % count == 0)
    blocks = weights.unflatten(-1, (codes // size, size))
    sums = blocks.sum(-1)
    ends = _running_sum(sums)
    target = uniforms[..., None] * ends[..., -1:]
    block = _first_above(ends, target)
    start = _running_sum(sums, before=True).gather(-1, block)
    chosen = found(blocks, block).squeeze(-2)
    inside = _first_above(_running_sum(chosen), target - start)
    return (block * size + inside).squeeze(-1), chosen.gather(-1, inside).squeeze(-1)


def _running_sum(values: Tensor, *, before: bool = False) -> Tensor:
    """Running sum over the last axis, each place included unless `before`, as a product with a triangle (faster than
    CumSum in ONNX runtimes)."""
    size = values.shape[-1]
    return values @ torch.ones(size, size, device=values.device, dtype=values.dtype).triu(1 if before else 0)


def _first_above(ends: Tensor, target: Tensor) -> Tensor:
    """Index (..., 1) of the first end above target; the last one when rounding leaves none."""
    return (ends <= target).to(ends.dtype).sum(-1, keepdim=True).long().clamp(max=ends.shape[-1] - 1)


def rank(values: Tensor) -> Tensor:
    """(rows, n) -> (rows, n): 0 for the largest; of equals the lower position comes first."""
    mine, other = values[:, :, None], values[:, None, :]
    position = torch.arange(values.shape[1], device=values.device)
    earlier = position[None, :] < position[:, None]
    return ((other > mine) | ((other == mine) & earlier)).to(values.dtype).sum(-1)
