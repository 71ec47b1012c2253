"""Lumina-DiMOO as published (algorithms 1.2): base and shortcut. Knows nothing of files.

A sequence is [prompt][begin of answer, begin of image][a line of tokens, newline] ... [end of image, end of answer]. Here
prompts are padded to one length, and whatever follows the padding keeps the position that it has without: each branch of
each row turns its queries and keys by positions of its own, and nothing attends to padding.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base_model import MaskedTransformer
from .dimoo_layout import Layout
from .dimoo_sampling import DRAWS
from .shortcut_model import StepShortcut, frequencies
from .transformer import mix, replaced

Turn = tuple[Tensor, Tensor]  # cosine and sine of each position's angles, each (rows, n, 1, channels of a head / 2)


@dataclass(frozen=True)
class DimooSizes:
    codes: int
    width: int
    layers: int
    heads: int
    hidden: int
    theta: float
    eps: float


@dataclass(frozen=True)
class Frame:
    """What the layers know of a prompt: where each position stands, and that padding is not to be seen."""

    positions: Tensor  # (rows, L) float
    mask: Tensor  # (rows, 1, 1, L), to be added


class Stored(nn.Module):
    """A matrix in the type that it is stored in; arithmetic is in float32."""

    def __init__(self, wide_out: int, wide_in: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(wide_out, wide_in, device="meta"), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.to(x.dtype))

    def rows(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.weight).float()


class DimooBlock(nn.Module):
    """Attention and a gated feed-forward, both pre-norm, without biases. Positions turn queries and keys."""

    mixed_in = torch.float32

    def __init__(self, width: int, heads: int, hidden: int, eps: float):
        super().__init__()
        self.heads = heads
        self.norm = nn.RMSNorm(width, eps)
        self.query, self.key, self.value, self.out = (Stored(width, width) for _ in range(4))
        self.norm_feed_forward = nn.RMSNorm(width, eps)
        self.gate, self.up, self.down = Stored(hidden, width), Stored(hidden, width), Stored(width, hidden)

    def forward(self, x: Tensor, turn: Turn, mask: Tensor) -> Tensor:
        normed = self.norm(x)
        return self.after(x, normed, turn, self.keys_and_values(normed, turn), mask)

    def across(self, x: Tensor, turn: Turn, new: Tensor, new_turn: Turn, mask: Tensor) -> Tensor:
        """Keys and values from other vectors, new (rows, n, width), which the same norm norms."""
        return self.after(x, self.norm(x), turn, self.keys_and_values(self.norm(new), new_turn), mask)

    def partial(self, x: Tensor, place: Tensor, turn: Turn, cache: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Some positions against the keys and values of all; see `Block.partial`. turn is theirs alone."""
        normed = self.norm(x)
        cache = replaced(cache, place, torch.cat(self.keys_and_values(normed, turn), dim=-1))
        return self.after(x, normed, turn, cache.chunk(2, dim=-1), mask), cache

    def keys_and_values(self, normed: Tensor, turn: Turn) -> tuple[Tensor, Tensor]:
        return turned(self.key(normed), turn, self.heads), self.value(normed)

    def after(self, x: Tensor, normed: Tensor, turn: Turn, known: tuple[Tensor, ...], mask: Tensor) -> Tensor:
        x = x + self.out(mix(turned(self.query(normed), turn, self.heads), *known, self.heads, mask, self.mixed_in))
        normed = self.norm_feed_forward(x)
        return x + self.down(F.silu(self.gate(normed)) * self.up(normed))


def turned(x: Tensor, turn: Turn, heads: int) -> Tensor:
    """Rotary positions: x (rows, n, width), the first half of each head's channels against the second."""
    cosine, sine = turn
    first, second = x.unflatten(-1, (heads, 2, -1)).unbind(-2)
    return torch.stack([first * cosine - second * sine, second * cosine + first * sine], dim=-2).flatten(2)


def rotary_frequencies(channels: int, theta: float) -> Tensor:
    """(channels / 2): what a step of one position adds to the angle of each pair of a head's channels."""
    return 1 / theta ** (torch.arange(channels // 2) / (channels // 2))


def turns(positions: Tensor, frequencies: Tensor) -> Turn:
    """positions (rows, n) float."""
    angles = positions[..., None, None] * frequencies
    return angles.cos(), angles.sin()


class DimooBase(MaskedTransformer):
    """Prompt ids are the text vocabulary; its padding is an id that no text has. The embeddings hold text, then codes."""

    def __init__(self, sizes: DimooSizes, layout: Layout, unconditional: list[int], noise: str):
        super().__init__()
        self.sizes, self.layout, self.theta, self.mask_token, self.noise = sizes, layout, sizes.theta, sizes.codes, noise
        self.prompt_length, self.unconditional, self.draw = layout.prompt_length, layout.pad, DRAWS[noise]
        self.embedding = Stored(layout.text + sizes.codes, sizes.width)
        self.blocks = nn.ModuleList(DimooBlock(sizes.width, sizes.heads, sizes.hidden, sizes.eps) for _ in range(sizes.layers))
        self.norm = nn.RMSNorm(sizes.width, sizes.eps)
        self.head = Stored(sizes.codes, sizes.width)
        self.register_buffer("frequencies", rotary_frequencies(sizes.width // sizes.heads, sizes.theta), persistent=False)
        self.register_buffer("no_prompt", torch.tensor(layout.padded(unconditional)), persistent=False)

    @property
    def positions(self) -> int:
        return self.layout.positions

    @property
    def width(self) -> int:
        return self.embedding.weight.shape[1]

    @property
    def image_tokens(self) -> int:
        return self.layout.height * self.layout.width

    @property
    def prompt_ids(self) -> int:
        return self.layout.pad + 1

    def places(self, positions: Tensor) -> Tensor:
        return self.layout.first + positions + positions // self.layout.width

    def of_image(self, features: Tensor) -> Tensor:
        lines = features[..., self.layout.first : -2, :].unflatten(-2, (self.layout.height, self.layout.width + 1))
        return lines[..., :-1, :].flatten(-3, -2)

    def unprompted(self, prompt: Tensor) -> Tensor:
        return self.no_prompt.expand_as(prompt)

    def example_prompts(self, rows: int, generator: torch.Generator) -> Tensor:
        """Of different lengths."""
        ids = torch.randint(self.layout.newline, (rows, self.prompt_length), generator=generator)
        lengths = 1 + (torch.arange(rows) * 3 + self.prompt_length // 2) % self.prompt_length
        return torch.where(torch.arange(self.prompt_length) < lengths[:, None], ids, self.layout.pad)

    def written(self, prompt: Tensor) -> Tensor:
        return self.frame(prompt).mask[:, 0, 0] == 0

    def stem(self, prompt: Tensor, tokens: Tensor) -> Tensor:
        layout = self.layout
        codes = torch.where(tokens == self.mask_token, layout.mask, layout.text + tokens)
        lines = F.pad(codes.unflatten(1, (layout.height, layout.width)), (0, 1), value=layout.newline).flatten(1)
        begin, end = (torch.tensor(ids, device=tokens.device).expand(tokens.shape[0], -1) for ids in (layout.begin, layout.end))
        return self.embedding.rows(torch.cat([prompt, begin, lines, end], dim=1))

    def frame(self, prompt: Tensor) -> Frame:
        """prompt (rows, P)."""
        written = prompt != self.layout.pad
        answer = torch.arange(self.positions - self.prompt_length, device=prompt.device)
        own = torch.arange(self.prompt_length, device=prompt.device).expand_as(prompt)
        positions = torch.cat([own, written.sum(1, keepdim=True) + answer], dim=1)
        mask = torch.where(F.pad(written, (0, answer.shape[0]), value=True), 0.0, -1e9)
        return Frame(positions.float(), mask[:, None, None])

    def trunk(self, x: Tensor, prompt: Tensor | None = None) -> Tensor:
        frame = self.frame(prompt)
        turn = turns(frame.positions, self.frequencies)
        for block in self.blocks:
            x = block(x, turn, frame.mask)
        return x

    def partial_features(self, prompt: Tensor, tokens: Tensor, last: Tensor, cache: Tensor, selected: Tensor) -> tuple[Tensor, Tensor]:
        place, frame, layers = selected.long(), self.frame(prompt), []
        turn = turns(frame.positions.gather(1, place), self.frequencies)
        x = self.stem(prompt, tokens).gather(1, place[..., None].expand(-1, -1, self.width))
        for block, layer in zip(self.blocks, cache.unbind(1), strict=True):
            x, layer = block.partial(x, place, turn, layer, frame.mask)
            layers.append(layer)
        return replaced(last, place, self.norm(x)), torch.stack(layers, 1)


@dataclass(frozen=True)
class DimooShortcutSizes:
    width: int
    blocks: int
    hidden: int
    time: int


class DimooShortcutBlock(nn.Module):
    def __init__(self, sizes: DimooShortcutSizes, heads: int, eps: float):
        super().__init__()
        self.cross, self.own = (DimooBlock(sizes.width, heads, sizes.hidden, eps) for _ in range(2))

    def forward(self, x: Tensor, turn: Turn, mask: Tensor, new: Tensor, new_turn: Turn, new_mask: Tensor) -> Tensor:
        return self.own(self.cross.across(x, turn, new, new_turn, new_mask), turn, mask)


class DimooShortcut(StepShortcut):
    """New to the conditional branch are the revealed tokens and, at every step, the whole prompt; to the other the tokens
    alone."""

    def __init__(self, sizes: DimooShortcutSizes, base: DimooBase, eps: float):
        nn.Module.__init__(self)
        self.sizes, self.base = sizes, (base,)  # not a part of this one
        base_width = base.width
        self.prompt_length = base.prompt_length
        self.feature_in, self.new_in = nn.Linear(base_width, sizes.width), nn.Linear(base_width, sizes.width)
        self.blocks = nn.ModuleList(DimooShortcutBlock(sizes, base.blocks[0].heads, eps) for _ in range(sizes.blocks))
        self.norm = nn.RMSNorm(sizes.width, eps)
        self.time = nn.Sequential(nn.Linear(256, sizes.time), nn.SiLU(), nn.Linear(sizes.time, sizes.width), nn.Linear(sizes.width, 2 * sizes.width))
        self.out = nn.Linear(sizes.width, base_width)
        self.register_buffer("frequencies", frequencies(), persistent=False)
        self.register_buffer("rotary", rotary_frequencies(sizes.width // base.blocks[0].heads, base.theta), persistent=False)

    def __deepcopy__(self, memo: dict) -> DimooShortcut:
        """Of the base, which is large and frozen, there is one."""
        made = memo[id(self)] = type(self).__new__(type(self))
        made.__dict__ = copy.deepcopy(self.__dict__, memo | {id(self.base[0]): self.base[0]})
        return made

    def change(self, features: Tensor, new_tokens: Tensor, new_positions: Tensor, new_valid: Tensor, mask_ratio: Tensor,
               prompt: Tensor | None = None) -> Tensor:
        (base,), branches, prompts = self.base, features.shape[1], prompt.flatten(0, 1)
        frame = base.frame(prompts)
        place, valid, codes = (part[:, None].expand(-1, branches, -1).flatten(0, 1) for part in (base.places(new_positions), new_valid, new_tokens))
        ids = torch.cat([prompts, base.layout.text + codes], dim=1)
        positions = torch.cat([frame.positions[:, : self.prompt_length], frame.positions.gather(1, place)], dim=1)
        conditional = (torch.arange(branches, device=prompt.device) == 0).repeat(prompt.shape[0])[:, None]
        mask = torch.where(torch.cat([(prompts != base.layout.pad) & conditional, valid], dim=1), 0.0, -1e9)[:, None, None]
        new = self.new_in(base.embedding.rows(ids))
        turn, new_turn = (turns(each, self.rotary) for each in (frame.positions, positions))
        x = self.feature_in(features.flatten(0, 1))
        for block in self.blocks:
            x = block(x, turn, frame.mask, new, new_turn, mask)
        return self.widened(x.unflatten(0, features.shape[:2]), mask_ratio)
