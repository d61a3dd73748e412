"""Text of the data survives Pandoc as it is, in paragraphs and in tables."""

import random
import re
import subprocess

import pypandoc
import pytest
from bs4 import BeautifulSoup
from example_tables import cohort, design, event, report_tables

from analysis.compute import compute
from analysis.core.markdown import Table, indented, lettered, literal

HOSTILE = [
    "<b>bold</b>", "<script>alert(1)</script>", "a | b", "*x* _y_ ~~z~~ H~2~O x^2^", "`code` ``more``", "# heading",
    "- item", "1. item", "1) x", "(@) example", "> quote", "[text](http://example.org)", "![image](x.png)",
    "[@glukhova2022]", "@fig-flow", "$x^2$ and $$y$$", r"\alpha \(x\)", "{{< include secret.qmd >}}",
    "{python} 1 + 1", "`{python} 1 + 1`", "[span]{.result title=\"x\"}", "::: {.banner}", "---", "...", "--",
    "\"quoted\"", "it's", "&amp; &lt; &#65;", "http://example.org/a_b_c", "mail@example.org", "back\\slash",
    "ends with \\", "\\", ":smile:", "^[note]", "[^1]", "| cell |", "  many   blanks  ", "tab\tand\nnew line",
    "головная боль", "\N{FACE WITH HEAD-BANDAGE}", "Ⅳ ½ ﬁ", "عين", "+---+", "===", "Term\n: definition",
    "96.3\N{NO-BREAK SPACE}%", "1\N{NARROW NO-BREAK SPACE}000", "<!-- comment -->", "\\newpage", "x" * 200,
    "word " * 60, "%", "0", "-1", "−1",
]  # fmt: skip
_DICE = random.Random(20220606)
RANDOM = [
    "".join(_DICE.choices(r"""abz09 !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~ïж""", k=_DICE.randint(1, 12))) for _ in range(400)
]
TEXTS = [text for text in (*HOSTILE, *RANDOM) if text.strip()]


def page(markdown: str) -> BeautifulSoup:
    """The HTML that Pandoc makes of this Markdown, with the extensions it has by default (typographic quotes among
    them).
    """
    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--to=html", "--wrap=none", "--mathml"]
    done = subprocess.run(command, input=markdown, capture_output=True, encoding="utf-8", check=True)
    return BeautifulSoup(done.stdout, "html.parser")


def on_one_line(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", text).strip(" ")


def test_paragraphs_read_as_the_text():
    paragraphs = page("\n\n".join(literal(text) for text in TEXTS)).find_all(recursive=False)
    assert [p.name for p in paragraphs] == ["p"] * len(TEXTS)
    assert [p.decode_contents().count("<") for p in paragraphs] == [0] * len(TEXTS)
    assert [p.get_text() for p in paragraphs] == [on_one_line(text) for text in TEXTS]


def test_cells_read_as_the_text_also_when_bold_or_indented():
    rows = [[literal(text), f"**{literal(text)}**", indented(literal(text))] for text in TEXTS]
    found = page(Table(["plain", "bold", "indented"], "lrc", rows)._repr_markdown_())
    cells = [[cell for cell in row.find_all("td")] for row in found.find_all("tr")[1:]]
    wanted = [on_one_line(text) for text in TEXTS]
    assert [row[0].get_text() for row in cells] == wanted
    assert [row[1].strong.get_text() if row[1].strong else row[1].get_text() for row in cells] == wanted
    assert [row[2].get_text().lstrip("\N{EM SPACE}") for row in cells] == wanted


def test_header_sides_and_notes_of_a_table():
    found = page(
        Table(["Left", "Right", "Middle"], "lrc", [["a", "1", ""]], ["First.", "Second *note*."])._repr_markdown_()
    )
    assert [cell.get_text() for cell in found.find_all("th")] == ["Left", "Right", "Middle"]
    assert [
        "left" in cell["style"] or "right" in cell["style"] or "center" in cell["style"]
        for cell in found.find_all("td")
    ] == [True] * 3
    assert [p.get_text() for p in found.find("div", class_="table-notes").find_all("p")] == ["First.", "Second note."]
    assert "table-notes" not in Table(["A"], "l", [["b"]])._repr_markdown_()


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="a row of 2 cells in a table of 1 columns"):
        Table(["A"], "l", [["b", "c"]])


def test_marks_of_cells_and_notes_belong_together_and_data_make_none():
    found = page(Table(["A^a^"], "l", [["1^b^"], [literal("2^c^")]], [lettered("One.", "Two.")])._repr_markdown_())
    assert [sup.get_text() for sup in found.find_all("sup")] == ["a", "b", "a", "b"]
    assert found.find_all("td")[1].get_text() == "2^c^"
    for rows, notes in (([["1^b^"]], [lettered("One.")]), ([["1"]], [lettered("One.")]), ([["1^a^"]], [])):
        with pytest.raises(ValueError, match="the cells have the marks"):
            Table(["A"], "l", rows, notes)


def test_hostile_terms_come_through_the_tables_of_events():
    terms = [text for text in map(on_one_line, HOSTILE) if len(text) < 100]
    events = [event(1, term, 1 + day, system_organ_class=term) for day, term in enumerate(terms)]
    found = cohort([({}, {})], adverse_events=events)
    shown = report_tables(found, design(), compute(found, design()))
    listed = page(shown["event_listing"]._repr_markdown_())
    assert [row.find_all("td")[1].get_text() for row in listed.find_all("tr")[1:]] == terms
    counted = page(shown["adverse_events"]._repr_markdown_())
    assert {row.td.get_text().strip("\N{EM SPACE}") for row in counted.find_all("tr")[6:]} == set(terms)
