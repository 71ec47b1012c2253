"""Every number of the scorers' training, by the preset of the model that they judge."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .presets import Preset


@dataclass(frozen=True)
class ScorerPreset:
    """One tower shape for both scorers; `features` is also the width of the shared space of pictures and prompts."""

    channels: tuple[int, ...] = (24, 40, 80, 112)  # at 1/2, 1/4, 1/8 and 1/16 of the image side
    features: int = 64
    mixed_views: int = 6  # decodings of each picture with some codes of another one
    batch_size: int = 64  # pictures
    prompts: int = 4  # for each picture, its own and those of others to tell it from
    steps: int = 2200
    learning_rate: float = 3e-3

    def to_dict(self) -> dict:
        return asdict(self)


SCORER_PRESETS: dict[str, ScorerPreset] = {
    "tiny": ScorerPreset(channels=(8, 16, 24), features=16, mixed_views=2, batch_size=48, steps=300, learning_rate=8e-3),
    "emoji-s": ScorerPreset(),
    "emoji-s-gpu": ScorerPreset(),
    "emoji-m": ScorerPreset(channels=(24, 48, 96, 160, 224), features=128, steps=8000, batch_size=256),
}


def scorer_preset(preset: Preset) -> ScorerPreset:
    return SCORER_PRESETS[preset.name]
