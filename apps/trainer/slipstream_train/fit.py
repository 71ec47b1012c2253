"""The one training loop: seeded per step, resumable after a kill, EMA, warm-up + cosine, progress with an ETA."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from .errors import TrainerError

CHECKPOINT_SECONDS = 60
WARMUP_STEPS = 100
EMA_DECAY = 0.999


@dataclass(frozen=True)
class FitResult:
    losses: list[float]  # mean loss of each hundredth of the run
    seconds: float


def fit(
    name: str,
    model: nn.Module,
    loss_at: Callable[[torch.Generator], Tensor],
    *,
    steps: int,
    learning_rate: float,
    weight_decay: float = 0.01,
    seed: int,
    checkpoint: Path,
    device: torch.device,
) -> FitResult:
    """Train `model` in place and leave its EMA weights in it.

    loss_at(generator) draws its own batch from the generator, which depends on (seed, step) alone: a killed
    run continues from `checkpoint` and sees the batches an undisturbed one would have seen.
    """
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True)
    ema = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(min(EMA_DECAY, 1 - 10 / (steps + 10)))
    )
    first, losses, spent = 0, [], 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        ema.load_state_dict(state["ema"])
        first, losses, spent = state["step"], state["losses"], state["seconds"]

    started = saved = time.monotonic()
    bar = tqdm(range(first, steps), name, initial=first, total=steps, mininterval=2.0, unit="step")
    bucket: list[float] = []
    model.train()
    for step in bar:
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * _schedule(step, steps)
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            loss = loss_at(generator)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        ema.update_parameters(model)
        bucket.append(loss.item())
        if len(bucket) >= max(1, steps // 100) or step == steps - 1:
            losses.append(sum(bucket) / len(bucket))
            bucket = []
            bar.set_postfix(loss=f"{losses[-1]:.4f}")
        now = time.monotonic()
        if now - saved > CHECKPOINT_SECONDS or step == steps - 1:
            state = {
                "model": model.state_dict(), "optimiser": optimiser.state_dict(), "ema": ema.state_dict(),
                "step": step + 1, "losses": losses, "seconds": spent + now - started,
            }
            save_atomically(state, checkpoint)
            saved = now
    model.load_state_dict(ema.module.state_dict())
    model.eval()
    return FitResult(losses, spent + time.monotonic() - started)


def save_atomically(state: object, path: Path) -> None:
    """A kill in the middle leaves the file as it was. TrainerError, and nothing half-written, when the disk does not take it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        torch.save(state, partial)
    except RuntimeError as error:  # all that torch says of a full disk
        partial.unlink(missing_ok=True)
        raise TrainerError(f"{path} could not be written: make room on its disk and give the same command again") from error
    partial.replace(path)


def _schedule(step: int, steps: int) -> float:
    warmup = min(WARMUP_STEPS, max(1, steps // 10))
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress))
