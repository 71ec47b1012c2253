"""Graph modules -> ONNX files with free axes, and one file of weights that all of them share."""

from __future__ import annotations

import copy
import hashlib
import logging
import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
import onnx_ir as ir
import torch
from onnx import ModelProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from .graphs import Graph

HALVED_FROM = 1024  # elements; smaller tensors stay fp32, in the graph itself
FOLDED = 1 << 20  # elements; the exporter casts and transposes smaller tensors itself
ALIGNMENT = 64
TRANSPOSED = ".transposed"
Stored = Literal["fp32", "fp16", "bf16"]
TORCH: dict[Stored, torch.dtype] = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
NARROW = (ir.DataType.FLOAT16, ir.DataType.BFLOAT16, ir.DataType.UINT8)
ONNX: dict[Stored, int] = {"fp32": TensorProto.FLOAT, "fp16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}


class Weights:
    """The shared file: equal tensors are stored once, whichever graphs they come from. Large float32 tensors are stored as
    `kind` says; those of 16 and of 8 bits always as they are."""

    def __init__(self, path: Path, kind: Stored = "fp16"):
        self.path, self.kind = path, kind
        self.places: dict[str, tuple[int, int]] = {}
        path.write_bytes(b"")

    def add(self, content: bytes | memoryview) -> tuple[int, int]:
        """Offset and length of the bytes in the file."""
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self.places:
            offset = self.path.stat().st_size
            with self.path.open("ab") as file:
                file.write(content)
                file.write(bytes(-len(content) % ALIGNMENT))
            self.places[digest] = offset, len(content)
        return self.places[digest]


def write_graph(graph: Graph, inputs: dict[str, Tensor], path: Path, weights: Weights | None = None, *, halves: bool = True, tiled: bool = False) -> None:
    """`inputs` in the order of graph.forward, every free axis at least 2 (one of size 1 would be taken for a constant).

    Without `weights` the file holds its own, as fp16, or as they are without `halves`. tiled: see `tile_attention`.
    """
    axes = {name: torch.export.Dim(name, min=1, max=65_536) for name in {a for key in inputs for a in graph.axes(key)}}
    shapes = [{index: axes[axis] for index, axis in enumerate(graph.axes(name))} for name in inputs]
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision, which nobody uses, is missing
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph.eval(), tuple(inputs.values()), dynamo=True, dynamic_shapes=_as_arguments(graph, shapes),
            opset_version=graph.opset, input_names=list(inputs), output_names=list(graph.outputs), verbose=False,
        )
    if weights:
        _move_out_narrow(program.model, weights)
    model = program.model_proto
    _strip(model)
    _fold_transposes(model)
    _name_transposed(model, graph)
    if halves:
        _store_weights(model, weights)
    if tiled:
        tile_attention(model)
    onnx.save(model, str(path))
    onnx.checker.check_model(str(path))


def tile_attention(model: ModelProto) -> None:
    """Attention without a mask as ONNX Runtime's own operator, which never holds a whole matrix of scores: several times
    faster from some hundred positions on."""
    for node in model.graph.node:
        if node.op_type != "Attention" or node.domain or sum(map(bool, node.input)) != 3:
            continue
        heads = next(attribute.i for attribute in node.attribute if attribute.name == "q_num_heads")
        node.op_type, node.domain = "MultiHeadAttention", "com.microsoft"
        del node.attribute[:], node.input[3:], node.output[1:]
        node.attribute.append(helper.make_attribute("num_heads", heads))
    if all(each.domain != "com.microsoft" for each in model.opset_import):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def _as_arguments(graph: Graph, shapes: list[dict]) -> tuple:
    """One entry for each parameter of graph.forward; those behind its `*step` make a tuple of their own."""
    code = type(graph).forward.__code__
    named = code.co_argcount - 1
    variadic = bool(code.co_flags & 0x04)
    return (*shapes[:named], tuple(shapes[named:])) if variadic else tuple(shapes)


def is_halved(shape: Sequence[int]) -> bool:
    """Whether a tensor is stored as 16 bits where weights are: norms and biases, of one axis, stay fp32."""
    return len(shape) > 1 and math.prod(shape) >= HALVED_FROM


def halve(module: nn.Module, kind: Stored = "fp16") -> nn.Module:
    """Round the weights to what the file will hold, so that PyTorch and ONNX compute with the same numbers."""
    for parameter in module.parameters():
        if is_halved(parameter.shape):
            parameter.data = parameter.data.to(TORCH[kind]).float()
    return module


def _fold_transposes(model: ModelProto) -> None:
    """The exporter stores a linear layer's weights transposed, but not those that a graph uses twice: do it for these
    too, so that all graphs hold the same bytes."""
    stored = {initializer.name: initializer for initializer in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "Transpose" and node.input[0] in stored]:
        order = next(attribute.ints for attribute in node.attribute if attribute.name == "perm")
        values = numpy_helper.to_array(stored[node.input[0]]).transpose(order)
        model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), node.output[0]))
        model.graph.node.remove(node)
        if not any(node.input[0] in other.input for other in model.graph.node):
            model.graph.initializer.remove(stored[node.input[0]])


def _name_transposed(model: ModelProto, graph: Graph) -> None:
    """A linear layer's weights, stored transposed under a name of the exporter's, get their PyTorch name and TRANSPOSED; so do
    small ones of 16 bits, which the exporter has made fp32 of."""
    matrices = {name: value for name, value in graph.named_parameters() if value.ndim == 2 and (value.dtype == torch.float32 or value.numel() <= FOLDED)}
    names = {_content(value.detach().float().numpy().T): name for name, value in matrices.items()}
    held = [each for each in model.graph.initializer if len(each.dims) == 2 and each.data_type == TensorProto.FLOAT]
    known = {each.name: names.get(_content(numpy_helper.to_array(each))) for each in held}
    renamed = {old: f"{new}{TRANSPOSED}" for old, new in known.items() if new and old != new}
    kept = {renamed.get(each.name, each.name): each for each in model.graph.initializer}  # one of each, however often it is used
    for name, initializer in kept.items():
        initializer.name = name
    unique = [copy.deepcopy(initializer) for initializer in kept.values()]
    del model.graph.initializer[:]
    model.graph.initializer.extend(unique)
    for node in model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]


def _content(values: np.ndarray) -> tuple[tuple[int, ...], bytes]:
    return values.shape, hashlib.sha256(np.ascontiguousarray(values).tobytes()).digest()


def _store_weights(model: ModelProto, weights: Weights | None) -> None:
    """Store large float initialisers as they are or as 16 bits behind a Cast that the runtime folds when it loads the graph."""
    casts, kind = [], weights.kind if weights else "fp16"
    for initializer in list(model.graph.initializer):
        if initializer.data_type != TensorProto.FLOAT or math.prod(initializer.dims) < HALVED_FROM:
            continue
        if kind != "fp32" and is_halved(initializer.dims):
            stored = f"{initializer.name}.{kind}"
            casts.append(helper.make_node("Cast", [stored], [initializer.name], to=TensorProto.FLOAT))
            initializer.CopyFrom(_rounded(initializer, stored, kind))
        if weights:
            _move_out(initializer, weights)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _rounded(initializer: TensorProto, name: str, kind: Stored) -> TensorProto:
    values = torch.from_numpy(numpy_helper.to_array(initializer).copy()).to(TORCH[kind])
    return helper.make_tensor(name, ONNX[kind], initializer.dims, values.view(torch.int16).numpy().tobytes(), raw=True)


def _move_out_narrow(model: ir.Model, weights: Weights) -> None:
    """Tensors that are of 16 or 8 bits already go out one by one, while they still are the memory that they came from."""
    for value in model.graph.initializers.values():
        tensor = value.const_value
        if tensor.dtype not in NARROW or tensor.size < HALVED_FROM:
            continue
        offset, length = weights.add(np.ascontiguousarray(tensor.numpy()).reshape(-1).view(np.uint8).data)
        value.const_value = ir.ExternalTensor(
            weights.path.name, offset, length, tensor.dtype, shape=tensor.shape, name=value.name, base_dir=weights.path.parent,
        )


def _move_out(initializer: TensorProto, weights: Weights) -> None:
    offset, length = weights.add(initializer.raw_data)
    initializer.ClearField("raw_data")
    initializer.data_location = TensorProto.EXTERNAL
    for key, value in (("location", weights.path.name), ("offset", offset), ("length", length)):
        initializer.external_data.add(key=key, value=str(value))


def _strip(model: ModelProto) -> None:
    """Drop stack traces and other notes of the exporter: they hold paths of the machine and most of the bytes."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
        value.doc_string = ""
    model.doc_string = model.graph.doc_string = ""
