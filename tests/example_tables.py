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
    cohort_shown,
    course_shown,
    depth_shown,
    efficacy_shown,
    estimands_shown,
    exposure_shown,
    ige_shown,
    inference_shown,
    population_shown,
    response_time_shown,
    safety_shown,
    sensitivity_shown,
    subgroups_shown,
)
from analysis.claims import check_claims
from analysis.claims_shown import claims_table
from analysis.compute import compute
from analysis.core import style
from analysis.core.design import Design, Tables
from analysis.core.drawing import Drawing
from analysis.core.markdown import Table
from analysis.core.results import Results
from expectations.gate import read_tables
from expectations.reading import typed
from protocol.columns import TABLES, columns
from study.settings import load_published

ROOT = Path(__file__).parents[1]
CUT = ROOT / "data" / "cuts" / "week-26"
_FONTS = sorted((ROOT / "fonts").glob("*.ttf"))
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
        "baseline": population_shown.baseline_table(results),
        "responders": efficacy_shown.responders_table(results, week),
        "courses": efficacy_shown.courses_table(results),
        "changes": efficacy_shown.changes_table(results, week),
        "scorad_parts": efficacy_shown.scorad_parts_table(results, week),
        "total_ige": ige_shown.total_ige_table(results),
        "exposure": exposure_shown.doses_table(results),
        "off_label_doses": exposure_shown.off_label_doses_table(found, how, results),
        "adverse_events": safety_shown.adverse_events_table(found, results),
        "estimands": estimands_shown.estimands_table(week),
        "sensitivity": sensitivity_shown.sensitivity_table(results, week),
        "mean_changes": sensitivity_shown.scores_table(results, week),
        "tipping": sensitivity_shown.tipping_table(results, week),
        "depths": depth_shown.depths_table(results, week),
        "strata": depth_shown.strata_table(results),
        "modelled_changes": course_shown.modelled_changes_table(results),
        "structures": course_shown.structures_table(results),
        "times_to_response": response_time_shown.times_to_response_table(results),
        "readings": inference_shown.readings_table(results, week),
        "iga_shift": depth_shown.iga_shift_table(results, week),
        "ige_averages": ige_shown.averages_table(results),
        "exposure_by_child": exposure_shown.by_child_table(found, how, results),
        "event_kinds": safety_shown.event_kinds_table(results),
        "event_rates": safety_shown.event_rates_table(found, results),
        "event_periods": safety_shown.event_periods_table(results),
        "event_times": safety_shown.event_times_table(found, results),
        "special_interest": safety_shown.special_interest_table(found, results),
        "event_listing": safety_shown.event_listing_table(found),
        "claims": claims_table(check_claims(load_published().claims, results, how.primary_week)),
    }


def alt_texts(how: Design, results: Results) -> dict[str, str]:
    """Every alternative text of a figure, by name."""
    week = how.primary_week
    stopped = results["population.discontinued.n"].value
    return {
        "patient_flow": population_shown.alt_patient_flow(results, [("moved away", stopped)] if stopped else []),
        "iga_distribution": efficacy_shown.alt_iga_distribution(results),
        "easi_waterfall": efficacy_shown.alt_easi_waterfall(results, week),
        "easi": efficacy_shown.alt_score_courses(results, "easi", "EASI"),
        "scorad": efficacy_shown.alt_score_courses(results, "scorad", "SCORAD"),
        "itch_and_sleep": efficacy_shown.alt_itch_and_sleep(results),
        "responders_over_time": efficacy_shown.alt_responders_over_time(results),
        "ige_pairs": ige_shown.alt_before_after(results, week),
        "every_patient": cohort_shown.alt_every_patient(results, week),
        "ratio_courses": ige_shown.alt_ratio_courses(results),
        "easi_flow": depth_shown.alt_easi_flow(results),
        "modelled_changes": course_shown.alt_modelled_changes(results),
        "residuals": course_shown.alt_residuals(results),
        "times_to_response": response_time_shown.alt_times_to_response(results),
        "on_treatment": response_time_shown.alt_on_treatment(results),
        "cumulative": depth_shown.alt_cumulative(results, week),
        "subgroups": subgroups_shown.alt_subgroup_forest(results, week, "easi_75", how.label),
    }


def drawings(
    found: Tables, how: Design, results: Results, names: Iterable[str] | None = None
) -> Iterator[tuple[str, Drawing]]:
    """Every figure of the report, or those of these names, laid out; call under the Agg backend."""
    week = how.primary_week
    draw = {
        "patient_flow": lambda: population_shown.patient_flow(results, population_shown.stopping_reasons(found)),
        "iga_distribution": lambda: efficacy_shown.iga_distribution(found, results),
        "easi_waterfall": lambda: efficacy_shown.easi_waterfall(found, results, week),
        "scorad_courses": lambda: efficacy_shown.score_courses(found, results, week, "scorad"),
        "easi_courses": lambda: efficacy_shown.score_courses(found, results, week, "easi"),
        "itch_and_sleep": lambda: efficacy_shown.itch_and_sleep(found, results, week),
        "responders_over_time": lambda: efficacy_shown.responders_over_time(results),
        "ige_pairs": lambda: ige_shown.before_after(found, results, week),
        "every_patient": lambda: cohort_shown.every_patient(found, results, week),
        "ratio_courses": lambda: ige_shown.ratio_courses(found, results, week),
        "sensitivity": lambda: sensitivity_shown.sensitivity_forest(results, week),
        "easi_flow": lambda: depth_shown.easi_flow(results),
        "modelled_changes": lambda: course_shown.modelled_changes(results),
        "times_to_response": lambda: response_time_shown.times_to_response(results),
        "on_treatment": lambda: response_time_shown.on_treatment(found, results),
        "cumulative": lambda: depth_shown.cumulative(found, results, week),
        "residuals": lambda: course_shown.residuals(found, how),
        "subgroups": lambda: subgroups_shown.subgroup_forest(results, week, "easi_75", how.label),
    }
    with matplotlib.rc_context():
        style.apply(_FONTS)
        for name in draw if names is None else names:
            drawing = draw[name]()
            drawing.figure.draw_without_rendering()
            yield name, drawing


def on_a_phone(drawing: Drawing) -> matplotlib.figure.Figure:
    """The figure as the website shows it there, laid out."""
    with matplotlib.rc_context():
        style.apply(_FONTS)
        figure = drawing.narrow()
        figure.draw_without_rendering()
    return figure


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
