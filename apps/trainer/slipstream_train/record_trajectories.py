"""Stage `trajectories`: full-step runs of the base, with the features of every step."""

from __future__ import annotations

import random
import time

import torch
from tqdm import tqdm

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
    entries = load_dataset(workspace).entries
    tokenizer = load_prompt_tokenizer(workspace.need("tokenizer.json", "base"))
    base = load_base(workspace)
    steps = preset.sampling.steps
    started = time.monotonic()
    smoothness: list[float] = []
    for shard in tqdm(range(-(-preset.trajectories // SHARD_ROWS)), "trajectories", unit="shard"):
        path = workspace.trajectories() / f"{shard:05d}.pt"
        if path.exists():
            continue
        generator = torch.Generator().manual_seed(workspace.seed * 1_000_003 + shard)
        rng = random.Random(workspace.seed * 1_000_003 + shard)
        prompts = [draw_prompt(rng.choice(entries), rng) for _ in range(SHARD_ROWS)]
        ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(prompts)], device=device)
        noise = draw_uniforms((2, steps, SHARD_ROWS, preset.image_tokens), generator).to(device)
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
