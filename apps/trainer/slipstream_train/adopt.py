"""Stage `adopt`: begin a run with the weights of an exported bundle, so that its shortcut can be trained without its checkpoints."""

from __future__ import annotations

import copy
import json
import math
import shutil
from pathlib import Path

import torch
from torch import nn

from .adopted import LAYOUTS
from .autoencoder import Autoencoder
from .base_model import BaseModel
from .dataset import load_dataset
from .errors import TrainerError
from .fit import save_atomically
from .graph_weights import load_weights
from .manifest import Manifest, read_manifest
from .presets import Preset
from .prompt_tokenizer import load_prompt_tokenizer
from .shortcut_model import AnchoredModel, ShortcutModel
from .workspace import Workspace


def adopt_bundle(workspace: Workspace, folder: Path) -> None:
    """Leaves what the training stages would have left; of an imported bundle, its base alone. The autoencoder's encoder is
    not in a bundle and stays untrained.

    TrainerError when the bundle has other sizes than the preset, or other pictures than the workspace's data set.
    """
    if workspace.preset.layout in LAYOUTS:
        return LAYOUTS[workspace.preset.layout].adopt(workspace, folder)
    manifest, preset = read_manifest(folder), workspace.preset
    reference = json.loads((folder / manifest.reference).read_text())["entries"]
    names = [entry.name for entry in load_dataset(workspace).entries]
    if [entry["name"] for entry in reference] != names:
        raise TrainerError(f"{folder} was trained on other pictures than this workspace holds: run `data` on its pictures")
    shutil.copyfile(folder / manifest.prompt.tokenizer, workspace.path("tokenizer.json"))
    vocabulary = load_prompt_tokenizer(workspace.path("tokenizer.json")).get_vocab_size()
    base = BaseModel(preset, math.prod(preset.tokenizer.levels), vocabulary)
    autoencoder = Autoencoder(preset.tokenizer.levels, preset.tokenizer.channels)
    load_weights(base, "base.", folder / manifest.graphs.full.file)
    load_weights(autoencoder.decoder, "tokenizer.decoder.", folder / manifest.graphs.decode.file)
    models = {"base": base, **_optional(manifest, folder, preset, base)}
    for name, model in models.items():
        save_atomically(model.state_dict(), workspace.path(f"{name}.pt"))
    save_atomically(autoencoder.state_dict(), workspace.path("tokenizer.pt"))
    save_atomically(torch.tensor([entry["tokens"] for entry in reference]), workspace.path("codes.pt"))
    for stage in ("tokenizer", *models):
        workspace.summarise(stage, manifest.training.get("stages", {}).get(stage, {}))


def _optional(manifest: Manifest, folder: Path, preset: Preset, base: BaseModel) -> dict[str, nn.Module]:
    """The models beside the base whose graphs the bundle holds."""
    makers = {"shortcut": lambda: ShortcutModel(preset, base), "anchored": lambda: AnchoredModel(preset, base),
              "student": lambda: copy.deepcopy(base)}
    held = manifest.graphs.held()
    models = {name: make() for name, make in makers.items() if name in held}
    for name, model in models.items():
        load_weights(model, f"{name}.", folder / held[name].file)
    return models
