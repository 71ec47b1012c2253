"""The manifest of a scorer bundle: what it scores, what its graphs take and give, and the digest of every file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from .manifest import File, GraphSignature, Licence, Part, read_checked


class ScorerImage(Part):
    """What the image graph takes. Ours take straight-alpha RGBA bytes as they are: nothing is left to the caller."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    channels: Literal[3, 4]
    background: Literal["white", "none"]
    scale: Literal["unit", "imagenet", "bytes"]


class ScorerText(Part):
    tokenizer: str
    length: int = Field(gt=0)
    pad: int
    end: int | None = None


class ScorerFeatures(Part):
    channels: int = Field(gt=0)


class ScorerGraphs(Part):
    image: GraphSignature
    text: GraphSignature | None = None


class ScorerManifest(Part):
    format: Literal["slipstream-scorer"] = "slipstream-scorer"
    version: Literal[1] = 1
    name: str
    kind: Literal["classifier", "image-text", "quality", "reward"]
    description: str
    image: ScorerImage
    text: ScorerText | None = None
    features: ScorerFeatures
    labels: list[str] | None = None
    graphs: ScorerGraphs
    files: list[File]
    reference: str | None = None
    licences: list[Licence]
    training: dict

    @model_validator(mode="after")
    def _consistent(self) -> ScorerManifest:
        outputs = {output.name: output.shape for output in self.graphs.image.outputs}
        vector = "embedding" if self.kind == "image-text" else "features"
        if outputs.get(vector) != ["rows", self.features.channels]:
            raise ValueError(f"graphs.image of a {self.kind} must give {vector} (rows, features.channels)")
        if self.kind in ("image-text", "reward") and (self.text is None or self.graphs.text is None):
            raise ValueError(f"a scorer of the kind {self.kind} needs text and graphs.text")
        judging = {"quality": self.graphs.image, "reward": self.graphs.text}.get(self.kind)
        if judging and {output.name: output.shape for output in judging.outputs}.get("score") != ["rows", 1]:
            raise ValueError(f"{judging.file} of a scorer of the kind {self.kind} must give score (rows, 1)")
        if self.labels is not None and outputs.get("logits") != ["rows", len(self.labels)]:
            raise ValueError("graphs.image must give logits (rows, labels)")
        return self

    def digest_of(self, path: str) -> str:
        return next(file.sha256 for file in self.files if file.path == path)


def write_scorer_manifest(manifest: ScorerManifest, folder: Path) -> None:
    document = manifest.model_dump(exclude_none=True)
    (folder / "manifest.json").write_text(json.dumps(document, indent=2, ensure_ascii=False))


def read_scorer_manifest(folder: Path) -> ScorerManifest:
    """The manifest of a scorer; see `read_checked`."""
    return read_checked(folder, ScorerManifest, noun="scorer", document="scorer manifest",
                        missing="this is no scorer; write one with `slipstream-train export-scorers`")
