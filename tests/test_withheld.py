"""What looks like a name in a clinical cut is in nothing that is made of it, until the settings answer it cell by cell."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import change_cell
from copies import copied, start, with_chapters

from protocol.columns import TABLES

pytestmark = pytest.mark.slow

NAMES = ["Olga Zyablikovskaya", "seen by Dr Przhevalskaya", "со слов мамы Каллисфении", "Tikhvinskaya P. R."]
TOKENS = ["zyablikovskaya", "przhevalskaya", "каллисфени", "tikhvinskaya"]
FREE_TEXTS = [(table, column.name) for table in TABLES for column in TABLES[table] if column.kind == "text"]
CHAPTER = """# Cells

```{python}
#| echo: false
from study.report import open_report
from analysis import safety_shown
report = open_report()
safety_shown.event_listing_table(report.tables)
```

```{python}
#| echo: false
safety_shown.adverse_events_table(report.tables, report.results)
```

```{python}
print(report.tables.patients.to_string(), report.tables.adverse_events.to_string())
```
"""


def run(repository: Path, *command: object, status: int = 0) -> str:
    """All that a command says; it has to end with this status."""
    process = start(repository, command=tuple(map(str, command)))
    out, err = process.communicate(timeout=300)
    assert process.returncode == status, out + err
    return out + err


def holders(texts: dict[str, str]) -> set[str]:
    """Which of these texts hold a name, however it is coded in JSON or HTML."""
    tokens = [*TOKENS, *(json.dumps(token)[1:-1] for token in TOKENS)]
    return {name for name, text in texts.items() if any(token in text.casefold() for token in tokens)}


def files(*folders: Path) -> dict[str, str]:
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes().decode("utf-8", "replace") for path in found}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory) -> tuple[Path, list[dict[str, str]]]:
    """A short book on a clinical cut with a name in every column of free text, and the answers that would let them through."""
    repository = copied(tmp_path_factory.mktemp("clinic"))
    shutil.rmtree(repository / "tests")
    for path in repository.glob("chapters/*.qmd"):
        path.unlink()
    with_chapters(repository, {"index": "# Start\n", "chapters/cells": CHAPTER})
    cut = Path(shutil.copytree(repository / "data" / "cuts" / "week-26", repository / "data" / "cuts" / "clinic"))
    record = yaml.safe_load((cut / "cut.yml").read_text("utf-8")) | {"kind": "clinical", "label": "Clinic", "description": "D"}
    (cut / "cut.yml").write_text(yaml.safe_dump(record), encoding="utf-8")
    settings = repository / "study.yml"
    settings.write_text(settings.read_text("utf-8").replace("cut: week-26 ", "cut: clinic "), encoding="utf-8")
    answers = []
    for line, ((table, column), name) in enumerate(zip(FREE_TEXTS, NAMES, strict=True), 2):
        if column == "discontinuation_reason":
            change_cell(cut, table, line, "discontinued_week", "26")
        change_cell(cut, table, line, column, name)
        patient_id = (cut / f"{table}.csv").read_text("utf-8").splitlines()[line - 1].split(",")[0]
        answers.append({"file": f"{table}.csv", "patient_id": patient_id, "column": column, "text": name, "reason": "invented"})
    return repository, answers


def answered(repository: Path, answers: list[dict[str, str]]) -> None:
    settings = repository / "study.yml"
    kept = settings.read_text("utf-8").partition("\nnot_names:")[0]
    settings.write_text(f"{kept}\nnot_names: {json.dumps(answers, ensure_ascii=False)}\n", encoding="utf-8")


def test_a_name_appears_nowhere_until_it_is_answered(clinic, tmp_path):
    repository, answers = clinic
    validated = run(repository, "validate")
    for each in answers:  # what to write, but for the words
        entry = f"{{file: {each['file']}, patient_id: {each['patient_id']}, column: {each['column']}, text: "
        assert entry in validated, validated
    said = {"validate": validated, "json": run(repository, "validate", "--json")}
    said["render"] = run(repository, "render", "--engine", "builtin", "--to", "html")
    for command in (("results",), ("results", "--format", "json"), ("explain", "safety.conjunctivitis.w26.n")):
        said[" ".join(command)] = run(repository, *command)
    for form in ([], ["--json"]):
        said[f"compare {form}"] = run(repository, "compare", "week-26", "clinic", *form, status=1)
    archive = tmp_path / "report.zip"
    run(repository, "archive", "--output", archive)
    with zipfile.ZipFile(archive) as packed:
        inside = {f"archive: {name}": packed.read(name).decode("utf-8", "replace") for name in packed.namelist()}
    made = files(repository / "_book", repository / ".study")
    assert any(path.endswith(".ipynb") for path in made)
    assert any("withheld: looks like a name" in text for text in made.values())
    assert holders(said | inside | made) == set()

    stale = [each | {"text": each["text"] + "x"} for each in answers]
    answered(repository, stale)
    said = {"validate": run(repository, "validate"), "render": run(repository, "render", "--engine", "builtin", "--to", "html")}
    assert said["validate"].count("fits no cell") == len(answers)
    assert holders(said | files(repository / "_book")) == set()

    answered(repository, answers)
    run(repository, "render", "--engine", "builtin", "--to", "html")
    text = (repository / "_book" / "chapters" / "cells.html").read_text("utf-8").casefold()
    assert all(token in text for token in TOKENS) and "withheld: looks like a name" not in text
