"""The pieces the base and the shortcut are made of."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head attention, no dropout; queries (rows, n, width), keys and values from (rows, m, width)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, context: Tensor, mask: Tensor | None = None) -> Tensor:
        """mask: (rows, 1, 1, m) additive, or None."""
        return self.attend(x, self.key_value(context), mask)

    def attend(self, x: Tensor, key_value: Tensor, mask: Tensor | None = None) -> Tensor:
        """The same with keys and values already projected: key_value (rows, m, 2 width), keys first."""
        query = self._split(self.query(x))
        key, value = (self._split(part) for part in key_value.chunk(2, dim=-1))
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        rows, length, width = x.shape
        return x.view(rows, length, self.heads, width // self.heads).transpose(1, 2)


class FeedForward(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.up(x), approximate="tanh"))


class Block(nn.Module):
    """Pre-norm self-attention and feed-forward."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm1(x)
        x = x + self.attention(normed, normed)
        return x + self.feed_forward(self.norm2(x))

    def partial(self, x: Tensor, place: Tensor, cache: Tensor) -> tuple[Tensor, Tensor]:
        """Some positions against the keys and values of all: x (rows, n, width), place (rows, n, 1) of int64 positions,
        cache (rows, L, 2 width) -> x after the block, the cache with their rows renewed."""
        normed = self.norm1(x)
        cache = cache.scatter(1, place.expand(-1, -1, cache.shape[-1]), self.attention.key_value(normed))
        x = x + self.attention.attend(normed, cache)
        return x + self.feed_forward(self.norm2(x)), cache
