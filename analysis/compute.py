"""From a validated data cut to its results table."""

from analysis.biomarker import biomarker
from analysis.design import Design, Tables
from analysis.efficacy import efficacy
from analysis.exposure import exposure
from analysis.population import population
from analysis.results import Results
from analysis.safety import safety

SECTIONS = (population, exposure, efficacy, biomarker, safety)


def compute(tables: Tables, design: Design) -> Results:
    """All results of the report. The tables must have passed the gate; nothing is checked again here."""
    rows = [row for section in SECTIONS for row in section(tables, design)]
    return Results(rows).with_basis(design.kind, design.held)
