"""A bundle folder appears whole or not at all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from .errors import TrainerError

BESIDE_WEIGHTS = 64 << 20  # bytes of graphs, golden files and manifest, at most
LICENCE = "# Licences\n\nImported from published weights; their licences apply.\n"


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def require_name(out: Path) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", out.name):
        raise TrainerError(f"--out ends in {out.name!r}, which is to be the model's name: use lower-case letters, digits, dots and dashes")
    if out.exists():
        raise TrainerError(f"{out} exists already: name another folder with --out, or remove it")


def require_room(out: Path, weight_bytes: int, free: Callable[[Path], int]) -> None:
    folder = next(parent for parent in out.absolute().parents if parent.exists())
    needed, left = weight_bytes + BESIDE_WEIGHTS, free(folder)
    if left < needed:
        raise TrainerError(f"{out} needs {needed / 1e6:.0f} MB, {folder} has {left / 1e6:.0f} MB free: make room or name another folder with --out")


def make_whole(out: Path, write: Callable[[Path], None], verify: Callable[[Path], object]) -> None:
    """`write` fills a folder beside `out`, `verify` raises where it is wrong; then it becomes `out`. TrainerError when the
    system does not let it be written."""
    making = out.with_name(f".{out.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        making.mkdir(parents=True)
        write(making)
        verify(making)
        making.rename(out)
    except OSError as error:
        raise TrainerError(f"{out} cannot be written: {error}; make room or name another folder with --out") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    print(f"import: {out}, {sum(file.stat().st_size for file in out.iterdir()) / 1e6:.1f} MB")
