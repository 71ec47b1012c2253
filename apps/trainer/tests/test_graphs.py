import torch
from torch import Tensor

from slipstream_train.base_model import BaseModel
from slipstream_train.graphs import FullGraph, HeadGraph, PartialGraph, ShortcutGraph, StudentGraph, TailGraph
from slipstream_train.presets import PRESETS
from slipstream_train.shortcut_model import ShortcutModel
from slipstream_train.train_student import pull

PRESET = PRESETS["tiny"]
ROWS, LENGTH = 2, PRESET.image_tokens
torch.manual_seed(0)
BASE = BaseModel(PRESET, 125, 50).eval()
with torch.no_grad():  # layers that count for something, and positions that differ
    for parameter in BASE.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
PROMPT = torch.stack([torch.randint(2, 50, (ROWS, BASE.prompt_length)), torch.zeros(ROWS, BASE.prompt_length)], 1).int()
TOKENS = torch.where(torch.rand(ROWS, LENGTH) < 0.5, BASE.mask_token, torch.randint(125, (ROWS, LENGTH))).int()
POSITIONS = BASE.prompt_length + LENGTH


def step(guidance: float = 2.0) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(1)
    uniforms = torch.rand(2, ROWS, LENGTH, generator=generator).clamp(1e-7, 1 - 1e-7)
    ones = torch.ones(ROWS)
    return (torch.arange(LENGTH).expand(ROWS, -1), *uniforms, guidance * ones, ones, ones, torch.full((ROWS,), 3))


@torch.no_grad()
def full(tokens: Tensor = TOKENS) -> tuple[Tensor, ...]:
    return FullGraph(BASE)(PROMPT, tokens, *step())


@torch.no_grad()
def partial(last: Tensor, cache: Tensor, selected: Tensor, tokens: Tensor = TOKENS) -> tuple[Tensor, ...]:
    return PartialGraph(BASE)(PROMPT, last, cache, selected.expand(ROWS, 2, -1).int(), tokens, *step())


def test_a_step_is_the_same_from_its_features_and_from_its_residual():
    features, residual, after = full()
    with torch.no_grad():
        assert torch.equal(HeadGraph(BASE)(features, TOKENS, *step()), after)
        again, tokens = TailGraph(BASE)(PROMPT, residual, TOKENS, *step())
    assert torch.equal(tokens, after) and torch.allclose(again, features, atol=1e-5)
    assert ((after != TOKENS).sum(1) == 3).all()


def test_a_partial_step_of_all_positions_is_a_full_step_whatever_was_cached():
    features, _, after = full()
    cache = torch.randn(ROWS, 2, PRESET.base.layers, POSITIONS, 2 * PRESET.base.width)
    fresh = partial(torch.zeros_like(features), cache, torch.arange(POSITIONS))
    assert torch.allclose(fresh[0], features, atol=1e-4) and torch.equal(fresh[4], after)
    again = partial(fresh[0], fresh[1], torch.tensor([0, 3, 9]))
    assert torch.allclose(again[0], features, atol=1e-4)  # nothing changed, so recomputing some changes nothing


def test_a_partial_step_leaves_the_other_positions_alone():
    features, _, after = full()
    cache = partial(torch.zeros_like(features), torch.zeros(ROWS, 2, PRESET.base.layers, POSITIONS, 2 * PRESET.base.width),
                    torch.arange(POSITIONS))[1]
    chosen = torch.tensor([1, BASE.prompt_length + 2])
    later, renewed, logits, ranks, _ = partial(features, cache, chosen, after)
    others = torch.ones(POSITIONS, dtype=torch.bool).index_fill(0, chosen, False)
    assert torch.equal(later[:, :, others], features[:, :, others]) and torch.equal(renewed[..., others, :], cache[..., others, :])
    assert not torch.allclose(later[:, :, ~others], features[:, :, ~others])
    assert torch.allclose(logits, BASE.head(later).amax(-1), atol=1e-5)
    masked = after == BASE.mask_token
    assert all(sorted(row[wanted].tolist()) == list(range(wanted.sum())) for row, wanted in zip(ranks, masked, strict=True))


def test_velocity_is_the_relative_change_at_masked_positions():
    shortcut = ShortcutModel(PRESET, BASE).eval()
    torch.nn.init.normal_(shortcut.out.weight, std=0.1)
    news = (torch.zeros(ROWS, 1).int(), torch.zeros(ROWS, 1).int(), torch.ones(ROWS, 1, dtype=torch.bool), torch.ones(ROWS))
    known = TOKENS.clone()
    known[1] = 0
    with torch.no_grad():
        before = full()[0]
        after, velocity, _ = ShortcutGraph(BASE, shortcut)(before, *news, known, *step())
    place = BASE.prompt_length + (known[0] == BASE.mask_token).nonzero()[:, 0]
    expected = (after - before)[0][:, place].norm() / before[0][:, place].norm()
    assert torch.allclose(velocity, torch.stack([expected, torch.tensor(0.0)]), rtol=1e-5)


def test_a_student_without_noise_answers_like_its_base():
    uniforms = torch.rand(ROWS, LENGTH)
    noise = torch.randn(ROWS, LENGTH, PRESET.base.width)
    with torch.no_grad():
        answer = StudentGraph(BASE)(PROMPT[:, 0], TOKENS, noise, torch.zeros(ROWS), uniforms, torch.ones(ROWS))
        noisy = StudentGraph(BASE)(PROMPT[:, 0], TOKENS, noise, torch.ones(ROWS), uniforms, torch.ones(ROWS))
        ends = BASE(PROMPT[:, 0].long(), TOKENS.long()).softmax(-1).cumsum(-1)
    assert torch.equal(answer.long(), (ends <= uniforms[..., None]).sum(-1))
    assert not torch.equal(answer, noisy)


def test_the_pull_of_the_teacher_is_the_gradient_at_masked_positions_and_nothing_elsewhere():
    logits, gradient = torch.randn(2, 3, 5, requires_grad=True), torch.randn(2, 3, 5)
    masked = torch.tensor([[True, False, True], [False, False, True]])
    pull(logits, gradient, masked).backward()
    assert torch.allclose(logits.grad, gradient * masked[..., None] / 3, atol=1e-6)
