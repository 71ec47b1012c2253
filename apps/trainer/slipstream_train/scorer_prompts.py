"""Which pictures a prompt fits: many prompts fit many pictures, and the image-text scorer is trained to say so."""

from __future__ import annotations

import torch
from torch import Tensor

from .data import Picture

KEYWORD_BESIDE_NAME = 0.1  # "sun" is the sun first, and a keyword of "sunrise" besides


class PromptFit:
    """Weights in [0, 1] over all pictures, remembered by prompt."""

    def __init__(self, entries: list[Picture]):
        self._entries = entries
        self._names = {entry.name for entry in entries}
        self._words = [_words((entry.name, *entry.keywords, *entry.categories)) for entry in entries]
        self._known: dict[str, Tensor] = {}

    def weights(self, prompt: str) -> Tensor:
        """(pictures,): 1 for its name, a category or all of its words; less for words when the prompt names another."""
        if prompt not in self._known:
            by_words = KEYWORD_BESIDE_NAME if prompt in self._names else 1.0
            wanted = _words([prompt])
            self._known[prompt] = torch.tensor([
                1.0 if prompt in (entry.name, *entry.categories) else by_words * (wanted <= words)
                for entry, words in zip(self._entries, self._words, strict=True)
            ])
        return self._known[prompt]

    def table(self, prompts: list[str]) -> Tensor:
        """(prompts, pictures)."""
        return torch.stack([self.weights(prompt) for prompt in prompts])


def _words(texts: list[str] | tuple[str, ...]) -> set[str]:
    return {word for text in texts for word in text.lower().split()}
