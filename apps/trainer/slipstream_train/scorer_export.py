"""Stage `export-scorers`: checkpoints -> one scorer bundle each (graphs, manifest, reference, golden tensors, licences)."""

from __future__ import annotations

import json
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from . import __version__
from .dataset import load_dataset
from .golden import golden_graph
from .graphs import DecodeGraph, Graph
from .licences import LICENCES, licence_text
from .manifest import GraphSignature, describe_file
from .onnx_file import halve, write_graph
from .prompt_tokenizer import PAD, load_prompt_tokenizer
from .scorer_bundle import Scorer, open_graphs
from .scorer_classifier import load_classifier
from .scorer_graphs import AlignmentImageGraph, AlignmentTextGraph, ClassifierImageGraph
from .scorer_image_text import load_image_text
from .scorer_manifest import ScorerManifest, write_scorer_manifest
from .scorer_model import fuse
from .scorer_pictures import load_codes
from .scorer_presets import scorer_preset
from .scorer_reference import reference_document
from .scorer_verify import verify_scorer
from .train_tokenizer import load_tokenizer
from .workspace import Workspace


@dataclass(frozen=True)
class Content:
    """What the two exports share: the pictures as the model draws them, and their names."""

    pixels: Tensor  # (pictures, side, side, 4) uint8
    names: list[str]
    source: str


def export_scorers(workspace: Workspace, scorers: Workspace, folder: Path) -> None:
    """Write FOLDER/<model>-classifier and FOLDER/<model>-text; each manifest comes last, so a killed export leaves none."""
    cpu, family = _on_cpu(workspace), workspace.preset.name.split("-")[0]
    scorers = _on_cpu(scorers)
    source = json.loads(cpu.need("dataset.json", "data").read_text())["source"]
    content = Content(_decoded(cpu), [entry.name for entry in load_dataset(cpu).entries], source)
    classifier = halve(fuse(load_classifier(cpu, scorers)))
    image_text = halve(fuse(load_image_text(cpu, scorers)))
    _write(cpu, scorers, folder / f"{family}-classifier", content, {"image": ClassifierImageGraph(classifier)})
    graphs = {"image": AlignmentImageGraph(image_text), "text": AlignmentTextGraph(image_text)}
    _write(cpu, scorers, folder / f"{family}-text", content, graphs)


def _write(workspace: Workspace, scorers: Workspace, folder: Path, content: Content, graphs: dict[str, Graph]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    examples, signatures, golden = _examples(workspace, content), {}, []
    for name, graph in graphs.items():
        inputs = {key: examples[key] for key in graph.inputs}
        write_graph(graph, inputs, folder / f"{name}.onnx")
        golden.append(golden_graph(name, graph, inputs))
        signatures[name] = _signature(name, golden[-1])
    (folder / "golden.json").write_text(json.dumps({"graphs": golden}))
    (folder / "LICENCE.md").write_text(licence_text(content.source))
    if "text" in graphs:
        shutil.copyfile(workspace.need("tokenizer.json", "base"), folder / "tokenizer.json")
    manifest = _manifest(workspace, scorers, folder, content, signatures)
    scorer = Scorer(folder, manifest, open_graphs(folder, manifest))
    reference = reference_document(scorer, [content.pixels.numpy()], content.names)
    (folder / "reference.json").write_text(json.dumps(reference, ensure_ascii=False, separators=(",", ":")))
    manifest.files.append(describe_file(folder, "reference.json"))
    write_scorer_manifest(manifest.model_copy(update={"reference": "reference.json"}), folder)
    errors = ", ".join(f"{name} {error:.2g}" for name, error in verify_scorer(folder).items())
    print(f"export-scorers: {folder}, {sum(file.bytes for file in manifest.files) / 1e6:.2f} MB, {errors}", flush=True)


def _examples(workspace: Workspace, content: Content) -> dict[str, Tensor]:
    """Two pictures, one of them noise with every alpha; a name, no prompt and an unseen word."""
    noise = torch.randint(256, content.pixels[:1].shape, generator=torch.Generator().manual_seed(workspace.seed))
    tokenizer = load_prompt_tokenizer(workspace.need("tokenizer.json", "base"))
    text = [encoding.ids for encoding in tokenizer.encode_batch([content.names[0], "", "quux"])]
    return {"pixels": torch.cat([content.pixels[:1], noise.to(torch.uint8)]), "text": torch.tensor(text).int()}


def _signature(name: str, golden: dict) -> GraphSignature:
    def describe(tensors: dict) -> list[dict]:
        return [{"name": key, "type": value["type"], "shape": ["rows", *value["shape"][1:]]} for key, value in tensors.items()]

    return GraphSignature(file=f"{name}.onnx", inputs=describe(golden["inputs"]), outputs=describe(golden["outputs"]))


def _manifest(workspace: Workspace, scorers: Workspace, folder: Path, content: Content,
              signatures: dict[str, GraphSignature]) -> ScorerManifest:
    preset, kind = workspace.preset, "image-text" if "text" in signatures else "classifier"
    described = {
        "classifier": "which training picture is it; its features serve distances between sets of pictures",
        "image-text": "how well a picture fits a prompt",
    }
    written = ["golden.json", "LICENCE.md", *(f"{name}.onnx" for name in signatures)]
    extra: dict = {"labels": content.names} if kind == "classifier" else {
        "text": {"tokenizer": "tokenizer.json", "length": preset.base.prompt_tokens, "pad": PAD}
    }
    return ScorerManifest(
        name=folder.name, kind=kind,
        description=f"{content.source}, {preset.image_size}x{preset.image_size} pictures: {described[kind]}",
        image={"width": preset.image_size, "height": preset.image_size, "channels": 4, "background": "none", "scale": "bytes"},
        features={"channels": scorer_preset(preset).features},
        graphs=signatures,
        files=[describe_file(folder, name) for name in sorted([*written, *(["tokenizer.json"] if kind == "image-text" else [])])],
        licences=LICENCES.get(content.source, []),
        training={
            "trainer": __version__, "preset": scorer_preset(preset).to_dict(), "seed": workspace.seed,
            "torch": torch.__version__, "processor": platform.machine(), "figures": scorers.summary()[kind],
        },
        **extra,
    )


@torch.no_grad()
def _decoded(workspace: Workspace) -> Tensor:
    """The training pictures through the bundle's own decode graph (fp16 weights, bytes out)."""
    decode = DecodeGraph(halve(load_tokenizer(workspace)))
    return torch.cat([decode(part) for part in load_codes(workspace).split(64)])


def _on_cpu(workspace: Workspace) -> Workspace:
    return Workspace(workspace.folder, workspace.preset, workspace.seed, torch.device("cpu"))
