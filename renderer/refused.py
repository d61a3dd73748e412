"""What a division asks for and the built-in renderer does not give; said before any cell runs, as far as the text shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from renderer import conditions, panels
from renderer.words import CALLOUTS

_CLASS = re.compile(r"^(panel-(?!tabset$).+|landscape|layout)$")
_ATTRIBUTE = re.compile(r"^(lightbox|group)$")


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
