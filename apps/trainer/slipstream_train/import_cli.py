"""`slipstream-train import LAYOUT`: weights that others published -> a bundle."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from .errors import TrainerError


def main_import(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        from .import_maskgit import import_maskgit

        import_maskgit(
            options.checkpoint, options.vq, options.out, options.shortcut, heads=options.heads, unproven_shortcut=options.unproven_shortcut,
        )
    except (TrainerError, OSError) as error:  # what the system refuses names its file itself
        print(f"slipstream-train import {options.layout}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("slipstream-train import", description=__doc__)
    parser.add_argument("layout", choices=["maskgit"])
    parser.add_argument("--checkpoint", type=Path, required=True, help="the base: a file, an index of shards, or a folder with either")
    parser.add_argument("--vq", type=Path, required=True, help="the VQGAN, likewise")
    parser.add_argument("--shortcut", type=Path, help="the shortcut of this base, likewise (default: none)")
    parser.add_argument("--unproven-shortcut", action="store_true", help="take a shortcut that predicts worse than no change")
    parser.add_argument("--out", type=Path, required=True, help="bundle folder to make")
    parser.add_argument("--heads", type=int, default=16, help="attention heads, which no tensor tells (default: 16, as published)")
    parser.add_argument("--threads", type=int, help="CPU threads (default: all)")
    return parser
