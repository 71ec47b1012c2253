"""The layouts of `slipstream-train import` that become scorers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from .import_options import add_layout, positive, size


def add_scorer_layouts(layouts: argparse._SubParsersAction) -> None:
    inception = _layout(layouts, "inception", _inception, "Inception-v3 as FID uses it (pt_inception-2015-12-05)")
    inception.add_argument("--resize", choices=["clean", "torch-fidelity"], default="clean",
                           help="whose way to resize pictures; distances of the one do not compare with the other's (default: clean, antialiased)")
    for name, what in (("clip", "CLIP with a vision transformer, for alignment"), ("clip-iqa", "the same CLIP, for quality by a pair of opposite prompts")):
        clip = _layout(layouts, name, _clip, what)
        clip.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of the model, or the folder with it")
        clip.add_argument("--head-width", type=positive, default=64, help="width of an attention head, which no tensor tells (default: 64, as published)")
        clip.add_argument("--gelu", choices=["quick", "exact"], default="quick", help="activation that it was trained with: quick by OpenAI, exact by most others (default: quick)")
    reward = _layout(layouts, "image-reward", _image_reward, "ImageReward, what people would like for a prompt")
    reward.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of bert-base-uncased, or the folder with it")
    reward.add_argument("--head-width", type=positive, default=64, help="width of an attention head, which no tensor tells (default: 64, as published)")


def _image_reward(options: argparse.Namespace) -> None:
    from .import_image_reward import import_image_reward

    import_image_reward(options.checkpoint, options.tokenizer, options.out, _choices(options), head_width=options.head_width)


def _clip(options: argparse.Namespace) -> None:
    from .import_clip import import_clip

    import_clip(options.checkpoint, options.tokenizer, options.out, _choices(options), head_width=options.head_width, gelu=options.gelu,
                quality=options.layout == "clip-iqa")


def _inception(options: argparse.Namespace) -> None:
    from .import_inception import import_inception

    import_inception(options.checkpoint, options.out, _choices(options), options.resize)


def _choices(options: argparse.Namespace):
    from .import_scorer import ScorerChoices

    return ScorerChoices(size=options.size, weights=options.weights, reference=options.reference)


def _layout(layouts: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], None], what: str) -> argparse.ArgumentParser:
    parser = add_layout(layouts, name, run, what, checkpoint=what, makes="scorer")
    parser.add_argument("--size", type=size, default=(512, 512), help="WIDTHxHEIGHT of the pictures that it is to judge, the bundle's (default: 512x512)")
    parser.add_argument("--weights", choices=["fp32", "fp16"], default="fp32", help="type to store weights in (default: fp32, as published)")
    parser.add_argument("--reference", type=Path, help="folder of pictures of that size that distances are taken from (default: none)")
    return parser
