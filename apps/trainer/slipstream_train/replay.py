"""The sampling loop over a bundle's ONNX graphs: one picture under injected uniforms, as a serving engine runs it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnxruntime

from .manifest import Manifest
from .schedule import annealed, ramp, refresh_steps, reveal_counts


def replay(sessions: Mapping[str, onnxruntime.InferenceSession], manifest: Manifest, run: dict,
           uniforms: np.ndarray, confidence_uniforms: np.ndarray) -> np.ndarray:
    """`run` is a golden trajectory; uniforms and confidence_uniforms (steps, T) -> tokens after every step (steps, T)."""
    sampling, steps = manifest.sampling, run["steps"]
    counts = reveal_counts(sampling.schedule, steps, manifest.tokens.image)
    full_steps = set(refresh_steps(steps, run["budget"])) if run["strategy"] == "shortcut" else set(range(steps))
    tokens = np.full((1, manifest.tokens.image), manifest.tokens.mask, np.int32)
    before, features, history = tokens, None, []
    for index in range(steps):
        scalars = {
            "guidance": run["guidance"] * ramp(sampling.guidanceRamp, index, steps),
            "temperature": run["temperature"],
            "confidence_noise": sampling.confidenceTemperature * annealed(index, steps),
        }
        inputs = {name: np.array([value], np.float32) for name, value in scalars.items()} | {
            "tokens": tokens,
            "uniforms": uniforms[index : index + 1],
            "confidence_uniforms": confidence_uniforms[index : index + 1],
            "reveal_count": np.array([counts[index]], np.int32),
        }
        if index in full_steps:
            inputs["prompt"] = np.array([run["promptIds"]], np.int32)
        else:
            inputs |= _new_tokens(before, tokens, manifest) | {"last_features": features}
        graph = "full" if index in full_steps else "shortcut"
        before = tokens
        features, tokens = sessions[graph].run(["features", "next_tokens"], inputs)
        history.append(tokens[0])
    return np.stack(history)


def _new_tokens(before: np.ndarray, tokens: np.ndarray, manifest: Manifest) -> dict[str, np.ndarray]:
    """What the last step revealed, padded to the smallest bucket that holds it."""
    positions = np.flatnonzero(before[0] != tokens[0]).astype(np.int32)
    bucket = next(size for size in manifest.newTokenBuckets if size >= len(positions))
    padding = (0, bucket - len(positions))
    return {
        "new_tokens": np.pad(tokens[0, positions], padding)[None],
        "new_positions": np.pad(positions, padding)[None],
        "new_valid": (np.arange(bucket) < len(positions))[None],
        "mask_ratio": np.array([(tokens == manifest.tokens.mask).mean()], np.float32),
    }
