"""Random weights in MaskGIT's published layout: what the importer reads and the reference computes with.

As a program it writes the three files into a folder, small ones or, with --full, of the published sizes (512 pixels)."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

State = dict[str, Tensor]


@dataclass(frozen=True)
class Sizes:
    codes: int = 64
    classes: int = 10
    width: int = 32
    layers: int = 3
    hidden: int = 96
    grid: int = 4
    heads: int = 4
    shortcut_blocks: int = 1
    vq_channels: tuple[int, ...] = (32, 64)
    """Of each resolution of the VQGAN's decoder, finest first: with n of them a token is 2^(n-1) pixels to a side."""
    vq_latent: int = 8
    vq_blocks: int = 2


FULL = Sizes(codes=1024, classes=1000, width=768, layers=24, hidden=3072, grid=32, heads=16,
             vq_channels=(128, 128, 256, 256, 512), vq_latent=256, vq_blocks=3)
FULL_WIDTH = replace(FULL, layers=2)


def base_state(sizes: Sizes, seed: int = 0) -> State:
    draw = Draw(seed)
    width, vocabulary, positions = sizes.width, sizes.codes + sizes.classes + 2, sizes.grid**2 + 1
    # logits as wide as those of a small model, whatever the width
    state = {"tok_emb.weight": draw(vocabulary, width, scale=0.4 * (32 / width) ** 0.5), "pos_emb": draw(1, positions, width), "bias": draw(positions, vocabulary)}
    for norm, linear in ((0, 2), (4, 6)):
        state |= draw.norm(f"first_layer.{norm}", width) | draw.linear(f"first_layer.{linear}", width, width)
    for index in range(sizes.layers):
        name = f"transformer.layers.{index}"
        state |= draw.norm(f"{name}.0.norm", width) | draw.attention(f"{name}.0.fn.mha", width)
        state |= draw.norm(f"{name}.1.norm", width) | draw.feed_forward(f"{name}.1.fn.net", width, sizes.hidden)
    return state | draw.norm("last_layer.0", width) | draw.linear("last_layer.2", width, width) | draw.norm("last_layer.4", width)


def shortcut_state(sizes: Sizes, seed: int = 1) -> State:
    draw, narrow = Draw(seed), sizes.width // 2
    state = draw.linear("proj_in", sizes.width, narrow) | draw.linear("new_token_proj_in", sizes.width, narrow)
    for index in range(sizes.shortcut_blocks):
        for kind in ("cross_attn", "self_attn"):
            name = f"blocks.{index}.{kind}"
            state |= draw.norm(f"{name}.norm", narrow) | draw.attention(f"{name}.fn.mha", narrow)
            state |= draw.norm(f"{name}_ff.norm", narrow) | draw.feed_forward(f"{name}_ff.fn.net", narrow, 4 * narrow)
    state |= draw.norm("last_layer.0", narrow) | draw.linear("last_layer.1", narrow, narrow) | draw.norm("last_layer.3", narrow)
    middle = round((narrow * 256) ** 0.5)
    state |= draw.linear("time_embedder.mlp.0", 256, middle) | draw.linear("time_embedder.mlp.2", middle, narrow)
    return state | draw.linear("adaLN_modulation", narrow, 2 * narrow) | draw.linear("proj_out", narrow, sizes.width)


def vqgan_state(sizes: Sizes, seed: int = 2) -> State:
    """Attention in the coarsest resolution; and tensors that only training needs."""
    draw, channels, latent = Draw(seed), sizes.vq_channels, sizes.vq_latent
    fine, coarse = channels[0], channels[-1]
    state = {"quantize.embedding.weight": draw(sizes.codes, latent)}
    state |= draw.conv("post_quant_conv", latent, latent, 1) | draw.conv("decoder.conv_in", latent, coarse, 3)
    state |= draw.residual("decoder.mid.block_1", coarse, coarse) | draw.spatial("decoder.mid.attn_1", coarse)
    state |= draw.residual("decoder.mid.block_2", coarse, coarse)
    for level, wide in reversed(list(enumerate(channels))):
        name, before = f"decoder.up.{level}", channels[min(level + 1, len(channels) - 1)]
        for block in range(sizes.vq_blocks):
            state |= draw.residual(f"{name}.block.{block}", wide if block else before, wide)
            state |= draw.spatial(f"{name}.attn.{block}", wide) if level == len(channels) - 1 else {}
        state |= draw.conv(f"{name}.upsample.conv", wide, wide, 3) if level else {}
    state |= draw.norm("decoder.norm_out", fine) | draw.conv("decoder.conv_out", fine, 3, 3)
    return state | draw.conv("encoder.conv_in", 3, fine, 3) | draw.conv("quant_conv", latent, latent, 1) | {"loss.logvar": draw(1)}


class Draw:
    """Numbers that fp16 holds, so that a bundle's weights are the published ones to the last bit."""

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, *shape: int, scale: float = 0.4) -> Tensor:
        return (torch.randn(shape, generator=self.generator) * scale).half().float()

    def norm(self, name: str, width: int) -> State:
        return {f"{name}.weight": (1 + self(width, scale=0.2)).half().float(), f"{name}.bias": self(width, scale=0.2)}

    def linear(self, name: str, wide_in: int, wide_out: int) -> State:
        return {f"{name}.weight": self(wide_out, wide_in, scale=wide_in**-0.5), f"{name}.bias": self(wide_out, scale=0.2)}

    def conv(self, name: str, wide_in: int, wide_out: int, side: int) -> State:
        weight = self(wide_out, wide_in, side, side, scale=(wide_in * side * side) ** -0.5)
        return {f"{name}.weight": weight, f"{name}.bias": self(wide_out, scale=0.1)}

    def attention(self, name: str, width: int) -> State:
        stacked = self.linear(name, width, 3 * width)
        return {f"{name}.in_proj_{part}": stacked[f"{name}.{part}"] for part in ("weight", "bias")} | self.linear(f"{name}.out_proj", width, width)

    def feed_forward(self, name: str, width: int, hidden: int) -> State:
        return self.linear(f"{name}.0", width, hidden) | self.linear(f"{name}.3", hidden, width)

    def residual(self, name: str, wide_in: int, wide_out: int) -> State:
        state = self.norm(f"{name}.norm1", wide_in) | self.conv(f"{name}.conv1", wide_in, wide_out, 3)
        state |= self.norm(f"{name}.norm2", wide_out) | self.conv(f"{name}.conv2", wide_out, wide_out, 3)
        return state | (self.conv(f"{name}.nin_shortcut", wide_in, wide_out, 1) if wide_in != wide_out else {})

    def spatial(self, name: str, width: int) -> State:
        parts = [self.conv(f"{name}.{part}", width, width, 1) for part in ("q", "k", "v", "proj_out")]
        return self.norm(f"{name}.norm", width) | {key: value for part in parts for key, value in part.items()}


def write_published(folder: Path, sizes: Sizes = Sizes()) -> dict[str, Path]:
    """The three files as training programs leave them -> their paths by the importer's option."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"checkpoint": folder / "maskgit.pth", "vq": folder / "last.ckpt", "shortcut": folder / "shortcut.pth"}
    torch.save({"iter": 7, "global_epoch": 2, "model_state_dict": base_state(sizes)}, files["checkpoint"])
    torch.save({"state_dict": vqgan_state(sizes)}, files["vq"])
    torch.save(shortcut_state(sizes), files["shortcut"])
    return files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", action="store_true", help="the published sizes: 1 GB of files")
    options = parser.parse_args()
    for name, path in write_published(options.folder, FULL if options.full else Sizes()).items():
        print(f"--{name} {path}")


if __name__ == "__main__":
    main()
