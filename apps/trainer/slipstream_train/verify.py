"""Stage `verify`: reload the bundle with onnxruntime and hold it against the golden tensors PyTorch wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime

from .errors import TrainerError
from .exactness import check_exactness
from .golden import decode_tensor
from .manifest import GraphSignature, Manifest, read_manifest
from .replay import replay

ONNX_TYPES = {"tensor(int32)": "int32", "tensor(float)": "float32", "tensor(bool)": "bool", "tensor(uint8)": "uint8"}
TIES = 200  # of so many tokens one may fall to the other side of a uniform by rounding; of fewer none
PIXEL_TOLERANCE = 1  # of 255: the last rounding may fall to either side


def verify_bundle(folder: Path) -> dict[str, float]:
    """The largest error of each output; TrainerError when a graph is off by more than its tolerance.

    Every graph is run on its golden batches and on their first row alone, every golden trajectory step by step, and what a
    graph may save is held to change nothing.
    """
    manifest = read_manifest(folder)
    golden = json.loads((folder / manifest.golden).read_text())
    sessions = {name: _open(folder, manifest, name) for name in manifest.graphs.held()}
    worst: dict[str, float] = {}
    cases: dict[str, dict[str, np.ndarray]] = {}
    for case in golden["graphs"]:
        name = case["graph"]
        inputs = {key: decode_tensor(value) for key, value in case["inputs"].items()}
        cases.setdefault(name, inputs)  # the first has two branches
        batch = next(iter(inputs.values())).shape[0]
        for rows in (slice(None), slice(0, 1))[:batch]:  # the batch and its first row alone
            if not case["outputs"]:
                continue
            outputs = sessions[name].run(list(case["outputs"]), {key: value[rows] for key, value in inputs.items()})
            for output, (key, expected) in zip(outputs, case["outputs"].items(), strict=True):
                error = _error(output, decode_tensor(expected)[rows])
                worst[f"{name}.{key}"] = max(worst.get(f"{name}.{key}", 0.0), error)
                if not error <= _tolerance(expected["type"], case["relativeTolerance"]):
                    raise TrainerError(f"{folder / name}.onnx: output {key} differs from PyTorch by {error:.3g}")
    check_exactness(sessions, cases, manifest.features, manifest.tokens.mask)
    worst["trajectories.tokens"] = 0.0
    for run in golden["trajectories"]:
        noise = decode_tensor(run["uniforms"]), decode_tensor(run["confidence_uniforms"])
        differing = int((replay(sessions, manifest, run, *noise) != decode_tensor(run["tokens"])).sum(-1).max())
        worst["trajectories.tokens"] = max(worst["trajectories.tokens"], float(differing))
        if differing > manifest.tokens.image // TIES:
            raise TrainerError(f"{folder}: a {run['strategy']} run gave other tokens than PyTorch under the same uniforms")
    return worst


def _tolerance(kind: str, relative: float) -> float:
    return {"float32": relative, "uint8": PIXEL_TOLERANCE}.get(kind, 0)


def _error(output: np.ndarray, expected: np.ndarray) -> float:
    """Relative norm for floats, largest difference for bytes, count of differing values for integers."""
    if expected.dtype == np.float32:
        return float(np.linalg.norm(output - expected) / (np.linalg.norm(expected) + 1e-30))
    if expected.dtype == np.uint8:
        return float(np.abs(output.astype(int) - expected.astype(int)).max())
    return float((output != expected).sum())


def _open(folder: Path, manifest: Manifest, name: str) -> onnxruntime.InferenceSession:
    signature: GraphSignature = getattr(manifest.graphs, name)
    session = onnxruntime.InferenceSession(str(folder / signature.file), providers=["CPUExecutionProvider"])
    for declared, actual in ((signature.inputs, session.get_inputs()), (signature.outputs, session.get_outputs())):
        found = [(tensor.name, ONNX_TYPES.get(tensor.type), len(tensor.shape)) for tensor in actual]
        wanted = [(tensor.name, tensor.type, len(tensor.shape)) for tensor in declared]
        if found != wanted:
            raise TrainerError(f"{folder / signature.file}: signature {found} disagrees with the manifest's {wanted}")
    return session
