"""A worker's shards, through a real S3 server, against what the trainer records itself for the same requests."""

import dataclasses
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from philox import philox_uniforms

from slipstream_train.cli import main
from slipstream_train.manifest import read_manifest
from slipstream_train.presets import PRESETS
from slipstream_train.prompt_tokenizer import load_prompt_tokenizer
from slipstream_train.sampler import StepRecord, generate
from slipstream_train.train_base import load_base
from slipstream_train.train_shortcut import load_shortcut
from slipstream_train.workspace import Workspace

REPOSITORY = Path(__file__).parents[3]
PROGRAM = REPOSITORY / "tests" / "dist" / "harvest" / "make-pictures.js"
PRESET = PRESETS["tiny"]
STEPS = PRESET.sampling.steps
FEATURE_TOLERANCE = 4e-3  # features are kept as fp16, and those of other batches differ in their last bits

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists() or not shutil.which("redis-server"), reason="needs the built service and redis-server: `npm test` provides both",
)


@pytest.fixture()
def adopted(tiny_run, tmp_path) -> Workspace:
    """A run that begins with the bundle's own weights."""
    for name in ("pictures.npy", "dataset.json"):
        shutil.copy(tiny_run / name, tmp_path / name)
    assert main(["adopt", "--preset", "tiny", "--seed", "3", "--work", str(tmp_path), "--bundle", str(tiny_run / "bundle")]) == 0
    return Workspace(tmp_path, PRESET, 3, torch.device("cpu"))


def recorded_by_the_trainer(workspace: Workspace, request: dict) -> list[StepRecord]:
    base = load_base(workspace)
    ids = torch.tensor([load_prompt_tokenizer(workspace.path("tokenizer.json")).encode(request["prompt"]).ids])
    uniforms, confidence_uniforms = philox_uniforms(request["seed"], STEPS, PRESET.image_tokens)
    sampling = dataclasses.replace(PRESET.sampling, guidance=request["guidance"], temperature=request["temperature"])
    predictor = load_shortcut(workspace, base) if request["strategy"] == "shortcut" else None
    records: list[StepRecord] = []
    generate(base, ids, uniforms, confidence_uniforms, sampling, steps=STEPS, predictor=predictor, budget=request["budget"], on_step=records.append)
    return records


def test_what_a_worker_keeps_is_what_the_trainer_records(tiny_run, adopted, storage):
    bundle = tiny_run / "bundle"
    name = json.loads((bundle / "reference.json").read_text())["entries"][0]["name"]
    common = {"model": read_manifest(bundle).name, "prompt": name, "guidance": 2.0, "temperature": 0.9, "steps": STEPS}
    requests = [
        {**common, "seed": 7, "strategy": "vanilla", "budget": STEPS, "knobs": {}},
        {**common, "seed": 11, "strategy": "shortcut", "budget": 3, "knobs": {"placement": "steps"}},
        {**common, "seed": 12, "strategy": "vanilla", "budget": STEPS, "knobs": {}, "cache": "off"},
        {**common, "seed": 13, "strategy": "vanilla", "budget": 4, "steps": 4, "knobs": {}},
    ]
    subprocess.run(["node", str(PROGRAM), json.dumps(requests)], check=True, cwd=REPOSITORY, timeout=600,
                   env={**os.environ, "BUNDLE": str(bundle), "STORAGE_URL": storage})
    assert main(["harvest", "--preset", "tiny", "--seed", "3", "--work", str(adopted.folder), "--bundle", str(bundle), "--from", storage]) == 0
    summary = adopted.summary()["harvest"]
    assert summary == {"trajectories": 2, "shards": 1, "damagedShards": 0, "otherSteps": 1}
    [path] = adopted.trajectories().glob("*.pt")
    arrays = torch.load(path, weights_only=True)
    for request in requests[:2]:
        records = recorded_by_the_trainer(adopted, request)
        own = torch.cat([record.tokens for record in records])
        [row] = [row for row, tokens in enumerate(arrays["tokens"]) if torch.equal(tokens.long(), own)]
        full = [record for record in records if record.full]  # those of the other steps were predicted, and the trainer wants the base's
        assert len(full) == request["budget"]
        for record in full:
            assert torch.allclose(arrays["features"][row, record.index].float(), record.features[0], atol=FEATURE_TOLERANCE)
