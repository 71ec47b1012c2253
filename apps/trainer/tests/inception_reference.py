"""FID's Inception-v3 in plain functions over the published tensors, written from its description: TensorFlow's graph of
2015-12-05 (Szegedy et al. 2016, figures 5 to 7) with the averages that do not count the border and the last block's maximum."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

State = dict[str, Tensor]


def inception(state: State, x: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, 3, side, side) in [-1, 1] -> pooled features and logits."""

    def conv(name: str, x: Tensor, stride: int = 1, padding: tuple[int, int] = (0, 0)) -> Tensor:
        x = F.conv2d(x, state[f"{name}.conv.weight"], None, stride, padding)
        bn = [state[f"{name}.bn.{key}"] for key in ("running_mean", "running_var", "weight", "bias")]
        return F.relu(F.batch_norm(x, *bn, training=False, eps=0.001))

    def mean(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)

    x = conv("Conv2d_2b_3x3", conv("Conv2d_2a_3x3", conv("Conv2d_1a_3x3", x, 2)), padding=(1, 1))
    x = F.max_pool2d(x, 3, 2)
    x = F.max_pool2d(conv("Conv2d_4a_3x3", conv("Conv2d_3b_1x1", x)), 3, 2)
    for m in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        five = conv(f"{m}.branch5x5_2", conv(f"{m}.branch5x5_1", x), padding=(2, 2))
        double = conv(f"{m}.branch3x3dbl_2", conv(f"{m}.branch3x3dbl_1", x), padding=(1, 1))
        double = conv(f"{m}.branch3x3dbl_3", double, padding=(1, 1))
        x = torch.cat([conv(f"{m}.branch1x1", x), five, double, conv(f"{m}.branch_pool", mean(x))], 1)
    double = conv("Mixed_6a.branch3x3dbl_2", conv("Mixed_6a.branch3x3dbl_1", x), padding=(1, 1))
    x = torch.cat([conv("Mixed_6a.branch3x3", x, 2), conv("Mixed_6a.branch3x3dbl_3", double, 2), F.max_pool2d(x, 3, 2)], 1)
    for m in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
        seven = conv(f"{m}.branch7x7_2", conv(f"{m}.branch7x7_1", x), padding=(0, 3))
        seven = conv(f"{m}.branch7x7_3", seven, padding=(3, 0))
        double = conv(f"{m}.branch7x7dbl_1", x)
        for index, padding in ((2, (3, 0)), (3, (0, 3)), (4, (3, 0)), (5, (0, 3))):
            double = conv(f"{m}.branch7x7dbl_{index}", double, padding=padding)
        x = torch.cat([conv(f"{m}.branch1x1", x), seven, double, conv(f"{m}.branch_pool", mean(x))], 1)
    three = conv("Mixed_7a.branch3x3_2", conv("Mixed_7a.branch3x3_1", x), 2)
    seven = conv("Mixed_7a.branch7x7x3_2", conv("Mixed_7a.branch7x7x3_1", x), padding=(0, 3))
    seven = conv("Mixed_7a.branch7x7x3_4", conv("Mixed_7a.branch7x7x3_3", seven, padding=(3, 0)), 2)
    x = torch.cat([three, seven, F.max_pool2d(x, 3, 2)], 1)
    for m, pool in (("Mixed_7b", mean), ("Mixed_7c", lambda x: F.max_pool2d(x, 3, 1, 1))):
        three = conv(f"{m}.branch3x3_1", x)
        double = conv(f"{m}.branch3x3dbl_2", conv(f"{m}.branch3x3dbl_1", x), padding=(1, 1))
        ends = [conv(f"{m}.{branch}", part, padding=padding) for branch, part, padding in (
            ("branch3x3_2a", three, (0, 1)), ("branch3x3_2b", three, (1, 0)),
            ("branch3x3dbl_3a", double, (0, 1)), ("branch3x3dbl_3b", double, (1, 0)),
        )]
        x = torch.cat([conv(f"{m}.branch1x1", x), *ends, conv(f"{m}.branch_pool", pool(x))], 1)
    features = F.adaptive_avg_pool2d(x, 1).flatten(1)
    return features, F.linear(features, state["fc.weight"], state["fc.bias"])
