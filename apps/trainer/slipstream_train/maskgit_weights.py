"""MaskGIT's published tensors -> the models; every name of the layout stands here once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from .errors import TrainerError
from .maskgit_model import MaskgitBase, MaskgitShortcut, MaskgitShortcutSizes, MaskgitSizes
from .published_weights import PublishedWeights
from .vqgan_decoder import GROUPS, Level, VqganDecoder, VqganSizes

HEADS = 16  # of every published size; no tensor tells
TRAINING_ONLY = ("encoder.", "quant_conv.", "loss.")  # of a VQGAN, beside what decodes
State = dict[str, Tensor]
M = TypeVar("M", bound=nn.Module)


def load_maskgit(path: Path, *, codes: int, heads: int = HEADS) -> MaskgitBase:
    """The base over a tokenizer of so many codes. TrainerError names every tensor that does not fit."""
    weights = PublishedWeights.open(path)
    sizes = _base_sizes(weights, codes, heads)
    model, width = MaskgitBase(sizes), sizes.width
    vocabulary, positions = codes + sizes.classes + 2, sizes.image_tokens + 1
    embedding = weights.take("tok_emb.weight", vocabulary, width)
    state = {
        "token_embedding.weight": embedding[: codes + 1],
        "class_embedding.weight": embedding[codes + 1 :],
        "head.weight": embedding[:codes],
        "position": weights.take("pos_emb", 1, positions, width)[0].roll(1, 0),
        "head_bias": weights.take("bias", positions, vocabulary)[:, :codes].roll(1, 0),
        **_layers(weights, "first_layer", "first", width, norms={0: 0, 4: 3}, linears={2: 1, 6: 4}),
        **_layers(weights, "last_layer", "norm", width, norms={0: 0, 4: 3}, linears={2: 1}),
    }
    for index in range(sizes.layers):
        state |= _block(weights, index, sizes)
    weights.finish()
    return _filled(model, state)


def load_maskgit_shortcut(path: Path, base: MaskgitBase, *, heads: int = HEADS) -> MaskgitShortcut:
    """The shortcut of this base. TrainerError names every tensor that does not fit."""
    weights = PublishedWeights.open(path)
    base_width = base.token_embedding.embedding_dim
    width, expected = weights.shape("proj_in.weight", 2)
    if expected != base_width:
        raise TrainerError(f"{path} is the shortcut of another base: its proj_in.weight takes {expected} channels, the base gives {base_width}")
    blocks, time = weights.count(r"blocks\.(\d+)\."), weights.shape("time_embedder.mlp.0.weight", 2)[0]
    if width % heads:
        raise TrainerError(f"{path} has a width of {width}, which {heads} heads do not divide: give --heads")
    sizes = MaskgitShortcutSizes(width=width, blocks=blocks, heads=heads, time=time)
    state = _shortcut_state(weights, sizes, base_width)
    weights.finish()
    return _filled(MaskgitShortcut(sizes, base), state)


def published_shortcut(model: MaskgitShortcut) -> State:
    """The other way: the tensors as they are published, which `load_maskgit_shortcut` reads."""
    places, own = Places(), model.state_dict()
    state = _shortcut_state(places, model.sizes, own["out.weight"].shape[0])
    values = torch.empty(places.count)
    for name, place in state.items():
        values[place] = own[name].detach().cpu()
    return {name: values[place] for name, place in places.taken.items()}


class Places:
    """Stands for published weights to learn where each of their numbers goes: `take` numbers them all."""

    def __init__(self) -> None:
        self.taken: dict[str, Tensor] = {}
        self.count = 0

    def take(self, name: str, *shape: int) -> Tensor:
        first, self.count = self.count, self.count + math.prod(shape)
        self.taken[name] = torch.arange(first, self.count).view(shape)
        return self.taken[name]


def _shortcut_state(weights: PublishedWeights | Places, sizes: MaskgitShortcutSizes, base_width: int) -> State:
    width, time = sizes.width, sizes.time
    state = {
        **_linear(weights, "proj_in", "feature_in", base_width, width),
        **_linear(weights, "new_token_proj_in", "new_in", base_width, width),
        **_layers(weights, "last_layer", "norm", width, norms={0: 0, 3: 3}, linears={1: 1}),
        **_linear(weights, "time_embedder.mlp.0", "time.0", 256, time),
        **_linear(weights, "time_embedder.mlp.2", "time.2", time, width),
        **_linear(weights, "adaLN_modulation", "time.3", width, 2 * width),
        **_linear(weights, "proj_out", "out", width, base_width),
    }
    for index in range(sizes.blocks):
        state |= _shortcut_block(weights, index, width)
    return state


def load_vqgan(path: Path) -> VqganDecoder:
    """The decoder of a VQGAN. TrainerError names every tensor of it that does not fit; the rest of the file is not read."""
    weights = PublishedWeights.open(path)
    codes, code_channels = weights.shape("quantize.embedding.weight", 2)
    latent_channels = weights.shape("post_quant_conv.weight", 4)[0]
    levels = tuple(_level(weights, index) for index in range(weights.count(r"decoder\.up\.(\d+)\.")))
    if not levels:
        raise TrainerError(f"{path} has no tensor decoder.up.0.block.0.conv1.weight: it is not a VQGAN")
    model = VqganDecoder(VqganSizes(codes, code_channels, latent_channels, levels))
    published = {name: name for name in model.state_dict()} | {"codebook.weight": "quantize.embedding.weight"}
    state = {name: weights.take(published[name], *value.shape) for name, value in model.state_dict().items()}
    weights.finish(unused=TRAINING_ONLY)
    return _filled(model, state).folded()


def _base_sizes(weights: PublishedWeights, codes: int, heads: int) -> MaskgitSizes:
    vocabulary, width = weights.shape("tok_emb.weight", 2)
    if vocabulary < codes + 3:
        raise TrainerError(f"{weights.path}: tok_emb.weight has {vocabulary} rows, too few for the tokenizer's {codes} codes, the mask and classes")
    if width % heads:
        raise TrainerError(f"{weights.path} has a width of {width}, which {heads} heads do not divide: give --heads")
    return MaskgitSizes(
        codes=codes, classes=vocabulary - codes - 2, width=width, heads=heads,
        layers=weights.count(r"transformer\.layers\.(\d+)\."),
        hidden=weights.shape("transformer.layers.0.1.fn.net.0.weight", 2)[0],
        image_tokens=weights.shape("pos_emb", 3)[1] - 1,
    )


def _block(weights: PublishedWeights, index: int, sizes: MaskgitSizes) -> State:
    name, ours = f"transformer.layers.{index}", f"blocks.{index}"
    return {
        **_norm(weights, f"{name}.0.norm", f"{ours}.norm1", sizes.width),
        **_attention(weights, f"{name}.0.fn.mha", f"{ours}.attention", sizes.width),
        **_norm(weights, f"{name}.1.norm", f"{ours}.norm2", sizes.width),
        **_feed_forward(weights, f"{name}.1.fn.net", f"{ours}.feed_forward", sizes.width, sizes.hidden),
    }


def _shortcut_block(weights: PublishedWeights, index: int, width: int) -> State:
    name, ours = f"blocks.{index}", f"blocks.{index}"
    state: State = {}
    for place, kind in enumerate(("cross", "self")):
        attention, forward = f"{name}.{kind}_attn", f"{name}.{kind}_attn_ff"
        state |= _norm(weights, f"{attention}.norm", f"{ours}.norms.{2 * place}", width)
        state |= _attention(weights, f"{attention}.fn.mha", f"{ours}.{kind}_attention", width)
        state |= _norm(weights, f"{forward}.norm", f"{ours}.norms.{2 * place + 1}", width)
        state |= _feed_forward(weights, f"{forward}.fn.net", f"{ours}.{kind}_feed_forward", width, 4 * width)
    return state


def _attention(weights: PublishedWeights, name: str, ours: str, width: int) -> State:
    """Queries, keys and values are published in one matrix."""
    weight, bias = weights.take(f"{name}.in_proj_weight", 3 * width, width), weights.take(f"{name}.in_proj_bias", 3 * width)
    return {
        f"{ours}.query.weight": weight[:width], f"{ours}.query.bias": bias[:width],
        f"{ours}.key_value.weight": weight[width:], f"{ours}.key_value.bias": bias[width:],
        **_linear(weights, f"{name}.out_proj", f"{ours}.out", width, width),
    }


def _feed_forward(weights: PublishedWeights, name: str, ours: str, width: int, hidden: int) -> State:
    return {**_linear(weights, f"{name}.0", f"{ours}.up", width, hidden), **_linear(weights, f"{name}.3", f"{ours}.down", hidden, width)}


def _layers(weights: PublishedWeights, name: str, ours: str, width: int, *, norms: dict[int, int], linears: dict[int, int]) -> State:
    """The numbered layers of a sequence: published number -> ours."""
    state: State = {}
    for published, place in norms.items():
        state |= _norm(weights, f"{name}.{published}", f"{ours}.{place}", width)
    for published, place in linears.items():
        state |= _linear(weights, f"{name}.{published}", f"{ours}.{place}", width, width)
    return state


def _norm(weights: PublishedWeights, name: str, ours: str, width: int) -> State:
    return {f"{ours}.{part}": weights.take(f"{name}.{part}", width) for part in ("weight", "bias")}


def _linear(weights: PublishedWeights, name: str, ours: str, wide_in: int, wide_out: int) -> State:
    return {f"{ours}.weight": weights.take(f"{name}.weight", wide_out, wide_in), f"{ours}.bias": weights.take(f"{name}.bias", wide_out)}


def _level(weights: PublishedWeights, index: int) -> Level:
    name = f"decoder.up.{index}"
    channels_out, channels_in = weights.shape(f"{name}.block.0.conv1.weight", 4)[:2]
    uneven = next((channels for channels in (channels_in, channels_out) if channels % GROUPS), None)
    if uneven:
        raise TrainerError(f"{weights.path}: {name}.block.0.conv1.weight has {uneven} channels, not a multiple of {GROUPS}")
    return Level(
        channels_in=channels_in, channels_out=channels_out, blocks=weights.count(rf"decoder\.up\.{index}\.block\.(\d+)\."),
        attends=weights.has(f"{name}.attn.0.norm.weight"),
    )


def _filled(model: M, state: State) -> M:
    with torch.no_grad():
        model.load_state_dict({name: value.clone() for name, value in state.items()})
    return model.eval()
