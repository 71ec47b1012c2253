import hashlib
import json
import shutil
from pathlib import Path

import boto3
import pytest
import torch

from slipstream_train.cli import main
from slipstream_train.harvest import retrace
from slipstream_train.harvest_shard import HarvestedTrajectory
from slipstream_train.presets import PRESETS
from slipstream_train.recorded import load_recorded
from slipstream_train.sampler import StepRecord, draw_uniforms, generate
from slipstream_train.train_base import load_base
from slipstream_train.train_shortcut import load_shortcut
from slipstream_train.workspace import Workspace

PRESET = PRESETS["tiny"]
STEPS = PRESET.sampling.steps
OPTIONS = ["--preset", "tiny", "--seed", "3"]


def workspace_at(folder: Path) -> Workspace:
    return Workspace(folder, PRESET, 3, torch.device("cpu"))


@pytest.fixture()
def run(tiny_run, tmp_path) -> Path:
    """A finished run without trajectories of its own."""
    return shutil.copytree(tiny_run, tmp_path / "run", ignore=shutil.ignore_patterns("trajectories", "*.checkpoint.pt"))


def digest_of(run: Path) -> str:
    return hashlib.sha256((run / "bundle" / "manifest.json").read_bytes()).hexdigest()


def made(run: Path, rows: int, *, predictor=None, budget: int | None = None, seed: int = 0) -> tuple[list[HarvestedTrajectory], list[StepRecord]]:
    """Pictures by the trainer's own sampler: as a worker would keep them, and as the trainer records them."""
    generator = torch.Generator().manual_seed(seed)
    base = load_base(workspace_at(run))
    ids = torch.randint(base.word_embedding.num_embeddings, (rows, base.prompt_length), generator=generator)
    noise = draw_uniforms((2, STEPS, rows, PRESET.image_tokens), generator)
    records: list[StepRecord] = []
    tokens = generate(base, ids, noise[0], noise[1], PRESET.sampling, steps=STEPS, predictor=predictor, budget=budget, on_step=records.append)
    revealed = torch.stack([record.tokens != base.mask_token for record in records])
    kept = [
        HarvestedTrajectory(prompt=ids[row].tolist(), seed=row, strategy="vanilla", steps=STEPS, budget=STEPS, knobs={}, guidance=2, temperature=0.9,
                            tokens=tokens[row].tolist(), revealedAt=revealed[:, row].int().argmax(0).tolist())
        for row in range(rows)
    ]
    return kept, records


def shard(bundle: str, trajectories: list[HarvestedTrajectory], **head) -> bytes:
    lines = "".join(trajectory.model_dump_json() + "\n" for trajectory in trajectories).encode()
    first = {"format": "slipstream-harvest", "version": 1, "bundle": bundle, "trajectories": len(trajectories),
             "sha256": hashlib.sha256(lines).hexdigest()} | head
    return json.dumps(first).encode() + b"\n" + lines


def keep(source: Path, bundle: str, *contents: bytes) -> list[Path]:
    folder = source / "harvest" / bundle
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{hashlib.sha256(content).hexdigest()[:32]}.jsonl" for content in contents]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def harvest(run: Path, source: object) -> int:
    return main(["harvest", *OPTIONS, "--work", str(run), "--from", str(source)])


def test_it_gives_what_the_trainer_records_itself(run):
    kept, records = made(run, 3)
    features, tokens = retrace(load_base(workspace_at(run)), kept)
    assert torch.equal(tokens, torch.stack([record.tokens for record in records], 1))
    assert torch.allclose(features.float(), torch.stack([record.features for record in records], 1), atol=4e-3)  # kept as fp16


def test_of_a_predicted_picture_the_features_are_the_bases_own(run):
    workspace = workspace_at(run)
    base = load_base(workspace)
    kept, records = made(run, 2, predictor=load_shortcut(workspace, base), budget=2)
    features, tokens = retrace(base, kept)
    before = torch.stack([record.tokens for record in records], 1)[:, 4]
    with torch.no_grad():
        assert torch.allclose(features[:, 5].float(), base.guided_features(torch.tensor([each.prompt for each in kept]), before), atol=4e-3)
    assert not torch.allclose(features[:, 5].float(), records[5].features, atol=4e-2)


def test_what_it_leaves_is_read_as_trajectories_and_made_once(run, tmp_path, capsys):
    keep(tmp_path, digest_of(run), shard(digest_of(run), made(run, 3)[0]), shard(digest_of(run), made(run, 2, seed=1)[0]))
    assert harvest(run, tmp_path) == 0
    workspace = workspace_at(run)
    recorded = load_recorded(workspace, load_base(workspace).mask_token)
    assert recorded.tokens.shape == (5, STEPS, PRESET.image_tokens) and len(recorded.features) == 5
    assert recorded.features.at(torch.tensor([4]), torch.tensor([STEPS - 1])).shape[:2] == (1, 2)
    times = {path: path.stat().st_mtime_ns for path in workspace.trajectories().glob("*.pt")}
    assert harvest(run, tmp_path) == 0
    assert {path: path.stat().st_mtime_ns for path in workspace.trajectories().glob("*.pt")} == times
    assert "trajectories 5" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("damage", [lambda content: content[:-40], lambda content: content.replace(b'"seed":0', b'"seed":9'), lambda _: b"\x00" * 80,
                                    lambda content: content.replace(b'"trajectories": 1', b'"trajectories": 2')])
def test_a_damaged_shard_is_named_and_left_out(run, tmp_path, capsys, damage):
    whole, broken = (shard(digest_of(run), made(run, 1, seed=seed)[0]) for seed in (1, 0))
    _, path = keep(tmp_path, digest_of(run), whole, damage(broken))
    assert damage(broken) != broken and harvest(run, tmp_path) == 0
    output = capsys.readouterr()
    assert str(path) in output.err and "damagedShards 1" in output.out and "trajectories 1," in output.out


@pytest.mark.parametrize("change", [{"prompt": [0]}, {"tokens": [125] * 16}, {"tokens": [0] * 15}, {"revealedAt": [STEPS] * 16}, {"revealedAt": [-1] * 16}])
def test_a_trajectory_that_does_not_fit_the_bundle_makes_a_shard_a_damaged_one(run, tmp_path, capsys, change):
    kept = [each.model_copy(update=change) for each in made(run, 1)[0]]
    keep(tmp_path, digest_of(run), shard(digest_of(run), kept))
    assert harvest(run, tmp_path) == 1
    output = capsys.readouterr().err
    assert "does not fit" in output and "1 damaged shards" in output


def test_shards_of_another_bundle_are_refused_by_its_digest(run, tmp_path, capsys):
    foreign, content = "ab" * 32, made(run, 1)[0]
    keep(tmp_path, foreign, shard(foreign, content))
    assert harvest(run, tmp_path) == 1
    assert f"only shards of {foreign}" in capsys.readouterr().err
    [path] = keep(tmp_path, digest_of(run), shard(foreign, content))
    assert harvest(run, tmp_path) == 1
    message = capsys.readouterr().err
    assert str(path) in message and foreign in message and digest_of(run) in message


def test_a_shard_of_a_later_version_is_refused(run, tmp_path, capsys):
    keep(tmp_path, digest_of(run), shard(digest_of(run), made(run, 1)[0], version=2))
    assert harvest(run, tmp_path) == 1
    assert "version 2" in capsys.readouterr().err


def test_other_numbers_of_steps_are_of_no_use(run, tmp_path, capsys):
    kept = [each.model_copy(update={"steps": STEPS + 1}) for each in made(run, 2)[0]]
    keep(tmp_path, digest_of(run), shard(digest_of(run), kept))
    assert harvest(run, tmp_path) == 1
    assert "2 trajectories of other numbers" in capsys.readouterr().err


def test_a_run_with_another_base_than_the_bundles_is_refused(run, tmp_path, capsys):
    keep(tmp_path, digest_of(run), shard(digest_of(run), made(run, 1)[0]))
    state = torch.load(run / "base.pt", weights_only=True)
    state["head.weight"][0, 0] += 1
    torch.save(state, run / "base.pt")
    assert harvest(run, tmp_path) == 1
    assert "another base" in capsys.readouterr().err


def test_a_place_without_a_harvest_is_named(run, tmp_path, capsys):
    assert harvest(run, tmp_path / "nowhere") == 1
    assert "STORAGE_URL" in capsys.readouterr().err
    assert main(["harvest", *OPTIONS, "--work", str(run)]) == 1
    assert "--from" in capsys.readouterr().err


def test_a_bucket_without_a_harvest_or_that_is_not_there_is_named(run, storage, capsys):
    assert harvest(run, storage) == 1
    assert f"{storage}/harvest holds no shards" in capsys.readouterr().err
    boto3.client("s3").put_object(Bucket=storage.split("/")[2], Key=f"pictures/harvest/{'ab' * 32}/0.jsonl", Body=b"")
    assert harvest(run, storage) == 1
    assert f"only shards of {'ab' * 32}" in capsys.readouterr().err
    assert harvest(run, "s3://no-such-bucket") == 1
    assert "s3://no-such-bucket cannot be listed" in capsys.readouterr().err
