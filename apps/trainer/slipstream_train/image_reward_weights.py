"""Published ImageReward files -> the model; every name of the layout stands here once.

Names and sizes are those of the modules in github.com/THUDM/ImageReward (ImageReward/ImageReward.py, models/BLIP/blip_pretrain.py,
vit.py, med.py), whose whole state is what is published.
"""

from __future__ import annotations

from pathlib import Path

import torch

from .encoder_block import EncoderBlock, fill, fill_attention
from .errors import TrainerError
from .image_reward_model import HEAD_WIDTH, ImageReward, RewardSizes, RewardTextBlock
from .published_weights import PublishedWeights
from .transformer import Attention

VISION, TEXT = "blip.visual_encoder", "blip.text_encoder"
HEAD = (0, 2, 4, 6, 7)  # layers of the head; between them lies what only training needs
PRETRAINING_ONLY = ("blip.vision_proj.", "blip.text_proj.")  # projections that BLIP compared pictures and texts by


def load_image_reward(path: Path, pad: int, *, head_width: int = HEAD_WIDTH) -> ImageReward:
    """TrainerError names whatever tensor is missing, misshapen or surplus."""
    weights = PublishedWeights.open(path)
    sizes = _sizes(weights, head_width)
    model = ImageReward(sizes, pad)
    vision, language = model.vision, model.language
    vision.start.data = weights.take(f"{VISION}.cls_token", *vision.start.shape)
    vision.position.data = weights.take(f"{VISION}.pos_embed", *vision.position.shape)
    fill(vision.patches, weights, f"{VISION}.patch_embed.proj")
    fill(vision.norm, weights, f"{VISION}.norm")
    for index, block in enumerate(vision.blocks):
        _fill_vision(block, weights, f"{VISION}.blocks.{index}")
    for name, module in (("word_embeddings", language.word), ("position_embeddings", language.position), ("LayerNorm", language.norm)):
        fill(module, weights, f"{TEXT}.embeddings.{name}")
    weights.leave(f"{TEXT}.embeddings.position_ids")
    for index, block in enumerate(language.blocks):
        _fill_text(block, weights, f"{TEXT}.encoder.layer.{index}")
    for index, layer in zip(HEAD, language.head, strict=True):
        fill(layer, weights, f"mlp.layers.{index}")
    weights.finish(unused=PRETRAINING_ONLY)
    return model.eval()


def _sizes(weights: PublishedWeights, head_width: int) -> RewardSizes:
    _, positions, vision = weights.shape(f"{VISION}.pos_embed", 3)
    vocabulary, text = weights.shape(f"{TEXT}.embeddings.word_embeddings.weight", 2)
    sizes = RewardSizes(
        vision=vision, vision_layers=weights.count(rf"blip\.visual_encoder\.blocks\.(\d+)\."), positions=positions,
        vision_hidden=weights.shape(f"{VISION}.blocks.0.mlp.fc1.weight", 2)[0], patch=weights.shape(f"{VISION}.patch_embed.proj.weight", 4)[2],
        text=text, text_layers=weights.count(rf"blip\.text_encoder\.encoder\.layer\.(\d+)\."), vocabulary=vocabulary,
        text_hidden=weights.shape(f"{TEXT}.encoder.layer.0.intermediate.dense.weight", 2)[0],
        longest=weights.shape(f"{TEXT}.embeddings.position_embeddings.weight", 2)[0],
        head=tuple(weights.shape(f"mlp.layers.{index}.weight", 2)[0] for index in HEAD), head_width=head_width,
    )
    if vision % head_width or text % head_width:
        raise TrainerError(f"{weights.path} is {vision} and {text} wide, not multiples of {head_width}: name the width of a head with --head-width")
    if (sizes.side // sizes.patch) ** 2 + 1 != positions:
        raise TrainerError(f"{weights.path}: {VISION}.pos_embed has {positions - 1} positions beside the whole, not a square of patches")
    return sizes


def _fill_vision(block: EncoderBlock, weights: PublishedWeights, name: str) -> None:
    for part, module in (("norm1", block.norm1), ("norm2", block.norm2), ("mlp.fc1", block.up), ("mlp.fc2", block.down), ("attn.proj", block.attention.out)):
        fill(module, weights, f"{name}.{part}")
    _fill_stacked(block.attention, weights, f"{name}.attn.qkv")


def _fill_stacked(attention: Attention, weights: PublishedWeights, name: str) -> None:
    """Queries, keys and values are published in one matrix."""
    width = attention.query.out_features
    weight, bias = weights.take(f"{name}.weight", 3 * width, width), weights.take(f"{name}.bias", 3 * width)
    attention.query.weight.data, attention.key_value.weight.data = (part.contiguous() for part in torch.split(weight, [width, 2 * width]))
    attention.query.bias.data, attention.key_value.bias.data = (part.contiguous() for part in torch.split(bias, [width, 2 * width]))


def _fill_text(block: RewardTextBlock, weights: PublishedWeights, name: str) -> None:
    for part, attention, norm in (("attention", block.own, block.norms[0]), ("crossattention", block.picture, block.norms[1])):
        names = {each: f"{name}.{part}.self.{each}" for each in ("query", "key", "value")}
        fill_attention(attention, weights, {**names, "out": f"{name}.{part}.output.dense"})
        fill(norm, weights, f"{name}.{part}.output.LayerNorm")
    for part, module in (("intermediate.dense", block.up), ("output.dense", block.down), ("output.LayerNorm", block.norms[2])):
        fill(module, weights, f"{name}.{part}")
