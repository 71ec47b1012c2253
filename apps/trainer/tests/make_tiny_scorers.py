"""As a program, makes tests/bundles/tiny-inception and the like in a folder: imported scorers of random weights, of 32x32 pictures."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
from published_clip import write_clip
from published_image_reward import write_image_reward
from published_inception import inception_state

from slipstream_train.import_clip import import_clip
from slipstream_train.import_image_reward import import_image_reward
from slipstream_train.import_inception import import_inception
from slipstream_train.import_scorer import ScorerChoices

CHOICES = ScorerChoices(size=(32, 32))


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        for quality in (False, True):
            import_clip(**write_clip(Path(work)), out=folder / ("tiny-clip-iqa" if quality else "tiny-clip"), choices=CHOICES, head_width=8, quality=quality)
        import_image_reward(**write_image_reward(Path(work)), out=folder / "tiny-image-reward", choices=CHOICES, head_width=8)
        checkpoint = Path(work) / "pt_inception.pth"
        torch.save(inception_state(), checkpoint)
        import_inception(checkpoint, folder / "tiny-inception", CHOICES, side=75)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
