"""The chapters' door to the study: one call gives the validated data, the results and the words to print them.

from study.report import open_report
report = open_report()
"""

import json
import math
import os
import platform
from functools import cached_property
from importlib import metadata

from analysis import context, population_shown, records_shown
from analysis.changes import Changes
from analysis.claims import Claim
from analysis.core import style
from analysis.core.design import Tables
from analysis.core.results import Result, Results
from analysis.core.words import Markdown, Words
from analysis.disclosure import relabelled
from protocol.population import POPULATIONS, Population
from study import published_results, statements, variables
from study.analysed import Analysed, analyse_reported
from study.compare import compare, shown_ids
from study.cuts import Cut
from study.errors import InvalidData
from study.likeness import RELATIVE_TOLERANCE
from study.paths import ROOT, shown

_COMPUTING = ("pandas", "numpy", "scipy", "matplotlib", "great-expectations", "ipykernel")


class Report(Words):
    """A data cut as the chapters see it: `tables`, `results`, `design`, `cut`, `receipt`, and the paper's facts."""

    def __init__(self, analysed: Analysed):
        super().__init__(analysed.printed)
        self._analysed = analysed
        self.cut = analysed.cut
        self.settings = analysed.settings
        self.published = analysed.published
        self.receipt = analysed.receipt
        self.design = analysed.design
        self.week = analysed.design.primary_week

    @property
    def cohort(self) -> Population:
        """What is known of these patients beside their data."""
        return POPULATIONS[self.cut.kind]

    @cached_property
    def tables(self) -> Tables:
        """The tables as the report shows them: with ids of its own if the settings ask for them."""
        return self._analysed.tables if self._ids is None else relabelled(self._analysed.tables, self._ids)

    @cached_property
    def _ids(self) -> dict[str, str] | None:
        return shown_ids(self._analysed, self.earlier)

    def row(self, result_id: str) -> Result:
        """One result: of this data cut, or of the published figures (:attr:`outside`).

        Raises :class:`analysis.core.results.UnknownResult`.
        """
        section = result_id.partition(".")[0]
        return (self.outside if section in published_results.SECTIONS else self.results)[result_id]

    @property
    def reproduces(self) -> bool:
        """Whether the data cut holds the paper's own patients; else the paper is another study."""
        return self.published.reports(self.cut.kind)

    @staticmethod
    def where(holds: object) -> Markdown:
        """The class of a division that stands in the report only where this holds: `::: {.`{python} report.where(...)`}`."""
        return Markdown("content-visible" if holds else "content-hidden")

    @cached_property
    def claims(self) -> list[Claim]:
        """The paper's claims held against these results; none where the paper is another study."""
        return published_results.claims(self.published, self.cut.kind, self._analysed.results, self.week)

    @cached_property
    def arms(self) -> list[context.Arm]:
        """The other studies' arms as published, the paper's among them, and beside them this cohort's unless it is the paper's."""
        others = context.arms(self.published.facts, published_results.evidence())
        own = context.own_arms(self.results, self.week, others) if self.cut.kind == "clinical" and not self.reproduces else []
        return context.beside(own, others)

    @property
    def others(self) -> list[context.Arm]:
        """The :attr:`arms` of studies of other patients than these."""
        return [arm for arm in self.arms if not arm.is_own and not (arm.is_paper and self.reproduces)]

    @cached_property
    def beside(self) -> Results:
        """The rows of all :attr:`arms`: published figures, and this cohort's results."""
        own = [row for arm in self.arms if arm.is_own for row in self.results.values() if row.id.startswith(f"{arm.prefix}.")]
        return Results([*own, *(row for row in self.outside.values() if row.section == "context")])

    @cached_property
    def outside(self) -> Results:
        """Numbers that come from published figures alone; see :mod:`study.published_results`."""
        return published_results.computed(self.published)

    @cached_property
    def coverage(self) -> list[dict[str, str]]:
        """How often intervals hold the truth in simulated studies, row by row; see :mod:`analysis.coverage`."""
        return published_results.simulated_coverage()

    @property
    def reconstructed(self) -> bool:
        return self.cut.kind == "reconstructed"

    @property
    def banner(self) -> Markdown:
        """What stands on every page; see :func:`analysis.records_shown.banner`."""
        return records_shown.banner(self.cut.kind)

    @property
    def version(self) -> str:
        return metadata.version("study-report")

    @property
    def versions(self) -> dict[str, str]:
        """The versions of Python and of the packages that compute, by name."""
        return {"Python": platform.python_version()} | {name: metadata.version(name) for name in _COMPUTING}

    def declared(self, topic: str) -> Markdown:
        """What is said of `funding`, `ethics`, `registration`, `competing_interests` or `data_availability`: the settings' words,
        or those of the paper that the data are reconstructed from."""
        return Markdown(statements.sentences(topic, self.settings.statements, self._reconstructed_from))

    @property
    def reconstructs(self) -> bool:
        """Whether the data are reconstructed from the paper."""
        return self.reconstructed and self.reproduces

    @property
    def citation(self) -> str:
        """The key of the paper in `references.bib`; empty without one."""
        return self.published.paper.get("citation", "")

    @property
    def _reconstructed_from(self) -> dict | None:
        return self.published.paper or None if self.reconstructs else None

    def item(self, key: str) -> Markdown:
        """What is said of one of :data:`study.statements.ITEMS`."""
        return Markdown(statements.item(key, self.settings.statements, self._reconstructed_from is not None))

    @property
    def receipt_digest(self) -> Markdown:
        return Markdown(f"`{self.receipt.digest[:32]}`")

    @cached_property
    def stopping_reasons(self) -> population_shown.Reasons:
        """Why patients stopped treatment."""
        return population_shown.stopping_reasons(self.tables)

    @cached_property
    def earlier(self) -> list[Analysed]:
        """The data cuts before this one, the latest first."""
        for each in self._analysed.earlier:
            _check_state(each)
        return self._analysed.earlier

    @cached_property
    def changes(self) -> Changes:
        """What differs from the previous data cut; nothing for a first cut."""
        return compare(self.earlier[0], self._analysed, self._ids) if self.earlier else Changes()

    @property
    def before(self) -> Cut | None:
        """The data cut that this one is compared with; None for a first cut."""
        return self.earlier[0].cut if self.earlier else None

    @property
    def history(self) -> list[Analysed]:
        """The data cuts that this report has shown, the present one first."""
        return [self._analysed, *self.earlier]

    @property
    def tolerance(self) -> Markdown:
        """The relative difference of numbers that `study verify` allows between machines."""
        return Markdown(f"10^{round(math.log10(RELATIVE_TOLERANCE))}^")


def open_report() -> Report:
    """The study's report on the data cut of the settings, or on the one that the environment variable names.

    Runs the gate unless its receipt is fresh. Sets the report's figure style.
    Raises :class:`study.errors.StudyError` when there is no valid cut.
    """
    analysed = analyse_reported(os.environ.get(variables.DATA))
    _check_state(analysed)
    # Figures carry a date unless told otherwise; the cut's own keeps them the same on every run.
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(analysed.cut.epoch))
    style.apply(sorted((ROOT / "fonts").glob("*.ttf")))
    return Report(analysed)


def _check_state(analysed: Analysed) -> None:
    """A kernel of a render works on the render's state or stops."""
    wanted = json.loads(os.environ.get(variables.STATE_DIGESTS, "null"))
    if wanted is not None and wanted.get(analysed.cut.name) != analysed.digest:
        raise InvalidData(f"{shown(analysed.cut.folder)}, its rules or the code changed during the render; run it again")
