"""Which pairs of steps the anchored shortcut learns from: those that its budgets make, and any."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .schedule import refresh_steps

MAX_GAP = 16
# How often a batch has pairs of a run with so many full steps; the rest is any pair up to MAX_GAP apart.
BUDGET_SHARES = {2: 0.04, 3: 0.40, 4: 0.15, 5: 0.03, 6: 0.03, 8: 0.03, 12: 0.02, 16: 0.02}


def pair_drawer(steps: int) -> Callable[[int, torch.Generator], tuple[Tensor, Tensor]]:
    """-> draw(rows, generator): an anchor's step and a later one that is predicted from it, each (rows,), of runs of `steps`."""
    pairs = {budget: torch.tensor(budget_pairs(steps, budget)) for budget in BUDGET_SHARES if budget < steps}
    longest = min(MAX_GAP, steps - 1)

    def draw(rows: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        kind = torch.rand(rows, generator=generator)
        gap = 1 + (torch.rand(rows, generator=generator).square() * longest).long()  # half of them within a quarter of the longest
        anchor = (torch.rand(rows, generator=generator) * (steps - gap)).long()
        drawn, low = torch.stack([anchor, anchor + gap], 1), 0.0
        for budget, of_budget in pairs.items():
            high = low + BUDGET_SHARES[budget]
            mine = (kind >= low) & (kind < high)
            drawn = torch.where(mine[:, None], of_budget[torch.randint(len(of_budget), (rows,), generator=generator)], drawn)
            low = high
        return drawn[:, 0], drawn[:, 1]

    return draw


def budget_pairs(steps: int, budget: int) -> list[tuple[int, int]]:
    """Every predicted step of a run and the full step before it, at the paper's placement."""
    full = refresh_steps(steps, budget)
    return [(anchor, step) for anchor, end in zip(full, [*full[1:], steps], strict=True) for step in range(anchor + 1, end)]
