"""Taking in data as they come from a clinic: a workbook, CSV files or a REDCap export becomes the form of a data cut.

What a source looks like is declared in a mapping file (:mod:`intake.mapping`); nothing is guessed. What cannot be read in one
way only is a finding with the cell as the user sees it. Nothing here knows of `data/cuts/`: the caller writes the outcome where it
likes, has it examined by the gate, and asks :meth:`Converted.at_source` to name the original cells in what the gate says.
"""

from intake.causes import gathered
from intake.convert import Converted, convert
from intake.dates import Plan
from intake.mapping import Mapping, MappingError, read_mapping

__all__ = ["Converted", "Mapping", "MappingError", "Plan", "convert", "gathered", "read_mapping"]
