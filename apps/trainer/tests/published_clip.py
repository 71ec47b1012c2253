"""Random weights in CLIP's published layout (Hugging Face's names), at small sizes, and a tokenizer of CLIP's form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from published_maskgit import Draw, State
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

START, END = "<|startoftext|>", "<|endoftext|>"
WORDS = "a photo of a cat and a dog good bad slice of pizza on a wooden table red squares"


@dataclass(frozen=True)
class ClipLayout:
    vision: int = 32
    text: int = 16
    layers: int = 2
    patch: int = 8
    side: int = 24
    length: int = 12
    embedding: int = 12
    head_width: int = 8


def clip_state(vocabulary: int, sizes: ClipLayout = ClipLayout(), seed: int = 3) -> State:
    draw, patches = Draw(seed), (sizes.side // sizes.patch) ** 2
    state = {
        "logit_scale": torch.tensor(4.6052), "visual_projection.weight": draw(sizes.embedding, sizes.vision, scale=sizes.vision**-0.5),
        "text_projection.weight": draw(sizes.embedding, sizes.text, scale=sizes.text**-0.5),
        "text_model.embeddings.token_embedding.weight": draw(vocabulary, sizes.text),
        "text_model.embeddings.position_embedding.weight": draw(sizes.length, sizes.text),
        "vision_model.embeddings.class_embedding": draw(sizes.vision), "vision_model.embeddings.position_embedding.weight": draw(patches + 1, sizes.vision),
        "vision_model.embeddings.patch_embedding.weight": draw(sizes.vision, 3, sizes.patch, sizes.patch, scale=0.1),
    }
    for name, width in (("vision_model", sizes.vision), ("text_model", sizes.text)):
        for index in range(sizes.layers):
            layer = f"{name}.encoder.layers.{index}"
            for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                state |= draw.linear(f"{layer}.self_attn.{part}", width, width)
            state |= draw.norm(f"{layer}.layer_norm1", width) | draw.norm(f"{layer}.layer_norm2", width)
            state |= draw.linear(f"{layer}.mlp.fc1", width, 4 * width) | draw.linear(f"{layer}.mlp.fc2", 4 * width, width)
    for name, width in (("vision_model.pre_layrnorm", sizes.vision), ("vision_model.post_layernorm", sizes.vision), ("text_model.final_layer_norm", sizes.text)):
        state |= draw.norm(name, width)
    return state


def as_openai(state: State) -> State:
    """The same weights under OpenAI's own names."""
    renamed: State = {name: torch.tensor(7) for name in ("input_resolution", "context_length", "vocab_size")}
    for name, value in state.items():
        new = name.replace("vision_model.encoder.layers", "visual.transformer.resblocks").replace("text_model.encoder.layers", "transformer.resblocks")
        for old, to in {
            "vision_model.embeddings.class_embedding": "visual.class_embedding", "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
            "vision_model.embeddings.patch_embedding": "visual.conv1", "vision_model.pre_layrnorm": "visual.ln_pre", "vision_model.post_layernorm": "visual.ln_post",
            "text_model.embeddings.token_embedding": "token_embedding", "text_model.embeddings.position_embedding.weight": "positional_embedding",
            "text_model.final_layer_norm": "ln_final", "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
            "self_attn": "attn", "visual_projection.weight": "visual.proj", "text_projection.weight": "text_projection",
        }.items():
            new = new.replace(old, to)
        renamed[new] = value.T.contiguous() if "projection" in name else value
    for name in [name for name in renamed if ".q_proj." in name]:
        parts = [renamed.pop(name.replace("q_proj", part)) for part in ("q_proj", "k_proj", "v_proj")]
        renamed[name.replace("q_proj.", "in_proj_")] = torch.cat(parts)
    return renamed


def clip_tokenizer() -> Tokenizer:
    """Byte pairs of lower-case words, closed by </w>, in the form of CLIP's tokenizer.json: bytes, bytes that close a word,
    what they merge to, and the two marks. Words of WORDS are merged from the left."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary, merges = [*letters, *[f"{letter}</w>" for letter in letters]], []
    for word in dict.fromkeys(part for part in WORDS.split() if part.isalpha()):
        parts = [*word[:-1], f"{word[-1]}</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            parts[:2] = ["".join(pair)]
            if pair not in merges:
                merges.append(pair)
                vocabulary.append(parts[0])
    vocabulary += [START, END]
    ids = {word: index for index, word in enumerate(dict.fromkeys(vocabulary))}
    tokenizer = Tokenizer(models.BPE(ids, merges, unk_token=END, continuing_subword_prefix="", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    split = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(split, behavior="removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.add_special_tokens([START, END])
    tokenizer.post_processor = processors.RobertaProcessing((END, ids[END]), (START, ids[START]), trim_offsets=False, add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def write_clip(folder: Path) -> dict[str, Path]:
    """The two files -> their paths by the importer's parameter."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = clip_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(clip_state(tokenizer.get_vocab_size()), folder / "model.safetensors")
    return {"checkpoint": folder / "model.safetensors", "tokenizer": folder / "tokenizer.json"}
