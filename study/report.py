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

import pandas as pd

from analysis import context, headline_shown
from analysis.changes import Changes
from analysis.claims import Claim, check_claims
from analysis.core import style
from analysis.core.design import Tables
from analysis.core.markdown import Table, division, indented, literal
from analysis.core.results import WITHHELD, Result, Results
from analysis.core.words import Markdown, Words
from analysis.disclosure import relabelled
from protocol import outcomes
from protocol.columns import TABLES
from protocol.population import POPULATIONS, Population
from study import published_results, statements, variables
from study.analysed import Analysed, analyse_reported
from study.compare import compare, shown_ids
from study.errors import InvalidData
from study.likeness import RELATIVE_TOLERANCE
from study.paths import ROOT, shown


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

    @cached_property
    def claims(self) -> list[Claim]:
        """The paper's claims held against these results."""
        return check_claims(self.published.claims, self.results)

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """What other studies published; see :func:`study.published_results.evidence`."""
        return published_results.evidence()

    @cached_property
    def arms(self) -> list[context.Arm]:
        """The paper's and the other studies' arms as published; no row of the data cut is among them."""
        return context.arms(self.published.facts, self.evidence)

    @cached_property
    def outside(self) -> Results:
        """Numbers that come from published figures alone; see :mod:`study.published_results`."""
        return published_results.computed(self.published)

    @property
    def key_results(self) -> Markdown:
        """Four numbers for the first page."""
        ratio = self.estimable(*(f"biomarker.total_ige_ratio.w{self.week}.{method}" for method in ("paired", "mle")))
        return Markdown(headline_shown.panel(self.results, self.week, ratio))

    @property
    def reconstructed(self) -> bool:
        return self.cut.kind == "reconstructed"

    @property
    def banner(self) -> Markdown:
        """The notice that stands on every page while the data are reconstructed; empty for clinical data."""
        if not self.reconstructed:
            return Markdown("")
        words = "**Reconstructed data:** simulated to meet the published aggregates, no evidence beyond the paper."
        return Markdown(division("banner", words))

    @property
    def imprint(self) -> Markdown:
        """What the title page says: the paper that is reproduced, the data cut, and the version of the report."""
        paper = self.published.paper
        authors = ", ".join(_by_surname(author["name"]) for author in paper["authors"])
        doi = paper["doi"]
        said = {
            "Reproduces": f"{authors}. {paper['title']}. *{paper['journal']}* {paper['year']};{paper['volume']}"
            f"({paper['issue']}):{paper['pages'].replace('-', '–')}. [doi:{doi}](https://doi.org/{doi})",
            "Data cut": f"{literal(self.cut.label)}, extracted {self.cut.extracted.day} {self.cut.extracted:%B %Y}; "
            + ("reconstructed data" if self.reconstructed else "clinical data"),
            "Version": f"{metadata.version('study-report')}, receipt {literal(self.receipt.digest[:12])}",
        }
        items = "\n\n".join(f"{term}\n:   {text}" for term, text in said.items())
        return Markdown(division("imprint", items))

    @property
    def data_statement(self) -> str:
        """Where the patient-level data come from, in two sentences."""
        if not self.reconstructed:
            return f"The data cut {self.cut.label} holds clinical records, extracted on {self.cut.extracted:%d %B %Y}."
        return (
            "The patient-level data of the paper were never published. The data behind this report are reconstructed: a seeded "
            "script simulates patients so that every published aggregate is met exactly; everything else in them is assumed."
        )

    def declared(self, topic: str) -> Markdown:
        """What is said of `funding`, `ethics`, `registration`, `competing_interests` or `data_availability`: the settings' words,
        or those of the paper that the data are reconstructed from."""
        paper = self.published.paper or None if self.reconstructed else None
        return Markdown(statements.sentences(topic, self.settings.statements, paper))

    @property
    def ige_statement(self) -> Markdown:
        """How total IgE changed by the primary week, by its mean or, where censored values forbid one, by its ratio."""
        mean = f"biomarker.total_ige_change.w{self.week}.paired.mean"
        if self.results[mean].value is not None:
            return Markdown(f"Mean total IgE changed by {self.number(mean)._repr_markdown_()} kU/L.")
        ratio = self.number(f"biomarker.total_ige_ratio.w{self.week}.mle.geometric_mean")
        return Markdown(
            f"Total IgE was {ratio._repr_markdown_()} times its baseline value (geometric mean; a mean change in kU/L is not "
            "estimable from these values)."
        )

    @property
    def claims_statement(self) -> str:
        """How many claims the data meet, and what that is worth."""
        comparable = [claim for claim in self.claims if claim.absent_week is None]
        count = f"{sum(claim.agrees for claim in comparable)} of {len(comparable)} claims are met."
        if len(comparable) < len(self.claims):
            count += f" {len(self.claims) - len(comparable)} more are about weeks at which these data have no visit."
        if not self.reconstructed:
            return count
        return (
            f"{count} Agreement is by construction: the reconstructed data are held to these figures, so it shows that the software "
            "computes as the paper did, and confirms nothing about the patients."
        )

    @property
    def gate_statement(self) -> str:
        """What the gate examined and found, in one sentence."""
        rules = self.receipt.expectations
        critical = sum(rule["level"] == "critical" for rule in rules)
        rows = ", ".join(f"{len(getattr(self.tables, table))} rows of {table.replace('_', ' ')}" for table in TABLES)
        return (
            f"The gate examined {rows}, with {critical} critical rules and {len(rules) - critical} warnings; "
            f"{len(self.receipt.warnings)} warnings were raised."
        )

    @property
    def suppression_statement(self) -> str:
        """What is kept back of small subgroups."""
        if not any(row.reason == WITHHELD for row in self.results.values()):
            return "All counts are shown, small ones too."  # Quarto shows inline code itself where its text is empty
        return (
            "Counts of 1 to 4 are shown as <5. What would give them away, other groups of the same heading included, is kept back."
        )

    @property
    def receipt_digest(self) -> Markdown:
        return Markdown(f"`{self.receipt.digest[:32]}`")

    @property
    def age_range(self) -> str:
        """Ages that the study includes, for instance "8 to 18"."""
        return " to ".join(f"{age:g}" for age in self.settings.age_years)

    @property
    def later_weeks(self) -> str:
        """Weeks of the visits after baseline, for instance "4, 8, 16 and 26"."""
        *first, last = (str(week) for week in self.results.weeks("population", "visit")[1:])
        return f"{', '.join(first)} and {last}" if first else last

    @cached_property
    def earlier(self) -> list[Analysed]:
        """The data cuts before this one, the latest first."""
        for each in self._analysed.earlier:
            _check_state(each)
        return self._analysed.earlier

    @cached_property
    def changes(self) -> Changes:
        """What differs from the previous data cut; nothing for a first cut."""
        return compare(self.earlier[0] if self.earlier else self._analysed, self._analysed, self._ids)

    @property
    def changes_statement(self) -> str:
        """With which cut this one is compared, and what came of it, in a few sentences."""
        if not self.earlier:
            return f"The data cut “{self.cut.label}” is the first one, so there is nothing to compare it with."
        found, before = self.changes, self.earlier[0].cut
        moved = sum(row.old is not None and row.new is not None for row in found.results)
        critical = sum(change.primary for change in found.corrections)
        return (
            f"The data cut {self.cut.label} (extracted {self.cut.extracted.isoformat()}) is compared with {before.label} "
            f"(extracted {before.extracted.isoformat()}). Values corrected in records already reported: {len(found.corrections)}, "
            f"of which {critical} enter a primary endpoint. Records that vanished: {len(found.vanished_rows)}. Results that moved: "
            f"{moved}. Claims of the paper that no longer hold: {sum(c.held_before and not c.holds_now for c in found.claims)}."
        )

    def history(self) -> Table:
        """The data cuts of this report with their size, primary results and checksum."""
        rows = []
        for each in (self._analysed, *self.earlier):
            shown = []
            for response in outcomes.PRIMARY:
                prefix = f"efficacy.{response.id}.w{self.week}.nri"
                shown.append(f"{each.results[f'{prefix}.n'].display}/{each.results[f'{prefix}.N'].display}")
            sizes = [f"{len(each.tables.patients)}", f"{len(each.tables.visits)}"]
            names = [literal(each.cut.label), literal(each.cut.extracted.isoformat())]
            rows.append([*names, *sizes, *shown, f"`{each.receipt.digest[:12]}`"])
        header = ["Data cut", "Extracted", "Children", "Visits", *(response.name for response in outcomes.PRIMARY), "Receipt"]
        return Table(header, "llrrrrl", rows)

    @property
    def tolerance(self) -> Markdown:
        """The relative difference of numbers that `study verify` allows between machines."""
        return Markdown(f"10^{round(math.log10(RELATIVE_TOLERANCE))}^")

    def versions(self) -> Table:
        """The software that made this report."""
        packages = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "great-expectations", "ipykernel")
        rows = [["Python", platform.python_version()], *([name, metadata.version(name)] for name in packages)]
        return Table(["Software", "Version"], "ll", [[literal(cell) for cell in row] for row in rows])

    def checksums(self) -> Table:
        """The files that the receipt vouches for, with the first 16 digits of their SHA-256."""
        rows = [[literal(name), f"`{checksum[:16]}`"] for name, checksum in self.receipt.files.items()]
        return Table(["File", "SHA-256 (first 16 digits)"], "ll", rows)

    def expectations(self) -> Table:
        """Every rule of the gate, by file, with its level and how often it failed."""
        rows, heading = [], None
        for rule in self.receipt.expectations:
            files = "Every file" if len(rule["files"]) == len(TABLES) else ", ".join(rule["files"])
            if files != heading:
                heading = files
                rows.append([f"**{literal(files)}**", "", ""])
            rows.append([indented(literal(rule["sentence"])), rule["level"], f"{rule['failed']}"])
        return Table(["Rule", "Level", "Failures"], "llr", rows)

    def warnings(self) -> Table:
        """Every warning of the gate, in the gate's words, or the rules alone where patients' ids are not printed."""
        if self.settings.report_only_ids:
            counted = [rule for rule in self.receipt.expectations if rule["level"] == "warning" and rule["failed"]]
            rows = [[literal(f"Not so in {rule['failed']} records: {rule['sentence']}")] for rule in counted]
            return Table(["Warning"], "l", rows or [["none"]])
        rows = [[literal(finding.message)] for finding in self.receipt.warnings]
        return Table(["Warning"], "l", rows or [["none"]])


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


def _by_surname(name: str) -> str:
    """A name as citations have it: "Evgeniia A. Glukhova" is "Glukhova EA"."""
    *given, family = name.split()
    return f"{family} {''.join(part[0] for part in given)}"
