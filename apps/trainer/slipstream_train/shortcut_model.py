"""The shortcuts: the paper's, one step ahead (algorithms 1.1 and 1.2), and the anchored one, any number of steps ahead."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base_model import BaseModel
from .presets import Preset, ShortcutPreset
from .transformer import Attention, FeedForward


class ShortcutBlock(nn.Module):
    """Cross-attention to new tokens only, feed-forward, self-attention, feed-forward; all pre-norm."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(4))
        self.norm_new = nn.LayerNorm(width)
        self.cross_attention = Attention(width, heads)
        self.cross_feed_forward = FeedForward(width)
        self.self_attention = Attention(width, heads)
        self.self_feed_forward = FeedForward(width)

    def forward(self, x: Tensor, new: Tensor, mask: Tensor) -> Tensor:
        x = x + self.cross_attention(self.norms[0](x), self.norm_new(new), mask)
        x = x + self.cross_feed_forward(self.norms[1](x))
        normed = self.norms[2](x)
        x = x + self.self_attention(normed, normed)
        return x + self.self_feed_forward(self.norms[3](x))


class Shortcut(nn.Module):
    """What both have in common: a residual velocity in feature space, modulated at the end by mask ratios (adaLN).
    The embeddings of new tokens are the base's own, frozen."""

    def __init__(self, sizes: ShortcutPreset, base: BaseModel, mask_ratios: int):
        super().__init__()
        base_width = base.token_embedding.embedding_dim
        width = base_width // sizes.bottleneck
        self.prompt_length = base.prompt_length
        self.register_buffer("token_table", base.token_embedding.weight.detach().clone(), persistent=False)
        self.register_buffer("position_table", base.position.detach()[base.prompt_length :].clone(), persistent=False)
        self.register_buffer("frequencies", torch.exp(-math.log(10_000) * torch.arange(128) / 128), persistent=False)
        self.feature_in = nn.Linear(base_width, width)
        self.new_in = nn.Linear(base_width, width)
        self.blocks = nn.ModuleList(ShortcutBlock(width, sizes.heads) for _ in range(sizes.blocks))
        self.norm = nn.LayerNorm(width)
        self.time = nn.Sequential(nn.Linear(256 * mask_ratios, width), nn.SiLU(), nn.Linear(width, 2 * width))
        self.out = nn.Linear(width, base_width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def guided(self, features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor,
               *mask_ratios: Tensor) -> Tensor:
        """features (rows, branches, L, width), new_* (rows, new) with positions in 0..T-1, each mask ratio (rows,), the
        last one that at the input of the step that is predicted -> features of that step, the same shape. The branches
        share the new tokens and the ratios."""
        rows, branches = features.shape[:2]
        new = self.new_in(F.embedding(new_tokens, self.token_table) + F.embedding(new_positions, self.position_table))
        mask = torch.where(new_valid, 0.0, -1e9)[:, None, None, :].to(new.dtype)
        new, mask = (part[:, None].expand(-1, branches, *part.shape[1:]).flatten(0, 1) for part in (new, mask))
        x = self.feature_in(features.flatten(0, 1))
        for block in self.blocks:
            x = block(x, new, mask)
        time = torch.cat([self._time_embedding(ratio) for ratio in mask_ratios], dim=-1)
        scale, shift = self.time(time)[:, None, None].chunk(2, dim=-1)
        x = self.norm(x).unflatten(0, (rows, branches)) * (1 + scale) + shift
        return features + self.out(x)

    def _time_embedding(self, mask_ratio: Tensor) -> Tensor:
        angle = mask_ratio[:, None] * 1000 * self.frequencies
        return torch.cat([torch.cos(angle), torch.sin(angle)], dim=-1)


class ShortcutModel(Shortcut):
    """From the last step's features and what it revealed; called with (features, new_*, mask_ratio)."""

    def __init__(self, preset: Preset, base: BaseModel):
        super().__init__(preset.shortcut, base, mask_ratios=1)


class AnchoredModel(Shortcut):
    """From the last full step's features and all that was revealed since, so that errors do not compound; called with
    (features, new_*, anchor_mask_ratio, mask_ratio)."""

    def __init__(self, preset: Preset, base: BaseModel):
        super().__init__(preset.anchored, base, mask_ratios=2)
