"""Chapters that are notebooks, around a render of Quarto's.

Quarto runs such a chapter in its own file and leaves the outputs there. What a report is made from stays as it was before: the
outputs are taken out again, as long as nobody has changed anything else meanwhile.
"""

import contextlib
import json
import os
from pathlib import Path

from renderer.notebook_chapter import SUFFIX, NotebookChapter, chapter_of_notebook
from study import inputs
from study.paths import ROOT, state


def keep_notebooks() -> None:
    """Before Quarto begins: note every notebook as it is."""
    found = {}
    for path in sorted(inputs.fixed()):
        if path.suffix == SUFFIX:
            with contextlib.suppress(OSError, ValueError):
                found[path.relative_to(ROOT).as_posix()] = [path.read_bytes().decode("utf-8"), path.stat().st_mtime_ns]
    _kept().write_text(json.dumps(found), encoding="utf-8")


def put_notebooks_back() -> None:
    """After it: write the notebooks again that are only otherwise in what is stored with them, with the time they had."""
    try:
        kept = json.loads(_kept().read_text("utf-8"))
    except (OSError, ValueError):
        return
    for name, (content, changed) in kept.items():
        path = ROOT / name
        with contextlib.suppress(OSError, ValueError):
            now = path.read_bytes().decode("utf-8")
            if now != content and _written(now) == _written(content):
                path.write_bytes(content.encode("utf-8"))
                os.utime(path, ns=(changed, changed))
    _kept().unlink()


def _written(content: str) -> NotebookChapter:
    return chapter_of_notebook(content.removeprefix("\ufeff"))


def _kept() -> Path:
    return state("notebooks-of-quarto.json")
