"""MaskGIT at its published sizes (512 pixels) with random weights: what speed is measured on where the published ones are not at hand."""

from __future__ import annotations

import torch
from torch import Tensor

from .graph_files import sampling_inputs
from .maskgit_model import MaskgitBase, MaskgitShortcut, MaskgitShortcutSizes, MaskgitSizes
from .maskgit_weights import HEADS

CODES, CLASSES, WIDTH, LAYERS, HIDDEN, TOKENS = 1024, 1000, 768, 24, 3072, 1024
SHORTCUT = MaskgitShortcutSizes(width=WIDTH // 2, blocks=1, heads=HEADS, time=314)


def random_maskgit(layers: int = LAYERS) -> tuple[MaskgitBase, MaskgitShortcut]:
    torch.manual_seed(0)
    base = MaskgitBase(MaskgitSizes(CODES, CLASSES, WIDTH, layers, HEADS, HIDDEN, TOKENS))
    return tuple(model.eval().requires_grad_(False) for model in (base, MaskgitShortcut(SHORTCUT, base)))


def step_inputs(base: MaskgitBase, rows: int, *, new: int = 32) -> dict[str, Tensor]:
    """A step in which half of the tokens are known, `new` of them since the last one; the inputs of every graph of it."""
    generator, tokens = torch.Generator().manual_seed(0), base.image_tokens
    codes = torch.randint(base.mask_token, (rows, tokens), generator=generator).int()
    conditional = base.example_prompts(rows, generator)
    features = torch.randn(rows, 2, base.positions, base.width, generator=generator)
    step = {name: value.repeat(rows, *[1] * (value.ndim - 1))[:rows] for name, value in sampling_inputs(2, tokens, generator).items()}
    listed = {name: step[name][:, tokens // 2 :].contiguous() for name in ("masked_positions", "uniforms", "confidence_uniforms")}
    return {
        "prompt": torch.stack([conditional, base.unprompted(conditional)], 1).int(),
        "tokens": torch.where(torch.arange(tokens) < tokens // 2, codes, base.mask_token).int(), "revealed": codes,
        "features": features, "last_features": features, "residual": features,
        "new_tokens": codes[:, :new].contiguous(), "new_positions": torch.arange(new).expand(rows, -1).contiguous().int(),
        "new_valid": torch.ones(rows, new, dtype=torch.bool), "mask_ratio": torch.full((rows,), 0.5),
        **step, **listed, "guidance": torch.full((rows,), 2.0), "temperature": torch.ones(rows),
    }
