"""Identifying data in a cut: dates, addresses, numbers and names of persons, in English and Russian.

What identifies a person stops the gate, and its words are never repeated: not in a message, not in JSON, not in what
Great Expectations is given. What only looks like a person's name is a warning, without its words either. Patterns find
the usual ways of writing; they are a net under the people who remove such data, and no replacement for them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from expectations.finding import Finding, shown
from expectations.names import is_name_like
from expectations.schema import PATIENT_ID, TABLES

WITHHELD = "[withheld]"
_HARMLESS = re.compile(rf"{PATIENT_ID.pattern}|-?[0-9]{{0,6}}(?:\.[0-9]{{1,6}})?|.{{0,2}}", re.DOTALL)
"""Most cells: ids of the study, ordinary numbers, a character or two."""
LONGEST_ID_DIGITS = 6
"""Digits of a study's own id; a longer one may be a number that the hospital or a telephone company gave."""


@dataclass(frozen=True)
class Kind:
    """A kind of identifying data: the rule's name, its sentence, what a message calls it, and how it is written."""

    rule: str
    sentence: str
    called: str
    pattern: re.Pattern


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|январ[ьяе]|феврал[ьяе]|марта?|апрел[ьяе]|ма[йя]|июн[ьяе]|июл[ьяе]|августа?|"
    r"сентябр[ьяе]|октябр[ьяе]|ноябр[ьяе]|декабр[ьяе]|янв|фев|мар|апр|авг|сент?|окт|нояб?|дек)"
)
_DAY, _MONTH_NUMBER, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_TWO_DAY, _TWO_MONTH = "(?:0[1-9]|[12][0-9]|3[01])", "(?:0[1-9]|1[0-2])"
_START, _END = r"(?<![0-9])(?<![0-9][./,-])", r"(?![0-9])"
_GAP = r"[\s.,/-]{0,3}"


def _written(*alternatives: str) -> re.Pattern:
    return re.compile("|".join(alternatives), re.IGNORECASE)


# A day and a month in either order. Years of two digits only where nothing else is written so: 12.03.10 is a date, 4-8-16 are weeks.
_DATES = [
    *(
        rf"{_START}{first}\s?{mark}\s?{second}\s?{mark}\s?{_YEAR}{_END}"
        for mark in (r"\.", "/", "-")
        for first, second in ((_DAY, _MONTH_NUMBER), (_MONTH_NUMBER, _DAY))
    ),
    *(rf"{_START}{_YEAR}\s?{mark}\s?{_MONTH_NUMBER}\s?{mark}\s?{_DAY}{_END}" for mark in (r"\.", "/", "-")),
    *(
        rf"{_START}{first}{mark}{second}{mark}[0-9]{{2}}(?![0-9])(?![./-][0-9])"
        for mark in (r"\.", "/")
        for first, second in ((_TWO_DAY, _TWO_MONTH), (_TWO_MONTH, _TWO_DAY))
    ),
    rf"(?<![0-9]){_DAY}(?:st|nd|rd|th|-?го|-?е)?{_GAP}(?:of\s)?{_MONTH}{_GAP}(?:{_YEAR}|['’][0-9]{{2}}){_END}",
    rf"(?<![0-9]){_DAY}([-/]){_MONTH}[-/][0-9]{{2}}{_END}",
    rf"(?<![^\W\d]){_MONTH}{_GAP}{_DAY}(?:st|nd|rd|th)?{_GAP}{_YEAR}{_END}",
    rf"(?<![0-9]){_YEAR}{_GAP}{_MONTH}{_GAP}{_DAY}{_END}",
]

_BIRTH = [
    r"(?<!\w)(?:d\.?\s?o\.?\s?b\.?|(?:date|day) of birth|birth\s?-?(?:date|day)|дат[аыеу] рожд\w*|д(?:ень|ня) рожд\w*|"
    r"(?<!т\.)д\.\s?р\.|д/р)(?!\w)\W{0,6}(?:(?:is|was|on|пациента)\W{0,3})?[0-9][0-9./-]*",
    rf"(?<!\w)(?:born|родил(?:ся|ась)|рожд[её]н\w*)\W{{1,3}}(?:(?:in|on|в)\s)?(?:the\s)?(?:{_DAY}(?:st|nd|rd|th)?\W{{1,3}}(?:of\s)?)?(?:{_MONTH}\W{{1,3}})?{_YEAR}{_END}",
    rf"(?<!\w)(?:born|родил(?:ся|ась)|рожд[её]н\w*)\W{{1,3}}(?:(?:on|в)\s)?(?:{'|'.join(_DATES)})",
    rf"(?<![0-9]){_YEAR}\s?(?:г\.?\s?р(?!\w)|г\.?\s?рожд|года?\s+рожд)",
]  # fmt: skip

_MAIL = [r"[\w.+-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{2,63})+", r"(?<!\S)@[a-z]\w{3,}"]

_PHONE = [
    r"(?<!\w)(?:tel|(?:tele|cell\s?)?phone|mobile|fax|whatsapp|viber|тел|телефон\w*|моб|сот\.|факс)(?!\w)[^0-9]{0,12}"
    r"[0-9](?:[\s().-]{0,3}[0-9]){4,14}",
    r"(?<![\w+])\+\s?[0-9](?:[\s().-]{0,3}[0-9]){9,13}(?![0-9])",
    r"(?<![\w.,-])[78][\s-]?\(?(?:[0-9]{3}\)?[\s-]?[0-9]{3}|[0-9]{4}\)?[\s-]?[0-9]{2})[\s-]?[0-9]{2}[\s-]?[0-9]{2}(?![0-9])",
    r"(?<![\w.-])(?:\([0-9]{3}\)\s?|[0-9]{3}[-.])[0-9]{3}[-.\s][0-9]{4}(?![0-9])",
    r"(?<![\w.,-])0[0-9]{2,4}[\s-][0-9]{3,4}[\s-]?[0-9]{3,4}(?![0-9])",
    r"(?<![\w.,-])[0-9]{3}-[0-9]{2}-[0-9]{2}(?![0-9-])",
]

_NUMBER_SIGN = r"(?:no|nr|num|number|id|code|№|#)(?!\w)"
_RECORD = [
    r"(?<!\w)(?:mrn|nhs|ssn|snils|medical record|social security)(?![a-z])[^0-9]{0,12}[0-9][0-9\s/-]{2,}",
    rf"(?<!\w)(?:hospital|chart|patient|case|file|record|insurance|policy|passport|admission|identity)(?: card)? ?{_NUMBER_SIGN}"
    r"[^0-9]{0,6}[0-9][0-9\s/-]{2,}",
    r"(?<!\w)passport\W{0,3}[a-z]{0,2}\s?[0-9][0-9\s]{4,}",
    r"истори\w{1,3} болезни\W{0,3}(?:номер|n)?\W{0,3}[0-9][0-9\s/-]{2,}",
    r"(?<!\w)(?:и/б|иб|(?:мед|амб)\w*\.?\s?карт\w{1,2}|карт[аы]\s?№|номер карты|снилс|полис(?:а|у|ом|е)?|"
    r"омс|дмс|паспорт(?:а|у|ом|е)?|инн)(?!\w)\W{0,4}(?:(?:омс|дмс|номер|n|№|серия)\W{0,4}){0,2}[0-9][0-9\s/-]{2,}",
    r"№\s?[0-9]{4,}",
    r"(?<![\w-])[0-9]{3}-[0-9]{3}-[0-9]{3}[\s-][0-9]{2}(?![0-9])",
    r"(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9])",
    r"(?<![\w.,-])[0-9]{2}\s?[0-9]{2}\s[0-9]{6}(?![0-9])",
    r"(?<![\w.,-])[0-9]{4}(?:[\s-][0-9]{4}){3,}(?![0-9])",
]  # fmt: skip

_LONG_NUMBER = [r"(?<![0-9])(?<![0-9][.,])[0-9]{7,}", r"(?<![\w.,-])[0-9]{3}[\s-][0-9]{3}[\s-][0-9]{4}(?![0-9])"]

BIRTH = Kind("privacy-birth-date", "No cell holds a date of birth.", "a date of birth", _written(*_BIRTH))
MAIL = Kind(
    "privacy-e-mail",
    "No cell holds an e-mail address or the name of an account.",
    "an e-mail address or account",
    _written(*_MAIL),
)
PHONE = Kind("privacy-telephone", "No cell holds a telephone number.", "a telephone number", _written(*_PHONE))
RECORD = Kind(
    "privacy-record-number", "No cell holds the number of a medical record, an insurance or an identity document.",
    "the number of a medical record, an insurance or an identity document", _written(*_RECORD),
)  # fmt: skip
DATE = Kind(
    "privacy-date", "No cell holds a full date; times are weeks or study days.", "a full date", _written(*_DATES)
)
LONG_NUMBER = Kind(
    "privacy-long-number", "No free text holds a number of seven digits or more.", "a number of seven digits or more",
    _written(*_LONG_NUMBER),
)  # fmt: skip
PERSON_AS_ID = Kind("privacy-id", "No patient_id is a word, which may be a name.", "a word, which may be a name",
                    re.compile(r"[^\W\d_]{3,}"))  # fmt: skip

_ANYWHERE = (BIRTH, MAIL, RECORD, PHONE, DATE)
_IN_TEXT = (*_ANYWHERE, LONG_NUMBER)
_IN_ID = (*_IN_TEXT, PERSON_AS_ID)
_ABOUT_A_CUT = (BIRTH, MAIL, RECORD, PHONE)

CRITICAL_RULES = {kind.rule: kind.sentence for kind in _IN_ID}
WARNING_RULES = {
    "privacy-name": "No free text looks like a person's name.",
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
    plain = _plain(text)
    return next((kind for kind in kinds if kind.pattern.search(plain)), None)


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
    for kind in _IN_TEXT:
        plain = kind.pattern.sub(WITHHELD, plain)
    return plain


def redacted_id(text: str) -> str:
    """A patient_id as messages may name it.

    >>> redacted_id("P003"), redacted_id("Ivanova"), redacted_id("003")
    ('P003', '[withheld]', '003')
    """
    return WITHHELD if not PATIENT_ID.fullmatch(text) and _first_kind(text, _IN_ID) else text


def screen(text: pd.DataFrame, table: str) -> Iterator[tuple[int, str, Kind]]:
    """Line, column and kind of each cell that identifies a person; the cell itself is withheld in `text`.

    Every later step so sees a placeholder, and whatever it says of the cell, or of the row of such an id, repeats nothing.
    """
    for column in TABLES[table]:
        kinds = {"id": _IN_ID, "text": _IN_TEXT}.get(column.kind, _ANYWHERE)
        for position, cell in enumerate(text[column.name]):
            if _HARMLESS.fullmatch(cell):
                continue
            kind = _first_kind(cell, kinds)
            if kind is not None:
                text.iat[position, text.columns.get_loc(column.name)] = WITHHELD
                yield int(text.index[position]), column.name, kind


def say(kind: Kind, column: str) -> str:
    """The sentence of a finding."""
    return f"{column} holds what reads like {kind.called}; its words are withheld here; take them out of the data"


def veiled(text: pd.DataFrame, table: str) -> tuple[pd.DataFrame, list[Finding]]:
    """`text` for the suites, with name-like cells withheld, and the warnings about them and about long ids.

    The same words give the same placeholder, so that rules about repetitions still hold.
    """
    text = text.copy()
    findings = []
    hidden: dict[str, str] = {}
    for column in TABLES[table]:
        at = text.columns.get_loc(column.name)
        for position, (line, cell) in enumerate(text[column.name].items()):
            if column.kind == "text" and is_name_like(_plain(cell)):
                # Capitals do not matter to the rule about repetitions.
                text.iat[position, at] = hidden.setdefault(cell.casefold(), f"{WITHHELD[:-1]} {len(hidden) + 1}]")
                what = (
                    f"{column.name} looks like a person's name; its words are withheld here; take it out if it is one"
                )
                findings.append(_warning(table, line, column.name, "privacy-name", what, text))
            elif (
                column.kind == "id"
                and table == "patients"
                and len(cell) > LONGEST_ID_DIGITS + 1
                and PATIENT_ID.fullmatch(cell)
            ):
                what = (
                    f"{column.name} has more than {LONGEST_ID_DIGITS} digits; is it the study's own id, and no number of a "
                    "record or a telephone?"
                )
                findings.append(_warning(table, line, column.name, "privacy-long-id", what, text))
    return text, findings


def _warning(table: str, line: int, column: str, rule: str, what: str, text: pd.DataFrame) -> Finding:
    patient_id = None if rule == "privacy-long-id" else shown(text.at[line, "patient_id"]) or None
    whose = f" (patient {patient_id})" if patient_id else ""
    message = f"{table}.csv line {line}: {what}{whose}"
    return Finding(f"{table}.csv", int(line), column, None, patient_id, None, "warning", rule, message)
