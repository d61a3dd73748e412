"""The renderer's syntax, piece by piece: small books without code, rendered to pages (no kernel, so each is quick)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer import RenderError, render_book
from renderer.source import Cell, Prose, parse_source

CONFIG = """\
project:
  type: book
  execute-dir: project
book:
  title: Toy
  chapters:
    - index.qmd
    - one.qmd
    - two.qmd
lang: en-GB
"""


def write_book(folder: Path, one: str = "", two: str = "", config: str = CONFIG, **files: str) -> Path:
    """A book of a summary and two chapters; the texts come below the chapters' titles (line 3 onwards)."""
    folder.mkdir(exist_ok=True)
    texts = {
        "_quarto.yml": config,
        "index.qmd": "# Summary {.unnumbered}\n\nText.\n",
        "one.qmd": f"# One {{#sec-one}}\n\n{one}\n",
        "two.qmd": f"# Two {{#sec-two}}\n\n{two}\n",
        **files,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


def render(folder: Path, *formats: str) -> Path:
    output = folder.parent / f"{folder.name}-out"
    render_book(
        folder,
        output,
        formats or ("html",),
        environment={"SOURCE_DATE_EPOCH": "0"},
        inputs="",
        cache=folder.parent / "cache",
        cell_seconds=60,
        progress=lambda line: None,
    )
    return output


def page(folder: Path, name: str = "one") -> BeautifulSoup:
    return BeautifulSoup((render(folder) / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def words(element) -> str:
    return " ".join(element.get_text().split())


def refusal(folder: Path, *formats: str) -> RenderError:
    with pytest.raises(RenderError) as caught:
        render(folder, *formats)
    return caught.value


# --- headings, references, links ----------------------------------------------------------------------------------


def test_headings_are_numbered_by_chapter_and_the_summary_is_not(tmp_path):
    book = write_book(tmp_path / "b", "## A\n\n### B\n\n## C\n\n## D {.unnumbered}\n", "## E\n")
    out = render(book)
    read = lambda name: BeautifulSoup((out / name).read_text(encoding="utf-8"), "html.parser").article  # noqa: E731
    assert [words(h) for h in read("one.html").find_all(["h1", "h2", "h3"])] == [
        "1 One", "1.1 A", "1.1.1 B", "1.2 C", "D",
    ]  # fmt: skip
    assert [words(h) for h in read("two.html").find_all(["h1", "h2"])] == ["2 Two", "2.1 E"]
    assert words(read("index.html").h1) == "Summary"


def test_references_in_all_their_forms(tmp_path):
    table = "| a |\n|---|\n| 1 |\n\n: Cap {#tbl-x}\n\n## Part {#sec-part}\n"
    text = (
        "@tbl-x; [-@tbl-x]; [Tab. @tbl-x]; @Tbl-x; [@tbl-x; @sec-part]; @sec-one; @sec-part; [here](one.qmd#sec-part)"
    )
    paragraph = page(write_book(tmp_path / "b", table, text), "two").article.p
    assert words(paragraph) == (
        "Table 1.1; 1.1; Tab. 1.1; Table 1.1; Table 1.1, Section 1.1; Chapter 1; Section 1.1; here"
    )
    assert [a["href"] for a in paragraph.find_all("a")] == [
        *["one.html#tbl-x"] * 5, "one.html#sec-part", "one.html#sec-one", "one.html#sec-part", "one.html#sec-part",
    ]  # fmt: skip


def test_a_reference_that_leads_nowhere_names_its_line(tmp_path):
    error = refusal(write_book(tmp_path / "b", "Text.\n\nSee @fig-absent.\n"))
    assert (error.file, error.line) == ("one.qmd", 5)
    assert "@fig-absent leads nowhere" in str(error)


def test_a_reference_to_an_unnumbered_section_says_why(tmp_path):
    error = refusal(write_book(tmp_path / "b", "## A {#sec-a .unnumbered}\n\n@sec-a\n"))
    assert "unnumbered" in str(error) and error.line == 5


def test_a_label_used_twice_is_refused(tmp_path):
    table = "| a |\n|---|\n| 1 |\n\n: Cap {#tbl-x}\n"
    error = refusal(write_book(tmp_path / "b", table, table))
    assert error.file == "two.qmd" and "tbl-x is used twice" in str(error)


def test_a_link_to_no_chapter_is_refused(tmp_path):
    error = refusal(write_book(tmp_path / "b", "[x](three.qmd)"))
    assert error.line == 3 and "three.qmd, which is no chapter" in str(error)


def test_skipped_heading_levels_are_refused(tmp_path):
    error = refusal(write_book(tmp_path / "b", "#### Deep\n"))
    assert error.line == 3 and "levels must not be skipped" in str(error)


def test_citations_and_references_do_not_share_a_bracket(tmp_path):
    error = refusal(write_book(tmp_path / "b", "## A {#sec-a}\n\n[@sec-a; @somebody2020]\n"))
    assert error.line == 5 and "make it two" in str(error)


# --- floats ------------------------------------------------------------------------------------------------------

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>'


def test_a_figure_in_a_division(tmp_path):
    text = '::: {#fig-a fig-alt="A \\"square\\"."}\n![](s.svg)\n\nThe *caption*.\n:::\n'
    figure = page(write_book(tmp_path / "b", text, **{"s.svg": SQUARE})).figure
    assert figure["id"] == "fig-a" and figure.img["alt"] == 'A "square".'
    assert words(figure.figcaption) == "Figure 1.1: The caption."
    assert (tmp_path / "b-out" / "s.svg").read_text(encoding="utf-8") == SQUARE


def test_a_figure_of_one_line_takes_its_caption_as_alternative_text(tmp_path):
    figure = page(write_book(tmp_path / "b", "![A square](s.svg){#fig-a}", **{"s.svg": SQUARE})).figure
    assert figure.img["alt"] == "A square" and words(figure.figcaption) == "Figure 1.1: A square"


@pytest.mark.parametrize(
    ("text", "part", "line"),
    [
        ("::: {#fig-a}\n![](s.svg)\n\nCaption.\n:::", "no alternative text", 4),
        ('::: {#fig-a fig-alt="x"}\n![](s.svg)\n:::', "no caption", 3),
        ("::: {#tbl-a}\nText\n\nCaption\n:::", "must hold one table", 3),
        ("![A square](absent.svg){#fig-a}", "no image absent.svg", 3),
        ("![A square](https://example.org/s.png){#fig-a}", "another machine", 3),
    ],
)
def test_floats_that_lack_something(tmp_path, text, part, line):
    error = refusal(write_book(tmp_path / "b", text, **{"s.svg": SQUARE}))
    assert part in str(error) and error.line == line


def test_tables_are_numbered_with_notes_below(tmp_path):
    text = "::: {#tbl-a}\n| a | b |\n|:--|--:|\n| x | 1 |\n\nA note.\n\nThe caption\n:::\n"
    division = page(write_book(tmp_path / "b", text)).find(id="tbl-a")
    assert words(division.caption) == "Table 1.1: The caption"
    assert words(division.find(class_="table-notes")) == "A note."


def test_a_long_line_in_a_table_does_not_fix_the_columns(tmp_path):
    text = f"| a | b |\n|:--|--:|\n| {'word ' * 30} | 1 |\n\n: Cap {{#tbl-a}}\n"
    assert page(write_book(tmp_path / "b", text)).find("col") is None


def test_column_widths_can_be_set(tmp_path):
    text = '| a | b |\n|:--|--:|\n| x | 1 |\n\n: Cap {#tbl-a tbl-colwidths="[75,25]"}\n'
    out = render(write_book(tmp_path / "b", text))
    columns = BeautifulSoup((out / "one.html").read_text(encoding="utf-8"), "html.parser").find_all("col")
    css = (out / "assets" / "inline.css").read_text(encoding="utf-8")
    for column, width in zip(columns, (75, 25), strict=True):
        assert f".{column['class'][0]} {{ width: {width}%; }}" in css


def test_html_tables_become_tables(tmp_path):
    text = "::: {#tbl-a}\n```{=html}\n<table><tr><th>a</th></tr><tr><td>1</td></tr></table>\n```\n\nCap\n:::\n"
    output = render(write_book(tmp_path / "b", text), "html", "pdf", "docx")
    soup = BeautifulSoup((output / "one.html").read_text(encoding="utf-8"), "html.parser")
    assert words(soup.find(id="tbl-a").caption) == "Table 1.1: Cap"
    import docx

    assert docx.Document(str(output / "Toy.docx")).tables[0].cell(1, 0).text == "1"


# --- divisions ---------------------------------------------------------------------------------------------------


def test_callouts_take_their_title_from_attribute_heading_or_kind(tmp_path):
    text = (
        "::: {.callout-note}\nBody.\n:::\n\n::: {.callout-tip}\n## Headed *title*\nBody.\n:::\n\n"
        '::: {.callout-warning title="By attribute" collapse="true"}\nBody.\n:::\n'
    )
    soup = page(write_book(tmp_path / "b", text))
    assert [words(t) for t in soup.find_all(class_="callout-title")] == [
        "Note",
        "Headed title",
        "By attribute",
    ]
    assert soup.details.summary["class"] == ["callout-title"] and not soup.details.has_attr("open")
    assert "Headed" not in words(soup.find(class_="sidebar"))


def test_tabs_have_a_title_and_a_panel_each(tmp_path):
    text = "::: {.panel-tabset}\n### First\nOne.\n\n### Second\nTwo.\n:::\n"
    panels = page(write_book(tmp_path / "b", text)).find_all(class_="tab-panel")
    assert [(words(p.find(class_="tab-title")), words(p.find_all("p")[-1])) for p in panels] == [
        ("First", "One."), ("Second", "Two."),
    ]  # fmt: skip


def test_conditional_content_per_format(tmp_path):
    text = (
        '::: {.content-visible when-format="html"}\nweb-only\n:::\n\n'
        '::: {.content-visible unless-format="html"}\npaper-only\n:::\n\n'
        '::: {.content-hidden when-format="docx"}\nnot-in-word\n:::\n\n'
        '[pdf-only]{.content-visible when-format="typst"}\n'
    )
    output = render(write_book(tmp_path / "b", text), "html", "pdf", "docx")
    import docx
    import pypdf

    texts = {
        "html": (output / "one.html").read_text(encoding="utf-8"),
        "pdf": "\n".join(p.extract_text() for p in pypdf.PdfReader(output / "Toy.pdf").pages),
        "docx": "\n".join(p.text for p in docx.Document(str(output / "Toy.docx")).paragraphs),
    }
    found = {f: [w for w in ("web-only", "paper-only", "not-in-word", "pdf-only") if w in t] for f, t in texts.items()}
    assert found == {
        "html": ["web-only", "not-in-word"],
        "pdf": ["paper-only", "not-in-word", "pdf-only"],
        "docx": ["paper-only"],
    }


@pytest.mark.parametrize(
    ("text", "part", "line"),
    [
        ("::: {.panel-sidebar}\nx\n:::", ".panel-sidebar", 3),
        ('::: {layout-ncol="two"}\nx\n:::', "layout-ncol", 3),
        ('::: {layout="[[1, x]]"}\nx\n:::', "layout=", 3),
        ("::: {.columns}\nx\n:::", "`.columns`", 3),
        ("::: {.callout-danger}\nx\n:::", "callout-danger", 3),
        ('::: {.content-visible when-format="hmtl"}\nx\n:::', "hmtl", 3),
        ("::: {#tip-x}\nx\n:::", "add .callout-tip", 3),
        ("Text {#eq-x}", "eq-x", 3),
        ("::: {#fig-x}\n![a](s.svg){#fig-y}\n:::", "fig-x has no caption", 3),
        ("Text\n\n{{< include x.qmd >}}", "x.qmd cannot be included", 5),
        ("Text\n\n{{< embed x.ipynb#a >}}", "no such notebook", 5),
        ("{{< var drug >}}", "there is no `drug` in `_variables.yml`", 3),
        ("{{< meta size >}}", "there is no `size`", 3),
        ("{{< env HOME >}}", "every render different", 3),
        ("```{dot}\nx\n```", "the diagram cannot be drawn", 4),
        ("```{r}\n1\n```", "cells of `r`", 3),
        ("```{mermaid}\n%%| fig-capp: x\ngraph LR\n```", "did you mean `fig-cap`?", 4),
        ("Inline `{r} 1`.", "inline code of `r`", 3),
        ("```{=latx}\nx\n```", "`latx` is no format", 3),
        ("```python\nx", "never closed", 3),
        ("- item\n\n  ```{python}\n  1\n  ```", "beginning of its line", 5),
        ("```{python}\n#| fig-subkap: x\n1\n```", "did you mean `fig-subcap`?", 4),
        ("```{python}\n#| echo: maybe\n1\n```", "`echo` must be", 4),
        ("```{python}\n#| freeze: auto\n1\n```", "cells run again", 4),
        ('```{python}\n#| label: fig-a\n#| fig-cap: "n = `{python} n`"\n1\n```', "is not run", 5),
        ("::: {.banner}\nnever closed", "Div", 3),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(tmp_path, text, part, line):
    error = refusal(write_book(tmp_path / "b", text))
    assert part in error.message and (error.file, error.line) == ("one.qmd", line)


def test_syntax_that_is_only_shown_is_left_alone(tmp_path):
    text = (
        "Say `` `{python} 1/0` `` or `{{python}} x` or `{{< include x >}}`.\n\n"
        "```markdown\n{{< include y >}} and `{python} 1/0`\n```\n\n"
        "```{{python}}\n1 / 0\n```\n\n<!-- `{python} 1/0` {{< include z >}}\n```{r}\n-->\n"
    )
    article = page(write_book(tmp_path / "b", text)).article
    assert words(article.p) == "Say `{python} 1/0` or {python} x or {{< include x >}}."
    assert "{{< include y >}} and `{python} 1/0`" in words(article)
    assert "```{python} 1 / 0 ```" in words(article)


# --- notes, citations, math, the rest -------------------------------------------------------------------------------

BIBLIOGRAPHY = """\
@article{a2020, author={Doe, A}, title={First}, year={2020}}
@book{b2021, author={Roe, B}, title={Second}, year={2021}}
"""


def test_citations_and_the_list_of_references(tmp_path):
    config = CONFIG + "bibliography: r.bib\n"
    book = write_book(
        tmp_path / "b",
        "As said [@a2020].",
        "Again @b2021.\n\n::: {#refs}\n:::",
        config,
        **{"r.bib": BIBLIOGRAPHY},
    )
    out = render(book)
    one = BeautifulSoup((out / "one.html").read_text(encoding="utf-8"), "html.parser").article
    two = BeautifulSoup((out / "two.html").read_text(encoding="utf-8"), "html.parser").article
    assert "(Doe 2020)" in words(one) and [e["id"] for e in one.find_all(class_="csl-entry")] == ["ref-a2020"]
    assert [e["id"] for e in two.find_all(class_="csl-entry")] == ["ref-a2020", "ref-b2021"]


def test_a_missing_key_of_the_bibliography_names_its_line(tmp_path):
    config = CONFIG + "bibliography: r.bib\n"
    book = write_book(tmp_path / "b", "As said\n[@c2022].", config=config, **{"r.bib": BIBLIOGRAPHY})
    for name in ("html", "pdf", "docx"):
        error = refusal(book, name)
        assert "c2022 is not in the bibliography" in str(error) and (error.file, error.line) == ("one.qmd", 4)


def test_footnotes_belong_to_their_page(tmp_path):
    book = write_book(tmp_path / "b", "One.^[First note.]", "Two.^[Second note.]")
    assert words(page(book, "two").find(class_="footnotes").li).startswith("Second note.")


def test_math_is_mathml(tmp_path):
    soup = page(write_book(tmp_path / "b", "Let $x^2$ be."))
    assert soup.math is not None and soup.math.msup is not None


def test_pages_need_nothing_inline_and_nothing_from_outside(tmp_path):
    text = '| a |\n|--:|\n| 1 |\n\n: Cap {#tbl-x}\n\n[x]{style="color: red"}\n'
    out = render(write_book(tmp_path / "b", text))
    soup = BeautifulSoup((out / "one.html").read_text(encoding="utf-8"), "html.parser")
    assert not soup.find_all(style=True) and not soup.find_all("style")
    assert all(script.get("src") and not script.string for script in soup.find_all("script"))
    assert not any(key.startswith("on") for tag in soup.find_all() for key in tag.attrs)
    sources = [tag.get("src") or tag.get("href") for tag in soup.find_all(["script", "link", "img"])]
    assert all((out / source).is_file() for source in sources)
    assert "color: red" in (out / "assets" / "inline.css").read_text(encoding="utf-8")


def test_page_has_language_title_landmarks_and_ordered_headings(tmp_path):
    soup = page(write_book(tmp_path / "b", "## A\n\n### B\n"))
    assert soup.html["lang"] == "en-GB" and soup.title.string == "One – Toy"
    assert soup.main["id"] == "content" and soup.find(class_="skip-link")["href"] == "#content"
    assert {nav["aria-label"] for nav in soup.find_all("nav")} >= {"Chapters", "Downloads", "On this page"}
    assert [h.name for h in soup.article.find_all(["h1", "h2", "h3"])] == ["h1", "h2", "h3"]


def test_title_in_the_front_matter(tmp_path):
    book = write_book(tmp_path / "b", **{"two.qmd": "---\ntitle: From *front* matter\n---\n\nText.\n"})
    assert words(page(book, "two").h1) == "2 From front matter"


@pytest.mark.parametrize(
    ("config", "part", "line"),
    [
        (CONFIG + "bibliografy: x.bib\n", "did you mean `bibliography`?", 11),
        (CONFIG.replace("lang: en-GB", "lang: xx"), "no words", 10),
        (CONFIG + "format:\n  html:\n    toc: true\n    lighthouse: true\n", "`format.html.lighthouse`", 14),
        (CONFIG.replace("type: book", "type: website"), "must be `book`", 2),
        (CONFIG.replace("two.qmd", "three.qmd"), "no chapter three.qmd", 9),
        (CONFIG.replace("    - two.qmd", "    - part: P"), "parts are not supported", 9),
        (CONFIG.replace("title: Toy", "title: Toy\n  date: today"), "every render different", 6),
        (CONFIG + "bibliography: absent.bib\n", "no file absent.bib", 11),
        ("project:\n  type: [book\n", "not valid YAML", 3),
    ],
)
def test_settings_are_read_strictly(tmp_path, config, part, line):
    error = refusal(write_book(tmp_path / "b", config=config))
    assert part in str(error) and (error.file, error.line) == ("_quarto.yml", line)


def test_a_filter_that_fails_is_named(tmp_path):
    config = CONFIG + "filters:\n  - bad.lua\n"
    error = refusal(write_book(tmp_path / "b", config=config, **{"bad.lua": "function Para(p) error('no') end\n"}))
    assert "bad.lua" in str(error)


def test_a_filter_sees_the_format(tmp_path):
    config = CONFIG + "filters:\n  - path: f.lua\n    at: pre-quarto\n"
    lua = "function Str(s) if s.text == 'FORMAT' then return pandoc.Str(FORMAT .. '!') end end\n"
    out = render(write_book(tmp_path / "b", "FORMAT", config=config, **{"f.lua": lua}), "html", "docx")
    import docx

    assert "html!" in (out / "one.html").read_text(encoding="utf-8")
    assert "docx!" in [p.text for p in docx.Document(str(out / "Toy.docx")).paragraphs]


# --- reading cells ------------------------------------------------------------------------------------------------


def test_cells_and_inline_code_are_read_with_their_lines():
    text = "# T\n\nn is `{python} n` and\n`{python} f('a',\n b)`.\n\n"
    text += "```{python}\n#| label: fig-x\n#| echo: false\n\nx = 1\n```\n"
    prose, cell, _ = parse_source(text, "t.qmd").items
    assert isinstance(prose, Prose) and isinstance(cell, Cell)
    assert [(i.line, i.expression) for i in prose.inlines] == [(3, "n"), (4, "f('a',  b)")]
    assert prose.text[prose.inlines[0].start : prose.inlines[0].end] == "`{python} n`"
    assert (cell.line, cell.code, cell.options) == (11, "x = 1", {"label": "fig-x", "echo": False})


def test_windows_line_ends_and_byte_order_marks_are_read(tmp_path):
    book = write_book(tmp_path / "b")
    (book / "one.qmd").write_bytes("\ufeff# One {#sec-one}\r\n\r\nText.\r\n".encode())
    assert words(page(book).article.p) == "Text."


def test_a_page_break_stands_between_pages(tmp_path):
    out = render(write_book(tmp_path / "b", "before-break\n\n{{< pagebreak >}}\n\nafter-break\n"), "pdf")
    import pypdf

    pages = [p.extract_text() for p in pypdf.PdfReader(out / "Toy.pdf").pages]
    where = {w: i for i, t in enumerate(pages) for w in ("before-break", "after-break") if w in t}
    assert where["after-break"] == where["before-break"] + 1


# --- any text, and any order of pieces -------------------------------------------------------------------------------

MARKS = st.sampled_from(["```", "````", "~~~",
                         "{python}", "`{python} x`", "`", "``", "\n", "\n\n", "---", "#| label: a", "{{< pagebreak >}}",
                         "{{<", "{{{< x >}}}", "<!--", "-->", "\\", "{=html}", "::: {.x}", "\r\n", " ", "\t"])  # fmt: skip


@settings(max_examples=400)
@given(st.lists(MARKS | st.text(max_size=6), max_size=25).map("".join))
def test_any_text_is_a_chapter_or_refused_with_a_line_of_it(text):
    try:
        source = parse_source(text, "x.qmd")
    except RenderError as problem:
        lines = text.replace("\r\n", "\n").count("\n") + 1
        assert problem.line is not None and 1 <= problem.line <= lines, problem
        return
    for item in source.items:
        for inline in item.inlines if isinstance(item, Prose) else ():
            assert item.text[inline.start] == item.text[inline.end - 1] == "`"


# What a piece of a chapter is, and what it should be read as: code of a cell, expressions of inline code, or neither.
PIECES = {
    "cell": lambda n: (["```{python}", f"#| label: fig-{n}", f"value_{n} = '```' + '`{{python}} no`'", "```"], [(3, f"value_{n}")]),
    "prose": lambda n: ([f"One `{{python}} a_{n}` and ``{{python}} shown`` and", f"`{{python}} b_{n}`, \\`{{python}} shown`."],
                        [(1, f"a_{n}"), (2, f"b_{n}")]),
    "block": lambda n: (["~~~~", "```{python}", "shown", "```", "`{python} shown`", "~~~~"], []),
    "comment": lambda n: (["<!-- `{python} not` run", "```{python}", "-->"], []),
}  # fmt: skip


@given(st.lists(st.sampled_from(sorted(PIECES)), max_size=8))
def test_cells_and_inline_code_are_found_in_order_with_their_lines(kinds):
    lines, expected = [], []
    for number, kind in enumerate(kinds):
        piece, found = PIECES[kind](number)
        expected += [(len(lines) + line, kind, text) for line, text in found]
        lines += [*piece, ""]
    read = []
    for item in parse_source("\n".join(lines), "x.qmd").items:
        if isinstance(item, Cell):
            assert item.label == f"fig-{item.code.split(' ')[0].removeprefix('value_')}"
            read.append((item.line, "cell", item.code.split(" ")[0]))
        else:
            read += [(inline.line, "prose", inline.expression) for inline in item.inlines]
    assert read == expected
