"""Stage `harvest`: trajectories of real traffic, as workers keep them, into what the stages that train shortcuts read."""

from __future__ import annotations

import copy
import hashlib
import sys
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor

from .base_model import MaskedTransformer
from .errors import TrainerError
from .graph_weights import load_weights
from .harvest_shard import Damaged, HarvestedTrajectory, read_shard
from .harvest_source import ShardFile, shard_files
from .manifest import read_manifest
from .onnx_file import halve
from .recorded import save_recorded
from .train_base import load_base
from .workspace import Workspace


def harvest(workspace: Workspace, sources: list[str], bundle: Path) -> None:
    """Leaves one file of trajectories for each shard beside those of the stage `trajectories`, as many trajectories at most
    as the preset has; a shard that was read before is not read again. Of other numbers of steps than the preset's none is
    of use. A damaged shard is named and left out; TrainerError when one is of another bundle, or nothing is of use.
    """
    base = load_base(workspace)
    _require_base_of(bundle, base)
    digest = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()
    most, steps = workspace.preset.trajectories, workspace.preset.sampling.steps
    figures = Counter(trajectories=0, shards=0, damagedShards=0, otherSteps=0)
    for shard in (each for source in sources for each in shard_files(source, digest)):
        if figures["trajectories"] >= most:
            break
        path = workspace.trajectories() / f"harvest-{Path(shard.name).stem}.pt"
        if not path.exists():
            found = _whole(shard, digest, base, figures)
            fitting = [trajectory for trajectory in found if trajectory.steps == steps]
            figures["otherSteps"] += len(found) - len(fitting)
            if not fitting:
                continue
            save_recorded(path, *retrace(base, fitting), torch.tensor([each.prompt for each in fitting]))
        figures["shards"] += 1
        figures["trajectories"] += len(torch.load(path, weights_only=True, mmap=True)["tokens"])
    if figures["trajectories"] == 0:
        raise TrainerError(f"{', '.join(sources)}: nothing of {steps} steps to learn from "
                           f"({figures['otherSteps']} trajectories of other numbers, {figures['damagedShards']} damaged shards)")
    workspace.summarise("harvest", dict(figures))


@torch.no_grad()
def retrace(base: MaskedTransformer, trajectories: list[HarvestedTrajectory]) -> tuple[Tensor, Tensor]:
    """Trajectories of equally many steps -> features (rows, steps, 2, L, width) and tokens (rows, steps, T) after each step.

    The features are the base's at what each step began with, whatever strategy the picture was made by.
    """
    device, steps = next(base.parameters()).device, trajectories[0].steps
    prompt, tokens, revealed_at = (
        torch.tensor([getattr(each, name) for each in trajectories], device=device) for name in ("prompt", "tokens", "revealedAt")
    )
    revealed = revealed_at[:, None] <= torch.arange(steps, device=device)[:, None]
    after = torch.where(revealed, tokens[:, None], base.mask_token)
    before = torch.cat([torch.full_like(after[:, :1], base.mask_token), after[:, :-1]], 1)
    features = [base.guided_features(prompt, before[:, step]).half().cpu() for step in range(steps)]
    return torch.stack(features, 1), after


def _whole(shard: ShardFile, digest: str, base: MaskedTransformer, figures: Counter) -> list[HarvestedTrajectory]:
    """None of them when the shard is damaged."""
    try:
        found = read_shard(shard.read(), digest)
        if not all(_fits(each, base) for each in found):
            raise Damaged("a trajectory does not fit the bundle")
        return found
    except TrainerError as error:
        raise TrainerError(f"{shard.name} {error}") from error
    except Damaged as error:
        figures["damagedShards"] += 1
        print(f"harvest: {shard.name} is left out: {error}", file=sys.stderr)
        return []


def _fits(trajectory: HarvestedTrajectory, base: MaskedTransformer) -> bool:
    sides = ((trajectory.prompt, base.prompt_length, base.prompt_ids),
             (trajectory.tokens, base.image_tokens, base.mask_token),
             (trajectory.revealedAt, len(trajectory.tokens), trajectory.steps))
    return all(len(values) == length and 0 <= min(values) and max(values) < end for values, length, end in sides)


def _require_base_of(bundle: Path, base: MaskedTransformer) -> None:
    """The features are the workspace's base's, and the tokens those of the bundle's: they must be one."""
    exported = copy.deepcopy(base)
    load_weights(exported, "base.", bundle / read_manifest(bundle).graphs.full.file)
    held = [base.state_dict(), halve(copy.deepcopy(base)).state_dict()]  # a bundle has them as they are, or as fp16
    if not any(all(torch.equal(state[name].cpu(), weights.cpu()) for name, weights in exported.state_dict().items()) for state in held):
        raise TrainerError(f"{bundle} was exported from another base than this run's: begin one with `adopt --bundle {bundle}`")
