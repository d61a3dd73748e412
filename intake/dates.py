"""From dates to study days and planned weeks. Dates are used here and nowhere kept."""

import datetime
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

_TOKENS = {"dd": r"(?P<day>[0-9]{1,2})", "mm": r"(?P<month>[0-9]{1,2})", "yyyy": r"(?P<year>[0-9]{4})"}
_TIME = r"(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.0+)?)?)?"  # exports add the time of day, which says nothing here


@dataclass(frozen=True)
class Plan:
    """What the settings say of visits: planned weeks, and how many days a visit may lie off one."""

    planned_weeks: tuple[int, ...]
    visit_window_days: int


class DatePattern:
    """How dates are written as text, as in dd.mm.yyyy or yyyy-mm-dd.

    >>> DatePattern("dd.mm.yyyy").read("7.03.2022 00:00:00")
    datetime.date(2022, 3, 7)
    """

    def __init__(self, written: str):
        parts = re.fullmatch(r"(dd|mm|yyyy)([./-])(dd|mm|yyyy)\2(dd|mm|yyyy)", written)
        if not parts or len({parts[1], parts[3], parts[4]}) < 3:
            raise ValueError(f"dates is {written}; it must be dd, mm and yyyy with . / or - between, as in dd.mm.yyyy")
        self.written = written
        self._pattern = re.compile(re.escape(parts[2]).join(_TOKENS[parts[at]] for at in (1, 3, 4)) + _TIME)

    def read(self, text: str) -> datetime.date | None:
        """The date, or None if the text is not one in this pattern."""
        match = self._pattern.fullmatch(text)
        try:
            return datetime.date(*(int(match[part]) for part in ("year", "month", "day"))) if match else None
        except ValueError:  # the 31st of February
            return None


def study_day(date: datetime.date, first_dose: datetime.date) -> int:
    """Day 1 is the day of the first dose; there is no day 0.

    >>> study_day(datetime.date(2022, 1, 9), datetime.date(2022, 1, 10))
    -1
    """
    days = (date - first_dose).days
    return days + 1 if days >= 0 else days


def weeks_since(date: datetime.date, first_dose: datetime.date) -> str:
    """Weeks with one decimal, rounded up so that the day lies within; which keeps the order against whole weeks.

    >>> weeks_since(datetime.date(2022, 1, 11), datetime.date(2022, 1, 10))
    '0.2'
    """
    return str((Decimal((date - first_dose).days) / 7).quantize(Decimal("0.1"), ROUND_CEILING))


def planned_week(date: datetime.date, first_dose: datetime.date, plan: Plan) -> int:
    """The planned week whose day is nearest; raises ValueError, whose message says why there is not exactly one.

    A visit after the first dose is never the baseline.
    """
    days = (date - first_dose).days
    off = {week: abs(days - 7 * week) for week in plan.planned_weeks if not (week == 0 and days > 0)}
    least = min(off.values(), default=None)
    nearest = [week for week, distance in off.items() if distance == least]
    where = f"day {study_day(date, first_dose)}"
    if least is None or least > plan.visit_window_days:
        near = f"; the nearest, week {nearest[0]}, is {least} days away" if nearest else ""
        after = "; a visit after the first dose is no baseline" if 0 < days <= plan.visit_window_days else ""
        raise ValueError(
            f"{where}, is within {plan.visit_window_days} days of no planned week{near}{after}; correct the date, or change "
            "planned_weeks or visit_window_days in study.yml"
        )
    if len(nearest) > 1:
        weeks = " and ".join(map(str, nearest))
        raise ValueError(
            f"{where}, is as near to week {weeks}; correct the date, or give the week in place of the date"
        )
    return nearest[0]
