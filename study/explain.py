"""`study explain`: how a number came about."""

from analysis.results import Result
from study.analysed import Analysed, compute_results
from study.paths import shown


def explain(analysed: Analysed, result_id: str) -> str:
    """The origin of a result in words: value, method, source, and the lines of the files that entered.

    Raises :class:`analysis.results.UnknownResult`.
    """
    analysed.results[result_id]
    # The shelved table keeps numbers alone; where they come from is found by computing them again.
    row = compute_results(analysed.tables, analysed.design)[result_id]
    basis = analysed.results[result_id].basis
    parts = [
        ("result", row.id),
        ("value", row.display if row.value is None else f"{row.display} {row.unit} (exactly {row.value!r})"),
        *([("reason", row.reason)] if row.reason else []),
        ("n", str(row.n)),
        ("basis", _BASIS[basis]),
        ("method", row.how),
        *_sources(analysed, row),
    ]
    return "\n".join(f"{name + ':':10} {text}" for name, text in parts) + "\n"


_BASIS = {
    "published": "published (the reconstruction holds it to a figure of the paper)",
    "assumed": "assumed (simulated; nothing published fixes it)",
    "observed": "observed (clinical data)",
}


def _sources(analysed: Analysed, row: Result) -> list[tuple[str, str]]:
    found = []
    for table, lines in row.lines.items():
        frame = getattr(analysed.tables, table)
        patients = sorted(set(frame.loc[list(lines), "patient_id"]))
        path = shown(analysed.cut.folder / f"{table}.csv")
        found.append(("file", f"{path}, {len(lines)} rows: lines {_ranges(lines) or 'none'}"))
        found.append(("patients", ", ".join(patients) or "none"))
    return found


def _ranges(lines: tuple[int, ...]) -> str:
    """Line numbers with runs joined.

    >>> _ranges((2, 3, 4, 9))
    '2-4, 9'
    """
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)
