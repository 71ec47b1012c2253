"""Weights out of a bundle's graphs, back into the modules that they were exported from."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import ModelProto, numpy_helper
from torch import Tensor, nn

from .errors import TrainerError
from .int8_weights import dequantised
from .onnx_file import TRANSPOSED


def load_weights(module: nn.Module, prefix: str, file: Path) -> None:
    """Weights of the part of a graph whose names begin with `prefix`; TrainerError when it has others than the module."""
    model = onnx.load(str(file))
    found = {name.removeprefix(prefix): value for name, value in graph_weights(model).items() if name.startswith(prefix)}
    norms = [name for name, part in module.named_modules() if isinstance(part, nn.GroupNorm)]
    for name, (scale, shift) in zip(norms, group_norms(model), strict=False):
        found |= {f"{name}.weight": scale, f"{name}.bias": shift}
    try:
        module.load_state_dict({name: value for name, value in found.items() if name in module.state_dict()})
    except RuntimeError as error:
        raise TrainerError(f"{file} does not hold the weights of this preset: {error}") from error


def graph_weights(model: ModelProto) -> dict[str, Tensor]:
    """Weights by their PyTorch names; a linear layer's is stored transposed, or as levels of 8 bits and their scales."""
    stored = {name: value for name, value in _stored(model).items() if "." in name}
    for node in model.graph.node:
        if node.op_type == "MatMulNBits":
            wide_in = next(attribute.i for attribute in node.attribute if attribute.name == "K")
            levels, scales = (stored.get(name) for name in node.input[1:])
            stored[f"{node.input[1].removesuffix('.levels')}.weight"] = dequantised(levels, scales)[:, :wide_in].contiguous()
    return {
        name.removesuffix(TRANSPOSED): value.T.contiguous() if name.endswith(TRANSPOSED) else value
        for name, value in stored.items()
    }


def group_norms(model: ModelProto) -> list[tuple[Tensor, Tensor]]:
    """Scale and shift of each group norm in the order of the graph, which is the order of the modules."""
    stored, user = _stored(model), {name: node for node in model.graph.node for name in node.input[:1]}
    pairs = []
    for node in model.graph.node:
        if node.op_type == "InstanceNormalization":
            scaled = user[user[node.output[0]].output[0]]
            shifted = user[scaled.output[0]]
            pairs.append((stored[scaled.input[1]].flatten(), stored[shifted.input[1]].flatten()))
    return pairs


def _stored(model: ModelProto) -> dict[str, Tensor]:
    def tensor(initializer: onnx.TensorProto) -> Tensor:
        array = numpy_helper.to_array(initializer)
        return torch.from_numpy(array.astype("float32") if array.dtype.kind in "fV" else array.copy())

    return {initializer.name.removesuffix(".fp16").removesuffix(".bf16"): tensor(initializer) for initializer in model.graph.initializer}
