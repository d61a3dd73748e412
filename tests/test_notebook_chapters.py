"""A notebook may be a chapter: it is read as the `.qmd` that says the same, run anew, and left as it was."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from copies import RENDER, start, with_chapters

from renderer import RenderError, check_references, render_book, run_for_quarto, write_notebooks
from renderer.notebook_chapter import chapter_of_notebook
from renderer.noted import Recorded
from renderer.source import Cell, Prose, read_source

STALE = [{"output_type": "stream", "name": "stdout", "text": ["stale\n"]}]
CONFIG = """\
project: {type: book, execute-dir: project}
book: {title: Toy, chapters: [index.qmd, chapters/x.ipynb]}
execute: {enabled: true}
"""


def cell(kind: str, text: str, attachments: dict | None = None, **metadata) -> dict:
    """A cell as Jupyter saves it, with an output that its code does not give."""
    made = {"cell_type": kind, "metadata": metadata, "source": text.splitlines(keepends=True)}
    if kind == "code":
        made |= {"execution_count": 7, "outputs": STALE}
    return made | ({"attachments": attachments} if attachments else {})


def notebook(*cells: dict, kernel: str = "python3", language: str = "python") -> str:
    """Its JSON."""
    about = {"kernelspec": {"name": kernel, "display_name": kernel, "language": language}}
    numbered = [{**each, "id": f"id-{number}"} for number, each in enumerate(cells)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": numbered}, indent=1)


FIGURE = "#| label: fig-a\n#| fig-cap: A line\n#| fig-alt: It rises\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
ORDINARY = notebook(
    cell("raw", '---\ntitle: "A notebook"\n---'),
    cell("markdown", "## Part {#sec-part}\n\nSix times seven is `{python} 6 * 7`, as in @fig-a and [the summary](../index.qmd)."),
    cell("code", FIGURE),
    cell("code", "print('not', 'shown')\nn = 3", include=False),
    cell("code", "print('printed', n)", echo=False),
    cell("raw", "<i>raw</i>", raw_mimetype="text/html"),
    cell("code", ""),
)
SUMMARY = "# Summary {.unnumbered}\n\nSee @fig-a, @sec-part and [there](chapters/x.ipynb#sec-part).\n"


def write(folder: Path, content: str, config: str = CONFIG, index: str = SUMMARY) -> Path:
    (folder / "chapters").mkdir(parents=True)
    for name, text in {"_quarto.yml": config, "index.qmd": index, "chapters/x.ipynb": content}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def execution(tmp_path: Path) -> dict:
    return {"environment": {}, "inputs": "", "cache": tmp_path / "cache", "cell_seconds": 60, "progress": lambda text: None,
            "recorded": Recorded()}  # fmt: skip


def text_of(page: Path) -> str:
    body = re.search(r"<main.*?</main>", page.read_text("utf-8"), re.DOTALL)[0]
    return " ".join(re.sub(r"<(svg|style)\b.*?</\1>|<[^>]*>", " ", body, flags=re.DOTALL).replace("&nbsp;", " ").split())


def test_a_notebook_is_typeset_like_a_chapter_and_its_stored_outputs_are_not(tmp_path):
    book = write(tmp_path / "book", ORDINARY)
    made = render_book(book, tmp_path / "out", ["html"], **execution(tmp_path))
    assert made.notebooks == ("notebooks/index.ipynb", "notebooks/x.ipynb")
    page, pages = text_of(tmp_path / "out/chapters/x.html"), (tmp_path / "out/index.html").read_text("utf-8")
    assert "Six times seven is 42, as in Figure 1.1" in page and "A line" in page and "printed 3" in page, page
    assert "stale" not in page and "not shown" not in page and "print('printed'" not in page
    assert "<i>raw</i>" in (tmp_path / "out/chapters/x.html").read_text("utf-8")
    assert 'href="chapters/x.html#sec-part"' in pages and 'href="chapters/x.html#fig-a"' in pages
    delivered = nbformat.read(tmp_path / "out/notebooks/x.ipynb", as_version=4)
    nbformat.validate(delivered)
    assert "stale" not in json.dumps(delivered) and "printed 3" in json.dumps(delivered)
    assert (book / "chapters/x.ipynb").read_text("utf-8") == ORDINARY


def test_chapters_of_one_name_in_two_folders_have_notebooks_of_their_own(tmp_path):
    config = CONFIG.replace("[index.qmd, chapters/x.ipynb]", "[index.qmd, chapters/x.ipynb, other/x.qmd]")
    book = write(tmp_path / "book", ORDINARY, config)
    (book / "other").mkdir()
    (book / "other/x.qmd").write_text(f"# Other\n\n```{{python}}\n{FIGURE.replace(' fig-a', ' fig-b', 1)}\n```\n\n@fig-a\n", "utf-8")
    names = ("notebooks/index.ipynb", "notebooks/chapters--x.ipynb", "notebooks/other--x.ipynb")
    assert render_book(book, tmp_path / "out", ["html"], **execution(tmp_path)).notebooks == names
    assert write_notebooks(book, tmp_path / "of-quarto", **execution(tmp_path)) == names
    for number, folder in enumerate(("chapters", "other"), start=1):
        page = (tmp_path / f"out/{folder}/x.html").read_text("utf-8")
        assert f"notebooks/{folder}--x.ipynb" in page and f"Figure {number}.1: A line" in text_of(tmp_path / f"out/{folder}/x.html")
    assert "../chapters/x.html#fig-a" in page
    (book / "_quarto.yml").write_text(config.replace("other/x.qmd", "chapters/x.qmd"), "utf-8")
    (book / "chapters/x.qmd").write_text("# Same page\n", "utf-8")
    with pytest.raises(RenderError, match=r"two chapters have the page chapters/x\.html"):
        render_book(book, tmp_path / "out", ["html"], **execution(tmp_path))


def test_options_front_matter_and_raw_cells_are_read_as_quarto_reads_them(tmp_path):
    content = notebook(
        cell("markdown", "First."),
        cell("markdown", "---\ntitle: Late\n---\nAfter it."),
        cell("code", "#| echo: false\n#| label: fig-own\n1", echo=True, label="fig-no", collapsed=True, **{"fig-cap": "There"}),
        cell("code", "2", tags=["hide-code", "mine"]),
        cell("code", "#| echo: true\n2", tags=["hide-code"]),
        cell("code", 'a = """\n```\n"""'),
        cell("markdown", "```{python}\nnot run\n```"),
        cell("raw", "plain"),
        cell("raw", "\\x", format="text/latex"),
    )  # fmt: skip
    path = tmp_path / "x.ipynb"
    path.write_text("\ufeff" + content, encoding="utf-8")
    source = read_source(path, "x.ipynb")
    first, second, third, fourth = [item for item in source.items if isinstance(item, Cell)]
    assert source.settings == {"title": "Late"} and not source.refused
    assert first.options == {"fig-cap": "There", "echo": False, "label": "fig-own"} and first.code == "1"
    assert second.options == {"echo": False, "tags": ["hide-code", "mine"]} and third.options["echo"] is True
    assert fourth.code == 'a = """\n```\n"""'
    prose = "\n".join(item.text for item in source.items if isinstance(item, Prose))
    assert prose.index("First.") < prose.index("After it.") < prose.index("not run") < prose.index("plain")
    assert "```{=latex}\n\\x\n```" in prose


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([cell("markdown", "One"), cell("code", "x = 1\n\nx / 0", label="a-cell")],
         "chapters/x.ipynb line 3 of cell 2 (a-cell): ZeroDivisionError"),
        ([cell("markdown", "---\ntitle: T\n---\n\nSee `{python} 1 / 0`.")], "chapters/x.ipynb line 5 of cell 1: `1 / 0` gives"),
        ([cell("code", "1"), cell("code", "#| label: a\n#| fig-kap: b\n1")], "chapters/x.ipynb line 2 of cell 2: "),
        ([cell("code", "1"), cell("markdown", "A\n\nSee @fig-absent.")], "chapters/x.ipynb line 3 of cell 2: "),
        ([cell("markdown", "A\n\n{{< include absent.qmd >}}")], "chapters/x.ipynb line 3 of cell 1: "),
        ([cell("markdown", "![a](attachment:b.png)", {"b.png": {"image/png": "iVBORw0KGgo="}})], "line 1 of cell 1: a picture that"),
        ([cell("code", "#| [\n1")], "chapters/x.ipynb line 1 of cell 1: not valid YAML"),
    ],
)  # fmt: skip
def test_mistakes_are_named_by_cell_and_line(tmp_path, cells, said):
    book = write(tmp_path / "book", notebook(*cells), index="# Summary\n")
    with pytest.raises(RenderError) as caught:
        render_book(book, tmp_path / "out", ["html"], **execution(tmp_path))
    assert said in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[]", '{"worksheets": []}', '{"cells": 1}'])
def test_what_is_no_notebook_is_named(tmp_path, content):
    with pytest.raises(RenderError, match=r"^chapters/x\.ipynb: "):
        render_book(write(tmp_path / "book", content, index="# S\n"), tmp_path / "out", ["html"], **execution(tmp_path))


def test_cells_of_another_language_are_refused_here_and_left_to_quarto(tmp_path):
    book = write(tmp_path / "book", notebook(cell("code", "x <- 1"), kernel="ir", language="R"), index="# S\n")
    with pytest.raises(RenderError, match=r"chapters/x\.ipynb line 1 of cell 1: cells of `r` cannot be run"):
        render_book(book, tmp_path / "out", ["html"], **execution(tmp_path))
    check_references(book)
    assert run_for_quarto(book, **execution(tmp_path)) == []
    assert write_notebooks(book, tmp_path / "out", **execution(tmp_path))[-1] == "notebooks/x.ipynb"


@pytest.mark.parametrize(
    ("config", "content", "said"),
    [
        (CONFIG.replace("execute:", "own:"), ORDINARY, "_quarto.yml line 2: Quarto prints what is stored in chapters/x.ipynb"),
        (CONFIG, ORDINARY.replace(r"title: \"A notebook\"", "execute: {enabled: false}"), "with `enabled: false` Quarto prints what"),
        (CONFIG, notebook(cell("code", "1"), kernel="other"), "Quarto would run it with the kernel `other`"),
    ],
)  # fmt: skip
def test_quarto_may_not_print_what_is_stored_or_run_another_python(tmp_path, config, content, said):
    book = write(tmp_path / "book", content, config, "# Summary\n")
    with pytest.raises(RenderError) as caught:
        check_references(book)
    assert said in str(caught.value)


def test_a_notebook_that_is_a_chapter_is_not_overwritten_by_a_delivered_one(tmp_path, monkeypatch):
    from study import take
    from study.errors import UsageError

    book = write(tmp_path / "book", ORDINARY)
    write_notebooks(book, tmp_path / "out", **execution(tmp_path))
    monkeypatch.setattr(take, "ROOT", book)
    with pytest.raises(UsageError, match=r"chapters/x\.ipynb, which is a notebook itself"):
        take.take(tmp_path / "out/notebooks/x.ipynb", print)


def test_what_quarto_stores_in_a_notebook_goes_and_what_people_write_stays(tmp_path, monkeypatch):
    from study import inputs, quarto_notebooks

    book = write(tmp_path / "book", ORDINARY)
    path = book / "chapters/x.ipynb"
    for module in (inputs, quarto_notebooks):
        monkeypatch.setattr(module, "ROOT", book)
    monkeypatch.setattr(quarto_notebooks, "state", tmp_path.joinpath)
    time = path.stat().st_mtime_ns
    for changed, stays in ((ORDINARY.replace("stale", "of Quarto"), False), (ORDINARY.replace("n = 3", "n = 4"), True)):
        quarto_notebooks.keep_notebooks()
        path.write_text(changed, encoding="utf-8")
        quarto_notebooks.put_notebooks_back()
        assert (path.read_text("utf-8") == changed) is stays
        assert stays or (path.read_text("utf-8") == ORDINARY and path.stat().st_mtime_ns == time)


@pytest.mark.slow
def test_both_engines_make_a_report_with_a_notebook(small_report, tmp_path):
    """With the shipped settings and steps: the page, the delivered notebook, the archive; the notebook stays as it was."""
    copy = Path(shutil.copytree(small_report, tmp_path / "report", symlinks=True))
    report = with_chapters(copy, {"index": SUMMARY})
    config = report / "_quarto.yml"
    config.write_text(config.read_text("utf-8").replace("    - index.qmd\n", "    - index.qmd\n    - chapters/x.ipynb\n"), "utf-8")
    (report / "chapters/x.ipynb").write_text(ORDINARY, encoding="utf-8")
    commands = [("study", RENDER)]
    if shutil.which("quarto"):
        commands.append(("quarto", ("quarto", "render", str(report), "--to", "html")))
    for name, command in commands:
        if name == "study":
            process = start(report, command=command)
            _, said = process.communicate(timeout=600)
            status = process.returncode
        else:
            environment = os.environ | {"QUARTO_PYTHON": sys.executable}
            done = subprocess.run(command, cwd=report, env=environment, capture_output=True, text=True, encoding="utf-8")
            status, said = done.returncode, done.stdout + done.stderr
        assert status == 0, (name, said)
        page = text_of(report / "_book/chapters/x.html")
        assert re.search(r"Six times seven is 42 ?, as in Figure 1\.1", page) and "printed 3" in page, (name, page)
        assert "stale" not in page and (report / "chapters/x.ipynb").read_text("utf-8") == ORDINARY, name
        assert "printed 3" in (report / "_book/notebooks/x.ipynb").read_text("utf-8"), name
    archived = start(report, "--output", report / "archive.zip", command=("archive",))
    out, said = archived.communicate(timeout=600)
    assert archived.returncode == 0, out + said
    with zipfile.ZipFile(report / "archive.zip") as archive:
        assert {"chapters/x.ipynb", "_book/notebooks/x.ipynb"} <= set(archive.namelist())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not on this machine")
def test_quarto_converts_to_a_chapter_of_the_same_cells(tmp_path):
    content = notebook(cell("raw", "---\ntitle: A\n---"), cell("markdown", "Text."), cell("code", FIGURE),
                       cell("raw", "<i>a</i>", raw_mimetype="text/html"),
                       cell("code", "x = 1\n\nx", **{"fig-cap": "B", "label": "fig-b", "tags": ["mine"]}))  # fmt: skip
    (tmp_path / "x.ipynb").write_text(content, encoding="utf-8")
    subprocess.run(["quarto", "convert", "x.ipynb"], cwd=tmp_path, check=True, capture_output=True)
    ours, theirs = read_source(tmp_path / "x.ipynb", "x"), read_source(tmp_path / "x.qmd", "x")

    def said(source):
        return [(item.code, item.options) if isinstance(item, Cell) else item.text.split() for item in source.items]

    assert [each for each in said(ours) if each] == [each for each in said(theirs) if each]
    assert chapter_of_notebook(content).kernel == theirs.settings.pop("jupyter") and ours.settings == theirs.settings
