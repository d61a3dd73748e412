"""The key results of the first page: four numbers, each with its interval and a small picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log2

from analysis.core import display
from analysis.core.markdown import Table, literal
from analysis.core.origin import marked
from analysis.core.results import Results

_NBSP = "\N{NO-BREAK SPACE}"
_WIDTH, _HEIGHT = 160, 46
"""Size of a picture in its own units, about pixels."""
_ROWS = 3
"""Rows of dots, one dot a child."""


@dataclass(frozen=True)
class _KeyResult:
    """One of the four in words: its numbers are Markdown that carries their origin; without an estimate there is no `picture`."""

    name: str
    value: str
    interval: str
    count: str
    counted: str
    picture: str


def panel(results: Results, week: int, ige_ratio: str) -> str:
    """IGA 0/1, EASI-75, the change of SCORAD and the ratio of IgE at a week, as Markdown: a panel with small pictures on the
    website, a table elsewhere. `ige_ratio` is the prefix of the ratio's ids.
    """
    found = [
        _proportion(results, f"IGA 0/1 at week {week}", f"efficacy.iga_0_1.w{week}.nri"),
        _proportion(results, f"EASI-75 at week {week}", f"efficacy.easi_75.w{week}.nri"),
        _estimate(results, f"SCORAD, mean change to week {week}", f"efficacy.scorad_change.w{week}.paired", "mean", "points",
                  _change_scale),
        _estimate(results, f"Total IgE at week {week}, ratio to baseline", ige_ratio, "geometric_mean", "", _ratio_scale),
    ]  # fmt: skip
    rows = [[literal(key.name), key.value, key.interval, key.count] for key in found]
    table = Table([f"Key{_NBSP}result", "Estimate", f"95{_NBSP}%{_NBSP}CI", "Children"], "lrrr", rows)
    items = "\n".join(map(_item, found))
    return (
        f'<div class="content-visible" when-format="html">\n<div class="key-results">\n\n{items}\n\n</div>\n</div>\n\n'
        f'<div class="content-visible" unless-format="html">\n\n{table._repr_markdown_()}\n</div>\n'
    )


def _item(key: _KeyResult) -> str:
    parts = {
        "name": literal(key.name),
        "value": key.value,
        "interval": f"95{_NBSP}% CI {key.interval}",
        "basis": f"{key.count} {key.counted}",
    }
    return (
        "- " + " ".join(f'<span class="key-{part}">{text}</span>' for part, text in parts.items()) + f" {key.picture}"
    )


def _proportion(results: Results, name: str, prefix: str) -> _KeyResult:
    responders, everyone = results[f"{prefix}.n"], results[f"{prefix}.N"]
    count = marked(f"{responders.display} of {everyone.display}", [responders, everyone])
    picture = dots(responders.value, everyone.value) if everyone.value else ""
    return _KeyResult(
        name, _value(results, f"{prefix}.percent", "%"), _interval(results, prefix, "%"), count, "children", picture
    )


def _estimate(
    results: Results, name: str, prefix: str, statistic: str, unit: str, scale: Callable[[float, float], "_Scale"]
) -> _KeyResult:
    value, low, high = (results[f"{prefix}.{part}"].value for part in (statistic, "ci_low", "ci_high"))
    known = value is not None and low is not None and high is not None
    count = results[f"{prefix}.n"]
    return _KeyResult(
        name, _value(results, f"{prefix}.{statistic}", unit), _interval(results, prefix, ""), marked(count.display, [count]),
        "children with both values", interval_on_scale(value, low, high, scale(low, high)) if known else "",
    )  # fmt: skip


def _value(results: Results, result_id: str, unit: str) -> str:
    row = results[result_id]
    return marked(f"{row.display}{_NBSP}{unit}" if unit and row.value is not None else row.display, [row])


def _interval(results: Results, prefix: str, unit: str) -> str:
    low, high = (results[f"{prefix}.{limit}"] for limit in ("ci_low", "ci_high"))
    if low.value is None or high.value is None:
        return marked("not estimable", [low, high])
    text = display.interval(low.display, high.display)
    return marked(f"{text}{_NBSP}{unit}" if unit else text, [low, high])


def dots(filled: int, total: int) -> str:
    """One dot a child, filled for those who responded, as an SVG element that takes the colour of its surroundings.

    >>> dots(2, 3).count("<circle"), dots(2, 3).count('fill="none"')
    (3, 1)
    """
    columns = ceil(total / _ROWS)
    step = min(15.0, _WIDTH / columns)
    radius = step * 0.36
    marks = []
    for child in range(total):
        x, y = (child % columns + 0.5) * step, (child // columns + 0.5) * step
        look = "" if child < filled else ' fill="none" stroke="currentColor"'
        size = radius if child < filled else radius - 0.5
        marks.append(f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{size:.3g}"{look}/>')
    return _svg("".join(marks))


@dataclass(frozen=True)
class _Scale:
    """A number's axis: its place (0 to 1) on it, the labelled ticks, and the value that means no change."""

    place: Callable[[float], float]
    ticks: Sequence[tuple[float, str]]
    unchanged: float


def _change_scale(low: float, high: float) -> _Scale:
    """From the tens of twenty below the interval to those above, with no change at 0."""
    start, end = min(0, floor(low / 20) * 20), max(0, ceil(high / 20) * 20)
    ticks = [(value, display.number(value, 0)) for value in sorted({start, 0, end})]
    return _Scale(lambda value: (value - start) / (end - start or 1), ticks, 0)


def _ratio_scale(low: float, high: float) -> _Scale:
    """Logarithmic, between powers of two around the interval, with no change at 1."""
    start, end = min(0, floor(log2(low))), max(0, ceil(log2(high)))
    powers = range(start, end + 1) if end - start <= 3 else sorted({start, 0, end})
    ticks = [(2.0**power, f"{2.0**power:g}") for power in powers]
    return _Scale(lambda value: (log2(value) - start) / (end - start or 1), ticks, 1)


def interval_on_scale(value: float, low: float, high: float, scale: _Scale) -> str:
    """An estimate and its interval above their axis; a dashed line stands for no change."""
    margin = 12
    x = {at: margin + scale.place(at) * (_WIDTH - 2 * margin) for at in (value, low, high, scale.unchanged)}
    axis, middle = 28, 12
    parts = [f'<path class="scale" d="M{margin} {axis}H{_WIDTH - margin}" stroke="currentColor"/>']
    for tick, text in scale.ticks:
        at = margin + scale.place(tick) * (_WIDTH - 2 * margin)
        parts.append(f'<path class="scale" d="M{at:.4g} {axis}v4" stroke="currentColor"/>')
        parts.append(
            f'<text class="scale" x="{at:.4g}" y="{axis + 15}" font-size="11" text-anchor="middle">{text}</text>'
        )
    dashed = (
        f'<path class="scale" d="M{x[scale.unchanged]:.4g} {axis}V2" stroke="currentColor" stroke-dasharray="2 2"/>'
    )
    bar = f'<path d="M{x[low]:.4g} {middle}H{x[high]:.4g}" stroke="currentColor" stroke-width="2.5"/>'
    return _svg(f'{"".join(parts)}{dashed}{bar}<circle cx="{x[value]:.4g}" cy="{middle}" r="5"/>')


def _svg(content: str) -> str:
    """Hidden from screen readers: the words beside it say the same."""
    return (
        f'<svg class="key-picture" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" fill="currentColor" '
        f'aria-hidden="true">{content}</svg>'
    )
