"""Tables of a data cut in memory, for tests of the analysis: by hand, or the shipped reconstructed cut."""

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import matplotlib
import pandas as pd

from analysis import (
    alt,
    biomarker_views,
    efficacy_alt,
    efficacy_figures,
    efficacy_tables,
    exposure_tables,
    figures,
    safety_tables,
    style,
    tables,
)
from analysis.claims import check_claims, claims_table
from analysis.compute import compute
from analysis.design import Design, Tables
from analysis.drawing import Drawing
from analysis.markdown import Table
from analysis.results import Results
from expectations.gate import read_tables
from expectations.reading import typed
from protocol.columns import TABLES, columns
from study.settings import load_published

ROOT = Path(__file__).parents[1]
CUT = ROOT / "data" / "cuts" / "week-26"
_NOTHING = re.compile(r"\b([Nn]a[Nn]|None|<NA>|NaT|-?inf)\b")
PLANNED = (0, 4, 8, 16, 26, 39, 52)
Row = Mapping[str, object]


def design(**settings) -> Design:
    """The study's design, of a clinical cut; `settings` replace single parts."""
    usual = {"primary_week": 26, "planned_weeks": PLANNED, "label": "us", "dose_window_days": 3, "kind": "clinical"}
    return Design(**(usual | settings))


def patient(number: int, **cells) -> Row:
    usual = {
        "patient_id": f"P{number:03}", "sex": "F", "age_years": 12, "weight_kg": 45, "ad_duration_years": 10,
        "asthma": 1, "allergic_rhinitis": 0, "food_allergy": 0, "prior_systemic_therapy": "none",
    "last_contact_week": 26, }  # fmt: skip
    return usual | cells


def visit(number: int, week: int, **cells) -> Row:
    """A visit: severe at baseline and almost clear later, unless the cells say otherwise; None makes a cell empty."""
    severe = {"iga": 4, "easi": 40, "scorad_extent": 60, "scorad_intensity": 14, "scorad_pruritus": 8,
              "scorad_sleep_loss": 7.5, "scorad": 76.5, "tcs_use": 1, "emollient_per_day": 2}  # fmt: skip
    clear = {"iga": 1, "easi": 2, "scorad_extent": 5, "scorad_intensity": 2, "scorad_pruritus": 1,
             "scorad_sleep_loss": 0, "scorad": 9, "tcs_use": 0, "emollient_per_day": 2}  # fmt: skip
    return {"patient_id": f"P{number:03}", "week": week} | (clear if week else severe) | cells


def ige(number: int, week: int, value: float, qualifier: str = "") -> Row:
    return {
        "patient_id": f"P{number:03}",
        "week": week,
        "analyte": "total_ige",
        "qualifier": qualifier,
        "value": value,
        "unit": "kU/L",
    }


def dose(number: int, study_day: int, dose_mg: float = 200, kind: str = "maintenance", given: int = 1) -> Row:
    return {"patient_id": f"P{number:03}", "study_day": study_day, "dose_mg": dose_mg, "kind": kind, "given": given}


def event(number: int, term: str, start_day: int = 20, **cells) -> Row:
    usual = {"system_organ_class": "Infections and infestations", "severity": "mild", "serious": 0,
             "relatedness": "related", "action": "none", "outcome": "recovered"}  # fmt: skip
    return {"patient_id": f"P{number:03}", "term": term, "start_day": start_day} | usual | cells


def tables_of(**rows: Iterable[Row]) -> Tables:
    """The tables with these rows, typed as the gate types them; a table that is not named is empty."""
    return Tables.of({table: _frame(table, rows.get(table, ())) for table in TABLES})


def _frame(table: str, rows: Iterable[Row]) -> pd.DataFrame:
    cells = [["" if row.get(name) is None else f"{row[name]}" for name in columns(table)] for row in rows]
    index = pd.Index(range(2, len(cells) + 2), name="line", dtype="int64")
    return typed(pd.DataFrame(cells, columns=columns(table), index=index, dtype=object), table)


def cohort(pairs: Iterable[tuple[Row, Row | None]], **more: Iterable[Row]) -> Tables:
    """One patient for each pair of rows of visits.csv (their cells at week 0 and 26; None: no such visit)."""
    pairs = list(pairs)
    numbers = range(1, len(pairs) + 1)
    visits = [visit(n, week, **cells) for n, pair in zip(numbers, pairs, strict=True)
              for week, cells in zip((0, 26), pair, strict=True) if cells is not None]  # fmt: skip
    usual = {
        "patients": [patient(n) for n in numbers],
        "visits": visits,
        "labs": [ige(n, week, value) for n in numbers for week, value in ((0, 1000 + n), (26, 400 + 3 * n))],
        "doses": [
            dose(n, day, 400 if day == 1 else 200, "loading" if day == 1 else "maintenance")
            for n in numbers
            for day in (1, 15)
        ],
    }
    return tables_of(**(usual | more))


@cache
def shipped() -> tuple[Tables, Design, Results]:
    """The reconstructed cut of the paper with its results, computed once for all tests."""
    found = Tables.of(read_tables(CUT))
    how = design(kind="reconstructed", held=load_published().held)
    return found, how, compute(found, how)


def report_tables(found: Tables, how: Design, results: Results) -> dict[str, Table]:
    """Every table that the chapters show, by name."""
    week = how.primary_week
    return {
        "baseline": tables.baseline(results),
        "responders": tables.responders(results, week),
        "courses": tables.courses(results),
        "changes": tables.changes(results, week),
        "scorad_parts": tables.scorad_parts(results, week),
        "total_ige": tables.total_ige(results),
        "exposure": tables.exposure(results),
        "off_label_doses": tables.off_label_doses(found, how),
        "adverse_events": tables.adverse_events(found, results),
        "estimands": efficacy_tables.estimands(week),
        "sensitivity": efficacy_tables.sensitivity(results, week),
        "depths": efficacy_tables.depths(results, week),
        "strata": efficacy_tables.strata(results),
        "modelled_changes": efficacy_tables.modelled_changes(results),
        "times_to_response": efficacy_tables.times_to_response(results),
        "ige_averages": biomarker_views.ige_averages(results),
        "exposure_by_child": exposure_tables.by_child(found, how, results),
        "event_kinds": safety_tables.event_kinds(results),
        "event_rates": safety_tables.event_rates(found, results),
        "special_interest": safety_tables.special_interest(found, results),
        "event_listing": safety_tables.event_listing(found),
        "claims": claims_table(check_claims(load_published().claims, results)),
    }


def alt_texts(how: Design, results: Results) -> dict[str, str]:
    """Every alternative text of a figure, by name."""
    week = how.primary_week
    return {
        "patient_flow": alt.patient_flow(results),
        "iga_distribution": alt.iga_distribution(results),
        "easi_waterfall": alt.easi_waterfall(results, week),
        "easi": alt.courses(results, "easi", "EASI"),
        "scorad": alt.courses(results, "scorad", "SCORAD"),
        "itch_and_sleep": alt.itch_and_sleep(results),
        "responders_over_time": alt.responders_over_time(results),
        "ige_pairs": alt.ige_pairs(results, week),
        "timelines": alt.timelines(results),
        "ratio_courses": biomarker_views.alt_ratio_courses(results),
        "easi_flow": efficacy_alt.easi_flow(results),
        "modelled_changes": efficacy_alt.modelled_changes(results),
        "times_to_response": efficacy_alt.times_to_response(results),
        "subgroups": efficacy_alt.subgroup_forest(results, week, "easi_75"),
    }


def drawings(
    found: Tables, how: Design, results: Results, names: Iterable[str] | None = None
) -> Iterator[tuple[str, Drawing]]:
    """Every figure of the report, or those of these names, laid out; call under the Agg backend."""
    week = how.primary_week
    draw = {
        "patient_flow": lambda: figures.patient_flow(results),
        "iga_distribution": lambda: figures.iga_distribution(results),
        "easi_waterfall": lambda: figures.easi_waterfall(found, results, week),
        "scorad_courses": lambda: figures.scorad_courses(found, results),
        "easi_courses": lambda: figures.score_courses(found, results, "easi"),
        "itch_and_sleep": lambda: figures.itch_and_sleep(found, results),
        "responders_over_time": lambda: figures.responders_over_time(results),
        "ige_pairs": lambda: figures.ige_pairs(found, results, week),
        "timelines": lambda: figures.timelines(found, results),
        "ratio_courses": lambda: biomarker_views.ratio_courses(found, results),
        "sensitivity": lambda: efficacy_figures.sensitivity(results, week),
        "easi_flow": lambda: efficacy_figures.easi_flow(results),
        "modelled_changes": lambda: efficacy_figures.modelled_changes(results),
        "times_to_response": lambda: efficacy_figures.times_to_response(results),
        "residuals": lambda: efficacy_figures.residuals(found, how),
        "subgroups": lambda: efficacy_figures.subgroup_forest(results, week, "easi_75"),
    }
    with matplotlib.rc_context():
        _use_report_fonts()
        style.apply()
        for name in draw if names is None else names:
            drawing = draw[name]()
            drawing.figure.draw_without_rendering()
            yield name, drawing


@cache
def _use_report_fonts() -> None:
    style.apply(sorted((ROOT / "fonts").glob("*.ttf")))


def survives(found: Tables, how: Design | None = None, pictures: Iterable[str] | None = None) -> Results:
    """Compute, tabulate, describe and draw everything with warnings as errors; returns the results.

    `pictures` names the figures to draw where the others would be those of another test: drawing takes the time.
    Fails if anything raises, or if a NaN, an infinity or a Python word for nothing shows anywhere.
    """
    how = how or design()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = compute(found, how)
        json.loads(
            results.to_json(), parse_constant=lambda word: (_ for _ in ()).throw(AssertionError(f"{word} in the JSON"))
        )
        shown = {name: table._repr_markdown_() for name, table in report_tables(found, how, results).items()}
        shown |= {f"alt {name}": text for name, text in alt_texts(how, results).items()}
        for name, drawing in drawings(found, how, results, pictures):
            shown[f"figure {name}"] = " | ".join(_words(drawing.figure))
            shown[f"data of figure {name}"] = drawing.data._repr_markdown_()
    for name, text in shown.items():
        assert not _NOTHING.search(text), f"{_NOTHING.search(text)[0]} in {name}: {text}"
    return results


def _words(figure: matplotlib.figure.Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text)]
