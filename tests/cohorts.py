"""Cohorts that a clinic could send, each a data cut with its settings, written by one function of a few parameters.

Nothing is drawn at random: patients differ by their number alone, so a cohort is the same on every machine.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from conftest import SHIPPED_CUT
from cut_examples import doses, write_cut

from protocol.columns import TABLES
from protocol.scores import scorad
from protocol.treatment import regimen
from study.settings import Settings, load_settings


@dataclass(frozen=True)
class Cohort:
    """What a cohort is like.

    `responding` is the share of patients who get almost clear (the others stay as they are); `easi` and `iga` are those at baseline,
    lowest and highest. `ige` says which values there are: "all", "baseline" alone, "censored" (baseline alone, above the limit
    of the assay), "none" after baseline. `stopped` patients stop treatment after 4 weeks, for these reasons in turn; the last visit of
    `unseen` others is missing.
    """

    patients: int = 24
    ages: tuple[int, int] = (6, 17)
    weeks: tuple[int, ...] = (0, 4, 8, 16, 26)
    primary_week: int = 26
    label: str = "eu"
    sexes: str = "FM"
    responding: float = 0.4
    easi: tuple[float, float] = (22.0, 45.0)
    iga: int | None = None
    ige: str = "all"
    events: bool = True
    stopped: int = 0
    reasons: tuple[str, ...] = ("lack of effect", "wish of the family", "moved away")
    suppression: bool = False
    unseen: int = 0


COHORTS: dict[str, Cohort | None] = {
    "shipped": None,
    "week 16 alone": Cohort(64, weeks=(0, 4, 8, 16), easi=(16.0, 34.0), responding=0.1, stopped=3),
    "week 16 as the primary one": Cohort(
        64, weeks=(0, 4, 8, 16), primary_week=16, easi=(16.0, 34.0), responding=0.1, stopped=3
    ),
    "everyone responds": Cohort(responding=1),
    "nobody responds": Cohort(responding=0),
    "no event": Cohort(events=False),
    "IgE censored at baseline": Cohort(ige="censored"),
    "no IgE after baseline": Cohort(ige="baseline"),
    "one child": Cohort(1, responding=1),
    "300 adults": Cohort(300, ages=(18, 65), label="us"),
    "small counts kept back": Cohort(40, responding=0.2, suppression=True),
    "everyone stopped": Cohort(12, stopped=12),
    "boys alone": Cohort(sexes="M"),
    "five were not seen at last": Cohort(unseen=5),
    "one was not seen at last": Cohort(responding=0.8, unseen=1),
    "moderate": Cohort(easi=(16.0, 20.9), iga=3),
}
"""None: the cut and the settings of this repository."""
CENSORED_ABOVE = 5000


def write(folder: Path, name: str) -> tuple[Path, Settings]:
    """The data cut of this cohort, written into `folder` unless it is the shipped one, and its settings."""
    cohort, settings = COHORTS[name], load_settings()
    if cohort is None:
        return SHIPPED_CUT, settings
    write_cut(folder, _rows(cohort))
    (folder / "cut.yml").write_text(
        "label: First analysis\nextracted: 2026-01-15\nkind: clinical\n"
        f'description: "{name}"\nprevious: null\n',  # kept results are found by the files: no two cohorts have the same
        encoding="utf-8",
        newline="\n",
    )
    return folder, replace(
        settings,
        cut=folder.name,
        primary_week=cohort.primary_week,
        age_years=cohort.ages,
        label=cohort.label,
        suppress_small_counts=cohort.suppression,
    )


def _rows(cohort: Cohort) -> dict[str, list[dict[str, str]]]:
    cut: dict[str, list[dict[str, str]]] = {table: [] for table in TABLES}
    for number in range(cohort.patients):
        responds = number * cohort.responding % 1 + cohort.responding >= 1  # spread evenly over the numbers
        stops = number >= cohort.patients - cohort.stopped
        last = cohort.weeks[1] if stops else cohort.weeks[-1]
        share = number / max(cohort.patients - 1, 1)
        patient_id, age = f"P{number + 1:03}", cohort.ages[0] + number % (cohort.ages[1] - cohort.ages[0] + 1)
        weight = min(round(3.2 * age) + number % 7, 95) + 0.5
        cut["patients"].append(
            {
                "patient_id": patient_id,
                "sex": cohort.sexes[number % len(cohort.sexes)],
                "age_years": f"{age}",
                "weight_kg": f"{weight}",
                "ad_duration_years": f"{age - 3 - 0.1 * (number % 20):.1f}",
                "asthma": f"{number % 3 == 0:d}",
                "allergic_rhinitis": f"{number % 2}",
                "food_allergy": f"{number % 4 == 0:d}",
                "prior_systemic_therapy": "none",
                "last_contact_week": f"{last}",
                "discontinued_week": f"{last}" if stops else "",
                "discontinuation_reason": cohort.reasons[number % len(cohort.reasons)] if stops else "",
            }
        )
        attended = [week for week in cohort.weeks if week <= last]
        for week in attended[:-1] if number < cohort.unseen else attended:
            better = (week / cohort.weeks[-1]) ** 0.5 if responds else 0.002 * week * (1 + number % 3)
            cut["visits"].append(_visit(cohort, patient_id, week, better, share, number))
        for week, qualifier, value in _ige(cohort, last, number):
            cut["labs"].append(
                {"patient_id": patient_id, "week": f"{week}", "analyte": "total_ige", "qualifier": qualifier, "value": value,
                 "unit": "kU/L"}
            )  # fmt: skip
        cut["doses"] += doses(patient_id, regimen(cohort.label, age, weight), 7 * last - 1)
        if cohort.events and number % 4 == 0:
            cut["adverse_events"].append(_event(patient_id, number))
    return cut


def _visit(cohort: Cohort, patient_id: str, week: int, better: float, share: float, number: int) -> dict[str, str]:
    """A visit; `better` is 0 at baseline and 1 for clear skin, `share` the patient's place between the mildest and the worst."""
    low, high = cohort.easi
    easi = round((low + share * (high - low)) * (1 - 0.98 * better), 1)
    severe = 4 if cohort.iga is None and easi > 21 else cohort.iga or 3
    iga = severe if better < 0.3 else next(grade for grade, bound in enumerate((0.1, 1, 7, 21, 72)) if easi <= bound)
    extent, intensity = round(min(95, 1.8 * easi + 5 + number % 5)), round(min(18, 3 + 0.3 * easi))
    itch, sleep = 1 + round(7.5 * (1 - better), 1) + number % 3 * 0.3, round(6.5 * (1 - better), 1) + number % 4 * 0.3
    return {
        "patient_id": patient_id,
        "week": f"{week}",
        "iga": f"{iga}",
        "easi": f"{easi}",
        "scorad_extent": f"{extent}",
        "scorad_intensity": f"{intensity}",
        "scorad_pruritus": f"{itch:.1f}",
        "scorad_sleep_loss": f"{sleep:.1f}",
        "scorad": f"{scorad(extent, intensity, round(itch, 1), round(sleep, 1)):.1f}",
        "tcs_use": f"{number % 5 > 0:d}",
        "emollient_per_day": f"{1 + number % 3}",
    }


def _ige(cohort: Cohort, last: int, number: int) -> list[tuple[int, str, str]]:
    """Week, qualifier and value of each measurement."""
    start = 900 + 137 * (number * 7 % 29)
    if cohort.ige == "censored":
        return [(0, ">", f"{CENSORED_ABOVE}")]
    weeks = (
        (0,)
        if cohort.ige == "baseline"
        else tuple(week for week in cohort.weeks if week in (0, 16, 26) and week <= last)
    )
    return [(week, "", f"{start * (1 - 0.012 * week - 0.001 * (number % 5) * week):.0f}") for week in weeks]


def _event(patient_id: str, number: int) -> dict[str, str]:
    term, organ_class = [
        ("Conjunctivitis", "Eye disorders"),
        ("Nasopharyngitis", "Infections and infestations"),
        ("Headache", "Nervous system disorders"),
    ][number // 4 % 3]
    return {
        "patient_id": patient_id,
        "term": term,
        "system_organ_class": organ_class,
        "start_day": f"{10 + number % 9}",
        "end_day": f"{16 + number % 9}",
        "severity": "mild",
        "serious": "0",
        "relatedness": "not related",
        "action": "none",
        "outcome": "recovered",
    }
