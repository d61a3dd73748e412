"""Built-in renderer: typesets a Quarto book project without Quarto.

It reads the same `_quarto.yml` and `.qmd` files and drives the same engines: Jupyter (nbclient), Pandoc and Typst.
The one entry is `render_book`; whatever goes wrong in a chapter is a `RenderError` with the place in the source.
"""

from renderer.errors import RenderError
from renderer.render import Book, render_book

__all__ = ["Book", "RenderError", "render_book"]
