"""What every import of a scorer shares: graphs -> a scorer bundle, checked against PyTorch before it stands where it was asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from . import __version__
from .errors import TrainerError
from .golden import TYPES, golden_graph
from .graphs import Graph
from .import_folder import LICENCE, free_bytes, make_whole, require_name, require_room
from .manifest import GraphSignature, describe_file
from .onnx_file import halve, is_halved, write_graph
from .picture_folder import read_pictures
from .scorer_bundle import Scorer, open_graphs
from .scorer_manifest import ScorerManifest, write_scorer_manifest
from .scorer_reference import reference_document
from .scorer_verify import verify_scorer

LARGEST_GRAPH = 2_000_000_000  # bytes; a protocol buffer holds little more


@dataclass(frozen=True)
class ScorerChoices:
    """What somebody who imports a scorer decides. `size` is (width, height) of the pictures to come; `reference` a folder of
    pictures that distances are to be taken from."""

    size: tuple[int, int] = (512, 512)
    weights: str = "fp32"
    reference: Path | None = None
    free_bytes: Callable[[Path], int] = free_bytes
    verify: Callable[[Path], object] = verify_scorer


@dataclass(frozen=True)
class Imported:
    """A scorer in memory. `channels` is the width of its features; `text` as in the manifest, its tokenizer a path here;
    `texts` are example ids, (prompts, length)."""

    layout: str
    kind: str
    description: str
    channels: int
    graphs: dict[str, Graph]
    labels: list[str] | None = None
    text: dict | None = None
    texts: Tensor | None = None
    training: dict = field(default_factory=dict)


def require_place(out: Path, choices: ScorerChoices) -> None:
    """Before anything is read: whether `out` can be made, and what it is to be made with is there."""
    require_name(out)
    if choices.reference and not choices.reference.is_dir():
        raise TrainerError(f"--reference {choices.reference} is no folder: name one with pictures")


def write_imported(out: Path, scorer: Imported, choices: ScorerChoices) -> None:
    """The bundle `out`, or nothing. TrainerError when the disk is too small or the graphs disagree with PyTorch."""
    for graph in scorer.graphs.values():
        if choices.weights == "fp16":
            halve(graph)
        if _bytes_of(graph, choices) > LARGEST_GRAPH:
            raise TrainerError(f"{out.name}: a graph of {_bytes_of(graph, choices) / 1e9:.1f} GB is too large for one file: use --weights fp16")
    require_room(out, sum(_bytes_of(graph, choices) for graph in scorer.graphs.values()), choices.free_bytes)
    make_whole(out, lambda folder: _write(folder, out.name, scorer, choices), choices.verify)


def _bytes_of(graph: Graph, choices: ScorerChoices) -> int:
    def of(value: Tensor) -> int:
        return value.numel() * (2 if choices.weights == "fp16" and is_halved(value.shape) else 4)

    return sum(of(value) for value in graph.parameters()) + sum(value.nbytes for value in graph.buffers())


def _write(folder: Path, name: str, scorer: Imported, choices: ScorerChoices) -> None:
    examples, signatures, golden = _examples(scorer, choices), {}, []
    for key, graph in scorer.graphs.items():
        inputs = {each: examples[each] for each in graph.inputs}
        write_graph(graph, inputs, folder / f"{key}.onnx", halves=choices.weights == "fp16")
        golden.append(golden_graph(key, graph, inputs))
        with torch.no_grad():
            outputs = graph(*inputs.values())
        outputs = dict(zip(graph.outputs, outputs if isinstance(outputs, tuple) else (outputs,), strict=True))
        examples |= outputs
        signatures[key] = GraphSignature(file=f"{key}.onnx", inputs=_described(inputs), outputs=_described(outputs))
    (folder / "golden.json").write_text(json.dumps({"graphs": golden}))
    (folder / "LICENCE.md").write_text(LICENCE)
    if scorer.text:
        shutil.copyfile(scorer.text["tokenizer"], folder / "tokenizer.json")
    manifest = _manifest(folder, name, scorer, choices, signatures)
    if choices.reference:
        manifest = _with_reference(folder, manifest, choices.reference)
    write_scorer_manifest(manifest, folder)


def _described(tensors: dict[str, Tensor]) -> list[dict]:
    return [{"name": name, "type": TYPES[value.dtype], "shape": ["rows", *value.shape[1:]]} for name, value in tensors.items()]


def _examples(scorer: Imported, choices: ScorerChoices) -> dict[str, Tensor]:
    """Two pictures, a slope of colours and noise with every alpha; and the texts."""
    width, height = choices.size
    across, down = torch.linspace(0, 255, width).expand(height, -1), torch.linspace(0, 255, height)[:, None].expand(-1, width)
    slope = torch.stack([across, down, 255 - across, torch.full_like(across, 255)], -1).round().to(torch.uint8)
    noise = torch.randint(256, slope.shape, generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    return {"pixels": torch.stack([slope, noise]), **({"text": scorer.texts.int()} if scorer.texts is not None else {})}


def _manifest(folder: Path, name: str, scorer: Imported, choices: ScorerChoices, signatures: dict[str, GraphSignature]) -> ScorerManifest:
    width, height = choices.size
    return ScorerManifest(
        name=name, kind=scorer.kind, description=f"{scorer.description}; of {width}x{height} pictures",
        image={"width": width, "height": height, "channels": 4, "background": "none", "scale": "bytes"},
        text=scorer.text and {**scorer.text, "tokenizer": "tokenizer.json"},
        features={"channels": scorer.channels}, labels=scorer.labels, graphs=signatures,
        files=[describe_file(folder, path.name) for path in sorted(folder.iterdir())], licences=[],
        training={"importer": __version__, "layout": scorer.layout, "weights": choices.weights, "torch": torch.__version__, **scorer.training},
    )


def _with_reference(folder: Path, manifest: ScorerManifest, pictures: Path) -> ScorerManifest:
    scorer = Scorer(folder, manifest, open_graphs(folder, manifest))
    names, parts = read_pictures(pictures, (manifest.image.width, manifest.image.height))
    (folder / "reference.json").write_text(json.dumps(reference_document(scorer, parts, names), separators=(",", ":")))
    return manifest.model_copy(update={"reference": "reference.json", "files": [*manifest.files, describe_file(folder, "reference.json")]})
