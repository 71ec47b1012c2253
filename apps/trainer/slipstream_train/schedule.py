"""Step schedules of the sampling loop (algorithms of MaskGIT v1.0 and Lumina-DiMOO) and the refresh placement."""

from __future__ import annotations

import math


def reveal_counts(schedule: str, steps: int, tokens: int) -> list[int]:
    """How many tokens each of `steps` steps reveals; every count is at least 1 and they sum to `tokens`."""
    if not 1 <= steps <= tokens:
        raise ValueError(f"steps must be between 1 and {tokens}")
    if schedule == "arccos":
        return _arccos_counts(steps, tokens)
    if schedule == "cosine":
        return _cosine_counts(steps, tokens)
    raise ValueError(f"unknown schedule {schedule!r}: use arccos or cosine")


def _arccos_counts(steps: int, tokens: int) -> list[int]:
    if steps == 1:
        return [tokens]
    curve = [math.acos(1 - i / (steps - 1)) / (math.pi / 2) for i in range(steps)]
    total = sum(curve)
    counts = [max(1, round(value / total * tokens)) for value in curve]  # Python rounds half to even
    counts[-1] += tokens - sum(counts)
    return _borrow(counts)


def _cosine_counts(steps: int, tokens: int) -> list[int]:
    kept = [max(1, math.floor(tokens * math.cos(math.pi / 2 * (i + 1) / steps))) for i in range(steps - 1)] + [0]
    counts = [before - after for before, after in zip([tokens, *kept], kept, strict=False)]
    return _borrow(counts)


def _borrow(counts: list[int]) -> list[int]:
    """Where rounding left a count below 1, take from the largest other count, the latest of equals."""
    for index, count in enumerate(counts):
        while counts[index] < 1:
            donor = max((value, place) for place, value in enumerate(counts))[1]
            counts[donor] -= 1
            counts[index] += 1
    return counts


def refresh_steps(steps: int, budget: int) -> list[int]:
    """The full steps of a run, uniform in steps (the paper's placement); the first step always is one."""
    if not 1 <= budget <= steps:
        raise ValueError(f"budget must be between 1 and {steps}")
    placed, last = [0], 0
    for k in range(1, budget):
        last = max(last + 1, round(steps * k / budget))
        placed.append(last)
    return placed


def ramp(kind: str, step: int, steps: int) -> float:
    """Share of the guidance at `step`: linear from 0 to 1, or constant 1."""
    return 1.0 if kind == "constant" or steps == 1 else step / (steps - 1)


def annealed(kind: str, step: int, steps: int) -> float:
    """Share of the confidence noise at `step`: linear from 1 down to exactly 0 at the last one, or constant 1."""
    if kind == "constant":
        return 1.0
    return 0.0 if steps == 1 else 1 - step / (steps - 1)
