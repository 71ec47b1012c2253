"""Published CLIP files -> the model. Names are Hugging Face's; OpenAI's own are translated to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from .clip_model import Clip, ClipSizes, TowerSizes
from .encoder_block import EncoderBlock, fill, fill_attention
from .errors import TrainerError
from .published_weights import PublishedWeights

VISION, TEXT = "vision_model", "text_model"
NOT_NEEDED = ("input_resolution", "context_length", "vocab_size")  # numbers in OpenAI's files
OPENAI = {
    r"visual\.class_embedding": f"{VISION}.embeddings.class_embedding", r"visual\.positional_embedding": f"{VISION}.embeddings.position_embedding.weight",
    r"visual\.conv1\.": f"{VISION}.embeddings.patch_embedding.", r"visual\.ln_pre\.": f"{VISION}.pre_layrnorm.", r"visual\.ln_post\.": f"{VISION}.post_layernorm.",
    r"visual\.transformer\.resblocks\.": f"{VISION}.encoder.layers.", r"transformer\.resblocks\.": f"{TEXT}.encoder.layers.",
    r"token_embedding\.": f"{TEXT}.embeddings.token_embedding.", r"positional_embedding": f"{TEXT}.embeddings.position_embedding.weight",
    r"ln_final\.": f"{TEXT}.final_layer_norm.", r"visual\.proj$": "visual_projection.weight", r"text_projection$": "text_projection.weight",
}
INNER = {".ln_1.": ".layer_norm1.", ".ln_2.": ".layer_norm2.", ".mlp.c_fc.": ".mlp.fc1.", ".mlp.c_proj.": ".mlp.fc2.", ".attn.": ".self_attn."}


def load_clip(path: Path, end: int, *, head_width: int = 64, gelu: str = "quick") -> Clip:
    """`end` is the id that closes a prompt. TrainerError names whatever tensor is missing, misshapen or surplus."""
    weights = PublishedWeights.open(path)
    if weights.has("visual.conv1.weight"):
        weights = PublishedWeights(path, _translated(weights.loaders))
    sizes = _sizes(weights, head_width, gelu)
    model = Clip(sizes, end)
    vision, language = model.vision, model.language
    vision.start.data = weights.take(f"{VISION}.embeddings.class_embedding", sizes.vision.width)
    for tower, part in ((VISION, vision), (TEXT, language)):
        part.position.data = weights.take(f"{tower}.embeddings.position_embedding.weight", *part.position.shape)
        weights.leave(f"{tower}.embeddings.position_ids")
        for index, block in enumerate(part.blocks):
            _fill_block(block, weights, f"{tower}.encoder.layers.{index}")
    named: dict[str, nn.Module] = {
        f"{VISION}.embeddings.patch_embedding": vision.patches, f"{VISION}.pre_layrnorm": vision.norm_first, f"{VISION}.post_layernorm": vision.norm_last,
        "visual_projection": vision.out, f"{TEXT}.embeddings.token_embedding": language.word, f"{TEXT}.final_layer_norm": language.norm,
        "text_projection": language.out,
    }
    for name, module in named.items():
        fill(module, weights, name)
    model.log_scale.data = weights.take("logit_scale")
    weights.finish()
    return model.eval()


def _sizes(weights: PublishedWeights, head_width: int, gelu: str) -> ClipSizes:
    patch = weights.shape(f"{VISION}.embeddings.patch_embedding.weight", 4)[2]
    sizes = ClipSizes(
        vision=_tower(weights, VISION), text=_tower(weights, TEXT), patch=patch,
        vocabulary=weights.shape(f"{TEXT}.embeddings.token_embedding.weight", 2)[0],
        embedding=weights.shape("visual_projection.weight", 2)[0], head_width=head_width, gelu=gelu,
    )
    for name, tower in ((VISION, sizes.vision), (TEXT, sizes.text)):
        if tower.width % head_width:
            raise TrainerError(f"{weights.path}: {name} is {tower.width} wide, not a multiple of {head_width}: name the width of a head with --head-width")
    if (sizes.side // patch) ** 2 + 1 != sizes.vision.positions:
        raise TrainerError(f"{weights.path}: {VISION} has {sizes.vision.positions - 1} positions beside the class, not a square of patches")
    return sizes


def _tower(weights: PublishedWeights, name: str) -> TowerSizes:
    positions, width = weights.shape(f"{name}.embeddings.position_embedding.weight", 2)
    layers = weights.count(rf"{name}\.encoder\.layers\.(\d+)\.")
    return TowerSizes(width, layers, weights.shape(f"{name}.encoder.layers.0.mlp.fc1.weight", 2)[0], positions)


def _fill_block(block: EncoderBlock, weights: PublishedWeights, name: str) -> None:
    for part, module in (("layer_norm1", block.norm1), ("layer_norm2", block.norm2), ("mlp.fc1", block.up), ("mlp.fc2", block.down)):
        fill(module, weights, f"{name}.{part}")
    names = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "out": "out_proj"}
    fill_attention(block.attention, weights, {part: f"{name}.self_attn.{each}" for part, each in names.items()})


def _translated(loaders: dict[str, Callable[[], Tensor]]) -> dict[str, Callable[[], Tensor]]:
    """OpenAI's names -> Hugging Face's: queries, keys and values lie in one tensor there, projections are transposed."""
    found: dict[str, Callable[[], Tensor]] = {}
    for name, loader in loaders.items():
        if name in NOT_NEEDED:
            continue
        new = next((re.sub(f"^{old}", to, name) for old, to in OPENAI.items() if re.match(old, name)), name)
        for old, to in INNER.items():
            new = new.replace(old, to)
        if match := re.fullmatch(r"(.*\.self_attn)\.in_proj_(weight|bias)", new):
            found |= {f"{match[1]}.{part}_proj.{match[2]}": partial(_third, loader, index) for index, part in enumerate("qkv")}
        else:
            found[new] = partial(_turned, loader) if new in ("visual_projection.weight", "text_projection.weight") else loader
    return found


def _third(loader: Callable[[], Tensor], index: int) -> Tensor:
    return torch.chunk(loader(), 3)[index]


def _turned(loader: Callable[[], Tensor]) -> Tensor:
    return loader().T
