"""What a graph may save without changing a result: positions that are not masked, the unconditional branch at guidance 0,
positions that nothing happened to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnxruntime

from .errors import TrainerError
from .manifest import Features

Inputs = dict[str, np.ndarray]
LISTED = ("masked_positions", "uniforms", "confidence_uniforms")
TOLERANCE = 1e-3  # relative; a partial step adds in another order than a full one


def check_exactness(sessions: Mapping[str, onnxruntime.InferenceSession], cases: Mapping[str, Inputs], sizes: Features,
                    mask_token: int) -> None:
    """`cases` are inputs of each graph with two branches. TrainerError names the graph that saves more than it may."""
    steps = {name: inputs for name, inputs in cases.items() if "reveal_count" in inputs}
    for name, inputs in steps.items():
        check_masked_alone(name, sessions[name], inputs, mask_token)
        if name != "anchored":  # its one stream reads both branches; rows without guidance hold one from first to last
            check_one_branch(name, sessions[name], inputs)
    known = _without(cases["full"], "prompt")
    features, tokens = sessions["full"].run(["features", "next_tokens"], cases["full"])
    if (sessions["head"].run(["next_tokens"], known | {"features": features})[0] != tokens).any():
        raise TrainerError("head.onnx: sampling from known features gives other tokens than the full step")
    if "partial" in sessions:
        check_recomputed(sessions["partial"], cases["full"], features, sizes)


def check_masked_alone(name: str, session: onnxruntime.InferenceSession, inputs: Inputs, mask_token: int) -> None:
    """Head and sampling at the masked positions alone give the tokens that they give at all positions."""
    every = session.run(["next_tokens"], inputs)[0]
    for row, masked in enumerate(inputs["tokens"] == mask_token):
        listed = masked[inputs["masked_positions"][row]]
        mine = {key: value[row : row + 1] for key, value in inputs.items()}
        mine |= {key: mine[key][:, listed] for key in LISTED}
        if (session.run(["next_tokens"], mine)[0][0] != every[row]).any():
            raise TrainerError(f"{name}.onnx: sampling at the masked positions alone gives other tokens")


def check_one_branch(name: str, session: onnxruntime.InferenceSession, inputs: Inputs) -> None:
    """At guidance 0 the conditional branch alone gives the bits that it gives beside the unconditional one."""
    wanted = [output.name for output in session.get_outputs() if output.name in ("features", "guided", "next_tokens")]
    branched = [tensor.name for tensor in session.get_inputs() if "branches" in tensor.shape]
    unguided = inputs | {"guidance": np.zeros_like(inputs["guidance"])}
    two = session.run(wanted, unguided)
    one = session.run(wanted, unguided | {key: np.ascontiguousarray(unguided[key][:, :1]) for key in branched})
    for output, alone, beside in zip(wanted, one, two, strict=True):
        if (alone != (beside[:, :1] if output == "features" else beside)).any():
            raise TrainerError(f"{name}.onnx: {output} of one branch are not bit for bit those of the first of two")


def check_recomputed(session: onnxruntime.InferenceSession, inputs: Inputs, features: np.ndarray, sizes: Features) -> None:
    """A partial step of all positions is a full step, and so is one of some positions when it knows all the others."""
    leading = inputs["prompt"].shape[:2]
    state = {
        "last_features": np.zeros_like(features),
        "cache": np.zeros((*leading, sizes.layers, sizes.positions, 2 * sizes.channels), np.float32),
    }
    some = slice(1, None, 3)
    for what, positions in (("all", slice(None)), ("some", some)):
        chosen = np.arange(sizes.positions, dtype=np.int32)[positions]
        selected = np.ascontiguousarray(np.broadcast_to(chosen, (*leading, len(chosen))))
        fresh, cache = session.run(["features", "next_cache"], inputs | state | {"selected": selected})
        error = float(np.linalg.norm(fresh - features) / np.linalg.norm(features))
        if error > TOLERANCE:
            raise TrainerError(f"partial.onnx: recomputing {what} positions differs from full.onnx by {error:.3g}")
        fresh[..., some, :] = cache[..., some, :] = 0
        state = {"last_features": fresh, "cache": cache}


def _without(inputs: Inputs, name: str) -> Inputs:
    return {key: value for key, value in inputs.items() if key != name}
