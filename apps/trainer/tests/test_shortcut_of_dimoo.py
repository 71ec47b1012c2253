"""The recipe of a shortcut for a Lumina-DiMOO of one's own, at the tiny size, from its bundle to a bundle with a shortcut."""

from pathlib import Path

import pytest
import torch
from published_dimoo import Sizes, base_state, shortcut_state, write_published
from recipe import BUNDLES, Recipe

from slipstream_train.cli import main
from slipstream_train.dimoo_prompt import read_prompts
from slipstream_train.dimoo_weights import load_dimoo_shortcut, published_shortcut, read_config
from slipstream_train.import_dimoo import published_sampling
from slipstream_train.own_shortcut import prediction_errors
from slipstream_train.recorded import load_recorded
from slipstream_train.train_base import load_base

SIZES, RECIPE = Sizes(), Recipe("dimoo-tiny")
PROMPTS = ["a red apple", "an orange cat on the moon", "ornament", "a cat and an orange apple", "the moon"]


@pytest.fixture(scope="module")
def prompts(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("prompts") / "prompts.txt"
    file.write_text("\n".join(PROMPTS) + "\n")
    return file


@pytest.fixture(scope="module")
def trained(tmp_path_factory, prompts) -> Path:
    """The whole recipe: its folder."""
    return RECIPE.train(tmp_path_factory.mktemp("mine"), "--prompts", str(prompts))


@pytest.fixture()
def adopted(tmp_path) -> Path:
    return RECIPE.adopt(tmp_path / "mine")


def test_the_base_of_a_bundle_is_the_published_one(adopted):
    base, published = load_base(RECIPE.workspace(adopted)), base_state(SIZES)
    assert torch.equal(base.embedding.weight.float(), published["model.transformer.wte.weight"])
    assert torch.equal(base.head.weight.float(), published["model.transformer.ff_out.weight"][SIZES.text :])
    for index, block in enumerate(base.blocks):
        for ours, theirs in (("query", "q_proj"), ("out", "attn_out"), ("gate", "ff_proj"), ("down", "ff_out"), ("norm_feed_forward", "ff_norm")):
            assert torch.equal(getattr(block, ours).weight.float(), published[f"model.transformer.blocks.{index}.{theirs}.weight"])
    assert (base.sizes.heads, base.sizes.theta, base.sizes.eps, base.noise) == (SIZES.heads, SIZES.theta, SIZES.eps, "bf16")


def test_a_shortcut_of_ones_own_predicts_better_than_no_change_on_trajectories_that_it_never_saw(trained):
    figures = RECIPE.workspace(trained).summary()["shortcut"]
    assert figures["relativeError"] < 0.95 * figures["relativeErrorOfNoChange"]
    assert figures["losses"][-1] < 0.8 * figures["losses"][0]


def test_trajectories_hold_both_branches_of_prompts_of_different_lengths(trained):
    base = load_base(RECIPE.workspace(trained))
    recorded = load_recorded(RECIPE.workspace(trained), base.mask_token)
    assert len({tuple(row) for row in recorded.prompts.tolist()}) == len(PROMPTS)
    row, step = 3, 5
    before = recorded.tokens[row : row + 1, step - 1]
    with torch.no_grad():
        expected = base.guided_features(recorded.prompts[row : row + 1], before)
    found = recorded.features.at(torch.tensor([row]), torch.tensor([step])).float()
    written = base.written(base.branches(recorded.prompts[row : row + 1]).flatten(0, 1))
    assert not written[0].equal(written[1])  # each branch pads its own prompt
    assert torch.allclose(found[0][written], expected[0][written], atol=2e-2)


def test_the_importer_takes_its_file_as_the_shortcut_of_the_base(trained, tmp_path):
    files = write_published(tmp_path / "published")
    base = load_base(RECIPE.workspace(trained))
    shortcut = load_dimoo_shortcut(trained / "dimoo-shortcut.pth", base, read_config(files["checkpoint"]))
    prompt = load_recorded(RECIPE.workspace(trained), base.mask_token).prompts[:1]
    predicted, unchanged = prediction_errors(base, shortcut, published_sampling(base.image_tokens, "shortcut"), prompt)
    assert predicted < unchanged  # of uniforms that no trajectory had
    options = [part for name, path in (files | {"shortcut": trained / "dimoo-shortcut.pth"}).items() for part in (f"--{name}", str(path))]
    assert main(["import", "dimoo", *options, "--out", str(tmp_path / "mine-fast"), "--size", "10x6", "--prompt-length", "40"]) == 0


def test_traffic_of_the_service_is_learned_from_as_well(adopted, tmp_path):
    base = load_base(RECIPE.workspace(adopted))
    words = read_prompts(adopted / "tokenizer.json", SIZES.text, base.prompt_length)
    prompts = torch.tensor([base.layout.padded(words.ids(text)) for text in PROMPTS[:3]])
    recorded, records = RECIPE.harvest(adopted, tmp_path, prompts)
    assert torch.equal(recorded.prompts, prompts)
    assert torch.equal(recorded.tokens, torch.stack([record.tokens for record in records], 1))
    for step, record in enumerate(records):
        found = recorded.features.at(torch.arange(3), torch.full((3,), step)).float()
        assert torch.allclose(found, record.features, atol=4e-3)  # kept as fp16


def test_a_published_shortcut_survives_the_way_there_and_back(adopted, tmp_path):
    base, state = load_base(RECIPE.workspace(adopted)), shortcut_state(SIZES)
    files = write_published(tmp_path / "published")
    model = load_dimoo_shortcut(files["shortcut"], base, read_config(files["checkpoint"]))
    back = published_shortcut(model)
    assert back.keys() == state.keys() and all(torch.equal(back[name].float(), value) for name, value in state.items())


def test_prompts_that_are_missing_or_too_long_are_named(adopted, tmp_path, capsys):
    assert RECIPE.stage("trajectories", adopted) == 1
    assert "--prompts FILE" in capsys.readouterr().err
    (tmp_path / "long.txt").write_text("a cat\n" + "orange " * 40)
    assert RECIPE.stage("trajectories", adopted, "--prompts", str(tmp_path / "long.txt")) == 1
    assert "the bundle takes 40" in capsys.readouterr().err
    assert RECIPE.stage("trajectories", adopted, "--prompts", str(tmp_path / "none.txt")) == 1
    assert "none.txt is missing or empty" in capsys.readouterr().err


def test_more_steps_than_a_picture_has_tokens_are_refused(tmp_path, prompts, capsys):
    common = ["--preset", "dimoo", "--work", str(tmp_path / "mine"), "--threads", "1"]
    assert main(["adopt", *common, "--bundle", str(RECIPE.bundle)]) == 0
    assert main(["trajectories", *common, "--prompts", str(prompts)]) == 1
    assert "--preset dimoo records runs of 64 steps, but a picture of this base has 15 tokens" in capsys.readouterr().err


def test_a_bundle_of_another_layout_is_refused(tmp_path, capsys):
    assert RECIPE.stage("adopt", tmp_path / "mine", "--bundle", str(BUNDLES / "maskgit-tiny")) == 1
    assert "was not made by `slipstream-train import dimoo`" in capsys.readouterr().err
