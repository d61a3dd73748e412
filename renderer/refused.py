"""What a division asks for and the built-in renderer does not give; said before any cell runs, as far as the text shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from renderer import conditions, panels
from renderer.words import CALLOUTS

_CLASS = re.compile(r"^(panel-(?!tabset$).+|landscape|layout)$")
_ATTRIBUTE = re.compile(r"^(lightbox|group)$")


def aligned_otherwise(value: str) -> bool:
    return value not in ("left", "default")


def aligned(url: str) -> str:
    return f"`fig-align` of {url}: figures stand at the left; remove it, or render with Quarto"


def in_picture(attributes: Mapping[str, str], url: str, has_text: bool) -> Iterator[tuple[str, str]]:
    """As :func:`in_division`, of a picture in the text. has_text: whether it, or what is around it, has a text or a caption."""
    if aligned_otherwise(attributes.get("fig-align", "left")):
        yield aligned(url), f"]({url}){{"
    if not has_text and not attributes.get("fig-alt", attributes.get("alt", "")).strip():
        yield f'the picture {url} has no alternative text; write `![caption]({url})`, or add fig-alt="…"', f"]({url}"


_FLOATS = ("fig-", "tbl-", "lst-")
_PLAIN = {"Para", "Plain", "Table", "CodeBlock"}


def without_caption(label: str) -> str:
    return f"{label} has no caption: end the division with a paragraph that says what it shows"


def in_float(label: str, blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """As :func:`in_division`, of a figure, table or listing that is written as a division of plain blocks of Pandoc's."""
    if not label.startswith(_FLOATS) or not blocks or any(block["t"] not in _PLAIN for block in blocks):
        return  # what cells and divisions in it give is not known yet
    last = blocks[-1]
    if last["t"] == "Table":
        has_caption = label.startswith("tbl-") and bool(last["c"][1][1])
    else:
        has_caption = last["t"] == "Para" and len(blocks) > 1 and any(inline["t"] != "Image" for inline in last["c"])
    if not has_caption:
        yield without_caption(label), f"#{label}"


def in_division(classes: Sequence[str], attributes: Mapping[str, str], count: int) -> Iterator[tuple[str, str]]:
    """Each thing that is refused, and the text that names its place. count: blocks of the division."""
    for name in classes:
        if _CLASS.match(name):
            yield f"the built-in renderer does not know the class `.{name}`; remove it, or render with Quarto", f".{name}"
        kind = name.removeprefix("callout-")
        if kind != name and kind not in CALLOUTS.values():
            yield f"there is no callout `{name}`; use one of {', '.join(CALLOUTS.values())}", f".{name}"
    for name in attributes:
        if _ATTRIBUTE.match(name):
            yield f"the built-in renderer does not know the attribute `{name}`; remove it, or render with Quarto", name
    if name := panels.wrong_layout(attributes, count):
        yield f'`{name}="{attributes[name]}"` is no layout; write layout-ncol=2 or layout="[[1, 1], [1]]"', name
    if wrong := conditions.wrong(attributes):
        yield wrong
