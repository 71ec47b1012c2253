"""Every number of a training run, by preset. Stages read a `Preset` and nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Literal


@dataclass(frozen=True)
class TokenizerPreset:
    """FSQ autoencoder: image_size / patch gives the side of the token grid."""

    levels: tuple[int, ...] = (8, 5, 5, 5)
    channels: tuple[int, int, int] = (160, 96, 48)  # at 1/8, 1/4 and 1/2 of the image side
    steps: int = 4000
    batch_size: int = 32
    learning_rate: float = 2e-3


@dataclass(frozen=True)
class BasePreset:
    """Bidirectional transformer over prompt tokens and image tokens."""

    layers: int = 16
    width: int = 160
    heads: int = 5
    prompt_tokens: int = 8
    steps: int = 4000
    batch_size: int = 32
    learning_rate: float = 1e-3


@dataclass(frozen=True)
class PredictorPreset:
    """What both shortcuts have: a small transformer, trained on pairs of steps."""

    blocks: int = 1
    heads: int = 4
    steps: int = 3000
    batch_size: int = 64
    learning_rate: float = 1e-3


@dataclass(frozen=True)
class ShortcutPreset(PredictorPreset):
    """The paper's shortcut; width = base width / bottleneck. `masked_only`: nothing is learned from positions that are
    known when the predicted step begins, which nobody samples."""

    bottleneck: int = 2
    masked_only: bool = False


@dataclass(frozen=True)
class AnchoredPreset(PredictorPreset):
    """The anchored shortcut; `width` carries both guidance branches."""

    width: int = 128
    steps: int = 10_000


@dataclass(frozen=True)
class StudentPreset:
    """The one-step student; `guidance` is the teacher's."""

    steps: int = 600
    batch_size: int = 16
    learning_rate: float = 2e-4
    guidance: float = 1.0


@dataclass(frozen=True)
class SamplingPreset:
    """Defaults of the sampling loop; they travel in the bundle's manifest."""

    strategy: str = "anchored"
    steps: int = 32
    budget: int = 3
    knobs: dict[str, float | str] = field(default_factory=dict)
    schedule: str = "arccos"
    guidance: float = 2.0
    guidance_ramp: str = "linear"
    temperature: float = 0.9
    confidence_temperature: float = 4.0
    confidence_ramp: str = "linear"

    def to_manifest(self) -> dict:
        own = {"confidenceRamp": self.confidence_ramp} if self.confidence_ramp != "linear" else {}
        return {
            "strategy": self.strategy, "steps": self.steps, "budget": self.budget, "knobs": self.knobs, "schedule": self.schedule,
            "guidance": self.guidance, "guidanceRamp": self.guidance_ramp, "temperature": self.temperature,
            "confidenceTemperature": self.confidence_temperature, **own,
        }


@dataclass(frozen=True)
class Preset:
    name: str
    layout: Literal["words", "maskgit", "dimoo"] = "words"
    image_size: int = 64
    patch: int = 8
    pictures: int = 0  # 0 = all of them
    trajectories: int = 2048
    shard_rows: int = 16
    """Trajectories that are recorded at a time, into a file."""
    tokenizer: TokenizerPreset = field(default_factory=TokenizerPreset)
    base: BasePreset = field(default_factory=BasePreset)
    shortcut: ShortcutPreset = field(default_factory=ShortcutPreset)
    anchored: AnchoredPreset = field(default_factory=AnchoredPreset)
    student: StudentPreset = field(default_factory=StudentPreset)
    sampling: SamplingPreset = field(default_factory=SamplingPreset)

    @property
    def grid(self) -> int:
        return self.image_size // self.patch

    @property
    def image_tokens(self) -> int:
        return self.grid**2

    def to_dict(self) -> dict:
        return asdict(self)


EMOJI_S = Preset(name="emoji-s")


def dimoo_sampling(steps: int, **changes: str | int) -> SamplingPreset:
    """As published for Lumina-DiMOO (algorithms 1.2)."""
    published = {"strategy": "vanilla", "budget": steps, "schedule": "cosine", "guidance": 4.0, "guidance_ramp": "constant", "temperature": 1.0,
                 "confidence_temperature": 1.0, "confidence_ramp": "constant"}
    return SamplingPreset(**(published | {"steps": steps} | changes))


PRESETS: dict[str, Preset] = {
    "tiny": Preset(
        name="tiny",
        image_size=32,
        pictures=96,
        trajectories=48,
        tokenizer=TokenizerPreset(levels=(5, 5, 5), channels=(48, 32, 16), steps=160, batch_size=16),
        base=BasePreset(layers=4, width=64, heads=2, steps=300, batch_size=32, learning_rate=2e-3),
        shortcut=ShortcutPreset(heads=2, steps=150, batch_size=32),
        anchored=AnchoredPreset(width=32, blocks=1, heads=2, steps=150, batch_size=32),
        student=StudentPreset(steps=60, batch_size=16),
        sampling=SamplingPreset(strategy="shortcut", steps=8, budget=3),
    ),
    "emoji-s": EMOJI_S,
    "emoji-s-gpu": replace(
        EMOJI_S, name="emoji-s-gpu", trajectories=16_384,
        anchored=AnchoredPreset(steps=13_100, batch_size=256, learning_rate=1.5e-3),
    ),
    "emoji-m": Preset(
        name="emoji-m",
        image_size=128,
        trajectories=4096,
        tokenizer=TokenizerPreset(channels=(256, 160, 80), steps=30_000, batch_size=64),
        base=BasePreset(layers=16, width=384, heads=6, steps=40_000, batch_size=256, learning_rate=6e-4),
        shortcut=ShortcutPreset(heads=6, steps=10_000, batch_size=256),
        anchored=AnchoredPreset(width=256, heads=8, steps=20_000, batch_size=256),
        student=StudentPreset(steps=20_000, batch_size=64, learning_rate=1e-5),
    ),
    # For a base that was imported: `adopt` takes it from its bundle, so the sizes above say nothing of it.
    "maskgit": Preset(
        name="maskgit", layout="maskgit", trajectories=2048,
        shortcut=ShortcutPreset(steps=100_000, batch_size=4, learning_rate=1e-4, masked_only=True),
        sampling=SamplingPreset(strategy="vanilla", steps=15, budget=15, guidance=2.8, temperature=1.0, confidence_temperature=7.0),
    ),
    "maskgit-tiny": Preset(
        name="maskgit-tiny", layout="maskgit", trajectories=160,
        shortcut=ShortcutPreset(steps=600, batch_size=32, learning_rate=2e-3, masked_only=True),
        sampling=SamplingPreset(strategy="vanilla", steps=15, budget=15, guidance=3.0, temperature=1.0, confidence_temperature=4.5),
    ),
    "dimoo": Preset(
        name="dimoo", layout="dimoo", trajectories=2048, shard_rows=1,
        shortcut=ShortcutPreset(steps=100_000, batch_size=4, learning_rate=1e-4),
        sampling=dimoo_sampling(steps=64),
    ),
    "dimoo-tiny": Preset(
        name="dimoo-tiny", layout="dimoo", trajectories=160,
        shortcut=ShortcutPreset(steps=600, batch_size=32, learning_rate=2e-3),
        sampling=dimoo_sampling(steps=15),
    ),
}
