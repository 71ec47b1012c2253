"""A VQGAN's decoder, written from its description over the published tensors themselves (Esser et al. 2021, appendix A)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from published_maskgit import State
from torch import Tensor


@torch.no_grad()
def decode(p: State, code: Tensor, levels: int = 2, blocks: int = 2) -> Tensor:
    """code (side, side) -> (3, height, width), about [-1, 1]."""
    x = p["quantize.embedding.weight"][code].permute(2, 0, 1)[None]
    x = conv(p, "decoder.conv_in", conv(p, "post_quant_conv", x))
    x = residual(p, "decoder.mid.block_2", spatial(p, "decoder.mid.attn_1", residual(p, "decoder.mid.block_1", x)))
    for level in range(levels - 1, -1, -1):  # the coarsest has the highest number
        for block in range(blocks):
            x = residual(p, f"decoder.up.{level}.block.{block}", x)
            x = spatial(p, f"decoder.up.{level}.attn.{block}", x)
        if level > 0:
            x = conv(p, f"decoder.up.{level}.upsample.conv", x.repeat_interleave(2, 2).repeat_interleave(2, 3))
    return conv(p, "decoder.conv_out", swish(normed(p, "decoder.norm_out", x)))[0]


def conv(p: State, name: str, x: Tensor) -> Tensor:
    return F.conv2d(x, p[f"{name}.weight"], p[f"{name}.bias"], padding=p[f"{name}.weight"].shape[-1] // 2)


def normed(p: State, name: str, x: Tensor) -> Tensor:
    return F.group_norm(x, 32, p[f"{name}.weight"], p[f"{name}.bias"], 1e-6)


def swish(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


def residual(p: State, name: str, x: Tensor) -> Tensor:
    hidden = conv(p, f"{name}.conv1", swish(normed(p, f"{name}.norm1", x)))
    hidden = conv(p, f"{name}.conv2", swish(normed(p, f"{name}.norm2", hidden)))
    return hidden + (conv(p, f"{name}.nin_shortcut", x) if f"{name}.nin_shortcut.weight" in p else x)


def spatial(p: State, name: str, x: Tensor) -> Tensor:
    if f"{name}.q.weight" not in p:
        return x
    query, key, value = (conv(p, f"{name}.{part}", normed(p, f"{name}.norm", x))[0].flatten(1) for part in ("q", "k", "v"))
    weights = torch.softmax(query.T @ key / query.shape[0] ** 0.5, dim=1)  # of every place over all places
    return x + conv(p, f"{name}.proj_out", (value @ weights.T).view_as(x))
