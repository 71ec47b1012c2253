"""`import inception`: FID's Inception-v3 -> a classifier."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from .graphs import Graph
from .import_scorer import Imported, ScorerChoices, require_place, write_imported
from .inception_model import Inception
from .picture_resize import Resize, pillow_floats, tensorflow1
from .published_weights import PublishedWeights
from .scorer_graphs import bytes_on_white

SIDE = 299
RESIZES = {"clean": pillow_floats, "torch-fidelity": tensorflow1}


class InceptionGraph(Graph):
    """Straight-alpha RGBA bytes (rows, height, width, 4) -> features (rows, d), logits (rows, labels)."""

    inputs = ("pixels",)
    outputs = ("features", "logits")

    def __init__(self, resize: Resize, model: Inception):
        super().__init__()
        self.resize, self.model = resize, model

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        resized = self.resize(bytes_on_white(pixels)).clamp(0, 255)
        return self.model((resized - 128) / 128)


def import_inception(checkpoint: Path, out: Path, choices: ScorerChoices, resize: str = "clean", side: int = SIDE) -> None:
    """Writes the scorer `out`, or nothing. `resize`: as clean-fid or as torch-fidelity (and the first FID) do it; distances
    of the one do not compare with those of the other. TrainerError names what is wrong, and the remedy."""
    require_place(out, choices)
    weights = PublishedWeights.open(checkpoint)
    model = Inception(weights)
    weights.finish()
    width, height = choices.size
    graph = InceptionGraph(RESIZES[resize]((height, width), (side, side)), model.eval())
    labels = [str(index) for index in range(model.head.out_features)]
    write_imported(out, Imported(
        layout="inception", kind="classifier", description=f"Inception-v3 for FID, pictures resized as {resize} does it",
        channels=model.head.in_features, graphs={"image": graph}, labels=labels, training={"resize": resize},
    ), choices)
