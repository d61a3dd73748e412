"""What lies in the folder of a data cut beside its files: nothing of it is read, so whoever put it there should know."""

from pathlib import Path

from expectations import privacy
from expectations.finding import Finding, in_words, shown
from expectations.names import is_name_like
from expectations.ordinary import FORMS
from protocol.columns import TABLES

RULES = {"folder-other-file": "Nothing but the tables and cut.yml lies in the folder of the data cut."}

_OWN = {"cut.yml", *(f"{table}{form}" for table in TABLES for form in FORMS)}
_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini"}
"""Made by Windows without being asked; names with a point in front (.DS_Store, an editor's lock) are passed over, too."""
MOST_FINDINGS = 20


def others(folder: Path) -> list[Path]:
    """What lies in the folder of a cut and is none of its own, by name."""
    try:
        found = sorted(folder.iterdir())
    except OSError:  # no folder, or not readable: the tables' own findings say so
        return []
    return [
        path for path in found if path.name not in _OWN and path.name.casefold() not in _OF_THE_SYSTEM and path.name[0] != "."
    ]


def findings_on_others(folder: Path) -> list[Finding]:
    """A warning for each of :func:`others`; the last one counts the rest."""
    names = [path.name for path in others(folder)]
    findings = []
    for name in names[:MOST_FINDINGS]:
        stem = name.rsplit(".", 1)[0].replace("_", " ")
        called = privacy.WITHHELD if is_name_like(stem) or privacy.redacted(name) != name else shown(name)
        more = len(names) - MOST_FINDINGS if len(findings) + 1 == MOST_FINDINGS else 0
        what = (
            "is in the folder of the data cut, but is none of its files, so it is not read; if it holds newer data, put them into "
            "the table's own file; else take it away"
        )
        rest = f" (and so are {more} more)" if more > 0 else ""
        findings.append(
            Finding(called, None, None, None, None, None, "warning", "folder-other-file", in_words(f"{what}{rest}"))
        )
    return findings
