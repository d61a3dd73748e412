"""Every input of a report is known: by its place, by its name in another one, or because a cell has opened it."""

import os
from pathlib import Path

import pytest

from renderer import Recorded, RenderError, render_book
from study import inputs

CONFIG = """project:
  type: book
  execute-dir: project
book:
  title: Inputs
  chapters:
    - index.qmd
bibliography: [references.bib, more/other.bib]
csl: more/style.csl
format:
  html:
    css: more/own.css
"""
INDEX = """# Inputs

![A picture, described at some length](pics/my%20square.png)

```{python}
import helper
print(helper.words("ex" + "tra.csv"))
```
"""
HELPER = "from deeper import read\n\ndef words(name):\n    return read(name)\n"
DEEPER = "def read(name):\n    with open(name) as file:\n        return file.read()\n"


@pytest.fixture
def project(tmp_path) -> Path:
    files = {
        "_quarto.yml": CONFIG, "index.qmd": INDEX, "helper.py": HELPER, "deeper/__init__.py": DEEPER, "extra.csv": "first",
        "references.bib": "", "more/other.bib": "", "more/style.csl": "", "more/own.css": "p { color: red }", "_brand.yml": "",
        "_metadata.yml": "", "_quarto.yml.local": "", "chapters/part/inner.qmd": "# Inner", "chapters/part/_metadata.yml": "",
        "unnamed.csv": "", "pics/unnamed.png": "", ".hidden/own.css": "", "_book/own.css": "", "_book/provenance.json": "{}",
        "_book.under-way-x/own.css": "", "out.under-way-x/own.css": "",
        "pics/my square.png": "",
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def test_inputs_are_found_by_place_and_by_name(project, monkeypatch):
    monkeypatch.setattr(inputs, "ROOT", project)
    found = {path.relative_to(project).as_posix() for path in inputs.documents()}
    assert found == {
        "_quarto.yml", "index.qmd", "helper.py", "deeper/__init__.py", "references.bib", "more/other.bib", "more/style.csl",
        "more/own.css", "_brand.yml", "_metadata.yml", "_quarto.yml.local", "chapters/part/inner.qmd", "chapters/part/_metadata.yml",
        "pics/my square.png",
    }  # fmt: skip
    assert {path.name for path in inputs.of_cells()} == {"helper.py", "__init__.py"}


def test_what_a_cell_opens_or_imports_belongs_to_its_results(project, tmp_path):
    said: list[str] = []
    (project / "index.qmd").write_text(INDEX.partition("![")[0] + INDEX.partition("png)")[2], encoding="utf-8")
    (project / "more" / "style.csl").unlink()
    config = CONFIG.replace("csl: more/style.csl\n", "")
    (project / "_quarto.yml").write_text(config, encoding="utf-8")

    def run(number: int) -> tuple[str, dict[str, str]]:
        recorded = Recorded()
        output = tmp_path / str(number)
        render_book(
            project, output, ["html"], environment={}, inputs="same", cache=tmp_path / "cache", cell_seconds=60,
            progress=said.append, recorded=recorded,
        )  # fmt: skip
        return (output / "index.html").read_text("utf-8"), recorded.inputs

    page, recorded = run(1)
    assert "first" in page and {"extra.csv", "helper.py", "deeper/__init__.py"} <= set(recorded)
    assert not any(name.startswith((".", "/")) for name in recorded)
    said.clear()
    assert run(2) == (page, recorded) and "index.qmd: unchanged" in said
    (project / "extra.csv").write_text("second", encoding="utf-8")
    page, later = run(3)
    assert "second" in page and later["extra.csv"] != recorded["extra.csv"]
    (project / "deeper" / "__init__.py").write_text(DEEPER.replace("file.read()", "'third, of another module'"), encoding="utf-8")
    assert "third" in run(4)[0]


def test_a_file_that_changes_after_a_cell_has_opened_it_is_named_and_nothing_is_kept(project, tmp_path):
    cell = "text = open('extra.csv').read()\nimport subprocess, sys\n"
    cell += "subprocess.run([sys.executable, '-c', \"open('extra.csv', 'w').write('other')\"])\n"
    (project / "index.qmd").write_text(f"# Inputs\n\n```{{python}}\n{cell}```\n", encoding="utf-8")
    (project / "_quarto.yml").write_text(CONFIG.replace("csl: more/style.csl\n", ""), encoding="utf-8")
    with pytest.raises(RenderError, match=r"extra\.csv changed during the render; run it again"):
        render_book(
            project, tmp_path / "out", ["html"], environment={}, inputs="same", cache=tmp_path / "cache", cell_seconds=60,
            progress=lambda _: None,
        )  # fmt: skip
    assert not (tmp_path / "cache" / "chapters").exists()


def test_a_copied_cut_keeps_the_kinds_of_its_files(tmp_path, cut_copy):
    """So that the gate says of the copy what it would say of the cut."""
    from expectations.gate import check
    from study import frozen
    from study.settings import load_settings

    (cut_copy / "visits.csv").unlink()
    (cut_copy / "visits.csv").symlink_to(cut_copy / "labs.csv")
    (cut_copy / "doses.csv").unlink()
    (cut_copy / "doses.csv").mkdir()
    (cut_copy / "notes about patients.txt").write_text("not copied", encoding="utf-8")
    if hasattr(os, "mkfifo"):
        (cut_copy / "labs.csv").unlink()
        os.mkfifo(cut_copy / "labs.csv")
    parameters = load_settings().gate_parameters()
    with frozen.taken(cut_copy):
        copy = frozen.frozen(cut_copy.resolve())
        assert copy != cut_copy and sorted(os.listdir(copy)) == sorted(os.listdir(cut_copy))
        assert "not copied" not in (copy / "notes about patients.txt").read_text("utf-8")
        assert check(copy, parameters).findings == check(cut_copy, parameters).findings
    assert not copy.exists()
