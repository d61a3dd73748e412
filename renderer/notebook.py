"""Executed chapters as Jupyter notebooks, for a reader who wants to run them."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from renderer.book import Target
from renderer.execute import Executed
from renderer.listed import listed
from renderer.markdown import filled
from renderer.source import Cell, Prose
from renderer.words import FLOATS, NUMBERED

_FENCE = re.compile(r"^:{3,}.*$")
_SPAN = re.compile(r"\[((?:[^\[\]\\\n]|\\.)*)\]\{[.#][^{}\n]*\}")
_HIDDEN = re.compile(r"^:{3,}\s*\{[^}]*\.content-hidden\s*\}")  # in every format: it has no condition
_LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python", "name": "python",
    "nbconvert_exporter": "python", "pygments_lexer": "ipython3",
}  # fmt: skip
"""What the kernel says of itself, and the way keys are sorted, are JupyterLab's own: it would save the notebook anew otherwise, and
calls it unsaved as soon as it is open."""
_UNSEEN = "unseen"
"""Stands for the label of a division that is in none of the formats."""
_LABEL = re.compile(rf"#((?:{'|'.join(NUMBERED)})-[\w-]+)")


@dataclass(frozen=True)
class Piece:
    """A cell of the notebook: code, or Markdown. item: its place among the chapter's items, None for what stands elsewhere in it."""

    id: str
    item: int | None
    text: str
    code: bool = False


Mark = Callable[[str, str], str]
"""Gives what is printed for something that is computed: of the text in the source, and what it comes to."""


BEGIN, SHOWN, END = "\ue000", "\ue001", "\ue002"
"""How a mark may be kept in the text: these around its number and what is printed; a mark may stand within another."""


def without_marks(text: str) -> str:
    return re.sub(f"{BEGIN}[^{SHOWN}]*{SHOWN}|{END}", "", text)


def pieces(chapter: Executed, targets: Mapping[str, Target], mark: Mark = lambda source, shown: shown) -> list[Piece]:
    """The cells of the notebook, without their outputs."""
    found: list[Piece] = []

    def add(item: int | None, text: str, code: bool = False) -> None:
        if code or text.strip():
            found.append(Piece(f"cell-{len(found) + 1}", item, text if code else text.strip(), code))

    title = chapter.source.settings.get("title")
    if title:
        add(None, mark("", f"# {title}"))
    open_divs: list[str | None] = []
    for place, (item, results) in enumerate(zip(chapter.source.items, chapter.results, strict=True)):
        if isinstance(item, Prose):
            values = [mark(item.text[inline.start : inline.end], value) for inline, value in zip(item.inlines, results, strict=True)]
            add(place, _readable(filled(item, values), targets, open_divs, mark))
        elif _UNSEEN not in open_divs:
            add(place, item.code or item.options.get("source", ""), code=True)
            caption = item.options.get("fig-cap") or item.options.get("tbl-cap")
            caption = caption[0] if isinstance(caption, list) else caption
            if caption and item.label in targets:
                add(None, mark("", f"**{targets[item.label].reference}:** {caption}"))
    return found


def notebook(chapter: Executed, targets: Mapping[str, Target]) -> str:
    """The notebook's JSON as JupyterLab saves it: the same bytes for the same chapter, no times, no paths of this machine.

    Its metadata hold the chapter's text and what was computed for it, so that :mod:`renderer.edited` can take changes back.
    """
    numbers = {item: number for number, item in enumerate(
        (place for place, item in enumerate(chapter.source.items) if isinstance(item, Cell)), start=1
    )}  # fmt: skip
    cells = [_cell(chapter, piece, numbers) for piece in pieces(chapter, targets)]
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": _LANGUAGE | {"version": platform.python_version()},
            "study": made_from(chapter, targets),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def made_from(chapter: Executed, targets: Mapping[str, Target]) -> dict[str, Any]:
    """What :func:`pieces` needs to give the same once more."""
    source = chapter.source
    values = [
        results if isinstance(item, Prose) else [] for item, results in zip(source.items, chapter.results, strict=True)
    ]
    mentioned = (source.text + "".join(value for each in values for value in each)).lower()
    labels = {label: [target.kind, target.number] for label, target in sorted(targets.items()) if label.lower() in mentioned}
    return {"chapter": source.name, "source": source.text.split("\n"), "values": values, "labels": labels}


def _cell(chapter: Executed, piece: Piece, numbers: Mapping[int, int]) -> dict[str, Any]:
    frame = {"cell_type": "code" if piece.code else "markdown", "id": piece.id, "metadata": {}}
    if not piece.code or piece.item is None:
        return {**frame, "source": _lines(piece.text)}
    item, number = chapter.source.items[piece.item], numbers[piece.item]
    outputs = [_output(output, number) for output in chapter.results[piece.item] if output.get("name") != "stderr"]
    return {**frame, "metadata": _metadata(item), "execution_count": number, "source": _lines(piece.text), "outputs": outputs}


def _metadata(cell: Cell) -> dict[str, Any]:
    options = {key: value for key, value in cell.options.items() if key not in ("tags", "source")}
    tags = listed(cell.options.get("tags"))
    return {**({"options": options} if options else {}), **({"tags": tags} if tags else {})}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _output(output: dict[str, Any], number: int) -> dict[str, Any]:
    if output["output_type"] == "stream":
        return {"output_type": "stream", "name": output["name"], "text": _lines(output["text"])}
    if output["output_type"] == "error":
        return {**output, "traceback": output["traceback"].split("\n")}
    data: dict[str, Any] = {}
    for mime, value in sorted(output["data"].items()):
        if mime == "image/svg+xml" and "image/png" in output["data"]:
            continue  # the same picture once
        data[mime] = (
            value.strip() + "\n" if mime.startswith("image/") else _lines(value) if isinstance(value, str) else value
        )
    out = {"output_type": output["output_type"], "data": data, "metadata": {}}
    if output["output_type"] == "execute_result":
        out["execution_count"] = number
    return out


def _readable(text: str, targets: Mapping[str, Target], open_divs: list[str | None], mark: Mark) -> str:
    """Markdown that a notebook viewer understands: no divisions, labels written out."""
    out: list[str] = []
    for line in text.split("\n"):
        if _FENCE.match(line):
            line = without_marks(line)
            label = _LABEL.search(line)
            closes = not line.strip(": ")
            if not closes:
                open_divs.append(_UNSEEN if _HIDDEN.match(line) else label[1] if label else None)
                if label and label[1] in targets and not label[1].startswith(FLOATS):
                    out += ["", mark("", f"**{targets[label[1]].reference}**")]
            elif open_divs:
                closed = open_divs.pop()
                if closed in targets and closed.startswith(FLOATS) and _UNSEEN not in open_divs:
                    _label_caption(out, mark("", f"**{targets[closed].reference}:** "))
            out.append("")
            continue
        if _UNSEEN not in open_divs:
            out.append(line)
    text = without_attributes("\n".join(out))

    def reference(found: re.Match[str]) -> str:
        target = targets.get(found[2][0].lower() + found[2][1:])
        if target is None:
            return found[0]
        return mark(found[0], target.number if found[1] else target.reference)

    label = rf"(-?)@((?i:{'|'.join(NUMBERED)})-[\w-]*\w)"
    text = re.sub(rf"\[{label}\]", reference, text)
    return re.sub(rf"(?<![\w`]){label}", reference, text)


def without_attributes(text: str) -> str:
    """Headings without their labels, spans as their text alone."""
    text = re.sub(r"^(#{1,6} .*?)[ \t]*\{[^}]*\}[ \t]*$", r"\1", text, flags=re.MULTILINE)
    return _SPAN.sub(r"\1", text)


def _label_caption(out: list[str], label: str) -> None:
    """Put the label before the last paragraph, the caption."""
    last = len(out) - 1
    while last >= 0 and not out[last].strip():
        last -= 1
    while last > 0 and out[last - 1].strip():
        last -= 1
    if last >= 0:
        out[last] = label + out[last]
