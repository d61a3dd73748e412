"""The options of a cell: which the built-in renderer follows, what their values are, and what to do about the others."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

_TEXT = ("label", "lst-label", "lst-cap", "code-summary", "filename", "out-width", "out-height", "column")
_TEXTS = ("fig-cap", "fig-alt", "tbl-cap", "tags", "classes")
_FLAGS = ("include", "eval", "warning", "error", "code-line-numbers")
_CHOICES = {
    "output": (True, False, "asis"), "echo": (True, False, "fenced"), "code-fold": (True, False, "show"),
}  # fmt: skip
_ANY = (
    "fig-subcap",
    "tbl-subcap",
    "layout",
    "layout-ncol",
    "layout-nrow",
    "layout-align",
    "layout-valign",
    "tbl-colwidths",
)
_NUMBERS = ("fig-width", "fig-height")
KNOWN = (*_TEXT, *_TEXTS, *_FLAGS, *_CHOICES, *_ANY, *_NUMBERS)
_COLUMNS = ("margin", "body", "page", "screen")
_INSTEAD = {
    "cache": "cells run again when something that they depend on has changed; remove it",
    "freeze": "cells run again when something that they depend on has changed; remove it",
    "fig-dpi": "figures are vector drawings; remove it",
    "fig-format": "figures are vector drawings; remove it",
    "fig-cap-location": "captions of figures stand below them; remove it",
    "tbl-cap-location": "captions of tables stand above them; remove it",
    "cap-location": "captions of figures stand below them, those of tables above; remove it",
    "eval-in": "remove it",
}


def check_options(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each thing that is wrong with the options, and the option."""
    for key, value in options.items():
        if key not in KNOWN:
            near = difflib.get_close_matches(str(key), KNOWN, 1, 0.8)
            what = _INSTEAD.get(key) or (f"did you mean `{near[0]}`?" if near else "remove it, or render with Quarto")
            yield f"the built-in renderer does not know the cell option `{key}`; {what}", key
        elif any("`{python}" in text for text in _texts(value)):
            yield (
                f"inline code in the cell option `{key}` is not run (nor by Quarto); put the cell into a division "
                "`::: {#fig-… fig-alt=\"…\"}` with the caption as its last paragraph", key
            )  # fmt: skip
        elif expected := _wrong(key, value):
            yield f"the cell option `{key}` must be {expected}", key


def _texts(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _wrong(key: str, value: Any) -> str:
    """What the value should be; empty where it is so."""
    a_text = isinstance(value, str) and bool(value.strip())
    if key == "column":
        return "" if a_text and value.partition("-")[0] in _COLUMNS else "margin, page, body-outset or screen"
    if key in _TEXT:
        return "" if a_text or (key.startswith("out-") and isinstance(value, (int, float))) else "a text"
    if key in _TEXTS:
        many = isinstance(value, list) and value and len(_texts(value)) == len(value)
        return "" if a_text or many else "a text"
    if key in _NUMBERS:
        return (
            ""
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
            else "a number of inches"
        )
    if key in _FLAGS or key in _CHOICES:
        allowed = _CHOICES.get(key, (True, False))
        good = any(value is each or (isinstance(each, str) and value == each) for each in allowed)
        return "" if good else " or ".join(str(item).lower() if isinstance(item, bool) else item for item in allowed)
    return ""
