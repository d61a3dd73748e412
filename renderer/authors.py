"""Who wrote the book: `book.author` and `affiliations` of `_quarto.yml`, in every form that Quarto knows, read strictly.

An author is a name, or has a `name` and what else Quarto's scholarly front matter lets an author have; affiliations are written
with the author, or once with an `id` and referred to by `ref`. Both engines use this reading for what they do not show themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from stdnum import isni
from stdnum.exceptions import ValidationError

from renderer.render_error import RenderError

CONFIG = "_quarto.yml"

CREDIT = "https://credit.niso.org/contributor-roles/"
"""Home of the Contributor Roles Taxonomy (ANSI/NISO Z39.104)."""
CREDIT_ROLES = {
    "conceptualization", "data curation", "formal analysis", "funding acquisition", "investigation", "methodology",
    "project administration", "resources", "software", "supervision", "validation", "visualization",
    "writing – original draft", "writing – review & editing",
}  # fmt: skip
_ROLE_ALIASES = {
    "writing": "writing – original draft", "editing": "writing – review & editing", "analysis": "formal analysis",
    "funding": "funding acquisition",
}  # fmt: skip
"""Quarto's short names."""
_DEGREES = ("lead", "equal", "supporting")

_ATTRIBUTES = ("corresponding", "equal-contributor", "deceased")
_PARTICLES = ("dropping-particle", "non-dropping-particle")
_NAME_KEYS = ("literal", "given", "family")
_AUTHOR_KEYS = (
    "name", "given", "family", "id", "orcid", "email", "url", "degrees", "affiliation", "affiliations",
    "affiliation-url", "role", "roles", "attributes", *_ATTRIBUTES, "note",
)  # fmt: skip
_ALIASES = {"state": "region", "affiliation-url": "url"}
_AFFILIATION_KEYS = (
    "id", "name", "department", "group", "address", "city", "region", "state", "country", "postal-code", "url", "isni",
    "ringgold", "ror",
)  # fmt: skip

_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]")
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\".]+(\.[^\s@<>\".]+)+")
_URL = re.compile(r"https?://[^\s<>\"]+")
_ROR = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}")


@dataclass(frozen=True)
class Affiliation:
    """An institution; every part but the name may be empty."""

    name: str
    department: str = ""
    group: str = ""
    address: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    postal_code: str = ""
    url: str = ""
    isni: str = ""
    ringgold: str = ""
    ror: str = ""

    @property
    def text(self) -> str:
        """All that is printed, the smallest part first: "Dermatology, University Hospital, 53127 Bonn, Germany"."""
        town = f"{self.postal_code} {self.city}".strip()
        parts = (self.group, self.department, self.name, self.address, town, self.region, self.country)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Role:
    """What an author did; `degree` is lead, equal, supporting or empty."""

    name: str
    degree: str = ""

    @property
    def credit(self) -> str:
        """Address of the role in the Contributor Roles Taxonomy; empty for another role."""
        words = re.sub(r"[^a-z]+", "-", self.name)
        return f"{CREDIT}{words}/" if self.name in CREDIT_ROLES else ""


@dataclass(frozen=True)
class Author:
    """A person, or a group where there is a name alone; what is not stated is empty."""

    name: str
    given: str = ""
    family: str = ""
    orcid: str = ""  # the 16 digits in groups of four
    email: str = ""
    url: str = ""
    degrees: tuple[str, ...] = ()
    affiliations: tuple[int, ...] = ()  # places in `Authors.affiliations`, the first is 0
    roles: tuple[Role, ...] = ()
    corresponding: bool = False
    equal_contributor: bool = False
    deceased: bool = False
    note: str = ""

    @property
    def orcid_url(self) -> str:
        return f"https://orcid.org/{self.orcid}" if self.orcid else ""

    @property
    def named_alone(self) -> bool:
        """Whether nothing but a name is known, which may then be a group's."""
        return self == Author(self.name)


@dataclass(frozen=True)
class Authors:
    """The authors in their order, and their affiliations in the order of first mention."""

    people: tuple[Author, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()


NOBODY = Authors()


def load_authors(root: Path) -> Authors:
    """The authors of a project whose other settings are not looked at; raises :class:`RenderError` like :func:`read_authors`."""
    try:
        settings = YAML(typ="rt", pure=True).load((root / CONFIG).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as problem:
        raise RenderError(f"cannot be read: {problem}", CONFIG) from None
    return read_authors(settings if isinstance(settings, dict) else {})


def read_authors(settings: dict[str, Any]) -> Authors:
    """The authors of these settings, as ruamel.yaml keeps them with the places of their keys.

    Raises one :class:`RenderError` for all that is wrong, each with its line.
    """
    reader = _Reader()
    book = settings.get("book")
    authors = reader.authors(book if isinstance(book, dict) else {}, settings)
    if reader.problems:
        (line, message), *others = sorted(reader.problems)
        more = "".join(f"\n{CONFIG} line {line}: {message}" for line, message in others)
        raise RenderError(message + more, CONFIG, line)
    return authors


class _Reader:
    """Takes authors apart; what is wrong is collected, for all of it is told at once."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []
        self.known: dict[str, Affiliation | None] = {}  # by the ids that authors refer to; None for one that is wrong itself

    def authors(self, book: dict[str, Any], settings: dict[str, Any]) -> Authors:
        entries = list(_entries(book, "author"))
        shared = list(_entries(settings, "affiliations"))
        # Every id first: an author may refer to what another one, or the end of the file, spells out.
        own = [entry for each, _ in entries if isinstance(each, dict) for entry in _affiliation_entries(each)]
        for entry, line in [*own, *shared]:
            self.learn(entry, line)
        people, mentioned, seen = [], {}, {}
        for entry, line in entries:
            person = self.author(entry, line, mentioned)
            if person is None:
                continue
            if person.orcid and person.orcid in seen:
                self.wrong(line, f"the ORCID {person.orcid} is {seen[person.orcid]}'s already; each person has an own one")
            seen[person.orcid] = person.name
            people.append(person)
        for entry, line in shared:
            found = self.affiliation(entry, line)
            if found is not None and found not in mentioned:
                self.wrong(line, f"no author is of the affiliation {found.name}; refer to it by its id (`ref`), or remove it")
        return Authors(tuple(people), tuple(mentioned))

    def wrong(self, line: int, message: str) -> None:
        self.problems.append((line, message))

    def learn(self, entry: Any, line: int) -> None:
        if not isinstance(entry, dict) or "id" not in entry:
            return
        name, found = str(entry["id"]), self.affiliation(entry, line, tell=False)
        if self.known.setdefault(name, found) != found:
            self.wrong(_line(entry, "id", line), f"the affiliation {name} is there twice and differs; rename one")

    def author(self, entry: Any, line: int, mentioned: dict[Affiliation, int]) -> Author | None:
        if isinstance(entry, str) and entry.strip():
            return Author(entry.strip())
        if not isinstance(entry, dict):
            self.wrong(line, "an author is a name, or has a `name`")
            return None
        self.refuse_unknown(entry, _AUTHOR_KEYS, "an author", line)
        name, given, family = self.name(entry, line)
        if not name:
            return None
        if "affiliation" in entry and "affiliations" in entry:
            self.wrong(_line(entry, "affiliation", line), "write either `affiliation` or `affiliations`; Quarto takes one of them")
        for key in ("affiliation", "affiliations"):
            if isinstance(entry.get(key), dict) and "ref" in entry[key]:
                self.wrong(_line(entry, key, line), f"write the reference in a list: `{key}: [{{ref: {entry[key]['ref']}}}]`")
        flags = self.attributes(entry, line)
        places = []
        for each, at in _affiliation_entries(entry):
            found = self.affiliation(each, at)
            if found is not None and mentioned.setdefault(found, len(mentioned)) not in places:
                places.append(mentioned[found])
        return Author(
            name, given, family, self.orcid(entry, line), self.matching(entry, "email", line, _EMAIL, "an e-mail address"),
            self.matching(entry, "url", line, _URL, "an address that begins with https://"),
            tuple(self.text(degree, at, "degrees") for degree, at in _entries(entry, "degrees", line)),
            tuple(places), tuple(self.roles(entry, line)),
            *(name in flags for name in _ATTRIBUTES), self.text(entry.get("note", ""), _line(entry, "note", line), "note"),
        )  # fmt: skip

    def refuse_unknown(self, entry: dict[str, Any], known: tuple[str, ...], whose: str, line: int) -> None:
        for key in entry:
            if key in _PARTICLES:
                self.wrong(_line(entry, key, line), f"Quarto prints a name without its `{key}`; write it as a part of `family`")
            elif key not in known:
                self.wrong(_line(entry, key, line), f"{whose} has no `{key}`; there are {', '.join(known)}")

    def text(self, value: Any, line: int, key: str) -> str:
        """A text as one line; numbers, such as postal codes, are texts, too."""
        if isinstance(value, (dict, list, bool)) or value is None:
            self.wrong(line, f"`{key}` must be a text")
            return ""
        return " ".join(str(value).split())

    def name(self, entry: dict[str, Any], line: int) -> tuple[str, str, str]:
        """A name as it is printed, given names, family name."""
        value, at = entry.get("name"), _line(entry, "name", line)
        parts = entry
        if isinstance(value, dict):
            self.refuse_unknown(value, _NAME_KEYS, "a name", at)
            parts, value = value, value.get("literal")
        given, family = (self.text(parts.get(key, ""), _line(parts, key, at), key) for key in ("given", "family"))
        name = " ".join(filter(None, (given, family))) if value is None else self.text(value, at, "name")
        if not name:
            self.wrong(at, "an author is a name, or has a `name` (or `given` and `family`)")
        return name, given, family

    def orcid(self, entry: dict[str, Any], line: int) -> str:
        if "orcid" not in entry:
            return ""
        value, at = str(entry["orcid"]), _line(entry, "orcid", line)
        if not _ORCID.fullmatch(value):
            self.wrong(at, f"the ORCID {value} must be the 16 digits alone, in groups of four: 0000-0002-1825-0097")
        elif not _valid(isni.validate, value):
            self.wrong(at, f"the ORCID {value} has a wrong check digit; a digit is mistyped")
        return value

    def matching(self, entry: dict[str, Any], key: str, line: int, form: re.Pattern[str], wanted: str) -> str:
        if key not in entry:
            return ""
        text = self.text(entry[key], _line(entry, key, line), key)
        if text and not form.fullmatch(text):
            self.wrong(_line(entry, key, line), f"`{key}` is {text}; it must be {wanted}")
        return text

    def attributes(self, entry: dict[str, Any], line: int) -> set[str]:
        found = set()
        for key in _ATTRIBUTES:
            if key in entry:
                if not isinstance(entry[key], bool):
                    self.wrong(_line(entry, key, line), f"`{key}` must be true or false")
                elif entry[key]:
                    found.add(key)
        value, at = entry.get("attributes") or [], _line(entry, "attributes", line)
        if isinstance(value, dict):
            value = [key for key, holds in value.items() if holds]
        for key in value if isinstance(value, list) else [value]:
            if key not in _ATTRIBUTES:
                self.wrong(at, f"an author has no attribute {key}; there are {', '.join(_ATTRIBUTES)}")
            found.add(key)
        return found

    def roles(self, entry: dict[str, Any], line: int) -> Iterator[Role]:
        for key in ("role", "roles"):
            for value, at in _entries(entry, key, line):
                degree: Any = ""
                if isinstance(value, dict) and len(value) == 1:
                    [(value, degree)] = value.items()
                if not isinstance(value, str):
                    self.wrong(at, "a role is a text, or a text with its degree: `- software: lead`")
                    continue
                if degree and str(degree).lower() not in _DEGREES:
                    self.wrong(at, f"the degree of the role {value} is {degree}; it must be one of {', '.join(_DEGREES)}")
                small = " ".join(value.lower().replace(" - ", " – ").split())
                name = _ROLE_ALIASES.get(small, small)
                yield Role(name if name in CREDIT_ROLES else " ".join(value.split()), str(degree).lower())

    def affiliation(self, entry: Any, line: int, tell: bool = True) -> Affiliation | None:
        """What an entry spells out or refers to; `tell` is False where what is wrong with it is told elsewhere."""
        problems = len(self.problems)
        try:
            return self._affiliation(entry, line)
        finally:
            if not tell:
                del self.problems[problems:]

    def _affiliation(self, entry: Any, line: int) -> Affiliation | None:
        if isinstance(entry, str) and entry.strip():
            if entry in self.known:
                self.wrong(line, f"{entry} is the id of an affiliation; refer to it by `ref: {entry}`")
            return Affiliation(" ".join(entry.split()))
        if not isinstance(entry, dict):
            self.wrong(line, "an affiliation is a name, has a `name`, or refers to one by `ref`")
            return None
        if "ref" in entry:
            name = str(entry["ref"])
            if len(entry) > 1:
                self.wrong(line, f"an affiliation that refers to another one (`ref: {name}`) has nothing else")
            if name not in self.known:
                there = ", ".join(self.known) or "none"
                self.wrong(_line(entry, "ref", line), f"there is no affiliation with the id {name}; the ids are: {there}")
            return self.known.get(name)
        self.refuse_unknown(entry, (*_AFFILIATION_KEYS, "ref", "affiliation-url"), "an affiliation", line)
        found: dict[str, str] = {}
        for key in entry:
            if key in _AFFILIATION_KEYS or key in _ALIASES:
                at = _line(entry, key, line)
                found[_ALIASES.get(key, key).replace("-", "_")] = self.text(entry[key], at, key)
        if not found.get("name"):
            self.wrong(line, "an affiliation must have a `name`")
            return None
        self.identifiers(entry, line, found)
        return Affiliation(**{field.name: found.get(field.name, "") for field in fields(Affiliation)})

    def identifiers(self, entry: dict[str, Any], line: int, found: dict[str, str]) -> None:
        if found.get("url") and not _URL.fullmatch(found["url"]):
            self.wrong(_line(entry, "url", line), f"`url` is {found['url']}; it must be an address that begins with https://")
        if found.get("isni") and not _valid(isni.validate, found["isni"]):
            self.wrong(_line(entry, "isni", line), f"the ISNI {found['isni']} has a wrong length or check digit")
        if found.get("ror"):
            found["ror"] = found["ror"].rstrip("/").rsplit("/", 1)[-1]
            if not _ROR.fullmatch(found["ror"]):
                self.wrong(_line(entry, "ror", line), f"the ROR {found['ror']} must be nine characters such as 041nas322")


def _valid(validate: Callable[[str], str], value: str) -> bool:
    try:
        validate(value)
    except ValidationError:
        return False
    return True


def _entries(node: dict[str, Any], key: str, line: int = 1) -> Iterator[tuple[Any, int]]:
    """What stands under a key, one thing or a list of them, each with its line."""
    value, at = node.get(key), _line(node, key, line)
    if value is None:
        return
    if not isinstance(value, list):
        yield value, at
        return
    for place, each in enumerate(value):
        yield each, value.lc.item(place)[0] + 1 if hasattr(value, "lc") else at


def _affiliation_entries(author: dict[str, Any]) -> list[tuple[Any, int]]:
    """An author's affiliations, those referred to before those spelled out, which is Quarto's order."""
    found = [*_entries(author, "affiliation"), *_entries(author, "affiliations")]
    found.sort(key=lambda entry: not (isinstance(entry[0], dict) and "ref" in entry[0]))
    if "affiliation-url" in author and found:
        first, line = found[0]
        own = {"name": first} if isinstance(first, str) else dict(first) if isinstance(first, dict) else {}
        found[0] = (own | {"url": author["affiliation-url"]}, line)
    return found


def _line(node: Any, key: str, otherwise: int) -> int:
    try:
        return node.lc.key(key)[0] + 1
    except (AttributeError, KeyError, TypeError):
        return otherwise
