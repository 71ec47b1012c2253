"""Training of the image-text scorer: prompts as the base saw them, pictures as a bundle can draw them."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from .data import Picture, draw_prompt
from .dataset import load_dataset
from .fit import fit, save_atomically
from .prompt_tokenizer import load_prompt_tokenizer
from .scorer_augment import augment, on_white
from .scorer_classifier import HELD_OUT_SEED
from .scorer_model import ImageText
from .scorer_pictures import DECODED, Views
from .scorer_presets import scorer_preset
from .scorer_prompts import PromptFit
from .workspace import Workspace

PRECISION_AT = 10


def train_image_text(workspace: Workspace, scorers: Workspace, views: Views) -> None:
    """Leaves image-text.pt in the scorers' folder."""
    preset, device = scorer_preset(workspace.preset), workspace.device
    entries, tokenizer = load_dataset(workspace).entries, _tokenizer(workspace)
    fits = PromptFit(entries)
    torch.manual_seed(workspace.seed)
    model = _model(workspace, tokenizer).to(device, memory_format=torch.channels_last)

    def loss_at(generator: torch.Generator) -> Tensor:
        rows = torch.randint(len(entries), (preset.batch_size,), generator=generator)
        others = torch.randint(len(entries), ((preset.prompts - 1) * preset.batch_size,), generator=generator)
        rng = random.Random(int(torch.randint(2**31, (1,), generator=generator)))
        prompts = [draw_prompt(entries[row], rng) for row in (*rows.tolist(), *others.tolist())]
        pictures, _ = views.draw(rows, generator)
        seen = augment(pictures.to(device), generator).contiguous(memory_format=torch.channels_last)
        return contrastive_loss(model(seen, _ids(tokenizer, prompts).to(device)).float(), fits.table(prompts), rows)

    result = fit(
        "image-text", model, loss_at, steps=preset.steps, learning_rate=preset.learning_rate, weight_decay=0.05,
        seed=workspace.seed + 6, checkpoint=scorers.path("image-text.checkpoint.pt"), device=device,
    )
    save_atomically(model.state_dict(), scorers.path("image-text.pt"))
    scorers.summarise("image-text", {
        **measure_image_text(model, workspace, views), "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.steps, "pictures": preset.steps * preset.batch_size,
        "seconds": result.seconds, "losses": result.losses,
    })


def contrastive_loss(logits: Tensor, fits: Tensor, rows: Tensor) -> Tensor:
    """CLIP's symmetric loss with many right answers. logits (prompts, batch), fits (prompts, pictures), rows (batch,).

    Under p(picture | prompt) proportional to `fits`, a prompt's target is its own fits within the batch, and a picture's
    target weighs each prompt by how few pictures it fits (Bayes' rule over the prompts drawn): one set of logits can meet both.
    A prompt that fits nothing in the batch only serves the pictures.
    """
    likely = (fits / fits.sum(1, keepdim=True))[:, rows].to(logits.device)  # p(picture | prompt)
    answered = likely.sum(1) > 0
    by_prompt = F.cross_entropy(logits[answered], F.normalize(likely[answered], p=1, dim=1))
    by_picture = F.cross_entropy(logits.T, F.normalize(likely, p=1, dim=0).T)
    return (by_prompt + by_picture) / 2


@torch.no_grad()
def measure_image_text(model: ImageText, workspace: Workspace, views: Views) -> dict[str, float]:
    """Each name among all pictures, each category among ten: as decoded, and changed under a seed training never saw."""
    entries, tokenizer = load_dataset(workspace).entries, _tokenizer(workspace)
    generator = torch.Generator().manual_seed(workspace.seed + HELD_OUT_SEED)
    decoded = views.pixels[:, DECODED].float() / 255
    figures = {}
    for suffix, pictures in (("", on_white(decoded)), ("Augmented", augment(decoded, generator))):
        images = torch.cat([model.image(part.to(workspace.device)) for part in pictures.split(128)])
        names = _nearest(model, tokenizer, [entry.name for entry in entries], images, 1)[:, 0]
        figures[f"nameTop1{suffix}"] = (names == torch.arange(len(entries))).float().mean().item()
        figures[f"categoryPrecisionAt10{suffix}"] = _category_precision(model, tokenizer, entries, images)
    return figures


def _category_precision(model: ImageText, tokenizer: Tokenizer, entries: list[Picture], images: Tensor) -> float:
    """Mean over the categories with at least ten pictures: the share of the nearest ten that are of the category."""
    words = sorted({word for entry in entries for word in entry.categories})
    member = torch.tensor([[word in entry.categories for entry in entries] for word in words])
    large = member.sum(1) >= PRECISION_AT
    nearest = _nearest(model, tokenizer, words, images, PRECISION_AT)
    return member.gather(1, nearest)[large].float().mean().item()


def _nearest(model: ImageText, tokenizer: Tokenizer, prompts: list[str], images: Tensor, count: int) -> Tensor:
    text = model.text(_ids(tokenizer, prompts).to(images.device))
    return (text @ images.T).topk(count, dim=1).indices.cpu()


def _tokenizer(workspace: Workspace) -> Tokenizer:
    return load_prompt_tokenizer(workspace.need("tokenizer.json", "base"))


def _ids(tokenizer: Tokenizer, prompts: list[str]) -> Tensor:
    return torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(prompts)])


def _model(workspace: Workspace, tokenizer: Tokenizer) -> ImageText:
    return ImageText(scorer_preset(workspace.preset), tokenizer.get_vocab_size(), workspace.preset.base.prompt_tokens)


def load_image_text(workspace: Workspace, scorers: Workspace) -> ImageText:
    model = _model(workspace, _tokenizer(workspace))
    model.load_state_dict(torch.load(scorers.need("image-text.pt", "scorers"), weights_only=True))
    return model.to(workspace.device).eval()
