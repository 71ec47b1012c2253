"""The scorers' graphs: bytes and word ids in, numbers out; all preprocessing is inside."""

from __future__ import annotations

import torch
from torch import Tensor

from .graphs import Graph
from .scorer_model import Classifier, ImageText


class ClassifierImageGraph(Graph):
    """Straight-alpha RGBA bytes (rows, height, width, 4) -> features (rows, d), logits (rows, labels)."""

    inputs = ("pixels",)
    outputs = ("features", "logits")

    def __init__(self, model: Classifier):
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return self.model(straight_on_white(pixels))


class AlignmentImageGraph(Graph):
    """Straight-alpha RGBA bytes (rows, height, width, 4) -> embedding (rows, d) of length 1."""

    inputs = ("pixels",)
    outputs = ("embedding",)

    def __init__(self, model: ImageText):
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> Tensor:
        return self.model.image(straight_on_white(pixels))


class AlignmentTextGraph(Graph):
    """Word ids (rows, length) -> embedding (rows, d) of length 1."""

    inputs = ("text",)
    outputs = ("embedding",)

    def __init__(self, model: ImageText):
        super().__init__()
        self.model = model

    def forward(self, text: Tensor) -> Tensor:
        return self.model.text(text.long())


def straight_on_white(pixels: Tensor) -> Tensor:
    """(rows, height, width, 4) uint8 -> (rows, 3, height, width) float32 in [0, 1]."""
    straight = pixels.float().permute(0, 3, 1, 2) / 255
    alpha = straight[:, 3:]
    return straight[:, :3] * alpha + 1 - alpha


def bytes_on_white(pixels: Tensor) -> Tensor:
    """The same as whole numbers, 0 to 255: what a file without alpha would hold."""
    pictures = pixels.float().permute(0, 3, 1, 2)
    alpha = pictures[:, 3:] / 255
    return torch.floor(pictures[:, :3] * alpha + 255 * (1 - alpha) + 0.5)
