"""Numbers as people and spreadsheets write them. Read is what can mean one number only; else the message names what is in the way."""

import re

from expectations.reading import NUMBER
from intake.encodings import named

_MINUS = (
    "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"  # hyphens and the en dash that typists and Word put for a minus sign
)
_GROUPING = " \u00a0\u2007\u2008\u2009\u202f'\u2019\u02bc"
_CALLED = {",": "comma", ".": "point"}
_MONTH = r"(?i:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)"
_LIKE_A_DATE = re.compile(rf"[0-9]{{1,2}}[. -]*{_MONTH}.*|{_MONTH}\w*[. -]*[0-9].*|[0-9]+([./-])[0-9]+\1[0-9]+")


def plain_number(text: str, mark: str) -> str:
    """The number with a point as decimal mark and nothing between its digits; `mark` is its own decimal mark.

    Raises ValueError, whose message goes on from 'easi is "..."' and says what to do.

    >>> plain_number("1\u202f054,5", ","), plain_number("\u22125", "."), plain_number("1.054.321,5", ",")
    ('1054.5', '-5', '1054321.5')
    """
    other = {",": ".", ".": ","}[mark]
    advice = f"write a plain number, as in 1054{mark}5"
    number = text.removeprefix("+") if re.match(r"\+[0-9]", text) else text
    if re.match(f"[{_MINUS}][0-9]", number):
        number = "-" + number[1:]
    if re.fullmatch(rf"-?[1-9][0-9]{{0,2}}([{_GROUPING}])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:\{mark}[0-9]+)?", number):
        number = re.sub(f"[{_GROUPING}]", "", number)
    elif re.fullmatch(
        rf"-?[1-9][0-9]{{0,2}}(?:(?:\{other}[0-9]{{3}})+\{mark}[0-9]+|(?:\{other}[0-9]{{3}}){{2,}})", number
    ):
        number = number.replace(other, "")
    plain = number.replace(mark, ".")
    if other not in number and NUMBER.fullmatch(plain):
        return plain
    if "%" in number or "‰" in number:
        sign = "%" if "%" in number else "‰"
        raise ValueError(f"with the sign {sign}; write the number without it, if the column counts in {sign} at all")
    if re.fullmatch(r"-?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+", number):
        raise ValueError(
            f"as a spreadsheet shortens a long number, and digits may be lost; format the column as a number there and {advice}"
        )
    if _LIKE_A_DATE.fullmatch(number):
        raise ValueError(f"which reads like a date; a spreadsheet may have made it of a number; {advice}")
    if other in number and re.search("[0-9]", number):
        raise ValueError(
            f"with a {_CALLED[other]}, but the decimal mark declared is the {_CALLED[mark]} (decimal: {_CALLED[mark]}), so it "
            f"can be read in two ways; write it with the declared mark, as in 1054{mark}5"
        )
    if re.match("[<>≤≥~≈]", number):
        raise ValueError(
            f"with the sign {number[0]}; {advice}; for value and qualifier of labs, part: number and part: sign take < and > apart"
        )
    if re.match(rf".*[0-9][{_GROUPING}][0-9]", number):
        raise ValueError(f"with {_blank(number)} that does not part groups of three digits; {advice}")
    odd = next((char for char in number if not (char.isascii() and (char.isdigit() or char in "-+.,"))), None)
    if odd is None:
        raise ValueError(f"which is no number; {advice}")
    what = f"the letter {odd}" if odd.isascii() and odd.isalpha() else named(odd)
    raise ValueError(f"with {what}, so it is no number; {advice}, or list the text under missing")


def _blank(number: str) -> str:
    return named(next(char for char in number if char in _GROUPING))
