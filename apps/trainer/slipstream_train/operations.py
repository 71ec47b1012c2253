"""What a graph computes at least, counted from its sizes alone: for floors that a measurement is held against."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from .graphs import Graph
from .half_arithmetic import HalfLinear
from .int8_weights import Int8Linear


def count_operations(graph: Graph, inputs: dict[str, Tensor]) -> dict[str, int]:
    """Of one row of `inputs`: sums and products of matrices, convolutions and attention, and bytes of the weights that
    they read, in the types that the modules hold them in."""
    counted = FlopCounterMode(display=False, custom_mapping={torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention})
    seen: set[int] = set()
    with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True) as shapes_alone, counted, _Reading(seen):
        graph(*(shapes_alone.from_tensor(value) for value in inputs.values()))
    rows = next(iter(inputs.values())).shape[0]
    held = (value for module in graph.modules() if id(module) in seen for value in (*module.parameters(recurse=False), *module.buffers(recurse=False)))
    weights = {id(value): value.nbytes for value in held}
    return {"operations": counted.get_total_flops() // rows, "weightBytes": sum(weights.values())}


def _attention(query: tuple[int, ...], key: tuple[int, ...], value: tuple[int, ...], *_: object, **__: object) -> int:
    """Shapes (rows, heads, n, width), (rows, heads, m, width) twice."""
    return 2 * math.prod(query[:3]) * key[2] * (query[3] + value[3])


class _Reading:
    """Notes every linear layer and convolution that runs."""

    def __init__(self, seen: set[int]):
        self.seen = seen

    def __enter__(self) -> None:
        self.hook = nn.modules.module.register_module_forward_hook(self._note)

    def __exit__(self, *_: object) -> None:
        self.hook.remove()

    def _note(self, module: nn.Module, *_: object) -> None:
        if isinstance(module, (nn.Linear, nn.Conv2d, Int8Linear, HalfLinear)):
            self.seen.add(id(module))
