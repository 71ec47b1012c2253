"""As a program, makes tests/bundles/tiny-inception and the like in a folder: imported scorers of random weights, of 32x32 pictures."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
from published_inception import inception_state

from slipstream_train.import_inception import import_inception
from slipstream_train.import_scorer import ScorerChoices

CHOICES = ScorerChoices(size=(32, 32))


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        checkpoint = Path(work) / "pt_inception.pth"
        torch.save(inception_state(), checkpoint)
        import_inception(checkpoint, folder / "tiny-inception", CHOICES, side=75)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
