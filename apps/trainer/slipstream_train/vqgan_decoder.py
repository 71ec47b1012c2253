"""The decoder of a VQGAN (Esser et al. 2021), its parts under the names that published files give them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GROUPS, EPS = 32, 1e-6


@dataclass(frozen=True)
class Level:
    """One resolution, coarsest last: channels that its first block takes and that it hands on."""

    channels_in: int
    channels_out: int
    blocks: int
    attends: bool


@dataclass(frozen=True)
class VqganSizes:
    codes: int
    code_channels: int
    latent_channels: int
    levels: tuple[Level, ...]
    middle_attends: bool = True
    signed: bool = True  # colours of [-1, 1], else of [0, 1]
    grid: tuple[int, int] | None = None  # height and width in tokens; none: a square

    @property
    def factor(self) -> int:
        """Pixels to a side of a token."""
        return 2 ** (len(self.levels) - 1)


class ResidualBlock(nn.Module):
    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, channels_in, EPS)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, channels_out, EPS)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.nin_shortcut = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else None

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv1(F.silu(self.norm1(x)))
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return (self.nin_shortcut(x) if self.nin_shortcut else x) + hidden


class SpatialAttention(nn.Module):
    """One head over all places, as many channels as there are."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, channels, EPS)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm(x)
        query, key, value = (project(normed).flatten(2).transpose(1, 2)[:, None] for project in (self.q, self.k, self.v))
        mixed = F.scaled_dot_product_attention(query, key, value)[:, 0].transpose(1, 2).unflatten(2, x.shape[2:])
        return x + self.proj_out(mixed)


class Upsample(nn.Module):
    """Each place four times, then a convolution: as it is published, until it is folded."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class FoldedUpsample(nn.Module):
    """The same with 4 of 9 products. A new place sees 2 x 2 old ones, some of them more than once, with weights that can be
    summed beforehand: other sums for the new places of even and odd rows and columns, so a convolution for each kind."""

    def __init__(self, conv: nn.Conv2d):
        super().__init__()
        rows = _summed(conv.weight.detach(), 2)
        self.convs = nn.ModuleList(_convolution(weight, conv.bias) for each in rows for weight in _summed(each, 3))

    def forward(self, x: Tensor) -> Tensor:
        """(rows, channels, height, width) -> (rows, channels, 2 height, 2 width)."""
        above, below = (1, 0), (0, 1)
        sides = [(*across, *down) for down in (above, below) for across in (above, below)]
        kinds = [conv(F.pad(x, side)) for conv, side in zip(self.convs, sides, strict=True)]
        return F.pixel_shuffle(torch.stack(kinds, 2).flatten(1, 2), 2)


def _summed(weight: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Three weights along an axis -> two for the even places, which see the old one before them, and two for the odd."""
    first, middle, last = weight.unbind(axis)
    return torch.stack([first, middle + last], axis), torch.stack([first + middle, last], axis)


def _convolution(weight: Tensor, bias: Tensor) -> nn.Conv2d:
    conv = nn.Conv2d(*weight.shape[1::-1], weight.shape[2:]).requires_grad_(False)
    conv.weight.data, conv.bias.data = weight, bias.detach().clone()
    return conv


class UpLevel(nn.Module):
    def __init__(self, level: Level, upsamples: bool):
        super().__init__()
        inputs = [level.channels_in] + [level.channels_out] * (level.blocks - 1)
        self.block = nn.ModuleList(ResidualBlock(channels, level.channels_out) for channels in inputs)
        self.attn = nn.ModuleList(SpatialAttention(level.channels_out) for _ in inputs if level.attends)
        self.upsample = Upsample(level.channels_out) if upsamples else None

    def forward(self, x: Tensor) -> Tensor:
        for index, block in enumerate(self.block):
            x = block(x)
            if self.attn:
                x = self.attn[index](x)
        return self.upsample(x) if self.upsample else x


class Middle(nn.Module):
    def __init__(self, channels: int, attends: bool):
        super().__init__()
        self.block_1 = ResidualBlock(channels, channels)
        self.attn_1 = SpatialAttention(channels) if attends else None
        self.block_2 = ResidualBlock(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block_1(x)
        return self.block_2(self.attn_1(x) if self.attn_1 else x)


class Decoder(nn.Module):
    def __init__(self, sizes: VqganSizes):
        super().__init__()
        coarsest, finest = sizes.levels[-1].channels_in, sizes.levels[0].channels_out
        self.conv_in = nn.Conv2d(sizes.latent_channels, coarsest, 3, padding=1)
        self.mid = Middle(coarsest, sizes.middle_attends)
        self.up = nn.ModuleList(UpLevel(level, upsamples=index > 0) for index, level in enumerate(sizes.levels))
        self.norm_out = nn.GroupNorm(GROUPS, finest, EPS)
        self.conv_out = nn.Conv2d(finest, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mid(self.conv_in(x))
        for level in reversed(self.up):
            x = level(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class VqganDecoder(nn.Module):
    """Codes to pictures; an RGB model, so alpha is 1 everywhere."""

    def __init__(self, sizes: VqganSizes):
        super().__init__()
        self.sizes = sizes
        self.codebook = nn.Embedding(sizes.codes, sizes.code_channels)
        self.post_quant_conv = nn.Conv2d(sizes.code_channels, sizes.latent_channels, 1)
        self.decoder = Decoder(sizes)

    def folded(self) -> VqganDecoder:
        """Itself, with weights summed for an upsampling of fewer products; those that are published must be in it."""
        for level in self.decoder.up:
            if isinstance(level.upsample, Upsample):
                level.upsample = FoldedUpsample(level.upsample.conv)
        return self

    def vectors(self, codes: Tensor) -> Tensor:
        """(rows, tokens) -> (rows, tokens, channels)."""
        return self.codebook(codes)

    def decode(self, codes: Tensor) -> Tensor:
        """(rows, tokens) -> (rows, 4, height, width): colours, moved to [0, 1], and alpha."""
        grid = self.sizes.grid or (int(codes.shape[1] ** 0.5),) * 2
        latent = self.vectors(codes).transpose(1, 2).unflatten(2, grid)
        colour = self.decoder(self.post_quant_conv(latent))
        colour = (colour + 1) / 2 if self.sizes.signed else colour
        return torch.cat([colour, torch.ones_like(colour[:, :1])], dim=1)
