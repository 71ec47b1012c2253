import pytest
import torch

from slipstream_train.anchored_pairs import BUDGET_SHARES, MAX_GAP, budget_pairs, pair_drawer


def test_pairs_of_a_budget_are_the_predicted_steps_of_its_run():
    pairs = budget_pairs(32, 3)
    assert {anchor for anchor, _ in pairs} == {0, 11, 21}
    assert sorted(step for _, step in pairs) == [step for step in range(32) if step not in (0, 11, 21)]
    assert all(step - anchor == 1 or (anchor, step - 1) in pairs for anchor, step in pairs)
    assert budget_pairs(8, 8) == []


@pytest.mark.parametrize("steps", [2, 8, 32])
def test_draws_lie_within_a_run(steps):
    anchor, step = pair_drawer(steps)(4000, torch.Generator().manual_seed(1))
    gap = step - anchor
    assert anchor.min() >= 0 and step.max() <= steps - 1 and gap.min() >= 1 and gap.max() <= min(MAX_GAP, steps - 1)


def test_draws_favour_the_budgets_that_are_served_and_leave_no_pair_out():
    anchor, step = pair_drawer(32)(40_000, torch.Generator().manual_seed(1))
    drawn = list(zip(anchor.tolist(), step.tolist(), strict=True))
    mine = set(budget_pairs(32, 3))
    assert sum(pair in mine for pair in drawn) / len(drawn) > BUDGET_SHARES[3]
    assert set(drawn) == {(first, later) for first in range(32) for later in range(first + 1, min(first + MAX_GAP, 31) + 1)}
