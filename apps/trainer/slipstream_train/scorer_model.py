"""The two scorers: a picture classifier, and a picture-and-prompt encoder in the manner of CLIP (Radford et al. 2021)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .prompt_tokenizer import PAD
from .scorer_presets import ScorerPreset


class ConvNorm(nn.Module):
    """Convolution and batch norm; `fuse` folds the norm into the convolution once training is over."""

    def __init__(self, channels_in: int, channels_out: int, *, kernel: int = 3, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))

    def fuse(self) -> None:
        self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), nn.Identity()


class Stage(nn.Module):
    """Half the side, then one residual block."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.down = ConvNorm(channels_in, channels_out, stride=2)
        self.first, self.second = ConvNorm(channels_out, channels_out), ConvNorm(channels_out, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.down(x))
        return F.relu(x + self.second(F.relu(self.first(x))))


class ImageTower(nn.Module):
    """(rows, 3, side, side) on white in [0, 1] -> (rows, features)."""

    def __init__(self, preset: ScorerPreset):
        super().__init__()
        channels = preset.channels
        self.stem = ConvNorm(3, channels[0], kernel=5, stride=2)
        self.stages = nn.Sequential(*[Stage(low, high) for low, high in zip(channels, channels[1:], strict=False)])
        self.out = nn.Linear(channels[-1], preset.features)

    def forward(self, pictures: Tensor) -> Tensor:
        hidden = self.stages(F.relu(self.stem(pictures * 2 - 1)))
        return self.out(hidden.mean((2, 3)))


class Classifier(nn.Module):
    """A picture -> features (rows, features) and logits (rows, labels)."""

    def __init__(self, preset: ScorerPreset, labels: int):
        super().__init__()
        self.tower = ImageTower(preset)
        self.head = nn.Linear(preset.features, labels)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        features = self.tower(pictures)
        return features, self.head(features)


class TextTower(nn.Module):
    """(rows, length) word ids -> (rows, features): one attention block, read off a start token, so no prompt is a prompt."""

    def __init__(self, vocabulary: int, length: int, width: int):
        super().__init__()
        self.word = nn.Embedding(vocabulary, width)
        self.place = nn.Parameter(0.02 * torch.randn(length + 1, width))
        self.norm1, self.norm2, self.norm = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key_value = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.expand, self.contract = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.out = nn.Linear(width, width)

    def forward(self, text: Tensor) -> Tensor:
        used = F.pad(text != PAD, (1, 0), value=True)  # (rows, 1 + length)
        x = F.pad(self.word.weight[text], (0, 0, 1, 0)) + self.place
        normed = self.norm1(x)
        key, value = self.key_value(normed).chunk(2, -1)
        score = self.query(normed[:, :1]) @ key.transpose(1, 2) / math.sqrt(x.shape[-1])  # (rows, 1, 1 + length)
        weight = score.masked_fill(~used[:, None], -1e9).softmax(-1)
        count = used[:, 1:].sum(1, keepdim=True).clamp(min=1)
        words = (x[:, 1:] * used[:, 1:, None]).sum(1) / count
        start = x[:, 0] + words + (weight @ value)[:, 0]
        return self.out(self.norm(start + self.contract(F.gelu(self.expand(self.norm2(start))))))


class ImageText(nn.Module):
    """Pictures and prompts on one unit sphere; the cosine is the alignment score."""

    def __init__(self, preset: ScorerPreset, vocabulary: int, length: int):
        super().__init__()
        self.image_tower = ImageTower(preset)
        self.text_tower = TextTower(vocabulary, length, preset.features)
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def image(self, pictures: Tensor) -> Tensor:
        return F.normalize(self.image_tower(pictures), dim=-1)

    def text(self, text: Tensor) -> Tensor:
        return F.normalize(self.text_tower(text), dim=-1)

    def forward(self, pictures: Tensor, text: Tensor) -> Tensor:
        """(prompts, pictures) logits: cosine over the learned temperature."""
        return self.log_scale.clamp(max=math.log(100)).exp() * self.text(text) @ self.image(pictures).T


def fuse(model: nn.Module) -> nn.Module:
    """The same function in eval mode with every batch norm folded into its convolution."""
    for part in list(model.modules()):
        if isinstance(part, ConvNorm):
            part.fuse()
    return model
