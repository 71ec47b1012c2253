"""Stage `base`: masked image modelling on the codes, prompts dropped for guidance."""

from __future__ import annotations

import math
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from .adopted import LAYOUTS
from .base_model import BaseModel, MaskedTransformer
from .data import Picture, draw_prompt
from .dataset import load_dataset
from .fit import fit, save_atomically
from .prompt_tokenizer import build_prompt_tokenizer, load_prompt_tokenizer
from .workspace import Workspace


def train_base(workspace: Workspace) -> None:
    preset = workspace.preset
    entries = load_dataset(workspace).entries
    codes = torch.load(workspace.need("codes.pt", "tokenizer"), weights_only=True)
    tokenizer = build_prompt_tokenizer(_texts(entries), preset.base.prompt_tokens)
    tokenizer.save(str(workspace.path("tokenizer.json")))
    torch.manual_seed(workspace.seed)
    model = BaseModel(preset, _code_count(workspace), tokenizer.get_vocab_size()).to(workspace.device)

    def loss_at(generator: torch.Generator) -> Tensor:
        rows = torch.randint(len(codes), (preset.base.batch_size,), generator=generator)
        rng = random.Random(int(torch.randint(2**31, (1,), generator=generator)))
        prompts = [draw_prompt(entries[row], rng) for row in rows.tolist()]
        ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(prompts)])
        target = codes[rows]
        masked = draw_mask(target.shape, generator)
        tokens = torch.where(masked, model.mask_token, target)
        logits = model(ids.to(workspace.device), tokens.to(workspace.device))
        return F.cross_entropy(logits[masked.to(workspace.device)].float(), target[masked].to(workspace.device))

    result = fit(
        "base", model, loss_at, steps=preset.base.steps, learning_rate=preset.base.learning_rate,
        seed=workspace.seed + 1, checkpoint=workspace.path("base.checkpoint.pt"), device=workspace.device,
    )
    save_atomically(model.state_dict(), workspace.path("base.pt"))
    workspace.summarise("base", {
        "loss": result.losses[-1], "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.base.steps, "pictures": preset.base.steps * preset.base.batch_size,
        "seconds": result.seconds, "losses": result.losses,
    })


def draw_mask(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """(rows, T) bool, exactly ceil(T cos(pi u / 2)) masked in each row, u uniform (MaskGIT section 3.2)."""
    rows, length = shape
    ratio = torch.cos(math.pi / 2 * torch.rand(rows, 1, generator=generator))
    count = (ratio * length).ceil().clamp(1, length)
    rank = torch.rand(shape, generator=generator).argsort(1).argsort(1)
    return rank < count


def load_base(workspace: Workspace) -> MaskedTransformer:
    """The one trained here, or in a run of that layout the one that was adopted."""
    if workspace.preset.layout in LAYOUTS:
        return LAYOUTS[workspace.preset.layout].load_adopted(workspace)
    vocabulary = load_prompt_tokenizer(workspace.need("tokenizer.json", "base")).get_vocab_size()
    model = BaseModel(workspace.preset, _code_count(workspace), vocabulary)
    model.load_state_dict(torch.load(workspace.need("base.pt", "base"), weights_only=True))
    return model.to(workspace.device).eval()


def _code_count(workspace: Workspace) -> int:
    return math.prod(workspace.preset.tokenizer.levels)


def _texts(entries: list[Picture]) -> list[str]:
    return [text for entry in entries for text in (entry.name, *entry.keywords, *entry.categories)]
