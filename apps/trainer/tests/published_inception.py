"""Random weights in the layout of FID's Inception-v3 (pt_inception-2015-12-05), at small widths.

As a program it writes the file into a folder."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from published_maskgit import Draw, State

LABELS = 12
WIDTH = 4  # of every convolution


def inception_state(width: int = WIDTH, seed: int = 0) -> State:
    """A convolution after another as the published file has them; the last two blocks give ten times the width."""
    draw, state = Draw(seed), {}

    def conv(name: str, wide_in: int, tall: int = 1, wide: int = 1) -> int:
        state[f"{name}.conv.weight"] = draw(width, wide_in, tall, wide, scale=(2 / (wide_in * tall * wide)) ** 0.5)
        state.update({f"{name}.bn.{key}": value for key, value in _norm(draw, width).items()})
        return width

    def mixed(block: str, wide_in: int, *chains: tuple[tuple[str, int, int], ...]) -> int:
        ends = 0
        for chain in chains:
            carried = wide_in
            for part, tall, wide in chain:
                carried = conv(f"Mixed_{block}.{part}", carried, tall, wide)
            ends += carried
        return ends

    def a(block: str, wide_in: int) -> int:
        return mixed(block, wide_in, (("branch1x1", 1, 1),), (("branch5x5_1", 1, 1), ("branch5x5_2", 5, 5)),
                     (("branch3x3dbl_1", 1, 1), ("branch3x3dbl_2", 3, 3), ("branch3x3dbl_3", 3, 3)), (("branch_pool", 1, 1),))

    def c(block: str, wide_in: int) -> int:
        return mixed(block, wide_in, (("branch1x1", 1, 1),), (("branch7x7_1", 1, 1), ("branch7x7_2", 1, 7), ("branch7x7_3", 7, 1)),
                     (("branch7x7dbl_1", 1, 1), ("branch7x7dbl_2", 7, 1), ("branch7x7dbl_3", 1, 7), ("branch7x7dbl_4", 7, 1),
                      ("branch7x7dbl_5", 1, 7)), (("branch_pool", 1, 1),))

    def e(block: str, wide_in: int) -> int:
        mixed(block, wide_in, (("branch1x1", 1, 1),), (("branch3x3_1", 1, 1),), (("branch3x3dbl_1", 1, 1), ("branch3x3dbl_2", 3, 3)),
              (("branch_pool", 1, 1),))
        for part, tall, wide in (("branch3x3_2a", 1, 3), ("branch3x3_2b", 3, 1), ("branch3x3dbl_3a", 1, 3), ("branch3x3dbl_3b", 3, 1)):
            conv(f"Mixed_{block}.{part}", width, tall, wide)
        return 6 * width

    carried = conv("Conv2d_2b_3x3", conv("Conv2d_2a_3x3", conv("Conv2d_1a_3x3", 3, 3, 3), 3, 3), 3, 3)
    carried = conv("Conv2d_4a_3x3", conv("Conv2d_3b_1x1", carried), 3, 3)
    for block in ("5b", "5c", "5d"):
        carried = a(block, carried)
    carried += mixed("6a", carried, (("branch3x3", 3, 3),), (("branch3x3dbl_1", 1, 1), ("branch3x3dbl_2", 3, 3), ("branch3x3dbl_3", 3, 3)))
    for block in ("6b", "6c", "6d", "6e"):
        carried = c(block, carried)
    carried += mixed("7a", carried, (("branch3x3_1", 1, 1), ("branch3x3_2", 3, 3)),
                     (("branch7x7x3_1", 1, 1), ("branch7x7x3_2", 1, 7), ("branch7x7x3_3", 7, 1), ("branch7x7x3_4", 3, 3)))
    carried = e("7c", e("7b", carried))
    return state | draw.linear("fc", carried, LABELS)


def _norm(draw: Draw, width: int) -> State:
    return {
        "weight": 1 + draw(width, scale=0.2), "bias": draw(width, scale=0.2), "running_mean": draw(width, scale=0.2),
        "running_var": 1 + draw(width, scale=0.2).abs(), "num_batches_tracked": torch.tensor(7),
    }


if __name__ == "__main__":
    torch.save(inception_state(), Path(sys.argv[1]) / "pt_inception.pth")
