"""Resizing as published preprocessing does it, as two matrices in the graph: Pillow's (8 bits a channel, or floats), TensorFlow 1's."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

FRACTION = 1 << 22  # Pillow's weights of 8-bit pictures are whole numbers of so many parts


class Resize(nn.Module):
    """Linear along rows and columns: (rows, 3, height, width) float64, 0 to 255 -> (rows, 3, *size) float32.

    Sums are float64. `whole`: every pass rounds to 0 ... 255, bit for bit as Pillow does with bytes.
    """

    def __init__(self, columns: Tensor, rows: Tensor, *, whole: bool):
        super().__init__()
        self.whole = whole
        self.register_buffer("columns", columns.T.contiguous())  # (width, new width)
        self.register_buffer("rows", rows)  # (new height, height)

    def forward(self, pictures: Tensor) -> Tensor:
        wide = self._rounded(pictures.double() @ self.columns)
        return self._rounded(self.rows @ wide.double())

    def _rounded(self, sums: Tensor) -> Tensor:
        return torch.floor(sums / FRACTION + 0.5).clamp(0, 255).float() if self.whole else sums.float()


def pillow_bytes(size: tuple[int, int], new: tuple[int, int], cropped: tuple[int, int] | None = None) -> Resize:
    """Bicubic and antialiased, on bytes; `cropped` (height, width) is cut out of the middle, as torchvision's CenterCrop does.
    Sizes are (height, width)."""
    matrices = [_middle(_whole(resample(old, into, bicubic, 2)), keep) for old, into, keep in zip(size, new, cropped or new, strict=True)]
    return Resize(matrices[1], matrices[0], whole=True)


def pillow_floats(size: tuple[int, int], new: tuple[int, int]) -> Resize:
    """Bicubic and antialiased, on floats (clean-fid, Parmar et al. 2022)."""
    rows, columns = (resample(old, into, bicubic, 2) for old, into in zip(size, new, strict=True))
    return Resize(columns, rows, whole=False)


def tensorflow1(size: tuple[int, int], new: tuple[int, int]) -> Resize:
    """Bilinear without antialiasing, corners first, as TensorFlow 1 has it and with it the first FID."""
    rows, columns = (_bilinear(old, into) for old, into in zip(size, new, strict=True))
    return Resize(columns, rows, whole=False)


def resample(old: int, new: int, kernel: Callable[[float], float], reach: float) -> Tensor:
    """Pillow's weights of every old sample for every new one, (new, old) float64; the kernel widens where the picture shrinks."""
    if old == new:  # Pillow leaves such an axis as it is
        return torch.eye(old, dtype=torch.float64)
    matrix, scale = torch.zeros(new, old, dtype=torch.float64), old / new
    widened = max(1.0, scale)
    for index in range(new):
        centre = (index + 0.5) * scale
        first = max(0, int(centre - reach * widened + 0.5))
        last = min(old, int(centre + reach * widened + 0.5))
        weights = [kernel((place - centre + 0.5) / widened) for place in range(first, last)]
        total = sum(weights)
        matrix[index, first:last] = torch.tensor([weight / total for weight in weights], dtype=torch.float64)
    return matrix


def bicubic(x: float, a: float = -0.5) -> float:
    x = abs(x)
    if x < 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * a if x < 2 else 0.0


def _bilinear(old: int, new: int) -> Tensor:
    matrix, scale = torch.zeros(new, old, dtype=torch.float64), old / new
    for index in range(new):
        low = math.floor(index * scale)
        matrix[index, low] += 1 - (index * scale - low)
        matrix[index, min(low + 1, old - 1)] += index * scale - low
    return matrix


def _whole(matrix: Tensor) -> Tensor:
    """Halves go away from 0."""
    scaled = matrix * FRACTION
    return torch.trunc(scaled + torch.where(scaled < 0, -0.5, 0.5).double())


def _middle(matrix: Tensor, keep: int) -> Tensor:
    first = round((len(matrix) - keep) / 2)
    return matrix[first : first + keep]
