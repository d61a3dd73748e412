"""Inputs that change while a render runs: the report is wholly of the old state or there is none, and nothing wrong is kept."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from test_faults import copied, leftovers, render, sums

CHAPTERS = ("index", "chapters/safety", "chapters/late")
SHOWS = '''# {title}

```{{python}}
#| echo: false
{before}
from study.report import open_report
report = open_report()
r = report.number
```

Conjunctivitis in `{{python}} report.of("safety.conjunctivitis.w26")`, cut `{{python}} report.cut.name`,
age `{{python}} report.age_range`, paper `{{python}} report.published.paper["year"]`,
evidence `{{python}} len(report.evidence)` rows, receipt `{{python}} report.receipt.digest`.
'''


def write(repository: Path, name: str, before: str = "pass") -> None:
    path = repository / f"{name}.qmd"
    path.write_text(SHOWS.format(title=Path(name).name, before=before), encoding="utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A copy of the repository with three short chapters that show what they have read, and its report."""
    repository = copied(tmp_path_factory.mktemp("one state"))
    shutil.rmtree(repository / "tests")
    for path in repository.glob("chapters/*.qmd"):
        path.unlink()
    config = repository / "_quarto.yml"
    text = re.sub(r"    - chapters/.*\n", "", config.read_text("utf-8")).replace("  appendices:\n", "")
    text = text.replace("    - index.qmd\n", "".join(f"    - {name}.qmd\n" for name in CHAPTERS))
    config.write_text(text, encoding="utf-8")
    for name in CHAPTERS:
        write(repository, name)
    status, said = render(repository)
    assert status == 0, said
    return repository


@pytest.fixture
def project(whole, tmp_path) -> Path:
    """A copy of it for one test, caches and report included."""
    return Path(shutil.copytree(whole, tmp_path / "report", symlinks=True))


def facts(repository: Path) -> list[set[str]]:
    """What the pages say they were made from: one set a page."""
    pages = [(repository / "_book" / f"{name}.html").read_text("utf-8") for name in CHAPTERS]
    return [set(re.findall(r"(?:Conjunctivitis in|cut|age|paper|evidence|receipt) (?:<[^>]*>)*[\w .-]+", page)) for page in pages]


# Each changes one input. As a cell they run in the kernel of the second chapter, when the render has begun and before it ends.
CHANGES = {
    "a table": ("data/cuts/week-26/visits.csv", "P001,0,", None),
    "the settings": ("study.yml", "age_years: [8, 18]", "age_years: [7, 18]"),
    "the paper's facts": ("data/published.yml", None, "\n# a remark\n"),
    "the other studies": ("data/evidence.csv", None, None),
    "a chapter": ("chapters/late.qmd", "# late", "# later"),
    "the shape of the book": ("_quarto.yml", "A living study report", "Another subtitle"),
    "the bibliography": ("references.bib", None, "\n@misc{other2020, title = {Other}}\n"),
    "a filter": ("filters/banner.lua", None, "\n-- a remark\n"),
    "code": ("analysis/display.py", None, "\n# a remark\n"),
}


def cell(repository: Path, name: str, back: bool = False) -> str:
    """Code that changes an input and, if asked, puts it back."""
    path, old, new = CHANGES[name]
    text = (repository / path).read_text("utf-8")
    if name == "a table":
        lines = text.splitlines(keepends=True)
        changed = "".join(lines[:-1])
        changed = text.replace(lines[1].split(",")[5], lines[1].split(",")[5], 1) if not changed else changed
    elif name == "the other studies":
        changed = "".join(text.splitlines(keepends=True)[:-1])
    else:
        changed = text.replace(old, new) if old else text + new
    assert changed != text
    mark, place = repository / "once", repository / path
    code = f"import pathlib\nif pathlib.Path({str(mark)!r}).exists():\n    pathlib.Path({str(mark)!r}).unlink()\n"
    code += f"    pathlib.Path({str(place)!r}).write_text({changed!r}, encoding='utf-8', newline='')\n"
    if back:
        code += "    from study.report import open_report\n    open_report().evidence\n"
        code += f"    pathlib.Path({str(place)!r}).write_text({text!r}, encoding='utf-8', newline='')\n"
    mark.touch()
    return code


@pytest.mark.parametrize("name", CHANGES)
def test_an_input_that_changes_during_a_render_is_named_and_nothing_is_mixed(project, name):
    before = sums(project / "_book")
    write(project, "chapters/safety", cell(project, name))
    status, said = render(project)
    assert status == 3 and f"{CHANGES[name][0]} changed during the render; run it again" in said, said
    assert sums(project / "_book") == before and leftovers(project) == []
    status, said = render(project)
    assert status == 0, said
    anew, warm = facts(project), results(project)
    shutil.rmtree(project / ".study")
    shutil.rmtree(project / "_book")
    status, said = render(project)
    assert status == 0 and facts(project) == anew and results(project) == warm, said
    assert all(page == anew[0] for page in anew)


def results(repository: Path) -> bytes:
    return (repository / "_book" / "results.csv").read_bytes()
