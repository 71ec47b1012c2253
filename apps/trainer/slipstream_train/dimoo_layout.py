"""Where Lumina-DiMOO has what in a sequence, and the ids of its marks (algorithms 1.2)."""

from __future__ import annotations

from dataclasses import dataclass

TEMPLATE = "<system>Generate an image according to the text prompt.</system><user>{prompt}</user>"
NO_PROMPT = "<uncondition>"

# Ids of marks, counted back from the end of the text vocabulary (126,356 published): codes of pictures follow it.
MARKS = {"<system>": 24, "</system>": 23, "<user>": 22, "</user>": 21, NO_PROMPT: 5}
MASK, NEWLINE, BEGIN_IMAGE, END_IMAGE, BEGIN_ANSWER, END_ANSWER = 20, 272, 7, 6, 2, 1


@dataclass(frozen=True)
class Layout:
    """`text` ids of text, prompts padded to `prompt_length`, a picture of height x width tokens."""

    text: int
    prompt_length: int
    height: int
    width: int

    @property
    def pad(self) -> int:
        """The first code's id: no text has it."""
        return self.text

    @property
    def mask(self) -> int:
        return self.text - MASK

    @property
    def newline(self) -> int:
        return self.text - NEWLINE

    @property
    def begin(self) -> list[int]:
        return [self.text - BEGIN_ANSWER, self.text - BEGIN_IMAGE]

    @property
    def end(self) -> list[int]:
        return [self.text - END_IMAGE, self.text - END_ANSWER]

    @property
    def first(self) -> int:
        """The position of the picture's first token."""
        return self.prompt_length + len(self.begin)

    @property
    def positions(self) -> int:
        return self.first + self.height * (self.width + 1) + len(self.end)

    def padded(self, ids: list[int]) -> list[int]:
        return ids + [self.pad] * (self.prompt_length - len(ids))
