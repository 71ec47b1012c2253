"""Begin a run with the base of an imported MaskGIT bundle: a shortcut of one's own is trained on what the service computes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import onnx
import torch
from torch import Tensor

from .errors import TrainerError
from .fit import save_atomically
from .graph_weights import load_weights
from .manifest import Manifest, read_manifest_of
from .maskgit_model import MaskgitBase, MaskgitShortcut, MaskgitShortcutSizes, MaskgitSizes
from .maskgit_weights import published_shortcut
from .workspace import Workspace

SIZES = "maskgit.json"


def adopt(workspace: Workspace, folder: Path) -> None:
    """Leaves base.pt and its sizes. TrainerError when the bundle is none of classes, or was exported where heads cannot be read."""
    manifest = read_manifest_of("maskgit", folder)
    sizes = published_sizes(manifest, folder / manifest.graphs.full.file)
    base = MaskgitBase(sizes)
    load_weights(base, "base.", folder / manifest.graphs.full.file)
    save_atomically(base.state_dict(), workspace.path("base.pt"))
    workspace.path(SIZES).write_text(json.dumps(asdict(sizes)))
    workspace.summarise("base", {"bundle": manifest.name, "parameters": sum(value.numel() for value in base.parameters())})


def load_adopted(workspace: Workspace) -> MaskgitBase:
    base = MaskgitBase(MaskgitSizes(**json.loads(workspace.need(SIZES, "adopt").read_text())))
    base.load_state_dict(torch.load(workspace.need("base.pt", "adopt"), weights_only=True))
    return base.to(workspace.device).eval()


def prompts(workspace: Workspace, base: MaskgitBase, file: Path | None) -> Callable[[random.Random, int], Tensor]:
    """Any class, (rows, 1)."""
    return lambda rng, rows: torch.tensor([[rng.randrange(base.unconditional)] for _ in range(rows)])


def new_shortcut(workspace: Workspace, base: MaskgitBase) -> MaskgitShortcut:
    """One that changes nothing yet, in the sizes that are published for such a base."""
    preset, width = workspace.preset.shortcut, base.width // workspace.preset.shortcut.bottleneck
    sizes = MaskgitShortcutSizes(width=width, blocks=preset.blocks, heads=base.blocks[0].attention.heads, time=round((width * 256) ** 0.5))
    model = MaskgitShortcut(sizes, base)
    torch.nn.init.zeros_(model.out.weight)
    torch.nn.init.zeros_(model.out.bias)
    return model


def save_published(workspace: Workspace, model: MaskgitShortcut) -> None:
    """maskgit-shortcut.pth, which `import maskgit --shortcut` puts into the bundle."""
    save_atomically(published_shortcut(model), workspace.path("maskgit-shortcut.pth"))


def published_sizes(manifest: Manifest, graph: Path) -> MaskgitSizes:
    """TrainerError when the graph does not tell its heads."""
    model = onnx.load(str(graph), load_external_data=False)
    heads = [each.i for node in model.graph.node for each in node.attribute if each.name == "q_num_heads"]
    hidden = [each.dims[0] for each in model.graph.initializer if each.name.startswith("base.blocks.0.feed_forward.up.bias")]
    if not heads or not hidden:
        raise TrainerError(f"{graph} does not tell its heads: import the bundle again with PyTorch 2.9 or newer")
    return MaskgitSizes(
        codes=manifest.tokens.codes, classes=manifest.prompt.classes, width=manifest.features.channels, layers=manifest.features.layers,
        heads=heads[0], hidden=hidden[0], image_tokens=manifest.tokens.image,
    )
