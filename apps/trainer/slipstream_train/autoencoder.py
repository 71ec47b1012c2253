"""FSQ autoencoder: premultiplied RGBA picture <-> grid of codes."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FSQ(nn.Module):
    """Finite scalar quantisation (Mentzer et al. 2023, section 3.1): each channel rounds to one of `levels` values."""

    def __init__(self, levels: tuple[int, ...]):
        super().__init__()
        self.levels = levels
        steps = torch.tensor(levels, dtype=torch.float32)
        self.register_buffer("span", (steps - 1) / 2, persistent=False)
        strides = torch.cumprod(torch.tensor((1, *levels[:-1])), 0)
        self.register_buffer("strides", strides, persistent=False)

    @property
    def code_count(self) -> int:
        count = 1
        for level in self.levels:
            count *= level
        return count

    def quantise(self, latent: Tensor) -> Tensor:
        """(..., dims) any float -> (..., dims) on the grid in [-1, 1], straight-through gradient."""
        bounded = torch.sigmoid(latent) * 2 * self.span
        rounded = bounded + (torch.round(bounded) - bounded).detach()
        return rounded / self.span - 1

    def to_codes(self, quantised: Tensor) -> Tensor:
        digits = torch.round((quantised + 1) * self.span).long()
        return (digits * self.strides).sum(-1)

    def from_codes(self, codes: Tensor) -> Tensor:
        """(...) int64 -> (..., dims) float32 in [-1, 1]."""
        levels = torch.tensor(self.levels, device=codes.device)
        digits = torch.div(codes.unsqueeze(-1), self.strides, rounding_mode="floor") % levels
        return digits.float() / self.span - 1


class ResidualBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.norm1 = nn.GroupNorm(8, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = nn.GroupNorm(8, channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv1(F.silu(self.norm1(x)))
        return x + self.conv2(F.silu(self.norm2(hidden)))


class Upsample(nn.Module):
    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out * 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.conv(x), 2)


class Autoencoder(nn.Module):
    """Down by 8: channels = (at 1/8, at 1/4, at 1/2)."""

    def __init__(self, levels: tuple[int, ...], channels: tuple[int, int, int]):
        super().__init__()
        self.fsq = FSQ(levels)
        low, mid, high = channels
        self.encoder = nn.Sequential(
            nn.Conv2d(4, mid, 4, stride=4),
            ResidualBlock(mid),
            nn.Conv2d(mid, low, 2, stride=2),
            ResidualBlock(low),
            nn.GroupNorm(8, low),
            nn.SiLU(),
            nn.Conv2d(low, len(levels), 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(len(levels), low, 3, padding=1),
            ResidualBlock(low),
            ResidualBlock(low),
            Upsample(low, mid),
            ResidualBlock(mid),
            Upsample(mid, high),
            ResidualBlock(high),
            nn.GroupNorm(8, high),
            nn.SiLU(),
            nn.Conv2d(high, 16, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def encode(self, pictures: Tensor) -> Tensor:
        """(rows, 4, side, side) -> (rows, tokens) codes in row-major order."""
        latent = self.encoder(pictures).flatten(2).transpose(1, 2)
        return self.fsq.to_codes(self.fsq.quantise(latent))

    def decode(self, codes: Tensor) -> Tensor:
        """(rows, tokens) -> (rows, 4, side, side) premultiplied RGBA, about [0, 1]."""
        grid = int(codes.shape[1] ** 0.5)
        quantised = self.vectors(codes).transpose(1, 2)
        return self.decoder(quantised.reshape(-1, len(self.fsq.levels), grid, grid))

    def vectors(self, codes: Tensor) -> Tensor:
        """(rows, tokens) -> (rows, tokens, channels): the values of each code's levels."""
        return self.fsq.from_codes(codes)

    def forward(self, pictures: Tensor) -> Tensor:
        latent = self.encoder(pictures)
        quantised = self.fsq.quantise(latent.movedim(1, -1)).movedim(-1, 1)
        return self.decoder(quantised)
