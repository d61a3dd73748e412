"""Identifying data in a cut: dates, addresses, numbers and names of persons, in English and Russian.

What identifies a person stops the gate, and its words are never repeated: not in a message, not in JSON, not in what
Great Expectations is given. What only looks like a person's name is a warning, without its words either. Patterns find
the usual ways of writing; they are a net under the people who remove such data, and no replacement for them.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from expectations.contacts import LINKS, MAILS, PHONES
from expectations.dates_in_text import BIRTHS, DATES, DAYS
from expectations.finding import Finding, in_words, shown
from expectations.identifiers import LONG_NUMBERS, RECORDS, checked_numbers
from expectations.names import is_name_like
from expectations.places import ADDRESSES, INSTITUTIONS
from protocol.columns import PATIENT_ID, TABLES

WITHHELD = "[withheld]"
_HARMLESS = re.compile(rf"{PATIENT_ID.pattern}|-?[0-9]{{0,6}}(?:\.[0-9]{{1,6}})?|.{{0,2}}", re.DOTALL)
"""Most cells: ids of the study, ordinary numbers, a character or two."""
LONGEST_ID_DIGITS = 6
"""Digits of a study's own id; a longer one may be a number that the hospital or a telephone company gave."""


@dataclass(frozen=True, eq=False)  # each is one of a kind; by value, every look into a cache would hash its whole pattern
class Kind:
    """A kind of identifying data: the rule's name, its sentence, what a message calls it, and how it is written: a pattern,
    and where a form alone says too little a function that gives beginnings and ends."""

    rule: str
    sentence: str
    called: str
    pattern: re.Pattern
    finder: Callable[[str], Iterable[tuple[int, int]]] = lambda text: ()

    def found_in(self, plain: str) -> bool:
        return self.pattern.search(plain) is not None or any(True for _ in self.finder(plain))

    def without(self, plain: str) -> str:
        """`plain` with everything of this kind withheld."""
        for start, end in sorted(self.finder(plain), reverse=True):
            plain = plain[:start] + WITHHELD + plain[end:]
        return self.pattern.sub(WITHHELD, plain)


def _written(*alternatives: str) -> re.Pattern:
    return re.compile("|".join(alternatives), re.IGNORECASE)


BIRTH = Kind("privacy-birth-date", "No cell holds a date of birth.", "a date of birth", _written(*BIRTHS))
MAIL = Kind(
    "privacy-e-mail",
    "No cell holds an e-mail address or the name of an account.",
    "an e-mail address or account",
    _written(*MAILS),
)
LINK = Kind("privacy-link", "No cell holds the address of a page.", "the address of a page", _written(*LINKS))
PHONE = Kind("privacy-telephone", "No cell holds a telephone number.", "a telephone number", _written(*PHONES))
RECORD = Kind(
    "privacy-record-number", "No cell holds the number of a medical record, an insurance or an identity document.",
    "the number of a medical record, an insurance or an identity document", _written(*RECORDS), checked_numbers,
)  # fmt: skip
ADDRESS = Kind("privacy-address", "No cell holds the address of a home.", "an address", _written(*ADDRESSES))
DATE = Kind(
    "privacy-date", "No cell holds a full date; times are weeks or study days.", "a full date", _written(*DATES)
)
LONG_NUMBER = Kind(
    "privacy-long-number", "No free text holds a number of seven digits or more.", "a number of seven digits or more",
    _written(*LONG_NUMBERS),
)  # fmt: skip
PERSON_AS_ID = Kind("privacy-id", "No patient_id is a word, which may be a name.", "a word, which may be a name",
                    re.compile(r"[^\W\d_]{3,}"))  # fmt: skip
_LOOKS_IDENTIFYING = re.compile("|".join((*INSTITUTIONS, *DAYS)))

_ANYWHERE = (BIRTH, MAIL, RECORD, PHONE, DATE)
_IN_TEXT = (*_ANYWHERE, LINK, ADDRESS, LONG_NUMBER)
_IN_ID = (*_IN_TEXT, PERSON_AS_ID)
_ABOUT_A_CUT = (BIRTH, MAIL, RECORD, PHONE, ADDRESS)

CRITICAL_RULES = {kind.rule: kind.sentence for kind in _IN_ID}
WARNING_RULES = {
    "privacy-name": "No free text looks like a person's name, or names a school, a ward or a day of the year.",
    "privacy-not-names": "Every text that study.yml declares not to be a name is there.",
    "privacy-long-id": f"No patient_id has more than {LONGEST_ID_DIGITS} digits.",
}

_INVISIBLE = (
    dict.fromkeys(range(0x200B, 0x2010))
    | dict.fromkeys(range(0x202A, 0x202F))
    | {0xAD: None, 0xFEFF: None, 0x2060: None}
)
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")


def _plain(text: str) -> str:
    """`text` without the disguises of typography: one kind of hyphen, of blank and of digit, nothing invisible."""
    text = text.translate(_INVISIBLE)
    text = "№".join(unicodedata.normalize("NFKC", part) for part in text.split("№"))  # which NFKC would make "No"
    text = text.translate(_DASHES)
    return "".join(
        " " if char.isspace() else str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text
    )


@lru_cache(maxsize=4096)
def _first_kind(text: str, kinds: tuple[Kind, ...]) -> Kind | None:
    pieces = list(_pieces(_plain(text)))
    return next((kind for kind in kinds if any(map(kind.found_in, pieces))), None)


_PIECE, _OVERLAP = 800, 120


def _pieces(plain: str) -> Iterator[str]:
    """`plain` in pieces that overlap by more than anything that is looked for is long: time grows with length and no faster."""
    for start in range(0, max(1, len(plain) - _OVERLAP), _PIECE - _OVERLAP):
        yield plain[start : start + _PIECE]


def identifying(text: str) -> str | None:
    """What a description of a cut holds that identifies a person, in words; None if nothing does. Dates are allowed there.

    >>> identifying("Questions to ivanova@example.org")
    'an e-mail address or account'
    """
    kind = _first_kind(text, _ABOUT_A_CUT)
    return None if kind is None else kind.called


def redacted(text: str) -> str:
    """`text` with everything in it that identifies a person withheld.

    >>> redacted('week is "12 марта 2010"; it must be a whole number')
    'week is "[withheld]"; it must be a whole number'
    """
    if _first_kind(text, _IN_TEXT) is None:
        return text
    plain = _plain(text)
    if len(plain) > _PIECE:
        return WITHHELD
    for kind in _IN_TEXT:
        plain = kind.without(plain)
    return plain


def redacted_id(text: str) -> str:
    """A patient_id as messages may name it.

    >>> redacted_id("P003"), redacted_id("Ivanova"), redacted_id("003")
    ('P003', '[withheld]', '003')
    """
    return WITHHELD if not PATIENT_ID.fullmatch(text) and _first_kind(text, _IN_ID) else text


@lru_cache(maxsize=4096)
def looks_identifying(text: str) -> bool:
    """Whether `text` seems to hold the name of a person, of a school or a ward, or a day of the year: somebody has to judge.

    >>> looks_identifying("seen by Dr Petrova"), looks_identifying("Crohn's disease")
    (True, False)
    """
    return any(is_name_like(piece) or _LOOKS_IDENTIFYING.search(piece) is not None for piece in _pieces(_plain(text)))


def screen(text: pd.DataFrame, table: str) -> Iterator[tuple[int, str, Kind]]:
    """Line, column and kind of each cell that identifies a person; the cell itself is withheld in `text`.

    Every later step so sees a placeholder, and whatever it says of the cell, or of the row of such an id, repeats nothing.
    """
    for column in TABLES[table]:
        kinds = {"id": _IN_ID, "text": _IN_TEXT}.get(column.kind, _ANYWHERE)
        cells = text[column.name]
        doubtful = {cell: kind for cell in cells.unique() if not _HARMLESS.fullmatch(cell) and (kind := _first_kind(cell, kinds))}
        if not doubtful:
            continue
        at = text.columns.get_loc(column.name)
        for position in np.flatnonzero(cells.isin(doubtful.keys())):
            kind = doubtful[text.iat[position, at]]
            text.iat[position, at] = WITHHELD
            yield int(text.index[position]), column.name, kind


def say(kind: Kind, column: str) -> str:
    """The sentence of a finding."""
    return f"{column} holds what reads like {kind.called}; its words are withheld here; take them out of the data"


Cell = tuple[str, str, str, str]
"""File, patient_id, column and text of a cell that somebody has declared not to be a name."""


def name_like_cells(text: pd.DataFrame, table: str, not_names: Collection[Cell] = ()) -> Iterator[tuple[int, str]]:
    """Line and column of each free text of `table` that looks identifying and is not among `not_names`."""
    for column in TABLES[table]:
        if column.kind == "text":
            suspect = [cell for cell in text[column.name].unique() if isinstance(cell, str) and looks_identifying(cell)]
            if not suspect:
                continue
            there = text[text[column.name].isin(suspect)]
            for line, cell, patient_id in zip(there.index, there[column.name], there["patient_id"], strict=True):
                if (f"{table}.csv", patient_id, column.name, cell) not in not_names:
                    yield line, column.name


def veiled(
    text: pd.DataFrame, table: str, not_names: Collection[Cell] = ()
) -> tuple[pd.DataFrame, list[Finding]]:
    """`text` for the suites, with name-like cells withheld, and the warnings about them, about `not_names` that fit no cell,
    and about long ids.

    The same words give the same placeholder, so that rules about repetitions still hold.
    """
    name_like = set(name_like_cells(text, table, not_names))
    text = text.copy(deep=False)  # copied where a cell is withheld
    findings = []
    hidden: dict[str, str] = {}
    for column in TABLES[table]:
        at = text.columns.get_loc(column.name)
        lines = [line for line, name in name_like if name == column.name]
        for position in np.sort(text.index.get_indexer(lines)):
            line, cell = text.index[position], text.iat[position, at]
            # Capitals do not matter to the rule about repetitions.
            text.iat[position, at] = hidden.setdefault(cell.casefold(), f"{WITHHELD[:-1]} {len(hidden) + 1}]")
            what = (
                f"{column.name} looks like a person's name, or names a school, a ward or a day; its words are withheld here, and "
                "in everything made of a clinical cut; take it out, or, if it is none, write under not_names in study.yml "
                f"- {{file: {table}.csv, patient_id: {shown(redacted_id(text.at[line, 'patient_id']))}, column: {column.name}, "
                "text: \"the whole text of the cell\", reason: \"why it is none\"}"
            )
            findings.append(_warning(table, line, column.name, "privacy-name", what, text))
        if column.kind == "id" and table == "patients":
            for line, cell in text[column.name][text[column.name].str.len() > LONGEST_ID_DIGITS + 1].items():
                if PATIENT_ID.fullmatch(cell):
                    what = (
                        f"{column.name} has more than {LONGEST_ID_DIGITS} digits; is it the study's own id, and no number of a "
                        "record or a telephone?"
                    )
                    findings.append(_warning(table, line, column.name, "privacy-long-id", what, text))
    for file, patient_id, column, cell in sorted(not_names):
        if file == f"{table}.csv" and not ((text["patient_id"] == patient_id) & (text[column] == cell)).any():
            who = shown(redacted_id(patient_id))
            what = in_words(f"an entry of not_names in study.yml (patient {who}, {column}) fits no cell; take it out")
            findings.append(Finding(file, None, column, None, None, None, "warning", "privacy-not-names", what))
    return text, findings


def _warning(table: str, line: int, column: str, rule: str, what: str, text: pd.DataFrame) -> Finding:
    patient_id = None if rule == "privacy-long-id" else shown(text.at[line, "patient_id"]) or None
    return Finding(f"{table}.csv", int(line), column, None, patient_id, None, "warning", rule, in_words(what))
