"""Runs the suites with Great Expectations, and says which rows failed which expectation.

Every expectation of the suites judges the values of one column, each by itself. So Great Expectations is given each column's distinct
values, of which a cohort of any size has few, and what it says of a value holds for all rows that have it.

Great Expectations takes seconds to import, so nothing outside this module's functions imports it.
"""

import contextlib
import copy
import hashlib
import json
import os
import pickle
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from expectations.joined import Joined

SUITES = Path(__file__).parent / "suites"
ACROSS = "across_files"


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation: `expectation` as in the suite's JSON, its `kwargs` with the settings of the study in place of
    the names of parameters, number of values examined, and the rows failed (from 0, ascending)."""

    suite: str
    expectation: dict
    kwargs: Mapping
    evaluated: int
    failed_rows: np.ndarray

    @property
    def rule(self) -> str:
        return self.expectation["meta"]["rule"]

    @property
    def level(self) -> str:
        return self.expectation["severity"]


def load_suite(name: str) -> dict:
    """The suite as its JSON file says: `name`, `expectations` (type, kwargs, severity, description, meta)."""
    return json.loads((SUITES / f"{name}.json").read_text(encoding="utf-8"))


def run(frames: Mapping[str, pd.DataFrame | Joined], parameters: Mapping) -> list[Outcome]:
    """Validates each frame, by suite name, whose rows are numbered from 0.

    `parameters` are the settings of the study that the suites name as {"$PARAMETER": ...}. Returns the
    outcomes in the order of the suites. Raises
    RuntimeError if an expectation cannot be evaluated: that is a fault of the suites, not of the data.
    """
    gx, context = _context()
    source = context.data_sources.add_pandas("data cut")
    outcomes: list[Outcome] = []
    with _ONE_AT_A_TIME, _configured_once():
        for name, frame in frames.items():
            suite = load_suite(name)
            columns = {column: _Distinct.of(frame[column]) for column in map(_column, suite["expectations"])}
            results = [
                result
                for part, values in _parts(suite, columns)
                for result in _validated(gx, source, part, values, _used(part, parameters)).results
            ]
            outcomes += _outcomes(name, suite, results, columns)
    return outcomes


def _column(expectation: Mapping) -> str:
    return expectation["kwargs"]["column"]


@dataclass(frozen=True)
class _Distinct:
    """A column as its distinct `values`, a missing one among them, and the place of each row's value there (`codes`)."""

    values: pd.Series
    codes: np.ndarray

    @classmethod
    def of(cls, column: pd.Series) -> "_Distinct":
        codes = pd.factorize(column, use_na_sentinel=False)[0]
        first = np.zeros(codes.max(initial=-1) + 1, dtype=np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        return cls(column.iloc[first].reset_index(drop=True), codes.astype(np.min_scalar_type(len(first))))


_FEW = 5_000
"""Distinct values up to which columns share a frame; a shorter column repeats its first value there, which costs as little."""


def _parts(suite: dict, columns: Mapping[str, _Distinct]) -> Iterator[tuple[dict, pd.DataFrame]]:
    """The suite in at most two parts, each with the frame that it examines."""
    for many in (False, True):
        rules = [each for each in suite["expectations"] if (len(columns[_column(each)].values) > _FEW) is many]
        if not rules:
            continue
        values = {name: columns[name].values for name in map(_column, rules)}
        rows = np.arange(max(map(len, values.values())))
        frame = {name: own.iloc[np.where(rows < len(own), rows, 0)].reset_index(drop=True) for name, own in values.items()}
        yield suite | {"expectations": rules}, pd.DataFrame(frame)


def first_failures(suite: dict, frame, parameters: Mapping, most: int) -> Iterator[tuple[Outcome, int, list[dict]]]:
    """Validates a Spark data frame: of each expectation that fails, how many rows fail it, and up to `most` of them with all columns.

    Raises RuntimeError as :func:`run`. The first look asks for numbers alone, which Spark finds together; rows are asked for where
    some have failed.
    """
    gx, context = _context()
    asset = context.data_sources.add_spark("data lake").add_dataframe_asset(suite["name"])
    rows = asset.add_batch_definition_whole_dataframe("all rows")
    batch = rows.get_batch(batch_parameters={"dataframe": frame})

    def validated(expectations: list[dict], form: dict) -> Iterator[tuple[dict, Any]]:
        asked = suite | {"expectations": expectations}
        result = batch.validate(gx.ExpectationSuite(**asked), result_format=form, expectation_parameters=_used(asked, parameters))
        return _by_expectation(asked, result.results)

    with _ONE_AT_A_TIME, _configured_once():
        failed = [each for each, found in validated(suite["expectations"], {"result_format": "BOOLEAN_ONLY"}) if not found.success]
        places = {
            "result_format": "SUMMARY", "unexpected_index_column_names": list(frame.columns), "partial_unexpected_count": most,
            "return_unexpected_index_query": False,
        }  # fmt: skip
        for expectation, found in validated(failed, places) if failed else ():
            counts = found.result
            evaluated = counts["element_count"] - counts.get("missing_count", 0)
            named = counts.get("partial_unexpected_index_list") or []
            kwargs = _kwargs(expectation, found)
            nowhere = np.array((), dtype=np.int64)
            yield Outcome(suite["name"], expectation, kwargs, evaluated, nowhere), counts["unexpected_count"], named


_ONE_AT_A_TIME = threading.Lock()
_LATELY: dict[str, Any] = {}
"""Results of Great Expectations by what they follow from, the latest last: a correction changes one table of a cut, and the others
need not be examined again in the same process."""
_MOST_KEPT = 24


def _validated(gx, source, suite: dict, frame: pd.DataFrame, parameters: Mapping):
    """What Great Expectations says of the frame; not to be changed by whoever gets it."""
    name = suite["name"]
    key = hashlib.sha256(pickle.dumps((suite, sorted(parameters.items()), frame))).hexdigest()
    result = _LATELY.pop(key, None)
    if result is None:
        rows = source.add_dataframe_asset(f"{name} {key}").add_batch_definition_whole_dataframe("all rows")
        # The batch is validated directly: a checkpoint also copies every failed row several times over to keep its results.
        result = rows.get_batch(batch_parameters={"dataframe": frame}).validate(
            gx.ExpectationSuite(**suite),
            result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False},
            expectation_parameters=parameters,
        )
    _LATELY[key] = result
    if len(_LATELY) > _MOST_KEPT:
        del _LATELY[next(iter(_LATELY))]
    return result


@contextlib.contextmanager
def _configured_once() -> Iterator[None]:
    """Within, an expectation makes its configuration once and hands out copies.

    Great Expectations asks each expectation for it some 130 times while it validates, and makes it anew each time, from the fields of
    the model: that is half of what the gate takes.
    """
    from great_expectations.expectations.expectation import Expectation

    made: dict[int, tuple] = {}  # with the expectation itself, so that no other gets its number
    given = Expectation.configuration

    def configuration(self):
        kept = made.get(id(self))
        if kept is None:
            kept = made[id(self)] = (self, given.fget(self))
        own = copy.copy(kept[1])
        own._kwargs = dict(own._kwargs)
        return own

    Expectation.configuration = property(configuration)
    try:
        yield
    finally:
        Expectation.configuration = given


def _context() -> tuple[Any, Any]:
    """Great Expectations and a context that leaves nothing behind."""
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return gx, context


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


def _by_expectation(suite: Mapping, results: list) -> Iterator[tuple[dict, Any]]:
    """Each expectation of the suite with what Great Expectations says of it; RuntimeError where that is nothing."""
    by_rule = {validated.expectation_config.meta["rule"]: validated for validated in results}
    for expectation in suite["expectations"]:
        rule = expectation["meta"]["rule"]
        if rule not in by_rule:
            raise RuntimeError(f"expectation {rule} of suite {suite['name']} was not evaluated; is its JSON valid?")
        if by_rule[rule].exception_info.get("raised_exception", True):
            raise RuntimeError(f"expectation {rule} of suite {suite['name']} failed: {by_rule[rule].exception_info}")
        yield expectation, by_rule[rule]


def _kwargs(expectation: Mapping, validated) -> dict:
    """The arguments of an expectation with the settings in place of the names of parameters."""
    return {each: validated.expectation_config.kwargs[each] for each in expectation["kwargs"]}


def _outcomes(name: str, suite: Mapping, results: list, columns: Mapping[str, _Distinct]) -> list[Outcome]:
    outcomes = []
    for expectation, validated in _by_expectation(suite, results):
        rule, counts = expectation["meta"]["rule"], validated.result
        failed = np.array(counts.get("unexpected_index_list") or (), dtype=np.int64)
        if len(failed) != counts["unexpected_count"]:
            raise RuntimeError(
                f"expectation {rule} of suite {name} counts {counts['unexpected_count']} failed values, "
                f"but names {len(failed)}"
            )
        column = columns[_column(expectation)]
        fails = np.zeros(len(column.values), dtype=bool)
        fails[failed[failed < len(fails)]] = True
        skips = column.values.isna().to_numpy() if "missing_count" in counts else np.zeros(len(fails), dtype=bool)
        kwargs = _kwargs(expectation, validated)
        outcomes.append(
            Outcome(name, expectation, kwargs, int((~skips)[column.codes].sum()), np.flatnonzero(fails[column.codes]))
        )
    return outcomes
