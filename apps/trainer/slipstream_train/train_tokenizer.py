"""Stage `tokenizer`: train the FSQ autoencoder, then turn every picture into its codes."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .autoencoder import Autoencoder
from .dataset import load_dataset
from .fit import fit, save_atomically
from .workspace import Workspace


def train_tokenizer(workspace: Workspace) -> None:
    preset = workspace.preset.tokenizer
    pictures = load_dataset(workspace).pictures.to(workspace.device, memory_format=torch.channels_last)
    torch.manual_seed(workspace.seed)
    model = Autoencoder(preset.levels, preset.channels).to(workspace.device, memory_format=torch.channels_last)

    def loss_at(generator: torch.Generator) -> Tensor:
        rows = torch.randint(len(pictures), (preset.batch_size,), generator=generator).to(workspace.device)
        batch = pictures[rows]
        return reconstruction_loss(model(batch).float(), batch)

    result = fit(
        "tokenizer", model, loss_at, steps=preset.steps, learning_rate=preset.learning_rate,
        seed=workspace.seed, checkpoint=workspace.path("tokenizer.checkpoint.pt"), device=workspace.device,
    )
    with torch.no_grad():
        codes = torch.cat([model.encode(part) for part in pictures.split(64)])
        decoded = torch.cat([model.decode(part) for part in codes.split(64)]).clamp(0, 1)
    save_atomically(model.state_dict(), workspace.path("tokenizer.pt"))
    save_atomically(codes.cpu(), workspace.path("codes.pt"))
    error = F.mse_loss(_on_white(decoded), _on_white(pictures)).item()
    workspace.summarise("tokenizer", {
        "psnrDb": -10 * torch.log10(torch.tensor(error)).item(),
        "codes": model.fsq.code_count, "codesInUse": codes.unique().numel(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.steps, "seconds": result.seconds, "losses": result.losses,
    })


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute + squared error of premultiplied RGBA, and of the same at half size (shapes before texture)."""
    coarse = F.avg_pool2d(output, 2) - F.avg_pool2d(target, 2)
    fine = output - target
    return fine.abs().mean() + 4 * fine.square().mean() + 0.5 * coarse.abs().mean()


def load_tokenizer(workspace: Workspace) -> Autoencoder:
    preset = workspace.preset.tokenizer
    model = Autoencoder(preset.levels, preset.channels)
    model.load_state_dict(torch.load(workspace.need("tokenizer.pt", "tokenizer"), weights_only=True))
    return model.to(workspace.device).eval()


def _on_white(pictures: Tensor) -> Tensor:
    return pictures[:, :3] + 1 - pictures[:, 3:]
