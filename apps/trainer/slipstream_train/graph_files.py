"""Graphs -> files of a bundle: example inputs, signatures, golden tensors, buckets."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode

from .base_model import MaskedTransformer
from .golden import LARGEST_BYTES, TYPES, golden_graph
from .graphs import DecodeGraph, EmbedGraph, FullGraph, Graph
from .onnx_file import Stored, Weights, write_graph
from .sampler import draw_uniforms

LARGE_PICTURE = 512  # tokens; with more of them fewer cases and steps hold a model, for each takes seconds
OUTPUT_AXES = {
    "next_cache": ("rows", "branches"), "max_logits": ("rows", "branches"), "ranks": ("rows", "masked"),
    "logits": ("rows", "masked"),
}


def write_graphs(graphs: dict[str, Graph], examples: dict[str, Tensor], folder: Path, *, kind: Stored = "fp16") -> tuple[dict, list[dict]]:
    """NAME.onnx of each graph and the weights.bin that they share -> their signatures and golden cases. kind: see `Weights`."""
    weights = Weights(folder / "weights.bin", kind)
    signatures, golden = {}, []
    for name, graph in graphs.items():
        inputs = graph_inputs(graph, examples)
        write_graph(graph, inputs, folder / f"{name}.onnx", weights, tiled=_is_large(inputs))
        golden += _golden_cases(name, graph, inputs)
        signatures[name] = signature(f"{name}.onnx", graph, inputs)
        print(f"export: {name}.onnx, {weights.path.stat().st_size / 1e6:.1f} MB of weights so far", flush=True)
    return signatures, golden


def example_inputs(base: MaskedTransformer, generator: torch.Generator) -> dict[str, Tensor]:
    """Two rows at different steps; every graph takes its inputs from here."""
    rows, length, new = 2, base.image_tokens, min(8, base.image_tokens)
    positions, width = base.positions, base.width
    codes = torch.randint(base.mask_token, (rows, length), generator=generator)
    masked = torch.tensor([length, length // 4])
    place = torch.arange(length)
    tokens = torch.where(place < masked[:, None], base.mask_token, codes).int()
    conditional = base.example_prompts(rows, generator)
    prompt = torch.stack([conditional, base.unprompted(conditional)], 1).int()
    valid = torch.arange(new) < torch.tensor([1, new])[:, None]
    with torch.no_grad():
        features, residual, _ = FullGraph(base)(prompt, tokens, *sampling_inputs(rows, length, generator).values())
    return {
        "prompt": prompt, "tokens": tokens, "revealed": codes.int(), "features": features, "last_features": features, "anchor_features": features,
        "residual": residual, "new_tokens": (codes[:, :new] * valid).int(), "new_positions": (torch.arange(new) * valid).int(),
        "new_valid": valid, "mask_ratio": masked / length, "anchor_mask_ratio": torch.ones(rows),
        "revealed_since": torch.where((place >= masked[:, None]) & (place < masked[:, None] + new), codes, base.mask_token).int(),
        "guided": base.of_image(features[:, 0]).contiguous(),
        "cache": torch.zeros(rows, 2, len(base.blocks), positions, 2 * width),
        "selected": torch.arange(positions).expand(rows, 2, -1).contiguous().int(),
        "embed_noise": torch.randn(rows, length, width, generator=generator), "noise_share": torch.tensor([0.1, 0.3]),
        **sampling_inputs(rows, length, generator),
    }


def _golden_cases(name: str, graph: Graph, inputs: dict[str, Tensor]) -> list[dict]:
    """With two branches and with one, of a large picture the last row alone; none where an input would outweigh the model,
    as whole runs cover such a graph."""
    if any(value.nbytes > LARGEST_BYTES and value.any() for value in inputs.values()):
        return []
    if _is_large(inputs):
        inputs = {key: value[-1:] for key, value in inputs.items()}
    return [golden_graph(name, graph, each) for each in (inputs, _one_branch(graph, inputs)) if each]


def _is_large(inputs: dict[str, Tensor]) -> bool:
    return "tokens" in inputs and inputs["tokens"].shape[1] > LARGE_PICTURE


def sampling_inputs(rows: int, length: int, generator: torch.Generator) -> dict[str, Tensor]:
    return {
        "masked_positions": torch.arange(length).expand(rows, -1).contiguous().int(),
        "uniforms": draw_uniforms((rows, length), generator),
        "confidence_uniforms": draw_uniforms((rows, length), generator),
        "guidance": torch.tensor([0.0, 2.0]), "temperature": torch.tensor([1.0, 0.9]),
        "confidence_noise": torch.tensor([4.0, 0.0]),
        "reveal_count": torch.tensor([1, 2], dtype=torch.int32),
    }


def graph_inputs(graph: Graph, examples: dict[str, Tensor]) -> dict[str, Tensor]:
    """Of the examples those that the graph takes, in order."""
    return {key: _example(examples, graph, key) for key in graph.inputs}


def _example(examples: dict[str, Tensor], graph: Graph, name: str) -> Tensor:
    """A graph without branches takes the conditional prompt, one for whole pictures tokens without a mask."""
    value = examples["revealed" if name == "tokens" and isinstance(graph, (DecodeGraph, EmbedGraph)) else name]
    return value[:, 0].contiguous() if name == "prompt" and "branches" not in graph.axes(name) else value


def _one_branch(graph: Graph, inputs: dict[str, Tensor]) -> dict[str, Tensor] | None:
    """The same with the conditional branch alone; None for a graph without branches."""
    if not any("branches" in graph.axes(name) for name in inputs):
        return None
    return {name: value[:, :1].contiguous() if "branches" in graph.axes(name) else value for name, value in inputs.items()}


def signature(file: str, graph: Graph, inputs: dict[str, Tensor]) -> dict:
    def describe(name: str, tensor: Tensor) -> dict:
        free = OUTPUT_AXES.get(name) or graph.axes(name)
        return {"name": name, "type": TYPES[tensor.dtype], "shape": [*free, *tensor.shape[len(free):]]}

    with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True) as shapes_alone:
        outputs = graph(*(shapes_alone.from_tensor(value) for value in inputs.values()))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return {
        "file": file,
        "inputs": [describe(name, tensor) for name, tensor in inputs.items()],
        "outputs": [describe(name, tensor) for name, tensor in zip(graph.outputs, outputs, strict=True)],
    }


def buckets(largest: int, sizes: tuple[int, ...]) -> list[int]:
    return sorted({size for size in sizes if 1 <= size < largest} | {largest})
