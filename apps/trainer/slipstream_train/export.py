"""Stage `export`: checkpoints -> bundle (graphs, manifest, text tokenizer, reference, golden tensors, samples)."""

from __future__ import annotations

import json
import platform
import random
import shutil
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor, nn

from . import __version__
from .base_model import BaseModel
from .dataset import Dataset, load_dataset
from .golden import TYPES, golden_graph, golden_trajectory
from .graphs import DecodeGraph, EmbedGraph, FullGraph, ShortcutGraph
from .licences import LICENCES, licence_text
from .manifest import Manifest, describe_file
from .onnx_file import halve, write_graph
from .presets import Preset
from .prompt_tokenizer import PAD, UNKNOWN, load_prompt_tokenizer
from .sampler import draw_uniforms
from .samples import SAMPLE_PROMPTS, write_samples
from .train_base import load_base
from .train_shortcut import load_shortcut
from .train_tokenizer import load_tokenizer
from .workspace import Workspace

PROMPT_NAMES, PROMPT_CATEGORIES = 200, 20


def export_bundle(workspace: Workspace, folder: Path) -> None:
    """Write the bundle into `folder`; the manifest comes last, so a killed export leaves no valid bundle."""
    preset = workspace.preset
    cpu = Workspace(workspace.folder, preset, workspace.seed, torch.device("cpu"))
    base, autoencoder = halve(load_base(cpu)), halve(load_tokenizer(cpu))
    shortcut = halve(load_shortcut(cpu, base))
    dataset = load_dataset(cpu)
    codes = torch.load(cpu.need("codes.pt", "tokenizer"), weights_only=True)
    tokenizer = load_prompt_tokenizer(cpu.need("tokenizer.json", "base"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)

    graphs: dict[str, nn.Module] = {
        "full": FullGraph(base), "shortcut": ShortcutGraph(base, shortcut),
        "decode": DecodeGraph(autoencoder), "embed": EmbedGraph(autoencoder),
    }
    generator = torch.Generator().manual_seed(workspace.seed)
    examples = _example_inputs(preset, base, generator)
    signatures, golden = {}, []
    for name, graph in graphs.items():
        inputs = {key: examples[key] for key in graph.inputs}
        write_graph(graph, inputs, folder / f"{name}.onnx")
        golden.append(golden_graph(name, graph, inputs))
        signatures[name] = _signature(f"{name}.onnx", graph, inputs)
        print(f"export: {name}.onnx, {(folder / f'{name}.onnx').stat().st_size / 1e6:.1f} MB", flush=True)

    trajectories = [
        golden_trajectory(base, shortcut, preset.sampling, prompt, tokenizer.encode(prompt).ids, strategy,
                          8, 3, preset.image_tokens, generator)
        for prompt in (dataset.entries[0].name, "") for strategy in ("vanilla", "shortcut")
    ]
    (folder / "golden.json").write_text(json.dumps({"graphs": golden, "trajectories": trajectories}))
    shutil.copyfile(cpu.need("tokenizer.json", "base"), folder / "tokenizer.json")
    (folder / "reference.json").write_text(json.dumps(_reference(dataset, codes, workspace.seed), ensure_ascii=False))
    source = json.loads(cpu.need("dataset.json", "data").read_text())["source"]
    (folder / "LICENCE.md").write_text(licence_text(source))
    prompts = SAMPLE_PROMPTS if source in LICENCES else [entry.name for entry in dataset.entries[:40]]
    write_samples(base, shortcut, autoencoder, tokenizer, preset, prompts, folder / "samples.png")
    manifest = _manifest(workspace, base, tokenizer.get_vocab_size(), signatures, source, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest.model_dump(), indent=2))
    print(f"export: {folder}, {sum(file.bytes for file in manifest.files) / 1e6:.1f} MB")


def _example_inputs(preset: Preset, base: BaseModel, generator: torch.Generator) -> dict[str, Tensor]:
    """Three rows at different steps; every graph takes its inputs from here."""
    rows, length, new = 3, preset.image_tokens, min(8, preset.image_tokens)
    codes = torch.randint(base.mask_token, (rows, length), generator=generator)
    masked = torch.tensor([length, length // 2, length // 4])
    tokens = torch.where(torch.arange(length) < masked[:, None], base.mask_token, codes).int()
    prompt = torch.randint(2, base.word_embedding.num_embeddings, (rows, base.prompt_length), generator=generator)
    prompt[0] = PAD
    valid = torch.arange(new) < torch.tensor([1, new // 2, new])[:, None]
    with torch.no_grad():
        features = base.guided_features(prompt, tokens.long())
    return {
        "prompt": prompt.int(), "tokens": tokens, "last_features": features,
        "new_tokens": (codes[:, :new] * valid).int(), "new_positions": (torch.arange(new) * valid).int(),
        "new_valid": valid, "mask_ratio": masked / length,
        "uniforms": draw_uniforms((rows, length), generator),
        "confidence_uniforms": draw_uniforms((rows, length), generator),
        "guidance": torch.tensor([0.0, 1.0, 2.0]), "temperature": torch.tensor([1.0, 0.9, 1.1]),
        "confidence_noise": torch.tensor([4.0, 2.0, 0.0]),
        "reveal_count": torch.tensor([1, 3, 2], dtype=torch.int32),
    }


def _signature(file: str, graph: nn.Module, inputs: dict[str, Tensor]) -> dict:
    def describe(name: str, tensor: Tensor) -> dict:
        shape: list[int | str] = ["rows", *tensor.shape[1:]]
        if name.startswith("new_"):
            shape[1] = "new"
        return {"name": name, "type": TYPES[tensor.dtype], "shape": shape}

    with torch.no_grad():
        outputs = graph(*inputs.values())
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return {
        "file": file,
        "inputs": [describe(name, tensor) for name, tensor in inputs.items()],
        "outputs": [{**describe("", tensor), "name": name} for name, tensor in zip(graph.outputs, outputs, strict=True)],
    }


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
    preset, sampling = workspace.preset, workspace.preset.sampling
    tokens = preset.image_tokens
    files = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != "manifest.json")
    return Manifest(
        name=folder.name,
        description=f"{source}: {preset.image_size}x{preset.image_size} RGBA pictures from words, preset {preset.name}",
        image={"width": preset.image_size, "height": preset.image_size, "channels": 4},
        tokens={"image": tokens, "gridWidth": preset.grid, "gridHeight": preset.grid,
                "codes": base.mask_token, "mask": base.mask_token},
        prompt={"tokenizer": "tokenizer.json", "length": base.prompt_length, "pad": PAD, "unknown": UNKNOWN},
        features={"branches": 2, "positions": base.prompt_length + tokens, "channels": preset.base.width},
        newTokenBuckets=sorted({size for size in (8, 16, 32, 64, 128, 256, 512) if size < tokens} | {tokens}),
        sampling={"steps": sampling.steps, "budget": sampling.budget, "schedule": sampling.schedule,
                  "guidance": sampling.guidance, "guidanceRamp": sampling.guidance_ramp,
                  "temperature": sampling.temperature, "confidenceTemperature": sampling.confidence_temperature},
        strategies=["vanilla", "shortcut"],
        graphs=signatures,
        files=[describe_file(folder, name) for name in files],
        reference="reference.json",
        golden="golden.json",
        licences=LICENCES.get(source, []),
        training={
            "trainer": __version__, "preset": preset.to_dict(), "seed": workspace.seed, "vocabulary": vocabulary,
            "torch": torch.__version__, "processor": platform.machine(), "device": str(workspace.device),
            "stages": workspace.summary(),
        },
    )
