"""Built-in renderer: typesets a Quarto book project without Quarto.

It reads the same `_quarto.yml` and `.qmd` files and drives the same engines: Jupyter (nbclient), Pandoc and Typst.
`render_book` makes the whole book, `write_notebooks` the executed notebooks alone, `write_jats` XML for a journal, `write_figures`
the figures as files of their own, `load_authors` gives who wrote it;
whatever goes wrong in a chapter is a `RenderError` with the place in the source.
"""

from renderer.authors import load_authors
from renderer.noted import Recorded
from renderer.pipeline import Book, render_book, write_figures, write_jats, write_notebooks
from renderer.render_error import RenderError

__all__ = ["Book", "Recorded", "RenderError", "load_authors", "render_book", "write_figures", "write_jats", "write_notebooks"]
