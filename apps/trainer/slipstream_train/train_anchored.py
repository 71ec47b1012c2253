"""Stage `anchored`: the multi-horizon shortcut, from a full step to any of the next MAX_GAP steps (algorithms 3, idea D)."""

from __future__ import annotations

import torch
from torch import Tensor

from .base_model import BaseModel
from .fit import fit, save_atomically
from .recorded import Recorded, load_recorded, relative_error
from .shortcut_model import AnchoredModel
from .train_base import load_base
from .workspace import Workspace

MAX_GAP = 16


def train_anchored(workspace: Workspace) -> None:
    preset, device = workspace.preset, workspace.device
    base = load_base(workspace)
    recorded = load_recorded(workspace, base.mask_token)
    torch.manual_seed(workspace.seed)
    model = AnchoredModel(preset, base).to(device)
    longest = min(MAX_GAP, recorded.steps - 1)

    def loss_at(generator: torch.Generator) -> Tensor:
        size = (preset.anchored.batch_size,)
        trajectory = torch.randint(recorded.held_out, len(recorded.features), size, generator=generator)
        gap = torch.randint(1, longest + 1, size, generator=generator)
        step = (torch.rand(size, generator=generator) * (recorded.steps - gap)).long()
        move = recorded.transition(trajectory, step, step + gap)
        predicted = model.guided(move.source, *move.news, move.source_ratio, move.target_ratio)
        return (predicted.float() - move.target).square().mean()

    result = fit(
        "anchored", model, loss_at, steps=preset.anchored.steps, learning_rate=preset.anchored.learning_rate,
        seed=workspace.seed + 3, checkpoint=workspace.path("anchored.checkpoint.pt"), device=device,
    )
    save_atomically(model.state_dict(), workspace.path("anchored.pt"))
    gaps = [gap for gap in (1, 2, 4, 8, 16) if gap <= longest]
    errors = [_errors(model, recorded, gap) for gap in gaps]
    workspace.summarise("anchored", {
        "loss": result.losses[-1], "gaps": gaps, "relativeError": [mine for mine, _ in errors],
        "relativeErrorOfNoChange": [still for _, still in errors],
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.anchored.steps, "seconds": result.seconds, "losses": result.losses,
    })


@torch.no_grad()
def _errors(model: AnchoredModel, recorded: Recorded, gap: int) -> tuple[float, float]:
    """Held-out relative error of the model and of "no change", the mean over the steps `gap` apart."""
    trajectory = torch.arange(recorded.held_out)
    errors = []
    for step in range(0, recorded.steps - gap, 2):
        first = torch.full((recorded.held_out,), step)
        move = recorded.transition(trajectory, first, first + gap)
        predicted = model.guided(move.source, *move.news, move.source_ratio, move.target_ratio)
        errors.append([relative_error(x, move.target, move.masked, model.prompt_length) for x in (predicted, move.source)])
    mine, still = torch.tensor(errors).mean(0).tolist()
    return mine, still


def load_anchored(workspace: Workspace, base: BaseModel) -> AnchoredModel:
    model = AnchoredModel(workspace.preset, base).to(workspace.device)
    model.load_state_dict(torch.load(workspace.need("anchored.pt", "anchored"), weights_only=True))
    return model.eval()
