"""Stage `shortcut`: mean squared error on consecutive features of recorded trajectories, both branches (paper)."""

from __future__ import annotations

import torch
from torch import Tensor

from .adopted import LAYOUTS
from .base_model import BaseModel, MaskedTransformer
from .fit import fit, save_atomically
from .recorded import Recorded, Transition, load_recorded, relative_error
from .shortcut_model import ShortcutModel, StepShortcut
from .train_base import load_base
from .workspace import Workspace


def train_shortcut(workspace: Workspace) -> None:
    preset, device = workspace.preset, workspace.device
    base = load_base(workspace)
    recorded = load_recorded(workspace, base.mask_token)
    torch.manual_seed(workspace.seed)
    imported = LAYOUTS.get(preset.layout)
    model = (imported.new_shortcut(workspace, base) if imported else ShortcutModel(preset, base)).to(device)

    def loss_at(generator: torch.Generator) -> Tensor:
        size = (preset.shortcut.batch_size,)
        trajectory = torch.randint(recorded.held_out, len(recorded.features), size, generator=generator)
        step = torch.randint(recorded.steps - 1, size, generator=generator)
        move = recorded.transition(trajectory, step, step + 1)
        squares = (_predicted(model, base, move).float() - move.target).square()
        return _of_masked(base, squares, move.masked) if preset.shortcut.masked_only else _of_written(base, squares, move.prompt)

    result = fit(
        "shortcut", model, loss_at, steps=preset.shortcut.steps, learning_rate=preset.shortcut.learning_rate,
        seed=workspace.seed + 2, checkpoint=workspace.path("shortcut.checkpoint.pt"), device=device,
    )
    save_atomically(model.state_dict(), workspace.path("shortcut.pt"))
    if imported:
        imported.save_published(workspace, model)
    errors = torch.tensor([_errors(model, base, recorded, step) for step in range(recorded.steps - 1)]).mean(0)
    workspace.summarise("shortcut", {
        "loss": result.losses[-1], "relativeError": errors[0].item(), "relativeErrorOfNoChange": errors[1].item(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.shortcut.steps, "seconds": result.seconds, "losses": result.losses,
    })


def _predicted(model: StepShortcut, base: MaskedTransformer, move: Transition) -> Tensor:
    return model.guided(move.source, *move.news, move.target_ratio, base.branches(move.prompt))


def _of_written(base: MaskedTransformer, squares: Tensor, prompt: Tensor) -> Tensor:
    """Mean of squares (rows, 2, L, width) over all positions but the padding of prompts (rows, P)."""
    written = base.written(base.branches(prompt).flatten(0, 1)).unflatten(0, squares.shape[:2])
    return (squares.mean(-1) * written).sum() / written.sum()


def _of_masked(base: MaskedTransformer, squares: Tensor, masked: Tensor) -> Tensor:
    """Mean of squares (rows, 2, L, width) over the image positions that are masked (rows, T)."""
    of_image, chosen = base.of_image(squares), masked[:, None, :, None]
    return (of_image * chosen).sum() / (chosen.sum() * squares.shape[1] * squares.shape[3])


@torch.no_grad()
def _errors(model: StepShortcut, base: MaskedTransformer, recorded: Recorded, step: int) -> list[float]:
    """Held-out relative error of the shortcut and of "no change" at one step."""
    trajectory = torch.arange(recorded.held_out)
    first = torch.full((recorded.held_out,), step)
    move = recorded.transition(trajectory, first, first + 1)
    compared = (_predicted(model, base, move), move.source)
    return [relative_error(base.of_image(each), base.of_image(move.target), move.masked) for each in compared]


def load_shortcut(workspace: Workspace, base: BaseModel) -> ShortcutModel:
    model = ShortcutModel(workspace.preset, base).to(workspace.device)
    model.load_state_dict(torch.load(workspace.need("shortcut.pt", "shortcut"), weights_only=True))
    return model.eval()
