"""The pieces the base and the shortcut are made of."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


# From torch 2.9 on attention exports as one node; with earlier ones as its parts, which run slower and give the same.
ATTENTION_NODE = hasattr(torch.onnx, "ops") and hasattr(torch.onnx.ops, "attention")


def flat_place(place: Tensor, length: int) -> Tensor:
    """place (rows, n) int64 in 0..length-1 -> the same counted through all rows: whole vectors are found and replaced
    faster by it than by a gather and a scatter of their elements."""
    return place + torch.arange(place.shape[0], device=place.device)[:, None] * length


def found(values: Tensor, place: Tensor) -> Tensor:
    """values (rows, length, width), flat place (rows, n) -> (rows, n, width)."""
    return F.embedding(place, values.flatten(0, 1))


def replaced(values: Tensor, place: Tensor, by: Tensor) -> Tensor:
    """values (rows, length, width) with `by` (rows, n, width) at flat place (rows, n), distinct."""
    flat = values.flatten(0, 1).index_put((place,), by)
    return flat.unflatten(0, (-1, values.shape[1]))


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
        query, (key, value) = self.query(x), key_value.chunk(2, dim=-1)
        if ATTENTION_NODE and torch.compiler.is_exporting():  # takes the heads side by side
            mask = mask.expand(-1, -1, x.shape[1], -1) if mask is not None else None
            mixed = torch.onnx.ops.attention(query, key, value, mask, q_num_heads=self.heads, kv_num_heads=self.heads)[0]
        else:
            split = F.scaled_dot_product_attention(*(self._split(part) for part in (query, key, value)), attn_mask=mask)
            mixed = split.transpose(1, 2).flatten(2)
        return self.out(mixed)

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
        """Some positions against the keys and values of all: x (rows, n, width), place (rows, n) as of `flat_place`,
        cache (rows, L, 2 width) -> x after the block, the cache with theirs renewed."""
        normed = self.norm1(x)
        cache = replaced(cache, place, self.attention.key_value(normed))
        x = x + self.attention.attend(normed, cache)
        return x + self.feed_forward(self.norm2(x)), cache
