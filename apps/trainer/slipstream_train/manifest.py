"""The bundle's manifest: the one description both the trainer and the service validate a bundle against."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import TrainerError


# What a bundle must hold to serve each strategy.
NEEDS: dict[str, set[str]] = {
    "vanilla": {"full"}, "halton": {"full"}, "shortcut": {"full", "shortcut"}, "adaptive": {"full", "shortcut"},
    "anchored": {"full", "anchored"}, "taylorseer": {"full", "tail"}, "ml-cache": {"partial"}, "recap": {"partial"},
    "dllm-cache": {"partial"}, "dimo": {"student"},
}
StrategyName = Literal[
    "vanilla", "halton", "shortcut", "adaptive", "anchored", "taylorseer", "ml-cache", "recap", "dllm-cache", "dimo"
]


M = TypeVar("M", bound=BaseModel)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TensorSignature(Part):
    name: str
    type: Literal["int32", "float32", "bool", "uint8"]
    shape: list[int | str]  # names are free axes


class GraphSignature(Part):
    file: str
    inputs: list[TensorSignature]
    outputs: list[TensorSignature]


class Image(Part):
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    channels: Literal[4]


class Tokens(Part):
    image: int = Field(gt=0)
    gridWidth: int = Field(gt=0)
    gridHeight: int = Field(gt=0)
    codes: int = Field(gt=1)
    mask: int


class Prompt(Part):
    tokenizer: str
    length: int = Field(gt=0)
    pad: int
    unknown: int
    template: str | None = None  # a prompt goes where it says {prompt}
    limit: int | None = None  # how many ids it may have beside the template's
    unconditional: list[int] | None = None  # ids that stand for no prompt, before padding; none: padding alone

    @property
    def no_prompt(self) -> list[int]:
        ids = self.unconditional or []
        return ids + [self.pad] * (self.length - len(ids))


class ClassPrompt(Part):
    """A prompt is the number of a class; `pad`, the number after the last, stands for no class."""

    classes: int = Field(gt=0)
    length: Literal[1]
    pad: int

    @property
    def no_prompt(self) -> list[int]:
        return [self.pad]


class Features(Part):
    branches: Literal[2]
    positions: int
    first: int | None = None  # where the picture's first token lies, and from one line of the grid to the next; none:
    lineLength: int | None = None  # behind the prompt, without gaps
    channels: int
    layers: int


class Sampling(Part):
    strategy: StrategyName
    steps: int = Field(gt=0)
    budget: int = Field(gt=0)
    knobs: dict[str, float | int | str]
    schedule: Literal["arccos", "cosine"]
    guidance: float = Field(ge=0)
    guidanceRamp: Literal["linear", "constant"]
    temperature: float = Field(gt=0)
    confidenceTemperature: float = Field(ge=0)
    confidenceRamp: Literal["linear", "constant"] = "linear"
    noise: Literal["fp32", "bf16"] = "fp32"


class File(Part):
    path: str
    bytes: int
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Licence(Part):
    name: str
    licence: str
    attribution: str
    appliesTo: str


class Graphs(Part):
    full: GraphSignature
    head: GraphSignature
    decode: GraphSignature
    embed: GraphSignature
    shortcut: GraphSignature | None = None
    anchored: GraphSignature | None = None
    tail: GraphSignature | None = None
    partial: GraphSignature | None = None
    student: GraphSignature | None = None
    logits: GraphSignature | None = None

    def held(self) -> dict[str, GraphSignature]:
        return {name: getattr(self, name) for name in Graphs.model_fields if getattr(self, name) is not None}


class Manifest(Part):
    format: Literal["slipstream-bundle"] = "slipstream-bundle"
    version: Literal[3] = 3
    name: str
    description: str
    image: Image
    tokens: Tokens
    prompt: Prompt | ClassPrompt
    features: Features
    newTokenBuckets: list[int]
    maskedBuckets: list[int]
    selectedBuckets: list[int]
    sampling: Sampling
    strategies: list[StrategyName]
    graphs: Graphs
    files: list[File]
    weights: str
    reference: str
    golden: str
    licences: list[Licence]
    training: dict

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        if self.tokens.image != self.tokens.gridWidth * self.tokens.gridHeight:
            raise ValueError("tokens.image must be gridWidth x gridHeight")
        if isinstance(self.prompt, ClassPrompt) and self.prompt.pad != self.prompt.classes:
            raise ValueError("prompt.pad must be the number after the last class")
        if not self.sampling.budget <= self.sampling.steps <= self.tokens.image:
            raise ValueError("sampling must hold budget <= steps <= tokens.image")
        for name, last in (("newTokenBuckets", self.tokens.image), ("maskedBuckets", self.tokens.image),
                           ("selectedBuckets", self.features.positions)):
            sizes = getattr(self, name)
            if sizes != sorted(set(sizes)) or sizes[-1] != last:
                raise ValueError(f"{name} must ascend and end at {last}")
        if self.sampling.strategy not in self.strategies:
            raise ValueError("sampling.strategy must be one of strategies")
        for strategy in self.strategies:
            if not NEEDS[strategy] <= self.graphs.held().keys():
                raise ValueError(f"strategies has {strategy}, which needs the graphs {sorted(NEEDS[strategy])}")
        return self


def describe_file(folder: Path, name: str) -> File:
    with (folder / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return File(path=name, bytes=file.tell(), sha256=digest)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle; see `read_checked`."""
    return read_checked(folder, Manifest, noun="bundle", document="manifest",
                        missing="this is not a bundle; export one with `slipstream-train export`")


def read_manifest_of(layout: str, folder: Path) -> Manifest:
    """The manifest of a bundle that was imported from this layout."""
    manifest = read_manifest(folder)
    if manifest.training.get("layout") != layout:
        raise TrainerError(f"{folder} was not made by `slipstream-train import {layout}`: adopt it with the preset that it was trained with")
    return manifest


def read_checked(folder: Path, kind: type[M], *, noun: str, document: str, missing: str) -> M:
    """Parse manifest.json and hold every file against its digest; TrainerError names what is wrong."""
    path = folder / "manifest.json"
    if not path.exists():
        raise TrainerError(f"{path} is missing: {missing}")
    try:
        manifest = kind.model_validate(json.loads(path.read_text()))
    except (ValidationError, json.JSONDecodeError) as error:
        raise TrainerError(f"{path} is not a valid {document}: {error}") from error
    for file in manifest.files:
        if not (folder / file.path).exists():
            raise TrainerError(f"{folder / file.path} is missing: export the {noun} again")
        if describe_file(folder, file.path) != file:
            raise TrainerError(f"{folder / file.path} was altered or truncated: export the {noun} again")
    return manifest
