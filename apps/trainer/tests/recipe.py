"""The recipe of docs/models.md for a shortcut of one's own, at a tiny size: adopt, trajectories, shortcut."""

from dataclasses import dataclass
from pathlib import Path

import torch

from slipstream_train.cli import main
from slipstream_train.presets import PRESETS
from slipstream_train.workspace import Workspace

BUNDLES = Path(__file__).parents[3] / "tests"


@dataclass(frozen=True)
class Recipe:
    """Of the bundle in `tests` that has the preset's name."""

    preset: str

    @property
    def bundle(self) -> Path:
        return BUNDLES / self.preset

    def stage(self, name: str, work: Path, *options: str) -> int:
        """The exit code."""
        return main([name, "--preset", self.preset, "--work", str(work), "--threads", "1", *options])

    def adopt(self, work: Path) -> Path:
        assert self.stage("adopt", work, "--bundle", str(self.bundle)) == 0
        return work

    def train(self, work: Path, *trajectories: str) -> Path:
        """All of it; `trajectories` are options of that stage."""
        assert self.stage("trajectories", self.adopt(work), *trajectories) == 0
        assert self.stage("shortcut", work) == 0
        return work

    def workspace(self, work: Path) -> Workspace:
        return Workspace(work, PRESETS[self.preset], 0, torch.device("cpu"))
