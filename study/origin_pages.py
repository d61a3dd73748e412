"""The pages of results that the report's numbers lead to: what each is, how it was computed, and the lines of the data behind it.

A number of the variable `safety.headache` leads to `results/safety.headache.html#<its id>`: a page for a variable keeps every page
small, however many results a report has.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from analysis.core.naming import method_named, statistic_named, variable_named, week_named
from analysis.core.results import Result
from study import published_results, site_frame
from study.analysed import Analysed
from study.explain import basis_of, ranges, word
from study.paths import frozen

FOLDER = "results"
DATA = "data"
"""Where the tables of the cut are in the report, if readers may see its rows."""
_RUNS, _LINES = 24, 10
"""Runs of line numbers, and lines of a file, that are shown behind a number; the rest is in the file."""

_LARGEST = 8 * 1024 * 1024
"""Bytes of a table that comes with the report."""


def write_pages(analysed: Analysed, book: Path, frame: site_frame.Frame) -> None:
    """A page for each variable, one for each section and one for all; patients of a clinical cut are left to :mod:`study.explain`."""
    pages = site_frame.templates()
    rows = [*analysed.printed.values(), *published_results.computed(analysed.published).values()]
    sections: dict[str, dict[str, list[Result]]] = {}
    for row in rows:
        sections.setdefault(row.section, {}).setdefault(row.variable, []).append(row)
    texts = _texts(analysed)
    for name, text in texts.items():
        (book / DATA).mkdir(exist_ok=True)
        (book / DATA / f"{name}.csv").write_bytes(text)
    lines = {name: text.decode("utf-8").splitlines() for name, text in texts.items()}
    variable_page, section_page, index = map(pages.get_template, ("variable.html.j2", "section.html.j2", "sections.html.j2"))
    for section, variables in sections.items():
        named = [(f"{section}.{variable}", variable_named(found[0]), len(found)) for variable, found in variables.items()]
        title = f"Results: {section}"
        site_frame.write(frame, book, f"{FOLDER}/{section}.html", title, section_page.render(section=section, variables=named))
        for variable, found in variables.items():
            groups = list(_groups(analysed, found, lines))
            bases = dict.fromkeys(map(basis_of, found))
            content = variable_page.render(section=section, name=variable_named(found[0]), groups=groups, bases=bases)
            site_frame.write(frame, book, f"{FOLDER}/{section}.{variable}.html", f"{variable_named(found[0])}: results", content)
    counts = [(section, sum(map(len, variables.values()))) for section, variables in sections.items()]
    site_frame.write(frame, book, f"{FOLDER}/index.html", "Results", index.render(sections=counts, cut=analysed.cut))


def _texts(analysed: Analysed) -> dict[str, bytes]:
    """The tables of the cut as they are in its files, where a reader may see them: simulated patients are nobody's. Of tables that
    would make the report unwieldy the numbers of lines have to do."""
    if analysed.cut.kind != "reconstructed" or analysed.settings.report_only_ids:
        return {}
    tables = [frozen(path) for path in analysed.cut.files if path.suffix == ".csv"]  # of a folder that may hold other files, too
    return {path.stem: path.read_bytes() for path in tables if path.stat().st_size <= _LARGEST}


def _groups(analysed: Analysed, rows: list[Result], lines: dict[str, list[str]]) -> Iterator[dict]:
    """Results of one analysis, which come from the same lines in the same way, with what they have in common."""
    for (week, method, how, _), found in groupby(rows, lambda row: (row.week, row.method, row.how, tuple(row.lines.items()))):
        members = list(found)
        yield {
            "heading": ", ".join(filter(None, (week_named(week), method_named(method)))),
            "how": how,
            "rows": [(row, statistic_named(row)) for row in members],
            "files": [_file(analysed, table, each, lines.get(table)) for table, each in members[0].lines.items()],
        }


def _file(analysed: Analysed, table: str, entered: tuple[int, ...], text: list[str] | None) -> dict:
    numbers = "" if analysed.settings.report_only_ids else ranges(entered, _RUNS) or "none"  # lines follow the patients' own ids
    first = [(number, text[number - 1]) for number in entered[:_LINES]] if text else []
    name, header = analysed.cut.file_of(table), text[0] if text else ""
    return {"name": name, "word": word(name), "count": len(entered), "numbers": numbers, "header": header, "first": first}
