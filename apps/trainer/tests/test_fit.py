import resource

import pytest
import torch
from torch import nn

from slipstream_train.autoencoder import FSQ
from slipstream_train.errors import TrainerError
from slipstream_train.fit import fit, save_atomically


class Killed(Exception):
    pass


def train(path, steps: int = 12, killed_at: int | None = None) -> nn.Linear:
    torch.manual_seed(1)
    model = nn.Linear(3, 1)
    seen = 0

    def loss_at(generator: torch.Generator) -> torch.Tensor:
        nonlocal seen
        if seen == killed_at:
            raise Killed
        seen += 1
        batch = torch.randn(8, 3, generator=generator)
        return (model(batch) - batch.sum(1, keepdim=True)).square().mean()

    fit("test", model, loss_at, steps=steps, learning_rate=0.05, seed=5, checkpoint=path, device=torch.device("cpu"))
    return model


def test_a_killed_run_ends_with_the_weights_of_an_undisturbed_one(tmp_path, monkeypatch):
    monkeypatch.setattr("slipstream_train.fit.CHECKPOINT_SECONDS", -1)  # a checkpoint at every step
    undisturbed = train(tmp_path / "a.pt")
    try:
        train(tmp_path / "b.pt", killed_at=7)
    except Killed:
        resumed = train(tmp_path / "b.pt")
    assert torch.equal(resumed.weight, undisturbed.weight)


def test_a_disk_that_is_full_is_told_and_keeps_nothing_half_written(tmp_path):
    path, limits = tmp_path / "a.pt", resource.getrlimit(resource.RLIMIT_FSIZE)
    save_atomically(torch.zeros(3), path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(TrainerError, match=r"a\.pt could not be written: make room on its disk"):
            save_atomically(torch.zeros(100_000), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [*tmp_path.iterdir()] == [path] and torch.equal(torch.load(path), torch.zeros(3))


def test_every_code_survives_the_way_to_its_vector_and_back():
    fsq = FSQ((8, 5, 5, 5))
    codes = torch.arange(fsq.code_count)
    vectors = fsq.from_codes(codes)
    assert torch.equal(fsq.to_codes(vectors), codes)
    assert vectors.abs().max() == 1
