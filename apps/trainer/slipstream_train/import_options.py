"""What every layout of `slipstream-train import` is told."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path


def add_layout(layouts: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], None], what: str, *,
               checkpoint: str, makes: str) -> argparse.ArgumentParser:
    """A parser with the options of all: where the weights lie, where the `makes` goes."""
    parser = layouts.add_parser(name, help=what)
    parser.set_defaults(run=run)
    parser.add_argument("--checkpoint", type=Path, required=True, help=f"{checkpoint}: a file, an index of shards, or a folder with either")
    parser.add_argument("--out", type=Path, required=True, help=f"{makes} folder to make")
    parser.add_argument("--threads", type=positive, help="CPU threads (default: all)")
    return parser


def positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT, as in 512x512")
    return int(found[1]), int(found[2])
