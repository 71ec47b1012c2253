"""What the scorers look at while they learn: every training picture as drawn, as decoded, and with foreign codes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .autoencoder import Autoencoder
from .dataset import load_dataset
from .train_tokenizer import load_tokenizer
from .workspace import Workspace

MIXED_SHARE = (0.05, 0.35)  # of the codes of a hard example come from another picture
DRAWN, DECODED = 0, 1  # the first two views; the others are mixed


@dataclass(frozen=True)
class Views:
    """pixels (pictures, views, 4, side, side) uint8 premultiplied; foreign (pictures, views) share of foreign codes."""

    pixels: Tensor
    foreign: Tensor

    def draw(self, rows: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """One view of each row, the three kinds about equally often: (rows, 4, side, side) in [0, 1], (rows,) share."""
        kind = torch.randint(3, rows.shape, generator=generator)
        mixed = torch.randint(2, self.pixels.shape[1], rows.shape, generator=generator)
        view = torch.where(kind < 2, kind, mixed)
        return self.pixels[rows, view].float() / 255, self.foreign[rows, view]


def load_views(workspace: Workspace, mixed_views: int) -> Views:
    """Decoded once: the decoder costs more than the towers that learn from its pictures."""
    drawn = load_dataset(workspace).pictures
    decoder, codes = load_tokenizer(workspace), load_codes(workspace)
    generator = torch.Generator().manual_seed(workspace.seed)
    low, high = MIXED_SHARE
    shares = [torch.zeros(len(codes)), torch.zeros(len(codes))]
    pixels = [to_bytes(drawn), to_bytes(decode(decoder, codes))]
    for _ in range(mixed_views):
        share = low + (high - low) * torch.rand(len(codes), generator=generator)
        pixels.append(to_bytes(decode(decoder, mix_codes(codes, share, generator))))
        shares.append(share)
    return Views(torch.stack(pixels, 1), torch.stack(shares, 1))


def load_codes(workspace: Workspace) -> Tensor:
    """(pictures, T) int64 on the CPU."""
    return torch.load(workspace.need("codes.pt", "tokenizer"), weights_only=True).long()


def mix_codes(codes: Tensor, share: Tensor, generator: torch.Generator) -> Tensor:
    """Each row with round(share * T) of its codes taken from another row, at random places; share (rows,)."""
    rows, length = codes.shape
    other = (torch.arange(rows) + torch.randint(1, rows, (rows,), generator=generator)) % rows
    rank = torch.rand(codes.shape, generator=generator).argsort(1).argsort(1)
    return torch.where(rank < torch.round(share * length)[:, None], codes[other], codes)


@torch.no_grad()
def decode(decoder: Autoencoder, codes: Tensor) -> Tensor:
    """(rows, T) -> (rows, 4, side, side) premultiplied in [0, 1], on the CPU."""
    device = next(decoder.parameters()).device
    return torch.cat([decoder.decode(part.to(device)).clamp(0, 1).cpu() for part in codes.split(64)])


def to_bytes(pictures: Tensor) -> Tensor:
    return torch.round(pictures * 255).to(torch.uint8)
