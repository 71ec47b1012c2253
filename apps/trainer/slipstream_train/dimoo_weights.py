"""Lumina-DiMOO's published tensors -> the models; every name of the layout stands here once.

The base's names, and its settings in config.json, are those of github.com/Alpha-VLLM/Lumina-DiMOO (model/modeling_llada.py,
configuration_llada.py); the shortcut's of github.com/Kaiwen-Zhu/MIGM-Shortcut (DiMOO-Shortcut/model/shortcut_model.py); the VQ is
diffusers' VQModel without attention (models/autoencoders/vq_model.py, vae.py), as aMUSEd has it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from .dimoo_layout import END_ANSWER, NEWLINE, Layout
from .dimoo_model import DimooBase, DimooShortcut, DimooShortcutSizes, DimooSizes
from .errors import TrainerError
from .published_weights import PublishedWeights
from .vqgan_decoder import GROUPS, Level, VqganDecoder, VqganSizes

ROOT = "model.transformer."
MATRICES = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "out": "attn_out", "gate": "ff_proj", "up": "up_proj", "down": "ff_out"}
TRAINING_ONLY = ("encoder.", "quant_conv.")  # of a VQ, beside what decodes
SETTINGS = {  # that no tensor tells and that change what is computed, as they are published
    "activation_type": "silu", "attention_layer_norm": False, "block_type": "llama", "input_emb_norm": False, "layer_norm_type": "rms",
    "rope": True, "scale_logits": False,
}
State = dict[str, Tensor]
M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class DimooConfig:
    """What no tensor tells, from config.json beside the weights."""

    heads: int
    theta: float
    eps: float


def read_config(checkpoint: Path) -> DimooConfig:
    """TrainerError naming the member that is missing, or that asks for what this layout has not."""
    path = (checkpoint if checkpoint.is_dir() else checkpoint.parent) / "config.json"
    try:
        found = json.loads(path.read_text())
        config = DimooConfig(int(found["n_heads"]), float(found["rope_theta"]), float(found["rms_norm_eps"]))
    except FileNotFoundError as error:
        raise TrainerError(f"{path} is missing: fetch it beside the weights") from error
    except (ValueError, TypeError, KeyError) as error:
        raise TrainerError(f"{path} does not tell n_heads, rope_theta and rms_norm_eps ({error}): fetch it again") from error
    if config.heads < 1:
        raise TrainerError(f"{path}: n_heads is {config.heads}, expected 1 or more: it is not of this layout")
    for name, expected in {"n_kv_heads": config.heads, **SETTINGS}.items():
        if found.get(name) not in (None, expected):
            raise TrainerError(f"{path}: {name} is {found[name]!r}, expected {expected!r}: it is not of this layout")
    return config


def load_dimoo(path: Path, config: DimooConfig, *, codes: int, prompt_length: int, grid: tuple[int, int], unconditional: list[int],
               noise: str, stored: torch.dtype | None = None) -> DimooBase:
    """The base over a tokenizer of so many codes, its matrices as they are published, or `stored` otherwise. TrainerError
    names every tensor that does not fit."""
    weights = PublishedWeights.open(path)
    vocabulary, width = weights.shape(f"{ROOT}wte.weight", 2)
    text = vocabulary - codes
    if text < NEWLINE + END_ANSWER:
        raise TrainerError(f"{path}: wte has {vocabulary} rows, too few for the VQ's {codes} codes and a text vocabulary")
    if width % (2 * config.heads):
        raise TrainerError(f"{path} has a width of {width}, which {config.heads} heads do not divide evenly")
    hidden = weights.shape(f"{ROOT}blocks.0.ff_proj.weight", 2)[0]
    sizes = DimooSizes(codes, width, weights.count(rf"{re.escape(ROOT)}blocks\.(\d+)\."), config.heads, hidden, config.theta, config.eps)
    model = DimooBase(sizes, Layout(text, prompt_length, *grid), unconditional, noise)
    state = {
        "embedding.weight": weights.mapped(f"{ROOT}wte.weight", vocabulary, width, dtype=stored),
        "head.weight": weights.mapped(f"{ROOT}ff_out.weight", vocabulary, width, dtype=stored)[text:],
        "norm.weight": weights.take(f"{ROOT}ln_f.weight", width),
    }
    for index in range(sizes.layers):
        state |= _block(weights, f"{ROOT}blocks.{index}", f"blocks.{index}", (width, hidden), stored)
    weights.finish()
    return _filled(model, state)


def load_dimoo_shortcut(path: Path, base: DimooBase, config: DimooConfig, stored: torch.dtype | None = None) -> DimooShortcut:
    """The shortcut of this base. TrainerError names every tensor that does not fit."""
    weights = PublishedWeights.open(path)
    width, expected = weights.shape("proj_in.weight", 2)
    if expected != base.width:
        raise TrainerError(f"{path} is the shortcut of another base: its proj_in.weight takes {expected} channels, the base gives {base.width}")
    if width % (2 * config.heads):
        raise TrainerError(f"{path} has a width of {width}, which the base's {config.heads} heads do not divide evenly: it is the shortcut of another base")
    hidden, time = weights.shape("blocks.0.cross_attn.ff_proj.weight", 2)[0], weights.shape("time_embedder.mlp.0.weight", 2)[0]
    sizes = DimooShortcutSizes(width, weights.count(r"blocks\.(\d+)\."), hidden, time)
    model = DimooShortcut(sizes, base, config.eps)
    state = _shortcut_state(weights, model, stored)
    weights.finish()
    return _filled(model, state)


def published_shortcut(model: DimooShortcut) -> State:
    """The other way: the tensors as they are published, which `load_dimoo_shortcut` reads."""
    own = model.state_dict()
    return {published: own[ours].detach().cpu() for ours, published in _shortcut_state(Names(), model, None).items()}


class Names:
    """Stands for published weights to learn what they call each tensor."""

    def take(self, name: str, *_: int) -> str:
        return name

    def mapped(self, name: str, *_: int, dtype: torch.dtype | None = None) -> str:
        return name


def _shortcut_state(weights: PublishedWeights | Names, model: DimooShortcut, stored: torch.dtype | None) -> dict:
    """Ours -> what `weights` gives for it."""
    sizes = model.sizes
    linears = {"proj_in": "feature_in", "new_token_proj_in": "new_in", "time_embedder.mlp.0": "time.0", "time_embedder.mlp.2": "time.2",
               "adaLN_modulation": "time.3", "proj_out": "out"}
    state = {"norm.weight": weights.take("ln_f.weight", sizes.width)}
    for name, ours in linears.items():
        layer = model.get_submodule(ours)
        state |= {f"{ours}.{part}": weights.take(f"{name}.{part}", *value.shape) for part, value in layer.named_parameters()}
    for index in range(sizes.blocks):
        for kind, ours in (("cross_attn", "cross"), ("self_attn", "own")):
            state |= _block(weights, f"blocks.{index}.{kind}", f"blocks.{index}.{ours}", (sizes.width, sizes.hidden), stored)
    return state


def load_vq(path: Path, width: int, height: int) -> VqganDecoder:
    """The decoder for pictures of width x height pixels. TrainerError names every tensor of it that does not fit, or the sizes
    that it can do; the rest of the file is not read."""
    weights = PublishedWeights.open(path)
    codes, code_channels = weights.shape("quantize.embedding.weight", 2)
    latent = weights.shape("post_quant_conv.weight", 4)[0]
    count = weights.count(r"decoder\.up_blocks\.(\d+)\.")
    if not count:
        raise TrainerError(f"{path} has no tensor decoder.up_blocks.0.resnets.0.conv1.weight: it is not a VQ of this layout")
    factor = 2 ** (count - 1)
    if width % factor or height % factor or min(width, height) < factor:
        raise TrainerError(f"--size is {width}x{height}, but a token of {path} is {factor}x{factor} pixels: use multiples of {factor}")
    levels, grid = tuple(_level(weights, count - 1 - index) for index in range(count)), (height // factor, width // factor)
    model = VqganDecoder(VqganSizes(codes, code_channels, latent, levels, middle_attends=False, signed=False, grid=grid))
    state = {name: weights.take(_vq_name(name, count), *value.shape) for name, value in model.state_dict().items()}
    weights.finish(unused=TRAINING_ONLY)
    return _filled(model, state).folded()


def _block(weights: PublishedWeights | Names, name: str, ours: str, sizes: tuple[int, int], stored: torch.dtype | None) -> dict:
    width, hidden = sizes
    shapes = {"gate": (hidden, width), "up": (hidden, width), "down": (width, hidden)}
    return {
        f"{ours}.norm.weight": weights.take(f"{name}.attn_norm.weight", width),
        f"{ours}.norm_feed_forward.weight": weights.take(f"{name}.ff_norm.weight", width),
        **{f"{ours}.{part}.weight": weights.mapped(f"{name}.{published}.weight", *shapes.get(part, (width, width)), dtype=stored)
           for part, published in MATRICES.items()},
    }


def _level(weights: PublishedWeights, index: int) -> Level:
    name = f"decoder.up_blocks.{index}"
    channels_out, channels_in = weights.shape(f"{name}.resnets.0.conv1.weight", 4)[:2]
    uneven = next((channels for channels in (channels_in, channels_out) if channels % GROUPS), None)
    if uneven:
        raise TrainerError(f"{weights.path}: {name}.resnets.0.conv1.weight has {uneven} channels, not a multiple of {GROUPS}")
    return Level(channels_in, channels_out, weights.count(rf"decoder\.up_blocks\.{index}\.resnets\.(\d+)\."), attends=False)


def _vq_name(name: str, levels: int) -> str:
    """Ours -> the published one. Levels are counted from the coarsest there, from the finest here."""
    if name == "codebook.weight":
        return "quantize.embedding.weight"
    name = re.sub(r"decoder\.up\.(\d+)\.", lambda found: f"decoder.up_blocks.{levels - 1 - int(found[1])}.", name)
    name = re.sub(r"mid\.block_(\d)\.", lambda found: f"mid_block.resnets.{int(found[1]) - 1}.", name)
    for ours, published in ((".block.", ".resnets."), ("nin_shortcut", "conv_shortcut"), ("upsample.", "upsamplers.0."), ("norm_out", "conv_norm_out")):
        name = name.replace(ours, published)
    return name


def _filled(model: M, state: State) -> M:
    model.load_state_dict(state, assign=True)  # mapped tensors stay what they are
    return model.eval().requires_grad_(False)
