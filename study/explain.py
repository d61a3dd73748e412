"""The origin of a number: `study explain` on the terminal, and the pages of results that the report's numbers lead to."""

from collections.abc import Sequence
from pathlib import Path

import jinja2
import numpy as np

from analysis.core.results import Result
from study import published_results
from study.analysed import Analysed
from study.paths import shown

TEMPLATES = Path(__file__).parent / "templates"
FOLDER = "results"
"""Where the pages are in the report; a number of the section `safety` leads to `results/safety.html#<its id>`."""


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
        ("basis", _basis(row)),
        ("method", row.how),
        *_sources(analysed, row),
    ]
    return "\n".join(f"{name + ':':10} {text}" for name, text in parts) + "\n"


def write_pages(analysed: Analysed, book: Path) -> None:
    """A page for each section of the results, with the origin of every number; patients are left to :func:`explain`."""
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES, encoding="utf-8"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    template = pages.get_template("results.html.j2")
    sections: dict[str, list[dict]] = {}
    for table in (analysed.printed, published_results.computed(analysed.published)):
        for row in table.values():
            files = [
                f"{name}.csv: {len(lines)} rows" if analysed.settings.report_only_ids  # lines follow the patients' own ids
                else f"{name}.csv lines {_ranges(lines) or 'none'}"
                for name, lines in row.lines.items()
            ]  # fmt: skip
            sections.setdefault(row.section, []).append({"row": row, "basis": _basis(row), "files": files})
    folder = book / FOLDER
    folder.mkdir(exist_ok=True)
    for section, rows in sections.items():
        text = template.render(section=section, sections=list(sections), rows=rows, cut=analysed.cut)
        (folder / f"{section}.html").write_text(text, encoding="utf-8", newline="\n")
    style = (TEMPLATES / "results.css").read_text("utf-8")
    (folder / "results.css").write_text(style, encoding="utf-8", newline="\n")


_BASIS = {
    "published": "published (the reconstruction holds it to a figure of the paper)",
    "assumed": "assumed (simulated; nothing published fixes it)",
    "observed": "observed (clinical data)",
}


def _basis(row: Result) -> str:
    if row.section in published_results.SECTIONS:
        return "published (computed from published figures alone; no row of the data entered)"
    return _BASIS[row.basis]


def _sources(analysed: Analysed, row: Result) -> list[tuple[str, str]]:
    found = []
    for table, lines in row.lines.items():
        frame = getattr(analysed.tables, table)
        patients = sorted(set(frame.loc[list(lines), "patient_id"]))
        path = shown(analysed.cut.folder / f"{table}.csv")
        found.append(("file", f"{path}, {len(lines)} rows: lines {_ranges(lines) or 'none'}"))
        found.append(("patients", ", ".join(patients) or "none"))
    return found


def _ranges(lines: Sequence[int]) -> str:
    """Line numbers, ascending, with runs joined.

    >>> _ranges((2, 3, 4, 9))
    '2-4, 9'
    """
    numbers = np.array(lines, dtype=int)
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1) if len(numbers) else []
    return ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
