"""Golden tensors: inputs and outputs of every graph and of whole runs, as PyTorch computed them."""

from __future__ import annotations

import base64

import numpy as np
import torch
from torch import Tensor, nn

from .base_model import BaseModel
from .presets import SamplingPreset
from .sampler import StepRecord, draw_uniforms, generate
from .shortcut_model import ShortcutModel

TYPES = {torch.int32: "int32", torch.float32: "float32", torch.bool: "bool", torch.uint8: "uint8"}


def encode_tensor(tensor: Tensor) -> dict:
    """{type, shape, data}: data is base64 of the little-endian values in row-major order."""
    array = np.ascontiguousarray(tensor.detach().cpu().numpy())
    return {"type": TYPES[tensor.dtype], "shape": list(array.shape), "data": base64.b64encode(array.tobytes()).decode()}


def decode_tensor(document: dict) -> np.ndarray:
    array = np.frombuffer(base64.b64decode(document["data"]), np.dtype(document["type"]))
    return array.reshape(document["shape"])


@torch.no_grad()
def golden_graph(name: str, graph: nn.Module, inputs: dict[str, Tensor]) -> dict:
    outputs = graph(*inputs.values())
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return {
        "graph": name,
        "inputs": {key: encode_tensor(value) for key, value in inputs.items()},
        "outputs": {key: encode_tensor(value) for key, value in zip(graph.outputs, outputs, strict=True)},
        "relativeTolerance": 1e-3,
    }


def golden_trajectory(
    base: BaseModel, shortcut: ShortcutModel, sampling: SamplingPreset, prompt: str, ids: list[int], strategy: str,
    steps: int, budget: int, length: int, generator: torch.Generator,
) -> dict:
    """A whole run of one picture under injected uniforms: the tokens after every step."""
    noise = draw_uniforms((2, steps, 1, length), generator)
    records: list[StepRecord] = []
    generate(
        base, torch.tensor([ids]), noise[0], noise[1], sampling, steps=steps,
        shortcut=shortcut if strategy == "shortcut" else None, budget=budget, on_step=records.append,
    )
    return {
        "strategy": strategy, "steps": steps, "budget": budget, "prompt": prompt, "promptIds": ids,
        "guidance": sampling.guidance, "temperature": sampling.temperature,
        "uniforms": encode_tensor(noise[0][:, 0]), "confidence_uniforms": encode_tensor(noise[1][:, 0]),
        "tokens": encode_tensor(torch.cat([record.tokens for record in records]).int()),
    }
