"""Diagrams of Mermaid and Graphviz, drawn without a browser and without a program of the system."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from renderer.render_error import RenderError, at_once
from renderer.source import Cell

if TYPE_CHECKING:
    from renderer.execute import Executed


def with_diagrams(executed: Sequence[Executed]) -> list[Executed]:
    """The chapters with their diagrams drawn; `RenderError` for those that are wrong."""
    problems: list[RenderError] = []
    done = []
    for chapter in executed:
        results = list(chapter.results)
        for place, item in enumerate(chapter.source.items):
            if isinstance(item, Cell) and item.diagram:
                try:
                    data = {"image/svg+xml": drawn(item.diagram, item.options["source"])}
                except ValueError as problem:
                    problems.append(RenderError(f"the diagram cannot be drawn: {problem}", chapter.source.name, item.line, item.place))
                    continue
                results[place] = [{"output_type": "display_data", "data": data, "metadata": {}}]
        done.append(replace(chapter, results=tuple(results)))
    if problems:
        raise at_once(problems)
    return done


def drawn(language: str, text: str) -> str:
    """A diagram as SVG with its size; ValueError says what is wrong with it.

    >>> "<svg" in drawn("dot", "digraph { a -> b }")
    True
    """
    return _mermaid(text) if language == "mermaid" else _graphviz(text)


def _mermaid(text: str) -> str:
    import mmdr

    try:
        svg = mmdr.render(text).svg()
    except Exception as problem:  # the package says in its own classes what it cannot read
        raise ValueError(" ".join(str(problem).split())) from None
    box = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', svg)
    if "<svg" not in svg or not box:
        raise ValueError("Mermaid gives no picture")
    return svg.replace('width="100%"', f'width="{float(box[1]):.0f}px" height="{float(box[2]):.0f}px"', 1)


def _graphviz(text: str) -> str:
    program = Path(sysconfig.get_path("scripts")) / ("graphviz-pure.exe" if sys.platform == "win32" else "graphviz-pure")
    done = subprocess.run([str(program), "-Tsvg"], input=text.encode("utf-8"), capture_output=True)
    if done.returncode or b"<svg" not in done.stdout:
        raise ValueError(" ".join(done.stderr.decode("utf-8", "replace").split()) or "Graphviz gives no picture")
    return done.stdout.decode("utf-8")
