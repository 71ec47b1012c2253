"""`import image-reward`: ImageReward -> a scorer of reward."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from .errors import TrainerError
from .graphs import Graph
from .image_reward_model import HEAD_WIDTH, ImageReward
from .image_reward_weights import load_image_reward
from .import_clip import EXAMPLES, Preprocess, encode, read_tokenizer, tokenizer_file
from .import_scorer import Imported, ScorerChoices, require_place, write_imported

LENGTH = 35  # ids of a prompt, as published
CLOSING, PAD = "[SEP]", "[PAD]"


class RewardImageGraph(Graph):
    """Straight-alpha RGBA bytes (rows, height, width, 4) -> features (rows, d) of the whole picture, patches (rows, positions, d)."""

    inputs = ("pixels",)
    outputs = ("features", "patches")

    def __init__(self, preprocess: Preprocess, model: ImageReward):
        super().__init__()
        self.preprocess, self.vision = preprocess, model.vision

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        patches = self.vision(self.preprocess(pixels))
        return patches[:, 0], patches


class RewardTextGraph(Graph):
    """Ids (rows, length) and patches of the same rows -> score (rows, 1)."""

    inputs = ("text", "patches")
    outputs = ("score",)

    def __init__(self, model: ImageReward):
        super().__init__()
        self.language = model.language

    def forward(self, text: Tensor, patches: Tensor) -> Tensor:
        return self.language(text.long(), patches)


def import_image_reward(checkpoint: Path, tokenizer: Path, out: Path, choices: ScorerChoices, *, head_width: int = HEAD_WIDTH) -> None:
    """Writes the scorer `out`, or nothing. `tokenizer` is BERT's. TrainerError names what is wrong, and the remedy."""
    require_place(out, choices)
    words, end = read_tokenizer(tokenizer, CLOSING)
    _, pad = read_tokenizer(tokenizer, PAD)
    model = load_image_reward(checkpoint, pad, head_width=head_width)
    if words.get_vocab_size() > model.sizes.vocabulary:
        raise TrainerError(f"{tokenizer} has {words.get_vocab_size()} words, {checkpoint} knows {model.sizes.vocabulary}: name the tokenizer of this model")
    length = min(LENGTH, model.sizes.longest)
    graphs = {"image": RewardImageGraph(Preprocess(choices.size, model.sizes.side), model).eval(), "text": RewardTextGraph(model).eval()}
    write_imported(out, Imported(
        layout="image-reward", kind="reward", description="ImageReward: how people would like a picture for its prompt", channels=model.sizes.vision,
        graphs=graphs, texts=encode(words, [EXAMPLES[0], EXAMPLES[2]], length, end, pad),
        text={"tokenizer": tokenizer_file(tokenizer), "length": length, "pad": pad, "end": end},
    ), choices)
