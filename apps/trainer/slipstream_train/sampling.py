"""One sampling step on logits: guidance, inverse-CDF token, annealed Gumbel confidence, exact top-k. Exported into the graphs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .transformer import taken


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


Draw = Callable[[Tensor, StepInputs], tuple[Tensor, Tensor]]
"""Guided logits (rows, M, codes) -> a code for each place and the confidence in it, each (rows, M)."""


def draw_tempered(logits: Tensor, step: StepInputs) -> tuple[Tensor, Tensor]:
    """A code is the inverse CDF of the tempered softmax at its uniform; confidence is its log-probability plus annealed
    Gumbel noise."""
    sampled, probability = inverse_cdf(torch.softmax(logits / step.temperature[:, None, None], dim=-1), step.uniforms)
    anti_gumbel = torch.log(-torch.log(step.confidence_uniforms))
    return sampled, torch.log(probability + 1e-30) - step.confidence_noise[:, None] * anti_gumbel


def sample_step(logits: Tensor, tokens: Tensor, mask_token: int, step: StepInputs, draw: Draw = draw_tempered) -> tuple[Tensor, Tensor]:
    """Guided logits (rows, M, codes) at the masked positions, tokens (rows, T) -> tokens with `reveal_count` more of
    them revealed, the most confident first, and the confidence (rows, M) that decided it, -1e30 at positions that are no
    longer masked. Revealed tokens never change; of features that are not numbers nothing is revealed.
    """
    positions = step.masked_positions.long()
    before = tokens.gather(1, positions)
    masked = before == mask_token
    sampled, confidence = draw(logits, step)
    confidence = torch.where(masked, confidence, -1e30)
    highest, order = confidence.topk(confidence.shape[1], dim=1)
    places = torch.arange(tokens.shape[1], device=tokens.device, dtype=step.reveal_count.dtype)[: confidence.shape[1]]
    due = places < step.reveal_count[:, None]
    revealed = due & (highest > -2e30)  # what is not a number is not revealed, so that an engine sees it missing
    changed = torch.where(masked.scatter(1, order, revealed), sampled.to(tokens.dtype), before)
    return tokens.scatter(1, positions, changed), confidence


def inverse_cdf(probabilities: Tensor, uniforms: Tensor) -> tuple[Tensor, Tensor]:
    """probabilities (rows, T, codes), of sum 1, uniforms (rows, T) -> sampled codes (rows, T) and their probabilities.

    In two levels, first the block and then the code in it: one pass over the codes instead of a running sum of all. Where
    rounding leaves a uniform above the last sum, the last block or code has it.
    """
    codes = probabilities.shape[-1]
    size = next(codes // count for count in range(math.isqrt(codes), 0, -1) if codes % count == 0)
    blocks = probabilities.unflatten(-1, (codes // size, size))
    sums, target = blocks.sum(-1), uniforms[..., None]
    block = _first_above(sums, target)
    chosen = taken(blocks, block)
    inside = _first_above(chosen, target - (sums @ _triangle(sums, diagonal=1)).gather(-1, block))
    return (block * size + inside).squeeze(-1), taken(chosen, inside)


def _first_above(parts: Tensor, target: Tensor) -> Tensor:
    """Index (..., 1) of the first of `parts` (..., n) whose running sum is above target (..., 1), of the last one if none is."""
    ends = parts @ _triangle(parts)[:, :-1]
    return (ends <= target).long().sum(-1, keepdim=True)


def _triangle(parts: Tensor, diagonal: int = 0) -> Tensor:
    """A product with it is a running sum over the last axis (faster than CumSum in ONNX runtimes); with diagonal 1 each
    place's own part is left out."""
    return torch.ones(parts.shape[-1], parts.shape[-1], device=parts.device, dtype=parts.dtype).triu(diagonal)


def rank(values: Tensor) -> Tensor:
    """(rows, n) -> (rows, n): 0 for the largest; of equals the lower position comes first."""
    mine, other = values[:, :, None], values[:, None, :]
    position = torch.arange(values.shape[1], device=values.device)
    earlier = position[None, :] < position[:, None]
    return ((other > mine) | ((other == mine) & earlier)).to(values.dtype).sum(-1)
