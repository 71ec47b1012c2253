"""`slipstream-train import LAYOUT`: weights that others published -> a bundle."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from .command import exit_code_of
from .import_options import add_layout, positive, size
from .import_scorer_cli import add_scorer_layouts


def main_import(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    return exit_code_of(f"import {options.layout}", lambda: options.run(options), threads=options.threads, stopped="nothing was written")


def _maskgit(options: argparse.Namespace) -> None:
    from .import_maskgit import import_maskgit

    import_maskgit(
        options.checkpoint, options.vq, options.out, options.shortcut, heads=options.heads, unproven_shortcut=options.unproven_shortcut,
        weights=options.weights, arithmetic=options.arithmetic,
    )


def _dimoo(options: argparse.Namespace) -> None:
    from .import_dimoo import DimooChoices, import_dimoo

    choices = DimooChoices(
        size=options.size, prompt_length=options.prompt_length, noise=options.noise, weights=options.weights, arithmetic=options.arithmetic, partial=options.partial,
        unproven_shortcut=options.unproven_shortcut,
    )
    import_dimoo(options.checkpoint, options.vq, options.tokenizer, options.out, options.shortcut, choices)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("slipstream-train import", description=__doc__)
    layouts = parser.add_subparsers(dest="layout", required=True, metavar="LAYOUT")
    maskgit = _layout(layouts, "maskgit", _maskgit, "MaskGIT of valeoai (v1.0)", "the VQGAN, likewise")
    maskgit.add_argument("--heads", type=positive, default=16, help="attention heads, which no tensor tells (default: 16, as published)")
    maskgit.add_argument("--weights", choices=["fp32", "fp16", "bf16", "int8"],
                         help="type to store large tensors in (default: fp32, which a CPU reads from the file without a copy); int8: the matrices of the base's blocks, the rest fp32")
    dimoo = _layout(layouts, "dimoo", _dimoo, "Lumina-DiMOO", "the VQ, likewise")
    dimoo.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of the base, or the folder with it")
    dimoo.add_argument("--size", type=size, default=(1024, 1024), help="WIDTHxHEIGHT of pictures in pixels (default: 1024x1024)")
    dimoo.add_argument("--prompt-length", type=positive, default=256, help="ids of the longest prompt, 13 of them the template's (default: 256)")
    dimoo.add_argument("--noise", choices=["bf16", "fp32"], default="bf16",
                       help="bf16: coarse as published, fewer surprises; fp32: exactly the model's probabilities (default: bf16)")
    dimoo.add_argument("--weights", choices=["published", "fp32", "fp16", "bf16", "int8"],
                       help="type to store matrices in (default: as published); int8: those of the base's blocks, the others as published")
    dimoo.add_argument("--partial", action="store_true", help="serve ml-cache, recap and dllm-cache too, at the cost of a second copy of the base in memory")
    add_scorer_layouts(layouts)
    return parser


def _layout(layouts: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], None], what: str, vq: str) -> argparse.ArgumentParser:
    parser = add_layout(layouts, name, run, what, checkpoint="the base", makes="bundle")
    parser.add_argument("--vq", type=Path, required=True, help=vq)
    parser.add_argument("--shortcut", type=Path, help="the shortcut of this base, likewise (default: none)")
    parser.add_argument("--unproven-shortcut", action="store_true", help="take a shortcut that predicts worse than no change")
    parser.add_argument("--arithmetic", choices=["fp32", "fp16"], default="fp32",
                        help="fp16: products of the base's blocks in fp16, for webgpu and cuda; stores weights as fp16 (default: fp32)")
    return parser
