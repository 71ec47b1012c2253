"""A shard of harvested trajectories as a worker writes it: JSON Lines, the first of which says what the others are."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import TrainerError


class Damaged(Exception):
    """A shard that is not what it says it is; the text says why."""


class Head(BaseModel):
    format: Literal["slipstream-harvest"]
    version: int
    bundle: str
    trajectories: int
    sha256: str  # of everything after this line's end


class HarvestedTrajectory(BaseModel):
    """A picture that somebody asked for, whatever strategy made it."""

    model_config = ConfigDict(extra="forbid")

    prompt: list[int]  # ids, (P,)
    seed: int
    strategy: str
    steps: int = Field(ge=1)
    budget: int
    knobs: dict[str, float | int | str]
    guidance: float
    temperature: float
    tokens: list[int]  # (T,), none of them masked
    revealedAt: list[int]  # (T,): the step, 0 the first, that revealed each


def read_shard(content: bytes, bundle: str) -> list[HarvestedTrajectory]:
    """Raises Damaged, or TrainerError when the shard is whole and of another bundle digest or version."""
    first, _, rest = content.partition(b"\n")
    try:
        head = Head.model_validate_json(first)
    except ValidationError as error:
        raise Damaged("its first line is not that of a shard") from error
    if head.version != 1:
        raise TrainerError(f"is of version {head.version}, and this trainer reads 1: take the trainer that belongs to the service")
    if head.bundle != bundle:
        raise TrainerError(f"holds trajectories of the bundle {head.bundle}, not of {bundle}: name that one with --bundle")
    if hashlib.sha256(rest).hexdigest() != head.sha256:
        raise Damaged("its content was altered or truncated")
    try:
        trajectories = [HarvestedTrajectory.model_validate_json(line) for line in rest.splitlines()]
    except ValidationError as error:
        raise Damaged(f"a trajectory is not one: {error}") from error
    if len(trajectories) != head.trajectories:
        raise Damaged(f"it holds {len(trajectories)} trajectories, not {head.trajectories}")
    return trajectories
