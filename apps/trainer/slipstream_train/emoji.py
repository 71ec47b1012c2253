"""Text-and-picture pairs from Noto Color Emoji and CLDR. Knows the two Debian packages; refuses to know models."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .data import Picture
from .errors import TrainerError

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
CLDR = Path("/usr/share/unicode/cldr/common")
FONT_SIZE_PX = 109  # the font's one bitmap size

# CLDR's labels are for character pickers; these are the words a person would type for them. A label that is not here
# is left out: signs, flags, people and office things that a small model would spend its training on (docs/adr).
CATEGORIES = {
    "face-positive": ("face",), "face-neutral": ("face",), "face-negative": ("face",), "face-sick": ("face",),
    "face-role": ("face",), "face-fantasy": ("fantasy",), "cat-face": ("cat face",), "monkey-face": ("monkey",),
    "emotion": ("symbol",),
    "animal-mammal": ("animal", "mammal"), "animal-bird": ("animal", "bird"), "animal-amphibian": ("animal",),
    "animal-reptile": ("animal", "reptile"), "animal-marine": ("animal", "marine animal"),
    "animal-bug": ("animal", "bug"), "plant-flower": ("plant", "flower"), "plant-other": ("plant",),
    "food-fruit": ("food", "fruit"), "food-vegetable": ("food", "vegetable"), "food-prepared": ("food", "meal"),
    "food-asian": ("food", "asian food"), "food-sweet": ("food", "sweet"), "drink": ("drink",),
    "dishware": ("dishware",), "place-building": ("building",), "place-religious": ("building",),
    "transport-ground": ("vehicle",), "transport-water": ("vehicle", "ship"), "transport-air": ("vehicle", "aircraft"),
    "sky & weather": ("weather",), "event": ("event",), "award-medal": ("award",), "sport": ("sport",),
    "musical-instrument": ("musical instrument",),
}


def emoji_pictures(image_size: int) -> list[Picture]:
    """All usable emoji, drawn at image_size x image_size RGBA, in code point order.

    Raises TrainerError when the font or CLDR is missing, with the packages to install.
    """
    for path in (FONT, CLDR / "properties/labels.txt", CLDR / "annotations/en.xml"):
        if not path.exists():
            raise TrainerError(f"{path} is missing: apt-get install fonts-noto-color-emoji unicode-cldr-core")
    names, keywords = _annotations()
    font = ImageFont.truetype(str(FONT), FONT_SIZE_PX)
    pictures, seen = [], set()
    for character, labels in sorted(_labels().items()):
        bare = character.replace("\ufe0f", "")
        if bare not in names or _is_variant(names[bare]):
            continue
        image = _draw(character, font, image_size)
        if image is None or image.tobytes() in seen:
            continue
        seen.add(image.tobytes())
        pictures.append(
            Picture(name=names[bare], keywords=tuple(keywords.get(bare, ())), categories=tuple(labels), image=image)
        )
    return pictures


def _annotations() -> tuple[dict[str, str], dict[str, list[str]]]:
    names: dict[str, str] = {}
    keywords: dict[str, list[str]] = {}
    for folder in ("annotations", "annotationsDerived"):
        for node in ElementTree.parse(CLDR / folder / "en.xml").getroot().iter("annotation"):
            character, text = node.get("cp"), node.text or ""
            if node.get("type") == "tts":
                names[character] = text.lower()
            else:
                keywords[character] = [word.strip().lower() for word in text.split("|")]
    return names, keywords


def _labels() -> dict[str, list[str]]:
    """Character -> category words, from CLDR's labels.txt."""
    labels: dict[str, list[str]] = {}
    for line in (CLDR / "properties/labels.txt").read_text("utf8").splitlines():
        fields = [part.strip() for part in line.split("#")[0].split(";")]
        if len(fields) != 3 or not fields[0].startswith("[") or fields[2] not in CATEGORIES:
            continue
        for character in _unicode_set(fields[0][1:-1]):
            labels[character] = [*CATEGORIES[fields[2]]]
    return labels


def _unicode_set(text: str) -> list[str]:
    """The members of a UnicodeSet of single characters, ranges and {strings}."""
    members: list[str] = []
    for braced, first, last in re.findall(r"\{([^}]*)\}|(\S)(?:-(\S))?", text):
        if braced:
            members.append(braced)
        elif last:
            members.extend(chr(code) for code in range(ord(first), ord(last) + 1))
        else:
            members.append(first)
    return members


def _is_variant(name: str) -> bool:
    return bool(re.search(r"skin tone|^(man|woman|men|women)\b.*:|’s clock|o’clock|-thirty", name))


def _draw(character: str, font: ImageFont.FreeTypeFont, size: int) -> Image.Image | None:
    canvas = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    ImageDraw.Draw(canvas).text((8, 8), character, font=font, embedded_color=True)
    box = canvas.getbbox()
    if box is None or box[2] - box[0] > 140:  # nothing drawn, or a sequence that fell apart into two glyphs
        return None
    glyph = canvas.crop(box)
    side = max(glyph.size)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(glyph, ((side - glyph.width) // 2, (side - glyph.height) // 2))
    # Premultiplied resampling, else transparent black bleeds into the edges.
    return square.convert("RGBa").resize((size, size), Image.LANCZOS).convert("RGBA")
