"""Whether a shortcut belongs to a base. Bases of one width have shortcuts of one layout, so no tensor tells: predictions do."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from .base_model import MaskedTransformer
from .presets import SamplingPreset
from .sampler import StepRecord, draw_uniforms, generate, new_tokens
from .shortcut_model import StepShortcut

STEPS = 15  # the published shortcut learned from runs of so many


@torch.no_grad()
def prediction_errors(base: MaskedTransformer, shortcut: StepShortcut, sampling: SamplingPreset) -> tuple[float, float]:
    """Relative error of features one step ahead at masked positions, over a run of the first class with every step full:
    as the shortcut predicts them, and as they were before. A shortcut of another base has the larger first."""
    steps, records = min(STEPS, base.image_tokens), list[StepRecord]()
    noise = draw_uniforms((2, steps, 1, base.image_tokens), torch.Generator().manual_seed(0))
    generate(base, torch.zeros(1, base.prompt_length, dtype=torch.long), *noise, sampling, steps=steps, on_step=records.append)
    sums, before = torch.zeros(3), torch.full_like(records[0].tokens, base.mask_token)
    for last, this in pairwise(records):
        masked = last.tokens == base.mask_token
        predicted = shortcut.guided(last.features, *new_tokens(before, last.tokens), masked.float().mean(1))
        parts = (predicted - this.features, last.features - this.features, this.features)
        sums += torch.stack([_square(part[:, :, base.prompt_length :], masked) for part in parts])
        before = last.tokens
    return tuple((sums[:2] / sums[2]).sqrt().tolist())


def _square(features: Tensor, masked: Tensor) -> Tensor:
    """(rows, branches, T, width), (rows, T) -> the sum of squares at masked positions."""
    return (features.square().sum(-1) * masked[:, None]).sum()
