"""Runs the suites with Great Expectations, and says which rows failed which expectation.

Great Expectations takes seconds to import, so nothing outside this module's functions imports it.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

SUITES = Path(__file__).parent / "suites"
ACROSS = "across_files"


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation: `expectation` as in the suite's JSON, values examined, rows failed."""

    suite: str
    expectation: dict
    evaluated: int
    failed_rows: tuple[int, ...]

    @property
    def rule(self) -> str:
        return self.expectation["meta"]["rule"]

    @property
    def level(self) -> str:
        return self.expectation["severity"]


def load_suite(name: str) -> dict:
    """The suite as its JSON file says: `name`, `expectations` (type, kwargs, severity, description, meta)."""
    return json.loads((SUITES / f"{name}.json").read_text(encoding="utf-8"))


def run(frames: Mapping[str, pd.DataFrame], parameters: Mapping) -> tuple[list[Outcome], dict]:
    """Validates each frame, by suite name, whose rows are numbered from 0.

    `parameters` are the settings of the study that the suites name as {"$PARAMETER": ...}. Returns the
    outcomes in the order of the suites, and Great Expectations' own result of each suite, by name. Raises
    RuntimeError if an expectation cannot be evaluated: that is a fault of the suites, not of the data.
    """
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("data cut")
    outcomes: list[Outcome] = []
    results = {}
    for name, frame in frames.items():
        suite = load_suite(name)
        rows = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all rows")
        # The batch is validated directly: a checkpoint also copies every failed row several times over to keep its results.
        result = rows.get_batch(batch_parameters={"dataframe": frame}).validate(
            gx.ExpectationSuite(**suite),
            result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False},
            expectation_parameters=_used(suite, parameters),
        )
        results[name] = result
        outcomes += _outcomes(name, suite, result)
    return outcomes, results


def _great_expectations():
    """Great Expectations, imported without telemetry and without the costliest import that it does not need.

    It imports altair, altair jsonschema, and jsonschema, if it can, a grammar of internationalised addresses,
    which takes two seconds to build and of which nothing is used here. jsonschema treats it as optional, so
    it is declared absent meanwhile.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    grammar = "rfc3987_syntax"
    hidden = grammar not in sys.modules
    if hidden:
        sys.modules[grammar] = None
    try:
        import great_expectations
    finally:
        if hidden:
            del sys.modules[grammar]
    return great_expectations


def _used(suite: Mapping, parameters: Mapping) -> dict:
    """The settings that the suite asks for; KeyError if it names one that is not there."""
    values = [value for expectation in suite["expectations"] for value in expectation["kwargs"].values()]
    return {name: parameters[name] for name in (value["$PARAMETER"] for value in values if isinstance(value, dict))}


def _outcomes(name: str, suite: Mapping, result) -> list[Outcome]:
    by_rule = {validated.expectation_config.meta["rule"]: validated for validated in result.results}
    outcomes = []
    for expectation in suite["expectations"]:
        rule = expectation["meta"]["rule"]
        if rule not in by_rule:
            raise RuntimeError(f"expectation {rule} of suite {name} was not evaluated; is its JSON valid?")
        validated = by_rule[rule]
        if "element_count" not in validated.result:
            raise RuntimeError(f"expectation {rule} of suite {name} failed: {validated.exception_info}")
        counts = validated.result
        failed = counts.get("unexpected_index_list") or ()
        if len(failed) != counts["unexpected_count"]:
            raise RuntimeError(
                f"expectation {rule} of suite {name} counts {counts['unexpected_count']} failed rows, "
                f"but names {len(failed)}"
            )
        outcomes.append(
            Outcome(name, expectation, counts["element_count"] - counts.get("missing_count", 0), tuple(failed))
        )
    return outcomes
