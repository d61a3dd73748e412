"""Where the report meets items of the STROBE statement, as far as that depends on the cohort."""

from typing import Any

from analysis.core.words import Markdown


def not_reported(report: Any, paper: str) -> Markdown:
    """What the words for an item that is not met mean; paper: the key of its citation."""
    if report.reconstructs:
        return Markdown(
            f"“Not reported in the source” means that the abstract of the paper [@{paper}] does not tell it, so that nobody could "
            "fill it in here."
        )
    return Markdown("“Not stated” means that study.yml or protocol/population.py does not tell it; the key stands beside it.")


def where(report: Any, item: int) -> Markdown:
    """The third cell of the table for one of the items 1, 2, 5, 6, 9, 10 and 19."""
    return Markdown(_WHERE[item](report))


def _summary(report: Any) -> str:
    return "Summary, with @tbl-claims" if report.claims else "Summary"


def _selection(report: Any) -> str:
    if report.cohort.selection:
        return "@sec-design"
    lacks = "not reported in the source" if report.reconstructs else "not stated, `selection` in protocol/population.py"
    return f"@sec-design; how patients were chosen: {lacks}"


def _limits(report: Any) -> str:
    return "@sec-limits, with @sec-open" if report.reproduces and report.published.facts.get("open") else "@sec-limits"


_WHERE = {
    1: _summary,
    2: lambda report: f"@sec-introduction; {report.item('rationale')}",
    5: lambda report: f"@sec-follow-up; {report.item('recruitment')}",
    6: _selection,
    9: lambda report: f"@sec-estimand and @sec-sensitivity; {report.item('blinding')}",
    10: lambda report: f"@sec-iga, for the precision; {report.item('sample_size')}",
    19: _limits,
}
