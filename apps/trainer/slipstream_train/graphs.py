"""The bundle's graphs as PyTorch modules: their forward arguments and outputs are the graph signatures."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .autoencoder import Autoencoder
from .base_model import BaseModel
from .sampling import StepInputs, guide, sample_step
from .shortcut_model import ShortcutModel

SAMPLING_INPUTS = (
    "uniforms", "confidence_uniforms", "guidance", "temperature", "confidence_noise", "reveal_count",
)


def next_tokens(base: BaseModel, features: Tensor, tokens: Tensor, step: StepInputs) -> Tensor:
    """Guidance, head and sampling, the end of every step: features (rows, 2, L, width) -> tokens (rows, T) int32."""
    logits = base.logits(guide(features, step.guidance))
    return sample_step(logits, tokens.long(), base.mask_token, step).int()


class FullGraph(nn.Module):
    """A full step: the base on both guidance branches, head, guidance, sampling."""

    inputs = ("prompt", "tokens", *SAMPLING_INPUTS)
    outputs = ("features", "next_tokens")

    def __init__(self, base: BaseModel):
        super().__init__()
        self.base = base

    def forward(self, prompt: Tensor, tokens: Tensor, *step: Tensor) -> tuple[Tensor, Tensor]:
        features = self.base.guided_features(prompt.long(), tokens.long())
        return features, next_tokens(self.base, features, tokens, StepInputs(*step))


class ShortcutGraph(nn.Module):
    """A shortcut step: predicted features of both branches, then the same head, guidance and sampling."""

    inputs = ("last_features", "tokens", "new_tokens", "new_positions", "new_valid", "mask_ratio", *SAMPLING_INPUTS)
    outputs = ("features", "next_tokens")

    def __init__(self, base: BaseModel, shortcut: ShortcutModel):
        super().__init__()
        self.base, self.shortcut = base, shortcut

    def forward(self, last_features: Tensor, tokens: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor,
                mask_ratio: Tensor, *step: Tensor) -> tuple[Tensor, Tensor]:
        predicted = self.shortcut.guided(last_features, new_tokens.long(), new_positions.long(), new_valid, mask_ratio)
        return predicted, next_tokens(self.base, predicted, tokens, StepInputs(*step))


class DecodeGraph(nn.Module):
    """Tokens -> straight-alpha RGBA bytes, rows x height x width x 4."""

    inputs = ("tokens",)
    outputs = ("pixels",)

    def __init__(self, tokenizer: Autoencoder):
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, tokens: Tensor) -> Tensor:
        picture = self.tokenizer.decode(tokens.long()).clamp(0, 1)
        alpha = picture[:, 3:]
        colour = (picture[:, :3] / alpha.clamp(min=1 / 255)).clamp(0, 1)
        straight = torch.cat([colour, alpha], dim=1).permute(0, 2, 3, 1)
        return torch.round(straight * 255).to(torch.uint8)


class EmbedGraph(nn.Module):
    """Tokens -> their code vectors, flat: the fixed feature space of the evaluation."""

    inputs = ("tokens",)
    outputs = ("vectors",)

    def __init__(self, tokenizer: Autoencoder):
        super().__init__()
        self.fsq = tokenizer.fsq

    def forward(self, tokens: Tensor) -> Tensor:
        return self.fsq.from_codes(tokens.long()).flatten(1)
