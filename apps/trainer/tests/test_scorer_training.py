import pytest
import torch

from slipstream_train.data import Picture
from slipstream_train.scorer_augment import augment, on_white
from slipstream_train.scorer_image_text import contrastive_loss
from slipstream_train.scorer_model import Classifier, TextTower, fuse
from slipstream_train.scorer_pictures import mix_codes
from slipstream_train.scorer_presets import ScorerPreset
from slipstream_train.scorer_prompts import PromptFit

SUN = Picture("sun", ("bright",), ("weather",), image=None)
SUNRISE = Picture("sunrise", ("morning", "sun"), ("building", "weather"), image=None)
CAT = Picture("cat face", ("pet",), ("face",), image=None)


@pytest.mark.parametrize(("prompt", "weights"), [
    ("cat face", [0, 0, 1]),
    ("weather", [1, 1, 0]),  # a category fits all of its pictures
    ("sun", [1, 0.1, 0]),  # a name is that picture first
    ("bright sun", [1, 0, 0]),  # every word must fit
    ("", [1, 1, 1]),
])
def test_a_prompt_fits_by_name_category_or_words(prompt, weights):
    torch.testing.assert_close(PromptFit([SUN, SUNRISE, CAT]).weights(prompt), torch.tensor(weights, dtype=torch.float32))


def test_logits_of_the_true_likelihoods_meet_both_targets_of_the_loss():
    fits = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]])
    likely = fits / fits.sum(1, keepdim=True)
    rows = torch.arange(3)
    logits = likely.clamp(min=1e-9).log().requires_grad_()
    contrastive_loss(logits, fits, rows).backward()
    assert logits.grad.abs().max() < 1e-6


def test_a_prompt_that_fits_nothing_in_the_batch_does_not_break_the_loss():
    fits = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert torch.isfinite(contrastive_loss(torch.zeros(3, 2), fits, torch.tensor([0, 1])))


def test_mixed_codes_come_from_one_other_picture_in_the_asked_share():
    codes = torch.arange(5)[:, None].expand(5, 16)
    mixed = mix_codes(codes, torch.tensor([0.0, 0.25, 0.5, 1.0, 0.1]), torch.Generator().manual_seed(0))
    foreign = mixed != codes
    assert foreign.sum(1).tolist() == [0, 4, 8, 16, 2]
    assert all(len(row[change].unique()) == 1 for row, change in zip(mixed[1:], foreign[1:], strict=True))


def test_augmentation_follows_its_generator_and_keeps_the_ground_nearly_white():
    pictures = torch.zeros(8, 4, 32, 32)
    pictures[:, [0, 3], 8:24, 8:24] = 1  # a red square on nothing
    changed, again, other = (augment(pictures, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(changed, again) and not torch.equal(changed, other)
    assert changed.min() >= 0 and changed.max() <= 1
    assert changed[:, :, :2, :2].min() > 0.8
    assert (changed - on_white(pictures)).abs().mean() < 0.15


def test_folding_the_norms_leaves_the_function_as_it_was():
    torch.manual_seed(0)
    model = Classifier(ScorerPreset(channels=(8, 16), features=8), labels=5)
    model(torch.rand(16, 3, 32, 32))  # moves the running statistics off their start
    model.eval()
    with torch.no_grad():
        before = model(torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(1)))
        after = fuse(model)(torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(1)))
    for first, second in zip(before, after, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)


def test_padding_does_not_change_a_prompt():
    tower = TextTower(vocabulary=9, length=4, width=8).eval()
    with torch.no_grad():
        before = tower(torch.tensor([[3, 4, 0, 0]]))
        tower.word.weight[0] += 5
        after = tower(torch.tensor([[3, 4, 0, 0]]))
    torch.testing.assert_close(before, after)
