"""A data set: pictures with a name, keywords and categories, and the prompts drawn from them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from .errors import TrainerError


@dataclass(frozen=True)
class Picture:
    name: str
    keywords: tuple[str, ...]
    categories: tuple[str, ...]
    image: Image.Image  # RGBA, square


def image_folder_pictures(folder: Path, image_size: int) -> list[Picture]:
    """A Hugging Face ImageFolder: metadata.jsonl with `file_name` and `text` or `label`."""
    metadata = folder / "metadata.jsonl"
    if not metadata.exists():
        raise TrainerError(f"{metadata} is missing: an ImageFolder needs one line {{file_name, text}} for each picture")
    pictures = []
    for number, line in enumerate(metadata.read_text("utf8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise TrainerError(f"{metadata}:{number} is not JSON: {error.msg}") from error
        text = row.get("text", row.get("label"))
        if "file_name" not in row or text is None:
            raise TrainerError(f"{metadata}:{number} needs `file_name` and `text` or `label`")
        pictures.append(_picture(folder / row["file_name"], str(text), row.get("label"), image_size))
    if not pictures:
        raise TrainerError(f"{metadata} names no picture")
    return pictures


def _picture(path: Path, text: str, label: object, image_size: int) -> Picture:
    try:
        image = Image.open(path).convert("RGBA")
    except (FileNotFoundError, UnidentifiedImageError, OSError) as error:
        raise TrainerError(f"{path} is not a readable picture") from error
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    resized = square.convert("RGBa").resize((image_size, image_size), Image.LANCZOS).convert("RGBA")
    categories = (str(label).lower(),) if label is not None else ()
    return Picture(name=text.lower(), keywords=(), categories=categories, image=resized)


def premultiplied(images: list[Image.Image]) -> np.ndarray:
    """(pictures, 4, side, side) float32 in [0, 1], colours multiplied by alpha."""
    return np.stack([np.asarray(image.convert("RGBa"), np.float32).transpose(2, 0, 1) / 255 for image in images])


def draw_prompt(picture: Picture, rng: random.Random) -> str:
    """One training prompt: the exact name, some keywords, a category, or nothing (for guidance)."""
    kind = rng.random()
    if kind < 0.10:
        return ""
    if kind < 0.22 and picture.categories:
        return rng.choice(picture.categories)
    if kind < 0.38 and picture.keywords:
        return " ".join(rng.sample(picture.keywords, min(len(picture.keywords), rng.randint(1, 2))))
    return picture.name
