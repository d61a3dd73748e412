"""Features of Quarto that the built-in renderer takes: languages, profiles, sizes, errors, diagrams, messages of parts."""

from __future__ import annotations

import json

import pypdf
import pytest
from bs4 import BeautifulSoup
from test_renderer_syntax import CONFIG, SQUARE, page, refusal, render, words, write_book

from renderer.words import Words, has_words, known_languages


def text_of(folder, name="one") -> str:
    return words(page(folder, name).article)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "caption", "reference"),
    [("de", "Abbildung 1.1:", "Abbildung 1.1, Kapitel 2"), ("fr", "Figure 1.1:", "Chapitre 2"), ("it", "Figura 1.1:", "Capitolo 2")],
)
def test_captions_and_references_are_in_the_language_of_the_book(tmp_path, lang, caption, reference):
    text = '![Ein Quadrat](s.svg){#fig-a}\n\n@fig-a, @sec-two.\n\n::: {.callout-tip}\nx\n:::\n\n::: {.proof}\ny\n:::'
    folder = write_book(tmp_path / "b", text, config=CONFIG.replace("en-GB", lang), **{"s.svg": SQUARE})
    found = text_of(folder)
    assert caption in found and reference.lower() in found.lower()
    assert Words(lang)["callout-tip-title"] in found and Words(lang)["environment-proof-title"] in found
    assert "Figure" not in found or lang == "fr"


def test_there_are_words_of_all_of_quartos_languages():
    assert len(known_languages()) > 30 and has_words("pt-BR") and has_words("en-GB") and not has_words("xx")
    for lang in known_languages():
        assert all(Words(lang).title(kind) for kind in ("fig", "tbl", "lst", "thm", "rem", "tip", "eq", "sec"))


def test_single_words_can_be_changed(tmp_path):
    config = CONFIG + "language:\n  callout-note-title: Hinweis\ncrossref:\n  fig-title: Fig.\n  fig-prefix: fig.\n"
    text = "![A](s.svg){#fig-a}\n\nSee @fig-a.\n\n::: {.callout-note}\nx\n:::"
    found = text_of(write_book(tmp_path / "b", text, config=config, **{"s.svg": SQUARE}))
    assert "Fig. 1.1: A" in found and "See fig. 1.1." in found and "Hinweis" in found


# --- profiles, conditions, pages ------------------------------------------------------------------------------------------


def test_a_profile_lies_over_the_settings_and_conditions_see_it(tmp_path, monkeypatch):
    shown = '::: {.content-visible when-profile="long"}\nlong form\n:::\n\n'
    text = "{{< meta size >}}\n\n" + shown + shown.replace("visible", "hidden").replace("long form", "short form")
    files = {"_quarto-long.yml": "size: large\n"}
    folder = write_book(tmp_path / "b", text, config=CONFIG + "size: small\n", **files)
    assert "small" in text_of(folder) and "short form" in text_of(folder)
    monkeypatch.setenv("QUARTO_PROFILE", "long")
    found = text_of(folder)
    assert "large" in found and "long form" in found and "short form" not in found


def test_of_two_profiles_the_first_wins(tmp_path, monkeypatch):
    files = {"_quarto-long.yml": "size: large\n", "_quarto-wide.yml": "size: broad\nedge: thin\n"}
    folder = write_book(tmp_path / "b", "{{< meta size >}} and {{< meta edge >}}", **files)
    monkeypatch.setenv("QUARTO_PROFILE", "long,wide")
    assert "large and thin" in text_of(folder)
    monkeypatch.setenv("QUARTO_PROFILE", "wide,long")
    assert "broad and thin" in text_of(folder)


def test_a_profile_that_is_nowhere_and_options_of_one_are_refused(tmp_path, monkeypatch):
    folder = write_book(tmp_path / "b", **{"_quarto-long.yml": "lang: en\nbibliografy: x.bib\n"})
    monkeypatch.setenv("QUARTO_PROFILE", "short")
    assert "no _quarto-short.yml" in str(refusal(folder))
    monkeypatch.setenv("QUARTO_PROFILE", "long")
    assert (refusal(folder).file, refusal(folder).line) == ("_quarto-long.yml", 2)


def test_a_page_has_options_authors_and_keys_of_its_own(tmp_path):
    front = "---\nauthor: [Bo Sample, {name: Cy Third}]\nmy-key: 7\nabstract: What it says.\nformat:\n  html:\n    toc: false\n---\n"
    folder = write_book(tmp_path / "b")
    (folder / "one.qmd").write_text(front + "# One\n\n## Part\n\n{{< meta my-key >}} children.\n", encoding="utf-8")
    article = page(folder)
    assert "Bo Sample, Cy Third" in words(article) and "What it says." in words(article) and "7 children." in words(article)
    assert article.find(class_="contents") is None or not article.find(class_="contents").find_all("a")


@pytest.mark.parametrize(
    ("front", "part"),
    [
        ("format:\n  typst:\n    toc: false\n", "cannot set `format.typst`"),
        ("bibliografy: x\n", "did you mean `bibliography`?"),
        ("bibliography: x.bib\n", "`bibliography` in a page"),
        ("toc: maybe\n", "`toc` must be true or false"),
    ],
)  # fmt: skip
def test_what_a_page_cannot_set_is_refused_with_its_line(tmp_path, front, part):
    folder = write_book(tmp_path / "b")
    (folder / "one.qmd").write_text(f"---\n{front}---\n# One\n", encoding="utf-8")
    error = refusal(folder)
    assert part in error.message and error.file == "one.qmd" and error.line >= 2


# --- included and embedded -------------------------------------------------------------------------------------------------


def test_a_mistake_in_an_included_file_names_that_file(tmp_path):
    files = {"_part.qmd": "Fine.\n\n{{< include _deep.qmd >}}\n\n@fig-gone\n", "_deep.qmd": "\n```{r}\n1\n```\n"}
    folder = write_book(tmp_path / "b", "Text\n\n{{< include _part.qmd >}}\n\n@sec-gone", **files)
    assert "_deep.qmd line 2: cells of `r`" in str(refusal(folder))
    (folder / "_deep.qmd").write_text("Deep.\n", encoding="utf-8")
    lines = str(refusal(folder)).split("\n")
    assert lines[0].startswith("_part.qmd line 5: ") or lines[1].startswith("_part.qmd line 5: ")
    assert any(line.startswith("one.qmd line 7: ") for line in lines)


def test_a_file_that_includes_itself_is_refused(tmp_path):
    folder = write_book(tmp_path / "b", "{{< include _a.qmd >}}", **{"_a.qmd": "x\n\n{{< include _a.qmd >}}\n"})
    assert "_a.qmd line 3: _a.qmd includes itself" in str(refusal(folder))


def test_a_cell_of_another_chapter_is_shown_again(tmp_path):
    two = "```{python}\n#| label: answer\nprint('the answer is', 42)\n```\n"
    folder = write_book(tmp_path / "b", "{{< embed two.qmd#answer echo=true >}}", two)
    found = text_of(folder)
    assert "the answer is 42" in found and "print('the answer is', 42)" in found
    (folder / "one.qmd").write_text("# One\n\n{{< embed two.qmd#question >}}\n", encoding="utf-8")
    error = refusal(folder)
    assert "no cell #question" in error.message and (error.file, error.line) == ("one.qmd", 3)


def test_a_cell_of_a_notebook_is_found_by_its_tag_and_not_by_a_letter_of_it(tmp_path):
    cell = {"cell_type": "code", "metadata": {"tags": "intro"}, "source": "#| tags: start\n1", "outputs": [
        {"output_type": "stream", "name": "stdout", "text": "from afar"}]}  # fmt: skip
    plain = {**cell, "source": "1"}
    files = {"x.ipynb": json.dumps({"cells": [cell]}), "y.ipynb": json.dumps({"cells": [plain]})}
    text = "{{< embed x.ipynb#start >}}\n\n{{< embed y.ipynb#intro >}}"
    folder = write_book(tmp_path / "b", text, **files)
    assert text_of(folder).count("from afar") == 2
    (folder / "one.qmd").write_text("# One\n\n{{< embed y.ipynb#i >}}\n", encoding="utf-8")
    assert "no cell #i " in refusal(folder).message


# --- cells -----------------------------------------------------------------------------------------------------------------


def test_the_size_of_figures_holds_for_the_book_or_a_cell(tmp_path):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    cell = "```{{python}}\n#| fig-cap: x\n#| label: fig-{}\n#| fig-alt: x\n{}" + draw + "\n```\n"
    one = cell.format("a", "") + "\n" + cell.format("b", "#| fig-width: 2\n#| fig-height: 4\n") + "\n" + cell.format("c", "")
    folder = write_book(tmp_path / "b", one, config=CONFIG + "fig-width: 5\nfig-height: 2\n")
    first, second, third = ((int(drawn["width"]), int(drawn["height"])) for drawn in page(folder).article.select("svg.drawn"))
    assert first == third and first[0] > 2 * first[1] and second[1] > 1.5 * second[0]


def test_an_error_is_shown_where_it_is_asked_for_and_stops_the_render_elsewhere(tmp_path):
    cell = "```{python}\n#| error: true\nraise ValueError('as meant')\n```"
    folder = write_book(tmp_path / "b", cell)
    found = text_of(folder)
    assert "ValueError: as meant" in found and "\x1b" not in found and "[31m" not in found
    (folder / "one.qmd").write_text("# One\n\n" + cell.replace("#| error: true\n", "\n"), encoding="utf-8")
    assert "ValueError: as meant" in str(refusal(folder))


def test_a_cell_that_ends_in_the_figure_it_has_drawn_shows_it_once(tmp_path):
    cell = "```{python}\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nfig\n```"
    text = f'::: {{#fig-a fig-alt="A line."}}\n\n{cell}\n\nThe line.\n:::'
    assert [drawn["aria-label"] for drawn in page(write_book(tmp_path / "b", text)).article.select("svg.drawn")] == ["A line."]


def test_wrong_numbers_of_captions_are_refused(tmp_path):
    cell = "```{python}\n#| label: tbl-a\n#| tbl-cap: x\n#| tbl-subcap: [a, b]\nimport pandas as pd\npd.DataFrame({'a': [1]})\n```"
    assert "`tbl-subcap` has 2 captions for 1 outputs" in str(refusal(write_book(tmp_path / "b", cell)))


# --- diagrams, pictures -----------------------------------------------------------------------------------------------------


def test_diagrams_are_drawn_in_every_format(tmp_path):
    text = (
        "```{mermaid}\n%%| label: fig-flow\n%%| fig-cap: Flow\n%%| fig-alt: Screened, then enrolled.\n"
        "graph LR\n  A[Screened] --> B[Enrolled]\n```\n\n"
        '```{dot}\n//| fig-alt: Two nodes.\ndigraph { Assessed -> Treated }\n```\n\nSee @fig-flow.\n'
    )
    folder = write_book(tmp_path / "b", text)
    output = render(folder, "html", "pdf", "docx")
    article = BeautifulSoup((output / "one.html").read_text("utf-8"), "html.parser").article
    assert [image["alt"] for image in article.find_all("img")] == ["Screened, then enrolled.", "Two nodes."]
    assert "Figure 1.1: Flow" in words(article) and "See Figure 1.1." in words(article)
    drawing = (output / article.img["src"]).read_text("utf-8")
    assert "Screened" in drawing and "foreignObject" not in drawing
    printed = " ".join(each.extract_text() for each in pypdf.PdfReader(next(output.glob("*.pdf"))).pages)
    assert "Enrolled" in printed and "Treated" in printed


def test_a_picture_of_the_project_can_be_shown_from_any_folder(tmp_path):
    folder = write_book(tmp_path / "b", "![A](/pictures/s.svg){#fig-a}\n\n![B](pictures/s.svg){#fig-b}")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "s.svg").write_text(SQUARE, encoding="utf-8")
    assert len(page(folder).article.find_all("img")) == 2


def test_an_alignment_that_is_not_followed_is_refused(tmp_path):
    folder = write_book(tmp_path / "b", '![A](s.svg){#fig-a fig-align="center"}', **{"s.svg": SQUARE})
    assert "fig-align" in str(refusal(folder)) and refusal(folder).line == 3


def test_what_divisions_cannot_have_is_said_at_once_before_any_cell_runs(tmp_path):
    cell, division = "```{python}\nraise SystemExit\n```\n\n", "::: {%s}\nx\n:::\n\n"
    one = cell + division % ".panel-sidebar" + division % "layout-ncol=many" + division % ".callout-danger"
    error = refusal(write_book(tmp_path / "b", one, "::: {.content-visible when-format=hmtl}\nx\n:::"))
    assert [(each.file, each.line) for each in error.problems] == [("one.qmd", 7), ("one.qmd", 11), ("one.qmd", 15), ("two.qmd", 3)]


def test_a_class_that_a_filter_of_the_project_turns_into_something_else_is_left_to_it(tmp_path):
    lua = 'function Div(div) if div.classes:includes("panel-own") then return div.content end end\n'
    folder = write_book(tmp_path / "b", "::: {.panel-own}\nx\n:::", config=CONFIG + "filters: [own.lua]\n", **{"own.lua": lua})
    assert "x" in text_of(folder)
