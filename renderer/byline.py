"""The title block's lines below the title, as text with marks: the website and Word show the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from renderer.authors import Author, Authors


@dataclass(frozen=True)
class Piece:
    """A stretch of a line; `href` is where it leads, if anywhere."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the small print, after its mark ("1", "*") or its title."""

    mark: str
    pieces: tuple[Piece, ...]
    title: str = ""


_SIGNS = {"corresponding": "*", "equal_contributor": "†", "deceased": "‡"}


def name_of(author: Author) -> str:
    """The name with the degrees."""
    return ", ".join((author.name, *author.degrees))


def marks_of(authors: Authors, author: Author) -> str:
    """What stands raised after the name: numbers of affiliations where there is something to tell apart, then signs."""
    several = len(authors.people) > 1 or len(authors.affiliations) > 1
    numbers = [str(place + 1) for place in author.affiliations] if several else []
    signs = [sign for key, sign in _SIGNS.items() if getattr(author, key) and (several or key != "corresponding")]
    return ",".join([*numbers, *signs])


def small_print(authors: Authors) -> Iterator[Line]:
    """Affiliations, whom to write to, and what else the marks stand for; ORCIDs are beside the names or in `orcids`."""
    several = len(authors.people) > 1 or len(authors.affiliations) > 1
    for place, affiliation in enumerate(authors.affiliations):
        yield Line(str(place + 1) if several else "", (Piece(affiliation.text, affiliation.url),))
    writing = [author for author in authors.people if author.corresponding]
    if writing:
        yield Line("*" if several else "", tuple(_separated(map(_address, writing), "; ")), "Correspondence")
    others = [author for author in authors.people if author.email and not author.corresponding]
    if others:
        yield Line("", tuple(_separated(map(_address, others), "; ")), "E-mail")
    if any(author.equal_contributor for author in authors.people):
        yield Line("†", (Piece("These authors contributed equally."),))
    if any(author.deceased for author in authors.people):
        yield Line("‡", (Piece("Deceased."),))
    for author in authors.people:
        if author.note:
            yield Line("", (Piece(f"{author.name}: {author.note}"),))
    done = [
        f"{author.name}: {', '.join(f'{role.name} ({role.degree})' if role.degree else role.name for role in author.roles)}"
        for author in authors.people if author.roles
    ]  # fmt: skip
    if done:
        yield Line("", (Piece(f"{'; '.join(done)}."),), "Contributions")


def orcids(authors: Authors) -> Line | None:
    """The ORCIDs in full, for what is read on paper."""
    found = [author for author in authors.people if author.orcid]
    shown = ([Piece(f"{author.name} "), Piece(author.orcid, author.orcid_url)] for author in found)
    return Line("", tuple(_separated(shown, "; ")), "ORCID") if found else None


def _address(author: Author) -> list[Piece]:
    return [Piece(author.name), *([Piece(", "), Piece(author.email, f"mailto:{author.email}")] if author.email else [])]


def _separated(groups, between: str) -> Iterator[Piece]:
    for place, group in enumerate(groups):
        if place:
            yield Piece(between)
        yield from group
