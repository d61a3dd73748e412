"""The origin of a number on the terminal; on the website it is :mod:`study.origin_pages`."""

from collections.abc import Sequence

import numpy as np

from analysis.core.results import Result
from study import published_results
from study.analysed import Analysed
from study.paths import shown


def explain(analysed: Analysed, result_id: str) -> str:
    """The origin of a result in words: value, method, source, and the lines of the files that entered.

    Raises :class:`analysis.core.results.UnknownResult`.
    """
    is_published = result_id.partition(".")[0] in published_results.SECTIONS
    row = (published_results.computed(analysed.published) if is_published else analysed.results)[result_id]
    parts = [
        ("result", row.id),
        ("value", row.display if row.value is None else f"{row.display} {row.unit} (exactly {row.written!r})"),
        *([("reason", row.reason)] if row.reason else []),
        ("n", str(row.n)),
        ("basis", basis_of(row)),
        ("method", row.how),
        *_sources(analysed, row),
    ]
    return "\n".join(f"{name + ':':10} {text}" for name, text in parts) + "\n"


def word(file: str) -> str:
    """What the numbers of a file's lines count: a Parquet file has rows and no lines."""
    return "rows" if file.endswith(".parquet") else "lines"


def ranges(lines: Sequence[int], most: int | None = None) -> str:
    """Line numbers with runs joined; beyond `most` runs, how many lines are left.

    >>> ranges((2, 3, 4, 9)), ranges((2, 3, 4, 9, 11, 12), most=2)
    ('2-4, 9', '2-4, 9 and 2 more')
    """
    numbers = np.array(lines, dtype=int)
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1) if len(numbers) else []
    shown = ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:most])
    left = sum(map(len, runs[most:])) if most else 0
    return shown + (f" and {left} more" if left else "")


_BASIS = {
    "published": "published (the reconstruction holds it to a figure of the paper)",
    "assumed": "assumed (simulated; nothing published fixes it)",
    "observed": "observed (clinical data)",
}


def basis_of(row: Result) -> str:
    if row.section in published_results.SECTIONS:
        return "published (computed from published figures alone; no row of the data entered)"
    return _BASIS[row.basis]


def _sources(analysed: Analysed, row: Result) -> list[tuple[str, str]]:
    found = []
    for table, lines in row.lines.items():
        frame = getattr(analysed.tables, table)
        patients = sorted(set(frame.loc[list(lines), "patient_id"]))
        path = shown(analysed.cut.folder / analysed.cut.file_of(table))
        found.append(("file", f"{path}, {len(lines)} rows: {word(path)} {ranges(lines) or 'none'}"))
        found.append(("patients", ", ".join(patients) or "none"))
    return found
