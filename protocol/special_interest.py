"""Adverse events of special interest under the drug under study, and the rules by which a recorded term counts as one.

Terms are free text, not coded. The rules look at a term as :func:`same_term` writes it (no difference
of case, width or blanks), cut into words at everything that is no letter and no digit. They are English; a term in
another script cannot be read by them and is counted by :func:`unreadable`, so that silence is not taken for absence.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from protocol.columns import WITHHELD_NAME

Test = Callable[[list[str]], bool]
"""Whether a term, given as its words, is meant."""


@dataclass(frozen=True)
class SpecialInterest:
    """A kind of event: `variable` in the results table, `name`, the `rule` in words, and the rule itself.

    `words` are those that the rule looks for, in lower case; `serious_in` restricts it to serious events of the organ class of
    this name; `begins` says that the rule looks at how a term begins.
    """

    variable: str
    name: str
    rule: str
    meant: Test
    words: tuple[str, ...] = ()
    serious_in: str | None = None
    begins: bool = False


def _has_word(*wanted: str) -> Test:
    return lambda words: bool(set(words) & set(wanted))


def _has_ending(*endings: str) -> Test:
    return lambda words: any(word.endswith(endings) for word in words)


def _starts(*start: str) -> Test:
    return lambda words: tuple(words[: len(start)]) == start


def _any_of(*tests: Test) -> Test:
    return lambda words: any(test(words) for test in tests)


def same_term(texts: pd.Series) -> pd.Series:
    """Texts in a form in which spelling of the same term agrees: no difference of case, width or blanks."""
    return _of_texts(texts, lambda text: " ".join(unicodedata.normalize("NFKC", text).casefold().split())).astype("str")


def words_of(term: str) -> list[str]:
    """The words of a term in lower case.

    >>> words_of("Injection-site reaction")
    ['injection', 'site', 'reaction']
    """
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", str(term)).casefold())


_HELMINTHS = (
    "ascariasis", "enterobiasis", "enterobiosis", "toxocariasis", "trichuriasis", "strongyloidiasis", "trichinosis",
    "trichinellosis", "taeniasis", "echinococciasis", "echinococcosis", "opisthorchiasis", "schistosomiasis",
    "ancylostomiasis", "ankylostomiasis", "diphyllobothriasis", "hymenolepiasis", "filariasis", "fascioliasis",
)  # fmt: skip

ANAPHYLACTIC_REACTION = SpecialInterest(
    "aesi_anaphylactic_reaction",
    "Anaphylactic reaction",
    "a word of the term is “anaphylaxis”, “anaphylactic” or “anaphylactoid”",
    _has_word("anaphylaxis", "anaphylactic", "anaphylactoid"),
    ("anaphylaxis", "anaphylactic", "anaphylactoid"),
)
SERIOUS_INFECTION = SpecialInterest(
    "aesi_serious_infection",
    "Serious infection",
    "the event is serious and its organ class is “Infections and infestations”",
    lambda words: True,
    serious_in="infections and infestations",
)
HELMINTH_INFECTION = SpecialInterest(
    "aesi_helminth_infection",
    "Helminth infection",
    "a word of the term begins with “helminth”, is “hookworm”, “roundworm”, “tapeworm” or “pinworm”, or is one of "
    + ", ".join(_HELMINTHS),
    _any_of(
        lambda words: any(word.startswith("helminth") for word in words),
        _has_word("hookworm", "roundworm", "tapeworm", "pinworm", *_HELMINTHS),
    ),
    ("helminth", "hookworm", "roundworm", "tapeworm", "pinworm", *_HELMINTHS),
)
KERATITIS = SpecialInterest(
    "aesi_keratitis",
    "Keratitis",
    "a word of the term ends in “keratitis” or is “keratoconjunctivitis”",
    _any_of(_has_ending("keratitis"), _has_word("keratoconjunctivitis")),
    ("keratitis", "keratoconjunctivitis"),
)
EOSINOPHILIC_DISORDER = SpecialInterest(
    "aesi_eosinophilic_disorder",
    "Eosinophilic disorder or EGPA",
    "a word of the term is “eosinophilic”, “hypereosinophilic” or “egpa”, or the term begins with “churg strauss”; "
    "eosinophilia alone, a finding of the blood count, is not meant",
    _any_of(_has_word("eosinophilic", "hypereosinophilic", "egpa"), _starts("churg", "strauss")),
    ("eosinophilic", "hypereosinophilic", "churg strauss"),
)
INJECTION_SITE_REACTION = SpecialInterest(
    "aesi_injection_site_reaction",
    "Injection-site reaction",
    "the term begins with “injection site”",
    _starts("injection", "site"),
    ("injection site",),
    begins=True,
)
CONJUNCTIVITIS = SpecialInterest(
    "aesi_conjunctivitis",
    "Conjunctivitis of any kind",
    "a word of the term ends in “conjunctivitis”",
    _has_ending("conjunctivitis"),
    ("conjunctivitis",),
)
HERPES_INFECTION = SpecialInterest(
    "aesi_herpes_infection",
    "Herpes infection",
    "a word of the term is “herpes”, “herpetic”, “herpeticum” or “herpesvirus” (dermatitis herpetiformis is not meant)",
    _has_word("herpes", "herpetic", "herpeticum", "herpesvirus"),
    ("herpes", "herpetic", "herpeticum", "herpesvirus"),
)

SPECIAL_INTEREST = (
    ANAPHYLACTIC_REACTION,
    SERIOUS_INFECTION,
    HELMINTH_INFECTION,
    KERATITIS,
    EOSINOPHILIC_DISORDER,
    INJECTION_SITE_REACTION,
    CONJUNCTIVITIS,
    HERPES_INFECTION,
)
"""The events that one looks for under the drug under study, in the order of the table."""


def is_special(kind: SpecialInterest, events: pd.DataFrame) -> pd.Series:
    """For each event whether it is of this kind."""
    chosen = _of_texts(events["term"], lambda term: kind.meant(words_of(term))).astype(bool)
    if kind.serious_in is not None:
        organ_class = _of_texts(events["system_organ_class"], lambda text: " ".join(words_of(text)))
        chosen &= (events["serious"] == 1) & (organ_class == kind.serious_in)
    return chosen


def unreadable(events: pd.DataFrame) -> pd.Series:
    """For each event whether its term has a letter of another script than the Latin one, no letter at all, or is withheld.

    A single Cyrillic letter that looks Latin is enough: such a word is not the word it looks like.
    """

    def foreign(text: str) -> bool:
        if str(text).startswith(WITHHELD_NAME):
            return True
        letters = [sign for sign in unicodedata.normalize("NFKC", str(text)) if sign.isalpha()]
        return not letters or any("LATIN" not in unicodedata.name(sign, "") for sign in letters)

    return _of_texts(events["term"], foreign).astype(bool)


def _of_texts(texts: pd.Series, of: Callable[[str], object]) -> pd.Series:
    """What a function makes of each text, worked out once for those that are equal: of many events few terms differ."""
    places, different = pd.factorize(texts, use_na_sentinel=False)
    return pd.Series(np.array([of(text) for text in different], dtype=object)[places], index=texts.index)
