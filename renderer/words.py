"""What can be numbered and referred to, and what each is called in the language of the book.

`quarto_words.json` holds the words of captions, references, callouts and headings that Quarto 1.11 has in 34 languages; both engines
say the same. A book changes them as under Quarto: `language:` by the names of that file, `crossref:` by `fig-title`, `fig-prefix` …
Quarto counts appendices A, B, …; with `supplement:` (title and prefix) they are that, and counted S1, S2, … in both engines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

THEOREMS = {
    "thm": "theorem", "lem": "lemma", "cor": "corollary", "prp": "proposition", "cnj": "conjecture", "def": "definition",
    "exm": "example", "exr": "exercise",
}  # fmt: skip
"""Kinds of label of statements that have a number, and the class of their block."""
PROOFS = {"rem": "remark", "sol": "solution"}
CALLOUTS = {"tip": "tip", "nte": "note", "wrn": "warning", "imp": "important", "cau": "caution"}
FLOATS = ("fig", "tbl", "lst")
NUMBERED = ("sec", *FLOATS, "eq", *THEOREMS, *PROOFS, *CALLOUTS)
"""Every kind of label: what stands before the first hyphen."""

_KEYS = {
    **{kind: f"environment-{name}-title" for kind, name in PROOFS.items()},
    **{kind: f"callout-{name}-title" for kind, name in CALLOUTS.items()},
    "eq": "crossref-eq-prefix", "sec": "crossref-sec-prefix",
}  # fmt: skip


@cache
def _languages() -> dict[str, dict[str, str]]:
    return json.loads(Path(__file__).with_name("quarto_words.json").read_text(encoding="utf-8"))


def has_words(lang: str) -> bool:
    """Whether there are words of this language ("de", "pt-BR", "en-GB")."""
    return any(name in _languages() for name in _from_general(lang))


def known_languages() -> list[str]:
    return sorted(_languages())


def _from_general(lang: str) -> list[str]:
    """A language and its variants, the general one first: "pt", "pt-BR"."""
    parts = lang.split("-")
    return ["-".join(parts[: end + 1]) for end in range(len(parts))]


class Words:
    """The words of a book. lang: its language. own: entries of `language:` in its settings. crossref: those of `crossref:`.
    supplement: `title` and `prefix` of what the appendices are, where they are not to be A, B, ….

    >>> [Words().appendix(2), Words(supplement={"title": "Supplement", "prefix": "S"}).appendix(2)]
    ['B', 'S2']
    """

    def __init__(
        self, lang: str = "en", own: Mapping[str, Any] | None = None, crossref: Mapping[str, Any] | None = None,
        supplement: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.all: dict[str, str] = dict(_languages()["en"])
        for name in _from_general(lang):
            self.all.update(_languages().get(name, {}))
        self.all.update({key: str(value) for key, value in (own or {}).items() if isinstance(value, str)})
        self.all.update(
            {f"crossref-{key}": str(value) for key, value in (crossref or {}).items() if isinstance(value, str)}
        )

        self.without_supplement = {key: self.all[key] for key in ("crossref-apx-prefix", "section-title-appendices")}
        if supplement:
            self.all |= dict.fromkeys(self.without_supplement, str(supplement["title"]))
            self.all["supplement-prefix"] = str(supplement["prefix"])

    @property
    def supplement(self) -> str:
        """What stands before the count of appendices that are a supplement ("S"); empty where they have letters."""
        return self.all.get("supplement-prefix", "")

    def appendix(self, place: int) -> str:
        """The number of an appendix; the first has the place 1."""
        return f"{self.supplement}{place}" if self.supplement else chr(ord("A") + place - 1)

    def __getitem__(self, key: str) -> str:
        return self.all[key]

    def title(self, kind: str) -> str:
        """What stands before the number in a caption: "Figure" for `fig`."""
        return self.all.get(f"crossref-{kind}-title") or self.all[_KEYS[kind]]

    def prefix(self, kind: str) -> str:
        """What stands before the number in a reference."""
        return self.all.get(f"crossref-{kind}-prefix") or self.title(kind)
