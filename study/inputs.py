"""Which files of the project the report is typeset from: those with fixed places, and those that one of them names."""

import contextlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from renderer.notebook_chapter import SUFFIX as NOTEBOOK
from renderer.notebook_chapter import chapter_of_notebook
from study.paths import BOOK, CUTS, ROOT, SETTINGS, state

_FIXED = (
    "_quarto*.yml", "_metadata*.yml", "_brand*.yml", "_variables.yml", "*.local", "_environment", "index.qmd", "index.ipynb",
    "references.bib", "theme.css", "pyproject.toml", "analysis/**/*.mplstyle", "chapters/**/*.qmd", "chapters/**/*.ipynb",
    "chapters/**/_metadata*.yml", "fonts/**/*", "filters/**/*", "_extensions/**/*",
)  # fmt: skip
_OF_THIS_MACHINE = "_environment.local"
"""Written by the set-up: where Python is."""
_CODE = {"analysis", "expectations", "hooks", "intake", "protocol", "study"}
_NEVER = {"tests", "__pycache__", "node_modules", "wheels", "site-packages", ".ipynb_checkpoints"}
_CELLS = re.compile(r"^```+\s*\{python.*?^```+|`\{python\}[^`]*`", re.MULTILINE | re.DOTALL)
_IMPORT = re.compile(r"^\s*(?:import|from)\s.*", re.MULTILINE)
_TEXTS = {".qmd", ".yml", ".yaml", ".css", ".scss", ".lua", ".typ", ".py", ".html", ".local", ".tex", ".theme"}
_LARGEST = 64 * 1024 * 1024


def documents() -> list[Path]:
    """Files that Quarto or the renderer may read, and files and modules whose names stand in one of them, in a stable order.

    What a chapter, a style or a setting names (a picture, a bibliography, a module, a table that a cell reads) is found by its name,
    which costs an unnecessary render now and then and misses nothing that is written out.
    """
    known = fixed()
    return sorted(known | _named({path: _text(path) for path in known}, known))


def of_cells() -> list[Path]:
    """Files of the project that a cell, or a module that one imports, names: it reads or imports them where they are."""
    known = fixed()
    return sorted(_named({path: "\n".join(_CELLS.findall(_text(path))) for path in known if path.suffix in (".qmd", NOTEBOOK)}, known))


def made() -> set[Path]:
    """Files of the project that cells write themselves: products, which no report is made from."""
    names: set[str] = set()
    with contextlib.suppress(OSError, ValueError, TypeError):
        names.update(json.loads(_kept().read_text("utf-8")))
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):  # `study verify` works with an empty state
        names.update(json.loads((BOOK / "provenance.json").read_text("utf-8"))["made"])
    return {ROOT / name for name in names}


def keep_made(names: Iterable[str]) -> None:
    """Note the files of the project that cells wrote when the report was made last."""
    _kept().write_text(json.dumps(sorted(names)), encoding="utf-8")


def _kept() -> Path:
    return state("made.json")


def fixed() -> set[Path]:
    """Files with fixed places: chapters, settings of Quarto, filters, fonts, styles of pages and figures."""
    found = (path for pattern in _FIXED for path in ROOT.glob(pattern) if path.name != _OF_THIS_MACHINE)
    return {path for path in found if path.is_file() and not set(path.relative_to(ROOT).parts) & _NEVER}


def _named(texts: dict[Path, str], known: set[Path]) -> set[Path]:
    """The other files that these texts name, those that the found ones name, and so on."""
    others, found = set(_project_files()) - known - made(), set()
    while texts:
        text = "\n".join(unquote(text) for text in texts.values())
        words = set(re.findall(r"\w+", " ".join(_IMPORT.findall(text))))
        more = {path for path in others if path.name in text or (path.suffix == ".py" and _module(path) in words)}
        others -= more
        found |= more
        texts = {path: _text(path) for path in more}
    return found


def _module(path: Path) -> str:
    return path.parent.name if path.stem == "__init__" else path.stem


def _text(path: Path) -> str:
    """What people have written in a file, as far as names may stand in it; of a notebook not what is stored with it."""
    try:
        if path.suffix == NOTEBOOK:
            return chapter_of_notebook(path.read_text("utf-8-sig")).text
        return path.read_text("utf-8", "replace") if path.suffix in _TEXTS else ""
    except (OSError, ValueError):  # renamed or taken away meanwhile, for instance: whoever needs the file says so
        return ""


def _project_files() -> list[Path]:
    """Ordinary files of the project, without its code (which is known anyway), its data, and what was made of it."""
    found = []
    for place, folders, names in os.walk(ROOT):
        here = Path(place)
        folders[:] = [name for name in folders if is_source(here / name)]
        paths = (here / name for name in names if not name.startswith(".") and name != _OF_THIS_MACHINE)
        paths = (path for path in paths if path.suffix != ".py" or not path.is_relative_to(ROOT / "renderer"))
        found += [path for path in paths if path != SETTINGS and path.is_file() and path.stat().st_size <= _LARGEST]
    return found


def is_source(folder: Path) -> bool:
    """Whether documents may lie in a folder of the project: it is no code of the study, nothing hidden, and nothing that was made."""
    name = folder.name
    if name.startswith(".") or name in _NEVER or folder in (BOOK, CUTS, state()):
        return False
    if ".under-way-" in name or name.endswith(".former"):  # a report that is being made, or replaced
        return False
    if folder.parent == ROOT and name in _CODE:
        return False
    return not (folder / "provenance.json").exists() and not (folder / "pyvenv.cfg").exists()
