"""How a command of the trainer ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

import torch

from .errors import TrainerError


def exit_code_of(name: str, run: Callable[[], None], *, threads: int | None, stopped: str) -> int:
    """0, or 1 with a line on stderr for what we or the system refuse, or 130 with `stopped` after an interrupt. threads: of
    the CPU, all if None."""
    if threads:
        torch.set_num_threads(threads)
    try:
        run()
    except (TrainerError, OSError) as error:  # what the system refuses names its file itself
        print(f"slipstream-train {name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"stopped; {stopped}", file=sys.stderr)
        return 130
    return 0
