"""Golden tensors: inputs and outputs of every graph and of whole runs, as PyTorch computed them."""

from __future__ import annotations

import base64

import numpy as np
import torch
from torch import Tensor

from .base_model import MaskedTransformer
from .graphs import Graph
from .half_arithmetic import multiplies_in_halves
from .presets import SamplingPreset
from .sampler import StepRecord, draw_uniforms, generate
from .shortcut_model import AnchoredModel, StepShortcut

TYPES = {torch.int32: "int32", torch.float32: "float32", torch.bool: "bool", torch.uint8: "uint8"}
LARGEST_BYTES = 2 << 20  # what is larger is left out: it would outweigh the model


def encode_tensor(tensor: Tensor) -> dict:
    """{type, shape, data}: data is base64 of the little-endian values in row-major order, empty when all are zero."""
    array = np.ascontiguousarray(tensor.detach().cpu().numpy())
    data = base64.b64encode(array.tobytes()).decode() if array.any() else ""
    return {"type": TYPES[tensor.dtype], "shape": list(array.shape), "data": data}


def decode_tensor(document: dict) -> np.ndarray:
    kind, shape = np.dtype(document["type"]), document["shape"]
    if not document["data"]:
        return np.zeros(shape, kind)
    return np.frombuffer(base64.b64decode(document["data"]), kind).reshape(shape)


@torch.no_grad()
def golden_graph(name: str, graph: Graph, inputs: dict[str, Tensor]) -> dict:
    """Of a graph that multiplies in fp16 what is no token alone: two runtimes round to either side of a uniform."""
    outputs = graph(*inputs.values())
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    rounded = multiplies_in_halves(graph)
    kept = {
        key: value for key, value in zip(graph.outputs, outputs, strict=True)
        if value.nbytes <= LARGEST_BYTES and (value.is_floating_point() or not rounded)
    }
    return {
        "graph": name,
        "inputs": {key: encode_tensor(value) for key, value in inputs.items()},
        "outputs": {key: encode_tensor(value) for key, value in kept.items()},
        "relativeTolerance": 1e-2 if rounded else 1e-3,
    }


def golden_trajectory(
    base: MaskedTransformer, predictor: StepShortcut | AnchoredModel | None, sampling: SamplingPreset, prompt: str,
    ids: list[int], *, steps: int, budget: int, length: int, generator: torch.Generator,
) -> dict:
    """A whole run of one picture under injected uniforms: the tokens after every step."""
    noise = draw_uniforms((2, steps, 1, length), generator)
    records: list[StepRecord] = []
    generate(
        base, torch.tensor([ids]), noise[0], noise[1], sampling, steps=steps, predictor=predictor,
        budget=budget if predictor else None, on_step=records.append,
    )
    strategy = "anchored" if isinstance(predictor, AnchoredModel) else "shortcut" if predictor else "vanilla"
    return {
        "strategy": strategy, "steps": steps, "budget": budget, "prompt": prompt, "promptIds": ids,
        "guidance": sampling.guidance, "temperature": sampling.temperature,
        "uniforms": encode_tensor(noise[0][:, 0]), "confidence_uniforms": encode_tensor(noise[1][:, 0]),
        "tokens": encode_tensor(torch.cat([record.tokens for record in records]).int()),
    }
