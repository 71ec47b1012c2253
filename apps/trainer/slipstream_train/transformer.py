"""The pieces the base and the shortcut are made of."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


# From torch 2.9 on some operators export as one node; with earlier ones as their parts, which run slower and give the same.
# A small graph's time is mostly its number of nodes.
ONNX_FLOAT = 1  # float32 by ONNX's numbers
SINGLE_NODES = hasattr(torch.onnx, "ops") and hasattr(torch.onnx.ops, "attention")


def single_nodes() -> bool:
    """Whether an export is under way that may use them."""
    return SINGLE_NODES and torch.compiler.is_exporting()


def found(values: Tensor, place: Tensor) -> Tensor:
    """values (..., length, width), place (..., n) int64 in 0..length-1 -> (..., n, width)."""
    if single_nodes():
        shape = (*place.shape, values.shape[-1])
        attributes = {"batch_dims": place.ndim - 1}
        return torch.onnx.ops.symbolic("GatherND", [values, place[..., None]], attributes, dtype=values.dtype, shape=shape)
    return values.gather(-2, place[..., None].expand(*place.shape, values.shape[-1]))


def taken(values: Tensor, place: Tensor) -> Tensor:
    """values (..., length, *rest), place (..., 1) int64 in 0..length-1 -> (..., *rest): of every stack its one."""
    stacked = place.ndim - 1
    if single_nodes():
        shape = (*place.shape[:-1], *values.shape[place.ndim :])
        return torch.onnx.ops.symbolic("GatherND", [values, place], {"batch_dims": stacked}, dtype=values.dtype, shape=shape)
    rest = values.shape[place.ndim :]
    return values.gather(stacked, place.view(*place.shape, *(1 for _ in rest)).expand(*place.shape, *rest)).squeeze(stacked)


def replaced(values: Tensor, place: Tensor, by: Tensor) -> Tensor:
    """values (rows, length, width) with `by` (rows, n, width) at place (rows, n), distinct. Whole vectors, counted through
    all rows, are replaced faster than their elements are scattered."""
    rows, length = values.shape[:2]
    flat = place + torch.arange(rows, device=place.device)[:, None] * length
    return values.flatten(0, 1).index_put((flat,), by).unflatten(0, (-1, length))


def mix(query: Tensor, key: Tensor, value: Tensor, heads: int, mask: Tensor | None = None, mixed_in: torch.dtype = torch.float32) -> Tensor:
    """Attention of projected queries (rows, n, width) over keys and values (rows, m, width), heads side by side
    -> (rows, n, width). mask: (rows, 1, 1, m) additive, or None. mixed_in: the type of its products; softmax is float32."""
    if mixed_in != query.dtype:
        narrow = (part if part is None else part.to(mixed_in) for part in (mask, query, key, value))
        mask, *parts = narrow
        return mix(*parts, heads, mask, mixed_in).to(query.dtype)
    if single_nodes():
        mask = mask.expand(-1, -1, query.shape[1], -1) if mask is not None else None
        precision = None if query.dtype == torch.float32 else ONNX_FLOAT
        return torch.onnx.ops.attention(query, key, value, mask, q_num_heads=heads, kv_num_heads=heads, softmax_precision=precision)[0]
    split = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (query, key, value))
    return F.scaled_dot_product_attention(*split, attn_mask=mask).transpose(1, 2).flatten(2)


def replace_linears(module: nn.Module, linears: tuple[type[nn.Module], ...], by: Callable[[nn.Module], nn.Module]) -> None:
    """Every layer of one of those types, however deep in the module, becomes what `by` makes of it."""
    for name, child in module.named_children():
        if isinstance(child, linears):
            setattr(module, name, by(child))
        else:
            replace_linears(child, linears, by)


class Attention(nn.Module):
    """Multi-head attention, no dropout; queries (rows, n, width), keys and values from (rows, m, width)."""

    mixed_in = torch.float32

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
        return self.out(mix(self.query(x), *key_value.chunk(2, dim=-1), self.heads, mask, self.mixed_in))


class FeedForward(nn.Module):
    """`hidden` is 4 width where it is not given; `gelu` is tanh, the fast approximation, or none, the exact one."""

    def __init__(self, width: int, hidden: int | None = None, gelu: str = "tanh"):
        super().__init__()
        self.gelu = gelu
        self.up = nn.Linear(width, hidden or 4 * width)
        self.down = nn.Linear(hidden or 4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.up(x), approximate=self.gelu))


class Block(nn.Module):
    """Pre-norm self-attention and feed-forward."""

    def __init__(self, width: int, heads: int, hidden: int | None = None, gelu: str = "tanh"):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width, hidden, gelu)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm1(x)
        x = x + self.attention(normed, normed)
        return x + self.feed_forward(self.norm2(x))

    def partial(self, x: Tensor, place: Tensor, cache: Tensor) -> tuple[Tensor, Tensor]:
        """Some positions against the keys and values of all: x (rows, n, width), place (rows, n),
        cache (rows, L, 2 width) -> x after the block, the cache with theirs renewed."""
        normed = self.norm1(x)
        cache = replaced(cache, place, self.attention.key_value(normed))
        x = x + self.attention.attend(normed, cache)
        return x + self.feed_forward(self.norm2(x)), cache
