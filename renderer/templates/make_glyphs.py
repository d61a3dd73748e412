"""Makes `glyphs.typ`: which characters the report's fonts can draw. Run it after changing a font.

python -m renderer.templates.make_glyphs

PDF/UA forbids a character without a glyph, and Typst refuses the whole file for one. The frame (`report.typ`) reads this list
and sets the code of such a character in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parents[2] / "fonts"
TARGET = Path(__file__).with_name("glyphs.typ")
FAMILIES = {
    "IBM Plex Sans": "IBMPlexSans-*.ttf",
    "DejaVu Sans": "fallback/DejaVuSans.ttf",
    "Noto Emoji": "fallback/NotoEmoji-Regular.ttf",
    "Droid Sans Fallback": "fallback/DroidSansFallbackFull.ttf",
}
"""In the order in which Typst asks them for a glyph."""
UNSEEN = [
    (0x09, 0x0A), (0x0D, 0x0D), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x200B, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x2064), (0x2066, 0x2069), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF),
]  # fmt: skip
"""Line ends, joiners, marks of direction, variation selectors: Typst draws nothing for them and asks for no glyph."""
PRIVATE = range(0xE000, 0xF900)
"""What a font draws for these is its own invention."""


def main() -> None:
    TARGET.write_text(listed(), encoding="utf-8", newline="\n")


def listed() -> str:
    """The file's text: for each family, the characters of all its faces as the inside of a regular expression's class."""
    lines = [
        "// Made by make_glyphs.py: the characters that each family can draw, in the order of asking.",
        "#let glyphs = (",
    ]
    for family, pattern in FAMILIES.items():
        faces = [set(TTFont(path).getBestCmap()) for path in sorted(FONTS.glob(pattern))]
        drawn = set.intersection(*faces) - set(PRIVATE)
        drawn.update(code for first, last in UNSEEN for code in range(first, last + 1))
        ranges = "".join(rf"\\x{{{first:X}}}-\\x{{{last:X}}}" for first, last in _ranges(drawn))
        lines.append(f'  "{family}": "{ranges}",')
    return "\n".join([*lines, ")", ""])


def _ranges(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for code in sorted(codes):
        if last is not None and code == last + 1:
            last = code
            continue
        if first is not None:
            yield first, last
        first = last = code
    yield first, last


if __name__ == "__main__":
    main()
