"""The imported Lumina-DiMOO against the published procedure: same uniforms in, same tokens out."""

from dataclasses import replace
from functools import cache

import pytest
import torch
from dimoo_reference import Reference, keep_counts
from published_dimoo import Sizes, base_state, shortcut_state, vq_state, write_published
from vqgan_reference import decode

from slipstream_train.dimoo_prompt import read_prompts
from slipstream_train.dimoo_sampling import coarse_gumbel, draw_bf16, draw_fp32
from slipstream_train.dimoo_weights import load_dimoo, load_dimoo_shortcut, load_vq, read_config
from slipstream_train.graphs import DecodeGraph
from slipstream_train.import_dimoo import published_sampling
from slipstream_train.sampler import draw_uniforms, generate
from slipstream_train.sampling import StepInputs
from slipstream_train.schedule import refresh_steps, reveal_counts

SIZES = Sizes()
STEPS = 6
PROMPT_LENGTH = 40
PROMPTS = ["a red apple", "an orange cat on the moon", "", "ornament"]


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    @cache
    def loaded(sizes: Sizes = SIZES, noise: str = "fp32"):
        files = write_published(tmp_path_factory.mktemp("published"), sizes)
        config = read_config(files["checkpoint"])
        prompts = read_prompts(files["tokenizer"], sizes.text, PROMPT_LENGTH)
        base = load_dimoo(files["checkpoint"], config, codes=sizes.codes, prompt_length=PROMPT_LENGTH, grid=(sizes.height, sizes.line),
                          unconditional=prompts.unconditional, noise=noise)
        return base, load_dimoo_shortcut(files["shortcut"], base, config), prompts

    return loaded


def noise_of(rows: int, seed: int):
    return draw_uniforms((2, STEPS, rows, SIZES.height * SIZES.line), torch.Generator().manual_seed(seed))


def ours(base, predictor, ids, uniforms, budget, temperature=1.0):
    records = []
    sampling = replace(published_sampling(15, "shortcut"), temperature=temperature)
    prompt = torch.tensor([base.layout.padded(each) for each in ids])
    generate(base, prompt, *uniforms, sampling, steps=STEPS, predictor=predictor, budget=budget, on_step=records.append)
    return torch.stack([record.tokens for record in records], 1)  # (rows, steps, T)


@pytest.mark.parametrize("noise", ["fp32", "bf16"])
@pytest.mark.parametrize("full", [set(range(STEPS)), {0, 2, 4}], ids=["vanilla", "shortcut"])
def test_pictures_are_the_reference_s_token_by_token_at_every_step_whoever_shares_the_batch(load, full, noise):
    base, shortcut, prompts = load(noise=noise)
    predictor, budget = (None, None) if len(full) == STEPS else (shortcut, len(full))
    reference = Reference(SIZES, base_state(SIZES), shortcut_state(SIZES), noise)
    ids = [prompts.ids(text) for text in PROMPTS]
    assert len({len(each) for each in ids}) == 4
    for seed in range(16):  # four pictures each: 64 runs
        uniforms = noise_of(4, seed)
        together = ours(base, predictor, ids, uniforms, budget)
        for row, own in enumerate(ids):
            expected = reference.sample(own, prompts.unconditional, uniforms[0, :, row], uniforms[1, :, row], steps=STEPS, full=full)
            [alone] = ours(base, predictor, [own], uniforms[:, :, row : row + 1], budget)
            assert torch.equal(together[row], expected) and torch.equal(alone, expected)


@pytest.mark.parametrize("noise", ["fp32", "bf16"])
def test_the_temperature_divides_logits_and_scales_the_confidence_s_noise(load, noise):
    base, _, prompts = load(noise=noise)
    uniforms, ids = noise_of(1, 3), prompts.ids("a cat")
    made = [ours(base, None, [ids], uniforms, None, temperature)[0] for temperature in (0.6, 1.0)]
    reference = Reference(SIZES, base_state(SIZES), noise=noise)
    expected = reference.sample(ids, prompts.unconditional, uniforms[0, :, 0], uniforms[1, :, 0], steps=STEPS, full=set(range(STEPS)), temperature=0.6)
    assert torch.equal(made[0], expected) and not torch.equal(made[0], made[1])


def test_block_counts_are_read_from_the_names(load):
    sizes = replace(SIZES, layers=2, shortcut_blocks=2)
    base, shortcut, prompts = load(sizes)
    assert (len(base.blocks), len(shortcut.blocks)) == (2, 2)
    uniforms, ids = noise_of(1, 3), prompts.ids("orange")
    reference = Reference(sizes, base_state(sizes), shortcut_state(sizes))
    expected = reference.sample(ids, prompts.unconditional, uniforms[0, :, 0], uniforms[1, :, 0], steps=STEPS, full={0, 3})
    assert torch.equal(ours(base, shortcut, [ids], uniforms, 2)[0], expected)


def test_positions_counted_through_the_padding_would_be_noticed(load):
    base, _, prompts = load()
    ids, tokens = torch.tensor([base.layout.padded(prompts.ids("a cat"))]), torch.full((1, 15), SIZES.codes)
    with torch.no_grad():
        own, features = base.frame(ids), base.features(ids, tokens)
        base.frame = lambda prompt: replace(own, positions=torch.arange(base.positions)[None].float())
        try:
            assert not torch.allclose(base.of_image(base.features(ids, tokens)), base.of_image(features), atol=1e-3)
        finally:
            del base.frame


def test_counts_and_refreshes_are_the_published_ones():
    published = [2, 3, 7, 8, 11, 14, 16, 18, 21, 23, 26, 28, 30, 33, 35, 37, 40, 42, 44, 46, 49, 50, 53, 55, 57, 59, 60, 63, 65, 67, 68, 70,
                 72, 74, 75, 77, 79, 80, 81, 83, 84, 86, 87, 88, 89, 90, 92, 92, 93, 95, 95, 95, 97, 97, 98, 98, 99, 99, 100, 100, 100, 101, 100, 100]
    assert reveal_counts("cosine", 64, 4096) == published
    kept = [4096, *keep_counts(64, 4096)]
    assert [before - after for before, after in zip(kept, kept[1:], strict=False)] == published
    assert refresh_steps(64, 9) == [0, 7, 14, 21, 28, 36, 43, 50, 57]
    assert refresh_steps(64, 11) == [0, 6, 12, 17, 23, 29, 35, 41, 47, 52, 58]
    assert refresh_steps(64, 14) == [0, 5, 9, 14, 18, 23, 27, 32, 37, 41, 46, 50, 55, 59]


@pytest.mark.parametrize("size", [(10, 6), (6, 10)])
def test_the_decoder_gives_the_reference_s_pixels_of_any_shape(tmp_path, size):
    width, height = size
    state, code = vq_state(SIZES), torch.randint(SIZES.codes, (3, width * height // 4), generator=torch.Generator().manual_seed(0))
    decoder = load_vq(write_published(tmp_path)["vq"], width, height)
    with torch.no_grad():
        pixels = DecodeGraph(decoder)(code)
    expected = torch.stack([decode(as_vqgan(state), row.view(height // 2, width // 2)) for row in code]).permute(0, 2, 3, 1)
    colours = (expected.clamp(0, 1) * 255).round()
    assert pixels.shape == (3, height, width, 4) and colours.std() > 20
    assert (pixels[..., :3].float() - colours).abs().max() <= 1  # of 255: the last rounding may fall to either side
    assert (pixels[..., 3] == 255).all()


def as_vqgan(state):
    """The same decoder under the names of a VQGAN, whose levels are counted from the finest."""
    names = {"up_blocks.0": "up.1", "up_blocks.1": "up.0", "mid_block.resnets.0": "mid.block_1", "mid_block.resnets.1": "mid.block_2",
             "resnets": "block", "upsamplers.0": "upsample", "conv_norm_out": "norm_out", "conv_shortcut": "nin_shortcut"}
    renamed = {}
    for name, value in state.items():
        for theirs, own in names.items():
            name = name.replace(theirs, own)
        renamed[name] = value
    return renamed


def test_coarse_noise_has_the_published_ceiling_and_all_but_never_draws_what_is_far_below():
    uniforms = draw_uniforms((200_000,), torch.Generator().manual_seed(0))
    assert coarse_gumbel(uniforms).max() == 5.53125
    logits = torch.full((1, 400, 8192), -8.0)
    logits[..., 0] = 0
    step = StepInputs(torch.arange(400)[None], *(draw_uniforms((2, 1, 400), torch.Generator().manual_seed(1))), torch.ones(1), torch.ones(1), torch.ones(1), torch.ones(1))
    far = [(draw(logits, step)[0] != 0).float().mean() for draw in (draw_fp32, draw_bf16)]
    assert abs(far[0] - 0.733) < 0.07 and far[1] < 0.02  # algorithms, pitfall 1: 73 % and 0.2 %
