"""Built-in renderer: typesets a Quarto book project without Quarto.

It reads the same `_quarto.yml` and `.qmd` files and drives the same engines: Jupyter (nbclient), Pandoc and Typst.
`render_book` makes the whole book, `write_notebooks` the executed notebooks alone, `write_jats` XML for a journal, `write_figures`
the figures as files of their own, `load_authors` gives who wrote it, `chapter_files` and `read_chapter` what it is made
of; `load_for_quarto` gives the settings of a book for Quarto, `check_references` looks up what its chapters refer to, and
`run_for_quarto` runs them ahead of it. Whatever goes wrong in a chapter is a `RenderError` with the place in the source.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from renderer.authors import load_authors
    from renderer.noted import Recorded
    from renderer.pipeline import Book, render_book, run_for_quarto, write_figures, write_jats, write_notebooks
    from renderer.project import load_for_quarto
    from renderer.references import chapter_files, check_references, read_chapter
    from renderer.render_error import RenderError

__all__ = [
    "Book", "Recorded", "RenderError", "chapter_files", "check_references", "load_authors", "load_for_quarto", "read_chapter",
    "render_book", "run_for_quarto", "write_figures", "write_jats", "write_notebooks",
]  # fmt: skip
_MODULES = {
    "load_authors": "authors", "load_for_quarto": "project", "Recorded": "noted", "Book": "pipeline", "render_book": "pipeline",
    "write_figures": "pipeline", "write_jats": "pipeline", "write_notebooks": "pipeline", "check_references": "references",
    "RenderError": "render_error", "chapter_files": "references", "read_chapter": "references", "run_for_quarto": "pipeline",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """What is asked for is imported then: an unchanged report needs no interface of Pandoc's or Word's, which takes half a second."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"renderer.{_MODULES[name]}"), name)
