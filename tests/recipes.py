"""The recipes of docs/adapting.md, carried out on a copy of the project as an author would."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from conftest import ROOT

_COPIED = ("protocol", "analysis", "expectations", "intake", "study", "renderer", "data", "chapters", "fonts", "index.qmd",
           "_quarto.yml", "study.yml", "requirements.lock", "references.bib")  # fmt: skip
_HELPERS = ("conftest.py", "copies.py", "cohorts.py", "cut_examples.py", "rendered_text.py")


def steps(section: str, language: str = "python") -> list[str]:
    """The code of a section, in the order of its steps, as it is pasted."""
    text = (ROOT / "docs" / "adapting.md").read_text("utf-8")
    own = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", text, flags=re.S | re.M)[1]
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", own, flags=re.S | re.M)
    return ["\n".join(line.removeprefix(indent) for line in block.split("\n")) for indent, block in blocks]


def project(folder: Path) -> Path:
    """A copy of what renders the report and of what the tests of texts need."""
    for name in _COPIED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    (folder / "tests").mkdir()
    for name in _HELPERS:
        shutil.copy(ROOT / "tests" / name, folder / "tests" / name)
    return folder


def added(path: Path, before: str, text: str, after: str = "") -> None:
    """Puts `text` before the first `before` that comes after `after`."""
    source = path.read_text("utf-8")
    place = source.index(before, source.index(after))
    path.write_text(source[:place] + text + source[place:], encoding="utf-8")


def replaced(path: Path, start: str, end: str, text: str) -> None:
    """Puts `text` in the place of what stands from `start` to before `end`."""
    source = path.read_text("utf-8")
    first = source.index(start)
    path.write_text(source[:first] + text + source[source.index(end, first) :], encoding="utf-8")


def column_added(folder: Path, table_after: str, column: str) -> None:
    """The column at the end of those of the table before `table_after`, and what follows from it."""
    added(folder / "protocol" / "columns.py", f'    ),\n    "{table_after}"', textwrap.indent(textwrap.dedent(column), " " * 8))
    for command in (("-m", "expectations.single_columns"), ("data/dictionary.py",)):
        run(folder, *command)


def run(folder: Path, *command: str) -> str:
    """What a Python command prints in the folder; it has to succeed."""
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
