"""One cause, one message: findings that differ only in the cell are told once, with the number of cells."""

from collections.abc import Iterable
from dataclasses import replace

from expectations.finding import Finding, Phrase
from intake.text import lines_named


def gathered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, those of one cause in one column as one, at its first cell; those of the gate as they are."""
    together: dict[tuple, list[Finding]] = {}
    for number, finding in enumerate(findings):
        alone = finding.line is None or not finding.rule.startswith("intake-")
        together.setdefault((number,) if alone else _cause(finding), []).append(finding)
    return [_told_once(same) for same in together.values()]


def _cause(finding: Finding) -> tuple:
    words = tuple((name, str(word)) for name, word in finding.what.words.items() if name != "value")
    return finding.file, finding.rule, finding.level, finding.column, finding.what.template, words


def _told_once(same: list[Finding]) -> Finding:
    first = same[0]
    lines = sorted({each.line for each in same})
    if len(lines) == 1:
        return first
    others = lines_named([line for line in lines if line != first.line], first.place.counts)
    what = Phrase("{what}; so it is in {others}: {count} cells", {"what": first.what, "others": others, "count": len(lines)})
    patients = {each.patient_id for each in same}
    return replace(first, what=what, signed=False, patient_id=first.patient_id if len(patients) == 1 else None)
