"""Licences of the data a bundle was trained on; they travel with it."""

LICENCES = {
    "Noto Color Emoji, CLDR": [
        {
            "name": "Noto Color Emoji",
            "licence": "SIL Open Font License 1.1 (tools and some images: Apache License 2.0)",
            "attribution": "Copyright Google Inc., Noto Color Emoji",
            "appliesTo": "the pictures the models were trained on",
        },
        {
            "name": "Unicode CLDR",
            "licence": "Unicode License v3",
            "attribution": "Copyright Unicode, Inc., CLDR annotations and labels",
            "appliesTo": "the names, keywords and categories the models were trained on",
        },
    ]
}


def licence_text(source: str) -> str:
    """LICENCE.md of a bundle."""
    known = LICENCES.get(source)
    if known is None:
        return "# Licences\n\nTrained on pictures of the user's own; their licences apply.\n"
    lines = [f"- **{row['name']}**, {row['licence']}: {row['appliesTo']}. {row['attribution']}." for row in known]
    return "# Licences\n\n" + "\n".join(lines) + "\n"
