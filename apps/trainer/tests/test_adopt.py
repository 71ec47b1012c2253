import shutil

import pytest
import torch

from slipstream_train.cli import main

OPTIONS = ["--preset", "tiny", "--seed", "3"]


@pytest.fixture()
def adopted(tiny_run, tmp_path):
    for name in ("pictures.npy", "dataset.json"):
        shutil.copy(tiny_run / name, tmp_path / name)
    assert main(["adopt", *OPTIONS, "--work", str(tmp_path), "--bundle", str(tiny_run / "bundle")]) == 0
    return tmp_path


@pytest.mark.parametrize("name", ["base", "shortcut", "anchored", "student"])
def test_a_bundle_gives_back_the_weights_that_it_was_made_from(tiny_run, adopted, name):
    made, back = (torch.load(folder / f"{name}.pt", weights_only=True) for folder in (tiny_run, adopted))
    assert made.keys() == back.keys()
    for key, value in made.items():
        assert torch.allclose(value, back[key], atol=2e-3), key  # the bundle rounds to fp16


def test_it_also_gives_back_the_decoder(tiny_run, adopted):
    made, back = (torch.load(folder / "tokenizer.pt", weights_only=True) for folder in (tiny_run, adopted))
    for key in (key for key in made if key.startswith("decoder")):
        assert torch.allclose(made[key], back[key], atol=2e-3), key


def test_other_pictures_than_the_bundle_was_trained_on_are_refused(tiny_run, tmp_path, capsys):
    shutil.copy(tiny_run / "pictures.npy", tmp_path)
    text = (tiny_run / "dataset.json").read_text()
    (tmp_path / "dataset.json").write_text(text.replace('"name": "', '"name": "other ', 1))
    assert main(["adopt", *OPTIONS, "--work", str(tmp_path), "--bundle", str(tiny_run / "bundle")]) == 1
    assert "other pictures" in capsys.readouterr().err
