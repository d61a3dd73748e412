"""A delivered notebook that was edited goes back into its chapter, and nothing but the edits changes there."""

import copy
import json
import re
from unittest import mock

import matplotlib
import pytest
from conftest import ROOT
from rendered_text import _executed, chapters

from renderer.edited import merged_lines, taken_back
from renderer.execute import Executed
from renderer.labels import numbered
from renderer.notebook import notebook
from renderer.project import ChapterFile
from renderer.source import Prose, parse_source, read_source
from renderer.words import Words

CHAPTER = """\
---
title: Skin
my-key: 1
---

Of `{python} n` children, [`{python} m`]{.result data-result="x"} came. See @fig-a and [@clopper1934].

::: {.callout-tip}
Mind the *words*.
:::

## Course {#sec-course .x}

::: {#fig-a fig-alt="`{python} alt()`"}
```{python}
#| echo: false

draw(1)
```

The course of `{python} n` children.
:::

::: {.content-hidden}
Nobody sees `{python} n`.

```{python}
secret = 1
```
:::

- one
- two, `{python} empty`as ever

```{python}
#| label: tbl-b
#| tbl-cap: A table
b = 2
b
```

The end.
"""
VALUES = {"n": "[27]{.result}", "m": "26", "alt()": 'A "line"', "empty": ""}


def read(text, name="c.qmd"):
    return parse_source(text, name)


def executed(source) -> Executed:
    results = [[VALUES[i.expression] for i in item.inlines] if isinstance(item, Prose) else [] for item in source.items]
    return Executed(source, tuple(results))


def made(each: Executed) -> dict:
    file = ChapterFile(each.source.name, None, False)
    return json.loads(notebook(each, numbered([file], [each], Words())))


@pytest.fixture
def delivered() -> dict:
    return made(executed(read(CHAPTER)))


def cell(book: dict, part: str) -> dict:
    """The one cell that has this in it."""
    (found,) = [each for each in book["cells"] if part in "".join(each["source"])]
    return found


def replaced(book: dict, old: str, new: str) -> dict:
    book = copy.deepcopy(book)
    changed = cell(book, old)
    changed["source"] = "".join(changed["source"]).replace(old, new)
    return book


def taken(book: dict, current: str = CHAPTER) -> str:
    text, conflicts = taken_back(book, read, current)
    assert conflicts == []
    return text


def refused(book: dict, current: str = CHAPTER) -> list[str]:
    _, conflicts = taken_back(book, read, current)
    assert conflicts
    return [each.message for each in conflicts]


def test_an_untouched_notebook_changes_nothing(delivered):
    assert taken(delivered) == CHAPTER
    assert "Of 27 children, 26 came. See Figure\N{NO-BREAK SPACE}1.1" in "".join(cell(delivered, "Of 27")["source"])


@pytest.mark.parametrize(
    ("old", "new", "old_source", "new_source"),
    [
        ("children, 26 came", "boys and girls, 26 came", "children, [`", "boys and girls, [`"),
        ("See Figure", "Look at Figure", "See @fig-a", "Look at @fig-a"),
        ("Mind the *words*.", "Mind *every* word.", "Mind the *words*.", "Mind *every* word."),
        ("## Course", "## Course of the disease", "## Course {", "## Course of the disease {"),
        ("The course of 27", "Scores of 27", "The course of `", "Scores of `"),
        ("- one", "- one\n- one and a half", "- one\n", "- one\n- one and a half\n"),
        ("as ever", "as never", "as ever", "as never"),
        ("The end.", "The end.\n\nNot quite: a paragraph more.", "The end.\n", "The end.\n\nNot quite: a paragraph more.\n"),
        ("draw(1)", "draw(2)\ndraw(3)", "draw(1)", "draw(2)\ndraw(3)"),
        ("b = 2\nb", "b = 3\nb", "b = 2\nb", "b = 3\nb"),
    ],
)
def test_an_edit_goes_where_it_belongs_and_nothing_else_changes(delivered, old, new, old_source, new_source):
    assert CHAPTER.count(old_source) == 1
    assert taken(replaced(delivered, old, new)) == CHAPTER.replace(old_source, new_source)


def test_a_new_paragraph_after_a_figure_is_not_its_caption(delivered):
    text = taken(replaced(delivered, "- one", "A new paragraph.\n\n- one"))
    assert text == CHAPTER.replace("- one", "A new paragraph.\n\n- one")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Of 27 children", "Of 28 children", "“27” is computed by `{python} n`"),
        ("26 came", "25 came", "“26” is computed by `{python} m`"),
        ("Figure\N{NO-BREAK SPACE}1.1 and", "Figure 2 and", "is the reference @fig-a"),
        ("# Skin", "# Hide", "is a title, a caption or a number that the report makes"),
        ("A table", "Another table", "is a title, a caption or a number that the report makes"),
    ],
)
def test_what_is_computed_cannot_be_typed_over(delivered, old, new, said):
    assert any(said in message for message in refused(replaced(delivered, old, new)))


def test_a_sentence_goes_with_the_number_in_it(delivered):
    book = replaced(delivered, "Of 27 children, 26 came. ", "")
    assert taken(book) == CHAPTER.replace('Of `{python} n` children, [`{python} m`]{.result data-result="x"} came. ', "")


def test_cells_come_go_and_move(delivered):
    book = copy.deepcopy(delivered)
    code = [each for each in book["cells"] if each["cell_type"] == "code"]
    new = {"cell_type": "code", "id": "fresh", "metadata": {}, "source": "print(5)", "outputs": [], "execution_count": None}
    book["cells"].insert(book["cells"].index(code[1]), new)
    assert taken(book) == CHAPTER.replace("```{python}\n#| label: tbl-b", "```{python}\nprint(5)\n```\n\n```{python}\n#| label: tbl-b")
    book = copy.deepcopy(delivered)
    book["cells"].remove(cell(book, "b = 2"))
    book["cells"].remove(cell(book, "A table"))
    gone = taken(book)
    assert "tbl-b" not in gone and re.sub(r"\n+", "\n", gone) == re.sub(
        r"\n+", "\n", CHAPTER.replace("```{python}\n#| label: tbl-b\n#| tbl-cap: A table\nb = 2\nb\n```\n", "")
    )


def test_text_cut_into_other_cells_is_the_same_text(delivered):
    book = copy.deepcopy(delivered)
    first = cell(book, "Of 27")
    parts = "".join(first["source"]).split("\n\n")
    place = book["cells"].index(first)
    book["cells"][place : place + 1] = [{**first, "id": f"part-{n}", "source": part} for n, part in enumerate(parts) if part.strip()]
    assert taken(book) == CHAPTER


def test_what_was_changed_in_the_chapter_meanwhile_stays(delivered):
    book = replaced(delivered, "The end.", "The very end.")
    now = CHAPTER.replace("Mind the", "Mind well the").replace("title: Skin", "title: The skin")
    assert taken(book, now) == now.replace("The end.", "The very end.")
    (said,) = refused(book, CHAPTER.replace("The end.", "Finis."))
    assert "was changed in the chapter, too" in said and "The very end." in said
    assert taken(book, CHAPTER.replace("The end.", "The very end.")) == CHAPTER.replace("The end.", "The very end.")


def test_changes_from_two_sides_are_merged_by_lines():
    assert merged_lines(["a", "b"], ["a", "b", "c"], ["x", "a", "b"]) == (["x", "a", "b", "c"], [])
    assert merged_lines([], ["a"], []) == (["a"], [])
    assert merged_lines(["a", "b"], ["b"], ["a", "B"])[0] == ["B"]


@pytest.fixture(scope="module")
def report() -> list[Executed]:
    """Every chapter of the report, run in this process."""
    from renderer.project import read_project
    from study import report

    opened = report.open_report()
    project = read_project(ROOT)[0]
    with mock.patch.object(report, "open_report", lambda: opened), mock.patch("matplotlib.figure.Figure.savefig"):
        matplotlib.use("Agg")
        return [_executed(read_source(ROOT / name, name, ROOT, project.texts)) for name in chapters()]


def test_every_chapter_comes_back_as_it_went_and_with_any_word_changed(report):
    """In each paragraph a word of its own is changed, wherever a reader of the notebook sees it."""
    files = [ChapterFile(each.source.name, None, False) for each in report]
    targets = numbered(files, report, Words())
    words = 0
    for each in report:
        text = each.source.text
        book = json.loads(notebook(each, targets))
        assert taken_back(book, read, text) == (text, []), each.source.name
        seen = "\n".join("".join(one["source"]) for one in book["cells"] if one["cell_type"] == "markdown")
        values = " ".join(str(value) for result in each.results for value in result)
        prose = "\n".join(item.text for item in each.source.items if isinstance(item, Prose))
        for line in dict.fromkeys(prose.split("\n")):
            literal = re.sub(r"`\{python\}[^`]*`|\{[^}]*\}", "", line)
            own = [word for word in re.findall(r"(?<![\w`{@#-])[A-Za-z]{4,}(?![\w}=-])", literal)
                   if len(re.findall(rf"\b{word}\b", text)) == len(re.findall(rf"\b{word}\b", seen)) == 1
                   and word not in values]  # fmt: skip
            if own and not line.startswith(":::"):
                edited = copy.deepcopy(book)
                for one in edited["cells"]:
                    if one["cell_type"] == "markdown":
                        one["source"] = re.sub(rf"\b{own[0]}\b", "zebra", "".join(one["source"]))
                new, conflicts = taken_back(edited, read, text)
                assert conflicts == [], (each.source.name, own[0])
                assert new == re.sub(rf"\b{own[0]}\b", "zebra", text), (each.source.name, own[0])
                words += 1
    assert words > 150
