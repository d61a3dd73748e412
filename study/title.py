"""Whether the title of the book fits the study; titles are the authors' own words, so that a doubt is one warning."""

import re

import pandas as pd
import yaml

from protocol.population import NAMES, called
from protocol.treatment import DRUG
from study.paths import ROOT, frozen

_BOOK = ROOT / "_quarto.yml"


def doubt(patients: pd.DataFrame) -> str | None:
    """What in the title and subtitle of `_quarto.yml` cannot be meant of these patients (columns as in `patients.csv`), or None."""
    try:
        book = yaml.safe_load(frozen(_BOOK).read_text("utf-8"))["book"]
        title = " ".join(str(book.get(key) or "") for key in ("title", "subtitle")).casefold()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        return None  # rendering names what is wrong with the file
    ages = patients["age_years"].dropna().astype(float)
    if not len(ages):
        return None
    who = called(ages.min(), ages.max()).many
    named = [each.many for each in NAMES if re.search(rf"\b{each.many}\b", title)]
    wrong = [f"it says {each}, the data hold {who}" for each in named if named and who not in named][:1]
    if DRUG.name.casefold() not in title:
        wrong.append(f"it does not name {DRUG.name}")
    return f"warning: the title in _quarto.yml may be another study's: {'; '.join(wrong)}" if wrong else None
