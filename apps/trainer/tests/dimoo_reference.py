"""Lumina-DiMOO's published procedure, written from its description (algorithms 1.2) over the published tensors themselves: one
picture at a time, one branch after the other, no padding. It shares no code with what it checks."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from published_dimoo import Sizes, State
from torch import Tensor

PRIME = 2**31 - 1


class Reference:
    def __init__(self, sizes: Sizes, base: State, shortcut: State | None = None, noise: str = "fp32"):
        self.sizes, self.base, self.shortcut, self.noise = sizes, base, shortcut, noise
        self.tokens = sizes.height * sizes.line

    @torch.no_grad()
    def sample(self, prompt: list[int], no_prompt: list[int], token_uniforms: Tensor, confidence_uniforms: Tensor, *, steps: int,
               full: set[int], guidance: float = 4.0, temperature: float = 1.0) -> Tensor:
        """Ids of the prompt and of none, uniforms (steps, T) -> tokens after every step (steps, T), the mask being `codes`."""
        text, mask = self.sizes.text, self.sizes.text - 20
        ids = torch.tensor(prompt + self.answer())
        start, history, features = len(prompt), [], []
        new = torch.zeros(len(ids), dtype=torch.bool)
        for step, kept in enumerate(keep_counts(steps, self.tokens)):
            masked = ids == mask
            branches = (ids, torch.cat([torch.tensor(no_prompt), ids[start:]]))
            if step in full:
                features = [self.features(each) for each in branches]
            else:
                news = (new, torch.cat([torch.zeros(len(no_prompt), dtype=torch.bool), new[start:]]))
                ratio = masked.sum() / self.tokens
                features = [self.predicted(*each, ratio) for each in zip(features, branches, news, strict=True)]
            conditional, unconditional = (self.logits(each[-len(masked[start:]):][masked[start:]]) for each in features)
            logits = (1 + guidance) * conditional - guidance * unconditional
            place = masked[self.image_places(start)]
            drawn = self.draw(logits / temperature, token_uniforms[step, place], confidence_uniforms[step, place])
            probability = torch.softmax(logits.double(), -1).gather(1, drawn[:, None])[:, 0]
            confidence = probability.clamp(min=1e-20).log() + temperature * self.gumbel(confidence_uniforms[step, place])
            before, filled = ids, ids.clone()
            filled[masked] = text + drawn
            filled[masked.nonzero()[:, 0][confidence.topk(kept, largest=False).indices]] = mask
            ids, new = filled, filled != before
            new[:start] = True
            codes = ids[self.image_places(start)]
            history.append(torch.where(codes == mask, self.sizes.codes, codes - text))
        return torch.stack(history)

    def answer(self) -> list[int]:
        text, sizes = self.sizes.text, self.sizes
        line = [text - 20] * sizes.line + [text - 272]
        return [text - 2, text - 7] + line * sizes.height + [text - 6, text - 1]

    def image_places(self, start: int) -> Tensor:
        """Where the picture's tokens lie, newlines left out."""
        return torch.tensor([start + 2 + row * (self.sizes.line + 1) + column for row in range(self.sizes.height) for column in range(self.sizes.line)])

    def draw(self, logits: Tensor, uniforms: Tensor, others: Tensor) -> Tensor:
        if self.noise == "fp32":
            ends = torch.softmax(logits.double(), -1).cumsum(-1)
            return (ends <= uniforms[:, None].double()).sum(-1).clamp(max=logits.shape[-1] - 1)
        noise = [[enciphered(code, int(u * 2**23), int(v * 2**23)) for code in range(logits.shape[-1])]
                 for u, v in zip(uniforms.tolist(), others.tolist(), strict=True)]
        return (logits + self.gumbel((torch.tensor(noise).float() + 0.5) / PRIME)).argmax(-1)

    def gumbel(self, uniforms: Tensor) -> Tensor:
        """In bfloat16 every operation rounds, and a uniform number that rounds to 1 is taken for 0."""
        if self.noise == "fp32":
            return -torch.log(-torch.log(uniforms.double()))
        u = uniforms.bfloat16()
        u = torch.where(u == 1, torch.zeros_like(u), u)
        return (-torch.log(-torch.log(u + 1e-20) + 1e-20)).float()

    def features(self, ids: Tensor) -> Tensor:
        x, angles = self.base["model.transformer.wte.weight"][ids], self.angles(torch.arange(len(ids)), self.sizes.width)
        for index in range(self.sizes.layers):
            x = self.block(self.base, f"model.transformer.blocks.{index}", x, angles)
        return self.norm(self.base["model.transformer.ln_f.weight"], x)

    def logits(self, features: Tensor) -> Tensor:
        return features @ self.base["model.transformer.ff_out.weight"][self.sizes.text :].T

    def predicted(self, features: Tensor, ids: Tensor, new: Tensor, mask_ratio: Tensor) -> Tensor:
        """Of one branch, one step later; `new` says which of its ids are new."""
        p = self.shortcut
        known = linear(p, "new_token_proj_in", self.base["model.transformer.wte.weight"][ids[new]])
        x = linear(p, "proj_in", features)
        angles = self.angles(torch.arange(len(ids)), x.shape[-1])
        for index in range(self.sizes.shortcut_blocks):
            x = self.block(p, f"blocks.{index}.cross_attn", x, angles, known, angles[new])
            x = self.block(p, f"blocks.{index}.self_attn", x, angles)
        x = self.norm(p["ln_f.weight"], x)
        angle = 1000 * mask_ratio * torch.exp(-math.log(10_000) * torch.arange(128) / 128)
        time = F.silu(linear(p, "time_embedder.mlp.0", torch.cat([angle.cos(), angle.sin()])))
        scale, shift = linear(p, "adaLN_modulation", linear(p, "time_embedder.mlp.2", time)).chunk(2)
        return linear(p, "proj_out", x * (1 + scale) + shift) + features

    def block(self, p: State, name: str, x: Tensor, angles: Tensor, known: Tensor | None = None, known_angles: Tensor | None = None) -> Tensor:
        """LLaDA's; keys and values from x itself, or from others through the same norm."""
        def project(part: str, value: Tensor) -> Tensor:
            return value @ p[f"{name}.{part}.weight"].T

        normed = self.norm(p[f"{name}.attn_norm.weight"], x)
        source = normed if known is None else self.norm(p[f"{name}.attn_norm.weight"], known)
        query = rotated(self.heads(project("q_proj", normed)), angles)
        key = rotated(self.heads(project("k_proj", source)), angles if known is None else known_angles)
        weights = torch.softmax(query @ key.transpose(1, 2) / query.shape[-1] ** 0.5, -1)
        mixed = (weights @ self.heads(project("v_proj", source))).transpose(0, 1).flatten(1)
        x = x + project("attn_out", mixed)
        normed = self.norm(p[f"{name}.ff_norm.weight"], x)
        return x + project("ff_out", F.silu(project("ff_proj", normed)) * project("up_proj", normed))

    def heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.sizes.heads, -1)).transpose(0, 1)

    def angles(self, positions: Tensor, width: int) -> Tensor:
        """(n, channels of a head): the same for both halves."""
        channels = width // self.sizes.heads
        inverse = 1.0 / (self.sizes.theta ** (torch.arange(0, channels, 2).float() / channels))
        return torch.outer(positions.float(), inverse).repeat(1, 2)

    def norm(self, weight: Tensor, x: Tensor) -> Tensor:
        return weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.sizes.eps)


def rotated(x: Tensor, angles: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    return x * angles.cos() + torch.cat([-second, first], -1) * angles.sin()


def linear(p: State, name: str, x: Tensor) -> Tensor:
    return F.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])


def keep_counts(steps: int, tokens: int) -> list[int]:
    """How many tokens stay masked after each step."""
    return [max(1, math.floor(tokens * math.cos(math.pi / 2 * (step + 1) / steps))) for step in range(steps - 1)] + [0]


def enciphered(code: int, first: int, second: int) -> int:
    """A number below PRIME for each code, by two keys."""
    for key, constant in ((first, 1_013_904_223), (second, 1_664_525_007), (first, 1_540_483_477)):
        code = pow(code + key + constant, 5, PRIME)
    return code
