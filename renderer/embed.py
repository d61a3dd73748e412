"""`{{< embed file#cell >}}`: what a cell of a notebook, or of another chapter, has given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from renderer.execute import Executed
from renderer.in_project import in_project
from renderer.listed import listed
from renderer.render_error import RenderError, at_once
from renderer.source import Cell, read_cell_options


def with_embedded(executed: Sequence[Executed], root: Path) -> list[Executed]:
    """The chapters with the outputs of what they embed; `RenderError` for what is not there."""
    chapters = {each.source.name: each for each in executed}
    problems: list[RenderError] = []
    done = []
    for chapter in executed:
        items, results = list(chapter.source.items), list(chapter.results)
        for place, item in enumerate(items):
            if isinstance(item, Cell) and item.embedded:
                try:
                    options, outputs = _found(item.embedded, chapter.source.name, chapters, root)
                except ValueError as problem:
                    problems.append(
                        RenderError(f"{item.embedded} cannot be embedded: {problem}", chapter.source.name, item.line)
                    )
                    continue
                items[place] = replace(item, options={**options, **item.options})
                results[place] = outputs
        done.append(replace(chapter, source=replace(chapter.source, items=tuple(items)), results=tuple(results)))
    if problems:
        raise at_once(problems)
    return done


def _found(target: str, name: str, chapters: Mapping[str, Executed], root: Path) -> tuple[dict[str, Any], list[Any]]:
    """Options (without the label, which is the other cell's) and outputs. target: "../other.ipynb#cell", seen from the chapter."""
    file, _, wanted = target.partition("#")
    path = in_project(file, name)
    if not wanted:
        raise ValueError("say which cell: file#label")
    if path.endswith(".ipynb"):
        cells = _of_notebook(root / path)
    elif path in chapters:
        other = chapters[path]
        cells = [(each.options, each.code, result) for each, result in zip(other.source.items, other.results, strict=True)
                 if isinstance(each, Cell)]  # fmt: skip
    else:
        raise ValueError(f"{path} is neither a notebook nor a chapter of the book")
    for options, code, outputs in cells:
        if wanted in (options.get("label"), options.get("lst-label"), options.get("id"), *listed(options.get("tags"))):
            kept = {
                key: value for key, value in options.items() if key in ("fig-cap", "fig-alt", "out-width", "out-height")
            }
            return {**kept, "source": code}, outputs
    raise ValueError(f"there is no cell #{wanted} in {path}")


def _of_notebook(path: Path) -> list[tuple[dict[str, Any], str, list[Any]]]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        raise ValueError("there is no such notebook, or it cannot be read") from None
    found = []
    for cell in cells:
        if cell["cell_type"] == "code":
            options, code = read_cell_options(_joined(cell["source"]))
            options = {**cell["metadata"], "id": cell.get("id"), **options}
            found.append((options, code, [_plain(output) for output in cell["outputs"]]))
    return found


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def _plain(output: dict[str, Any]) -> dict[str, Any]:
    out = dict(output)
    if "text" in out:
        out["text"] = _joined(out["text"])
    if "data" in out:
        out["data"] = {
            mime: _joined(value) if not isinstance(value, dict) else value for mime, value in out["data"].items()
        }
    if "traceback" in out:
        out["traceback"] = "\n".join(out["traceback"])
    return out
