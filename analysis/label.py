"""How much dupilumab, and how often: the prescribing information as a table of regimens.

Weight and age at baseline decide. Children grow over a threshold in the course of a year and their doctors then adapt
the dose; the data record one weight, so this is a limitation that the report states.
"""

from dataclasses import dataclass


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


def _single_loading(loading_mg: int, maintenance_mg: int, interval_days: int) -> Regimen:
    return Regimen(loading_mg, (1,), maintenance_mg, interval_days, 1 + interval_days)


_EVERY_2_WEEKS_300 = _single_loading(600, 300, 14)
_EVERY_2_WEEKS_200 = _single_loading(400, 200, 14)
_EVERY_4_WEEKS_300 = _single_loading(600, 300, 28)
_EUROPEAN_CHILD = Regimen(300, (1, 15), 300, 28, 43)


def _us(age_years: float, weight_kg: float) -> Regimen:
    if age_years >= 18 or weight_kg >= 60:
        return _EVERY_2_WEEKS_300
    return _EVERY_2_WEEKS_200 if weight_kg >= 30 else _EVERY_4_WEEKS_300


def _eu(age_years: float, weight_kg: float) -> Regimen:
    if age_years >= 18 or weight_kg >= 60:
        return _EVERY_2_WEEKS_300
    return _EVERY_2_WEEKS_200 if age_years >= 12 else _EUROPEAN_CHILD


LABELS = {"us": _us, "eu": _eu}
LABEL_NAMES = {"us": "United States prescribing information", "eu": "European product information"}


def regimen(label: str, age_years: float, weight_kg: float) -> Regimen:
    """The regimen for atopic dermatitis of a patient of 6 years and older.

    `label` is "us" or "eu"; raises KeyError for another one. The labels start at 15 kg; a lighter child gets the
    regimen of the lowest band, and the data check warns of the weight.

    Source: US prescribing information of Dupixent, section 2, table 2; European product information, section 4.2.

    >>> regimen("us", age_years=10, weight_kg=34).maintenance_mg
    200
    >>> regimen("eu", age_years=10, weight_kg=34).days(80)
    [1, 15, 43, 71]
    """
    return LABELS[label](age_years, weight_kg)
