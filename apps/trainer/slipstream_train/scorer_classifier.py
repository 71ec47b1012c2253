"""Training of the classifier: which of the training pictures is this, also when it is rough."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .dataset import load_dataset
from .fit import fit, save_atomically
from .scorer_augment import augment, on_white
from .scorer_model import Classifier
from .scorer_pictures import DECODED, DRAWN, Views, decode, load_codes, mix_codes
from .scorer_presets import scorer_preset
from .train_tokenizer import load_tokenizer
from .workspace import Workspace

SMOOTHING = 0.05
HELD_OUT_SEED, HELD_OUT_SHARE = 1_000_003, 0.1


def train_classifier(workspace: Workspace, scorers: Workspace, views: Views) -> None:
    """Leaves classifier.pt in the scorers' folder. A mixed picture keeps its label, smoothed by its share of foreign codes."""
    preset, device, labels = scorer_preset(workspace.preset), workspace.device, len(views.pixels)
    torch.manual_seed(workspace.seed)
    model = Classifier(preset, labels).to(device, memory_format=torch.channels_last)

    def loss_at(generator: torch.Generator) -> Tensor:
        rows = torch.randint(labels, (preset.batch_size,), generator=generator)
        pictures, foreign = views.draw(rows, generator)
        _, logits = model(augment(pictures.to(device), generator).contiguous(memory_format=torch.channels_last))
        smoothing = (SMOOTHING + foreign)[:, None]
        target = (1 - smoothing) * F.one_hot(rows, labels) + smoothing / labels
        return F.cross_entropy(logits.float(), target.to(device))

    result = fit(
        "classifier", model, loss_at, steps=preset.steps, learning_rate=preset.learning_rate, weight_decay=0.05,
        seed=workspace.seed + 5, checkpoint=scorers.path("classifier.checkpoint.pt"), device=device,
    )
    save_atomically(model.state_dict(), scorers.path("classifier.pt"))
    scorers.summarise("classifier", {
        **measure_classifier(model, workspace, views), "parameters": sum(p.numel() for p in model.parameters()),
        "steps": preset.steps, "pictures": preset.steps * preset.batch_size,
        "seconds": result.seconds, "losses": result.losses,
    })


@torch.no_grad()
def measure_classifier(model: Classifier, workspace: Workspace, views: Views) -> dict[str, float]:
    """Top-1 accuracy on each training picture: as drawn, as decoded, changed and mixed under a seed that training never saw."""
    generator = torch.Generator().manual_seed(workspace.seed + HELD_OUT_SEED)
    drawn, decoded = (views.pixels[:, view].float() / 255 for view in (DRAWN, DECODED))
    codes = load_codes(workspace)
    mixed = decode(load_tokenizer(workspace), mix_codes(codes, torch.full((len(codes),), HELD_OUT_SHARE), generator))
    sets = {
        "accuracyDrawn": on_white(drawn), "accuracyDecoded": on_white(decoded),
        "accuracyAugmented": torch.cat([augment(drawn, generator), augment(decoded, generator)]),
        "accuracyTenthForeign": on_white(mixed),
        "accuracyTenthForeignAugmented": augment(mixed, generator),
    }
    return {name: _accuracy(model, pictures, workspace.device) for name, pictures in sets.items()}


def _accuracy(model: Classifier, pictures: Tensor, device: torch.device) -> float:
    guesses = torch.cat([model(part.to(device))[1].argmax(1).cpu() for part in pictures.split(128)])
    labels = model.head.out_features
    return (guesses == torch.arange(len(pictures)) % labels).float().mean().item()


def load_classifier(workspace: Workspace, scorers: Workspace) -> Classifier:
    model = Classifier(scorer_preset(workspace.preset), len(load_dataset(workspace).entries))
    model.load_state_dict(torch.load(scorers.need("classifier.pt", "scorers"), weights_only=True))
    return model.to(workspace.device).eval()
