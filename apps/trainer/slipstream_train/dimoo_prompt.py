"""A prompt of Lumina-DiMOO: its template, and the tokenizer that is published with the weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from .dimoo_layout import MARKS, NO_PROMPT, TEMPLATE
from .errors import TrainerError


@dataclass(frozen=True)
class Prompts:
    tokenizer: Tokenizer
    unconditional: list[int]

    def ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(TEMPLATE.replace("{prompt}", text)).ids


def read_prompts(path: Path, text: int, length: int) -> Prompts:
    """A tokenizer.json, or the folder with one, for a text vocabulary of so many ids and prompts of up to `length` ids, the
    template's own among them. TrainerError when it is another model's."""
    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises the bare class
        raise TrainerError(f"{file} is missing or not a tokenizer ({error}): fetch tokenizer.json of this model") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    for mark, place in MARKS.items():
        if tokenizer.encode(mark).ids != [text - place]:
            raise TrainerError(f"{file} gives {mark} the ids {tokenizer.encode(mark).ids}, expected {text - place}: it is the tokenizer of another model")
    made = Prompts(tokenizer, [])
    made = Prompts(tokenizer, made.ids(NO_PROMPT))
    if len(made.unconditional) >= length:
        raise TrainerError(f"--prompt-length is {length}, but the template alone has {len(made.unconditional)} ids: give more")
    return made
