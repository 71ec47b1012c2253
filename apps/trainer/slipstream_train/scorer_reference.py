"""reference.json of a scorer: the training pictures, as the model can draw them, in this scorer's space and no other's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from .errors import TrainerError
from .golden import decode_tensor, encode_tensor
from .scorer_bundle import Scorer

DIGITS = 12  # of statistics: float64, but the vectors beneath them are float32


def reference_document(scorer: Scorer, pixels: Iterable[np.ndarray], names: list[str]) -> dict:
    """pixels: parts of (pictures, height, width, 4) uint8. Covariance is float64 over count - 1; vectors come row by row with `names`."""
    output = scorer.manifest.graphs.image.outputs[0].name
    vectors = np.concatenate([scorer.image(part)[output] for part in pixels])
    exact = vectors.astype(np.float64)
    return {
        "imageGraph": scorer.manifest.digest_of(scorer.manifest.graphs.image.file),
        "output": output, "count": len(vectors),
        "mean": _short(exact.mean(0)), "covariance": [_short(row) for row in np.cov(exact, rowvar=False)],
        "names": names, "vectors": encode_tensor(torch.from_numpy(vectors)),
    }


def read_reference(scorer: Scorer) -> dict:
    """The document with its vectors as an array; TrainerError when it was made with another scorer's image graph."""
    if scorer.manifest.reference is None:
        raise TrainerError(f"{scorer.folder} carries no reference: pass a scorer that does")
    path: Path = scorer.folder / scorer.manifest.reference
    document = json.loads(path.read_text())
    if document["imageGraph"] != scorer.manifest.digest_of(scorer.manifest.graphs.image.file):
        raise TrainerError(f"{path}: imageGraph is another scorer's digest: its statistics do not compare; export the scorer again")
    return {**document, "vectors": decode_tensor(document["vectors"])}


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
