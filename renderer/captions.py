"""What is wrong with the captions and alternative texts of cells, as far as their source tells; said before any of them runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from renderer.execute import option
from renderer.render_error import RenderError
from renderer.source import Cell, Source

_DRAWS = re.compile(r"\bplt\.|\.plot\b|\.(show|imshow|savefig)\(")


def wrong_captions(options: Mapping[str, Any]) -> str:
    """What a cell that shows something lacks; empty where its label and its captions go together.

    >>> wrong_captions({"label": "fig-a"})
    'fig-a has no caption; add `#| fig-cap: …`'
    """
    label = str(options.get("label") or "")
    kind = label.partition("-")[0]
    if kind in ("fig", "tbl"):
        return "" if options.get(f"{kind}-cap") else f"{label} has no caption; add `#| {kind}-cap: …`"
    parts = "fig-subcap" if "fig-cap" in options else "tbl-subcap"
    if options.get(parts) or (options.get("tbl-cap") and "fig-cap" not in options):
        return "a caption needs a label, such as `#| label: tbl-name`"
    return ""


def foreseen(source: Source, defaults: Mapping[str, Any]) -> Iterator[RenderError]:
    """Everything in a chapter's cells that must fail once they have run. defaults: options of all cells."""
    for cell in source.items:
        if isinstance(cell, Cell) and not cell.embedded and _is_shown(cell, source, defaults):
            for message in _wrong(cell):
                yield RenderError(message, source.name, cell.line, cell.place)


def _is_shown(cell: Cell, source: Source, defaults: Mapping[str, Any]) -> bool:
    def get(key: str) -> Any:
        return option(cell, source, defaults, key, True)

    return get("include") is not False and get("output") is True and get("eval") is True


def _wrong(cell: Cell) -> Iterator[str]:
    shows = (cell.label or "").startswith(("fig-", "tbl-")) or "tbl-cap" in cell.options or _DRAWS.search(cell.code)
    if shows and (message := wrong_captions(cell.options)):
        yield message
    alts, parts = cell.options.get("fig-alt"), cell.options.get("fig-subcap")
    if not alts and (cell.label or "").startswith("fig-") and _DRAWS.search(cell.code):
        yield f"{cell.label} has no alternative text; add `#| fig-alt: …`, which says what is to be seen"
    if isinstance(alts, list) and isinstance(parts, list) and 1 < len(alts) != len(parts):
        yield f"`fig-alt` has {len(alts)} texts for the {len(parts)} captions of `fig-subcap`; give each picture its own"
