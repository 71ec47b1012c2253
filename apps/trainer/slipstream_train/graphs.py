"""The bundle's graphs as PyTorch modules: their forward arguments and outputs are the graph signatures."""

from __future__ import annotations

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base_model import BaseModel, MaskedTransformer
from .sampling import StepInputs, guide_branches, inverse_cdf, rank, sample_step
from .shortcut_model import AnchoredModel, StepShortcut
from .transformer import SINGLE_NODES, found

SAMPLING_INPUTS = (
    "tokens", "masked_positions", "uniforms", "confidence_uniforms", "guidance", "temperature", "confidence_noise",
    "reveal_count",
)
NEW_INPUTS = ("new_tokens", "new_positions", "new_valid")

# Axes of each input that are free, in order; the others have fixed sizes.
AXES: dict[str, tuple[str, ...]] = {
    "prompt": ("rows", "branches"), "features": ("rows", "branches"), "last_features": ("rows", "branches"),
    "anchor_features": ("rows", "branches"), "residual": ("rows", "branches"), "cache": ("rows", "branches"),
    "selected": ("rows", "branches", "selected"), "masked_positions": ("rows", "masked"), "uniforms": ("rows", "masked"),
    "confidence_uniforms": ("rows", "masked"), "guided": ("rows", "masked"), **{name: ("rows", "new") for name in NEW_INPUTS},
}


class Graph(nn.Module):
    """One ONNX graph: names of its inputs and outputs in order, and which axes are free."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    opset = 23 if SINGLE_NODES else 20  # 23 is the first with an attention node

    def axes(self, name: str) -> tuple[str, ...]:
        return AXES.get(name, ("rows",))


class StepGraph(Graph):
    """A graph that ends in guidance, head and sampling."""

    def __init__(self, base: MaskedTransformer):
        super().__init__()
        self.base = base

    def next_tokens(self, features: Tensor, tokens: Tensor, step: tuple[Tensor, ...]) -> Tensor:
        return self.sample(features, tokens, step)[0]

    def sample(self, features: Tensor, tokens: Tensor, step: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """features (rows, branches, L, width), tokens (rows, T) -> tokens after the step and confidence (rows, M)."""
        inputs = StepInputs(*step)
        return self.sample_from(self.guided_at(inputs.masked_positions, features, inputs.guidance), tokens, step)

    def guided_at(self, positions: Tensor, features: Tensor, guidance: Tensor) -> Tensor:
        """positions (rows, M), features (rows, branches, L, width) -> (rows, M, width). Of the features nothing else is read."""
        place, (branches, length) = self.base.places(positions.long()), features.shape[1:3]
        every = features.flatten(1, 2)
        return guide_branches(found(every, place), found(every, place + (branches - 1) * length), guidance)

    def sample_from(self, guided: Tensor, tokens: Tensor, step: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """The same from guided features at the masked positions, (rows, M, width)."""
        inputs = StepInputs(*step)
        return sample_step(self.base.logits_at(guided, inputs.masked_positions.long()), tokens, self.base.mask_token, inputs, self.base.draw)


def branched(tensor: Tensor, branches: int) -> Tensor:
    """(rows, ...) -> (rows * branches, ...): the same for every branch of a row."""
    return tensor[:, None].expand(-1, branches, *tensor.shape[1:]).flatten(0, 1)


class FullGraph(StepGraph):
    """A full step: the base on every branch. `residual` is what the layers added to the embeddings."""

    inputs = ("prompt", *SAMPLING_INPUTS)
    outputs = ("features", "residual", "next_tokens")

    def forward(self, prompt: Tensor, tokens: Tensor, *step: Tensor) -> tuple[Tensor, ...]:
        rows, branches = prompt.shape[:2]
        prompts = prompt.long().flatten(0, 1)
        stem = self.base.stem(prompts, branched(tokens.long(), branches))
        last = self.base.trunk(stem, prompts)
        features = self.base.norm(last).unflatten(0, (rows, branches))
        return features, (last - stem).unflatten(0, (rows, branches)), self.next_tokens(features, tokens, step)


class HeadGraph(StepGraph):
    """Sampling from features that are known."""

    inputs = ("features", *SAMPLING_INPUTS)
    outputs = ("next_tokens",)

    def forward(self, features: Tensor, tokens: Tensor, *step: Tensor) -> Tensor:
        return self.next_tokens(features, tokens, step)


class ShortcutGraph(StepGraph):
    """A shortcut step; `velocity` is how far the features moved at masked positions, relative to where they were."""

    inputs = ("last_features", *NEW_INPUTS, "mask_ratio", *SAMPLING_INPUTS)
    outputs = ("features", "velocity", "next_tokens")

    def __init__(self, base: MaskedTransformer, shortcut: StepShortcut):
        super().__init__(base)
        self.shortcut = shortcut

    def forward(self, last_features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor,
                mask_ratio: Tensor, tokens: Tensor, *step: Tensor) -> tuple[Tensor, ...]:
        change = self.shortcut.change(last_features, new_tokens.long(), new_positions.long(), new_valid, mask_ratio)
        return self.stepped(last_features, change, tokens, step)

    def stepped(self, last_features: Tensor, change: Tensor, tokens: Tensor, step: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        masked = (tokens == self.base.mask_token).float()[:, None, :]
        moved, was = (self._square(part, masked) for part in (change, last_features))
        velocity, features = torch.sqrt(moved / was.clamp(min=1e-20)), last_features + change
        return features, velocity, self.next_tokens(features, tokens, step)

    def _square(self, features: Tensor, masked: Tensor) -> Tensor:
        """(rows, branches, L, width), (rows, 1, T) -> (rows,): sum of squares over the masked positions. Filled up so that
        every row begins where vectors may: else the runtime adds it in another order than it adds the first."""
        squares = self.base.of_image(features.square().sum(-1, keepdim=True)).squeeze(-1) * masked
        return F.pad(squares, (0, -squares.shape[-1] % 16)).sum((1, 2))


class PromptedShortcutGraph(ShortcutGraph):
    """The same with a shortcut that reads the prompt."""

    inputs = ("prompt", *ShortcutGraph.inputs)

    def forward(self, prompt: Tensor, last_features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor,
                mask_ratio: Tensor, tokens: Tensor, *step: Tensor) -> tuple[Tensor, ...]:
        news = new_tokens.long(), new_positions.long(), new_valid
        change = self.shortcut.change(last_features, *news, mask_ratio, prompt.long())
        return self.stepped(last_features, change, tokens, step)


class AnchoredGraph(StepGraph):
    """A step from the last full step's features and every token revealed since; `guided` is what it samples from."""

    inputs = ("anchor_features", "revealed_since", "anchor_mask_ratio", "mask_ratio", *SAMPLING_INPUTS)
    outputs = ("guided", "next_tokens")

    def __init__(self, base: BaseModel, anchored: AnchoredModel):
        super().__init__(base)
        self.anchored = anchored

    def forward(self, anchor_features: Tensor, revealed_since: Tensor, anchor_mask_ratio: Tensor, mask_ratio: Tensor,
                tokens: Tensor, *step: Tensor) -> tuple[Tensor, ...]:
        inputs = StepInputs(*step)
        positions, ratios = inputs.masked_positions.long(), (anchor_mask_ratio, mask_ratio)
        branches = self.anchored(anchor_features, revealed_since, positions, ratios)
        guided = guide_branches(*branches, inputs.guidance)
        return guided, self.sample_from(guided, tokens, step)[0]


class LogitsGraph(Graph):
    """What a step would sample from, for tools that look inside one: guided features at some positions -> logits."""

    inputs = ("guided",)
    outputs = ("logits",)

    def __init__(self, base: BaseModel):
        super().__init__()
        self.base = base

    def forward(self, guided: Tensor) -> Tensor:
        return self.base.head(guided)


class TailGraph(StepGraph):
    """The embeddings of the tokens plus a residual that was extrapolated (algorithms 2.4)."""

    inputs = ("prompt", "residual", *SAMPLING_INPUTS)
    outputs = ("features", "next_tokens")

    def forward(self, prompt: Tensor, residual: Tensor, tokens: Tensor, *step: Tensor) -> tuple[Tensor, ...]:
        rows, branches = prompt.shape[:2]
        stem = self.base.stem(prompt.long().flatten(0, 1), branched(tokens.long(), branches))
        features = self.base.norm(stem.unflatten(0, (rows, branches)) + residual)
        return features, self.next_tokens(features, tokens, step)


class PartialGraph(StepGraph):
    """The base on some positions of each branch, the others from their keys, values and features (algorithms 2.1-2.3)."""

    inputs = ("prompt", "last_features", "cache", "selected", *SAMPLING_INPUTS)
    outputs = ("features", "next_cache", "max_logits", "ranks", "next_tokens")

    def forward(self, prompt: Tensor, last_features: Tensor, cache: Tensor, selected: Tensor, tokens: Tensor,
                *step: Tensor) -> tuple[Tensor, ...]:
        rows, branches = prompt.shape[:2]
        features, renewed = self.base.partial_features(
            prompt.long().flatten(0, 1), branched(tokens.long(), branches), last_features.flatten(0, 1),
            cache.flatten(0, 1), selected.flatten(0, 1),
        )
        features = features.unflatten(0, (rows, branches))
        after, confidence = self.sample(features, tokens, step)
        ranks = rank(confidence).int()
        largest = self.base.logits_everywhere(features).amax(-1)
        return features, renewed.unflatten(0, (rows, branches)), largest, ranks, after


class StudentGraph(Graph):
    """Di[M]O's one step (algorithms 2.5): every position sampled from codes half of which are noise, without guidance."""

    inputs = ("prompt", "tokens", "embed_noise", "noise_share", "uniforms", "temperature")
    outputs = ("next_tokens",)

    def __init__(self, student: BaseModel):
        super().__init__()
        self.student = student

    def axes(self, name: str) -> tuple[str, ...]:
        return ("rows",)

    def forward(self, prompt: Tensor, tokens: Tensor, embed_noise: Tensor, noise_share: Tensor, uniforms: Tensor,
                temperature: Tensor) -> Tensor:
        logits = one_step_logits(self.student, prompt.long(), tokens.long(), embed_noise, noise_share)
        return inverse_cdf(torch.softmax(logits / temperature[:, None, None], dim=-1), uniforms)[0].int()


def one_step_logits(student: BaseModel, prompt: Tensor, tokens: Tensor, embed_noise: Tensor, noise_share: Tensor) -> Tensor:
    """The student's answer: embeddings e of tokens (rows, T) become s eps + sqrt(1 - s^2) e with embed_noise eps
    (rows, T, width) and noise_share s (rows,) -> logits (rows, T, codes)."""
    share = noise_share[:, None, None]
    embedded = share * embed_noise + torch.sqrt(1 - share.square()) * student.token_embedding(tokens)
    x = torch.cat([student.word_embedding(prompt), embedded], dim=1) + student.position
    return student.logits(student.norm(student.trunk(x)))


class PictureTokenizer(Protocol):
    """What the graphs need of a tokenizer of pictures."""

    def decode(self, codes: Tensor) -> Tensor:
        """(rows, tokens) -> (rows, 4, height, width) premultiplied RGBA, about [0, 1]."""

    def vectors(self, codes: Tensor) -> Tensor:
        """(rows, tokens) -> (rows, tokens, channels): the vector of each code."""


class DecodeGraph(Graph):
    """Tokens -> straight-alpha RGBA bytes, rows x height x width x 4."""

    inputs = ("tokens",)
    outputs = ("pixels",)
    opset = 20  # later group norms are slower in the runtime

    def __init__(self, tokenizer: PictureTokenizer):
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, tokens: Tensor) -> Tensor:
        picture = self.tokenizer.decode(tokens.long()).clamp(0, 1)
        alpha = picture[:, 3:]
        colour = (picture[:, :3] / alpha.clamp(min=1 / 255)).clamp(0, 1)
        straight = torch.cat([colour, alpha], dim=1).permute(0, 2, 3, 1)
        return torch.round(straight * 255).to(torch.uint8)


class EmbedGraph(Graph):
    """Tokens -> their code vectors, flat: the fixed feature space of the evaluation."""

    inputs = ("tokens",)
    outputs = ("vectors",)

    def __init__(self, tokenizer: PictureTokenizer):
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, tokens: Tensor) -> Tensor:
        return self.tokenizer.vectors(tokens.long()).flatten(1)
