"""Stage `anchored`: the multi-horizon shortcut, from a full step to any of the next MAX_GAP steps (algorithms 3, idea D)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .anchored_pairs import MAX_GAP, pair_drawer
from .base_model import BaseModel
from .fit import fit, save_atomically
from .presets import Preset
from .recorded import Recorded, Transition, load_recorded
from .sampling import guide
from .schedule import ramp
from .shortcut_model import AnchoredModel
from .train_base import load_base
from .workspace import Workspace

FEATURE_WEIGHT = 0.3  # of the features' squared error beside the divergence of what is sampled from
UNGUIDED_SHARE = 0.1  # rows trained with one branch, as requests without guidance run
PRESET_SHARE = 0.3  # rows trained at the preset's guidance, as most requests run; the others at any up to twice as much


def train_anchored(workspace: Workspace) -> None:
    """The loss is the divergence, at masked positions, of the guided distribution that the step samples from (what a
    picture notices of an error), plus the features' squared error, which keeps guidance that was never drawn close."""
    preset, device = workspace.preset, workspace.device
    base = load_base(workspace).requires_grad_(False)
    recorded = load_recorded(workspace, base.mask_token)
    torch.manual_seed(workspace.seed)
    model = AnchoredModel(preset, base).to(device)
    draw_pairs = pair_drawer(recorded.steps)

    def loss_at(generator: torch.Generator) -> Tensor:
        size = (preset.anchored.batch_size,)
        trajectory = torch.randint(recorded.held_out, len(recorded.features), size, generator=generator)
        anchor, step = draw_pairs(preset.anchored.batch_size, generator)
        move = recorded.transition(trajectory, anchor, step)
        height = _draw_heights(size, preset.sampling.guidance, generator)
        divergence, squared = _errors_at(model, base, move, _guidance(preset, step, height).to(device))
        return divergence + FEATURE_WEIGHT * squared

    result = fit(
        "anchored", model, loss_at, steps=preset.anchored.steps, learning_rate=preset.anchored.learning_rate,
        seed=workspace.seed + 3, checkpoint=workspace.path("anchored.checkpoint.pt"), device=device,
    )
    save_atomically(model.state_dict(), workspace.path("anchored.pt"))
    gaps = [gap for gap in (1, 2, 4, 8, MAX_GAP) if gap < recorded.steps]
    errors = [_held_out(model, base, recorded, gap, preset) for gap in gaps]
    workspace.summarise("anchored", {
        "loss": result.losses[-1], "gaps": gaps, "divergence": [mine for mine, _ in errors],
        "divergenceOfNoChange": [still for _, still in errors],
        "parameters": sum(p.numel() for p in model.parameters()),
        "trajectories": len(recorded.features), "steps": preset.anchored.steps, "batchSize": preset.anchored.batch_size, "seconds": result.seconds, "losses": result.losses,
    })


def _draw_heights(size: tuple[int], preset: float, generator: torch.Generator) -> Tensor:
    """Guidance of each row's request, (rows,)."""
    height, kind = torch.rand(size, generator=generator) * 2 * preset, torch.rand(size, generator=generator)
    height = torch.where(kind < UNGUIDED_SHARE + PRESET_SHARE, preset, height)
    return torch.where(kind < UNGUIDED_SHARE, 0.0, height)


def _guidance(preset: Preset, step: Tensor, height: Tensor) -> Tensor:
    """What each step's ramp makes of a request's guidance, both (rows,)."""
    sampling = preset.sampling
    return height * torch.tensor([ramp(sampling.guidance_ramp, index, sampling.steps) for index in step.tolist()])


def _errors_at(model: AnchoredModel, base: BaseModel, move: Transition, guidance: Tensor) -> tuple[Tensor, Tensor]:
    """Mean over masked positions of the divergence after guidance (nats) and of the features' squared error."""
    positions, weight = _masked(move)
    source, target = (_unguided(features, guidance) for features in (move.source, move.target))
    wanted = _at(target, positions, model.prompt_length)
    predicted = torch.stack(model(source, move.revealed, positions, (move.source_ratio, move.target_ratio)), 1)
    squared = (predicted - wanted).square().mean((1, 3))
    divergence = divergence_of(base, predicted, wanted, guidance)
    return (divergence * weight).sum() / weight.sum(), (squared * weight).sum() / weight.sum()


def _unguided(features: Tensor, guidance: Tensor) -> Tensor:
    """(rows, 2, L, width): of rows without guidance the conditional branch twice, as one branch is taken."""
    return torch.where((guidance == 0)[:, None, None, None], features[:, :1], features)


def divergence_of(base: BaseModel, predicted: Tensor, wanted: Tensor, guidance: Tensor) -> Tensor:
    """Features (rows, branches, M, width) -> KL(wanted || predicted) of the guided distributions, (rows, M), in nats."""
    with torch.no_grad():
        truth = F.log_softmax(base.head(guide(wanted, guidance)).float(), -1)
    mine = F.log_softmax(base.head(guide(predicted, guidance)).float(), -1)
    return F.kl_div(mine, truth, reduction="none", log_target=True).sum(-1)


def _masked(move: Transition) -> tuple[Tensor, Tensor]:
    """Masked positions of each row, then others up to the longest row's, and which of them count, both (rows, M)."""
    most = max(1, int(move.masked.sum(1).max()))
    positions = move.masked.int().argsort(dim=1, descending=True, stable=True)[:, :most]
    return positions, move.masked.gather(1, positions).float()


def _at(features: Tensor, positions: Tensor, prompt_length: int) -> Tensor:
    """(rows, branches, L, width) at image positions (rows, M) -> (rows, branches, M, width)."""
    place = (prompt_length + positions)[:, None, :, None].expand(-1, features.shape[1], -1, features.shape[3])
    return features.gather(2, place)


@torch.no_grad()
def _held_out(model: AnchoredModel, base: BaseModel, recorded: Recorded, gap: int, preset: Preset) -> tuple[float, float]:
    """Held-out divergence of the model and of "no change" at the preset's guidance, the mean over steps `gap` apart."""
    trajectory, errors = torch.arange(recorded.held_out), []
    for step in range(0, recorded.steps - gap, 2):
        first = torch.full((recorded.held_out,), step)
        move = recorded.transition(trajectory, first, first + gap)
        guidance = _guidance(preset, first + gap, torch.full((recorded.held_out,), preset.sampling.guidance)).to(recorded.device)
        positions, weight = _masked(move)
        wanted, source = (_at(part, positions, model.prompt_length) for part in (move.target, move.source))
        predicted = torch.stack(model(move.source, move.revealed, positions, (move.source_ratio, move.target_ratio)), 1)
        errors.append([(divergence_of(base, each, wanted, guidance) * weight).sum() / weight.sum() for each in (predicted, source)])
    mine, still = torch.tensor(errors).mean(0).tolist()
    return mine, still


def load_anchored(workspace: Workspace, base: BaseModel) -> AnchoredModel:
    model = AnchoredModel(workspace.preset, base).to(workspace.device)
    model.load_state_dict(torch.load(workspace.need("anchored.pt", "anchored"), weights_only=True))
    return model.eval()
