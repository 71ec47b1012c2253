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
    sampling, steps, strategy = manifest.sampling, run["steps"], run["strategy"]
    counts = reveal_counts(sampling.schedule, steps, manifest.tokens.image)
    full_steps = set(range(steps)) if strategy == "vanilla" else set(refresh_steps(steps, run["budget"]))
    prompt = np.array([[run["promptIds"], manifest.prompt.no_prompt]], np.int32)
    tokens = np.full((1, manifest.tokens.image), manifest.tokens.mask, np.int32)
    source, history = (tokens, None), []
    for index in range(steps):
        positions = _masked_positions(tokens, manifest)
        scalars = {
            "guidance": run["guidance"] * ramp(sampling.guidanceRamp, index, steps),
            "temperature": run["temperature"],
            "confidence_noise": sampling.confidenceTemperature * annealed(sampling.confidenceRamp, index, steps),
        }
        inputs = {name: np.array([value], np.float32) for name, value in scalars.items()} | {
            "tokens": tokens,
            "masked_positions": positions[None],
            "uniforms": uniforms[index, positions][None],
            "confidence_uniforms": confidence_uniforms[index, positions][None],
            "reveal_count": np.array([counts[index]], np.int32),
        }
        full = index in full_steps
        own = {"prompt": prompt} if full else _predicted(strategy, source, tokens, manifest)
        if not full and sessions[strategy].get_inputs()[0].name == "prompt":
            own["prompt"] = prompt
        kind = "full" if full else strategy
        wanted = ["next_tokens"] if kind == "anchored" else ["next_tokens", "features"]
        after, *features = sessions[kind].run(wanted, inputs | own)
        if features:
            source = (tokens, features[0])
        tokens = after
        history.append(tokens[0])
    return np.stack(history)


def _predicted(strategy: str, source: tuple, tokens: np.ndarray, manifest: Manifest) -> dict[str, np.ndarray]:
    """Inputs of a shortcut or anchored step; `source` = tokens at the input of the features that it starts from, and these."""
    before, features = source
    ratio, anchor_ratio = (np.array([(each == manifest.tokens.mask).mean()], np.float32) for each in (tokens, before))
    if strategy == "anchored":
        revealed = np.where(before != tokens, tokens, np.int32(manifest.tokens.mask))
        return {"anchor_features": features, "anchor_mask_ratio": anchor_ratio, "mask_ratio": ratio, "revealed_since": revealed}
    return _new_tokens(before, tokens, manifest) | {"last_features": features, "mask_ratio": ratio}


def _masked_positions(tokens: np.ndarray, manifest: Manifest) -> np.ndarray:
    """Every masked position ascending, then revealed ones, up to the smallest bucket that holds the masked."""
    masked = tokens[0] == manifest.tokens.mask
    bucket = next(size for size in manifest.maskedBuckets if size >= masked.sum())
    return np.concatenate([np.flatnonzero(masked), np.flatnonzero(~masked)])[:bucket].astype(np.int32)


def _new_tokens(before: np.ndarray, tokens: np.ndarray, manifest: Manifest) -> dict[str, np.ndarray]:
    """What was revealed in between, padded to the smallest bucket that holds it."""
    positions = np.flatnonzero(before[0] != tokens[0]).astype(np.int32)
    bucket = next(size for size in manifest.newTokenBuckets if size >= len(positions))
    padding = (0, bucket - len(positions))
    return {
        "new_tokens": np.pad(tokens[0, positions], padding)[None],
        "new_positions": np.pad(positions, padding)[None],
        "new_valid": (np.arange(bucket) < len(positions))[None],
    }
