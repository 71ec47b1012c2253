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

HELD_OUT = 16  # trajectories at most


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
    prompt: Tensor  # (rows, P)


class MappedFeatures:
    """Features (trajectories, steps, 2, L, width) float16 in files mapped into memory: what is asked for is read."""

    def __init__(self, shards: list[Tensor]):
        self.rows = [row for shard in shards for row in shard]

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, trajectory: Tensor, step: Tensor) -> Tensor:
        """Two of indices, each (rows,) -> (rows, 2, L, width)."""
        return torch.stack([self.rows[row][index] for row, index in zip(trajectory.tolist(), step.tolist(), strict=True)])


@dataclass(frozen=True)
class Recorded:
    features: MappedFeatures
    tokens: Tensor  # (trajectories, steps, T), after each step
    prompts: Tensor  # (trajectories, P)
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
            source=self.features.at(trajectory, step).to(self.device).float(),
            target=self.features.at(trajectory, later).to(self.device).float(),
            news=new_tokens(before, after),
            revealed=revealed_since(before, after, self.mask_token),
            source_ratio=(before == self.mask_token).float().mean(1),
            target_ratio=masked.float().mean(1),
            masked=masked,
            prompt=self.prompts[trajectory].to(self.device),
        )

    def _input_of(self, trajectory: Tensor, step: Tensor) -> Tensor:
        last = self.tokens[trajectory, (step - 1).clamp(min=0)].to(self.device)
        return torch.where((step > 0)[:, None].to(self.device), last, self.mask_token)


def save_recorded(path: Path, features: Tensor, tokens: Tensor, prompts: Tensor) -> None:
    """features (rows, steps, 2, L, width), tokens (rows, steps, T) after each step, prompts (rows, P)."""
    save_atomically({"features": features.half().cpu(), "tokens": tokens.short().cpu(), "prompts": prompts.int().cpu()}, path)


def load_recorded(workspace: Workspace, mask_token: int) -> Recorded:
    """TrainerError when nothing has been recorded for the current base."""
    shards = sorted(workspace.trajectories().glob("*.pt"))
    if not shards:
        raise TrainerError(f"{workspace.trajectories()} is empty: run `slipstream-train trajectories` first")
    loaded = [torch.load(shard, weights_only=True, mmap=True) for shard in shards]
    early = next((shard for shard, part in zip(shards, loaded, strict=True) if "prompts" not in part), None)
    if early:
        raise TrainerError(f"{early} does not tell its prompts, an earlier version left it: remove it and run `slipstream-train trajectories` again")
    features = MappedFeatures([part["features"] for part in loaded])
    tokens, prompts = (torch.cat([part[name] for part in loaded]).long() for name in ("tokens", "prompts"))
    return Recorded(features, tokens, prompts, mask_token, min(len(features) // 4, HELD_OUT), workspace.device)


def relative_error(predicted: Tensor, target: Tensor, masked: Tensor) -> float:
    """Norm of the difference over the norm of the target, each (rows, 2, T, width), over the masked positions (rows, T) of
    both branches (what is sampled from)."""
    chosen = masked[:, None, :, None].float()
    return (((predicted - target) * chosen).norm() / (target * chosen).norm()).item()
