"""Fictitious calendar dates for a cut, which knows only study days and planned weeks.

A reader who counts from the first dose gets exactly the study days and planned weeks of the cut back.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from simulation.chance import Stream

_FIRST_DOSES = (date(2021, 1, 11), date(2021, 11, 26))
_USUAL = (0, 0, 0, 0, -1, -1, 1, 1, 1, -2, 2, 2, -3, 3, -4, 4, 5, 6)  # days early (-) or late at a visit
_BEFORE_TREATMENT = (0, 0, 0, -1, -1, -2, -3, -4, -5, -6)


@dataclass(frozen=True)
class Calendar:
    """The dates of one patient."""

    patient_id: str
    first_dose: date
    last_contact: date

    def of_day(self, study_day: str) -> date | None:
        """The date of a study day of 1 or later, None for an empty cell."""
        return self.first_dose + timedelta(days=int(study_day) - 1) if study_day else None

    def of_weeks(self, weeks: str) -> date | None:
        """The date of a time in weeks since the first dose with one decimal rounded up; None for an empty cell."""
        return _date_of_weeks(self.first_dose, weeks) if weeks else None

    def of_visit(self, week: str) -> date:
        """The date of the visit of a planned week: a working day a few days around the planned one.

        The baseline lies on or before the day of the first dose, no visit after the last contact.
        """
        planned = self.first_dose + timedelta(days=7 * int(week))
        stream = Stream("dates", int(self.patient_id[1:]), int(week))
        possible = [planned + timedelta(days=days) for days in (_USUAL if int(week) else _BEFORE_TREATMENT)]
        suited = [day for day in possible if _is_working_day(day) and day <= self.last_contact]
        return stream.choice(suited)


def calendars(patients: list[dict[str, str]]) -> dict[str, Calendar]:
    """A calendar for each row of `patients.csv`. Treatment starts in the order of the rows, within 2021."""
    start, end = _FIRST_DOSES
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    first_doses = sorted(Stream("dates").sample([day for day in days if _is_working_day(day)], len(patients)))
    return {
        row["patient_id"]: Calendar(row["patient_id"], first, _date_of_weeks(first, row["last_contact_week"]))
        for row, first in zip(patients, first_doses, strict=True)
    }


def _date_of_weeks(first_dose: date, weeks: str) -> date:
    return first_dose + timedelta(days=int(Decimal(weeks) * 7))


def _is_working_day(day: date) -> bool:
    """Monday to Friday, without the holidays of the new year."""
    return day.weekday() < 5 and not (day.month == 1 and day.day <= 8)
