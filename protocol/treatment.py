"""The drug, how much of it, and how often: the prescribing information as a table of regimens.

What is said of dosing in general comes first and last; the drug under study stands in the middle.

Weight and age at baseline decide. Children grow over a threshold in the course of a year and their doctors then adapt
the dose; the data record one weight, so this is a limitation that the report states.
"""

from collections.abc import Callable
from dataclasses import dataclass


def how_often(interval_days: int) -> str:
    """An interval between doses in words.

    >>> [how_often(days) for days in (1, 7, 14, 10)]
    ['daily', 'weekly', 'every 2 weeks', 'every 10 days']
    """
    if interval_days in (1, 7):
        return {1: "daily", 7: "weekly"}[interval_days]
    weeks, rest = divmod(interval_days, 7)
    return f"every {interval_days} days" if rest else f"every {weeks} weeks"


def a_dose(interval_days: int) -> str:
    """What a patient is on, for instance in "patients on a daily dose".

    >>> a_dose(1), a_dose(14)
    ('a daily dose', 'a dose every 2 weeks')
    """
    often = how_often(interval_days)
    return f"a dose {often}" if often.startswith("every") else f"a {often} dose"


def every(interval_days: int) -> str:
    """An interval between doses as prescriptions have it.

    >>> [every(days) for days in (1, 7, 28)]
    ['q1d', 'q1w', 'q4w']
    """
    weeks, rest = divmod(interval_days, 7)
    return f"q{interval_days}d" if rest else f"q{weeks}w"


@dataclass(frozen=True)
class Drug:
    """The drug under study: its `name` as within a sentence, and what it does, after its name."""

    name: str
    action: str

    @property
    def title(self) -> str:
        """The name as it begins a sentence."""
        return self.name[0].upper() + self.name[1:]


@dataclass(frozen=True)
class Regimen:
    """Doses in mg, interval in days. `loading_days` are the study days of the loading doses (day 1 = first dose)."""

    loading_mg: int
    loading_days: tuple[int, ...]
    maintenance_mg: int
    interval_days: int
    first_maintenance_day: int

    def amount(self, kind: str) -> int:
        """The label's amount in mg for a dose of kind "loading" or "maintenance"."""
        return {"loading": self.loading_mg, "maintenance": self.maintenance_mg}[kind]

    @property
    def words(self) -> str:
        """The maintenance in words, for instance "300 mg every 2 weeks" or "15 mg daily"."""
        return f"{self.maintenance_mg} mg {how_often(self.interval_days)}"

    @property
    def short(self) -> str:
        """The maintenance as clinicians abbreviate it, for instance "300 mg q2w"."""
        return f"{self.maintenance_mg} mg {every(self.interval_days)}"

    @property
    def id(self) -> str:
        """The end of its variable in the results table, for instance "300mg_q2w"."""
        return f"{self.maintenance_mg}mg_{every(self.interval_days)}"

    def interval_before(self, given_before: int) -> int:
        """Days between a dose and the one given before it, when `given_before` (>= 1) doses came earlier."""
        days = (*self.loading_days, self.first_maintenance_day)
        return days[given_before] - days[given_before - 1] if given_before < len(days) else self.interval_days

    def days(self, last_day: int) -> list[int]:
        """Study days on which the label has a dose, up to and including `last_day`.

        >>> Regimen(400, (1,), 200, 14, 15).days(43)
        [1, 15, 29, 43]
        """
        maintenance = range(self.first_maintenance_day, last_day + 1, self.interval_days)
        return [day for day in (*self.loading_days, *maintenance) if day <= last_day]


def single_loading(loading_mg: int, maintenance_mg: int, interval_days: int) -> Regimen:
    """One loading dose on day 1, then maintenance.

    >>> single_loading(600, 300, 14).days(30)
    [1, 15, 29]
    """
    return Regimen(loading_mg, (1,), maintenance_mg, interval_days, 1 + interval_days)


def steady(mg: int, interval_days: int) -> Regimen:
    """The same dose from day 1 on, without a loading dose.

    >>> steady(15, 1).days(4), steady(15, 1).words
    ([1, 2, 3, 4], '15 mg daily')
    """
    return Regimen(mg, (), mg, interval_days, 1)


@dataclass(frozen=True)
class Label:
    """Dosing instructions in force somewhere: their `name`, the key of their `citation` in `references.bib`, the `regimen` of a
    patient by age in years and weight in kg, all of them (`regimens`, options too), the weights in kg at which the dose changes
    for patients of some age, and for a regimen the `options` that the label names beside it, if the physician so decides."""

    name: str
    citation: str
    regimen: Callable[[float, float], Regimen]
    regimens: tuple[Regimen, ...]
    weight_bands_kg: tuple[float, ...] = ()
    options: tuple[tuple[Regimen, Regimen], ...] = ()
    """Pairs of a regimen and the one that may take its place."""

    @property
    def intervals_days(self) -> tuple[int, ...]:
        """The intervals between maintenance doses, the shortest first."""
        return tuple(sorted({plan.interval_days for plan in self.regimens}))


# --- the drug under study and its labels ----------------------------------------------------------------------

DRUG = Drug("dupilumab", "blocks the shared receptor of interleukin 4 and 13")

_EVERY_2_WEEKS_300 = single_loading(600, 300, 14)
_EVERY_2_WEEKS_200 = single_loading(400, 200, 14)
_EVERY_4_WEEKS_300 = single_loading(600, 300, 28)
_EUROPEAN_CHILD = Regimen(300, (1, 15), 300, 28, 43)
_EUROPEAN_CHILD_OPTION = Regimen(300, (1, 15), 200, 14, 29)


def _us(age_years: float, weight_kg: float) -> Regimen:
    if age_years >= 18 or weight_kg >= 60:
        return _EVERY_2_WEEKS_300
    return _EVERY_2_WEEKS_200 if weight_kg >= 30 else _EVERY_4_WEEKS_300


def _eu(age_years: float, weight_kg: float) -> Regimen:
    if age_years >= 18 or weight_kg >= 60:
        return _EVERY_2_WEEKS_300
    return _EVERY_2_WEEKS_200 if age_years >= 12 else _EUROPEAN_CHILD


LABELS = {
    "us": Label(
        "United States prescribing information", "dupixentlabel", _us,
        (_EVERY_2_WEEKS_200, _EVERY_2_WEEKS_300, _EVERY_4_WEEKS_300), (30, 60),
    ),
    "eu": Label(
        "European product information", "dupixenteu", _eu,
        (_EVERY_2_WEEKS_200, _EVERY_2_WEEKS_300, _EUROPEAN_CHILD, _EUROPEAN_CHILD_OPTION), (60,),
        options=((_EUROPEAN_CHILD, _EUROPEAN_CHILD_OPTION),),
    ),
}  # fmt: skip

# --- which dose is due --------------------------------------------------------------------------------------------

MAINTENANCE = {plan.id: plan.words for label in LABELS.values() for plan in label.regimens}
"""The maintenance in words by :attr:`Regimen.id`; regimens that differ in loading alone share both."""


def regimen(label: str, age_years: float, weight_kg: float) -> Regimen:
    """The regimen for atopic dermatitis of a patient of 6 years and older.

    `label` is a key of :data:`LABELS`; raises KeyError for another one. The labels start at 15 kg; a lighter child gets the
    regimen of the lowest band, and the data check warns of the weight.

    Source: US prescribing information of Dupixent, section 2, table 2; European product information, section 4.2.

    >>> regimen("us", age_years=10, weight_kg=34).maintenance_mg
    200
    >>> regimen("eu", age_years=10, weight_kg=34).days(80)
    [1, 15, 43, 71]
    """
    return LABELS[label].regimen(age_years, weight_kg)


def regimens(label: str, age_years: float, weight_kg: float) -> tuple[Regimen, ...]:
    """The label's regimen for this patient and, after it, those that the label names as an option.

    The European label lets the physician raise the dose of children of 6 to 11 years and 15 to under 60 kg to 200 mg
    every 2 weeks, after the two loading doses of 300 mg; the United States label names no option.

    Source: European product information of Dupixent, section 4.2.

    >>> [plan.maintenance_mg for plan in regimens("eu", age_years=10, weight_kg=34)]
    [300, 200]
    """
    first = regimen(label, age_years, weight_kg)
    return (first, *(option for plan, option in LABELS[label].options if plan == first))


def expected(
    allowed: tuple[Regimen, ...],
    kind: str,
    dose_mg: float,
    previous_mg: float | None,
    given_before: int,
    missed: int = 0,
) -> tuple[int, tuple[int, ...]]:
    """The label's amount in mg for a dose, and the intervals in days that it allows since the given dose before it.

    `allowed` comes from :func:`regimens`; the dose is held to the first of them that has its amount, or to the first
    of all. `previous_mg` is the amount of the given dose before (None: this is the first, any day is right),
    `given_before` the number of doses given earlier, and `missed` the number of those left out since then. Where the
    amount changes from one allowed regimen to the other, the dose may come when either has its next one due.

    >>> child = regimens("eu", age_years=10, weight_kg=34)
    >>> expected(child, "maintenance", 200, previous_mg=300, given_before=2)
    (200, (14, 28))
    >>> expected(child, "maintenance", 200, previous_mg=200, given_before=3)
    (200, (14,))
    """
    plan = next((plan for plan in allowed if plan.amount(kind) == dose_mg), allowed[0])
    if previous_mg is None:
        return plan.amount(kind), ()
    changes = kind == "maintenance" and previous_mg != plan.maintenance_mg
    plans = allowed if changes else (plan,)
    intervals = {sum(each.interval_before(given_before + i) for i in range(missed + 1)) for each in plans}
    return plan.amount(kind), tuple(sorted(intervals))


def in_use(allowed: tuple[Regimen, ...], maintenance_mg: list[float]) -> Regimen:
    """Of the allowed regimens, the one that most of these maintenance doses follow; the first when none stands out.

    >>> in_use(regimens("eu", 10, 34), [300, 200, 200]).interval_days
    14
    """
    return max(allowed, key=lambda plan: sum(dose == plan.maintenance_mg for dose in maintenance_mg))
