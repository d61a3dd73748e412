"""The doses: the label's days, a day early or late now and then, and a few deliberate irregularities."""

from dataclasses import dataclass

from protocol.treatment import Regimen, regimen

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

# After week 26, in children who had none of those above: long holidays, a dose forgotten, a delivery late.
_LATER_IRREGULARITIES = (
    Irregularity(interval_days=14, dose=20, days=9, restarts=True),
    Irregularity(interval_days=14, dose=17, missed=True),
    Irregularity(interval_days=28, dose=9, days=5),
)


def label_regimen(child: Child) -> Regimen:
    """The label's regimen for the child's age and weight at baseline."""
    return regimen(LABEL, child.age_years, child.weight_kg)


def irregularities(children: list[Child]) -> dict[int, Irregularity]:
    """Number of the child to what is irregular in the doses up to week 26, in the order of the list above."""
    return _given_to(children, _IRREGULARITIES, Stream("dose"))


def later_irregularities(children: list[Child]) -> dict[int, Irregularity]:
    """The same for what is irregular after week 26; `children` are those who may be chosen."""
    return _given_to(children, _LATER_IRREGULARITIES, Stream("later dose"))


def _given_to(children: list[Child], entries: tuple[Irregularity, ...], stream: Stream) -> dict[int, Irregularity]:
    found: dict[int, Irregularity] = {}
    for entry in entries:
        suited = [
            child.number
            for child in children
            if child.number not in found and label_regimen(child).interval_days == entry.interval_days
        ]
        found[stream.choice(suited)] = entry
    return found


def doses(child: Child, irregular: Irregularity | None, last_day: int, later: Irregularity | None = None) -> list[Dose]:
    """All doses of a child that were due up to study day `last_day`.

    A child who is `irregular` in the first half year keeps to its days otherwise; `later` is what is irregular
    after week 26.
    """
    label = label_regimen(child)
    given = []
    moved = 0
    for number, planned in enumerate(label.days(last_day + label.interval_days)):
        day = planned + moved
        missed = False
        entry = next((entry for entry in (irregular, later) if entry and entry.dose == number), None)
        if entry:
            day += entry.days
            missed = entry.missed
            moved += entry.days if entry.restarts else 0
        elif planned > 1 and not irregular:
            day += Stream("dose", child.number, number).choice((0,) * 12 + (-1, 1, 1, 2))
        if day <= last_day:
            kind = "loading" if planned in label.loading_days else "maintenance"
            given.append(Dose(child, day, label.amount(kind), kind, not missed))
    return given
