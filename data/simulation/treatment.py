"""The doses: the label's days, a day early or late now and then, and five deliberate irregularities."""

from dataclasses import dataclass

from analysis.label import Regimen, regimen

from .chance import Stream
from .children import Child

LABEL = "us"


@dataclass(frozen=True)
class Dose:
    """One planned dose: the study day on which it was given or, if not `given`, on which it was missed."""

    child: Child
    study_day: int
    dose_mg: int
    kind: str
    given: bool


@dataclass(frozen=True)
class Irregularity:
    """From dose number `dose` on (0 = first) something is off the label.

    The dose comes `days` later than planned (earlier if negative). `restarts` says whether all following
    doses move along; if not, they go back to the original days, as the label advises within a week. A missed
    dose is on its planned day with `given` 0. `for_infection` ties the delay to an event (see events.py).
    """

    interval_days: int
    dose: int
    days: int = 0
    restarts: bool = False
    missed: bool = False
    for_infection: bool = False


# Five children, drawn among those with the interval that each entry names.
_IRREGULARITIES = (
    Irregularity(interval_days=14, dose=6, days=8, restarts=True, for_infection=True),
    Irregularity(interval_days=14, dose=4, days=5),  # late, then back to the original days: 19 days, then 9
    Irregularity(interval_days=28, dose=3, days=6, restarts=True),  # late delivery
    Irregularity(interval_days=14, dose=9, missed=True),  # the next dose on its original day
    Irregularity(interval_days=28, dose=2, days=-14, restarts=True),  # two weeks instead of four, once
)


def label_regimen(child: Child) -> Regimen:
    """The label's regimen for the child's age and weight at baseline."""
    return regimen(LABEL, child.age_years, child.weight_kg)


def irregularities(children: list[Child]) -> dict[int, Irregularity]:
    """Number of the child to what is irregular in the doses, in the order of the list above."""
    stream = Stream("dose")
    found: dict[int, Irregularity] = {}
    for entry in _IRREGULARITIES:
        suited = [
            child.number
            for child in children
            if child.number not in found and label_regimen(child).interval_days == entry.interval_days
        ]
        found[stream.choice(suited)] = entry
    return found


def doses(child: Child, irregular: Irregularity | None, last_day: int) -> list[Dose]:
    """All doses of a child that were due up to study day `last_day`."""
    label = label_regimen(child)
    given = []
    moved = 0
    for number, planned in enumerate(label.days(last_day + label.interval_days)):
        day = planned + moved
        missed = False
        if irregular and number == irregular.dose:
            day += irregular.days
            missed = irregular.missed
            moved += irregular.days if irregular.restarts else 0
        elif planned > 1 and not irregular:
            day += Stream("dose", child.number, number).choice((0,) * 12 + (-1, 1, 1, 2))
        if day <= last_day:
            kind = "loading" if planned in label.loading_days else "maintenance"
            given.append(Dose(child, day, label.amount(kind), kind, not missed))
    return given
