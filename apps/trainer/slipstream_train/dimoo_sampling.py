"""How Lumina-DiMOO's published sampler chooses tokens (algorithms 1.2): an untempered confidence whose noise is not annealed,
and noise in float32, or in bfloat16 as it was published.

Noise in bfloat16 is coarse: a uniform number has 8 bits, so Gumbel noise never passes 5.53, where the largest of 8,192 is 9.6
on average. Codes far below the best are all but never drawn: pictures are less varied, and cleaner, than the model's own
probabilities would make them. A sum of probabilities cannot tell what such noise draws, so each code gets a number of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .sampling import Draw, StepInputs, inverse_cdf
from .transformer import taken

PRIME = 2**31 - 1
CONSTANTS = (1_013_904_223, 1_664_525_007, 1_540_483_477)
BITS = 2**23  # of a uniform number


def draw_fp32(logits: Tensor, step: StepInputs) -> tuple[Tensor, Tensor]:
    """Exactly the tempered softmax."""
    sampled, _ = inverse_cdf(torch.softmax(logits / step.temperature[:, None, None], dim=-1), step.uniforms)
    return sampled, _confidence(logits, sampled, step, -torch.log(-torch.log(step.confidence_uniforms)))


def draw_bf16(logits: Tensor, step: StepInputs) -> tuple[Tensor, Tensor]:
    """The largest of tempered logits plus coarse noise."""
    noise = coarse_gumbel(code_uniforms(step.uniforms, step.confidence_uniforms, logits.shape[-1]))
    sampled = (logits / step.temperature[:, None, None] + noise).argmax(-1)
    return sampled, _confidence(logits, sampled, step, coarse_gumbel(step.confidence_uniforms))


DRAWS: dict[str, Draw] = {"fp32": draw_fp32, "bf16": draw_bf16}


def _confidence(logits: Tensor, sampled: Tensor, step: StepInputs, gumbel: Tensor) -> Tensor:
    probability = taken(torch.softmax(logits, dim=-1), sampled[..., None])
    return torch.log(probability.clamp(min=1e-20)) + (step.confidence_noise * step.temperature)[:, None] * gumbel


def coarse_gumbel(uniforms: Tensor) -> Tensor:
    """Gumbel noise as bfloat16 arithmetic makes it of uniform numbers; 1, which rounding makes of the largest, counts as 0."""
    rounded = coarse(uniforms)
    rounded = torch.where(rounded == 1, 0.0, rounded)
    return coarse(-torch.log(coarse(coarse(-torch.log(rounded + 1e-20)) + 1e-20)))


def coarse(x: Tensor) -> Tensor:
    """The nearest bfloat16 of each number, as float32."""
    return x.to(torch.bfloat16).float()


def code_uniforms(token: Tensor, confidence: Tensor, codes: int) -> Tensor:
    """token and confidence uniforms (rows, M) -> a uniform number for each code, (rows, M, codes): the code's number
    enciphered modulo a prime, with both uniforms for keys (MiMC: add a key, raise to the fifth power, thrice)."""
    keys = [(each * BITS).long()[..., None] for each in (token, confidence)]
    x = torch.arange(codes, device=token.device).expand(*token.shape, codes)
    for key, constant in zip((keys[0], keys[1], keys[0]), CONSTANTS, strict=True):
        x = (x + key + constant) % PRIME
        square = x * x % PRIME
        x = square * square % PRIME * x % PRIME
    return (x.float() + 0.5) / PRIME
