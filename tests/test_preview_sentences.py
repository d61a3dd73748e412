"""A page that is brought up to date by its sentence alone is, byte for byte, the page that a render makes."""

import shutil
from pathlib import Path

import pytest
from test_renderer_book import TOY
from test_renderer_syntax import write_book

from renderer.pipeline import render_and_keep
from renderer.sentences import Sentences


def rendered(project: Path, output: Path, cache: Path):
    _, composed = render_and_keep(
        project, output, ("html",), environment={"SOURCE_DATE_EPOCH": "1767225600"}, inputs="digest", cache=cache, cell_seconds=60,
        progress=lambda text: None,
    )  # fmt: skip
    return composed


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> tuple[Path, Sentences]:
    folder = tmp_path_factory.mktemp("sentences")
    project = Path(shutil.copytree(TOY, folder / "toy"))
    return folder, Sentences(rendered(project, folder / "out", folder / "cache"), project)


def paragraphs(text: str) -> list[int]:
    """Lines that end a sentence of a paragraph or of a list."""
    lines = text.split("\n")
    prose = lambda line: line[:1].isalpha() or line[:2] == "- "  # noqa: E731
    return [number for number, line in enumerate(lines) if prose(line) and line.endswith(".")]


def test_it_is_the_same_as_a_render(toy):
    folder, sentences = toy
    done = 0
    for path in sorted((folder / "toy").rglob("*.qmd")):
        name, text = path.relative_to(folder / "toy").as_posix(), path.read_text("utf-8")
        page = folder / "out" / sentences.page(name)
        shown, lines = page.read_text("utf-8"), text.split("\n")
        for number in paragraphs(text):
            once = sentences.updated(name, "\n".join([*lines[:number], lines[number] + " *More* words.", *lines[number + 1 :]]), shown)
            if once is not None:
                lines[number], shown, done = lines[number] + " *More* words.", once, done + 1
        path.write_text("\n".join(lines), encoding="utf-8")
        rendered(folder / "toy", folder / "again", folder / "cache")
        assert shown == (folder / "again" / sentences.page(name)).read_text("utf-8"), name
        assert shown != page.read_text("utf-8") or not paragraphs(text), name
    assert done >= 5


NO_SENTENCE = [
    ("# Summary", "# New summary"), ("from helper", "import helper\nfrom helper"), ("disagrees.", "disagrees. @fig-nowhere"),
    ("disagrees.", "disagrees. [@nobody1900]"), ("disagrees.", "disagrees.[^n]\n\n[^n]: A note."), ("} shown`", "} shown + 1`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), NO_SENTENCE)
def test_what_is_no_sentence_is_left_to_the_render(toy, old, new):
    folder, sentences = toy
    text = sentences.executed["index.qmd"].source.text
    again = folder / "again" / "index.html"
    page = (again if again.exists() else folder / "out" / "index.html").read_text("utf-8")
    assert old in text and sentences.updated("index.qmd", text.replace(old, new, 1), page) is None
    assert sentences.updated("nothing.qmd", text, page) is None


def test_a_chapter_with_a_variable_of_the_book_is_brought_up_to_date(tmp_path):
    text = "Of {{< var drug >}} it is said.\n\nAnd more."
    folder = write_book(tmp_path / "book", text, **{"_variables.yml": "drug: dupilumab\n"})
    sentences = Sentences(rendered(folder, tmp_path / "out", tmp_path / "cache"), folder)
    chapter, page = folder / "one.qmd", (tmp_path / "out" / "one.html").read_text("utf-8")
    chapter.write_text(chapter.read_text("utf-8").replace("it is said", "much is said"), encoding="utf-8")
    now = sentences.updated("one.qmd", chapter.read_text("utf-8"), page)
    rendered(folder, tmp_path / "again", tmp_path / "cache")
    assert now == (tmp_path / "again" / "one.html").read_text("utf-8") and "Of dupilumab much is said." in now
