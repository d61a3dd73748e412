"""The records of a report as shown: its data cut and version, what the data check found, software and checksums."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.core.design import Tables
from analysis.core.display_sizes import LISTED
from analysis.core.markdown import Table, division, literal
from analysis.core.words import Markdown, listed
from protocol.columns import TABLES

_PLACES = 3
"""Places of a rule that are named where warnings are counted."""
Rule = Mapping[str, Any]
"""A rule of the gate as the receipt has it: `sentence`, `level`, `files`, and how many rows `failed` it."""


def banner(kind: str) -> Markdown:
    """The notice that stands on every page while the data are reconstructed; empty for clinical data."""
    if kind != "reconstructed":
        return Markdown("")
    words = (
        "**Reconstructed data:** simulated to meet the published aggregates, no evidence beyond the paper "
        '(<span class="assumed">dotted</span>: simulated).'
    )
    return Markdown(division("banner", words))


def imprint(report: Any) -> Markdown:
    """What the title page says: the paper that is reproduced or how the study was registered and approved, the data cut, and the
    version of the report."""
    said = {}
    if report.reconstructs and report.published.paper:
        said["Reproduces"] = _reference(report.published.paper)
    else:
        stated = report.settings.statements
        said |= {name: report.declared(topic) for name, topic in (("Registration", "registration"), ("Ethics", "ethics"))
                 if getattr(stated, topic)}  # fmt: skip
    day = report.cut.extracted
    extracted = "" if report.reconstructed else f", extracted {day.day} {day:%B %Y}"  # nobody extracted what was simulated
    said["Data cut"] = f"{literal(report.cut.label)}{extracted}; {report.cut.kind} data"
    said["Version"] = f"{report.version}, receipt {literal(report.receipt.digest[:12])}"
    items = "\n\n".join(f"{term}\n:   {text}" for term, text in said.items())
    return Markdown(division("imprint", items))


def _reference(paper: Mapping[str, Any]) -> str:
    authors = ", ".join(_by_surname(author["name"]) for author in paper["authors"])
    doi = paper["doi"]
    return (
        f"{authors}. {paper['title']}. *{paper['journal']}* {paper['year']};{paper['volume']}({paper['issue']}):"
        f"{paper['pages'].replace('-', '–')}. [doi:{doi}](https://doi.org/{doi})"
    )


def _by_surname(name: str) -> str:
    """A name as citations have it.

    >>> _by_surname("Evgeniia A. Glukhova")
    'Glukhova EA'
    """
    *given, family = name.split()
    return f"{family} {''.join(part[0] for part in given)}"


def data_sentence(report: Any) -> Markdown:
    """Where the patient-level data come from, in one or two sentences."""
    if not report.reconstructed:
        extracted = report.cut.extracted
        label = literal(report.cut.label)
        return Markdown(f"The data cut “{label}” holds clinical records, extracted on {extracted.day} {extracted:%B %Y}.")
    return Markdown(
        "The patient-level data of the paper were never published. The data behind this report are reconstructed: a seeded "
        "script simulates patients so that every published aggregate is met exactly; everything else in them is assumed."
    )


def gate_sentence(tables: Tables, rules: Sequence[Rule], warnings: int) -> Markdown:
    """What the gate examined and found."""
    critical = sum(map(_is_critical, rules))
    rows = listed(f"{_counted(len(getattr(tables, name)), 'row')} of {name.replace('_', ' ')}" for name in TABLES)
    were = "was" if warnings == 1 else "were"
    raised = f"{_counted(warnings, 'warning')} {were} raised"
    return Markdown(
        f"The gate examined {rows}, with {_counted(critical, 'critical rule')} and "
        f"{_counted(len(rules) - critical, 'rule')} that may warn; {raised}."
    )


def _counted(number: int, thing: str) -> str:
    """A number of things.

    >>> _counted(1, "row"), _counted(0, "row"), _counted(7, "row")
    ('1 row', 'no rows', '7 rows')
    """
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"


def warnings_sentence(warnings: int) -> Markdown:
    """What to do about the warnings of the gate, which stand in `@tbl-warnings`."""
    if not warnings:
        return Markdown("Warnings do not stop the report. These data gave rise to none (@tbl-warnings).")
    return Markdown(
        "Warnings do not stop the report. They point to records that are unusual, and a person has to decide whether they are wrong "
        "(@tbl-warnings)."
    )


def raised(warnings: Sequence[Any]) -> int:
    """How many warnings these findings are, those counted in with them: `more` of each."""
    return sum(1 + each.more for each in warnings)


def warnings_table(report: Any) -> Table:
    """Every warning of the gate, in the gate's words; of very many, their rules with the first places, and where patients' ids are
    not printed, the rules alone."""
    found = report.receipt.warnings
    if not report.settings.report_only_ids and raised(found) > LISTED:
        return _warnings_by_rule(report)
    messages = [each.message for each in found]
    if report.settings.report_only_ids:
        counted = [rule for rule in report.receipt.expectations if rule["level"] == "warning" and rule["failed"]]
        messages = [f"Not so in {_counted(rule['failed'], 'record')}: {rule['sentence']}" for rule in counted]
    return Table(["Warning"], "l", [[literal(message)] for message in messages] or [["none"]])


def _warnings_by_rule(report: Any) -> Table:
    rows = []
    for rule in report.receipt.expectations:
        own = [each for each in report.receipt.warnings if each.rule == rule["rule"]]
        if own:
            places = "; ".join(_place(each) for each in own[:_PLACES])
            rows.append([literal(rule["sentence"]), f"{raised(own):,}", literal(places)])
    note = "`study validate` prints the warnings one by one, the first of each rule and file."
    return Table(["Not so", "Records", "First places"], "lrl", rows, [note])


def _place(warning: Any) -> str:
    if warning.line is not None:
        return f"{warning.file} line {warning.line}"
    week = "" if warning.week is None else f", week {warning.week}"
    return f"{warning.file}: {warning.patient_id or 'the file'}{week}"


def expectations_table(rules: Sequence[Rule]) -> Table:
    """The rules of the gate counted by the files that they are about, with how many were broken and by how many records."""
    by_files: dict[str, list[Rule]] = {}
    for rule in rules:
        files = "Every file" if len(rule["files"]) == len(TABLES) else ", ".join(rule["files"])
        by_files.setdefault(files, []).append(rule)
    rows = [[literal(files), *_tally(members)] for files, members in by_files.items()]
    header = ["Files", "Critical rules", "Rules that may warn", "Rules broken", "Records"]
    return Table(header, "lrrrr", [*rows, ["**All**", *_tally(rules)]])


def _tally(rules: Sequence[Rule]) -> list[str]:
    critical, broken = (sum(bool(holds(rule)) for rule in rules) for holds in (_is_critical, lambda rule: rule["failed"]))
    records = sum(rule["failed"] for rule in rules)
    return [f"{number}" for number in (critical, len(rules) - critical, broken, records)]


def _is_critical(rule: Rule) -> bool:
    return rule["level"] == "critical"


def versions_table(versions: Mapping[str, str]) -> Table:
    """The software that made this report, by name."""
    return Table(["Software", "Version"], "ll", [[literal(name), literal(version)] for name, version in versions.items()])


def code(text: str) -> Markdown:
    """A text as code."""
    return Markdown(f"`{text}`")


def compared(claims: bool) -> Markdown:
    """What `study verify` compares beside the results table, in a list."""
    return Markdown(f"{'the claims, ' if claims else ''}the figures by what they show, the text of every page, and the notebooks")
