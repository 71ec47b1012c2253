"""One graph module -> one ONNX file with fp16 weights and a free `rows` axis."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

OPSET = 20
HALVED_FROM = 1024  # elements; smaller tensors stay fp32
FREE_NEW_AXIS = ("new_tokens", "new_positions", "new_valid")


def write_graph(graph: nn.Module, inputs: dict[str, Tensor], path: Path) -> None:
    """`inputs` in the order of graph.forward, two rows at least (a single row would be taken for a constant)."""
    rows, new = torch.export.Dim("rows", min=1, max=65_536), torch.export.Dim("new", min=1, max=65_536)
    shapes = [{0: rows, 1: new} if name in FREE_NEW_AXIS else {0: rows} for name in inputs]
    named = len(shapes) if "uniforms" not in inputs else list(inputs).index("uniforms")
    dynamic = (*shapes[:named], tuple(shapes[named:])) if named < len(shapes) else tuple(shapes)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph.eval(), tuple(inputs.values()), dynamo=True, dynamic_shapes=dynamic, opset_version=OPSET,
            input_names=list(inputs), output_names=list(graph.outputs), verbose=False,
        )
    model = program.model_proto
    _strip(model)
    _halve_weights(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def halve(module: nn.Module) -> nn.Module:
    """Round the weights to what the file will hold, so that PyTorch and ONNX compute with the same numbers."""
    for parameter in module.parameters():
        if parameter.numel() >= HALVED_FROM:
            parameter.data = parameter.data.half().float()
    return module


def _halve_weights(model: onnx.ModelProto) -> None:
    """Store large float initialisers as fp16 behind a Cast that the runtime folds when it loads the graph."""
    casts = []
    for initializer in list(model.graph.initializer):
        values = numpy_helper.to_array(initializer)
        if initializer.data_type != TensorProto.FLOAT or values.size < HALVED_FROM:
            continue
        stored = f"{initializer.name}.fp16"
        casts.append(helper.make_node("Cast", [stored], [initializer.name], to=TensorProto.FLOAT))
        initializer.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _strip(model: onnx.ModelProto) -> None:
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
