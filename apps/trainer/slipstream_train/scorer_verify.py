"""Hold a scorer bundle in onnxruntime against the golden tensors PyTorch wrote, and its reference against its graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .errors import TrainerError
from .golden import decode_tensor
from .scorer_bundle import open_scorer
from .scorer_reference import read_reference

TOLERANCE = 1e-3  # relative norm of a row


def verify_scorer(folder: Path) -> dict[str, float]:
    """The largest relative error of each output, in the batch and row by row; TrainerError beyond TOLERANCE."""
    scorer, errors = open_scorer(folder), {}
    if scorer.manifest.reference:
        read_reference(scorer)
    for case in json.loads((folder / "golden.json").read_text())["graphs"]:
        values = [decode_tensor(value) for value in case["inputs"].values()]
        batch = scorer.run(case["graph"], *values)
        alone = [scorer.run(case["graph"], *[value[row : row + 1] for value in values]) for row in range(len(values[0]))]
        for name, document in case["outputs"].items():
            expected, single = decode_tensor(document), np.concatenate([outputs[name] for outputs in alone])
            error = max(_error(batch[name], expected), _error(single, expected))
            errors[f"{case['graph']}.{name}"] = error
            if not error <= TOLERANCE:
                raise TrainerError(f"{folder / case['graph']}.onnx: {name} differs from PyTorch by {error:.3g}")
    return errors


def _error(found: np.ndarray, expected: np.ndarray) -> float:
    """A row may be a matrix."""
    found, expected = (values.reshape(len(values), -1) for values in (found, expected))
    return float((np.linalg.norm(found - expected, axis=1) / (np.linalg.norm(expected, axis=1) + 1e-30)).max())
