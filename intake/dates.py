"""From dates to study days and planned weeks. Dates are used here and nowhere kept."""

import calendar
import datetime
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

_MONTHS = {
    1: "january jan январь января янв",
    2: "february feb февраль февраля фев февр",
    3: "march mar март марта мар",
    4: "april apr апрель апреля апр",
    5: "may may май мая май",
    6: "june jun июнь июня июн",
    7: "july jul июль июля июл",
    8: "august aug август августа авг",
    9: "september sep sept сентябрь сентября сен сент",
    10: "october oct октябрь октября окт",
    11: "november nov ноябрь ноября ноя нояб",
    12: "december dec декабрь декабря дек",
}
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}
_NAMES = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_TOKENS = {
    "dd": r"(?P<day>[0-9]{1,2})",
    "mm": r"(?P<month>[0-9]{1,2})",
    "mmm": rf"(?P<name>{_NAMES})\.?",
    "yy": r"(?P<short>[0-9]{2})",
    "yyyy": r"(?P<year>[0-9]{4})",
}
_CENTURY = 2000  # of years of two digits: all that a study of this medicine dates lies in it
_UNKNOWN = r"(?:un|unk|uk|nk|xx?|\?\??|--?|__?|00?|нд|н/д|неизв\.?)"  # in the place of a day or a month
_ERA = r"(?:\s*(?:года|год|г\.|г))?"  # Russian letters write the word year behind it
_TIME = r"(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.0+)?)?)?"  # exports add the time of day, which says nothing here


@dataclass(frozen=True)
class Plan:
    """What the settings say of visits: planned weeks, and how many days a visit may lie off one."""

    planned_weeks: tuple[int, ...]
    visit_window_days: int


@dataclass(frozen=True)
class Partial:
    """A date of which the day (flag D) or day and month (flag M) are unknown; the flags are those of CDISC's ADaM."""

    year: int
    month: int | None

    @property
    def flag(self) -> str:
        return "M" if self.month is None else "D"

    @property
    def first(self) -> datetime.date:
        return datetime.date(self.year, self.month or 1, 1)

    @property
    def last(self) -> datetime.date:
        month = self.month or 12
        return datetime.date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def middle(self) -> datetime.date:
        return datetime.date(self.year, self.month or 7, 15 if self.month else 1)

    @property
    def written(self) -> str:
        return str(self.year) if self.month is None else f"{self.month:02d}.{self.year}"


class DatePattern:
    """How dates are written as text, as in dd.mm.yyyy or yyyy-mm-dd; with several ways, a text must be a date in one of them only.

    The name of a month (mmm) may be English or Russian, short or whole; a year of two digits (yy) is one of 2000 to 2099.

    >>> DatePattern("dd.mm.yyyy").read("7.03.2022 00:00:00")
    datetime.date(2022, 3, 7)
    >>> DatePattern("dd.mm.yy", "dd mmm yyyy").read("7 марта 2022 г.")
    datetime.date(2022, 3, 7)
    """

    def __init__(self, *written: str):
        self.written = " or ".join(written)
        self._patterns, self._partial = [], []
        for each in written:
            whole, partial = _expressions(each)
            self._patterns.append(whole)
            self._partial += partial

    def read(self, text: str) -> datetime.date | None:
        """The date, or None if the text is not exactly one in these patterns."""
        found = {date for pattern in self._patterns if (date := _date(pattern.fullmatch(text))) is not None}
        return found.pop() if len(found) == 1 else None

    def read_partial(self, text: str) -> Partial | None:
        """What is known of a date whose day, or day and month, are left out or written as unknown; None if it is no such text.

        >>> DatePattern("dd.mm.yyyy").read_partial("UN.11.2021")
        Partial(year=2021, month=11)
        """
        found = set()
        for pattern in self._partial:
            match = pattern.fullmatch(text)
            if match is not None:
                parts = match.groupdict()
                month = _MONTH_OF[parts["name"].lower()] if parts.get("name") else int(parts.get("month") or 0) or None
                year = int(parts["year"]) if parts.get("year") else _CENTURY + int(parts["short"])
                if (month is None) == (not parts.get("month") and not parts.get("name")) and (month or 1) <= 12:
                    found.add(Partial(year, month))
        return found.pop() if len(found) == 1 else None


def _expressions(written: str) -> tuple[re.Pattern, list[re.Pattern]]:
    """What matches a whole date in one pattern, and what matches one without its day or its month; ValueError for no pattern."""
    parts = re.fullmatch(r"(dd|mmm?|yyyy|yy)([./ -]|, ?|)(dd|mmm?|yyyy|yy)([./ -]|, ?|)(dd|mmm?|yyyy|yy)", written)
    tokens = [parts[at] for at in (1, 3, 5)] if parts else []
    if {token[0] for token in tokens} != set("dmy"):
        raise ValueError(
            f"dates is {written}; it must be dd, mm (or mmm, a name) and yyyy (or yy, a year of 2000 to 2099) with . / - or a "
            "blank between, as in dd.mm.yyyy or dd-mmm-yyyy"
        )
    marks = [parts[2], parts[4]]
    if "" in marks and "mmm" not in tokens:
        raise ValueError(f"dates is {written}; days, months and years in numbers need a mark between, as in dd.mm.yyyy")
    between = [r"\s+" if mark == " " else re.escape(mark).replace(r"\ ", r"\s*") for mark in marks]

    def compiled(codes: list[str], marks: list[str], year_last: bool) -> re.Pattern:
        text = codes[0] + "".join(mark + code for mark, code in zip(marks, codes[1:], strict=True))
        return re.compile(text + (_ERA if year_last else "") + _TIME, re.IGNORECASE)

    last = tokens[2][0] == "y"
    codes = [_TOKENS[token] for token in tokens]
    whole = compiled(codes, between, last)
    unknown = {"d": [_UNKNOWN if token == "dd" else _TOKENS[token] for token in tokens]}
    unknown["m"] = [_UNKNOWN if token[0] != "y" else _TOKENS[token] for token in tokens]
    partial = [compiled(each, between, last) for each in unknown.values()]
    if "yyyy" in tokens:  # of two numbers with a year of two digits nobody can say which they are
        kept = [at for at, token in enumerate(tokens) if token != "dd"]
        mark = between[0] if kept == [0, 1] else between[1]
        partial.append(compiled([codes[at] for at in kept], [mark], tokens[kept[-1]][0] == "y"))
        partial.append(compiled([_TOKENS["yyyy"]], [], True))
    return whole, partial


def _date(match: re.Match | None) -> datetime.date | None:
    if match is None:
        return None
    parts = match.groupdict()
    month = _MONTH_OF[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    year = int(parts["year"]) if parts.get("year") else _CENTURY + int(parts["short"])
    try:
        return datetime.date(year, month, int(parts["day"]))
    except ValueError:  # the 31st of February
        return None


def imputed(
    partial: Partial,
    rule: str,
    first_dose: datetime.date | None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
) -> datetime.date:
    """The day that stands for a partial date: the first or the middle one of what is known of it, within what else is known.

    The start of an event is not before `first_dose`, so that an event counts as one under treatment unless its date or its `end`
    excludes that, and not after its `end`; the end of an event is not before its `start`. Each is None if it is unknown or no bound.

    >>> imputed(Partial(2021, 11), "first", datetime.date(2021, 11, 9))
    datetime.date(2021, 11, 9)
    """
    date = partial.first if rule == "first" else partial.middle
    if first_dose is not None and end is not None and end < first_dose:
        first_dose = None
    for bound in (first_dose, start):
        if bound is not None and date < bound <= partial.last:
            date = bound
    if end is not None and partial.first <= end < date:
        date = end
    return date


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
