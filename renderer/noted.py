"""What the kernels have noted (see `renderer.record`), taken together: inputs, files made, what is refused, what is warned of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderer.now import listing
from renderer.render_error import RenderError
from renderer.source import Cell, Prose, Source
from renderer.unsteady import warnings as unsteady_warnings

Note = list[Any]
"""Kind, name, value, item of the chapter, line in its cell or number of its inline expression (first 1), module and line: as of
`renderer.record`, which has the number of the step for the item."""


@dataclass
class Recorded:
    """What the cells of a book depend on, and what they have made.

    inputs: SHA-256 of each file of the project that a cell has opened, imported modules among them, by name; for a folder
    ("pics/") that a cell has listed, of the names in it. made: SHA-256 of each file that cells have written, None where it is gone
    again. cells: names of the inputs of each cell, modules left out, by "chapters/results.qmd line 12". warnings: what makes the
    report another one every time, or what nobody can see.
    """

    inputs: dict[str, str] = field(default_factory=dict)
    made: dict[str, str | None] = field(default_factory=dict)
    cells: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def made(notes: Mapping[str, list[Note]]) -> set[str]:
    """Files of the project that the cells of any chapter have written."""
    return {note[1] for noted in notes.values() for note in noted if note[0] == "made"}


def opened(noted: list[Note]) -> set[str]:
    """Files that were opened to be read."""
    return {note[1] for note in noted if note[0] == "file"}


def in_listed(noted: list[Note], name: str) -> bool:
    """Whether a file lies in a folder that was listed."""
    folder, _, _ = name.rpartition("/")
    return any(note[0] == "folder" and note[1] == (f"{folder}/" if folder else "./") for note in noted)


def inputs(noted: list[Note], made: Collection[str]) -> dict[str, str | None]:
    """What a chapter has opened and listed and no chapter has written, with its checksum at that moment."""
    found: dict[str, str | None] = {}
    for kind, name, value, *_ in noted:
        if kind == "folder":
            found[name] = listing(name, value, made)
        elif kind == "file" and name not in made:
            found[name] = value
    return found


def refuse_outside(notes: Mapping[str, list[Note]], sources: Sequence[Source]) -> None:
    """Raises `RenderError`, naming them all, when a cell has opened what lies outside the project."""
    places = [
        (source, note) for source in sources for note in notes.get(source.name, ()) if note[0] == "outside" and note[3] is not None
    ]
    if not places:
        return
    errors = [RenderError(_refusal(note), source.name, *_place(source, note)) for source, note in places]
    first, others = errors[0], [str(error) for error in errors[1:]]
    raise RenderError("\n".join([first.message, *dict.fromkeys(others)]), first.file, first.line, first.cell)


def _refusal(note: Note) -> str:
    _, name, _, _, _, module = note
    by = f" by {module}" if module else ""
    return f"{name} is opened{by}, which lies outside the project; copy what the report needs into the project and open it there"


def _place(source: Source, note: Note) -> tuple[int, str | None]:
    """Line of the chapter, and which cell it is."""
    item, line = source.items[note[3]], note[4]
    if isinstance(item, Cell):
        return item.line + max(line, 1) - 1, item.place
    return item.inlines[line - 1].line if line else item.line, None


def by_cell(source: Source, noted: list[Note]) -> Iterator[tuple[str, str]]:
    """Where a chapter has opened or listed something, and its name; without modules, which every chapter imports."""
    for note in noted:
        if note[0] in ("file", "folder") and not note[1].endswith(".py") and note[3] is not None:
            item = source.items[note[3]]
            yield source.place(item.line if isinstance(item, Cell) else _place(source, note)[0]), note[1]


def warnings(source: Source, noted: list[Note], root: Path, trusted: Sequence[str]) -> Iterator[str]:
    """What makes a chapter another one every time, or what of it nobody can see: file and line, what, and what to do."""
    code = [(item.line, item.code) for item in source.items if isinstance(item, Cell)]
    code += [(inline.line, inline.expression) for item in source.items if isinstance(item, Prose) for inline in item.inlines]
    names = {note[1] for note in noted if note[0] == "file" and note[1].endswith(".py")}
    names = sorted(name for name in names if name.split("/")[0] not in trusted and (root / name).is_file())
    modules = {name: (root / name).read_text("utf-8", "replace") for name in names}
    drawn = next((_place(source, note)[0] for note in noted if note[0] == "random" and note[3] is not None), None)
    own = re.compile(rf"^{re.escape(source.name)} line (\d+)")
    for text in unsteady_warnings(source.name, code, modules, drawn):
        yield own.sub(lambda found: source.place(int(found[1])), text)
    places = set()
    for note in noted:
        if note[0] not in ("network", "process") or note[3] is None or (note[0], *note[3:]) in places:
            continue
        places.add((note[0], *note[3:]))  # a name is looked up, then asked: one warning
        where = note[5] or source.place(_place(source, note)[0])
        if note[0] == "network":
            yield f"{where}: asks the network ({note[1]}), which may answer otherwise next time; keep the answer as a file here"
        else:
            yield f"{where}: starts a program ({note[1]}), and what that reads is not recorded; do it in Python, or before the render"
