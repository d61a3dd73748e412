"""Executed chapters as Jupyter notebooks, for a reader who wants to run them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from renderer.book import Target
from renderer.execute import Executed
from renderer.markdown import filled
from renderer.source import Cell, Prose
from renderer.words import FLOATS, NUMBERED

_FENCE = re.compile(r"^:{3,}.*$")
_SPAN = re.compile(r"\[((?:[^\[\]\\\n]|\\.)*)\]\{[.#][^{}\n]*\}")
_HIDDEN = re.compile(r"^:{3,}\s*\{[^}]*\.content-hidden\s*\}")  # in every format: it has no condition
_UNSEEN = "unseen"
"""Stands for the label of a division that is in none of the formats."""
_LABEL = re.compile(rf"#((?:{'|'.join(NUMBERED)})-[\w-]+)")


def notebook(chapter: Executed, targets: Mapping[str, Target]) -> str:
    """The notebook's JSON: the same bytes for the same chapter, no times, no paths of this machine."""
    cells: list[dict[str, Any]] = []
    number = 0
    title = chapter.source.settings.get("title")
    if title:
        cells.append(_markdown(f"# {title}", len(cells)))
    open_divs: list[str | None] = []
    for item, results in zip(chapter.source.items, chapter.results, strict=True):
        if isinstance(item, Prose):
            text = _readable(filled(item, results), targets, open_divs)
            if text.strip():
                cell = _markdown(text, len(cells))
                if item.inlines:
                    cell["metadata"]["source"] = item.text.strip()
                cells.append(cell)
            continue
        number += 1
        if _UNSEEN in open_divs:
            continue
        cells.append(
            {
                "cell_type": "code",
                "id": f"cell-{len(cells) + 1}",
                "metadata": _metadata(item),
                "execution_count": number,
                "source": _lines(item.code or item.options.get("source", "")),
                "outputs": [_output(output, number) for output in results if output.get("name") != "stderr"],
            }
        )
        caption = item.options.get("fig-cap") or item.options.get("tbl-cap")
        caption = caption[0] if isinstance(caption, list) else caption
        if caption and item.label in targets:
            cells.append(_markdown(f"**{targets[item.label].reference}:** {caption}", len(cells)))
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _metadata(cell: Cell) -> dict[str, Any]:
    options = {key: value for key, value in cell.options.items() if key not in ("tags", "source")}
    tags = cell.options.get("tags")
    named = {"tags": tags if isinstance(tags, list) else [tags]} if tags else {}
    return {**({"options": options} if options else {}), **named}


def _markdown(text: str, position: int) -> dict[str, Any]:
    return {
        "cell_type": "markdown", "id": f"cell-{position + 1}", "metadata": {}, "source": _lines(text.strip()),
    }  # fmt: skip


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


def _readable(text: str, targets: Mapping[str, Target], open_divs: list[str | None]) -> str:
    """Markdown that a notebook viewer understands: no divisions, labels written out."""
    out: list[str] = []
    for line in text.split("\n"):
        if _FENCE.match(line):
            label = _LABEL.search(line)
            closes = not line.strip(": ")
            if not closes:
                open_divs.append(_UNSEEN if _HIDDEN.match(line) else label[1] if label else None)
                if label and label[1] in targets and not label[1].startswith(FLOATS):
                    out += ["", f"**{targets[label[1]].reference}**"]
            elif open_divs:
                closed = open_divs.pop()
                if closed in targets and closed.startswith(FLOATS) and _UNSEEN not in open_divs:
                    _label_caption(out, targets[closed])
            out.append("")
            continue
        if _UNSEEN not in open_divs:
            out.append(line)
    text = "\n".join(out)
    text = re.sub(r"^(#{1,6} .*?)\s*\{[^}]*\}\s*$", r"\1", text, flags=re.MULTILINE)
    text = _SPAN.sub(r"\1", text)

    def reference(found: re.Match[str]) -> str:
        target = targets.get(found[2][0].lower() + found[2][1:])
        if target is None:
            return found[0]
        return target.number if found[1] else target.reference

    label = rf"(-?)@((?i:{'|'.join(NUMBERED)})-[\w-]*\w)"
    text = re.sub(rf"\[{label}\]", reference, text)
    return re.sub(rf"(?<![\w`]){label}", reference, text)


def _label_caption(out: list[str], target: Target) -> None:
    """Put the label before the last paragraph, the caption."""
    last = len(out) - 1
    while last >= 0 and not out[last].strip():
        last -= 1
    while last > 0 and out[last - 1].strip():
        last -= 1
    if last >= 0:
        out[last] = f"**{target.reference}:** {out[last]}"
