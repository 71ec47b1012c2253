"""MaskGIT as published (valeoai v1.0; algorithms 1.1): base and shortcut. Knows nothing of files.

The class token is published behind the picture. Here it lies before it, where a bundle has its prompt: nothing but the
position table and the head's bias tells positions apart, and they are turned along.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base_model import MaskedTransformer
from .shortcut_model import StepShortcut
from .transformer import Attention, Block, FeedForward

OUTER_EPS = 1e-12  # of the norms outside the blocks


@dataclass(frozen=True)
class MaskgitSizes:
    codes: int
    classes: int
    width: int
    layers: int
    heads: int
    hidden: int
    image_tokens: int


@dataclass(frozen=True)
class MaskgitShortcutSizes:
    width: int
    blocks: int
    heads: int
    time: int
    """Width between the two layers of the mask ratio's embedding."""


class MaskgitBase(MaskedTransformer):
    """Prompt ids are classes; the one after the last class stands for no class."""

    prompt_length = 1

    def __init__(self, sizes: MaskgitSizes):
        super().__init__()
        self.mask_token, self.unconditional = sizes.codes, sizes.classes
        positions = self.prompt_length + sizes.image_tokens
        self.class_embedding = nn.Embedding(sizes.classes + 1, sizes.width)
        self.token_embedding = nn.Embedding(sizes.codes + 1, sizes.width)
        self.position = nn.Parameter(torch.zeros(positions, sizes.width))
        self.first = nn.Sequential(*_normed_layer(sizes.width), nn.Linear(sizes.width, sizes.width))
        self.blocks = nn.ModuleList(Block(sizes.width, sizes.heads, sizes.hidden, gelu="none") for _ in range(sizes.layers))
        self.norm = nn.Sequential(*_normed_layer(sizes.width))
        self.head = nn.Linear(sizes.width, sizes.codes, bias=False)
        self.head_bias = nn.Parameter(torch.zeros(positions, sizes.codes))

    @property
    def prompt_ids(self) -> int:
        return self.class_embedding.num_embeddings

    def stem(self, prompt: Tensor, tokens: Tensor) -> Tensor:
        embedded = torch.cat([self.class_embedding(prompt), self.token_embedding(tokens)], dim=1)
        return self.first(embedded + self.position)

    def logits_at(self, features: Tensor, positions: Tensor) -> Tensor:
        return self.head(features) + F.embedding(self.prompt_length + positions, self.head_bias)

    def logits_everywhere(self, features: Tensor) -> Tensor:
        return self.head(features) + self.head_bias


class MaskgitShortcutBlock(nn.Module):
    """Only the queries are normed: keys and values are the new tokens, and x itself, as they are."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(4))
        self.cross_attention = Attention(width, heads)
        self.cross_feed_forward = FeedForward(width, gelu="none")
        self.self_attention = Attention(width, heads)
        self.self_feed_forward = FeedForward(width, gelu="none")

    def forward(self, x: Tensor, new: Tensor, mask: Tensor) -> Tensor:
        x = x + self.cross_attention(self.norms[0](x), new, mask)
        x = x + self.cross_feed_forward(self.norms[1](x))
        x = x + self.self_attention(self.norms[2](x), x)
        return x + self.self_feed_forward(self.norms[3](x))


class MaskgitShortcut(StepShortcut):
    def __init__(self, sizes: MaskgitShortcutSizes, base: MaskgitBase):
        super().__init__(base)
        self.sizes, width, base_width = sizes, sizes.width, base.token_embedding.embedding_dim
        self.feature_in = nn.Linear(base_width, width)
        self.new_in = nn.Linear(base_width, width)
        self.blocks = nn.ModuleList(MaskgitShortcutBlock(width, sizes.heads) for _ in range(sizes.blocks))
        self.norm = nn.Sequential(*_normed_layer(width))
        self.time = nn.Sequential(nn.Linear(256, sizes.time), nn.SiLU(), nn.Linear(sizes.time, width), nn.Linear(width, 2 * width))
        self.out = nn.Linear(width, base_width)


def _normed_layer(width: int) -> tuple[nn.Module, ...]:
    return nn.LayerNorm(width, eps=OUTER_EPS), nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width, eps=OUTER_EPS)
