"""Transformer blocks of encoders that others published: pre-norm, with the activation that they were trained with."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .published_weights import PublishedWeights
from .transformer import Attention


def quick_gelu(x: Tensor) -> Tensor:
    """OpenAI's CLIP was trained with it."""
    return x * torch.sigmoid(1.702 * x)


ACTIVATIONS = {"quick": quick_gelu, "exact": F.gelu}


class EncoderBlock(nn.Module):
    def __init__(self, width: int, heads: int, hidden: int, *, gelu: str, eps: float = 1e-5):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=eps), nn.LayerNorm(width, eps=eps)
        self.attention = Attention(width, heads)
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.activation = ACTIVATIONS[gelu]

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """x (rows, n, width), mask additive (rows, 1, n, n)."""
        normed = self.norm1(x)
        x = x + self.attention(normed, normed, mask)
        return x + self.down(self.activation(self.up(self.norm2(x))))


def fill(module: nn.Linear | nn.LayerNorm | nn.Embedding | nn.Conv2d, weights: PublishedWeights, name: str) -> None:
    """`name`.weight and, where the module has one, `name`.bias."""
    for part, value in module.named_parameters():
        value.data = weights.take(f"{name}.{part}", *value.shape)


def fill_attention(attention: Attention, weights: PublishedWeights, names: dict[str, str]) -> None:
    """`names` of the four layers: query, key, value, out. Keys and values may be of another width than queries."""
    fill(attention.query, weights, names["query"])
    fill(attention.out, weights, names["out"])
    both, wide = attention.key_value, attention.key_value.out_features // 2
    both.weight.data = torch.cat([weights.take(f"{names[part]}.weight", wide, both.in_features) for part in ("key", "value")])
    both.bias.data = torch.cat([weights.take(f"{names[part]}.bias", wide) for part in ("key", "value")])
