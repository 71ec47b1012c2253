"""CLIP (Radford et al. 2021) with a vision transformer: pictures and prompts on one unit sphere. Knows nothing of files."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .encoder_block import EncoderBlock

HIDDEN = -1e4  # what a position that may not be seen adds to its score; fp16 holds it


@dataclass(frozen=True)
class TowerSizes:
    width: int
    layers: int
    hidden: int
    positions: int


@dataclass(frozen=True)
class ClipSizes:
    vision: TowerSizes
    text: TowerSizes
    patch: int
    vocabulary: int
    embedding: int
    head_width: int
    gelu: str

    @property
    def side(self) -> int:
        """Of a picture, in pixels."""
        return round((self.vision.positions - 1) ** 0.5) * self.patch


class ClipVision(nn.Module):
    """(rows, 3, side, side) normalised -> (rows, embedding)."""

    def __init__(self, sizes: ClipSizes):
        super().__init__()
        tower = sizes.vision
        self.patches = nn.Conv2d(3, tower.width, sizes.patch, sizes.patch, bias=False)
        self.start = nn.Parameter(torch.zeros(tower.width))
        self.position = nn.Parameter(torch.zeros(tower.positions, tower.width))
        self.norm_first, self.norm_last = nn.LayerNorm(tower.width), nn.LayerNorm(tower.width)
        self.blocks = _blocks(tower, sizes)
        self.out = nn.Linear(tower.width, sizes.embedding, bias=False)

    def forward(self, pictures: Tensor) -> Tensor:
        patches = self.patches(pictures).flatten(2).transpose(1, 2)
        x = torch.cat([self.start.expand(patches.shape[0], 1, -1), patches], 1) + self.position
        x = self.norm_first(x)
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm_last(x[:, 0]))


class ClipText(nn.Module):
    """(rows, length) ids -> (rows, embedding), read at the first `end`; what stands behind it is never seen."""

    def __init__(self, sizes: ClipSizes, end: int):
        super().__init__()
        tower, self.end = sizes.text, end
        self.word = nn.Embedding(sizes.vocabulary, tower.width)
        self.position = nn.Parameter(torch.zeros(tower.positions, tower.width))
        self.blocks = _blocks(tower, sizes)
        self.norm = nn.LayerNorm(tower.width)
        self.out = nn.Linear(tower.width, sizes.embedding, bias=False)
        self.register_buffer("causal", torch.full((tower.positions, tower.positions), HIDDEN).triu(1), persistent=False)

    def forward(self, text: Tensor) -> Tensor:
        words = self.word.weight[text]  # an embedding node would take the name of the output
        x, mask = words + self.position, self.causal.expand(text.shape[0], 1, -1, -1)
        for block in self.blocks:
            x = block(x, mask)
        first = ((text == self.end).cumsum(1) == 1) & (text == self.end)
        read = (self.norm(x) * first[..., None].float()).sum(1)
        return self.out(read)


class Clip(nn.Module):
    def __init__(self, sizes: ClipSizes, end: int):
        super().__init__()
        self.sizes = sizes
        self.vision, self.language = ClipVision(sizes), ClipText(sizes, end)
        self.log_scale = nn.Parameter(torch.zeros(()))

    def image(self, pictures: Tensor) -> Tensor:
        return F.normalize(self.vision(pictures), dim=-1)

    def text(self, text: Tensor) -> Tensor:
        return F.normalize(self.language(text), dim=-1)


def _blocks(tower: TowerSizes, sizes: ClipSizes) -> nn.ModuleList:
    heads = tower.width // sizes.head_width
    return nn.ModuleList(EncoderBlock(tower.width, heads, tower.hidden, gelu=sizes.gelu) for _ in range(tower.layers))
