"""Prompt -> a fixed number of word ids, in the Hugging Face tokenizer.json format. No prompt = all padding."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

PAD, UNKNOWN = 0, 1


def build_prompt_tokenizer(texts: Iterable[str], length: int) -> Tokenizer:
    """A word-level tokenizer over every word of `texts`; unseen words become [UNK]; ids fill `length` places."""
    normalizer = normalizers.Sequence([
        normalizers.NFKC(),
        normalizers.Lowercase(),
        normalizers.Replace(Regex(r"[^\p{L}\p{N}]+"), " "),
        normalizers.Strip(),
    ])
    words = sorted({word for text in texts for word in normalizer.normalize_str(text).split()})
    vocabulary = {"[PAD]": PAD, "[UNK]": UNKNOWN} | {word: index + 2 for index, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=PAD, pad_token="[PAD]")
    return tokenizer


def load_prompt_tokenizer(path: Path) -> Tokenizer:
    return Tokenizer.from_file(str(path))
