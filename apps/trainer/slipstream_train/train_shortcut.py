"""Stage `shortcut`: mean squared error on consecutive features of recorded trajectories, both branches (paper)."""

from __future__ import annotations

import torch
from torch import Tensor

from .adopt_maskgit import new_shortcut, save_published
from .base_model import BaseModel, MaskedTransformer
from .fit import fit, save_atomically
from .recorded import Recorded, load_recorded, relative_error
from .shortcut_model import ShortcutModel, StepShortcut
from .train_base import load_base
from .workspace import Workspace


def train_shortcut(workspace: Workspace) -> None:
    preset, device = workspace.preset, workspace.device
    base = load_base(workspace)
    recorded = load_recorded(workspace, base.mask_token)
    torch.manual_seed(workspace.seed)
    model, sizes = new_shortcut(workspace, base) if preset.layout == "maskgit" else (ShortcutModel(preset, base), None)
    model = model.to(device)

    def loss_at(generator: torch.Generator) -> Tensor:
        size = (preset.shortcut.batch_size,)
        trajectory = torch.randint(recorded.held_out, len(recorded.features), size, generator=generator)
        step = torch.randint(recorded.steps - 1, size, generator=generator)
        move = recorded.transition(trajectory, step, step + 1)
        predicted = model.guided(move.source, *move.news, move.target_ratio)
        squares = (predicted.float() - move.target).square()
        return _of_masked(base, squares, move.masked) if preset.shortcut.masked_only else squares.mean()

    result = fit(
        "shortcut", model, loss_at, steps=preset.shortcut.steps, learning_rate=preset.shortcut.learning_rate,
        seed=workspace.seed + 2, checkpoint=workspace.path("shortcut.checkpoint.pt"), device=device,
    )
    save_atomically(model.state_dict(), workspace.path("shortcut.pt"))
    if sizes:
        save_published(workspace, model, sizes)
    errors = torch.tensor([_errors(model, recorded, step) for step in range(recorded.steps - 1)]).mean(0)
    workspace.summarise("shortcut", {
        "loss": result.losses[-1], "relativeError": errors[0].item(), "relativeErrorOfNoChange": errors[1].item(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.shortcut.steps, "seconds": result.seconds, "losses": result.losses,
    })


def _of_masked(base: MaskedTransformer, squares: Tensor, masked: Tensor) -> Tensor:
    """Mean of squares (rows, 2, L, width) over the image positions that are masked (rows, T)."""
    of_image, chosen = base.of_image(squares), masked[:, None, :, None]
    return (of_image * chosen).sum() / (chosen.sum() * squares.shape[1] * squares.shape[3])


@torch.no_grad()
def _errors(model: StepShortcut, recorded: Recorded, step: int) -> list[float]:
    """Held-out relative error of the shortcut and of "no change" at one step."""
    trajectory = torch.arange(recorded.held_out)
    first = torch.full((recorded.held_out,), step)
    move = recorded.transition(trajectory, first, first + 1)
    predicted = model.guided(move.source, *move.news, move.target_ratio)
    return [relative_error(x, move.target, move.masked, model.prompt_length) for x in (predicted, move.source)]


def load_shortcut(workspace: Workspace, base: BaseModel) -> ShortcutModel:
    model = ShortcutModel(workspace.preset, base).to(workspace.device)
    model.load_state_dict(torch.load(workspace.need("shortcut.pt", "shortcut"), weights_only=True))
    return model.eval()
