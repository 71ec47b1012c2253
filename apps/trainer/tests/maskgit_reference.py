"""MaskGIT's published procedure, written from its description (algorithms 1.1) over the published tensors themselves: one
picture at a time, the class token last, logits guided and sampled by plain sums. It shares no code with what it checks."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from published_maskgit import Sizes, State
from torch import Tensor


class Reference:
    def __init__(self, sizes: Sizes, base: State, shortcut: State | None = None):
        self.sizes, self.base, self.shortcut = sizes, base, shortcut
        self.tokens = sizes.grid**2

    @torch.no_grad()
    def sample(self, label: int, token_uniforms: Tensor, confidence_uniforms: Tensor, *, steps: int, full: set[int],
               guidance: float, randomness: float, on_step: Callable[[Tensor, Tensor], None] = lambda edges, threshold: None) -> Tensor:
        """Uniforms (steps, T) -> tokens after every step (steps, T). `on_step` is told how far each position was from another
        choice (T,): its uniform from the nearest edge between two codes, and its confidence from the least that was revealed."""
        code = torch.full((self.tokens,), self.sizes.codes)
        masked = torch.ones(self.tokens, dtype=torch.bool)
        features, history, new = None, [], None
        for step, count in enumerate(arccos_counts(steps, self.tokens)):
            share = step / (steps - 1)
            if step in full:
                features = [self.features(code, each) for each in (label, self.sizes.classes)]
            else:
                features = [self.velocity(branch, code[new], new, masked.float().mean()) + branch for branch in features]
            conditional, unconditional = (self.logits(branch) for branch in features)
            logits = (1 + guidance * share) * conditional - guidance * share * unconditional
            probability = torch.softmax(logits.double(), -1)
            ends = probability.cumsum(-1) - token_uniforms[step, :, None].double()
            drawn = (ends <= 0).sum(-1).clamp(max=self.sizes.codes - 1)
            gumbel = -torch.log(-torch.log(confidence_uniforms[step].double()))
            confidence = torch.log(probability.gather(1, drawn[:, None])[:, 0]) + randomness * gumbel * (1 - share)
            confidence[~masked] = -math.inf
            new, best = torch.zeros_like(masked), confidence.topk(min(count, int(masked.sum())))
            new[best.indices] = True
            on_step(ends.abs().amin(-1), (confidence - best.values[-1]).abs())
            code, masked = torch.where(new, drawn, code), masked & ~new
            history.append(code)
        return torch.stack(history)

    def features(self, code: Tensor, label: int) -> Tensor:
        p = self.base
        ids = torch.cat([code, torch.tensor([label + self.sizes.codes + 1])])
        x = p["tok_emb.weight"][ids] + p["pos_emb"][0]
        x = F.gelu(F.linear(norm(p, "first_layer.0", x, 1e-12), p["first_layer.2.weight"], p["first_layer.2.bias"]))
        x = F.linear(norm(p, "first_layer.4", x, 1e-12), p["first_layer.6.weight"], p["first_layer.6.bias"])
        for index in range(self.sizes.layers):
            name = f"transformer.layers.{index}"
            normed = norm(p, f"{name}.0.norm", x)
            x = x + attend(p, f"{name}.0.fn.mha", normed, normed, self.sizes.heads)
            x = x + feed_forward(p, f"{name}.1.fn.net", norm(p, f"{name}.1.norm", x))
        x = F.gelu(F.linear(norm(p, "last_layer.0", x, 1e-12), p["last_layer.2.weight"], p["last_layer.2.bias"]))
        return norm(p, "last_layer.4", x, 1e-12)

    def logits(self, features: Tensor) -> Tensor:
        return (features @ self.base["tok_emb.weight"].T + self.base["bias"])[: self.tokens, : self.sizes.codes]

    def velocity(self, features: Tensor, new_tokens: Tensor, new: Tensor, mask_ratio: Tensor) -> Tensor:
        """What one shortcut step adds to the features of one branch; only queries are normed."""
        p = self.shortcut
        embedded = self.base["tok_emb.weight"][new_tokens] + self.base["pos_emb"][0, : self.tokens][new]
        key = F.linear(embedded, p["new_token_proj_in.weight"], p["new_token_proj_in.bias"])
        x = F.linear(features, p["proj_in.weight"], p["proj_in.bias"])
        for index in range(self.sizes.shortcut_blocks):
            for kind, context in (("cross_attn", key), ("self_attn", None)):
                name = f"blocks.{index}.{kind}"
                x = x + attend(p, f"{name}.fn.mha", norm(p, f"{name}.norm", x), x if context is None else context, self.sizes.heads)
                x = x + feed_forward(p, f"{name}_ff.fn.net", norm(p, f"{name}_ff.norm", x))
        x = F.gelu(F.linear(norm(p, "last_layer.0", x, 1e-12), p["last_layer.1.weight"], p["last_layer.1.bias"]))
        x = norm(p, "last_layer.3", x, 1e-12)
        angle = 1000 * mask_ratio * torch.exp(-math.log(10_000) * torch.arange(128, dtype=features.dtype) / 128)
        time = F.linear(torch.cat([angle.cos(), angle.sin()]), p["time_embedder.mlp.0.weight"], p["time_embedder.mlp.0.bias"])
        time = F.linear(F.silu(time), p["time_embedder.mlp.2.weight"], p["time_embedder.mlp.2.bias"])
        scale, shift = F.linear(time, p["adaLN_modulation.weight"], p["adaLN_modulation.bias"]).chunk(2)
        return F.linear(x * (1 + scale) + shift, p["proj_out.weight"], p["proj_out.bias"])


def arccos_counts(steps: int, tokens: int) -> list[int]:
    """arccos(linspace(1, 0, N)), scaled to the tokens; rounded half to even, none below 1, the last takes the rest."""
    curve = torch.arccos(torch.linspace(1, 0, steps, dtype=torch.float64))
    counts = torch.round(curve / curve.sum() * tokens).clamp(min=1)
    counts[-1] += tokens - counts.sum()
    return counts.int().tolist()


def norm(p: State, name: str, x: Tensor, eps: float = 1e-5) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], eps)


def feed_forward(p: State, name: str, x: Tensor) -> Tensor:
    return F.linear(F.gelu(F.linear(x, p[f"{name}.0.weight"], p[f"{name}.0.bias"])), p[f"{name}.3.weight"], p[f"{name}.3.bias"])


def attend(p: State, name: str, query: Tensor, context: Tensor, heads: int) -> Tensor:
    """torch's own multi-head attention, which the published names are of."""
    mixed, _ = F.multi_head_attention_forward(
        query[:, None], context[:, None], context[:, None], query.shape[-1], heads, p[f"{name}.in_proj_weight"],
        p[f"{name}.in_proj_bias"], None, None, False, 0.0, p[f"{name}.out_proj.weight"], p[f"{name}.out_proj.bias"],
        training=False, need_weights=False,
    )
    return mixed[:, 0]
