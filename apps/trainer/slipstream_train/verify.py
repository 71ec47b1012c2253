"""Stage `verify`: reload the bundle with onnxruntime and hold it against the golden tensors PyTorch wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime

from .errors import TrainerError
from .golden import decode_tensor
from .manifest import GraphSignature, Manifest, read_manifest
from .replay import replay

ONNX_TYPES = {"tensor(int32)": "int32", "tensor(float)": "float32", "tensor(bool)": "bool", "tensor(uint8)": "uint8"}
PIXEL_TOLERANCE = 1  # of 255: the last rounding may fall to either side


def verify_bundle(folder: Path) -> dict[str, float]:
    """The largest error of each output; TrainerError when a graph is off by more than its tolerance.

    Every graph is run on its golden batch and on the first row alone, every golden trajectory step by step.
    """
    manifest = read_manifest(folder)
    golden = json.loads((folder / manifest.golden).read_text())
    sessions = {name: _open(folder, manifest, name) for name in manifest.graphs.held()}
    worst: dict[str, float] = {}
    for case in golden["graphs"]:
        name = case["graph"]
        inputs = {key: decode_tensor(value) for key, value in case["inputs"].items()}
        for rows in (slice(None), slice(0, 1)):  # the batch and its first row alone
            outputs = sessions[name].run(list(case["outputs"]), {key: value[rows] for key, value in inputs.items()})
            for output, (key, expected) in zip(outputs, case["outputs"].items(), strict=True):
                error = _error(output, decode_tensor(expected)[rows])
                worst[f"{name}.{key}"] = max(worst.get(f"{name}.{key}", 0.0), error)
                if error > _tolerance(expected["type"], case["relativeTolerance"]):
                    raise TrainerError(f"{folder / name}.onnx: output {key} differs from PyTorch by {error:.3g}")
    _check_savings(sessions, golden, manifest)
    worst["trajectories.tokens"] = 0.0
    for run in golden["trajectories"]:
        noise = decode_tensor(run["uniforms"]), decode_tensor(run["confidence_uniforms"])
        if (replay(sessions, manifest, run, *noise) != decode_tensor(run["tokens"])).any():
            raise TrainerError(f"{folder}: a {run['strategy']} run gave other tokens than PyTorch under the same uniforms")
    return worst


def _check_savings(sessions: dict[str, onnxruntime.InferenceSession], golden: dict, manifest: Manifest) -> None:
    """What must change no bit: one branch instead of two at guidance 0, fewer padding positions, and a partial step of
    all positions instead of a full one (this one within the tolerance)."""
    inputs = next({key: decode_tensor(value) for key, value in case["inputs"].items()}
                  for case in golden["graphs"] if case["graph"] == "full")
    unguided = inputs | {"guidance": np.zeros_like(inputs["guidance"])}
    two = sessions["full"].run(["features", "next_tokens"], unguided)
    one = sessions["full"].run(["features", "next_tokens"], unguided | {"prompt": unguided["prompt"][:, :1]})
    if (one[0] != two[0][:, :1]).any() or (one[1] != two[1]).any():
        raise TrainerError("full.onnx: one branch is not bit for bit the first of two")
    if (sessions["head"].run(["next_tokens"], _without(unguided, "prompt") | {"features": two[0]})[0] != two[1]).any():
        raise TrainerError("head.onnx: sampling from known features is not bit for bit that of the full step")
    if "partial" in sessions:
        rows, branches = inputs["prompt"].shape[:2]
        sizes = manifest.features
        cache = np.zeros((rows, branches, sizes.layers, sizes.positions, 2 * sizes.channels), np.float32)
        everything = np.broadcast_to(np.arange(sizes.positions, dtype=np.int32), (rows, branches, sizes.positions))
        fresh = sessions["partial"].run(["features"], unguided | {
            "last_features": np.zeros_like(two[0]), "cache": cache, "selected": np.ascontiguousarray(everything),
        })[0]
        if _error(fresh, two[0]) > 1e-3:
            raise TrainerError(f"partial.onnx: recomputing all positions differs from full.onnx by {_error(fresh, two[0]):.3g}")


def _without(inputs: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {key: value for key, value in inputs.items() if key != name}


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
