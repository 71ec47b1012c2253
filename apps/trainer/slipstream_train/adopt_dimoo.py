"""Begin a run with the base of an imported Lumina-DiMOO bundle: a shortcut of one's own is trained on what the service computes."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from .dimoo_layout import Layout
from .dimoo_model import DimooBase, DimooShortcut, DimooShortcutSizes, DimooSizes, Stored
from .dimoo_prompt import Prompts
from .dimoo_weights import published_shortcut
from .errors import TrainerError
from .fit import save_atomically
from .graph_weights import load_weights
from .manifest import read_manifest_of
from .workspace import Workspace

SETTINGS, TOKENIZER = "dimoo.json", "tokenizer.json"
TYPES = {"published": torch.bfloat16, "bf16": torch.bfloat16, "fp16": torch.float16}  # any other are kept as fp32


def adopt(workspace: Workspace, folder: Path) -> None:
    """Leaves base.pt, what it was made with and its tokenizer. TrainerError when the bundle is no Lumina-DiMOO."""
    manifest = read_manifest_of("dimoo", folder)
    if "sizes" not in manifest.training:
        raise TrainerError(f"{folder} does not tell its heads: import the bundle again")
    tokens, prompt = manifest.tokens, manifest.prompt
    layout = Layout(text=prompt.pad, prompt_length=prompt.length, height=tokens.gridHeight, width=tokens.gridWidth)
    settings = {"sizes": manifest.training["sizes"], "layout": asdict(layout), "unconditional": prompt.unconditional, "noise": manifest.sampling.noise}
    base = _made(settings)
    _materialise(base, TYPES.get(manifest.training["weights"], torch.float32))
    load_weights(base, "base.", folder / manifest.graphs.full.file)
    save_atomically(base.state_dict(), workspace.path("base.pt"))
    workspace.path(SETTINGS).write_text(json.dumps(settings))
    shutil.copyfile(folder / prompt.tokenizer, workspace.path(TOKENIZER))
    workspace.summarise("base", {"bundle": manifest.name, "parameters": sum(value.numel() for value in base.parameters())})


def load_adopted(workspace: Workspace) -> DimooBase:
    base = _made(json.loads(workspace.need(SETTINGS, "adopt").read_text()))
    base.load_state_dict(torch.load(workspace.need("base.pt", "adopt"), weights_only=True, mmap=True), assign=True)
    return base.to(workspace.device).eval().requires_grad_(False)


def prompts(workspace: Workspace, base: DimooBase, file: Path | None) -> Callable[[random.Random, int], Tensor]:
    """Any line of the file, (rows, P). TrainerError when there is none, or one is too long for the context."""
    if file is None:
        raise TrainerError("trajectories need --prompts FILE, a prompt a line, of the kind that will be asked for")
    encoder = Prompts(Tokenizer.from_file(str(workspace.need(TOKENIZER, "adopt"))), [])
    lines = [encoder.ids(line) for line in file.read_text().splitlines() if line.strip()] if file.exists() else []
    if not lines:
        raise TrainerError(f"{file} is missing or empty: give it a prompt a line")
    longest = max(map(len, lines))
    if longest > base.prompt_length:
        raise TrainerError(f"{file} has a prompt of {longest} ids, the bundle takes {base.prompt_length}: shorten it, or import with a larger --prompt-length")
    return lambda rng, rows: torch.tensor([base.layout.padded(rng.choice(lines)) for _ in range(rows)])


def new_shortcut(workspace: Workspace, base: DimooBase) -> DimooShortcut:
    """One that changes nothing yet, in the sizes that are published for such a base: its feed-forward is not narrowed."""
    preset, width = workspace.preset.shortcut, base.width // workspace.preset.shortcut.bottleneck
    sizes = DimooShortcutSizes(width=width, blocks=preset.blocks, hidden=base.sizes.hidden, time=round((width * 256) ** 0.5))
    model = DimooShortcut(sizes, base, base.sizes.eps)
    _materialise(model, torch.float32)
    for module in model.modules():
        if isinstance(module, Stored):
            nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5))  # as any linear layer begins
            module.weight.requires_grad_(True)
    nn.init.zeros_(model.out.weight)
    nn.init.zeros_(model.out.bias)
    return model


def save_published(workspace: Workspace, model: DimooShortcut) -> None:
    """dimoo-shortcut.pth, which `import dimoo --shortcut` puts into the bundle."""
    save_atomically(published_shortcut(model), workspace.path("dimoo-shortcut.pth"))


def _made(settings: dict) -> DimooBase:
    return DimooBase(DimooSizes(**settings["sizes"]), Layout(**settings["layout"]), settings["unconditional"], settings["noise"])


def _materialise(model: nn.Module, dtype: torch.dtype) -> None:
    """Memory for matrices, which are made without."""
    for module in model.modules():
        if isinstance(module, Stored):
            module.weight = nn.Parameter(torch.empty(module.weight.shape, dtype=dtype), requires_grad=False)
