"""The steps of a render: read, run, parse, compose, write."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict, Unpack

from renderer import docx, figures, html, jats, pandoc, pdf
from renderer.alternatives import pictures_without_text
from renderer.book import BookTree, Target, compose
from renderer.diagrams import with_diagrams
from renderer.embed import with_embedded
from renderer.execute import Executed, Urgent, execute_chapters
from renderer.images import image_digests, pictures_for_word, place_images
from renderer.includes import at_origin
from renderer.kept import Kept
from renderer.labels import numbered
from renderer.markdown import ChapterText, chapter_markdown
from renderer.notebook import notebook
from renderer.noted import Recorded
from renderer.parts import Parts, contents, write_if_other
from renderer.project import Project, cell_defaults
from renderer.references import read_book
from renderer.render_error import RenderError, at_once
from renderer.source import Source, same_program

FORMATS = ("html", "pdf", "docx")


class Execution(TypedDict):
    """How chapters are run; :func:`render_book` says what each part is."""

    environment: Mapping[str, str]
    inputs: str
    cache: Path
    cell_seconds: float
    progress: Callable[[str], None]
    places: NotRequired[Mapping[str, str]]
    run_in: NotRequired[Path]
    check: NotRequired[Callable[[], None]]
    recorded: NotRequired[Recorded]
    own: NotRequired[Sequence[Path]]
    trusted: NotRequired[Sequence[str]]
    first: NotRequired[First | None]


@dataclass(frozen=True)
class First:
    """A page of the website that is wanted before the others when several chapters have to run.

    former: the other chapters as they were run the last time, by name; without one that is of the same program, nothing comes early.
    place: where the website is written then, in an empty folder. show: called when it is there.
    """

    chapter: str
    former: Mapping[str, Executed]
    place: Path
    show: Callable[[], None]


@dataclass(frozen=True)
class Book:
    """What was made: files are relative to the output folder; targets are the numbered labels."""

    title: str
    pages: tuple[str, ...]
    pdf: str | None
    docx: str | None
    notebooks: tuple[str, ...]
    targets: Mapping[str, Target]


@dataclass(frozen=True)
class Composed:
    """A book whose chapters have run, as one document tree a format."""

    project: Project
    executed: list[Executed]
    texts: dict[str, list[ChapterText]]
    trees: dict[str, BookTree]
    parts: Parts

    def drawn(self, name: str) -> dict[str, bytes]:
        """Content of the figures that cells drew for this format, by path."""
        return {path: content for text in self.texts[name] for path, content in text.figures.items()}

    @property
    def targets(self) -> Mapping[str, Target]:
        return next(iter(self.trees.values())).targets


def render_book(
    project: Path,
    output: Path,
    formats: Sequence[str],
    **execution: Unpack[Execution],
) -> Book:
    """Typeset a Quarto book project.

    project: folder with `_quarto.yml`. output: an empty or absent folder, which the caller puts in place afterwards.
    formats: of "html", "pdf", "docx". environment: variables for the kernels (`SOURCE_DATE_EPOCH` also dates a PDF of a book without
    a date). inputs: digest of everything but the chapters that the cells depend on; with it and the text, results are kept in
    `cache`. cell_seconds: limit for one cell. progress: gets one short line a step. places: further variables for the kernels, which
    change no result. run_in: the folder of the cells, `project` if not given. check: called before results are kept; raises when
    what the cells depend on is no longer what `inputs` says. recorded: filled with what cells have opened, listed, made and
    what is warned of; warnings go to `progress`, too. own: folders outside the project, or in it, whose files are no inputs (caches,
    copies that `inputs` accounts for). trusted: packages of the project for which the caller accounts in `inputs`: what they list,
    modules that they read without importing them, and their clocks. first: see :class:`First`.

    Raises `RenderError` with file, line and cell; `output` is then incomplete and to be thrown away.
    """
    return render_and_keep(project, output, formats, **execution)[0]


def render_and_keep(
    project: Path, output: Path, formats: Sequence[str], **execution: Unpack[Execution]
) -> tuple[Book, Composed]:  # fmt: skip
    """As :func:`render_book`; also what the formats were written from, for :mod:`renderer.sentences`."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise RenderError(f"formats must be of {', '.join(FORMATS)}, not {', '.join(unknown) or 'none'}")
    wanted = tuple(name for name in FORMATS if name in formats)
    composed = _compose(project, wanted, **execution)
    notebooks = _write_notebooks(composed.project, composed.executed, composed.targets, output)
    environment, progress = execution["environment"], execution["progress"]
    pages = _write(composed, output, wanted, environment, progress)
    composed.parts.tidy()
    book = Book(
        title=composed.project.title,
        pages=tuple(pages),
        pdf=f"{composed.project.output_file}.pdf" if "pdf" in wanted else None,
        docx=f"{composed.project.output_file}.docx" if "docx" in wanted else None,
        notebooks=notebooks,
        targets=composed.targets,
    )
    return book, composed


def run_for_quarto(project: Path, **execution: Unpack[Execution]) -> list[RenderError]:
    """Run the chapters of a book before Quarto does, and keep what they give for :func:`write_notebooks`.

    What fails is said at once and with its place. Gives the pictures at which a PDF/UA-1 would stop; parameters and errors as there.
    """
    book, executed = _run_for_quarto(project, **execution)
    problems = pictures_without_text(executed, cell_defaults(book.settings))
    return [at_origin(problem, [chapter.source for chapter in executed]) for problem in problems]


def write_notebooks(
    project: Path,
    output: Path,
    **execution: Unpack[Execution],
) -> tuple[str, ...]:
    """The executed notebooks alone, for a book that Quarto typesets: the chapters are run and not composed.

    Parameters as for :func:`render_book`. Raises `RenderError` for what fails to run, not for what only Quarto can typeset.
    """
    book, executed = _run_for_quarto(project, **execution)
    return _write_notebooks(book, executed, numbered(book.chapters, executed, book.words), output)


def write_jats(
    project: Path,
    output: Path,
    **execution: Unpack[Execution],
) -> Path:
    """The book as JATS XML with its figures beside it; parameters and errors as for :func:`render_book`."""
    composed = _compose(project, ("jats",), **execution)
    place_images(composed.project, composed.trees["jats"], composed.drawn("jats"), "jats", output)
    path = output / f"{composed.project.output_file}.xml"
    path.write_bytes(jats.write_jats(composed.project, composed.trees["jats"]))
    return path


def write_figures(
    project: Path,
    output: Path,
    **execution: Unpack[Execution],
) -> list[Path]:
    """Every numbered figure as a vector PDF and a picture; parameters and errors as for :func:`render_book`."""
    composed = _compose(project, ("jats",), **execution)
    return figures.write_figures(composed.trees["jats"], composed.drawn("jats"), composed.project, output)


def _run(
    book: Project, sources: Sequence[Source], *, progress: Callable[[str], None], run_in: Path | None = None,
    urgent: Urgent | None = None, **execution: Any,
) -> list[Executed]:  # fmt: skip
    """Run the chapters; what their cells have written is then in the project that is typeset."""
    root = (run_in or book.root).resolve()
    recorded = execution.setdefault("recorded", Recorded())
    try:
        executed = execute_chapters(
            sources, root, defaults=cell_defaults(book.settings), progress=progress, urgent=urgent, **execution
        )
    except RenderError as error:
        raise at_origin(error, sources) from None
    _take_over(recorded.made, root, book.root)
    return executed


def _run_for_quarto(project: Path, **execution: Unpack[Execution]) -> tuple[Project, list[Executed]]:
    book, sources = read_book(project.resolve(), ("html",), execution["progress"], strict=False)
    return book, _run(book, sources, **execution)


def _compose(
    project: Path, formats: tuple[str, ...], *, first: First | None = None, **execution: Unpack[Execution]
) -> Composed:  # fmt: skip
    book, sources = read_book(project.resolve(), formats, execution["progress"])
    parts = Parts(Kept(execution["cache"] / "parts"))

    def early(one: Executed) -> None:
        """The website with this chapter and the others as they were."""
        assert first is not None
        others = [first.former.get(source.name) for source in sources]
        chapters = [one if source is one.source else other for source, other in zip(sources, others, strict=True)]
        known = [each for each in chapters if each is not None]
        if len(known) < len(sources) or not all(map(same_program, (each.source for each in known), sources)):
            return
        with contextlib.suppress(RenderError):  # which is said when all is made
            written = [Executed(source, each.results) for source, each in zip(sources, known, strict=True)]
            written = with_diagrams(with_embedded(written, book.root))
            composed = _composed(book, written, ("html",), parts)
            _write(composed, first.place, ("html",), execution["environment"], lambda _: None)
            first.show()

    executed = _run(book, sources, urgent=None if first is None else Urgent(first.chapter, early), **execution)
    try:
        executed = with_diagrams(with_embedded(executed, book.root))
    except RenderError as error:
        raise at_origin(error, sources) from None
    execution["progress"]("composing")
    return _composed(book, executed, formats, parts)


def _texts(executed: Sequence[Executed], name: str, defaults: Mapping[str, Any]) -> list[ChapterText]:
    """The chapters as Markdown; all that is wrong in any of them is said at once."""
    texts, problems = [], []
    for chapter in executed:
        try:
            texts.append(chapter_markdown(chapter, name, defaults))
        except RenderError as problem:
            problems.append(problem)
    if problems:
        raise at_origin(at_once(problems), [chapter.source for chapter in executed])
    return texts


def _composed(book: Project, executed: list[Executed], formats: Sequence[str], parts: Parts) -> Composed:
    sources = [chapter.source for chapter in executed]
    texts = {name: _texts(executed, name, book.defaults(name)) for name in formats}
    documents = [
        pandoc.Document(chapter.source.name, name, text.text, text.lines)
        for name in formats
        for chapter, text in zip(executed, texts[name], strict=True)
    ]
    trees = iter(pandoc.parsed(documents, book.filters, book.root, parts))
    composed = {}
    for name in formats:
        chapters = [(file, source, next(trees)) for file, source in zip(book.chapters, sources, strict=True)]
        try:
            option = lambda key, default, name=name: book.option(name, key, default)  # noqa: E731
            finish = _FINISH.get(name, lambda blocks: blocks)
            composed[name] = compose(chapters, name, option, parts, finish, book.words, book.conditions)
            if name == formats[0]:
                _refuse_unknown_sources(book, composed[name])
        except RenderError as error:
            written = {chapter.source.name: text for chapter, text in zip(executed, texts[name], strict=True)}
            raise at_origin(_placed(error, written), sources) from None
    return Composed(book, executed, texts, composed, parts)


_FINISH = {"pdf": pdf.finished, "docx": pictures_for_word}
"""What a format does to the blocks of a chapter before it is written."""


def _placed(error: RenderError, texts: Mapping[str, ChapterText]) -> RenderError:
    """The same, where a reference stands in no source with the line of the cell that has written it."""

    def placed(problem: RenderError) -> RenderError:
        key = re.search(r"@[\w:.-]*\w", problem.message)
        if problem.line or not key or problem.file not in texts:
            return problem
        text = texts[problem.file]
        at = next((line for line, part in zip(text.lines, text.text.split("\n"), strict=False) if key[0] in part), None)
        return RenderError(problem.message, problem.file, at, problem.cell)

    return at_once([placed(problem) for problem in error.problems])


def _refuse_unknown_sources(book: Project, tree: BookTree) -> None:
    """Citations that cells have written; those of the text were looked up before."""
    cited = {key: chapter.source for chapter in reversed(tree.chapters) for key in chapter.cited}
    missing = pandoc.not_in_bibliography(list(cited), book)
    problems = [
        RenderError(f"the citation @{key} is not in the bibliography", source.name, source.find("@" + key))
        for key, source in cited.items() if key in missing
    ]  # fmt: skip
    if problems:
        raise at_once(problems)


def _take_over(made: Mapping[str, str | None], root: Path, project: Path) -> None:
    """Put what cells have written (pictures that the text shows) into the copy of the project that is typeset."""
    for name, checksum in made.items() if root != project else ():
        if checksum is not None:
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, project / name)


def _write_notebooks(
    book: Project, executed: Sequence[Executed], targets: Mapping[str, Target], output: Path
) -> tuple[str, ...]:  # fmt: skip
    folder = output / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file, chapter in zip(book.chapters, executed, strict=True):
        path = folder / f"{file.stem}.ipynb"
        write_if_other(path, notebook(chapter, targets).encode("utf-8"))
        written.append(path.relative_to(output).as_posix())
    return tuple(written)


def _write(
    composed: Composed, output: Path, formats: tuple[str, ...], environment: Mapping[str, str], progress: Callable[[str], None]
) -> list[str]:  # fmt: skip
    """Write the formats: Pandoc writes two of them side by side, each in its own process; Typst, which takes 300 MB, comes last."""
    project, parts = composed.project, composed.parts
    with (
        tempfile.TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True) as folder,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        others: list[Future[list[str]]] = []

        def make(name: str) -> list[str]:
            book, made = composed.trees[name], composed.drawn(name)
            images = {chapter.file.name: image_digests(project, chapter, made) for chapter in book.chapters}
            if name == "html":
                place_images(project, book, made, name, output)
                progress(f"writing {name}")
                pages = html.write_site(project, book, output, formats, parts, images)
                return [page.relative_to(output).as_posix() for page in pages]
            work = Path(folder) / name

            def document() -> bytes:
                place_images(project, book, made, name, work)
                progress(f"writing {name}")
                if name == "docx":
                    return docx.write_docx(project, book, work, environment)
                return pdf.write_pdf(project, book, work, environment, lambda: [job.result() for job in others])

            keys = [[chapter.file.name, chapter.key] for chapter in book.chapters]
            files = [*sorted((project.root / "fonts").rglob("*")), docx.reference_document(project)]
            places = (contents(files), pandoc.bibliography_contents(project))
            keep_source = name == "pdf" and project.option("pdf", "keep-typ", False)
            depends_on = (name, keys, images, places, _about(project), environment.get("SOURCE_DATE_EPOCH", "0"))
            content = document() if keep_source else parts.made(document, *depends_on)
            (output / f"{project.output_file}.{name}").write_bytes(content)
            if keep_source:
                shutil.copyfile(work / "main.typ", output / f"{project.output_file}.typ")
            return []

        others += [pool.submit(make, name) for name in formats if name != "pdf"]
        if "pdf" in formats:
            make("pdf")
        return [page for job in others for page in job.result()]


def _about(project: Project) -> list[Any]:
    """What the settings say of the whole document."""
    return [project.title, project.subtitle, project.authors, project.date, project.lang, project.settings]
