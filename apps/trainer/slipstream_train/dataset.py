"""Stage `data`: draw or read the pictures once, keep them as one array and one JSON file."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .data import Picture, image_folder_pictures, premultiplied
from .emoji import emoji_pictures
from .errors import TrainerError
from .workspace import Workspace


@dataclass(frozen=True)
class Dataset:
    entries: list[Picture]  # without their images
    pictures: Tensor  # (pictures, 4, side, side) float32 premultiplied RGBA in [0, 1]


def make_dataset(workspace: Workspace, source: Path | None) -> None:
    """Pictures from an ImageFolder, or the emoji when `source` is None. Idempotent."""
    preset = workspace.preset
    found = image_folder_pictures(source, preset.image_size) if source else emoji_pictures(preset.image_size)
    if preset.pictures:
        found = random.Random(workspace.seed).sample(found, min(preset.pictures, len(found)))
    if len(found) < 2:
        raise TrainerError("the data set needs at least 2 pictures")
    pixels = np.round(premultiplied([picture.image for picture in found]) * 255).astype(np.uint8)
    np.save(workspace.path("pictures.npy"), pixels)
    entries = [
        {"name": picture.name, "keywords": picture.keywords, "categories": picture.categories} for picture in found
    ]
    source_name = "Noto Color Emoji, CLDR" if source is None else "ImageFolder"
    document = {"source": source_name, "entries": entries}
    workspace.path("dataset.json").write_text(json.dumps(document, ensure_ascii=False, indent=1))
    workspace.summarise("data", {"source": source_name, "pictures": len(found), "imageSize": preset.image_size})


def load_dataset(workspace: Workspace) -> Dataset:
    pixels = np.load(workspace.need("pictures.npy", "data"))
    document = json.loads(workspace.need("dataset.json", "data").read_text())
    entries = [
        Picture(row["name"], tuple(row["keywords"]), tuple(row["categories"]), image=None)
        for row in document["entries"]
    ]
    return Dataset(entries, torch.from_numpy(pixels).float() / 255)
