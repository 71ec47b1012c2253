"""Inception-v3 as FID uses it (weights of 2015-12-05): described by its layout, its widths read from the tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .published_weights import PublishedWeights

NORM_EPS = 1e-3


@dataclass(frozen=True)
class Conv:
    """A convolution, its norm folded in, and ReLU. An axis keeps its length unless the convolution strides or is `valid`."""

    name: str
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    valid: bool = False


@dataclass(frozen=True)
class Fork:
    """Branches over the same input, one after the other along the channels."""

    branches: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Pool:
    kind: str
    stride: int = 1
    padding: int = 1


Part = Conv | Fork | Pool
SHRINK, MAX, MEAN = Pool("max", stride=2, padding=0), Pool("max"), Pool("mean")


def _convs(*described: tuple[str, int | tuple[int, int]]) -> tuple[Conv, ...]:
    return tuple(Conv(name, (size, size) if isinstance(size, int) else size) for name, size in described)


def _a(name: str) -> Fork:
    return Fork((
        _convs((f"{name}.branch1x1", 1)), _convs((f"{name}.branch5x5_1", 1), (f"{name}.branch5x5_2", 5)),
        _convs((f"{name}.branch3x3dbl_1", 1), (f"{name}.branch3x3dbl_2", 3), (f"{name}.branch3x3dbl_3", 3)),
        (MEAN, *_convs((f"{name}.branch_pool", 1))),
    ))


def _b(name: str) -> Fork:
    return Fork((
        (Conv(f"{name}.branch3x3", (3, 3), stride=2),),
        (*_convs((f"{name}.branch3x3dbl_1", 1), (f"{name}.branch3x3dbl_2", 3)), Conv(f"{name}.branch3x3dbl_3", (3, 3), stride=2)),
        (SHRINK,),
    ))


def _c(name: str) -> Fork:
    long = [(f"{name}.branch7x7dbl_{index}", size) for index, size in enumerate((1, (7, 1), (1, 7), (7, 1), (1, 7)), start=1)]
    return Fork((
        _convs((f"{name}.branch1x1", 1)),
        _convs((f"{name}.branch7x7_1", 1), (f"{name}.branch7x7_2", (1, 7)), (f"{name}.branch7x7_3", (7, 1))),
        _convs(*long), (MEAN, *_convs((f"{name}.branch_pool", 1))),
    ))


def _d(name: str) -> Fork:
    seven = _convs((f"{name}.branch7x7x3_1", 1), (f"{name}.branch7x7x3_2", (1, 7)), (f"{name}.branch7x7x3_3", (7, 1)))
    return Fork((
        (*_convs((f"{name}.branch3x3_1", 1)), Conv(f"{name}.branch3x3_2", (3, 3), stride=2)),
        (*seven, Conv(f"{name}.branch7x7x3_4", (3, 3), stride=2)), (SHRINK,),
    ))


def _e(name: str, pool: Pool) -> Fork:
    def ends(branch: str) -> Fork:
        return Fork((_convs((f"{branch}a", (1, 3))), _convs((f"{branch}b", (3, 1)))))

    return Fork((
        _convs((f"{name}.branch1x1", 1)), (*_convs((f"{name}.branch3x3_1", 1)), ends(f"{name}.branch3x3_2")),
        (*_convs((f"{name}.branch3x3dbl_1", 1), (f"{name}.branch3x3dbl_2", 3)), ends(f"{name}.branch3x3dbl_3")),
        (pool, *_convs((f"{name}.branch_pool", 1))),
    ))


LAYOUT: tuple[Part, ...] = (
    Conv("Conv2d_1a_3x3", (3, 3), stride=2), Conv("Conv2d_2a_3x3", (3, 3), valid=True), Conv("Conv2d_2b_3x3", (3, 3)), SHRINK,
    Conv("Conv2d_3b_1x1"), Conv("Conv2d_4a_3x3", (3, 3), valid=True), SHRINK,
    *(_a(f"Mixed_5{letter}") for letter in "bcd"), _b("Mixed_6a"), *(_c(f"Mixed_6{letter}") for letter in "bcde"),
    _d("Mixed_7a"), _e("Mixed_7b", MEAN), _e("Mixed_7c", MAX),
)


class Inception(nn.Module):
    """(rows, 3, side, side) in [-1, 1] -> features (rows, d) and logits (rows, labels)."""

    def __init__(self, weights: PublishedWeights):
        super().__init__()
        self.layers, width = _chain(weights, LAYOUT, 3)
        self.head = nn.Linear(width, weights.shape("fc.weight", 2)[0])
        self.head.weight.data = weights.take("fc.weight", *self.head.weight.shape)
        self.head.bias.data = weights.take("fc.bias", len(self.head.bias))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        features = self.layers(pictures).mean((2, 3))
        return features, self.head(features)


class Branches(nn.ModuleList):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self], 1)


def _chain(weights: PublishedWeights, parts: Sequence[Part], width: int) -> tuple[nn.Sequential, int]:
    modules = []
    for part in parts:
        module, width = _module(weights, part, width)
        modules.append(module)
    return nn.Sequential(*modules), width


def _module(weights: PublishedWeights, part: Part, width: int) -> tuple[nn.Module, int]:
    if isinstance(part, Conv):
        conv = _folded(weights, part, width)
        return nn.Sequential(conv, nn.ReLU()), conv.out_channels
    if isinstance(part, Fork):
        chains = [_chain(weights, branch, width) for branch in part.branches]
        return Branches(chain for chain, _ in chains), sum(each for _, each in chains)
    if part.kind == "max":
        return nn.MaxPool2d(3, part.stride, part.padding), width
    return nn.AvgPool2d(3, part.stride, part.padding, count_include_pad=False), width  # TensorFlow's does not count the border


def _folded(weights: PublishedWeights, part: Conv, width: int) -> nn.Conv2d:
    wide_out = weights.shape(f"{part.name}.conv.weight", 4)[0]
    weight = weights.take(f"{part.name}.conv.weight", wide_out, width, *part.kernel).double()
    scale, shift, mean, variance = (
        weights.take(f"{part.name}.bn.{name}", wide_out).double() for name in ("weight", "bias", "running_mean", "running_var")
    )
    weights.leave(f"{part.name}.bn.num_batches_tracked")
    padding = (0, 0) if part.valid or part.stride > 1 else tuple(size // 2 for size in part.kernel)
    conv = nn.Conv2d(width, wide_out, part.kernel, part.stride, padding)
    factor = scale / torch.sqrt(variance + NORM_EPS)
    conv.weight.data = (weight * factor[:, None, None, None]).float()
    conv.bias.data = (shift - mean * factor).float()
    return conv
