"""The steps of a render: read, run, parse, compose, write."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from renderer import docx, html, pandoc, pdf
from renderer.book import BookTree, Target, compose
from renderer.errors import RenderError
from renderer.execute import execute_chapters
from renderer.images import place_images
from renderer.markdown import ChapterText, chapter_markdown
from renderer.notebook import notebook
from renderer.project import Project, load_project
from renderer.source import Source, read_source

FORMATS = ("html", "pdf", "docx")


@dataclass(frozen=True)
class Book:
    """What was made: files are relative to the output folder; targets are the numbered labels."""

    title: str
    pages: tuple[str, ...]
    pdf: str | None
    docx: str | None
    notebooks: tuple[str, ...]
    targets: Mapping[str, Target]


def render_book(
    project: Path,
    output: Path,
    formats: Sequence[str],
    *,
    environment: Mapping[str, str],
    inputs: str,
    cache: Path,
    cell_seconds: float,
    progress: Callable[[str], None],
) -> Book:
    """Typeset a Quarto book project.

    project: folder with `_quarto.yml`. output: an empty or absent folder, which the caller puts in place afterwards.
    formats: of "html", "pdf", "docx". environment: variables for the kernels (`SOURCE_DATE_EPOCH` also dates the PDF).
    inputs: digest of everything but the chapters that the cells depend on; with it and the text, results are kept in
    `cache`. cell_seconds: limit for one cell. progress: gets one short line a step.

    Raises `RenderError` with file, line and cell; `output` is then incomplete and to be thrown away.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise RenderError(f"formats must be of {', '.join(FORMATS)}, not {', '.join(unknown) or 'none'}")
    book = load_project(project.resolve())
    sources = [read_source(chapter.path, chapter.name) for chapter in book.chapters]
    defaults = book.settings.get("execute") or {}
    executed = execute_chapters(
        sources, book.root, environment=environment, inputs=inputs, cache=cache, cell_seconds=cell_seconds,
        defaults=defaults, progress=progress,
    )  # fmt: skip
    wanted = [name for name in FORMATS if name in formats]
    progress("composing")
    texts = {
        name: [chapter_markdown(chapter, name, {**defaults, **book.shown(name)}) for chapter in executed]
        for name in wanted
    }
    documents = [
        pandoc.Document(chapter.source.name, name, text.text, text.lines)
        for name in wanted
        for chapter, text in zip(executed, texts[name], strict=True)
    ]
    trees = iter(pandoc.parse(documents, book.filters, book.root))
    composed = {
        name: compose(
            [(file, source, next(trees)) for file, source in zip(book.chapters, sources, strict=True)],
            name,
            lambda key, default, name=name: book.option(name, key, default),
        )
        for name in wanted
    }
    output.mkdir(parents=True, exist_ok=True)
    targets = composed[wanted[0]].targets
    notebooks = []
    for chapter in executed:
        path = output / "notebooks" / f"{Path(chapter.source.name).stem}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(notebook(chapter, targets), encoding="utf-8", newline="\n")
        notebooks.append(path.relative_to(output).as_posix())
    pages = _write(book, composed, texts, output, tuple(wanted), environment, progress)
    return Book(
        title=book.title,
        pages=tuple(pages),
        pdf=f"{book.output_file}.pdf" if "pdf" in wanted else None,
        docx=f"{book.output_file}.docx" if "docx" in wanted else None,
        notebooks=tuple(notebooks),
        targets=targets,
    )


def _write(
    project: Project, composed: dict[str, BookTree], texts: dict[str, list[ChapterText]], output: Path,
    formats: tuple[str, ...], environment: Mapping[str, str], progress: Callable[[str], None],
) -> list[str]:  # fmt: skip
    """Write the formats side by side: Pandoc runs in its own processes, Typst in a thread."""
    with tempfile.TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True) as folder:
        with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as pool:

            def make(name: str) -> list[str]:
                book, work = composed[name], output if name == "html" else Path(folder) / name
                made = {path: content for text in texts[name] for path, content in text.figures.items()}
                place_images(project, book, made, name, work)
                progress(f"writing {name}")
                if name == "html":
                    pages = html.write_site(project, book, output, formats)
                    return [page.relative_to(output).as_posix() for page in pages]
                content = (
                    pdf.write_pdf(project, book, work, environment) if name == "pdf"
                    else docx.write_docx(project, book, work)
                )  # fmt: skip
                (output / f"{project.output_file}.{name}").write_bytes(content)
                if name == "pdf" and project.option("pdf", "keep-typ", False):
                    shutil.copyfile(work / "main.typ", output / f"{project.output_file}.typ")
                return []

            # The PDF takes longest, so it goes first.
            jobs = [pool.submit(make, name) for name in sorted(formats, key=("pdf", "html", "docx").index)]
            return [page for job in jobs for page in job.result()]
