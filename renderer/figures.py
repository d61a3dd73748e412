"""The numbered figures as files of their own: vector PDF, and a picture for journals that want one."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import panflute as pf

from renderer.book import BookTree
from renderer.images import place_images
from renderer.pdf import typst_value
from renderer.project import Project
from renderer.typeset import own_settings

DPI = 300  # what journals ask of pictures that hold text


def write_figures(book: BookTree, made: Mapping[str, bytes], project: Project, output: Path) -> list[Path]:
    """Write `figure-<number>-<name>.pdf` and `.png` for each figure at its size in print; returns the files.

    made: content of the figures that cells drew, by path.
    """
    import typst

    output.mkdir(parents=True, exist_ok=True)
    written = []
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        place_images(project, book, made, "jats", Path(folder))
        settings = own_settings(project.root / "fonts", Path(folder))  # as in the report
        for label, image in _numbered(book):
            number = book.targets[label].number
            name = f"figure-{number}-{label.removeprefix('fig-')}"
            source = f"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image({typst_value('/' + image)})"
            for suffix, options in ((".pdf", {"format": "pdf", "timestamp": 0}), (".png", {"format": "png", "ppi": float(DPI)})):
                target = output / (name + suffix)
                target.write_bytes(typst.compile(source.encode("utf-8"), **settings, **options))
                written.append(target)
    return written


def _numbered(book: BookTree) -> list[tuple[str, str]]:
    """Label and image of every numbered figure, in the order of the book."""
    found = []
    for chapter in book.chapters:
        for block in chapter.blocks:

            def look(element: pf.Element, doc: pf.Doc | None) -> None:
                if isinstance(element, pf.Figure) and element.identifier in book.targets:
                    images: list[str] = []
                    element.walk(lambda inner, _: images.append(inner.url) if isinstance(inner, pf.Image) else None)
                    found.extend((element.identifier, image) for image in images[:1])

            block.walk(look)
    return found
