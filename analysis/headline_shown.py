"""The first page: the message, four key results, each with its interval and a small picture, and the abstract's sentences.

Every sentence follows from the results and from the facts of the protocol; sentences about what cannot be estimated say why.
"""

from dataclasses import dataclass
from math import ceil, floor

from analysis import introduction_shown
from analysis.core import display
from analysis.core.display_sizes import EVERY_PATIENT
from analysis.core.markdown import Table, literal
from analysis.core.origin import marked
from analysis.core.results import Result
from analysis.core.words import Markdown, Words, capital, sentence
from analysis.population_shown import ages, alone, background_sentence, unseen
from protocol import outcomes
from protocol.treatment import DRUG

_NBSP = "\N{NO-BREAK SPACE}"
_WIDTH, _HEIGHT = 160, 46
"""Size of a picture in its own units, about pixels."""
_ROWS = 3
"""Rows of dots, one dot a patient."""
_SCORE = outcomes.SCORES["scorad"]
"""The score whose change the abstract and its conclusion give."""
_RESPONSE, *_OTHERS = outcomes.PRIMARY


@dataclass(frozen=True)
class _KeyResult:
    """One of the four in words: its numbers are Markdown that carries their origin; what there is not is empty. `basis` says whose
    number it is, or why there is none."""

    name: str
    value: str
    interval: str
    basis: str
    picture: str = ""


def panel(words: Words, week: int, ige_change: str) -> Markdown:
    """The first primary response, the change of the symptom, that of IgE in percent and the adverse event that the paper counts, at a
    week, as Markdown: a panel with small pictures on the website, a table elsewhere. `ige_change` is the prefix of the ids of IgE.
    """
    symptom = outcomes.SYMPTOM
    found = [
        _proportion(words, f"{_RESPONSE.name} at week {week}", f"efficacy.{_RESPONSE.id}.w{week}.nri", week),
        _estimate(words, f"{symptom.with_range}, mean change to week {week}", f"efficacy.{symptom.id}_change.w{week}.paired", "mean",
                  symptom.unit),
        _estimate(words, f"Total IgE, change to week {week}", ige_change, "geometric_mean", "%", "geometric mean of "),
        _proportion(words, f"Conjunctivitis up to week {week}", f"safety.conjunctivitis.w{week}", week),
    ]  # fmt: skip
    rows = [[literal(key.name), key.value, key.interval, key.basis] for key in found]
    header = [f"Key{_NBSP}result", "Estimate", f"95{_NBSP}%{_NBSP}CI", words.who.many.capitalize()]
    table = Table(header, "lrrr", rows)
    items = "\n".join(map(_item, found))
    return Markdown(
        f'<div class="content-visible" when-format="html">\n<div class="key-results">\n\n{items}\n\n</div>\n</div>\n\n'
        f'<div class="content-visible" unless-format="html">\n\n{table._repr_markdown_()}\n</div>\n'
    )


def _item(key: _KeyResult) -> str:
    parts = {
        "name": literal(key.name),
        "value": key.value,
        "interval": key.interval and f"95{_NBSP}% CI {key.interval}",
        "basis": key.basis,
    }
    spans = " ".join(f'<span class="key-{part}">{text}</span>' for part, text in parts.items() if text)
    return f"- {spans} {key.picture}".rstrip()


def _proportion(words: Words, name: str, prefix: str, week: int) -> _KeyResult:
    if not words.known(f"{prefix}.n"):
        return _KeyResult(name, "", "", _no_response(words, week))
    responders, everyone = (words.row(f"{prefix}.{part}") for part in ("n", "N"))
    if everyone.value == 1:
        reached = marked("reached" if responders.value else "not reached", [responders, everyone])
        return _KeyResult(name, reached, "", f"by the only {words.who.one}", dots(responders.value, 1))
    basis = f"{words.of(prefix).marked} {words.who.many}"
    interval = words.interval(prefix).marked if words.known(f"{prefix}.ci_low") else ""
    picture = (dots if everyone.value <= EVERY_PATIENT else filled_bar)(responders.value, everyone.value)
    return _KeyResult(name, words.percent(prefix).marked, interval, basis, picture)


def _estimate(words: Words, name: str, prefix: str, statistic: str, unit: str, average: str = "") -> _KeyResult:
    """A change with its interval; `average` says before whose it is which mean this is, where the name does not."""
    row, count = words.row(f"{prefix}.{statistic}"), words.row(f"{prefix}.n")
    if row.value is None:
        return _KeyResult(name, "", "", _why_not(words, row, count))
    value = marked(f"{row.display}{_NBSP}{unit}" if unit else row.display, [row])
    basis = f"{average if count.value > 1 else ''}{words.counted(f'{prefix}.n')} with both values"
    low, high = (words.row(f"{prefix}.{limit}").value for limit in ("ci_low", "ci_high"))
    if low is None or high is None:
        return _KeyResult(name, value, "", basis)
    return _KeyResult(name, value, words.interval(prefix).marked, basis, change_on_scale(row.value, low, high))


def _no_response(words: Words, week: int) -> str:
    """Why the primary response is not known."""
    return unseen(words, week) or str(words.row(f"efficacy.{_RESPONSE.id}.w{week}.nri.n").reason)


def _why_not(words: Words, row: Result, count: Result) -> str:
    """Why there is no estimate, in words."""
    if not count.value:
        return marked(f"no {words.who.one} with both values", [count])
    return marked(row.reason, [row])


def message(words: Words, week: int) -> Markdown:
    """The message of the report in one sentence: how many reached the first primary response, and that nothing was compared."""
    prefix = f"efficacy.{_RESPONSE.id}.w{week}.nri"
    if not words.known(f"{prefix}.n"):
        why = _no_response(words, week)
        return Markdown(f"{capital(why)}; there is no primary result yet.")
    n, everyone = (words.row(f"{prefix}.{part}") for part in ("n", "N"))
    if everyone.value == 1:
        who = marked(f"The only {words.who.one}" if n.value else f"Not even the only {words.who.one}", [n, everyone])
    elif not n.value:
        who = f"None of {marked(everyone.display, [everyone, n])} {words.who.many}"
    elif n.value == everyone.value:
        who = f"All {marked(n.display, [n, everyone])} {words.who.many}"
    else:
        who = f"{words.of(prefix).marked} {words.who.many}"
    what = f"had {_RESPONSE.plain} ({_RESPONSE.name})" if _RESPONSE.plain else f"reached {_RESPONSE.name}"
    return Markdown(f"{who} {what} at week {week} of {DRUG.name}; there was no control group.")


def opening(words: Words, paper: str | None, data: str) -> Markdown:
    """What this report is. paper: the key of the citation that it reproduces, if it does; data: where the data come from."""
    if paper:
        return Markdown(
            f"This report reproduces the study of @{paper}, a single-arm cohort of {words.who.many} with {words.cohort.diagnosis} "
            f"treated with {DRUG.name}. {data}"
        )
    return Markdown(
        f"This report describes a single-arm cohort of {words.counted('population.enrolled.n')} with {words.cohort.diagnosis} "
        f"treated with {DRUG.name}. {data}"
    )


def background(words: Words, week: int) -> Markdown:
    """What the drug does, and what the study asked."""
    return Markdown(f"{introduction_shown.drug_sentence()} {introduction_shown.question_sentence(words, week)}".strip())


def methods(words: Words, week: int, reproduces: bool = False) -> Markdown:
    """Who was treated, how the doses kept to the label, and the primary outcome; of a paper that is reproduced it is the report's."""
    doses = "exposure.doses.conforming"
    kept = ""
    if words.known(f"{doses}.percent"):
        row = words.row(f"{doses}.n")
        all_of_them = row.value == words.row(f"{doses}.N").value
        share_of = marked("all", [row]) if all_of_them else f"{words.percent(doses).marked} of the"
        kept = f"; {share_of} doses given followed the label in amount and interval"
    chosen = ", chosen for this report after the paper had been published," if reproduces else ""
    rule = _RESPONSE.rule.replace("IGA", "an investigator's global assessment (IGA) of", 1)
    return Markdown(
        f"{words.counted('population.enrolled.n')} aged {ages(words)} years received {DRUG.name}{kept}. {background_sentence(words)} "
        f"There was no control group. The primary outcome{chosen} was the proportion with {rule}, at week {week}; a missing value or "
        "stopped treatment counted as non-response. Intervals of proportions are exact."
    )


def share(words: Words, prefix: str, ci: str = "95 % CI ") -> str:
    """Who reached a response, after "by": "26 of 27 children (96.3 %; 95 % CI 81.0 to 99.9 %)", "the only child", "nobody"."""
    n, everyone = (words.row(f"{prefix}.{part}") for part in ("n", "N"))
    if everyone.value == 1:
        return marked(f"the only {words.who.one}" if n.value else "nobody", [n, everyone])
    interval = f"{ci}{words.interval(prefix).marked}" if words.known(f"{prefix}.ci_low") else ""
    if not n.value:
        return f"none of {marked(everyone.display, [everyone, n])} {words.who.many}" + (f" ({interval})" if interval else "")
    inside = "; ".join(part for part in (words.percent(prefix).marked, interval) if part)
    if n.value == everyone.value:
        return f"all {marked(n.display, [n, everyone])} {words.who.many} ({inside})"
    return f"{words.of(prefix).marked} {words.who.many} ({inside})"


def response_sentence(words: Words, week: int) -> Markdown:
    """The primary responses at the primary week, or why there are none."""
    if not words.known(f"efficacy.{_RESPONSE.id}.w{week}.nri.n"):
        why = _no_response(words, week)
        return Markdown(f"{capital(why)}, so the primary outcome cannot be given.")
    parts = [f"{_RESPONSE.name} was reached by {share(words, f'efficacy.{_RESPONSE.id}.w{week}.nri')}"]
    parts += [f"{each.name} by {share(words, f'efficacy.{each.id}.w{week}.nri', '')}" for each in _OTHERS]
    return Markdown(f"At week {week}, {' and '.join(parts)}.")


def score_sentence(words: Words, week: int) -> Markdown:
    """SCORAD before treatment and at the primary week, and its change, as far as they are known."""
    start, end = (f"efficacy.{_SCORE.id}.w{each}.observed.mean" for each in (0, week))
    change = f"efficacy.{_SCORE.id}_change.w{week}.paired"
    of, name = ("", _SCORE.name) if alone(words) else ("mean ", _SCORE.name)
    if not words.known(start):
        return Markdown(f"Nobody has a {name} at baseline.")
    before = f"{capital(of + name)} was {words.number(start).marked} {_SCORE.unit} at baseline"
    if not words.known(end):
        return Markdown(f"{before}; nobody has a value at week {week}.")
    after = f"{before} and {words.number(end).marked} {_SCORE.unit} at week {week}"
    if not words.known(f"{change}.mean"):
        return Markdown(f"{after}, but nobody has both values.")
    if alone(words):
        return Markdown(f"{after}.")
    interval = f"; 95 % CI {words.interval(change).marked}" if words.known(f"{change}.ci_low") else ""
    return Markdown(f"{after} (mean change {words.number(f'{change}.mean').marked}{interval}).")


def events_sentence(words: Words, week: int) -> Markdown:
    """Who had an adverse event and who conjunctivitis up to the primary week, and who stopped because of it."""
    if not words.row(f"safety.any_event.w{week}.n").value:
        return Markdown(f"No adverse event was recorded up to week {week}.")
    prefix = f"safety.conjunctivitis.w{week}"
    n = words.row(f"{prefix}.n").value
    said = f"Conjunctivitis occurred in {share(words, prefix)}"
    if not n:
        return Markdown(f"{said}.")
    stopped = words.row(f"safety.conjunctivitis_discontinued.w{week}.n")
    number = marked("nobody" if not stopped.value else stopped.display, [stopped])
    return Markdown(f"{said}; {number} stopped {DRUG.name} because of it.")


def conclusion(words: Words, week: int, authors: str) -> Markdown:
    """What the figures show, by rule: the direction of the mean change of SCORAD is that of its sign, and it is said to differ from
    baseline if its 95 % interval leaves out 0; then the primary response. Where they cannot be given, the reason and the key of
    the settings that may hold a conclusion. authors: their own conclusion, which then stands as theirs.
    """
    uncontrolled = f"There was no control group, so none of this can be attributed to {DRUG.name}."
    if authors:
        return Markdown(f"The authors conclude: {literal(sentence(authors))} {uncontrolled}")
    if not words.known(f"efficacy.{_RESPONSE.id}.w{week}.nri.n"):
        return Markdown(
            f"No conclusion is drawn, because {_no_response(words, week)}; the authors may state one (key `conclusion` in study.yml)."
        )
    response = f"{_RESPONSE.name} was reached by {share(words, f'efficacy.{_RESPONSE.id}.w{week}.nri')}"
    return Markdown(f"{_direction(words, week)}, and {response}. {uncontrolled}")


def _direction(words: Words, week: int) -> str:
    change = f"efficacy.{_SCORE.id}_change.w{week}.paired"
    if not words.known(f"{change}.mean"):
        return f"At week {week}, the change of {_SCORE.name} cannot be given, as nobody has both values"
    mean = words.row(f"{change}.mean").value
    number = words.number(f"{change}.mean").marked
    way = "lower than at baseline" if mean < 0 else "higher than at baseline" if mean > 0 else "the same as at baseline"
    if alone(words):
        return f"At week {week}, {_SCORE.name} of the only {words.who.one} was {way} (change {number} {_SCORE.unit})"
    if not words.known(f"{change}.ci_low"):
        return f"At week {week}, mean {_SCORE.name} was {way} (mean change {number} {_SCORE.unit}, without an interval)"
    low, high = (words.row(f"{change}.{limit}").value for limit in ("ci_low", "ci_high"))
    excludes = "excludes" if low > 0 or high < 0 else "includes"
    interval = words.interval(change).marked
    return f"At week {week}, mean {_SCORE.name} was {way} (mean change {number} {_SCORE.unit}; 95 % CI {interval}, which {excludes} 0)"


def dots(filled: int, total: int) -> str:
    """One dot a patient, filled for those who responded, as an SVG element that takes the colour of its surroundings.

    >>> dots(2, 3).count("<circle"), dots(2, 3).count('fill="none"')
    (3, 1)
    """
    columns = ceil(total / _ROWS)
    step = min(15.0, _WIDTH / columns)
    radius = step * 0.36
    marks = []
    for patient in range(total):
        x, y = (patient % columns + 0.5) * step, (patient // columns + 0.5) * step
        look = "" if patient < filled else ' fill="none" stroke="currentColor"'
        size = radius if patient < filled else radius - 0.5
        marks.append(f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{size:.3g}"{look}/>')
    return _svg("".join(marks))


def filled_bar(filled: int, total: int) -> str:
    """Of more patients than are drawn one by one: a bar that is filled as far as they responded.

    >>> 'width="80.0"' in filled_bar(500, 1000)
    True
    """
    height, top = 16, (_HEIGHT - 16) / 2
    outline = f'<rect x="0.5" y="{top}" width="{_WIDTH - 1}" height="{height}" fill="none" stroke="currentColor"/>'
    return _svg(f'{outline}<rect x="0" y="{top}" width="{_WIDTH * filled / total:.1f}" height="{height}"/>')


def change_on_scale(value: float, low: float, high: float) -> str:
    """A change and its interval above an axis that runs in steps of twenty; a dashed line at 0 stands for no change."""
    margin = 12
    start, end = min(0, floor(low / 20) * 20), max(0, ceil(high / 20) * 20)
    ticks = [(tick, display.number(tick, 0)) for tick in sorted({start, 0, end})]
    x = {at: margin + (at - start) / (end - start or 1) * (_WIDTH - 2 * margin) for at in (value, low, high, start, 0, end)}
    axis, middle = 28, 12
    parts = [f'<path class="scale" d="M{margin} {axis}H{_WIDTH - margin}" stroke="currentColor"/>']
    for tick, text in ticks:
        at = x[tick]
        parts.append(f'<path class="scale" d="M{at:.4g} {axis}v4" stroke="currentColor"/>')
        parts.append(
            f'<text class="scale" x="{at:.4g}" y="{axis + 15}" font-size="11" text-anchor="middle">{text}</text>'
        )
    dashed = (
        f'<path class="scale" d="M{x[0]:.4g} {axis}V2" stroke="currentColor" stroke-dasharray="2 2"/>'
    )
    bar = f'<path d="M{x[low]:.4g} {middle}H{x[high]:.4g}" stroke="currentColor" stroke-width="2.5"/>'
    return _svg(f'{"".join(parts)}{dashed}{bar}<circle cx="{x[value]:.4g}" cy="{middle}" r="5"/>')


def _svg(content: str) -> str:
    """Hidden from screen readers: the words beside it say the same."""
    return (
        f'<svg class="key-picture" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" fill="currentColor" '
        f'aria-hidden="true">{content}</svg>'
    )
