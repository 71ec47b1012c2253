"""The recipe of docs/models.md, on tests/maskgit-tiny, from its bundle to a bundle with a shortcut."""

import shutil
from pathlib import Path

import pytest
import torch
from published_maskgit import Sizes, base_state, shortcut_state, write_published
from recipe import BUNDLES, Recipe

from slipstream_train.cli import main
from slipstream_train.import_maskgit import published_sampling
from slipstream_train.maskgit_weights import load_maskgit, load_maskgit_shortcut, published_shortcut
from slipstream_train.own_shortcut import prediction_errors
from slipstream_train.train_base import load_base

SIZES, RECIPE = Sizes(), Recipe("maskgit-tiny")


@pytest.fixture()
def adopted(tmp_path) -> Path:
    return RECIPE.adopt(tmp_path / "mine")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The whole recipe: its folder."""
    return RECIPE.train(tmp_path_factory.mktemp("mine"))


def test_the_base_of_a_bundle_is_the_published_one(adopted, tmp_path):
    torch.save(base_state(SIZES), tmp_path / "base.pth")
    ours, theirs = load_base(RECIPE.workspace(adopted)), load_maskgit(tmp_path / "base.pth", codes=SIZES.codes, heads=SIZES.heads)
    assert ours.blocks[0].attention.heads == SIZES.heads
    assert all(torch.equal(value, ours.state_dict()[name]) for name, value in theirs.state_dict().items())


def test_a_shortcut_of_ones_own_predicts_better_than_no_change_on_trajectories_that_it_never_saw(trained):
    figures = RECIPE.workspace(trained).summary()["shortcut"]
    assert figures["relativeError"] < 0.8 * figures["relativeErrorOfNoChange"]
    assert figures["losses"][-1] < 0.7 * figures["losses"][0]


def test_the_importer_takes_its_file_as_the_shortcut_of_the_base(trained, tmp_path):
    base = load_base(RECIPE.workspace(trained))
    shortcut = load_maskgit_shortcut(trained / "maskgit-shortcut.pth", base, heads=SIZES.heads)
    predicted, unchanged = prediction_errors(base, shortcut, published_sampling(base.image_tokens, "shortcut"), torch.tensor([[7]]))
    assert predicted < 0.9 * unchanged  # of guidance and uniforms that no trajectory had
    files = write_published(tmp_path / "published") | {"shortcut": trained / "maskgit-shortcut.pth"}
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    assert main(["import", "maskgit", *options, "--heads", str(SIZES.heads), "--out", str(tmp_path / "mine-fast")]) == 0


def test_a_published_shortcut_survives_the_way_there_and_back(adopted, tmp_path):
    base, state = load_base(RECIPE.workspace(adopted)), shortcut_state(SIZES)
    torch.save(state, tmp_path / "shortcut.pth")
    model = load_maskgit_shortcut(tmp_path / "shortcut.pth", base, heads=SIZES.heads)
    back = published_shortcut(model)
    assert back.keys() == state.keys() and all(torch.equal(back[name], value) for name, value in state.items())


def test_traffic_of_the_service_is_learned_from_as_well(adopted, tmp_path):
    recorded, records = RECIPE.harvest(adopted, tmp_path, torch.tensor([[0], [4], [9]]))
    assert torch.equal(recorded.tokens, torch.stack([record.tokens for record in records], 1))
    for step, record in enumerate(records):
        found = recorded.features.at(torch.arange(3), torch.full((3,), step)).float()
        assert torch.allclose(found, record.features, atol=4e-3)  # kept as fp16


def test_a_bundle_that_was_not_imported_is_refused(tmp_path, capsys):
    assert RECIPE.stage("adopt", tmp_path / "mine", "--bundle", str(BUNDLES / "bundles" / "tiny")) == 1
    assert "was not made by `slipstream-train import maskgit`" in capsys.readouterr().err


def test_a_damaged_bundle_is_named(tmp_path, capsys):
    bundle = shutil.copytree(RECIPE.bundle, tmp_path / "bundle")
    (bundle / "weights.bin").write_bytes((bundle / "weights.bin").read_bytes()[:-64])
    assert RECIPE.stage("adopt", tmp_path / "mine", "--bundle", str(bundle)) == 1
    assert "weights.bin" in capsys.readouterr().err


def test_stages_before_adopt_name_it(tmp_path, capsys):
    assert RECIPE.stage("trajectories", tmp_path / "mine") == 1
    assert "slipstream-train adopt" in capsys.readouterr().err
