"""The recipe of docs/models.md for a shortcut of one's own, at a tiny size: adopt, trajectories or harvest, shortcut."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from test_harvest import keep, shard
from torch import Tensor

from slipstream_train.cli import main
from slipstream_train.harvest_shard import HarvestedTrajectory
from slipstream_train.presets import PRESETS
from slipstream_train.recorded import Recorded, load_recorded
from slipstream_train.sampler import StepRecord, draw_uniforms, generate
from slipstream_train.train_base import load_base
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

    def harvest(self, work: Path, storage: Path, prompts: Tensor) -> tuple[Recorded, list[StepRecord]]:
        """Pictures of these prompts (rows, P), as workers keep them in `storage`, harvested; and the steps they were made by."""
        sampling, base, rows = PRESETS[self.preset].sampling, load_base(self.workspace(work)), len(prompts)
        records: list[StepRecord] = []
        noise = draw_uniforms((2, sampling.steps, rows, base.image_tokens), torch.Generator().manual_seed(0))
        tokens = generate(base, prompts, *noise, replace(sampling, guidance=2.0), steps=sampling.steps, on_step=records.append)
        revealed = torch.stack([record.tokens != base.mask_token for record in records])
        kept = [
            HarvestedTrajectory(prompt=prompts[row].tolist(), seed=row, strategy="vanilla", steps=sampling.steps, budget=sampling.steps, knobs={}, guidance=2,
                                temperature=1, tokens=tokens[row].tolist(), revealedAt=revealed[:, row].int().argmax(0).tolist())
            for row in range(rows)
        ]
        digest = hashlib.sha256((self.bundle / "manifest.json").read_bytes()).hexdigest()
        keep(storage, digest, shard(digest, kept))
        assert self.stage("harvest", work, "--bundle", str(self.bundle), "--from", str(storage)) == 0
        return load_recorded(self.workspace(work), base.mask_token), records

    def workspace(self, work: Path) -> Workspace:
        return Workspace(work, PRESETS[self.preset], 0, torch.device("cpu"))
