"""Whether the report is there already, told by checksums alone, so that no data are read and nothing is imported that does.

The state that a report is made from has one digest, its seal (:class:`study.frozen.State`), which the record of the report keeps.
Where it is the same now, and the report is whole, the same report would come out. Anything else :mod:`study.render` finds out.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from expectations.finding import Finding
from study import frozen, locks
from study.delivered import is_whole, last_good, provenance
from study.paths import BOOK, state


@dataclass(frozen=True)
class There:
    """What is said again of a report that is there: the gate's findings, and warnings in the order in which they were given."""

    findings: list[Finding]
    warnings: list[str]


def report_there(output: Path, engine: str, formats: list[str], given: str | Path | None) -> There | None:
    """What to say of the report in `output` if it is there, whole, in these formats, made from what there is now; else None."""
    try:
        with locks.report(locks.RENDER):
            record = provenance(output)
            if record is None or record.get("engine") != engine or not set(formats) <= set(record.get("formats", ())):
                return None
            if output == BOOK and provenance(last_good()) != record:
                return None
            if record.get("seal") != frozen.seal(given) or not is_whole(output, record):
                return None
    except (locks.Busy, OSError):
        return None
    findings = _warnings_of_the_gate(record)
    if findings is None:
        return None
    doubts = [record["title"]] if record["title"] else []
    return There(findings, doubts + [f"warning: {text}" for text in record["warnings"]])


def _warnings_of_the_gate(record: dict) -> list[Finding] | None:
    """What the receipt has; None where it is no longer there."""
    try:
        receipt = json.loads((state("receipts", record["receipt"]["digest"][:32]) / "receipt.json").read_text("utf-8"))
        return [Finding.from_record(finding) for finding in receipt["warnings"]]
    except (OSError, ValueError, TypeError, KeyError):
        return None
