"""A grid of samples: vanilla above accelerated, same prompt, same noise."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image, ImageDraw
from tokenizers import Tokenizer
from torch import Tensor

from .autoencoder import Autoencoder
from .base_model import BaseModel
from .graphs import DecodeGraph
from .presets import Preset
from .sampler import draw_uniforms, generate
from .shortcut_model import AnchoredModel, ShortcutModel

SAMPLE_PROMPTS = [
    "pizza", "red apple", "cat face", "dog face", "panda", "unicorn", "octopus", "butterfly", "sunflower", "cactus",
    "strawberry", "avocado", "doughnut", "birthday cake", "hot beverage", "rocket", "sailboat", "locomotive", "bicycle",
    "castle", "guitar", "trophy", "soccer ball", "fire", "ice cream", "red heart", "grinning face", "tiger face",
    "sun", "rainbow", "animal", "food", "face", "fruit", "vehicle", "flower", "bird", "building", "weather", "",
]
COLUMNS, MARGIN, CAPTION = 10, 4, 12


def write_samples(
    base: BaseModel, predictor: ShortcutModel | AnchoredModel, autoencoder: Autoencoder, tokenizer: Tokenizer, preset: Preset,
    prompts: list[str], path: Path, seed: int = 7,
) -> None:
    steps, budget = preset.sampling.steps, preset.sampling.budget
    noise = draw_uniforms((2, steps, len(prompts), preset.image_tokens), torch.Generator().manual_seed(seed))
    ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(prompts)])
    decode = DecodeGraph(autoencoder)
    rows = [
        _pictures(decode, generate(base, ids, noise[0], noise[1], preset.sampling, steps=steps,
                                   predictor=model, budget=budget))
        for model in (None, predictor)
    ]
    _grid(prompts, rows, preset.image_size).save(path, optimize=True)


@torch.no_grad()
def _pictures(decode: DecodeGraph, tokens: Tensor) -> list[Image.Image]:
    return [Image.fromarray(pixels, "RGBA") for pixels in decode(tokens).numpy()]


def _grid(prompts: list[str], rows: list[list[Image.Image]], size: int) -> Image.Image:
    cell_width, cell_height = size + MARGIN, 2 * size + MARGIN + CAPTION
    lines = -(-len(prompts) // COLUMNS)
    grid = Image.new("RGB", (COLUMNS * cell_width, lines * cell_height), "white")
    draw = ImageDraw.Draw(grid)
    for index, prompt in enumerate(prompts):
        left, top = index % COLUMNS * cell_width, index // COLUMNS * cell_height
        for line, pictures in enumerate(rows):
            picture = pictures[index]
            grid.paste(picture, (left, top + line * size), picture)
        caption = prompt[: size // 6] or "(empty)"
        draw.text((left + 1, top + 2 * size), caption, fill="black")
    return grid
