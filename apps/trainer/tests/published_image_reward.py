"""Random weights in ImageReward's published layout, at small sizes, and a tokenizer of BERT's form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from published_clip import WORDS
from published_maskgit import Draw, State
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HEAD = {0: 20, 2: 12, 4: 8, 6: 4, 7: 1}


@dataclass(frozen=True)
class RewardLayout:
    vision: int = 24
    text: int = 16
    layers: int = 2
    patch: int = 8
    side: int = 24
    longest: int = 12
    head_width: int = 8


def reward_state(vocabulary: int, sizes: RewardLayout = RewardLayout(), seed: int = 5) -> State:
    draw, patches, width = Draw(seed), (sizes.side // sizes.patch) ** 2, sizes.vision
    state = {"blip.visual_encoder.cls_token": draw(1, 1, width), "blip.visual_encoder.pos_embed": draw(1, patches + 1, width)}
    state |= draw.conv("blip.visual_encoder.patch_embed.proj", 3, width, sizes.patch) | draw.norm("blip.visual_encoder.norm", width)
    for index in range(sizes.layers):
        name = f"blip.visual_encoder.blocks.{index}"
        state |= draw.norm(f"{name}.norm1", width) | draw.norm(f"{name}.norm2", width) | draw.linear(f"{name}.attn.qkv", width, 3 * width)
        state |= draw.linear(f"{name}.attn.proj", width, width) | draw.linear(f"{name}.mlp.fc1", width, 4 * width) | draw.linear(f"{name}.mlp.fc2", 4 * width, width)
    text, narrow = "blip.text_encoder", sizes.text
    state |= {f"{text}.embeddings.word_embeddings.weight": draw(vocabulary, narrow), f"{text}.embeddings.position_embeddings.weight": draw(sizes.longest, narrow)}
    state |= draw.norm(f"{text}.embeddings.LayerNorm", narrow) | {f"{text}.embeddings.position_ids": torch.arange(sizes.longest)[None]}
    for index in range(sizes.layers):
        name = f"{text}.encoder.layer.{index}"
        for part, given in (("attention", narrow), ("crossattention", width)):
            state |= draw.linear(f"{name}.{part}.self.query", narrow, narrow) | draw.linear(f"{name}.{part}.self.key", given, narrow)
            state |= draw.linear(f"{name}.{part}.self.value", given, narrow) | draw.linear(f"{name}.{part}.output.dense", narrow, narrow)
            state |= draw.norm(f"{name}.{part}.output.LayerNorm", narrow)
        state |= draw.linear(f"{name}.intermediate.dense", narrow, 4 * narrow) | draw.linear(f"{name}.output.dense", 4 * narrow, narrow)
        state |= draw.norm(f"{name}.output.LayerNorm", narrow)
    wide = narrow
    for index, out in HEAD.items():
        state |= draw.linear(f"mlp.layers.{index}", wide, out)
        wide = out
    return state | draw.linear("blip.vision_proj", width, 8) | draw.linear("blip.text_proj", narrow, 8)


def bert_tokenizer() -> Tokenizer:
    """Whole words and single letters, in the form of BERT's tokenizer.json."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(WORDS.split()), *"abcdefghijklmnopqrstuvwxyz,.!?", *[f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]]
    ids = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])])
    return tokenizer


def write_image_reward(folder: Path) -> dict[str, Path]:
    """The two files -> their paths by the importer's parameter."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = bert_tokenizer()
    tokenizer.save(str(folder / "bert.json"))
    torch.save(reward_state(tokenizer.get_vocab_size()), folder / "ImageReward.pt")
    return {"checkpoint": folder / "ImageReward.pt", "tokenizer": folder / "bert.json"}
