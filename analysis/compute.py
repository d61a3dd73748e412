"""From a validated data cut to its results table."""

from analysis.basis import published
from analysis.core.design import Design, Tables
from analysis.core.results import Results
from analysis.course import course
from analysis.depth import depth
from analysis.efficacy import efficacy
from analysis.exposure import exposure
from analysis.ige import biomarker
from analysis.inference import inference
from analysis.population import population
from analysis.response_time import response_time
from analysis.safety import safety
from analysis.sensitivity import sensitivity
from analysis.sites import sites
from analysis.subgroups import subgroups

SECTIONS = (population, exposure, efficacy, depth, sensitivity, course, response_time, inference, subgroups, sites, biomarker, safety)


def compute(tables: Tables, design: Design) -> Results:
    """All results of the report. The tables must have passed the gate; nothing is checked again here."""
    results = Results(row for section in SECTIONS for row in section(tables, design))
    return results.with_basis(design.kind, published(results, design))
