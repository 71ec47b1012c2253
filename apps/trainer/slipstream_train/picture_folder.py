"""A folder of pictures of one size, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from .errors import TrainerError

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
AT_ONCE = 64


def read_pictures(folder: Path, size: tuple[int, int]) -> tuple[list[str], Iterator[np.ndarray]]:
    """Their names in order, and (at most AT_ONCE, height, width, 4) uint8 with straight alpha, part by part; `size` is
    (width, height). TrainerError when there are fewer than two, or one cannot be read or has another size."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if len(paths) < 2:
        raise TrainerError(f"{folder} holds {len(paths)} pictures ({', '.join(sorted(SUFFIXES))}): statistics need two and more")
    parts = (np.stack([_read(path, size) for path in paths[first : first + AT_ONCE]]) for first in range(0, len(paths), AT_ONCE))
    return [str(path.relative_to(folder)) for path in paths], parts


def _read(path: Path, size: tuple[int, int]) -> np.ndarray:
    try:
        with Image.open(path) as picture:
            pixels = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError) as error:
        raise TrainerError(f"{path} cannot be read as a picture: {error}") from error
    if pixels.size != size:
        raise TrainerError(f"{path} is {pixels.size[0]}x{pixels.size[1]}, the scorer takes {size[0]}x{size[1]}: scale the reference, or choose another --size")
    return np.asarray(pixels)
