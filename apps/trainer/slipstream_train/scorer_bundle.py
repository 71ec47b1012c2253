"""A scorer bundle in onnxruntime: pictures and prompts in, vectors out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from .errors import TrainerError
from .manifest import GraphSignature
from .prompt_tokenizer import load_prompt_tokenizer
from .scorer_manifest import ScorerManifest, read_scorer_manifest

BATCH = 64


@dataclass(frozen=True)
class Scorer:
    folder: Path
    manifest: ScorerManifest
    sessions: dict[str, onnxruntime.InferenceSession]

    def image(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        """(rows, height, width, 4) uint8 -> the image graph's outputs by name; TrainerError on another size or type."""
        return self.run("image", pixels)

    def text(self, prompts: list[str]) -> np.ndarray:
        """(prompts, d) float32 of length 1; TrainerError when this scorer reads no text."""
        if self.manifest.text is None or self.manifest.kind != "image-text":
            raise TrainerError(f"{self.folder} is a {self.manifest.kind} and reads no text: use an image-text scorer")
        tokenizer = load_prompt_tokenizer(self.folder / self.manifest.text.tokenizer)
        ids = np.array([encoding.ids for encoding in tokenizer.encode_batch(prompts)], np.int32)
        return self.run("text", ids)["embedding"]

    def run(self, graph: str, *values: np.ndarray) -> dict[str, np.ndarray]:
        """`values` in the order of the graph's inputs."""
        signature: GraphSignature = getattr(self.manifest.graphs, graph)
        for wanted, given in zip(signature.inputs, values, strict=True):
            if list(given.shape[1:]) != wanted.shape[1:] or given.dtype != wanted.type:
                raise TrainerError(f"{self.folder}: {wanted.name} is {given.dtype} {given.shape[1:]}, "
                                   f"but this scorer takes {wanted.type} {tuple(wanted.shape[1:])}")
        names, inputs = ([each.name for each in side] for side in (signature.outputs, signature.inputs))
        parts = [[given[first : first + BATCH] for given in values] for first in range(0, len(values[0]), BATCH)]
        runs = [self.sessions[graph].run(names, dict(zip(inputs, part, strict=True))) for part in parts]
        return {name: np.concatenate(column) for name, column in zip(names, zip(*runs, strict=True), strict=True)}


def open_scorer(folder: Path) -> Scorer:
    """TrainerError names the file or field that is wrong."""
    manifest = read_scorer_manifest(folder)
    return Scorer(folder, manifest, open_graphs(folder, manifest))


def open_graphs(folder: Path, manifest: ScorerManifest) -> dict[str, onnxruntime.InferenceSession]:
    graphs = {"image": manifest.graphs.image, "text": manifest.graphs.text}
    return {
        name: onnxruntime.InferenceSession(str(folder / graph.file), providers=["CPUExecutionProvider"])
        for name, graph in graphs.items() if graph
    }
