"""ImageReward (Xu et al. 2023): BLIP's picture encoder, a BERT that looks at the picture in every layer, and a small head."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .encoder_block import EncoderBlock
from .transformer import Attention

HEAD_WIDTH = 64  # of every attention, as published
VISION_EPS, TEXT_EPS = 1e-6, 1e-12
MEAN, DEVIATION = 0.16717362830052426, 1.0333394966054072  # of the published model's rewards


@dataclass(frozen=True)
class RewardSizes:
    vision: int
    vision_layers: int
    vision_hidden: int
    positions: int
    patch: int
    text: int
    text_layers: int
    text_hidden: int
    vocabulary: int
    longest: int
    head: tuple[int, ...]
    """Widths behind each layer of the head."""
    head_width: int = HEAD_WIDTH

    @property
    def side(self) -> int:
        """Of a picture, in pixels."""
        return round((self.positions - 1) ** 0.5) * self.patch


class RewardVision(nn.Module):
    """(rows, 3, side, side) normalised -> (rows, positions, width), the whole picture first."""

    def __init__(self, sizes: RewardSizes):
        super().__init__()
        width = sizes.vision
        self.patches = nn.Conv2d(3, width, sizes.patch, sizes.patch)
        self.start, self.position = nn.Parameter(torch.zeros(1, 1, width)), nn.Parameter(torch.zeros(1, sizes.positions, width))
        heads = width // sizes.head_width
        self.blocks = nn.ModuleList(
            EncoderBlock(width, heads, sizes.vision_hidden, gelu="exact", eps=VISION_EPS) for _ in range(sizes.vision_layers)
        )
        self.norm = nn.LayerNorm(width, eps=VISION_EPS)

    def forward(self, pictures: Tensor) -> Tensor:
        patches = self.patches(pictures).flatten(2).transpose(1, 2)
        x = torch.cat([self.start.expand(patches.shape[0], -1, -1), patches], 1) + self.position
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class RewardTextBlock(nn.Module):
    """Self-attention, attention to the picture, feed-forward; each normed after it was added."""

    def __init__(self, sizes: RewardSizes):
        super().__init__()
        width, heads = sizes.text, sizes.text // sizes.head_width
        self.own, self.picture = Attention(width, heads), Attention(width, heads)
        self.picture.key_value = nn.Linear(sizes.vision, 2 * width)
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=TEXT_EPS) for _ in range(3))
        self.up, self.down = nn.Linear(width, sizes.text_hidden), nn.Linear(sizes.text_hidden, width)

    def forward(self, x: Tensor, patches: Tensor, mask: Tensor) -> Tensor:
        x = self.norms[0](x + self.own(x, x, mask))
        x = self.norms[1](x + self.picture(x, patches))
        return self.norms[2](x + self.down(F.gelu(self.up(x))))


class RewardText(nn.Module):
    """Ids (rows, length) and patches (rows, positions, width) -> reward (rows, 1)."""

    def __init__(self, sizes: RewardSizes, pad: int):
        super().__init__()
        self.pad = pad
        self.word, self.position = nn.Embedding(sizes.vocabulary, sizes.text), nn.Embedding(sizes.longest, sizes.text)
        self.norm = nn.LayerNorm(sizes.text, eps=TEXT_EPS)
        self.blocks = nn.ModuleList(RewardTextBlock(sizes) for _ in range(sizes.text_layers))
        self.head = nn.Sequential(*[nn.Linear(wide_in, wide_out) for wide_in, wide_out in zip((sizes.text, *sizes.head), sizes.head, strict=False)])

    def forward(self, text: Tensor, patches: Tensor) -> Tensor:
        x = self.norm(self.word.weight[text] + self.position.weight[: text.shape[1]])
        mask = torch.where(text == self.pad, -1e9, 0.0)[:, None, None, :]
        for block in self.blocks:
            x = block(x, patches, mask)
        return (self.head(x[:, 0]) - MEAN) / DEVIATION


class ImageReward(nn.Module):
    def __init__(self, sizes: RewardSizes, pad: int):
        super().__init__()
        self.sizes = sizes
        self.vision, self.language = RewardVision(sizes), RewardText(sizes, pad)
