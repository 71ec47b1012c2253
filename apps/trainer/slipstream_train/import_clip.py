"""`import clip` and `import clip-iqa`: CLIP -> an image-text scorer, or one of quality by a pair of opposite prompts."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from .clip_model import Clip
from .clip_weights import load_clip
from .errors import TrainerError
from .graphs import Graph
from .import_scorer import Imported, ScorerChoices, require_place, write_imported
from .picture_resize import pillow_bytes
from .scorer_graphs import bytes_on_white

MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
END = "<|endoftext|>"
OPPOSITES = ("Good photo.", "Bad photo.")
EXAMPLES = ["a photo of a cat", "", "Slice of PIZZA, on a wooden table! " * 20]


class Preprocess(nn.Module):
    """Straight-alpha RGBA bytes (rows, height, width, 4) -> (rows, 3, side, side) as CLIP was trained on: the shorter side
    to `side`, the middle cut out, normalised."""

    def __init__(self, size: tuple[int, int], side: int):
        super().__init__()
        width, height = size
        short = min(size)
        self.resize = pillow_bytes((height, width), (side * height // short, side * width // short), (side, side))
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None])
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None])

    def forward(self, pixels: Tensor) -> Tensor:
        return (self.resize(bytes_on_white(pixels)) / 255 - self.mean) / self.deviation


class ClipImageGraph(Graph):
    """Pixels -> embedding (rows, d) of length 1."""

    inputs = ("pixels",)
    outputs = ("embedding",)

    def __init__(self, preprocess: Preprocess, model: Clip):
        super().__init__()
        self.preprocess, self.vision = preprocess, model.vision

    def forward(self, pixels: Tensor) -> Tensor:
        return nn.functional.normalize(self.vision(self.preprocess(pixels)), dim=-1)


class ClipTextGraph(Graph):
    """Ids -> embedding (rows, d) of length 1."""

    inputs = ("text",)
    outputs = ("embedding",)

    def __init__(self, model: Clip):
        super().__init__()
        self.language = model.language

    def forward(self, text: Tensor) -> Tensor:
        return nn.functional.normalize(self.language(text.long()), dim=-1)


class ClipQualityGraph(ClipImageGraph):
    """Pixels -> features (rows, d) of length 1 and score (rows, 1), 100 x the probability of the first of two prompts."""

    outputs = ("features", "score")

    def __init__(self, preprocess: Preprocess, model: Clip, prompts: Tensor):
        super().__init__(preprocess, model)
        self.opposites = nn.Parameter(model.log_scale.exp() * model.text(prompts))  # rounded with the weights where these are

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        features = super().forward(pixels)
        return features, 100 * (features @ self.opposites.T).softmax(-1)[:, :1]


def import_clip(
    checkpoint: Path, tokenizer: Path, out: Path, choices: ScorerChoices, *, head_width: int = 64, gelu: str = "quick", quality: bool = False,
) -> None:
    """Writes the scorer `out`, or nothing: with `quality` one of CLIP-IQA's kind (Wang et al. 2023), else alignment of pictures
    and prompts. TrainerError names what is wrong, and the remedy."""
    require_place(out, choices)
    words, end = read_tokenizer(tokenizer, END)
    model = load_clip(checkpoint, end, head_width=head_width, gelu=gelu)
    length = model.sizes.text.positions
    if words.get_vocab_size() > model.sizes.vocabulary:
        raise TrainerError(f"{tokenizer} has {words.get_vocab_size()} words, {checkpoint} knows {model.sizes.vocabulary}: name the tokenizer of this model")
    preprocess = Preprocess(choices.size, model.sizes.side)
    common = {"layout": "clip-iqa" if quality else "clip", "channels": model.sizes.embedding}
    if quality:
        with torch.no_grad():
            graph = ClipQualityGraph(preprocess, model, encode(words, list(OPPOSITES), length, end))
        scorer = Imported(kind="quality", description=f"CLIP-IQA: {OPPOSITES[0]!r} against {OPPOSITES[1]!r}", graphs={"image": graph.eval()}, **common)
    else:
        graphs = {"image": ClipImageGraph(preprocess, model).eval(), "text": ClipTextGraph(model).eval()}
        scorer = Imported(
            kind="image-text", description="CLIP: how well a picture fits a prompt", graphs=graphs, texts=encode(words, EXAMPLES, length, end),
            text={"tokenizer": tokenizer_file(tokenizer), "length": length, "pad": end, "end": end}, **common,
        )
    write_imported(out, scorer, choices)


def read_tokenizer(path: Path, closing: str) -> tuple[Tokenizer, int]:
    """The tokenizer and the id that closes a prompt; TrainerError when the file is none, or does not know it."""
    file = tokenizer_file(path)
    try:
        words = Tokenizer.from_file(str(file))
    except Exception as error:  # the library has no class of its own
        raise TrainerError(f"{file} is not a tokenizer: name the tokenizer.json that is published with the model") from error
    end = words.token_to_id(closing)
    if end is None:
        raise TrainerError(f"{file} has no token {closing}: name the tokenizer.json that is published with the model")
    return words, end


def encode(words: Tokenizer, prompts: list[str], length: int, end: int, pad: int | None = None) -> Tensor:
    """(prompts, length) as a service encodes them: cut with the closing token kept, padded, with that one where `pad` is none."""
    filler = end if pad is None else pad
    words.no_truncation()
    words.no_padding()
    rows = [words.encode(prompt).ids for prompt in prompts]
    cut = [row if len(row) <= length else [*row[: length - 1], end] for row in rows]
    return torch.tensor([[*row, *[filler] * (length - len(row))] for row in cut])


def tokenizer_file(path: Path) -> Path:
    return path / "tokenizer.json" if path.is_dir() else path
