"""Another column, another drug, another cohort: the recipes of docs/adapting.md, tried as written."""

import json
import re
import shutil
from pathlib import Path

import pytest
from recipes import column_added, project, replaced, run, steps

from protocol.treatment import single_loading, steady

TRALOKINUMAB, UPADACITINIB = steps("Another drug")[0], steps("Another drug")[-1]
DRUGS = {"tralokinumab": single_loading(600, 300, 14), "upadacitinib": steady(15, 1)}
WORDS = r"(?i)\b(child(ren)?(['’]s)?|girls?|boys?|pa?ediatric|dupilumab|dupixent|glukhova|the paper)\b"
COHORT = "Cohort(12, ages=(18, 64), weeks=(0, 4, 8, 16), primary_week=16, label='us', stopped=2)"
BEGIN = f"""
import sys, json
from dataclasses import replace
from pathlib import Path
sys.path[:0] = [".", "tests"]
import matplotlib; matplotlib.use("Agg")
import matplotlib.pyplot
import cohorts, conftest
from cohorts import Cohort, write
cohorts.COHORTS["adults"] = {COHORT}
import study.paths
study.paths.STATE = Path("state").resolve()
"""


@pytest.fixture(scope="module", params=["tralokinumab", pytest.param("upadacitinib", marks=pytest.mark.slow)])
def other(request, tmp_path_factory) -> tuple[str, Path]:
    """Name of a drug, and a project that is about adults on it and about no paper."""
    folder = project(tmp_path_factory.mktemp(request.param))
    facts = {"tralokinumab": TRALOKINUMAB, "upadacitinib": UPADACITINIB}[request.param]
    replaced(folder / "protocol" / "treatment.py", "DRUG = ", "# --- which dose is due", f"{facts}\n\n")
    replaced(folder / "protocol" / "special_interest.py", "SPECIAL_INTEREST = (", '"""The events that', steps("Another drug")[1])
    with (folder / "references.bib").open("a", encoding="utf-8") as file:
        file.write("\n" + steps("Another drug", "bibtex")[0].replace("adbrylabel", label(facts)))
    clinical = steps("Another cohort, without a paper")[0]
    replaced(folder / "protocol" / "population.py", '    "clinical": ', "}\n", clinical)
    if request.param == "upadacitinib":
        replaced(folder / "study.yml", "dose_window_days: ", "\n", "dose_window_days: 0")
    (folder / "data" / "published.yml").unlink()
    run(folder, "data/dictionary.py")
    return request.param, folder


def label(facts: str) -> str:
    return re.search(r'"(\w+label)"', facts)[1]


def test_the_dictionary_names_the_drug(other):
    drug, folder = other
    dictionary = (folder / "data" / "README.md").read_text("utf-8")
    assert f"| `dose_mg` | {drug} of the day" in dictionary and "| `action` | what was done with " + drug in dictionary


@pytest.fixture(scope="module")
def found(other) -> dict:
    """What the gate finds in good and in bad doses of adults, their results and what is said and shown of their exposure."""
    _, folder = other
    program = BEGIN + (
        "from analysis import cohort_shown, exposure_shown, population_shown\n"
        "from expectations.gate import check\n"
        "from study.analysed import analyse\nfrom study.cuts import find_cut\nfrom study.report import Report\n"
        "from study.settings import load_published\n"
        "cut, settings = write(Path('cut'), 'adults')\n"
        "report = Report(analyse(find_cut(cut), settings, load_published()))\n"
        "results = report.results\n"
        "said = [exposure_shown.doses_paragraph(report), exposure_shown.exposure_paragraph(report, report.design)]\n"
        "tables = [population_shown.baseline_table(results), exposure_shown.doses_table(results),\n"
        "          exposure_shown.by_child_table(report.tables, report.design, results)]\n"
        "said += [table._repr_markdown_() for table in tables] + [cohort_shown.alt_every_patient(results, report.week)]\n"
        "cohort_shown.every_patient(report.tables, results, report.week)\n"
        "rows = {row.id: row.value for row in results.values() if row.section in ('exposure', 'population')}\n"
        "def warned():\n"
        "    verdict = check(cut, settings.gate_parameters())\n"
        "    assert verdict.valid, verdict.findings\n"
        "    return [[f.file, f.line, f.column, f.value] for f in verdict.findings if f.file == 'doses.csv']\n"
        "good, doses = warned(), cut / 'doses.csv'\n"
        "cells = [line.split(',') for line in doses.read_text('utf-8').splitlines()]\n"
        "cells[4][2] = '150'\n"
        "del cells[7]\n"
        "doses.write_text('\\n'.join(map(','.join, cells)) + '\\n', encoding='utf-8')\n"
        "print(json.dumps({'good': good, 'bad': warned(), 'rows': rows, 'said': ' '.join(map(str, said))}))\n"
    )
    return json.loads(run(folder, "-c", program))


def test_the_gate_knows_the_label_of_the_drug(other, found):
    """Good doses pass without a word; another amount and another interval are found with line and column."""
    assert found["good"] == []
    day = DRUGS[other[0]].days(200)[7]  # of the row after the one taken out, now on line 8
    assert found["bad"] == [["doses.csv", 5, "dose_mg, kind", "150"], ["doses.csv", 8, "study_day", f"{day}"]]


def test_results_and_words_follow_the_drug(other, found):
    drug, rows, text = other[0], found["rows"], found["said"]
    plan = DRUGS[drug]
    assert rows["exposure.doses_expected.n"] == 10 * len(plan.days(7 * 16 + 1)) + 2 * len(plan.days(7 * 4))
    assert rows[f"population.regimen_{plan.id}.n"] == 12
    interval = {"tralokinumab": "q2w", "upadacitinib": "q1d"}[drug]
    assert rows[f"exposure.interval_{interval}.median"] == plan.interval_days
    assert {key.split(".")[1] for key in rows if "interval" in key} == {f"interval_{interval}"}
    assert plan.words in text and plan.short in text
    assert {"tralokinumab": "In adults on a dose every 2 weeks", "upadacitinib": "In adults on a daily dose"}[drug] in text
    assert not re.search(r"(?i)dupilumab|q4w|every 4 weeks", text)


@pytest.mark.slow
def test_the_report_is_about_these_patients_and_this_drug(other, tmp_path):
    """Every chapter to text: no word of the shipped study is left, the list of references aside."""
    drug, folder = other
    program = BEGIN + (
        "from rendered_text import rendered\n"
        f"text = rendered(Path({str(tmp_path / 'cut')!r}), 'adults')\n"
        "print(json.dumps([[each.chapter, each.text] for each in [*text.sentences, *text.cells] if each.chapter != 'references']))\n"
    )
    said = json.loads(run(folder, "-c", program))
    assert not [(chapter, text) for chapter, text in said if re.search(WORDS, re.sub(r"@[\w-]+", "", text))]
    assert any(drug in text for _, text in said)


@pytest.mark.slow
def test_another_column_is_guarded_and_may_be_absent(tmp_path):
    folder = project(tmp_path)
    column_added(folder, "adverse_events", steps("Another column")[0])
    cut = shutil.copytree(folder / "data" / "cuts" / "week-26", folder / "cut")
    lines = (cut / "doses.csv").read_text("utf-8").splitlines()
    reasons = {line.rpartition(",")[2]: "" for line in lines} | {"given": "not_given_reason", "0": "supply"}
    told = [f"{line},{reasons[line.rpartition(',')[2]]}" for line in lines]
    (cut / "doses.csv").write_text("\n".join([*told, ""]), encoding="utf-8")
    bad = shutil.copytree(cut, folder / "bad")
    told[4] += "snow"
    (bad / "doses.csv").write_text("\n".join([*told, ""]), encoding="utf-8")
    program = (
        "import sys, json; sys.path.insert(0, '.')\nfrom pathlib import Path\nfrom expectations.gate import check\n"
        "from study.settings import load_settings\n"
        "found = [check(Path(name), load_settings().gate_parameters()) for name in ('data/cuts/week-26', 'cut', 'bad')]\n"
        "wrong = [[[f.file, f.line, f.column, f.value] for f in each.findings if f.level == 'critical'] for each in found]\n"
        "print(json.dumps(wrong))\n"
    )
    assert json.loads(run(folder, "-c", program)) == [[], [], [["doses.csv", 5, "not_given_reason", "snow"]]]
    assert "| `not_given_reason` | why the dose was not given" in (folder / "data" / "README.md").read_text("utf-8")
