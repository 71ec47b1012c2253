"""Small harmless changes to a batch of pictures, each row its own: a scorer must not mind them."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

MOVED_SHARE = 0.75  # the others stay sharp: moving a picture resamples it
SHIFT, SCALE = 0.12, (0.88, 1.14)  # of half the side, of the size
GAIN, SATURATION, HUE_DEGREES = (0.8, 1.2), (0.7, 1.3), 15.0
NOISE = 0.04


def augment(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """(rows, 4, side, side) premultiplied in [0, 1] -> (rows, 3, side, side) on white in [0, 1]."""
    moved = _move(pictures, generator)
    white = on_white(torch.cat([_recolour(moved, generator), moved[:, 3:]], 1))
    blurred = white + _uniform(white, (0, 1), generator) ** 2 * (_blur(white) - white)
    noise = torch.randn(white.shape, generator=generator).to(white.device)
    return (blurred + _uniform(white, (0, NOISE), generator) * noise).clamp(0, 1)


def on_white(premultiplied: Tensor) -> Tensor:
    return premultiplied[:, :3] + 1 - premultiplied[:, 3:]


def _move(pictures: Tensor, generator: torch.Generator) -> Tensor:
    rows, eye = len(pictures), torch.eye(2, 3)
    zoom = SCALE[0] + (SCALE[1] - SCALE[0]) * torch.rand(rows, 1, 1, generator=generator)
    shift = SHIFT * (2 * torch.rand(rows, 2, 1, generator=generator) - 1)
    change = torch.cat([eye[:, :2] / zoom, shift], 2)
    change = torch.where(torch.rand(rows, 1, 1, generator=generator) < MOVED_SHARE, change, eye)
    grid = F.affine_grid(change.to(pictures.device), list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)


def _recolour(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Hue turned about the grey axis, saturation and brightness scaled; linear, so premultiplied colours may stay so."""
    angle = math.radians(HUE_DEGREES) * _uniform(pictures, (-1, 1), generator)[:, 0]  # (rows, 1, 1)
    saturation, gain = (_uniform(pictures, span, generator)[:, 0] for span in (SATURATION, GAIN))
    eye, grey = torch.eye(3, device=pictures.device), torch.full((3, 3), 1 / 3, device=pictures.device)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=pictures.device) / math.sqrt(3)
    turn = angle.cos() * (eye - grey) + grey + angle.sin() * cross
    change = gain * (saturation * eye + (1 - saturation) * grey) @ turn
    colours = torch.einsum("rij,rjyx->riyx", change, pictures[:, :3])
    return torch.minimum(colours.clamp(min=0), pictures[:, 3:])


def _blur(pictures: Tensor) -> Tensor:
    line = torch.tensor([0.25, 0.5, 0.25], device=pictures.device)
    kernel = torch.outer(line, line).expand(3, 1, 3, 3)
    return F.conv2d(F.pad(pictures, (1, 1, 1, 1), mode="replicate"), kernel, groups=3)


def _uniform(like: Tensor, span: tuple[float, float], generator: torch.Generator) -> Tensor:
    low, high = span
    return (low + (high - low) * torch.rand(len(like), 1, 1, 1, generator=generator)).to(like.device)
