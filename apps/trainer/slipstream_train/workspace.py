"""The folder of one training run: where each stage leaves what the next one reads."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch

from .errors import TrainerError
from .presets import Preset


@dataclass(frozen=True)
class Workspace:
    folder: Path
    preset: Preset
    seed: int
    device: torch.device

    def path(self, *parts: str) -> Path:
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def claim(self) -> None:
        """A folder belongs to one preset and seed; TrainerError when another run left its files here."""
        path, mine = self.path("run.json"), {"preset": self.preset.name, "seed": self.seed}
        if path.exists() and json.loads(path.read_text()) != mine:
            raise TrainerError(f"{self.folder} holds a run of {path.read_text()}: choose another --work folder")
        path.write_text(json.dumps(mine))

    def need(self, name: str, stage: str) -> Path:
        """A file an earlier stage left; TrainerError names the stage when it has not run."""
        path = self.folder / name
        if not path.exists():
            raise TrainerError(f"{path} is missing: run `slipstream-train {stage}` first")
        return path

    def summarise(self, stage: str, figures: dict) -> None:
        """Add a stage's figures to summary.json and print them."""
        path = self.path("summary.json")
        summary = json.loads(path.read_text()) if path.exists() else {}
        summary[stage] = figures
        path.write_text(json.dumps(summary, indent=2))
        print(f"{stage}: " + ", ".join(f"{key} {_short(value)}" for key, value in figures.items() if key != "losses"))

    def trajectories(self) -> Path:
        """Shards of the current base: a base that was trained again leaves the old ones aside."""
        digest = hashlib.sha256(self.need("base.pt", "base").read_bytes()).hexdigest()
        return self.folder / "trajectories" / digest[:12]

    def summary(self) -> dict:
        path = self.folder / "summary.json"
        return json.loads(path.read_text()) if path.exists() else {}


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
