"""The shortcuts: the paper's, one step ahead (algorithms 1.1 and 1.2), and the anchored one, any number of steps ahead."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base_model import BaseModel, MaskedTransformer
from .presets import Preset, ShortcutPreset
from .transformer import Attention, FeedForward, found, mix


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


class StepShortcut(nn.Module):
    """The paper's: from the last step's features and what it revealed, a residual velocity in feature space, modulated at
    the end by the mask ratio (adaLN). The embeddings of new tokens are the base's own, frozen.

    A subclass sets `feature_in`, `new_in`, `blocks`, `norm`, `time` (mask ratio's embedding -> scale and shift) and `out`.
    """

    def __init__(self, base: MaskedTransformer):
        super().__init__()
        self.prompt_length = base.prompt_length
        self.register_buffer("token_table", base.token_embedding.weight.detach().clone(), persistent=False)
        self.register_buffer("position_table", base.position.detach()[base.prompt_length :].clone(), persistent=False)
        self.register_buffer("frequencies", frequencies(), persistent=False)

    def guided(self, features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor, mask_ratio: Tensor,
               prompt: Tensor | None = None) -> Tensor:
        """features (rows, branches, L, width), new_* (rows, new) with positions in 0..T-1, mask_ratio (rows,) at the input
        of the step that is predicted -> features of that step, the same shape. The branches share the new tokens. prompt (rows, branches, P) is for shortcuts
        that read it."""
        return features + self.change(features, new_tokens, new_positions, new_valid, mask_ratio, prompt)

    def change(self, features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor, mask_ratio: Tensor,
               prompt: Tensor | None = None) -> Tensor:
        """What `guided` adds to the features."""
        rows, branches = features.shape[:2]
        new = self.new_in(F.embedding(new_tokens, self.token_table) + F.embedding(new_positions, self.position_table))
        mask = torch.where(new_valid, 0.0, -1e9)[:, None, None, :].to(new.dtype)
        new, mask = (part[:, None].expand(-1, branches, *part.shape[1:]).flatten(0, 1) for part in (new, mask))
        x = self.feature_in(features.flatten(0, 1))
        for block in self.blocks:
            x = block(x, new, mask)
        return self.widened(x.unflatten(0, (rows, branches)), mask_ratio)

    def widened(self, x: Tensor, mask_ratio: Tensor) -> Tensor:
        """What the blocks made of the features, (rows, branches, L, narrow) -> (rows, branches, L, width)."""
        scale, shift = self.time(time_embedding(mask_ratio, self.frequencies))[:, None, None].chunk(2, dim=-1)
        return self.out(self.norm(x) * (1 + scale) + shift)


class ShortcutModel(StepShortcut):
    """The one trained here."""

    def __init__(self, preset: Preset, base: BaseModel):
        super().__init__(base)
        sizes, base_width = preset.shortcut, base.token_embedding.embedding_dim
        width = base_width // sizes.bottleneck
        self.feature_in = nn.Linear(base_width, width)
        self.new_in = nn.Linear(base_width, width)
        self.blocks = nn.ModuleList(ShortcutBlock(width, sizes.heads) for _ in range(sizes.blocks))
        self.norm = nn.LayerNorm(width)
        self.time = nn.Sequential(nn.Linear(256, width), nn.SiLU(), nn.Linear(width, 2 * width))
        self.out = nn.Linear(width, base_width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)


class AnchoredBlock(nn.Module):
    """Attention from the masked positions to all that is known, then feed-forward; pre-norm, without biases."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.norm_feed_forward = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        x = x + self.out(mix(self.query(self.norm(x)), self.key(known), self.value(known), self.heads))
        return x + self.down(F.gelu(self.up(self.norm_feed_forward(x)), approximate="tanh"))


class AnchoredModel(nn.Module):
    """From the last full step's features and all that was revealed since, so that errors do not compound.

    What was revealed lies on the anchor's features, each token at its position; from there attention carries it to the
    masked positions. Nobody goes on from what is predicted, so it is predicted there alone, where a step samples. Both
    guidance branches lie side by side in one stream: half the work, and their difference, which guidance magnifies, is
    predicted as such.
    """

    def __init__(self, preset: Preset, base: BaseModel):
        super().__init__()
        sizes, (tokens, base_width) = preset.anchored, base.token_embedding.weight.shape
        self.prompt_length = base.prompt_length
        self.feature_in = nn.Linear(2 * base_width, sizes.width, bias=False)
        self.token_in = nn.Embedding(tokens, sizes.width)
        self.ratio_in = nn.Linear(2, sizes.width, bias=False)
        self.norm_known = nn.LayerNorm(sizes.width)
        self.blocks = nn.ModuleList(AnchoredBlock(sizes.width, sizes.heads) for _ in range(sizes.blocks))
        self.norm = nn.LayerNorm(sizes.width)
        self.out = nn.Linear(sizes.width, 2 * base_width, bias=False)
        nn.init.zeros_(self.out.weight)
        with torch.no_grad():  # codes that are alike to the base begin alike
            self.token_in.weight.copy_(F.linear(base.token_embedding.weight.to(self.feature_in.weight), self.feature_in.weight[:, :base_width]))

    def forward(self, anchor: Tensor, revealed: Tensor, positions: Tensor, ratios: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """anchor (rows, branches, L, width); revealed (rows, T), the token revealed since at its position and the mask
        elsewhere; positions (rows, M) in 0..T-1; ratios of masked tokens at the input of the anchor's step and of the
        predicted one, each (rows,) -> features at the positions of the conditional and the unconditional branch, each
        (rows, M, width). With one branch, as rows without guidance have, both are its.
        """
        both = torch.cat([anchor[:, 0], anchor[:, -1]], dim=-1)
        known = self.feature_in(both) + F.pad(self.token_in(revealed), (0, 0, self.prompt_length, 0))
        place = self.prompt_length + positions
        x = found(known, place) + self.ratio_in(torch.stack(ratios, dim=-1))[:, None]
        known = self.norm_known(known)
        for block in self.blocks:
            x = block(x, known)
        conditional, unconditional = (found(both, place) + self.out(self.norm(x))).chunk(2, dim=-1)
        return conditional, unconditional


def frequencies() -> Tensor:
    return torch.exp(-math.log(10_000) * torch.arange(128) / 128)


def time_embedding(mask_ratio: Tensor, frequencies: Tensor) -> Tensor:
    """(rows,) -> (rows, 256), cosines first (algorithms 1.1)."""
    angle = mask_ratio[:, None] * 1000 * frequencies
    return torch.cat([torch.cos(angle), torch.sin(angle)], dim=-1)
