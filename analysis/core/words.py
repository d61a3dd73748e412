"""Results in sentences: how a number reads within running text, and what its patients are called.

Text is Markdown; a number in it carries its origin. A sentence about what could not be estimated is another sentence, so ask
:meth:`Words.known` first.
"""

from collections.abc import Iterable
from functools import cached_property

from analysis.core import display
from analysis.core.display_sizes import are_many
from analysis.core.origin import marked
from analysis.core.results import Result, Results
from protocol.population import PATIENTS, Called, called

_NBSP = "\N{NO-BREAK SPACE}"


class Markdown(str):
    """Text that the renderers take as Markdown, while plain str is shown literally. What is empty is a comment, or Quarto would print
    the expression in its place.

    >>> Markdown("")._repr_markdown_()
    '<!-- -->'
    """

    def _repr_markdown_(self) -> str:
        return str(self) or "<!-- -->"


class Number(str):
    """A printed result: text as it stands, and `marked` the Markdown of a span that carries the result's id and origin."""

    rows: tuple[Result, ...]

    def __new__(cls, text: str, rows: Iterable[Result]):
        number = super().__new__(cls, text)
        number.rows = tuple(rows)
        return number

    @property
    def marked(self) -> str:
        return marked(self, self.rows)

    def _repr_markdown_(self) -> str:
        return self.marked


def capital(text: str) -> str:
    """The text with a capital letter at its beginning, and the others as they are.

    >>> capital("mean SCORAD"), capital("")
    ('Mean SCORAD', '')
    """
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a full stop, unless it has an end of its own.

    >>> sentence("All consented"), sentence("Why not?"), sentence("")
    ('All consented.', 'Why not?', '')
    """
    return text if not text or text.endswith((".", "!", "?", "。")) else f"{text}."


def listed(parts: Iterable[str]) -> str:
    """Several parts of a sentence as one.

    >>> listed(["4", "8", "16"]), listed(["4"])
    ('4, 8 and 16', '4')
    """
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def who(results: Results) -> Called:
    """What the patients of these results are called, by their ages."""
    ages = [results[each].value if each in results else None for each in _AGES]
    return PATIENTS if None in ages else called(*ages)


_AGES = ("population.age_years.min", "population.age_years.max")


class Words:
    """The results of a data cut as sentences print them.

    `prefix` is the beginning of the ids of results that belong together, for instance `efficacy.iga_0_1.w26.nri`. What is asked for
    and is not there raises :class:`analysis.core.results.UnknownResult`.
    """

    def __init__(self, results: Results):
        self.results = results

    @cached_property
    def who(self) -> Called:
        """What these patients are called."""
        return who(self.results)

    @property
    def every(self) -> str:
        """Whom a figure of individuals shows: "every child" one by one, or "all children" as a distribution."""
        return f"all {self.who.many}" if are_many(self.results) else f"every {self.who.one}"

    def row(self, result_id: str) -> Result:
        return self.results[result_id]

    def known(self, *result_ids: str) -> bool:
        """Whether all of these results are there and could be estimated."""
        return all(each in self.results and self.results[each].value is not None for each in result_ids)

    def number(self, result_id: str, decimals: int | None = None) -> Number:
        """The printed value of one result, without its unit; `decimals` only where the sentence is coarser than the table."""
        row = self.row(result_id)
        if decimals is None or row.value is None:
            return Number(row.display, [row])
        return Number(display.number(row.value, decimals), [row])

    def percent(self, prefix: str) -> Number:
        """A proportion, for instance "96.3 %"."""
        return self.with_percent(f"{prefix}.percent")

    def with_percent(self, result_id: str) -> Number:
        """One result in percent, for instance "−56.0 %"."""
        row = self.row(result_id)
        return Number(row.display if row.value is None else f"{row.display}{_NBSP}%", [row])

    def of(self, prefix: str) -> Number:
        """For instance "26 of 27"."""
        rows = [self.row(f"{prefix}.{part}") for part in ("n", "N")]
        return Number(f"{rows[0].display} of {rows[1].display}", rows)

    def counted(self, result_id: str) -> str:
        """A number of patients with the word for them, as Markdown: "27 children", "1 child"."""
        number = self.number(result_id)
        return f"{number.marked} {self.who.count(1 if number == '1' else 2)}"

    def interval(self, prefix: str) -> Number:
        """For instance "81.0 to 99.9 %"."""
        low, high = (self.row(f"{prefix}.{limit}") for limit in ("ci_low", "ci_high"))
        if low.value is None:
            return Number("not estimable", [low, high])
        unit = _NBSP + "%" if low.unit == "percent" else ""
        return Number(display.interval(low.display, f"{high.display}{unit}"), [low, high])

    def mean_sd(self, prefix: str) -> Number:
        """For instance "78.8 (SD 7.4)"; a single value has a mean alone."""
        mean, sd = (self.row(f"{prefix}.{part}") for part in ("mean", "sd"))
        return Number(mean.display, [mean]) if sd.value is None else Number(f"{mean.display} (SD {sd.display})", [mean, sd])

    def within(self, prefix: str, name: str = "95 % CI ") -> str:
        """The interval as Markdown that follows an estimate, for instance " (95 % CI 81.0 to 99.9 %)"; nothing where there is none."""
        return f" ({name}{self.interval(prefix).marked})" if self.known(f"{prefix}.ci_low", f"{prefix}.ci_high") else ""
