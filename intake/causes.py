"""One cause, one message: findings that differ only in the cell are told once, with the number of cells."""

import re
from collections.abc import Iterable
from dataclasses import replace

from expectations.finding import Finding
from intake.text import lines_named

# Whatever the value is, it is written in a way that the mapping does not declare: what is to be done is the same for all of them.
_WHATEVER_THE_VALUE = {"intake-decimal", "intake-number", "intake-percent", "intake-date", "intake-group"}


def gathered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, those of one cause in one column as one, at its first cell; those of the gate as they are."""
    together: dict[tuple, list[Finding]] = {}
    for number, finding in enumerate(findings):
        alone = finding.line is None or not finding.rule.startswith("intake-")
        together.setdefault((number,) if alone else _cause(finding), []).append(finding)
    return [_told_once(same) for same in together.values()]


def _whose(finding: Finding) -> str:
    return f" (patient {finding.patient_id})" if finding.patient_id else ""


def _cause(finding: Finding) -> tuple:
    what = finding.message.partition(": ")[2].removesuffix(_whose(finding))
    if finding.rule in _WHATEVER_THE_VALUE:
        what = re.sub('"[^"]*"', '""', what, count=1)
    return finding.file, finding.rule, finding.level, finding.column, what


def _told_once(same: list[Finding]) -> Finding:
    first = same[0]
    lines = sorted({each.line for each in same})
    if len(lines) == 1:
        return first
    others = [line for line in lines if line != first.line]
    word = "row" if ", sheet " in first.file else "line"
    patients = {each.patient_id for each in same}
    told = f"{first.message.removesuffix(_whose(first))}; so it is in {lines_named(others, word)}: {len(lines)} cells"
    return replace(first, message=told, patient_id=first.patient_id if len(patients) == 1 else None)
