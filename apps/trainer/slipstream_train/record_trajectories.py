"""Stage `trajectories`: full-step runs of the base, with the features of every step."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from .adopted import LAYOUTS
from .data import draw_prompt
from .dataset import load_dataset
from .errors import TrainerError
from .prompt_tokenizer import load_prompt_tokenizer
from .recorded import save_recorded
from .sampler import StepRecord, draw_uniforms, generate
from .train_base import load_base
from .workspace import Workspace

def record_trajectories(workspace: Workspace, prompts: Path | None = None) -> None:
    """Writes shards of the preset's `shard_rows` trajectories; shards that exist are kept, so a killed run goes on. `prompts`
    is a file of them, a line each, for an adopted base that nothing else tells any."""
    preset, device = workspace.preset, workspace.device
    base = load_base(workspace)
    draw_ids = LAYOUTS[preset.layout].prompts(workspace, base, prompts) if preset.layout in LAYOUTS else _words(workspace)
    steps, rows = preset.sampling.steps, preset.shard_rows
    if steps > base.image_tokens:
        raise TrainerError(f"--preset {preset.name} records runs of {steps} steps, but a picture of this base has {base.image_tokens} tokens: choose one of fewer steps")
    started = time.monotonic()
    smoothness: list[float] = []
    for shard in tqdm(range(-(-preset.trajectories // rows)), "trajectories", unit="shard"):
        path = workspace.trajectories() / f"{shard:05d}.pt"
        if path.exists():
            continue
        generator = torch.Generator().manual_seed(workspace.seed * 1_000_003 + shard)
        ids = draw_ids(random.Random(workspace.seed * 1_000_003 + shard), rows).to(device)
        noise = draw_uniforms((2, steps, rows, base.image_tokens), generator).to(device)
        records: list[StepRecord] = []
        generate(base, ids, noise[0], noise[1], preset.sampling, steps=steps, on_step=records.append)
        features = torch.stack([record.features for record in records], 1)
        smoothness.append(torch.cosine_similarity(features[:, 1:], features[:, :-1], dim=-1).mean().item())
        save_recorded(path, features, torch.stack([record.tokens for record in records], 1), ids)
    seconds = time.monotonic() - started
    figures = {"trajectories": preset.trajectories, "steps": steps, "seconds": seconds}
    if smoothness:
        figures["cosineBetweenSteps"] = sum(smoothness) / len(smoothness)
    workspace.summarise("trajectories", figures)


def _words(workspace: Workspace) -> Callable[[random.Random, int], Tensor]:
    """Prompts of pictures, (rows, P)."""
    entries = load_dataset(workspace).entries
    tokenizer = load_prompt_tokenizer(workspace.need("tokenizer.json", "base"))

    def draw(rng: random.Random, rows: int) -> Tensor:
        prompts = [draw_prompt(rng.choice(entries), rng) for _ in range(rows)]
        return torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(prompts)])

    return draw
