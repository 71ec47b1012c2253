"""The paper's shortcut: next features from the last features and the tokens just revealed (algorithms 1.1 and 1.2)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base_model import BaseModel
from .presets import Preset
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


class ShortcutModel(nn.Module):
    """Residual velocity in feature space. The embeddings of new tokens are the base's own, frozen."""

    def __init__(self, preset: Preset, base: BaseModel):
        super().__init__()
        width = preset.base.width // preset.shortcut.bottleneck
        self.prompt_length = base.prompt_length
        self.register_buffer("token_table", base.token_embedding.weight.detach().clone(), persistent=False)
        self.register_buffer("position_table", base.position.detach()[base.prompt_length :].clone(), persistent=False)
        self.register_buffer("frequencies", torch.exp(-math.log(10_000) * torch.arange(128) / 128), persistent=False)
        self.feature_in = nn.Linear(preset.base.width, width)
        self.new_in = nn.Linear(preset.base.width, width)
        self.blocks = nn.ModuleList(ShortcutBlock(width, preset.shortcut.heads) for _ in range(preset.shortcut.blocks))
        self.norm = nn.LayerNorm(width)
        self.time = nn.Sequential(nn.Linear(256, width), nn.SiLU(), nn.Linear(width, 2 * width))
        self.out = nn.Linear(width, preset.base.width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor,
                mask_ratio: Tensor) -> Tensor:
        """features (rows, L, width), new_* (rows, new) with positions in 0..T-1, mask_ratio (rows,) at the input of
        the step that is predicted -> features (rows, L, width) of that step."""
        new = self.new_in(F.embedding(new_tokens, self.token_table) + F.embedding(new_positions, self.position_table))
        mask = torch.where(new_valid, 0.0, -1e9)[:, None, None, :].to(new.dtype)
        x = self.feature_in(features)
        for block in self.blocks:
            x = block(x, new, mask)
        scale, shift = self.time(self._time_embedding(mask_ratio)).chunk(2, dim=-1)
        x = self.norm(x) * (1 + scale[:, None]) + shift[:, None]
        return features + self.out(x)

    def guided(self, features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor,
               mask_ratio: Tensor) -> Tensor:
        """Both guidance branches: features (rows, 2, L, width) -> the same shape; new tokens are shared."""
        rows = features.shape[0]
        both = features.transpose(0, 1).reshape(2 * rows, *features.shape[2:])
        twice = [torch.cat([part, part]) for part in (new_tokens, new_positions, new_valid, mask_ratio)]
        return self(both, *twice).view(2, rows, *features.shape[2:]).transpose(0, 1)

    def _time_embedding(self, mask_ratio: Tensor) -> Tensor:
        angle = mask_ratio[:, None] * 1000 * self.frequencies
        return torch.cat([torch.cos(angle), torch.sin(angle)], dim=-1)
