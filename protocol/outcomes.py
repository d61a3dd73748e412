"""What the study measures and what it counts as a response: scores of the visits, and rules on their fall from baseline.

Results, tables, figures, alternative texts, the comparison of cuts, models and sensitivity analyses loop over these; an outcome is
called, ranges and counts as is said here and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from protocol import scores

Met = Callable[[pd.DataFrame], pd.Series]
"""Decides pairs with columns `baseline` and `value` (floats, one row a patient): booleans with the same index."""


@dataclass(frozen=True)
class Score:
    """A measured variable of the visits; lower is better.

    `id` is its variable in the results table, `column` its column of the visits (`objective_scorad` is worked out). `described`
    scores have a table of courses and changes and a place in the comparison of cuts, `parts` of SCORAD a table of their own in
    which they are called `as_part`. `modelled` scores enter the mixed model. `percent_change` is also given relative to baseline.
    """

    id: str
    column: str
    name: str
    highest: int
    unit: str = "points"
    described: bool = False
    as_part: str | None = None
    modelled: bool = False
    percent_change: bool = False

    @property
    def with_range(self) -> str:
        """For instance "EASI, 0 to 72"."""
        return f"{self.name}, 0 to {self.highest}"


_SCORES = (
    Score("easi", "easi", "EASI", 72, described=True, modelled=True, percent_change=True),
    Score("scorad", "scorad", "SCORAD", 103, described=True, modelled=True, percent_change=True),
    Score("objective_scorad", "objective_scorad", "Objective SCORAD", 83, as_part="Objective SCORAD (A/5 + 7B/2), 0 to 83"),
    Score("scorad_extent", "scorad_extent", "Extent", 100, "percent of body surface", as_part="Extent (A), % of body surface"),
    Score("scorad_intensity", "scorad_intensity", "Intensity", 18, as_part="Intensity (B), 0 to 18"),
    Score("pruritus", "scorad_pruritus", "Itch", 10, described=True, as_part="Itch, 0 to 10"),
    Score("sleep_loss", "scorad_sleep_loss", "Sleep loss", 10, described=True, as_part="Sleep loss, 0 to 10"),
)
SCORES = {score.id: score for score in _SCORES}
DESCRIBED = tuple(score for score in _SCORES if score.described)
MODELLED = tuple(score for score in _SCORES if score.modelled)
PARTS = tuple(SCORES[name] for name in ("scorad_extent", "scorad_intensity", "objective_scorad", "pruritus", "sleep_loss"))
"""Of SCORAD, in the order of its formula."""
SYMPTOM = SCORES["pruritus"]
"""What patients feel of the disease: its change is among the key results."""


@dataclass(frozen=True)
class Response:
    """A rule on the pair of a baseline and a later value of one column of the visits.

    `id` is its variable in the results table, `rule` says it in words and `met` decides it. Only patients whose baseline is at
    least `entry` take part. `main` responses stand in the tables and figures of the results; `primary` ones have sensitivity
    analyses, subgroups and a time to response as well. `percent` is the fall that an EASI-75 and its like ask for. In the table
    of depths a response stands below `heading` and is called `in_depth`; without a heading it is not there. `plain` says to a
    reader outside the field what somebody has who reached it, for instance "clear or almost clear skin".
    """

    id: str
    name: str
    column: str
    rule: str
    met: Met
    entry: float | None = None
    main: bool = False
    primary: bool = False
    percent: int | None = None
    heading: str | None = None
    in_depth: str | None = None
    plain: str | None = None


def _clear_or_almost(pairs: pd.DataFrame) -> pd.Series:
    return scores.iga_0_1(pairs["baseline"], pairs["value"]).fillna(False).astype(bool)


def _fell_percent(pairs: pd.DataFrame, percent: int) -> pd.Series:
    # A baseline of 0 cannot fall: no response.
    return scores.fell_by_percent(pairs["baseline"], pairs["value"], percent).fillna(False).astype(bool)


def _fell_points(pairs: pd.DataFrame, points: float) -> pd.Series:
    # Scores have one decimal: without the subtraction's binary noise, exactly the threshold is a response.
    return ((pairs["baseline"] - pairs["value"]).round(6) >= points).astype(bool)


def _percent(score: str, percent: int, **roles) -> Response:
    name = f"{score.upper()}-{percent}"
    return Response(
        f"{score}_{percent}", name, score, f"{score.upper()} at least {percent} % below baseline, in exact decimals",
        partial(_fell_percent, percent=percent), percent=percent, heading=score.upper(), in_depth=name, **roles,
    )  # fmt: skip


MINIMAL_DIFFERENCE = {"easi": 6.6, "scorad": 8.7}
"""Minimal clinically important differences in points. Source: Schram 2012, doi 10.1111/j.1398-9995.2011.02719.x."""


def _minimal(score: str) -> Response:
    points, name = MINIMAL_DIFFERENCE[score], score.upper()
    return Response(
        f"{score}_mid", f"{name}, {points} points or more", score,
        f"{name} at least {points} points below baseline (Schram 2012, doi 10.1111/j.1398-9995.2011.02719.x)",
        partial(_fell_points, points=points), heading="Fall of at least the minimal important difference",
        in_depth=f"{name} by {points} points",
    )  # fmt: skip


ITCH_POINTS = 4
"""A fall of 4 points is the rule of the peak pruritus NRS; on SCORAD's itch scale it is an analogy."""

_RESPONSES = (
    Response(
        "iga_0_1", "IGA 0/1", "iga", "IGA 0 or 1 and at least 2 points below baseline", _clear_or_almost, main=True, primary=True,
        plain="clear or almost clear skin",
    ),
    _percent("easi", 50, main=True),
    _percent("easi", 75, main=True, primary=True),
    _percent("easi", 90, main=True),
    _percent("easi", 100),
    _percent("scorad", 35),
    _percent("scorad", 50),
    _percent("scorad", 75),
    _minimal("easi"),
    _minimal("scorad"),
    Response(
        "itch_4",
        f"Itch, {ITCH_POINTS} points or more",
        "scorad_pruritus",
        f"itch on SCORAD's scale at least {ITCH_POINTS} points below baseline, among patients with {ITCH_POINTS} or "
        "more at baseline (an analogy to the rule of the peak pruritus NRS)",
        partial(_fell_points, points=ITCH_POINTS),
        entry=ITCH_POINTS,
        heading=f"Itch of {ITCH_POINTS} or more at baseline",
        in_depth=f"Itch by {ITCH_POINTS} points",
    ),
)
RESPONSES = {response.id: response for response in _RESPONSES}
MAIN = tuple(response for response in _RESPONSES if response.main)
PRIMARY = tuple(response for response in _RESPONSES if response.primary)
EASI_THRESHOLDS = tuple(response.percent for response in MAIN if response.column == "easi")
"""Falls in percent that the waterfall marks."""
