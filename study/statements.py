"""What a journal asks to be said of a study beside its results: funding, ethics, registration, competing interests, data.

The settings state them for the report's own study. While the data are reconstructed from a paper, its statements stand first and
are called the paper's; a clinical report never shows somebody else's, and says of each that is absent which key it lacks.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.core.markdown import literal
from analysis.core.words import sentence

SOURCE = "study.yml"
LONGEST = 5_000
"""Characters of one text."""


@dataclass(frozen=True)
class Ethics:
    """Which body approved the study, with number and date, or why none had to; and how patients or parents consented."""

    body: str = ""
    number: str = ""
    date: datetime.date | None = None
    none: str = ""
    consent: str = ""


@dataclass(frozen=True)
class Registration:
    """Registry and id of the study there, or why there is none."""

    registry: str = ""
    id: str = ""
    none: str = ""


@dataclass(frozen=True)
class Statements:
    """What the settings state; an empty text or None is not stated."""

    funding: str = ""
    ethics: Ethics | None = None
    registration: Registration | None = None
    competing_interests: str = ""
    data_availability: str = ""
    conclusion: str = ""
    coding: str = ""
    rationale: str = ""
    recruitment: str = ""
    blinding: str = ""
    sample_size: str = ""


TOPICS = {
    "funding": "Funding",
    "ethics": "Ethics approval",
    "registration": "Registration",
    "competing_interests": "Competing interests",
    "data_availability": "Availability of the data",
}
"""Each key of the settings, and what it is about."""
_PLURAL = {"competing_interests"}
ITEMS = {
    "rationale": "the scientific reasons",
    "recruitment": "places and dates of recruitment",
    "blinding": "whether assessors were blinded",
    "sample_size": "its reasons",
}
"""What STROBE asks for beside these topics, each a text."""
KEYS = (*TOPICS, *ITEMS, "conclusion", "coding")


def take(found: dict[Any, Any], lines: dict[str, int]) -> tuple[Statements, list[str]]:
    """The statements among the settings, which are taken out of `found`, and what is wrong with them, with line and key.

    lines: of each key, those of `ethics` and `registration` as "ethics.date".
    """
    wrong: list[str] = []
    texts = {key: _text(found.pop(key), key, lines, wrong) for key in KEYS if key not in _PARTS and key in found}
    made = {key: _parts(found.pop(key), key, lines, wrong) for key in _PARTS if key in found}
    return Statements(**texts, **made), wrong


_PARTS = {"ethics": Ethics, "registration": Registration}
_NEEDED = {"ethics": ("body",), "registration": ("registry", "id")}


def _text(value: Any, key: str, lines: dict[str, int], wrong: list[str]) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= LONGEST:
        return " ".join(value.split())
    what = "is empty" if value is None or value == "" else "is no text of at most 5000 characters"
    wrong.append(f"line {lines[key]}: {key} {what}; write a sentence in quotes, or remove the key")
    return ""


def _parts(value: Any, key: str, lines: dict[str, int], wrong: list[str]) -> Any:
    """Ethics or registration: keys with texts, either what there is or, under `none`, the reason why there is nothing."""
    kind = _PARTS[key]
    known = list(kind.__dataclass_fields__)
    if not isinstance(value, dict):
        wrong.append(f"line {lines[key]}: {key} must have the keys {', '.join(known)} (none: the reason why there is none)")
        return None
    made: dict[str, Any] = {}
    for name, given in value.items():
        place = f"{key}.{name}"
        if name not in known:
            wrong.append(f"line {lines.get(place, lines[key])}: {ascii(place)[1:-1]} is unknown; there are {', '.join(known)}")
        elif name == "date":
            made[name] = given
            if not isinstance(given, datetime.date):
                wrong.append(f"line {lines[place]}: {place} must be a date such as 2021-03-04, without quotes")
        elif isinstance(given, int) and not isinstance(given, bool):
            wrong.append(f"line {lines[place]}: {place} must be a text; put it in quotes")
        else:
            made[name] = _text(given, place, lines, wrong)
    lacking = [name for name in _NEEDED[key] if name not in value]
    if "none" in value:
        beside = [name for name in value if name in known and name not in ("none", "consent")]
        if beside:
            wrong.append(f"line {lines[f'{key}.none']}: {key} has both none and {', '.join(beside)}; one of them is not true")
    elif lacking:
        wrong.append(f"line {lines[key]}: {key} lacks {', '.join(lacking)} (or none: the reason why there is none)")
    return kind(**made)


def sentences(topic: str, statements: Statements, paper: dict[str, Any] | None) -> str:
    """One topic in Markdown.

    paper: the facts of the paper that the data are reconstructed from; None where the data are the study's own.
    """
    own = " ".join(_stated(getattr(statements, topic)))
    if paper is None:
        return own or f"{_not_stated(topic)} in {SOURCE} (key `{topic}`)."
    said = paper.get(topic)
    of_paper = f"The paper states its {TOPICS[topic].lower()} as: {literal(sentence(str(said)))}" if said else _not_reported(topic)
    return f"{of_paper} {f'Of this report: {own}' if own else _OF_RECONSTRUCTION.get(topic, '')}".strip()


def item(key: str, statements: Statements, paper: bool) -> str:
    """One of :data:`ITEMS` as a part of a sentence in Markdown; `paper`: the data are reconstructed from one, which tells none."""
    stated = getattr(statements, key)
    if stated:
        return literal(stated.removesuffix("."))
    return f"{ITEMS[key]}: {'not reported in the source' if paper else f'not stated, key `{key}` in {SOURCE}'}"


_OF_RECONSTRUCTION = {
    "funding": "This report computes from reconstructed data; the software and the text have no funding of their own.",
    "data_availability": "The reconstructed data are part of the repository, with the script that makes them.",
}


def _not_stated(topic: str) -> str:
    return f"{TOPICS[topic]} {'are' if topic in _PLURAL else 'is'} not stated"


def _not_reported(topic: str) -> str:
    if topic == "data_availability":
        return "The patient-level data of the paper were never published."
    return f"{TOPICS[topic]} {'are' if topic in _PLURAL else 'is'} not reported in the source."


def _stated(value: Any) -> Iterator[str]:
    if not value:
        return
    if isinstance(value, str):
        yield literal(sentence(value))
    elif isinstance(value, Registration):
        yield f"Not registered: {literal(sentence(value.none))}" if value.none else f"{literal(value.registry)}, {literal(value.id)}."
    else:
        yield from _ethics(value)


def _ethics(ethics: Ethics) -> Iterator[str]:
    if ethics.none:
        yield f"Approval was not sought: {literal(sentence(ethics.none))}"
    else:
        number = f", number {literal(ethics.number)}" if ethics.number else ""
        date = f", {ethics.date.day} {ethics.date:%B %Y}" if ethics.date else ""
        yield f"Approved by {literal(ethics.body)}{number}{date}."
        lacking = [name for name in ("number", "date") if not getattr(ethics, name)]
        if lacking:
            keys = " and ".join(f"`ethics.{name}`" for name in lacking)
            verb = "are" if len(lacking) > 1 else "is"
            yield f"The {' and the '.join(lacking)} of the approval {verb} not stated in {SOURCE} ({keys})."
    if ethics.consent:
        yield literal(sentence(ethics.consent))
    else:
        yield f"Consent is not stated in {SOURCE} (`ethics.consent`)."
