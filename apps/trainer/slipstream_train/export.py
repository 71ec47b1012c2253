"""Stage `export`: checkpoints -> bundle (graphs, manifest, text tokenizer, reference, golden tensors, samples)."""

from __future__ import annotations

import json
import platform
import random
import shutil
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor

from . import __version__
from .base_model import BaseModel
from .dataset import Dataset, load_dataset
from .golden import golden_trajectory
from .autoencoder import Autoencoder
from .graph_files import buckets, example_inputs, write_graphs
from .graphs import (
    AnchoredGraph, DecodeGraph, EmbedGraph, FullGraph, Graph, HeadGraph, LogitsGraph, PartialGraph, ShortcutGraph, StudentGraph, TailGraph,
)
from .licences import LICENCES, licence_text
from .manifest import NEEDS, Manifest, describe_file
from .onnx_file import halve
from .prompt_tokenizer import PAD, UNKNOWN, load_prompt_tokenizer
from .samples import SAMPLE_PROMPTS, write_samples
from .shortcut_model import AnchoredModel, ShortcutModel
from .train_anchored import load_anchored
from .train_base import load_base
from .train_shortcut import load_shortcut
from .train_student import load_student
from .train_tokenizer import load_tokenizer
from .workspace import Workspace

PROMPT_NAMES, PROMPT_CATEGORIES = 200, 20


def export_bundle(workspace: Workspace, folder: Path) -> None:
    """Write the bundle into `folder`; the manifest comes last, so a killed export leaves no valid bundle."""
    preset = workspace.preset
    cpu = Workspace(workspace.folder, preset, workspace.seed, torch.device("cpu"))
    base, autoencoder = halve(load_base(cpu)), halve(load_tokenizer(cpu))
    predictors = _predictors(cpu, base)
    if preset.sampling.strategy == "anchored":
        cpu.need("anchored.pt", "anchored")
    dataset = load_dataset(cpu)
    codes = torch.load(cpu.need("codes.pt", "tokenizer"), weights_only=True)
    tokenizer = load_prompt_tokenizer(cpu.need("tokenizer.json", "base"))
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder / "manifest.json", *folder.glob("*.onnx")):
        path.unlink(missing_ok=True)

    generator = torch.Generator().manual_seed(workspace.seed)
    graphs = _graphs(cpu, base, autoencoder, predictors)
    signatures, golden = write_graphs(graphs, example_inputs(base, generator), folder)

    trajectories = [
        golden_trajectory(base, predictor, preset.sampling, prompt, tokenizer.encode(prompt).ids, steps=8, budget=3,
                          length=preset.image_tokens, generator=generator)
        for prompt in (dataset.entries[0].name, "") for predictor in (None, *predictors.values())
    ]
    (folder / "golden.json").write_text(json.dumps({"graphs": golden, "trajectories": trajectories}))
    shutil.copyfile(cpu.need("tokenizer.json", "base"), folder / "tokenizer.json")
    (folder / "reference.json").write_text(json.dumps(_reference(dataset, codes, workspace.seed), ensure_ascii=False))
    source = json.loads(cpu.need("dataset.json", "data").read_text())["source"]
    (folder / "LICENCE.md").write_text(licence_text(source))
    prompts = SAMPLE_PROMPTS if source in LICENCES else [entry.name for entry in dataset.entries[:40]]
    shown = predictors.get(preset.sampling.strategy, predictors["shortcut"])
    write_samples(base, shown, autoencoder, tokenizer, preset, prompts, folder / "samples.png")
    manifest = _manifest(workspace, base, tokenizer.get_vocab_size(), signatures, source, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest.model_dump(exclude_none=True), indent=2))
    print(f"export: {folder}, {sum(file.bytes for file in manifest.files) / 1e6:.1f} MB")


def _predictors(workspace: Workspace, base: BaseModel) -> dict[str, ShortcutModel | AnchoredModel]:
    """The shortcut, and the anchored one when it was trained."""
    predictors: dict[str, ShortcutModel | AnchoredModel] = {"shortcut": halve(load_shortcut(workspace, base))}
    if workspace.path("anchored.pt").exists():
        predictors["anchored"] = halve(load_anchored(workspace, base))
    return predictors


def _graphs(workspace: Workspace, base: BaseModel, autoencoder: Autoencoder, predictors: dict[str, ShortcutModel | AnchoredModel]) -> dict[str, Graph]:
    graphs: dict[str, Graph] = {
        "full": FullGraph(base), "head": HeadGraph(base), "decode": DecodeGraph(autoencoder),
        "embed": EmbedGraph(autoencoder), "shortcut": ShortcutGraph(base, predictors["shortcut"]),
        "tail": TailGraph(base), "partial": PartialGraph(base), "logits": LogitsGraph(base),
    }
    if "anchored" in predictors:
        graphs["anchored"] = AnchoredGraph(base, predictors["anchored"])
    if workspace.path("student.pt").exists():
        graphs["student"] = StudentGraph(halve(load_student(workspace, base)))
    return graphs


def _reference(dataset: Dataset, codes: Tensor, seed: int) -> dict:
    """The training pictures as tokens and the fixed prompt lists of the evaluation."""
    entries = [
        {"name": entry.name, "keywords": entry.keywords, "categories": entry.categories, "tokens": row.tolist()}
        for entry, row in zip(dataset.entries, codes, strict=True)
    ]
    counts = Counter(category for entry in dataset.entries for category in entry.categories)
    names = sorted({entry.name for entry in dataset.entries})
    chosen = random.Random(seed).sample(names, min(PROMPT_NAMES, len(names)))
    categories = [word for word, _ in counts.most_common(PROMPT_CATEGORIES)]
    return {"entries": entries, "prompts": {"names": chosen, "categories": categories}}


def _manifest(workspace: Workspace, base: BaseModel, vocabulary: int, signatures: dict, source: str,
              folder: Path) -> Manifest:
    preset = workspace.preset
    tokens = preset.image_tokens
    files = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != "manifest.json")
    return Manifest(
        name=folder.name,
        description=f"{source}: {preset.image_size}x{preset.image_size} RGBA pictures from words, preset {preset.name}",
        image={"width": preset.image_size, "height": preset.image_size, "channels": 4},
        tokens={"image": tokens, "gridWidth": preset.grid, "gridHeight": preset.grid,
                "codes": base.mask_token, "mask": base.mask_token},
        prompt={"tokenizer": "tokenizer.json", "length": base.prompt_length, "pad": PAD, "unknown": UNKNOWN},
        features={"branches": 2, "positions": base.prompt_length + tokens, "channels": preset.base.width,
                  "layers": preset.base.layers},
        newTokenBuckets=buckets(tokens, (8, 16, 32, 64, 128, 256, 512)),
        maskedBuckets=buckets(tokens, (tokens // 4, tokens // 2, tokens * 3 // 4)),
        selectedBuckets=buckets(base.prompt_length + tokens, (8, 16, 32, 64, 128, 256, 512)),
        sampling=preset.sampling.to_manifest(),
        strategies=[name for name, graphs in NEEDS.items() if graphs <= signatures.keys()],
        graphs=signatures,
        files=[describe_file(folder, name) for name in files],
        weights="weights.bin",
        reference="reference.json",
        golden="golden.json",
        licences=LICENCES.get(source, []),
        training={
            "trainer": __version__, "preset": preset.to_dict(), "seed": workspace.seed, "vocabulary": vocabulary,
            "torch": torch.__version__, "processor": platform.machine(), "device": str(workspace.device),
            "stages": workspace.summary(),
        },
    )
