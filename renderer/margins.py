"""What stands in the margin of the page: on the website it does; on paper it becomes a note."""

from __future__ import annotations

from collections.abc import Sequence

import panflute as pf

MARGIN, ASIDE = "column-margin", "aside"


def is_margin(element: pf.Element) -> bool:
    return bool({MARGIN, ASIDE} & set(element.classes))


def beside(before: list[pf.Block], content: Sequence[pf.Block], output_format: str) -> None:
    """Put the arranged content of a division in the margin after the blocks before it, in place."""
    if output_format == "html":
        before.append(pf.Div(*content, classes=["margin-note"], attributes={"role": "note"}))
    elif not all(isinstance(block, (pf.Para, pf.Plain, pf.BulletList, pf.OrderedList)) for block in content):
        before.extend(content)  # a note holds no figures and tables
    elif before and isinstance(before[-1], (pf.Para, pf.Plain)):
        before[-1] = type(before[-1])(*before[-1].content, pf.Note(*content))
    else:
        before.extend(content)


def aside(span: pf.Span, output_format: str) -> pf.Inline:
    """Words in the margin."""
    if output_format == "html":
        return pf.Span(*span.content, classes=["margin-note"], attributes={"role": "note"})
    return pf.Note(pf.Para(*span.content))
