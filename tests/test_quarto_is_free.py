"""A book that Quarto typesets may hold whatever Quarto takes: its notebooks need the chapters run and nothing more.

What real Quarto makes of it is seen in test_end_to_end.py and test_both_engines.py where Quarto is on the machine.
"""

import json
from pathlib import Path

import pytest

from renderer import RenderError, check_references, render_book, run_for_quarto, write_notebooks
from renderer.noted import Recorded

CONFIG = """\
project: {type: book, execute-dir: project, output-dir: elsewhere, post-render: other.py}
book:
  title: Toy
  date: today
  comments: {hypothesis: true}
  chapters:
    - index.qmd
    - part: One
      chapters: [one.qmd]
  appendices: [extra.qmd]
filters: [lightbox, absent.lua]
csl: https://example.org/style.csl
own-key: [1, 2]
"""
ONE = """\
---
title: One
author: Somebody
format: {html: {toc-depth: 2}}
some-key: {a: 1}
---

See @thm-line, @fig-two-2, @eq-a, @tip-one, @lst-code, @fig-diagram and @sec-below. {{< lipsum 1 >}} {{< fa star >}}

::: {#thm-line}
## Line
A line.
:::

$$ a $$ {#eq-a alt="a"}

::: {#tip-one .callout-tip}
Tip.
:::

```{#lst-code .python lst-cap="A listing"}
x
```

## Below {#sec-below}

```{dot}
//| label: fig-diagram
//| fig-cap: A diagram
digraph {}
```

```{=latex}
\\newpage
```

```{python}
#| label: fig-two
#| fig-subcap: [First, Second]
#| fig-cap: Both
#| not-an-option: 1
n = 1
```

1. In a list

   ```{python}
   n += 1
   ```

```{python}
#| error: true
1 / 0
```

`{python} n` `{r} 1`
"""


def write(folder: Path, one: str = ONE) -> Path:
    folder.mkdir()
    texts = {"_quarto.yml": CONFIG, "index.qmd": "# Summary {.unnumbered}\n", "one.qmd": one, "extra.qmd": "# Extra\n\n@sec-below\n"}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def execution(tmp_path: Path) -> dict:
    return {"environment": {}, "inputs": "", "cache": tmp_path / "cache", "cell_seconds": 60, "progress": lambda text: None,
            "recorded": Recorded()}  # fmt: skip


def test_a_chapter_that_only_quarto_can_typeset_has_its_notebook(tmp_path):
    folder = write(tmp_path / "book")
    check_references(folder)
    assert run_for_quarto(folder, **execution(tmp_path)) == []
    assert write_notebooks(folder, tmp_path / "out", **execution(tmp_path)) == tuple(
        f"notebooks/{name}.ipynb" for name in ("index", "one", "extra")
    )
    cells = json.loads((tmp_path / "out/notebooks/one.ipynb").read_text("utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    assert "See Theorem 1.1, Figure 1.2 (b), Equation 1.1, Tip 1.1, Listing 1.1, Figure 1.1 and Section 1.1." in text
    assert "2 `{r} 1`" in text and "digraph" in text
    (failed,) = [output for cell in cells for output in cell.get("outputs", []) if output["output_type"] == "error"]
    assert failed["ename"] == "ZeroDivisionError"


def test_the_built_in_renderer_refuses_it_all_at_once_and_with_lines(tmp_path):
    folder = write(tmp_path / "book")
    config = (folder / "_quarto.yml").read_text("utf-8").partition("filters:")[0]
    config = config.replace("    - part: One\n      chapters: [one.qmd]", "    - one.qmd").replace("  date: today\n", "")
    (folder / "_quarto.yml").write_text(config, encoding="utf-8")
    with pytest.raises(RenderError) as caught:
        render_book(folder, tmp_path / "out", ["html"], **execution(tmp_path))
    said = str(caught.value)
    assert "_quarto.yml line" in said
    for part in ("not-an-option", "`r`", "a code cell must start at the beginning of its line"):
        assert part in said, part


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("![](a.png)\n", 1),
        ("Text ![](a.png){width=20%}.\n", 1),
        ("::: {.callout-note}\n![](a.png)\n:::\n", 2),
        ('![](a.png){fig-alt=" "}\n', 1),
        ("![cap](a.png)\n", None),
        ('![](a.png){fig-alt="A line"}\n', None),
        ("::: {#fig-a}\n![](a.png)\n\nCaption.\n:::\n", None),
        ("`![](a.png)` and\n\n```\n![](a.png)\n```\n<!-- ![](a.png) -->\n", None),
        ("Intro.\n\n```\ncode\n```\n\ntext ![](a.png)\n\n```\nmore ![](b.png)\n```\n", 7),
    ],
)
def test_a_picture_without_a_text_is_named_before_the_long_render(tmp_path, text, line):
    found = run_for_quarto(write(tmp_path / "book", "# One {#sec-below}\n\n" + text), **execution(tmp_path))
    assert [(each.file, each.line) for each in found] == ([] if line is None else [("one.qmd", line + 2)])


def test_a_cell_that_draws_without_a_text_is_named(tmp_path):
    picture = "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')"
    cell = "```{{python}}\n{}" + picture + "\n```\n"
    text = "\n\n".join(["# One {#sec-below}", cell.format(""), cell.format("#| fig-alt: A line\n"), cell.format("#| include: false\n"),
                        "::: {#fig-a}\n" + cell.format("") + "\nCaption.\n:::\n"])  # fmt: skip
    (found,) = run_for_quarto(write(tmp_path / "book", text), **execution(tmp_path))
    assert (found.file, found.line, found.cell) == ("one.qmd", 4, "cell 1") and "fig-alt" in found.message


@pytest.mark.parametrize(
    ("of_book", "of_page", "of_cell", "named"),
    [
        ("", "", "", True),
        ("execute: {include: false}\n", "", "", False),
        ("", "execute: {output: false}\n", "", False),
        ("execute: {output: false}\n", "execute: {output: true}\n", "", True),
        ("execute: {include: false}\n", "", "#| include: true\n", True),
    ],
)
def test_a_cell_that_the_page_or_the_book_does_not_show_needs_no_text(tmp_path, of_book, of_page, of_cell, named):
    picture = "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')"
    text = f"---\ntitle: One\n{of_page}---\n\n## Below {{#sec-below}}\n\n```{{python}}\n{of_cell}{picture}\n```\n"
    folder = write(tmp_path / "book", text)
    (folder / "_quarto.yml").write_text(CONFIG + of_book, encoding="utf-8")
    assert len(run_for_quarto(folder, **execution(tmp_path))) == named


def test_a_heading_in_a_comment_has_no_number(tmp_path):
    text = "# One {#sec-below}\n\n<!--\n## Old {#sec-old}\n-->\n\n## New {#sec-new}\n\nSee @sec-new, `<!--` and `-->`.\n"
    folder = write(tmp_path / "book", text)
    write_notebooks(folder, tmp_path / "out", **execution(tmp_path))
    cells = json.loads((tmp_path / "out/notebooks/one.ipynb").read_text("utf-8"))["cells"]
    assert "See Section\N{NO-BREAK SPACE}1.1," in "".join("".join(cell["source"]) for cell in cells)


def test_what_quarto_has_kept_of_other_data_goes(tmp_path, monkeypatch):
    from study import quarto_kept

    monkeypatch.setattr(quarto_kept, "ROOT", tmp_path)
    monkeypatch.setattr(quarto_kept, "state", tmp_path.joinpath)
    monkeypatch.setattr(quarto_kept, "shown", lambda path: path.name)
    monkeypatch.setattr(quarto_kept.delivery, "cells_digest", lambda analysed: analysed)
    kept, said = tmp_path / "_freeze", []

    def forget(analysed, **inputs):
        kept.mkdir(exist_ok=True)
        quarto_kept.forget_other_states(analysed, Recorded(inputs=inputs), said.append)
        return not kept.exists()

    assert forget("one") and "_freeze" in said[0]
    assert not forget("one") and forget("two") and forget("two", file="a") and not forget("two", file="a")
