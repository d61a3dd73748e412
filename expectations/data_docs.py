"""Data Docs: what was expected of a data cut, and whether it was met, as pages that open anywhere.

Great Expectations can write such pages itself, but they load styles and scripts from content delivery
networks, print times and the unexpected cells, and need scripts to unfold. These pages are written from the
same validation results: counts only, nothing of a patient, one local stylesheet, the same bytes for the same
data.
"""

from pathlib import Path

from expectations import checkpoint
from expectations.checkpoint import Outcome
from expectations.gate import Verdict
from expectations.privacy import WARNING_RULES
from expectations.reading import READING_RULES
from protocol.columns import TABLES

TEMPLATES = Path(__file__).parent / "data_docs_templates"
STYLESHEET = "data-docs.css"
_TITLES = {table: f"{table}.csv" for table in TABLES} | {checkpoint.ACROSS: "Rules that span files"}


def write_data_docs(verdict: Verdict, folder: Path) -> list[Path]:
    """Writes `index.html`, a page for each suite and a stylesheet into `folder`; returns the files."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    suites = [_suite(name, verdict) for name in _TITLES]
    reading = [account for account in verdict.expectations if account["rule"] in {*READING_RULES, *WARNING_RULES}]
    pages = {
        "index.html": environment.get_template("index.html.j2").render(
            suites=suites, reading=reading, outcome=_outcome(verdict), stylesheet=STYLESHEET
        )
    }
    for suite in suites:
        pages[suite["page"]] = environment.get_template("suite.html.j2").render(
            suites=suites, suite=suite, stylesheet=STYLESHEET
        )
    pages[STYLESHEET] = (TEMPLATES / STYLESHEET).read_text(encoding="utf-8")

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in pages]


def _outcome(verdict: Verdict) -> dict:
    levels = [finding.level for finding in verdict.findings]
    return {"valid": verdict.valid, "critical": levels.count("critical"), "warnings": levels.count("warning")}


def _suite(name: str, verdict: Verdict) -> dict:
    """One suite as its page shows it. `examined` is False where the file could not be read."""
    by_rule = {outcome.rule: outcome for outcome in verdict.outcomes if outcome.suite == name}
    rows = [
        _row(expectation, by_rule.get(expectation["meta"]["rule"]))
        for expectation in checkpoint.load_suite(name)["expectations"]
    ]
    return {
        "name": name,
        "title": _TITLES[name],
        "page": f"{name.replace('_', '-')}.html",
        "examined": bool(by_rule),
        "rows": rows,
        "met": sum(row["state"] == "met" for row in rows),
        "idle": sum(row["state"] == "idle" for row in rows),
        "critical": sum(row["state"] == "critical" for row in rows),
        "warnings": sum(row["state"] == "warning" for row in rows),
    }


def _row(expectation: dict, outcome: Outcome | None) -> dict:
    """One expectation; state: met, critical or warning (not met), idle (nothing to examine), skipped."""
    meta = expectation["meta"]
    row = {
        "rule": meta["rule"],
        "sentence": expectation["description"],
        "level": expectation["severity"],
        "columns": [f"{table}.csv: {', '.join(columns)}" for table, columns in meta["columns"].items()],
        "type": expectation["type"],
        "state": "skipped",
        "examined": 0,
        "unexpected": 0,
    }
    kwargs = expectation["kwargs"]
    if outcome is not None:
        examined, unexpected = outcome.evaluated, len(outcome.failed_rows)
        state = row["level"] if unexpected else "met" if examined else "idle"
        row |= {"state": state, "examined": examined, "unexpected": unexpected}
        kwargs = outcome.kwargs
    row["arguments"] = [(name, _argument(value)) for name, value in kwargs.items()]
    return row


def _argument(value) -> str:
    if isinstance(value, dict):
        return value["$PARAMETER"]
    if isinstance(value, list):
        return ", ".join(map(_argument, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
