"""Labelled equations: `$$ … $$ {#eq-name}`."""

from __future__ import annotations

import re
from collections.abc import Callable

import panflute as pf

_LABEL = re.compile(r"^\{#(eq-[\w-]+)\}(.*)$", re.DOTALL)
_FORMULA = re.compile(
    r"^#(?:math\.equation|formula)\(.*block: true", re.DOTALL
)  # what a filter of the project makes of one


def labelled(
    inlines: list[pf.Inline], register: Callable[[str], tuple[str, str]], output_format: str
) -> list[pf.Inline]:
    """The inlines with each labelled equation numbered. register: gives the number of a label and its identifier in the document."""
    out: list[pf.Inline] = []
    for inline in inlines:
        found = _LABEL.match(inline.text) if isinstance(inline, pf.Str) else None
        if not found:
            out.append(inline)
            continue
        place = len(out) - 1
        while place >= 0 and isinstance(out[place], (pf.Space, pf.SoftBreak)):
            place -= 1
        if place < 0 or not _is_display(out[place]):
            out.append(inline)  # belongs to nothing, which is said elsewhere
            continue
        number, identifier = register(found[1])
        out[place:] = [_numbered(out[place], f"({number})", identifier, output_format)]
        if found[2]:
            out.append(pf.Str(found[2]))
    return out


def _is_display(inline: pf.Inline) -> bool:
    if isinstance(inline, pf.Math):
        return bool(inline.format == "DisplayMath")
    return isinstance(inline, pf.RawInline) and inline.format == "typst" and bool(_FORMULA.match(inline.text))


def _numbered(formula: pf.Inline, number: str, identifier: str, output_format: str) -> pf.Inline:
    if output_format == "pdf":  # the frame sets the number at the margin
        opening = pf.RawInline(f'#numbered-equation("{number}")[', "typst")
        return pf.Span(opening, formula, pf.RawInline("]", "typst"), identifier=identifier)
    return pf.Span(
        pf.Math(formula.text + rf" \qquad{{\text{{{number}}}}}", format="DisplayMath"), identifier=identifier
    )
