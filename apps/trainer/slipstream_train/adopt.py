"""Stage `adopt`: begin a run with the weights of an exported bundle, so that its shortcut can be trained without its checkpoints."""

from __future__ import annotations

import copy
import json
import math
import shutil
from pathlib import Path

import onnx
import torch
from onnx import ModelProto, numpy_helper
from torch import Tensor, nn

from .autoencoder import Autoencoder
from .base_model import BaseModel
from .dataset import load_dataset
from .errors import TrainerError
from .fit import save_atomically
from .manifest import Manifest, read_manifest
from .onnx_file import TRANSPOSED
from .presets import Preset
from .prompt_tokenizer import load_prompt_tokenizer
from .shortcut_model import AnchoredModel, ShortcutModel
from .workspace import Workspace


def adopt_bundle(workspace: Workspace, folder: Path) -> None:
    """Leaves what the training stages would have left. The autoencoder's encoder is not in a bundle and stays untrained.

    TrainerError when the bundle has other sizes than the preset, or other pictures than the workspace's data set.
    """
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


def load_weights(module: nn.Module, prefix: str, file: Path) -> None:
    """Weights of the part of a graph whose names begin with `prefix`; TrainerError when it has others than the module."""
    model = onnx.load(str(file))
    found = {name.removeprefix(prefix): value for name, value in graph_weights(model).items() if name.startswith(prefix)}
    norms = [name for name, part in module.named_modules() if isinstance(part, nn.GroupNorm)]
    for name, (scale, shift) in zip(norms, group_norms(model), strict=False):
        found |= {f"{name}.weight": scale, f"{name}.bias": shift}
    try:
        module.load_state_dict({name: value for name, value in found.items() if name in module.state_dict()})
    except RuntimeError as error:
        raise TrainerError(f"{file} does not hold the weights of this preset: {error}") from error


def graph_weights(model: ModelProto) -> dict[str, Tensor]:
    """Weights by their PyTorch names; a linear layer's is stored transposed."""
    stored = {name: value for name, value in _stored(model).items() if "." in name}
    return {
        name.removesuffix(TRANSPOSED): value.T.contiguous() if name.endswith(TRANSPOSED) else value
        for name, value in stored.items()
    }


def group_norms(model: ModelProto) -> list[tuple[Tensor, Tensor]]:
    """Scale and shift of each group norm in the order of the graph, which is the order of the modules."""
    stored, user = _stored(model), {name: node for node in model.graph.node for name in node.input[:1]}
    pairs = []
    for node in model.graph.node:
        if node.op_type == "InstanceNormalization":
            scaled = user[user[node.output[0]].output[0]]
            shifted = user[scaled.output[0]]
            pairs.append((stored[scaled.input[1]].flatten(), stored[shifted.input[1]].flatten()))
    return pairs


def _stored(model: ModelProto) -> dict[str, Tensor]:
    def tensor(initializer: onnx.TensorProto) -> Tensor:
        array = numpy_helper.to_array(initializer)
        return torch.from_numpy(array.astype("float32") if array.dtype.kind == "f" else array.copy())

    return {initializer.name.removesuffix(".fp16"): tensor(initializer) for initializer in model.graph.initializer}
