"""The day that the report bears: `date` of the book in `_quarto.yml`, written once. The title page prints it, and the metadata of the
PDF, the Word file and the archive have the same; where there is none, or it is no date, they have that of the data cut.
"""

import datetime

import yaml

from study.cuts import Cut
from study.paths import ROOT, frozen


def day_of(cut: Cut) -> datetime.date:
    """The day of the report on this data cut."""
    try:
        written = yaml.safe_load(frozen(ROOT / "_quarto.yml").read_text("utf-8"))["book"]["date"]
        return written if isinstance(written, datetime.date) else datetime.date.fromisoformat(written)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        return cut.extracted


def epoch_of(cut: Cut) -> int:
    """Seconds since 1970 of that day, for SOURCE_DATE_EPOCH."""
    return int(datetime.datetime.combine(day_of(cut), datetime.time(), datetime.UTC).timestamp())
