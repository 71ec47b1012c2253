import pytest

from slipstream_train.schedule import annealed, ramp, refresh_steps, reveal_counts

ARCCOS = {
    8: [1, 72, 103, 128, 150, 171, 190, 209],
    15: [1, 26, 38, 46, 54, 61, 67, 73, 79, 84, 89, 94, 99, 104, 109],
    32: [1, 8, 12, 14, 17, 19, 20, 22, 24, 25, 27, 28, 29, 31, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 47,
         48, 49, 50, 49],
}
COSINE_64 = [
    2, 3, 7, 8, 11, 14, 16, 18, 21, 23, 26, 28, 30, 33, 35, 37, 40, 42, 44, 46, 49, 50, 53, 55, 57, 59, 60, 63, 65, 67,
    68, 70, 72, 74, 75, 77, 79, 80, 81, 83, 84, 86, 87, 88, 89, 90, 92, 92, 93, 95, 95, 95, 97, 97, 98, 98, 99, 99,
    100, 100, 100, 101, 100, 100,
]


@pytest.mark.parametrize("steps", ARCCOS)
def test_arccos_counts_are_the_published_ones(steps):
    assert reveal_counts("arccos", steps, 1024) == ARCCOS[steps]


def test_cosine_counts_are_the_published_ones():
    assert reveal_counts("cosine", 64, 4096) == COSINE_64


@pytest.mark.parametrize("schedule", ["arccos", "cosine"])
@pytest.mark.parametrize("tokens", [16, 64])
def test_every_step_reveals_at_least_one_token_and_all_are_revealed(schedule, tokens):
    for steps in range(1, tokens + 1):
        counts = reveal_counts(schedule, steps, tokens)
        assert len(counts) == steps and min(counts) >= 1 and sum(counts) == tokens


@pytest.mark.parametrize(("steps", "budget", "expected"), [
    (15, 7, [0, 2, 4, 6, 9, 11, 13]), (15, 8, [0, 2, 4, 6, 8, 9, 11, 13]), (32, 8, [0, 4, 8, 12, 16, 20, 24, 28]),
    (32, 9, [0, 4, 7, 11, 14, 18, 21, 25, 28]), (32, 12, [0, 3, 5, 8, 11, 13, 16, 19, 21, 24, 27, 29]),
    (64, 11, [0, 6, 12, 17, 23, 29, 35, 41, 47, 52, 58]), (7, 1, [0]),
])
def test_refreshes_are_placed_as_the_paper_places_them(steps, budget, expected):
    assert refresh_steps(steps, budget) == expected


def test_refreshes_are_as_many_as_the_budget_and_distinct():
    for steps in range(1, 65):
        for budget in range(1, steps + 1):
            placed = refresh_steps(steps, budget)
            assert len(set(placed)) == budget and placed[0] == 0 and placed[-1] < steps


@pytest.mark.parametrize(("steps", "budget"), [(8, 9), (8, 0)])
def test_a_budget_outside_the_steps_is_refused(steps, budget):
    with pytest.raises(ValueError, match="budget must be between 1 and 8"):
        refresh_steps(steps, budget)


def test_more_steps_than_tokens_are_refused():
    with pytest.raises(ValueError, match="steps must be between 1 and 16"):
        reveal_counts("arccos", 17, 16)


def test_guidance_rises_while_the_confidence_noise_falls():
    assert [ramp("linear", 0, 5), ramp("linear", 4, 5), ramp("constant", 0, 5), ramp("linear", 0, 1)] == [0, 1, 1, 1]
    assert [annealed("linear", *at) for at in ((0, 5), (4, 5), (0, 1))] == [1, 0, 0]
    assert [annealed("constant", *at) for at in ((0, 5), (4, 5), (0, 1))] == [1, 1, 1]
