"""A finding: one thing that is wrong, or worth a look, at one place of a data cut.

Places are kept as data, so that whoever knows where a cut came from can name the places of the source instead; the sentence is made
when somebody asks for it.
"""

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Level = Literal["critical", "warning"]

LONGEST_VALUE = 80
MOST_LINES = 8
MOST_LISTED = 100
"""Failures of one rule in one file that are findings of their own; the last one counts the rest."""


@dataclass(frozen=True)
class Lines:
    """Lines of a file of the cut to which a message refers; at most `most` of them are listed."""

    file: str
    numbers: tuple[int, ...]
    most: int = MOST_LINES

    def named(self, form: str = "") -> str:
        """In words; `form` says where the file stands, if it does: "line", "line of patients.csv", "patients.csv line".

        >>> at = Lines("patients.csv", (7,))
        >>> at.named(), at.named("line"), at.named("line of patients.csv")
        ('patients.csv line 7', 'line 7', 'line 7 of patients.csv')
        >>> Lines("visits.csv", (3, 5, 9), most=2).named("line")
        'lines 3, 5 and 1 more'
    >>> Lines("visits.parquet", (3,)).named("line of visits.csv")
    'row 3 of visits.parquet'
        """
        # A message names the table by its CSV; a Parquet file has rows and no lines.
        stem, _, kind = self.file.rpartition(".")
        wanted = (form or f"{self.file} line").replace(f"{stem}.csv", self.file)
        return wanted.replace("line", counted("row" if kind == "parquet" else "line", self.numbers, self.most), 1)


def counted(word: str, numbers: tuple[int, ...], most: int = MOST_LINES) -> str:
    """A number, or the first of several, with the word for what it numbers.

    >>> counted("row", (7,)), counted("row", (7, 9))
    ('row 7', 'rows 7, 9')
    """
    more = len(numbers) - most
    listed = ", ".join(map(str, numbers[:most])) + (f" and {more} more" if more > 0 else "")
    return f"{word} {listed}" if len(numbers) == 1 else f"{word}s {listed}"


class _Formatter(string.Formatter):
    def format_field(self, value: Any, form: str) -> str:
        return value.named(form) if isinstance(value, Lines) else str(value)


@dataclass(frozen=True)
class Phrase:
    """Words with places in them: in `template` stands the name of each word in braces, a place with its form behind a colon.

    A word is a text, a place or a phrase; what it holds is never read as a template.

    >>> str(Phrase("{what}, as on {at:line}", {"what": "{week} is 4", "at": Lines("visits.csv", (7,))}))
    '{week} is 4, as on line 7'
    """

    template: str
    words: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return _Formatter().vformat(self.template, (), self.words)

    def moved(self, move: Callable[[Lines], Any]) -> "Phrase":
        """The same with other places: `move` gives for lines of the cut what is to be named in their stead."""
        return Phrase(self.template, {name: _moved(word, move) for name, word in self.words.items()})

    def as_record(self) -> dict:
        """Ready for JSON; :meth:`from_record` reads it."""
        return {"template": self.template, "words": {name: _record(word) for name, word in self.words.items()}}

    @classmethod
    def from_record(cls, record: Mapping) -> Self:
        return cls(record["template"], {name: _word(word) for name, word in record["words"].items()})


def in_words(text: str) -> Phrase:
    """A phrase without places."""
    return Phrase("{text}", {"text": text})


def _moved(word: Any, move: Callable[[Lines], Any]) -> Any:
    return word.moved(move) if isinstance(word, Phrase) else move(word) if isinstance(word, Lines) else word


def _record(word: Any) -> Any:
    if isinstance(word, Lines):
        return {"file": word.file, "numbers": list(word.numbers), "most": word.most}
    return word.as_record() if isinstance(word, Phrase) else word


def _word(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    if "template" in record:
        return Phrase.from_record(record)
    return Lines(record["file"], tuple(record["numbers"]), record["most"])


@dataclass(frozen=True)
class Finding:
    """What is wrong, and where.

    `file` is the file's name; `line` the line in it (the header is line 1), None for a whole file or a row
    that is absent. `column` lists every column of that file that is involved, joined by ", "; `value` is the
    cell as written. `what` says what is wrong and what to do, `days` the study days by which the record is known where it has no
    week; `signed` is false where `what` says itself whose record it is. `place` is where this stands in a source that was converted,
    if it was: anything that words can be made of. `more` failures of the same rule in the same file are not listed after this one.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    patient_id: str | None
    week: int | None
    level: Level
    rule: str
    what: Phrase
    days: tuple[str, ...] = ()
    signed: bool = True
    place: Any = None
    more: int = 0

    @property
    def message(self) -> str:
        """The sentence: the place, what is wrong there, and whose record it is."""
        place = self.place or (self.file if self.line is None else Lines(self.file, (self.line,)).named())
        return f"{place}: {self.said}"

    @property
    def said(self) -> str:
        """The sentence without its place."""
        rest = f"; {self.more:,} more in this file are not listed: what is wrong so often has one cause" if self.more else ""
        return f"{self.what}{self._whose()}{rest}"

    def _whose(self) -> str:
        parts = [f"patient {self.patient_id}"] if self.patient_id else []
        parts += [f"day {day}" for day in self.days] if self.week is None else [f"week {self.week}"]
        return f" ({', '.join(parts)})" if parts and self.signed else ""

    def as_dict(self) -> dict:
        """The fields in the order of the contract, ready for JSON."""
        return {name: getattr(self, name) for name in (*_FIELDS, "message")}

    def as_record(self) -> dict:
        """The parts of a finding about a cut, ready for JSON; :meth:`from_record` reads them."""
        parts = {name: getattr(self, name) for name in _FIELDS}
        return parts | {"what": self.what.as_record(), "days": list(self.days), "signed": self.signed, "more": self.more}

    @classmethod
    def from_record(cls, record: Mapping) -> Self:
        """Raises KeyError or TypeError where a part is absent or another one is there."""
        return cls(**{**record, "what": Phrase.from_record(record["what"]), "days": tuple(record["days"])})


_FIELDS = ("file", "line", "column", "value", "patient_id", "week", "level", "rule")


def shown(text: str) -> str:
    """A cell as a message may show it: control characters escaped, cut at 80 characters.

    >>> shown("a\\tb")
    'a\\\\tb'
    >>> len(shown("x" * 500))
    80
    """
    visible = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return visible if len(visible) <= LONGEST_VALUE else visible[: LONGEST_VALUE - 1] + "…"
