"""What leads nowhere is said at once, before any cell runs: chapters taken out, renamed and moved, in the shipped book and a toy."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT
from ruamel.yaml import YAML
from test_renderer_syntax import CONFIG, refusal, render, words, write_book

from renderer import RenderError, check_references, pandoc
from renderer.project import load_project
from renderer.references import dangling, read_book, read_mentions, unlisted
from renderer.source import read_source

CHAPTERS = [chapter.name for chapter in load_project(ROOT).chapters]
HTML = ("html",)


@pytest.fixture
def never_run(monkeypatch):
    """Fails when a cell is run."""
    import renderer.pipeline

    def run(*_, **__):
        raise AssertionError("cells were run")

    monkeypatch.setattr(renderer.pipeline, "execute_chapters", run)


def problems(error: RenderError) -> list[tuple[str | None, int | None]]:
    return [(each.file, each.line) for each in error.problems]


def found(folder: Path) -> RenderError:
    with pytest.raises(RenderError) as caught:
        read_book(folder, HTML, lambda text: None)
    return caught.value


# --- the shipped book -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A copy of the shipped chapters, and what each of them mentions."""
    folder = tmp_path_factory.mktemp("shipped")
    for name in ("index.qmd", "_quarto.yml", "references.bib"):
        shutil.copy(ROOT / name, folder)
    for name in ("chapters", "filters"):
        shutil.copytree(ROOT / name, folder / name)
    project = load_project(folder)
    sources = [read_source(chapter.path, chapter.name) for chapter in project.chapters]
    mentions, complaints = read_mentions(sources, ("html", "pdf", "docx"), folder)
    assert not complaints
    return folder, {each.name: each for each in mentions}


@pytest.fixture
def listing(book):
    """Writes a list of chapters into the copy's `_quarto.yml`; the copy as it was afterwards."""
    folder, _ = book
    path = folder / "_quarto.yml"
    original = path.read_text("utf-8")

    def write(change) -> Path:
        yaml = YAML()
        settings = yaml.load(original)
        settings["book"]["chapters"] = change(list(settings["book"]["chapters"]))
        settings["book"]["appendices"] = change(list(settings["book"]["appendices"]))
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(settings, file)
        return folder

    yield write
    path.write_text(original, encoding="utf-8")


def expected(removed: set[str]) -> set[tuple[str, str]]:
    """(chapter, label) of the references into the removed chapters, read off the bare text."""
    label = r"(?:sec|fig|tbl|eq)-[\w-]*\w"
    texts = {name: (ROOT / name).read_text("utf-8") for name in CHAPTERS}
    gone = {each for name in removed for each in re.findall(rf"\{{#({label})", texts[name])}
    return {
        (name, each) for name, text in texts.items() if name not in removed for each in re.findall(rf"@({label})", text)
        if each in gone
    }  # fmt: skip


REMOVED = [{name} for name in CHAPTERS[1:]] + [{"chapters/safety.qmd", "chapters/depth.qmd"}]


def test_the_removals_are_worth_a_look():
    assert len(CHAPTERS) == 22 and sum(map(bool, map(expected, REMOVED))) >= 8


def test_each_chapter_taken_out_leaves_exactly_its_references_dangling(book, listing, monkeypatch):
    _, mentions = book
    cited = {mention.name for each in mentions.values() for mention in each.keys}
    missing = pandoc.not_in_bibliography(list(cited), load_project(book[0]))
    monkeypatch.setattr(pandoc, "not_in_bibliography", lambda keys, project: missing & set(keys))  # asked once
    for removed in REMOVED:
        folder = listing(lambda names, removed=removed: [name for name in names if name not in removed])
        project = load_project(folder)
        said = dangling(project, [mentions[chapter.name] for chapter in project.chapters])
        assert {(each.file, re.search(r"@([\w-]+)", each.message)[1]) for each in said} == expected(removed), removed
        for each in said:
            label = re.search(r"@([\w-]+)", each.message)[1]
            assert f"@{label}" in (folder / each.file).read_text("utf-8").split("\n")[each.line - 1]
            assert any(f"{name} defines it, but _quarto.yml does not list that file" in each.message for name in removed)
        assert set(unlisted(project)) == removed


def test_taken_out_chapters_are_said_before_anything_else_by_the_whole_check(listing):
    removed = {"chapters/safety.qmd", "chapters/depth.qmd"}
    warned: list[str] = []
    folder = listing(lambda names: [name for name in names if name not in removed])
    with pytest.raises(RenderError) as caught:
        read_book(folder, HTML, warned.append)
    lines = str(caught.value).split("\n")
    assert len(lines) == len(set(lines)) >= 6
    assert all(re.match(r"\S+\.qmd line \d+: the reference @\S+ leads nowhere: chapters/", line) for line in lines)
    assert len(warned) == 2 and all("is in no list of _quarto.yml" in text for text in warned)
    with pytest.raises(RenderError) as quartos:
        check_references(folder)
    assert str(quartos.value) == str(caught.value)


def test_chapters_in_another_order_under_another_name_and_as_appendices_have_no_findings(listing, book):
    folder, _ = book
    moved = folder / "chapters" / "adverse-events.qmd"
    (folder / "chapters" / "safety.qmd").rename(moved)
    try:
        listing(lambda names: [n.replace("safety", "adverse-events") for n in [*names[:1], *reversed(names[1:])]])
        warned: list[str] = []
        project, _ = read_book(folder, HTML, warned.append)
        assert "chapters/adverse-events.qmd" in [chapter.name for chapter in project.chapters] and not warned
    finally:
        moved.rename(folder / "chapters" / "safety.qmd")


# --- every kind, in a toy -------------------------------------------------------------------------------------------


def test_everything_that_leads_nowhere_is_said_at_once_and_no_cell_runs(tmp_path, never_run):
    one = (
        "See @sec-gone, [@tbl-gone; @sec-two] and\n[the rest](three.qmd#sec-x), [there](two.qmd#sec-nowhere).\n\n"
        "A note.[^lost] A source [@nobody1999].\n\nNo reference: `@sec-code`, a@sec-mail.org, \\@sec-escaped\n"
        "<!-- @sec-comment -->\n\n```\n@sec-block\n```\n\n[here](#no-anchor) [outside](https://x.org/y.qmd#z)\n"
    )
    two = (
        '```{python}\n#| label: fig-made\n#| fig-cap: "As @fig-absent"\nwords = "see @sec-lost"\n'
        'more = f"{words} and @tbl-part-{words} @tbl-whole"\n```\n\n`{python} "(@sec-inline)" if words else ""`\n\n@fig-made\n'
    )
    error = refusal(write_book(tmp_path / "b", one, two))
    assert problems(error) == [
        ("one.qmd", 3), ("one.qmd", 3), ("one.qmd", 4), ("one.qmd", 4), ("one.qmd", 6), ("one.qmd", 6), ("one.qmd", 15),
        ("two.qmd", 5), ("two.qmd", 6), ("two.qmd", 7), ("two.qmd", 10),
    ]  # fmt: skip
    for name in (
        "@sec-gone", "@tbl-gone", "three.qmd, which is no chapter", "no #sec-nowhere in two.qmd", "[^lost] has no text",
        "@nobody1999 is not in the bibliography", "no #no-anchor in one.qmd", "@fig-absent", "@sec-lost", "@tbl-whole",
        "@sec-inline",
    ):  # fmt: skip
        assert str(error).count(name) == 1, name


def test_a_reference_that_stands_on_several_lines_is_said_for_each(tmp_path, never_run):
    error = refusal(write_book(tmp_path / "b", "@sec-gone\n\ntext\n\n@sec-gone", "@sec-gone"))
    assert problems(error) == [("one.qmd", 3), ("one.qmd", 7), ("two.qmd", 3)]


def test_absent_and_twice_listed_chapters_come_with_the_references_into_them(tmp_path, never_run):
    config = CONFIG.replace("    - two.qmd\n", "    - one.qmd\n    - methods.qmd\n    - index.qmd\n")
    error = refusal(write_book(tmp_path / "b", "@sec-two [x](two.qmd)", config=config))
    assert problems(error) == [("_quarto.yml", 9), ("_quarto.yml", 10), ("_quarto.yml", 11), ("one.qmd", 3), ("one.qmd", 3)]
    text = str(error)
    assert "there is no chapter methods.qmd" in text and text.count("is listed twice") == 2
    assert text.count("two.qmd defines it") == 1 and "the file is there, but _quarto.yml does not list it" in text


def test_an_absent_bibliography_is_said_once_with_the_rest(tmp_path, never_run):
    config = CONFIG + "bibliography: absent.bib\n"
    error = refusal(write_book(tmp_path / "b", "@sec-gone, @smith2020, @jones2021", config=config))
    assert problems(error) == [("_quarto.yml", 11), ("one.qmd", 3)] and "absent.bib" in str(error)


def test_a_chapter_that_cannot_be_read_and_a_dangling_reference_are_said_together(tmp_path, never_run):
    error = refusal(write_book(tmp_path / "b", "{{< lipsum x >}}", "@sec-gone and @sec-two"))
    assert problems(error) == [("one.qmd", 3), ("two.qmd", 3)]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("@sec-tow", "did you mean @sec-two?"),
        ("[x](two.qmd#sec-tow)", "did you mean #sec-two?"),
        ("[x](one.qmd#sec-two)", "it is in two.qmd"),
    ],
)
def test_a_near_miss_is_named(tmp_path, never_run, given, hint):
    assert hint in str(refusal(write_book(tmp_path / "b", given)))


def test_what_a_format_hides_is_not_looked_up(tmp_path):
    one = "::: {.content-visible when-format=\"docx\"}\n@sec-gone\n:::\n\n::: {.content-hidden}\n@sec-lost\n:::\n"
    folder = write_book(tmp_path / "b", one)
    render(folder, "html")
    assert problems(refusal(folder, "html", "docx")) == [("one.qmd", 4)]


def test_labels_that_code_puts_together_are_left_until_it_has_run(tmp_path):
    one = (
        "```{python}\n#| output: asis\n#| echo: false\nfor name in 'ab':\n"
        '    print(f"| x |\\n|---|\\n| 1 |\\n\\n: Cap {{#tbl-{name}}}\\n\\n")\n```\n\n@tbl-a and @tbl-b\n'
    )
    folder = write_book(tmp_path / "b", one)
    assert "Table 1.2" in words_of(folder)
    (folder / "two.qmd").write_text("# Two\n\n@tbl-c, @tbl-d\n\n@tbl-e\n", encoding="utf-8")
    assert problems(refusal(folder)) == [("two.qmd", 3), ("two.qmd", 3), ("two.qmd", 5)]
    (folder / "two.qmd").write_text("# Two\n\n@sec-c\n", encoding="utf-8")
    assert problems(found(folder)) == [("two.qmd", 3)]


def words_of(folder: Path) -> str:
    from bs4 import BeautifulSoup

    return words(BeautifulSoup((render(folder) / "one.html").read_text("utf-8"), "html.parser").article)


def test_references_that_code_puts_together_are_said_at_once_after_it_has_run(tmp_path):
    one = "```{python}\n#| output: asis\nfor name in 'ab':\n    print('@sec-' + name + ' and [-@fig-some' + name + ']')\n```\n"
    error = refusal(write_book(tmp_path / "b", one))
    assert str(error).count("leads nowhere") == 4
    assert set(problems(error)) == {("one.qmd", 5)}, "the cell that wrote them"


def test_sources_that_code_cites_and_nobody_lists_are_said_at_once(tmp_path):
    one = "```{python}\n#| echo: false\n#| output: asis\nfor name in 'ab':\n    print('[@some' + name + ']')\n```\n"
    error = refusal(write_book(tmp_path / "b", one))
    assert str(error).count("is not in the bibliography") == 2


def test_a_chapter_under_another_name_in_another_place_renders(tmp_path):
    folder = write_book(tmp_path / "b", "@sec-two [x](moved.qmd#sec-two)", "@sec-one")
    (folder / "two.qmd").rename(folder / "moved.qmd")
    config = CONFIG.replace("    - one.qmd\n    - two.qmd\n", "    - moved.qmd\n    - one.qmd\n")
    (folder / "_quarto.yml").write_text(config, encoding="utf-8")
    assert "Chapter 1 x" in words_of(folder)
    render(folder, "pdf", "docx")


def test_quarto_may_have_what_the_built_in_renderer_cannot_read(tmp_path):
    config = CONFIG + "comments: {hypothesis: true}\ncrossref: {custom: [{kind: float, key: vid}]}\n"
    one = "{{< lipsum 1 >}}\n\n## A {#sec-a .unnumbered}\n"
    folder = write_book(tmp_path / "b", one, "@sec-a and @vid-x {#vid-x}\n", config=config)
    check_references(folder)
    (folder / "two.qmd").unlink()
    with pytest.raises(RenderError, match=r"_quarto.yml line 9: there is no chapter two.qmd"):
        check_references(folder)




def test_quarto_is_not_started_for_a_book_with_dangling_references(tmp_path, monkeypatch):
    import study.render
    from study.errors import RenderingFailed

    monkeypatch.setattr(study.render, "ROOT", write_book(tmp_path / "b", "@sec-gone", "@tbl-gone"))
    with pytest.raises(RenderingFailed) as caught:
        study.render.check_references(lambda text: None)
    assert caught.value.status == 3 and str(caught.value).count("leads nowhere") == 2


MISTAKES = """\
# One

```{python}
#| label: fig-a
import matplotlib.pyplot as plt
plt.plot([1, 2])
```

```{python}
#| label: tbl-a
table
```

```{python}
#| tbl-cap: A caption
table
```

```{python}
#| label: fig-parts
#| fig-cap: Two
#| fig-subcap: [One, Two]
#| fig-alt: [One, Two, Three]
draw()
```

![](a.png)

![Caption](b.png){#fig-b fig-align="center"}

::: {#fig-c}
![](c.png)
:::

::: {#tbl-d}
| a |
|---|
| 1 |
:::
"""
GOOD = """\
# One

```{python}
#| label: fig-hidden
#| include: false
plt.plot([1, 2])
```

```{python}
#| label: fig-not-run
#| eval: false
plt.plot([1, 2])
```

![Caption](b.png){#fig-b fig-align="left"}

::: {#fig-c fig-alt="A text"}
![](c.png)

Caption.
:::

::: {#tbl-of-cell}
```{python}
table
```
:::

::: {#fig-parts}
![One](a.png){#fig-one}

![Two](b.png){#fig-two}

Both.
:::

::: {#tbl-d}
| a |
|---|
| 1 |

: Caption
:::
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [(MISTAKES, {5: 2, 11: 1, 16: 1, 24: 1, 27: 1, 29: 1, 31: 1, 35: 1}), (GOOD, {})],
)
def test_what_must_fail_later_is_said_before_any_cell_runs(tmp_path, text, lines):
    (tmp_path / "_quarto.yml").write_text(
        "project: {type: book, execute-dir: project}\nbook: {title: T, chapters: [index.qmd, one.qmd]}\n", encoding="utf-8"
    )
    (tmp_path / "index.qmd").write_text("# S\n", encoding="utf-8")
    (tmp_path / "one.qmd").write_text(text, encoding="utf-8")
    found: list = []
    try:
        read_book(tmp_path, ("html", "pdf", "docx"), lambda said: None)
    except RenderError as problem:
        found = list(problem.problems)
    assert Counter((each.file, each.line) for each in found) == {("one.qmd", line): count for line, count in lines.items()}, found
