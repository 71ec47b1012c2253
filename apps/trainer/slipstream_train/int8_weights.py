"""Matrices of 8 bits: what a base's blocks multiply with, a quarter of fp32. Arithmetic stays fp32.

Of every BLOCK numbers in a row of a matrix the largest becomes 127 or -127 and the others steps of its 127th: what
ONNX Runtime's MatMulNBits computes with.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .errors import TrainerError
from .transformer import SINGLE_NODES, replace_linears, single_nodes

BLOCK = 32  # numbers that share a scale; fewer lose less and take more room, 32 an eighth more
ZERO = 128  # the level that stands for 0
FP32_ACTIVATIONS = 1  # accuracy_level of MatMulNBits; 4 would round what is multiplied, too


class Int8Linear(nn.Module):
    """A linear layer of 8-bit levels (out, blocks, BLOCK) and their scales (out * blocks). A row that BLOCK does not divide
    ends in zeros."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None):
        super().__init__()
        self.wide_out, self.wide_in = weight.shape
        levels, scales = quantised(weight)
        self.register_buffer("levels", levels)
        self.register_buffer("scales", scales)
        self.bias = bias

    @property
    def weight(self) -> Tensor:
        """float32, as ONNX Runtime multiplies with it."""
        return dequantised(self.levels, self.scales)[:, : self.wide_in]

    def forward(self, x: Tensor) -> Tensor:
        if not single_nodes():
            return F.linear(x, self.weight, self.bias)
        attributes = {"K": self.wide_in, "N": self.wide_out, "bits": 8, "block_size": BLOCK, "accuracy_level": FP32_ACTIVATIONS}
        product = torch.onnx.ops.symbolic(
            "com.microsoft::MatMulNBits", [x, self.levels, self.scales], attributes,
            dtype=x.dtype, shape=(*x.shape[:-1], self.wide_out), version=1,
        )
        return product if self.bias is None else product + self.bias


def quantise(blocks: nn.Module, linears: tuple[type[nn.Module], ...] = (nn.Linear,)) -> None:
    """Every linear layer in `blocks` gets 8 bits. TrainerError where this PyTorch cannot export it."""
    if not SINGLE_NODES:
        raise TrainerError("--weights int8 needs PyTorch 2.9 or newer: install it, or choose fp16")
    replace_linears(blocks, linears, lambda layer: Int8Linear(layer.weight.detach(), getattr(layer, "bias", None)))


def quantised(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(out, in) -> levels (out, blocks, BLOCK) uint8 and scales (out * blocks) float32."""
    values = F.pad(weight.float(), (0, -weight.shape[1] % BLOCK)).unflatten(1, (-1, BLOCK))
    scales = values.abs().amax(-1) / (ZERO - 1)
    levels = torch.round(values / scales.clamp(min=torch.finfo(torch.float32).tiny)[..., None])
    return (levels + ZERO).to(torch.uint8), scales.flatten()


def dequantised(levels: Tensor, scales: Tensor) -> Tensor:
    """(out, blocks * BLOCK): with the zeros that rows end in."""
    return ((levels.float() - ZERO) * scales.view(*levels.shape[:2], 1)).flatten(1)


def int8_bytes(model: nn.Module) -> int:
    """What the 8-bit layers take, beside the parameters."""
    return sum(value.nbytes for module in model.modules() if isinstance(module, Int8Linear) for value in module.buffers())
