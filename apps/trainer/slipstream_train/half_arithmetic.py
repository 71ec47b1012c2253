"""Products in fp16, for processors that are faster at them: the linear layers and the attention of a base's blocks. Norms, the
residual stream, softmax, head, sampling and the shortcut stay fp32.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .errors import TrainerError
from .transformer import replace_linears

Arithmetic = Literal["fp32", "fp16"]


class HalfLinear(nn.Module):
    """A linear layer that multiplies in fp16, from fp32 to fp32. The bias is added in fp32."""

    def __init__(self, weight: Tensor, bias: nn.Parameter | None = None):
        super().__init__()
        self.weight = nn.Parameter(weight.half(), requires_grad=False)
        self.bias = bias

    def forward(self, x: Tensor) -> Tensor:
        product = F.linear(x.half(), self.weight).float()
        return product if self.bias is None else product + self.bias


def multiply_in_halves(blocks: nn.Module, linears: tuple[type[nn.Module], ...] = (nn.Linear,)) -> None:
    """TrainerError naming the layer whose weights fp16 cannot hold."""
    for name, layer in blocks.named_modules():
        if isinstance(layer, linears) and not layer.weight.half().isfinite().all():
            raise TrainerError(f"the base's blocks.{name} has weights beyond 65504, the largest of fp16: leave --arithmetic fp32")
        if hasattr(layer, "mixed_in"):
            layer.mixed_in = torch.float16
    replace_linears(blocks, linears, lambda layer: HalfLinear(layer.weight.detach(), getattr(layer, "bias", None)))


def multiplies_in_halves(module: nn.Module) -> bool:
    return any(isinstance(part, HalfLinear) for part in module.modules())


def stored_for(arithmetic: Arithmetic, weights: str | None, otherwise: str) -> str:
    """The type that weights are stored in where `weights` may say so and need not. TrainerError where they do not go together."""
    if arithmetic == "fp16" and weights not in (None, "fp16"):
        raise TrainerError(f"--arithmetic fp16 multiplies with fp16 weights, --weights says {weights}: leave one of them out")
    return "fp16" if arithmetic == "fp16" else weights or otherwise
