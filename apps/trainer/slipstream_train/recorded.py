"""The recorded trajectories of a workspace in memory, and what was new between two of their steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from .errors import TrainerError
from .fit import save_atomically
from .sampler import new_tokens, revealed_since
from .workspace import Workspace

VALIDATION_SHARDS = 1


@dataclass(frozen=True)
class Transition:
    """From the features of one step to those of a later one; `news` = (ids, positions, validity), each (rows, new)."""

    source: Tensor  # (rows, 2, L, width)
    target: Tensor  # the same shape
    news: tuple[Tensor, Tensor, Tensor]
    revealed: Tensor  # (rows, T), the same laid out by position, the mask elsewhere
    source_ratio: Tensor  # (rows,) share of masked tokens at the input of the source step
    target_ratio: Tensor
    masked: Tensor  # (rows, T) bool, still masked at the input of the target step


@dataclass(frozen=True)
class Recorded:
    features: Tensor  # (trajectories, steps, 2, L, width) float16
    tokens: Tensor  # (trajectories, steps, T), after each step
    mask_token: int
    held_out: int  # the first trajectories are for validation
    device: torch.device

    @property
    def steps(self) -> int:
        return self.tokens.shape[1]

    def transition(self, trajectory: Tensor, step: Tensor, later: Tensor) -> Transition:
        """From `step` to `later` > step, each (rows,) of indices."""
        before, after = self._input_of(trajectory, step), self._input_of(trajectory, later)
        masked = after == self.mask_token
        return Transition(
            source=self.features[trajectory, step].to(self.device).float(),
            target=self.features[trajectory, later].to(self.device).float(),
            news=new_tokens(before, after),
            revealed=revealed_since(before, after, self.mask_token),
            source_ratio=(before == self.mask_token).float().mean(1),
            target_ratio=masked.float().mean(1),
            masked=masked,
        )

    def _input_of(self, trajectory: Tensor, step: Tensor) -> Tensor:
        last = self.tokens[trajectory, (step - 1).clamp(min=0)].to(self.device)
        return torch.where((step > 0)[:, None].to(self.device), last, self.mask_token)


def save_recorded(path: Path, features: Tensor, tokens: Tensor) -> None:
    """features (rows, steps, 2, L, width), tokens (rows, steps, T) after each step."""
    save_atomically({"features": features.half().cpu(), "tokens": tokens.short().cpu()}, path)


def load_recorded(workspace: Workspace, mask_token: int) -> Recorded:
    """TrainerError when nothing has been recorded for the current base."""
    shards = sorted(workspace.trajectories().glob("*.pt"))
    if not shards:
        raise TrainerError(f"{workspace.trajectories()} is empty: run `slipstream-train trajectories` first")
    loaded = [torch.load(shard, weights_only=True) for shard in shards]
    features = torch.cat([part["features"] for part in loaded])
    tokens = torch.cat([part["tokens"] for part in loaded]).long()
    held_out = min(len(features) // 4, VALIDATION_SHARDS * len(loaded[0]["tokens"]))
    return Recorded(features, tokens, mask_token, held_out, workspace.device)


def relative_error(predicted: Tensor, target: Tensor, masked: Tensor, prompt_length: int) -> float:
    """Norm of the difference over the norm of the target, over masked positions of both branches (what is sampled from)."""
    chosen = masked[:, None, :, None].float()
    difference = (predicted - target)[:, :, prompt_length:] * chosen
    return (difference.norm() / (target[:, :, prompt_length:] * chosen).norm()).item()
