"""Content that stands in some reports and not in others: by format, by the settings, by the profile, with Quarto's exact meaning.

As in Quarto, `pdf` and `latex` mean a PDF made by LaTeX, which is none of the formats here: the PDF is `typst`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

VISIBLE, HIDDEN = "content-visible", "content-hidden"
_NAMES = {"html": {"html", "html4", "html5", "html:js"}, "pdf": {"typst"}, "docx": {"docx"}, "jats": {"jats"}}
_OTHERS = """
    pdf latex beamer epub epub2 epub3 revealjs s5 dzslides slidy slideous pptx odt opendocument rtf markdown commonmark commonmark_x
    gfm markua asciidoc asciidoctor confluence docusaurus docusaurus-md email dashboard hugo hugo-md ipynb native json context texinfo
    man ms rst org mediawiki docbook docbook5 tei icml jats_archiving jats_articleauthoring jats_publishing plain fb2 opml textile
    jira haddock muse zimwiki xwiki dokuwiki biblatex bibtex csljson
"""
FORMATS = frozenset(_OTHERS.split()).union(*_NAMES.values())
"""Every name of a format that a condition or a raw block may have."""


def split_raw(name: str) -> str:
    """The format of a raw block's name, without extensions: "html5" for "html5+raw"."""
    return name.partition("+")[0].partition("-")[0]


@dataclass(frozen=True)
class Conditions:
    """What conditions are held against. metadata: the book's settings and the page's own. profiles: the active ones."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    profiles: Sequence[str] = ()

    def shown(self, classes: Sequence[str], attributes: Mapping[str, str], output_format: str) -> bool:
        """Whether something with these classes and attributes is in a format ("html", "pdf", "docx" or "jats")."""
        if not {VISIBLE, HIDDEN} & set(classes):
            return True
        holds = {
            "format": lambda value: value in _NAMES[output_format],
            "meta": lambda value: self._setting(value) is True,
            "profile": lambda value: value in self.profiles,
        }
        met = all(
            test(attributes[f"{word}-{name}"]) is (word == "when")
            for name, test in holds.items() for word in ("when", "unless") if f"{word}-{name}" in attributes
        )  # fmt: skip
        return met if VISIBLE in classes else not met

    def _setting(self, path: str) -> Any:
        node: Any = self.metadata
        for key in path.split("."):
            node = node.get(key) if isinstance(node, Mapping) else None
        return node


def wrong(attributes: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong with the conditions, and the text that names the place."""
    for key in ("when-format", "unless-format"):
        if key in attributes and attributes[key] not in FORMATS:
            return f'`{key}="{attributes[key]}"` names no format; use html, typst or docx', attributes[key]
    return None
