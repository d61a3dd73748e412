"""Spellings: terms that are nearly one of special interest, and two ways of writing one term. All of it warnings.

Nothing here changes a text. A count follows what is written, compared without regard to case, width and blanks, so a slip of a
letter is a term of its own: this module says where that seems to have happened.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise

import pandas as pd
from rapidfuzz.distance import OSA

from expectations.characters import TWINS
from expectations.finding import Finding, Lines, Phrase, shown
from expectations.privacy import WITHHELD
from protocol.columns import TABLES
from protocol.special_interest import SPECIAL_INTEREST, words_of

WARNING_RULES = {
    "spelling-special-interest": "No term is a letter or two off a term of special interest.",
    "spelling-variants": "No text is written in two ways.",
}

# Words of medicine that are a letter or two off a term of special interest, and are right.
_RIGHT = frozenset([
    "dermatitis", "keratosis", "keratoses", "eosinophilia", "eosinophilias", "eosinophil", "eosinophils", "trichiasis",
    "candidiasis", "psoriasis", "filariases", "ascariases", "helminthiasis", "conjunctival", "herpetiform",
    "herpetiformis",
])  # fmt: skip
_OPPOSITES = (("hyper", "hypo"), ("гипер", "гипо"), ("pre", "post"), ("intra", "inter"), ("in", "ex"), ("до", "после"))
MOST_COMPARED = 1_000
"""Different texts of a column; beyond that they are no terms, and a comparison of all pairs takes long."""


def findings(texts: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """The warnings for the tables that could be read, each a frame of text cells with the index `line`."""
    found = []
    for table, text in texts.items():
        for column in TABLES[table]:
            if column.kind != "text":
                continue
            lines = _lines_by_text(text[column.name])
            if column.name in {"term", "system_organ_class"}:
                found += _near_special_interest(table, column.name, lines, text)
            found += _variants(table, column.name, lines, text)
    return found


def _lines_by_text(cells: pd.Series) -> dict[str, list[int]]:
    groups = pd.Series(cells.index, dtype="int64").groupby(cells.to_numpy(), sort=False)
    return {
        cell: lines.tolist() for cell, lines in groups if cell and not cell.startswith(WITHHELD[:-1])
    }


# --- terms of special interest -------------------------------------------------------------------------------


def nearest_special(term: str) -> str | None:
    """The word of special interest that a term seems to mean and does not hold; None if there is none.

    >>> nearest_special("Conjuctivitis"), nearest_special("Dermatitis"), nearest_special("Allergic conjunctivitis")
    ('conjunctivitis', None, None)
    """
    words = words_of(term)
    candidates = [*words, *("".join(pair) for pair in pairwise(words))]
    if len(words) > 2:
        candidates.append("".join(words))
    for kind in SPECIAL_INTEREST:
        if kind.serious_in is not None or kind.meant(words):
            continue
        for wanted in kind.words:
            squeezed = wanted.replace(" ", "")
            starts = ["".join(words[:2])] if " " in wanted else candidates
            if any(_is_slip(candidate, squeezed) for candidate in starts if candidate not in _RIGHT):
                return wanted
    return None


def nearest_class(text: str) -> str | None:
    """The organ class of special interest that a class seems to mean; None if there is none, or it is the class itself."""
    squeezed = "".join(words_of(text))
    for kind in SPECIAL_INTEREST:
        wanted = kind.serious_in
        if wanted is not None and wanted != " ".join(words_of(text)) and _is_slip(squeezed, wanted.replace(" ", "")):
            return wanted
    return None


def _is_slip(word: str, wanted: str) -> bool:
    """Whether a word is another by a slip or two of the keyboard; the same letters count, since the words were parted otherwise."""
    allowed = 0 if len(wanted) < 5 else 1 if len(wanted) < 8 else 2
    distance = OSA.distance(_plain(word), wanted, score_cutoff=allowed)
    return distance <= allowed and (distance <= 1 or word[:1] == wanted[:1])


def _near_special_interest(table: str, column: str, lines: Mapping[str, list[int]], text: pd.DataFrame) -> Iterable[Finding]:
    nearest = nearest_special if column == "term" else nearest_class
    for written, at in lines.items():
        if (wanted := nearest(written)) is not None:
            what = Phrase(
                '{column} is "{written}", which is not counted as the term of special interest “{wanted}” though it is nearly that; '
                "correct it if it is meant{also}",
                {"column": column, "written": shown(written), "wanted": wanted, "also": _also(table, at[1:])},
            )
            yield _warning(table, at[0], column, "spelling-special-interest", what, written, text)


# --- two spellings -------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Letters and digits alone, without case, with ё as е and letters that look Latin as Latin ones."""
    folded = unicodedata.normalize("NFKC", text).translate({ord("ё"): "e", ord("Ё"): "E", ord("ë"): "e", ord("Ë"): "E"})
    folded = "".join(TWINS.get(char, char) for char in folded).casefold()
    return "".join(re.findall(r"[^\W_]+", folded))


def _is_variant(one: str, other: str) -> bool:
    """Whether two texts are the same but for case, blanks, hyphens, ё, or a slip in one long word."""
    if _plain(one) == _plain(other):
        return True
    words = [re.findall(r"[^\W_]+", text.casefold().replace("ё", "е")) for text in (one, other)]
    if len(words[0]) != len(words[1]):
        return False
    different = [pair for pair in zip(*words, strict=True) if pair[0] != pair[1]]
    if len(different) != 1:
        return False
    first, second = different[0]
    shorter = min(len(first), len(second))
    allowed = 0 if shorter < 7 else 1 if shorter < 11 else 2
    if not allowed or any(map(str.isdigit, first + second)):
        return False
    opposite = any(
        first.startswith(one) and second.startswith(other) for pair in _OPPOSITES for one, other in (pair, pair[::-1])
    )
    return not opposite and OSA.distance(first, second, score_cutoff=allowed) <= allowed


def _variants(table: str, column: str, lines: Mapping[str, list[int]], text: pd.DataFrame) -> Iterable[Finding]:
    """A warning at the rarer of two spellings; a spelling is named once, with the most frequent one that it may mean."""
    if len(lines) > MOST_COMPARED:
        return
    usual_first = sorted(lines, key=lambda written: (-len(lines[written]), lines[written][0]))
    told: set[str] = set()
    for usual, rarer in combinations(usual_first, 2):
        if usual in told or rarer in told or not _is_variant(usual, rarer):
            continue
        told.add(rarer)
        at, there = lines[rarer], lines[usual]
        have = "has" if len(there) == 1 else "have"
        what = Phrase(
            '{column} is "{rarer}"{also}; {there:line} {have} "{usual}"; write both in one way if they are the same',
            {"column": column, "rarer": shown(rarer), "usual": shown(usual), "have": have,
             "also": _also(table, at[1:]), "there": _places(table, there)},
        )  # fmt: skip
        yield _warning(table, at[0], column, "spelling-variants", what, rarer, text)


def _places(table: str, lines: list[int]) -> Lines:
    return Lines(f"{table}.csv", tuple(lines), most=5)


def _also(table: str, lines: list[int]) -> Phrase | str:
    return Phrase(" (so it is on {lines:line})", {"lines": _places(table, lines)}) if lines else ""


def _warning(table: str, line: int, column: str, rule: str, what: Phrase, written: str, text: pd.DataFrame) -> Finding:
    patient_id = shown(text.at[line, "patient_id"]) or None
    return Finding(f"{table}.csv", line, column, shown(written), patient_id, None, "warning", rule, what)
