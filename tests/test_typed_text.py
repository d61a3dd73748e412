"""What people type may hold any character and any length: the PDF is made, keeps to its pages and loses nothing."""

import random
import re

import pdfplumber
import pytest
from conftest import ROOT
from pypdf import PdfReader

from analysis.core.markdown import Table, literal
from renderer import render_book
from renderer.templates import make_glyphs

PROJECT = """
project: {type: book, execute-dir: project}
book: {title: Typed text 🧬, author: Nobody ไ, output-file: typed, chapters: [index.qmd]}
lang: en-GB
filters: [{path: tables.lua, at: pre-ast}]
format:
  typst: {pdf-standard: ua-1, mainfont: IBM Plex Sans, sansfont: IBM Plex Sans, codefont: IBM Plex Mono}
"""
DRAWN = {
    "emoji": "🧬", "an emoji of several characters": "👩‍🔬", "Chinese": "湿疹", "Japanese": "アトピー", "Arabic": "إكزيما",
    "Hebrew": "אקזמה", "Cyrillic": "зуд", "an accent": "e\N{COMBINING ACUTE ACCENT}",
}  # fmt: skip
CODED = {
    "\ue000": "[U+E000]", "\U0010fffd": "[U+10FFFD]", "ไ": "[U+0E44]", "한": "[U+D55C]", "\ufffe": "[U+FFFE]",
    "中\N{COMBINING ACUTE ACCENT}": "中[U+0301]", "a\N{COMBINING ENCLOSING KEYCAP}": "a[U+20E3]",
}  # fmt: skip
LONG = {
    "letters": "W" * 200,
    "signs": "=." * 100,
    "no-break spaces": "ab\N{NO-BREAK SPACE}" * 80,
    "digits": "0123456789" * 20,
}


def typeset(folder, text: str):
    (folder / "_quarto.yml").write_text(PROJECT, encoding="utf-8")
    (folder / "tables.lua").write_bytes((ROOT / "filters" / "tables.lua").read_bytes())
    (folder / "fonts").symlink_to(ROOT / "fonts", target_is_directory=True)
    (folder / "index.qmd").write_text(text, encoding="utf-8")
    book = render_book(
        folder, folder / "out", ("pdf",), environment={"SOURCE_DATE_EPOCH": "0"}, inputs="", cache=folder / "cache",
        cell_seconds=60, progress=lambda said: None,
    )  # fmt: skip
    return folder / "out" / book.pdf


def table(texts) -> str:
    rows = [[literal(text), str(number), literal(text)] for number, text in enumerate(texts)]
    return Table(["Term", "n", "Class"], "lrl", rows)._repr_markdown_()


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """Every text in a heading, in a paragraph, in code and in two columns of a table."""
    texts = [*DRAWN.values(), *CODED, *LONG.values()]
    text = "# Typed ไ 中\n\n" + "\n\n".join(f"{literal(text)} `{text}`" for text in texts) + "\n\n" + table(texts)
    return typeset(tmp_path_factory.mktemp("typed"), text)


@pytest.fixture(scope="module")
def extracted(typed) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(typed).pages)


def test_the_file_says_that_it_is_accessible(typed):
    reader = PdfReader(typed)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in reader.trailer["/Root"]["/Metadata"].get_data()
    assert reader.metadata.title == "Typed text 🧬"


def test_all_text_stays_between_the_margins(typed):
    with pdfplumber.open(typed) as pdf:
        for page in pdf.pages:
            outside = [c["text"] for c in page.chars if c["text"].strip("\N{ZERO WIDTH SPACE} \N{NO-BREAK SPACE}")
                       and (c["x0"] < 70 or c["x1"] > page.width - 70 or c["bottom"] > page.height - 30)]  # fmt: skip
            assert outside == [], page.page_number


@pytest.mark.parametrize("name", ["emoji", "Chinese", "Japanese", "Cyrillic"])
def test_a_character_of_the_fonts_is_drawn(extracted, name):
    assert extracted.count(DRAWN[name]) >= 4


@pytest.mark.parametrize("text", CODED)
def test_a_character_without_a_glyph_stands_as_its_code(extracted, text):
    assert extracted.count(CODED[text]) >= 4


@pytest.mark.parametrize("name", ["letters", "signs", "digits"])
def test_a_long_word_breaks_and_loses_nothing(extracted, name):
    assert extracted.count(LONG[name][0]) >= 4 * LONG[name].count(LONG[name][0])


def test_any_mixture_of_characters_can_be_set(tmp_path):
    chance = random.Random(1)
    codes = [
        *range(0x20, 0x2FFF),
        *range(0xA640, 0xABFF),
        *range(0xF900, 0x10FFF),
        *range(0x1F000, 0x1FAFF),
        0xE0001,
        0xE0041,
    ]
    codes += [*range(0x300, 0x370), *range(0x200B, 0x2070), *range(0xFE00, 0xFE10), 0x20E3] * 9
    texts = ["".join(map(chr, chance.choices(codes, k=chance.randint(1, 40)))) for _ in range(1500)]
    typeset(tmp_path, "# Mixtures\n\n" + "\n\n".join(literal(re.sub(r"\s", " ", text)) for text in texts))


def test_the_list_of_glyphs_is_that_of_the_fonts():
    assert make_glyphs.TARGET.read_text("utf-8") == make_glyphs.listed(), "run python -m renderer.templates.make_glyphs"
