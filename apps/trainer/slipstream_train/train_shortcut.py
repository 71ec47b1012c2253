"""Stage `shortcut`: mean squared error on consecutive features of recorded trajectories, both branches (paper)."""

from __future__ import annotations

import torch
from torch import Tensor

from .base_model import BaseModel
from .errors import TrainerError
from .fit import fit, save_atomically
from .sampler import new_tokens
from .shortcut_model import ShortcutModel
from .train_base import load_base
from .workspace import Workspace

VALIDATION_SHARDS = 1


def train_shortcut(workspace: Workspace) -> None:
    preset, device = workspace.preset, workspace.device
    base = load_base(workspace)
    shards = sorted(workspace.trajectories().glob("*.pt"))
    if not shards:
        raise TrainerError(f"{workspace.trajectories()} is empty: run `slipstream-train trajectories` first")
    loaded = [torch.load(shard, weights_only=True) for shard in shards]
    features = torch.cat([part["features"] for part in loaded])  # (trajectories, steps, 2, L, width) float16
    tokens = torch.cat([part["tokens"] for part in loaded]).long()  # (trajectories, steps, T), after each step
    held_out = min(len(features) // 4, VALIDATION_SHARDS * len(loaded[0]["tokens"]))
    torch.manual_seed(workspace.seed)
    model = ShortcutModel(preset, base).to(device)

    def pairs(trajectory: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
        """Features predicted for `step` + 1 and the recorded ones, (rows, 2, L, width)."""
        after = tokens[trajectory, step].to(device)
        before = torch.where(
            (step > 0)[:, None].to(device), tokens[trajectory, (step - 1).clamp(min=0)].to(device), base.mask_token
        )
        ratio = (after == base.mask_token).float().mean(1)
        source = features[trajectory, step].to(device).float()
        target = features[trajectory, step + 1].to(device).float()
        return model.guided(source, *new_tokens(before, after), ratio), target

    def loss_at(generator: torch.Generator) -> Tensor:
        size = (preset.shortcut.batch_size,)
        trajectory = torch.randint(held_out, len(features), size, generator=generator)
        step = torch.randint(features.shape[1] - 1, size, generator=generator)
        predicted, target = pairs(trajectory, step)
        return (predicted.float() - target).square().mean()

    result = fit(
        "shortcut", model, loss_at, steps=preset.shortcut.steps, learning_rate=preset.shortcut.learning_rate,
        seed=workspace.seed + 2, checkpoint=workspace.path("shortcut.checkpoint.pt"), device=device,
    )
    save_atomically(model.state_dict(), workspace.path("shortcut.pt"))
    errors = torch.tensor([_errors(pairs, features, held_out, step) for step in range(features.shape[1] - 1)])
    workspace.summarise("shortcut", {
        "loss": result.losses[-1], "relativeError": errors[:, 0].mean().item(),
        "relativeErrorOfNoChange": errors[:, 1].mean().item(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.shortcut.steps, "seconds": result.seconds, "losses": result.losses,
    })


@torch.no_grad()
def _errors(pairs, features: Tensor, held_out: int, step: int) -> tuple[float, float]:
    """Held-out relative error of the shortcut and of "no change" at one step."""
    trajectory = torch.arange(held_out)
    predicted, target = pairs(trajectory, torch.full((held_out,), step))
    source = features[:held_out, step].to(target.device).float()
    return ((predicted - target).norm() / target.norm()).item(), ((source - target).norm() / target.norm()).item()


def load_shortcut(workspace: Workspace, base: BaseModel) -> ShortcutModel:
    model = ShortcutModel(workspace.preset, base).to(workspace.device)
    model.load_state_dict(torch.load(workspace.need("shortcut.pt", "shortcut"), weights_only=True))
    return model.eval()
