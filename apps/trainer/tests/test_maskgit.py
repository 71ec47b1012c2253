"""The imported MaskGIT against the published procedure: same uniforms in, same tokens out."""

from dataclasses import replace
from functools import cache

import pytest
import torch
from maskgit_reference import Reference, arccos_counts
from published_maskgit import Sizes, base_state, shortcut_state, vqgan_state, write_published
from vqgan_reference import decode

from slipstream_train.graphs import DecodeGraph
from slipstream_train.import_maskgit import published_sampling
from slipstream_train.maskgit_weights import load_maskgit, load_maskgit_shortcut, load_vqgan
from slipstream_train.sampler import draw_uniforms, generate
from slipstream_train.schedule import reveal_counts

SIZES = Sizes()
SETTINGS = {"steps": 8, "guidance": 2.8, "randomness": 7.0}


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    @cache
    def loaded(sizes: Sizes):
        files = write_published(tmp_path_factory.mktemp("published"), sizes)
        base = load_maskgit(files["checkpoint"], codes=sizes.codes, heads=sizes.heads)
        return base, load_maskgit_shortcut(files["shortcut"], base, heads=sizes.heads)

    return loaded


def reference(sizes: Sizes = SIZES) -> Reference:
    return Reference(sizes, base_state(sizes), shortcut_state(sizes))


def noise(rows: int, seed: int, steps: int = 8, tokens: int = 16):
    return draw_uniforms((2, steps, rows, tokens), torch.Generator().manual_seed(seed))


def ours(base, predictor, labels, uniforms, budget, steps: int = 8):
    records = []
    sampling = replace(published_sampling(1024, "shortcut"), guidance=SETTINGS["guidance"])
    generate(base, torch.tensor(labels)[:, None], uniforms[0], uniforms[1], sampling, steps=steps, predictor=predictor,
             budget=budget, on_step=records.append)
    return torch.stack([record.tokens for record in records], 1)  # (rows, steps, T)


@pytest.mark.parametrize("full", [set(range(8)), {0, 3, 5}], ids=["vanilla", "shortcut"])
def test_pictures_are_the_reference_s_token_by_token_at_every_step_whoever_shares_the_batch(load, full):
    base, shortcut = load(SIZES)
    predictor, budget = (None, None) if len(full) == 8 else (shortcut, len(full))
    published = reference()
    for seed in range(16):  # four pictures each: 64 runs
        labels, uniforms = [seed % 10, 9, 3, 0], noise(4, seed)
        together = ours(base, predictor, labels, uniforms, budget)
        for row, label in enumerate(labels):
            expected = published.sample(label, uniforms[0, :, row], uniforms[1, :, row], full=full, **SETTINGS)
            [alone] = ours(base, predictor, [label], uniforms[:, :, row : row + 1], budget)
            assert torch.equal(together[row], expected) and torch.equal(alone, expected)


def test_block_counts_are_read_from_the_names(load):
    sizes = replace(SIZES, layers=2, shortcut_blocks=2)
    base, shortcut = load(sizes)
    assert (len(base.blocks), len(shortcut.blocks)) == (2, 2)
    uniforms = noise(1, 3)
    expected = reference(sizes).sample(4, uniforms[0, :, 0], uniforms[1, :, 0], full={0, 4}, **SETTINGS)
    assert torch.equal(ours(base, shortcut, [4], uniforms, 2)[0], expected)


def test_norming_the_shortcut_s_keys_would_be_noticed(load):
    base, shortcut = load(SIZES)
    block, features = shortcut.blocks[0], torch.randn(1, 17, 16, generator=torch.Generator().manual_seed(0))
    key, no_mask = features[:, :4] * 3, torch.zeros(1, 1, 1, 4)
    normed = torch.nn.functional.layer_norm(key, (16,))
    with torch.no_grad():
        assert not torch.allclose(block(features, key, no_mask), block(features, normed, no_mask), atol=1e-3)


@pytest.mark.parametrize("steps", [8, 15, 32])
def test_counts_are_the_published_ones(steps):
    assert arccos_counts(steps, 1024) == reveal_counts("arccos", steps, 1024)


def test_the_decoder_gives_the_reference_s_pixels(tmp_path):
    state, code = vqgan_state(SIZES), torch.randint(SIZES.codes, (3, 16), generator=torch.Generator().manual_seed(0))
    decoder = load_vqgan(write_published(tmp_path)["vq"])
    with torch.no_grad():
        pixels = DecodeGraph(decoder)(code)
    expected = torch.stack([decode(state, row.view(4, 4)) for row in code]).permute(0, 2, 3, 1)
    colours = ((expected.clamp(-1, 1) + 1) / 2 * 255).round()
    assert pixels.shape == (3, 8, 8, 4) and colours.std() > 20
    assert (pixels[..., :3].float() - colours).abs().max() <= 1  # of 255: the last rounding may fall to either side
    assert (pixels[..., 3] == 255).all()


def test_a_class_is_told_from_the_empty_one(load):
    base, _ = load(SIZES)
    with torch.no_grad():
        features = base.guided_features(torch.tensor([[3]]), torch.full((1, 16), SIZES.codes))
    assert not torch.allclose(features[:, 0], features[:, 1], atol=1e-3)
