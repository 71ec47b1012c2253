"""One sampling step on logits: guidance, inverse-CDF token, annealed Gumbel confidence, exact top-k. Exported into the graphs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


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
    conditional, unconditional = features[:, 0], features[:, -1]
    return conditional + guidance[:, None, None] * (conditional - unconditional)


def sample_step(logits: Tensor, tokens: Tensor, mask_token: int, step: StepInputs) -> tuple[Tensor, Tensor]:
    """Guided logits (rows, M, codes) at the masked positions, tokens (rows, T) -> tokens with `reveal_count` more of
    them revealed, and the confidence ranks (rows, M), 0 the highest; positions that are no longer masked come last.

    A token is the inverse CDF of the tempered softmax at its uniform; confidence is its log-probability plus annealed
    Gumbel noise; ties go to the lower place in the list. Revealed tokens never change.
    """
    positions = step.masked_positions.long()
    before = tokens.gather(1, positions)
    scaled = logits / step.temperature[:, None, None]
    weights = torch.exp(scaled - scaled.amax(-1, keepdim=True))
    sampled, probability = inverse_cdf(weights, step.uniforms)
    gumbel = -torch.log(-torch.log(step.confidence_uniforms))
    confidence = torch.log(probability.clamp(min=1e-30)) + step.confidence_noise[:, None] * gumbel
    masked = before == mask_token
    confidence = torch.where(masked, confidence, -1e30)
    ranks = rank(confidence)
    revealed = masked & (ranks < step.reveal_count[:, None])
    return tokens.scatter(1, positions, torch.where(revealed, sampled, before)), ranks


def inverse_cdf(weights: Tensor, uniforms: Tensor) -> tuple[Tensor, Tensor]:
    """weights (rows, T, codes) >= 0, uniforms (rows, T) -> sampled codes (rows, T) and their probabilities.

    In two levels, first the block and then the code in it: one pass over the codes instead of a running sum of all.
    """
    codes = weights.shape[-1]
    size = next(codes // count for count in range(math.isqrt(codes), 0, -1) if codes % count == 0)
    blocks = weights.unflatten(-1, (codes // size, size))
    ends = _running_sum(blocks.sum(-1))
    total = ends[..., -1:]
    target = uniforms[..., None] * total
    block = _first_above(ends, target)
    start = torch.where(block > 0, ends.gather(-1, (block - 1).clamp(min=0)), 0.0)
    chosen = blocks.gather(-2, block[..., None].expand(-1, -1, 1, size)).squeeze(-2)
    inside = _first_above(_running_sum(chosen), target - start)
    probability = chosen.gather(-1, inside) / total
    return (block * size + inside).squeeze(-1), probability.squeeze(-1)


def _running_sum(values: Tensor) -> Tensor:
    """Inclusive running sum over the last axis, as a product with a triangle (faster than CumSum in ONNX runtimes)."""
    size = values.shape[-1]
    return values @ torch.ones(size, size, device=values.device, dtype=values.dtype).triu()


def _first_above(ends: Tensor, target: Tensor) -> Tensor:
    """Index (..., 1) of the first end above target; the last one when rounding leaves none."""
    return (ends <= target).to(ends.dtype).sum(-1, keepdim=True).long().clamp(max=ends.shape[-1] - 1)


def rank(values: Tensor) -> Tensor:
    """(rows, n) -> (rows, n): 0 for the largest; of equals the lower position comes first."""
    mine, other = values[:, :, None], values[:, None, :]
    position = torch.arange(values.shape[1], device=values.device)
    earlier = position[None, :] < position[:, None]
    return ((other > mine) | ((other == mine) & earlier)).to(values.dtype).sum(-1)
