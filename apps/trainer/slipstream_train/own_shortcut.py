"""Whether a shortcut belongs to a base. Bases of one width have shortcuts of one layout, so no tensor tells: predictions do."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor

from .base_model import MaskedTransformer
from .errors import TrainerError
from .presets import SamplingPreset
from .sampler import StepRecord, draw_uniforms, generate, new_tokens
from .shortcut_model import StepShortcut

STEPS = 15  # the published shortcut learned from runs of so many


@torch.no_grad()
def prediction_errors(base: MaskedTransformer, shortcut: StepShortcut, sampling: SamplingPreset, prompt: Tensor, *,
                      steps: int = STEPS, last: int | None = None) -> tuple[float, float]:
    """Relative error of features one step ahead at masked positions, over a run of prompt (1, P) with every step full, or
    over its beginning as far as the step `last`: as the shortcut predicts them, and as they were before. A shortcut of
    another base has the larger first."""
    steps, records = min(steps, base.image_tokens), list[StepRecord]()
    noise = draw_uniforms((2, steps, 1, base.image_tokens), torch.Generator().manual_seed(0))
    generate(base, prompt, *noise, sampling, steps=steps, on_step=records.append, last=last)
    prompts = base.branches(prompt)
    sums, before = torch.zeros(3), torch.full_like(records[0].tokens, base.mask_token)
    for earlier, this in pairwise(records):
        masked = earlier.tokens == base.mask_token
        predicted = shortcut.guided(earlier.features, *new_tokens(before, earlier.tokens), masked.float().mean(1), prompts)
        parts = (predicted - this.features, earlier.features - this.features, this.features)
        sums += torch.stack([_square(base.of_image(part), masked) for part in parts])
        before = earlier.tokens
    return tuple((sums[:2] / sums[2]).sqrt().tolist())


def require_better(predicted: float, unchanged: float, path: Path) -> None:
    """TrainerError naming the shortcut's file when its `prediction_errors` are another base's."""
    print(f"import: features one step ahead, relative error {predicted:.3f} by the shortcut, {unchanged:.3f} left as they were", flush=True)
    if not predicted <= unchanged:
        raise TrainerError(
            f"{path} predicts this base's features worse than leaving them as they are ({predicted:.3f} against {unchanged:.3f}): "
            "it is the shortcut of another base; name this one's, or take it all the same with --unproven-shortcut"
        )


def _square(features: Tensor, masked: Tensor) -> Tensor:
    """(rows, branches, T, width), (rows, T) -> the sum of squares at masked positions."""
    return (features.square().sum(-1) * masked[:, None]).sum()
