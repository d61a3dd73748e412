"""The study is stated once: another column, score and response are entries of the protocol, and everything else has them."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from recipes import added, column_added, project, run, steps

from renderer import render_book
from study.variables import DATA, STATE_FOLDER


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the project, with DLQI in its protocol and in a cut of its own."""
    folder = project(tmp_path_factory.mktemp("dlqi"))
    column, score, response = steps("Another outcome")
    column_added(folder, "labs", column)
    added(folder / "protocol" / "outcomes.py", ")\nSCORES = ", score, "_SCORES = (")
    added(folder / "protocol" / "outcomes.py", ")\nRESPONSES = ", response, "_RESPONSES = (")
    assert "`dlqi`" in (folder / "data" / "README.md").read_text("utf-8")
    shutil.copytree(folder / "data" / "cuts" / "week-26", folder / "cut")
    rows = list(csv.reader((folder / "cut" / "visits.csv").open(encoding="utf-8", newline="")))
    out = [[*row, "dlqi" if number == 0 else str(18 if row[1] == "0" else 5)] for number, row in enumerate(rows)]
    write(folder / "cut", out)
    return folder


def write(cut: Path, rows: list[list[str]]) -> None:
    with (cut / "visits.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def test_another_outcome_is_an_entry_of_the_protocol(copy):
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        "from pathlib import Path\n"
        "from analysis import changes_shown, efficacy_shown, population_shown\n"
        "from analysis.compute import compute\n"
        "from analysis.core.design import Tables\n"
        "from expectations.gate import check, read_tables\n"
        "from protocol.population import PATIENTS\n"
        "from study.analysed import design_of\n"
        "from study.cuts import find_cut\n"
        "from study.settings import load_published, load_settings\n"
        "settings = load_settings()\n"
        "for name in ('data/cuts/week-26', 'data/examples/week-52', 'cut'):\n"
        "    verdict = check(Path(name), settings.gate_parameters())\n"
        "    assert verdict.valid, (name, verdict.findings)\n"
        "found = Tables.of(read_tables(Path('cut')))\n"
        "results = compute(found, design_of(find_cut(Path('cut')), settings, load_published()))\n"
        "assert results['efficacy.dlqi.w26.observed.mean'].value == 5\n"
        "assert results['efficacy.dlqi_change.w26.paired.mean'].value == -13\n"
        "assert results['efficacy.dlqi_4.w26.nri.n'].value == results['population.enrolled.n'].value\n"
        "shown = [population_shown.baseline_table(results), efficacy_shown.responders_table(results, 26)]\n"
        "shown += [efficacy_shown.courses_table(results), efficacy_shown.changes_table(results, 26)]\n"
        "for table in shown:\n"
        "    assert any('DLQI' in row[0] for row in table.rows), table\n"
        "said = lambda drawing: ' '.join(text.get_text() for text in drawing.figure.axes[0].texts)\n"
        "assert 'DLQI' in said(efficacy_shown.score_courses(found, results, 26, 'dlqi'))\n"
        "assert 'DLQI by 4' in said(efficacy_shown.responders_over_time(results))\n"
        "assert 'DLQI by 4' in efficacy_shown.alt_responders_over_time(results)\n"
        "assert 'DLQI' in ' '.join(changes_shown._main(PATIENTS).values())\n"
    )
    run(copy, "-I", "-c", program)


@pytest.mark.parametrize("value", ["45", "abc"])
def test_the_gate_guards_the_new_column(copy, tmp_path, value):
    cut = shutil.copytree(copy / "cut", tmp_path / "cut")
    rows = list(csv.reader(io.StringIO((cut / "visits.csv").read_text("utf-8"))))
    rows[4][-1] = value
    write(cut, rows)
    program = (
        "import sys, json; sys.path.insert(0, '.')\nfrom pathlib import Path\nfrom expectations.gate import check\n"
        "from study.settings import load_settings\n"
        f"found = check(Path({str(cut)!r}), load_settings().gate_parameters()).findings\n"
        "print(json.dumps([[f.file, f.line, f.column, f.value] for f in found if f.level == 'critical']))\n"
    )
    assert json.loads(run(copy, "-I", "-c", program)) == [["visits.csv", 5, "dlqi", value]]


_BOOK = """\
project: {type: book, execute-dir: project}
book:
  title: Quality of life
  chapters: [index.qmd]
lang: en-GB
jupyter: python3
format:
  html: {number-sections: true}
"""
_PAGE = """\
# Quality of life {#sec-life}

```{python}
#| include: false
from analysis import efficacy_shown
from study.report import open_report

report = open_report()
results = report.results
```

@fig-dlqi shows the course, @tbl-changes the changes.

::: {#fig-dlqi fig-alt="`{python} efficacy_shown.alt_score_courses(results, "dlqi", "DLQI")`"}
```{python}
efficacy_shown.score_courses(report.tables, results, report.week, "dlqi")
```

DLQI of every patient.
:::

::: {#tbl-changes}
```{python}
efficacy_shown.changes_table(results, 26)
```

Changes.
:::
"""


@pytest.mark.slow
def test_a_page_with_the_new_outcome_is_typeset(copy, tmp_path):
    project = Path(shutil.copytree(copy, tmp_path / "page", ignore=shutil.ignore_patterns("chapters")))
    (project / "_quarto.yml").write_text(_BOOK, encoding="utf-8")
    (project / "index.qmd").write_text(_PAGE, encoding="utf-8")
    render_book(
        project, tmp_path / "out", ("html",), environment={DATA: str(project / "cut")}, inputs="digest",
        cache=tmp_path / "cache", cell_seconds=300, progress=[].append, places={STATE_FOLDER: str(tmp_path / "state")},
        own=[tmp_path / "state"],
    )  # fmt: skip
    page = BeautifulSoup((tmp_path / "out" / "index.html").read_text("utf-8"), "html.parser")
    rows = [[cell.get_text(strip=True) for cell in row.find_all("td")] for row in page.select("#tbl-changes tr")]
    assert any(row[:1] == ["DLQI"] and "−13.0" in " ".join(row) for row in rows)
    assert page.select_one("#fig-dlqi svg")["aria-label"].startswith("DLQI of every")
    assert "5.0 at week 26" in page.select_one("#fig-dlqi svg")["aria-label"]
