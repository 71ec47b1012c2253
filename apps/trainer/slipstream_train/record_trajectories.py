"""Stage `trajectories`: full-step runs of the base, with the features of every step."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import torch
from torch import Tensor
from tqdm import tqdm

from .base_model import MaskedTransformer
from .data import draw_prompt
from .dataset import load_dataset
from .prompt_tokenizer import load_prompt_tokenizer
from .recorded import save_recorded
from .sampler import StepRecord, draw_uniforms, generate
from .train_base import load_base
from .workspace import Workspace

SHARD_ROWS = 16


def record_trajectories(workspace: Workspace) -> None:
    """Writes shards of SHARD_ROWS trajectories; shards that exist are kept, so a killed run goes on."""
    preset, device = workspace.preset, workspace.device
    base = load_base(workspace)
    draw_ids = _classes(base) if preset.layout == "maskgit" else _words(workspace)
    steps = preset.sampling.steps
    started = time.monotonic()
    smoothness: list[float] = []
    for shard in tqdm(range(-(-preset.trajectories // SHARD_ROWS)), "trajectories", unit="shard"):
        path = workspace.trajectories() / f"{shard:05d}.pt"
        if path.exists():
            continue
        generator = torch.Generator().manual_seed(workspace.seed * 1_000_003 + shard)
        ids = draw_ids(random.Random(workspace.seed * 1_000_003 + shard)).to(device)
        noise = draw_uniforms((2, steps, SHARD_ROWS, base.image_tokens), generator).to(device)
        records: list[StepRecord] = []
        generate(base, ids, noise[0], noise[1], preset.sampling, steps=steps, on_step=records.append)
        features = torch.stack([record.features for record in records], 1)
        smoothness.append(torch.cosine_similarity(features[:, 1:], features[:, :-1], dim=-1).mean().item())
        save_recorded(path, features, torch.stack([record.tokens for record in records], 1))
    seconds = time.monotonic() - started
    figures = {"trajectories": preset.trajectories, "steps": steps, "seconds": seconds}
    if smoothness:
        figures["cosineBetweenSteps"] = sum(smoothness) / len(smoothness)
    workspace.summarise("trajectories", figures)


def _words(workspace: Workspace) -> Callable[[random.Random], Tensor]:
    """Prompts of pictures, (SHARD_ROWS, P)."""
    entries = load_dataset(workspace).entries
    tokenizer = load_prompt_tokenizer(workspace.need("tokenizer.json", "base"))

    def draw(rng: random.Random) -> Tensor:
        prompts = [draw_prompt(rng.choice(entries), rng) for _ in range(SHARD_ROWS)]
        return torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(prompts)])

    return draw


def _classes(base: MaskedTransformer) -> Callable[[random.Random], Tensor]:
    """Any class, (SHARD_ROWS, 1)."""
    return lambda rng: torch.tensor([[rng.randrange(base.unconditional)] for _ in range(SHARD_ROWS)])
