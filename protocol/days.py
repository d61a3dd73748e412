"""How this study counts time: in days and weeks from the first dose."""

DAYS_PER_YEAR = 365.25


def study_day(week: float) -> float:
    """Study day of a week: day 1 is the day of the first dose, so week w is day 7w + 1.

    >>> study_day(26)
    183
    """
    return 7 * week + 1
