"""The discussion as sentences: the key result, what limits it, and to whom it applies. Each follows from the results, from the
design (one arm, no controls) or from the facts of the protocol; a limit that these data do not have is not named.
"""

from collections.abc import Iterator

from analysis import headline_shown
from analysis.core.words import Markdown, Words, capital, listed
from analysis.population_shown import ages, alone
from protocol import outcomes
from protocol.special_interest import SPECIAL_INTEREST
from protocol.treatment import DRUG

_PRIMARY = outcomes.PRIMARY[0]


def key_result(words: Words, week: int) -> Markdown:
    """The primary responses and the change of the score of the abstract, and adverse events."""
    said = (headline_shown.response_sentence(words, week), headline_shown.score_sentence(words, week),
            headline_shown.events_sentence(words, week))  # fmt: skip
    return Markdown(" ".join(said))


def limits(words: Words, week: int, reconstructed: bool, blinding: str) -> Markdown:
    """What limits the result, as a list. blinding: what is stated of it, as a part of a sentence; `words` knows the `cohort`, too."""
    return Markdown("\n".join(f"- {limit}" for limit in _limits(words, week, reconstructed, blinding)))


def _limits(words: Words, week: int, reconstructed: bool, blinding: str) -> Iterator[str]:
    if reconstructed:
        yield (
            "**Reconstructed data.** Only aggregates are published. Spread, courses between the visits, subgroups and all adverse "
            "events but those that the paper counts are simulated, and are no evidence."
        )
    other = "and other treatment" if words.cohort.background else "and whatever else was done for the skin"
    yield (
        f"**No control group.** {DRUG.title}, the natural course, regression to the mean in patients who are treated when they are "
        f"worst, {other} cannot be told apart."
    )
    yield f"**Assessment.** {capital(blinding)}. Who knows the treatment may judge the skin otherwise."
    yield from _size(words, week)
    yield from _missing(words, week)
    yield from _follow_up(words)
    yield (
        "**Many numbers.** Beside the primary outcome, the other outcomes, visits and subgroups are descriptions; they are not "
        "adjusted for their number."
    )


def _size(words: Words, week: int) -> Iterator[str]:
    prefix = f"efficacy.{_PRIMARY.id}.w{week}.nri"
    if alone(words):
        yield f"**Size.** One {words.who.one} shows what can happen, not how often."
        return
    said = f"**Size.** With {words.counted('population.enrolled.n')}"
    if words.known(f"{prefix}.ci_low"):
        said += f", the primary result is compatible with {words.interval(prefix).marked}"
    else:
        said += ", proportions are known within wide limits"
    never = [each for each in SPECIAL_INTEREST if words.known(f"safety.{each.variable}.n", f"safety.{each.variable}.ci_high")
             and not words.row(f"safety.{each.variable}.n").value]  # fmt: skip
    if never:
        limit = words.number(f"safety.{never[0].variable}.ci_high").marked
        said += f"; an adverse event that nobody had may still befall up to {limit}\N{NO-BREAK SPACE}%"
    yield f"{said}."


def _missing(words: Words, week: int) -> Iterator[str]:
    visit = f"population.visit.w{week}"
    seen, due = (words.row(f"{visit}.{part}").value if words.known(f"{visit}.{part}") else 0 for part in ("n", "N"))
    stopped = words.row("population.discontinued.n").value
    if not due:
        return
    parts = []
    if seen < due:
        parts.append(f"{words.of(visit).marked} {words.who.many} were seen at week {week}")
    if stopped:
        parts.append(f"{words.counted('population.discontinued.n')} stopped treatment")
    if parts:
        yield f"**Missing values.** {capital(listed(parts))}; see @sec-sensitivity."


def _follow_up(words: Words) -> Iterator[str]:
    if words.known("safety.follow_up.median"):
        row = words.row("safety.follow_up.median")
        length = f"{words.number('safety.follow_up.median').marked} {row.unit}"
        median = "was" if alone(words) else "had a median of"
        yield f"**Time.** Follow-up {median} {length}; what happens later, these data cannot say."


def generalisability(words: Words) -> Markdown:
    """To whom the result applies: who was treated, and who was not; `words` knows the `cohort`, too."""
    treated = f"{words.counted('population.enrolled.n')} aged {ages(words)} years with {words.cohort.diagnosis}"
    setting = f" in {words.cohort.setting}" if words.cohort.setting else ""
    were = "was" if alone(words) else "were"
    chosen = words.cohort.selection or "How they were chosen from all who could have been treated is not known here."
    background = f" {words.cohort.background}" if words.cohort.background else ""
    return Markdown(
        f"{treated} {were} treated{setting}.{background} {chosen} Patients of other ages, with disease of another severity, or with "
        "other treatment beside the drug may fare differently."
    )
