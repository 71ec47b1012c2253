"""Random weights in Lumina-DiMOO's published layout, at small sizes: what the importer reads and the reference computes with.

As a program it writes the files into a folder."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from published_maskgit import Draw, State
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers


@dataclass(frozen=True)
class Sizes:
    text: int = 340
    codes: int = 64
    width: int = 32
    layers: int = 3
    heads: int = 4
    hidden: int = 48
    height: int = 3
    line: int = 5
    shortcut_blocks: int = 1
    theta: float = 500_000.0
    eps: float = 1e-5


SHARDS = 2
WORDS = ["Generate", "Ġan", "Ġimage", "Ġaccording", "Ġto", "Ġthe", "Ġtext", "Ġprompt"]


def base_state(sizes: Sizes, seed: int = 0) -> State:
    draw, root = Draw(seed), "model.transformer."
    vocabulary = sizes.text + sizes.codes
    state = {f"{root}wte.weight": draw(vocabulary, sizes.width), f"{root}ff_out.weight": draw(vocabulary, sizes.width, scale=0.06)}
    for index in range(sizes.layers):
        state |= block(draw, f"{root}blocks.{index}", sizes.width, sizes.hidden)
    return rounded(state | norm(draw, f"{root}ln_f", sizes.width))


def shortcut_state(sizes: Sizes, seed: int = 1) -> State:
    draw, narrow = Draw(seed), sizes.width // 2
    middle = round((narrow * 256) ** 0.5)
    state = draw.linear("proj_in", sizes.width, narrow) | draw.linear("new_token_proj_in", sizes.width, narrow)
    for index in range(sizes.shortcut_blocks):
        for kind in ("cross_attn", "self_attn"):
            state |= block(draw, f"blocks.{index}.{kind}", narrow, sizes.hidden)
    state |= norm(draw, "ln_f", narrow)
    state |= draw.linear("time_embedder.mlp.0", 256, middle) | draw.linear("time_embedder.mlp.2", middle, narrow)
    return rounded(state | draw.linear("adaLN_modulation", narrow, 2 * narrow) | draw.linear("proj_out", narrow, sizes.width))


def vq_state(sizes: Sizes, seed: int = 2) -> State:
    """Two levels, so a token is 2 x 2 pixels; and tensors that only training needs."""
    draw, fine, coarse, latent = Draw(seed), 32, 64, 8
    state = {"quantize.embedding.weight": draw(sizes.codes, latent)}
    state |= draw.conv("post_quant_conv", latent, latent, 1) | draw.conv("decoder.conv_in", latent, coarse, 3)
    for index in range(2):
        state |= residual(draw, f"decoder.mid_block.resnets.{index}", coarse, coarse)
        state |= residual(draw, f"decoder.up_blocks.0.resnets.{index}", coarse, coarse)
        state |= residual(draw, f"decoder.up_blocks.1.resnets.{index}", fine if index else coarse, fine)
    state |= draw.conv("decoder.up_blocks.0.upsamplers.0.conv", coarse, coarse, 3)
    state |= draw.norm("decoder.conv_norm_out", fine) | draw.conv("decoder.conv_out", fine, 3, 3)
    state["decoder.conv_out.bias"] += 0.5  # colours of [0, 1]
    return state | draw.conv("encoder.conv_in", 3, fine, 3) | draw.conv("quant_conv", latent, latent, 1)


def rounded(state: State) -> State:
    """To what the published type holds."""
    return {name: value.bfloat16().float() for name, value in state.items()}


def block(draw: Draw, name: str, width: int, hidden: int) -> State:
    state = norm(draw, f"{name}.attn_norm", width) | norm(draw, f"{name}.ff_norm", width)
    shapes = {"q_proj": (width, width), "k_proj": (width, width), "v_proj": (width, width), "attn_out": (width, width),
              "ff_proj": (hidden, width), "up_proj": (hidden, width), "ff_out": (width, hidden)}
    return state | {f"{name}.{part}.weight": draw(*shape, scale=shape[1] ** -0.5) for part, shape in shapes.items()}


def norm(draw: Draw, name: str, width: int) -> State:
    return {f"{name}.weight": draw.norm(name, width)[f"{name}.weight"]}


def residual(draw: Draw, name: str, wide_in: int, wide_out: int) -> State:
    return {key.replace("nin_shortcut", "conv_shortcut"): value for key, value in draw.residual(name, wide_in, wide_out).items()}


def tokenizer(sizes: Sizes) -> Tokenizer:
    """Bytes, the template's words, a few pairs, and the marks at the ids that the published ones have, counted from the end."""
    vocabulary = {symbol: index for index, symbol in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges = []
    for word in [*WORDS, "Ġc", "on", "er", "in"]:
        for end in range(2, len(word) + 1):
            if word[:end] not in vocabulary:
                merges.append((word[: end - 1], word[end - 1]))
                vocabulary[word[:end]] = len(vocabulary)
    made = Tokenizer(models.BPE(vocabulary, merges))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    names = [f"<|reserved_{index}|>" for index in range(len(vocabulary), sizes.text)]
    marks = {24: "<system>", 23: "</system>", 22: "<user>", 21: "</user>", 20: "<|mdm_mask|>", 5: "<uncondition>"}
    for place, mark in marks.items():
        names[-place] = mark
    made.add_special_tokens([AddedToken(name, normalized=False) for name in names])
    return made


def write_published(folder: Path, sizes: Sizes = Sizes()) -> dict[str, Path]:
    """The files as they are published -> their paths by the importer's option."""
    folder.mkdir(parents=True, exist_ok=True)
    base, vq = folder / "dimoo", folder / "dimoo" / "vqvae"
    vq.mkdir(parents=True)
    state = {name: value.bfloat16() for name, value in base_state(sizes).items()}
    names = sorted(state)
    places = {name: f"model-{1 + index * SHARDS // len(names):05}-of-{SHARDS:05}.safetensors" for index, name in enumerate(names)}
    for file in set(places.values()):
        save_file({name: state[name] for name in names if places[name] == file}, base / file)
    (base / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    (base / "config.json").write_text(json.dumps({"n_heads": sizes.heads, "n_kv_heads": sizes.heads, "rope_theta": sizes.theta,
                                                  "rms_norm_eps": sizes.eps, "activation_type": "silu"}))
    save_file(vq_state(sizes), vq / "diffusion_pytorch_model.safetensors")
    torch.save(shortcut_state(sizes), folder / "dimoo-shortcut.pth")
    tokenizer(sizes).save(str(base / "tokenizer.json"))
    return {"checkpoint": base, "vq": vq, "shortcut": folder / "dimoo-shortcut.pth", "tokenizer": base / "tokenizer.json"}


if __name__ == "__main__":
    write_published(Path(sys.argv[1]))
