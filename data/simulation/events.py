"""Adverse events: a sparse set of what trials and practice report under dupilumab.

Terms and system organ classes follow the European summary of product characteristics, section 4.8; they read
like MedDRA, but are not coded.
"""

from dataclasses import dataclass, replace

from .chance import Stream
from .children import Child
from .treatment import Irregularity, label_regimen

_BLOOD = "Blood and lymphatic system disorders"
_GENERAL = "General disorders and administration site conditions"
_INFECTIONS = "Infections and infestations"
_MUSCLES = "Musculoskeletal and connective tissue disorders"
_NERVES = "Nervous system disorders"
_SKIN = "Skin and subcutaneous tissue disorders"


@dataclass(frozen=True)
class Event:
    """One adverse event. `end_day` None: not over at the last contact."""

    child: Child
    term: str
    system_organ_class: str
    start_day: int
    end_day: int | None
    severity: str
    relatedness: str
    action: str = "none"
    outcome: str = "recovered"


def adverse_events(children: list[Child], irregular: dict[int, Irregularity]) -> list[Event]:
    """The events up to week 26, ordered by child and day. None is serious, none stops treatment."""
    stream = Stream("event")
    events = [
        *_injection_sites(children, stream),
        *_conjunctivitis(children, stream),
        *_colds(children, irregular, stream),
        *_others(children, stream),
    ]
    return sorted(events, key=_order)


def later_events(children: list[Child], earlier: list[Event]) -> list[Event]:
    """All events up to week 52: the `earlier` ones, what became of those that lasted, and new ones.

    `children` are those who were followed to week 52. One of them who had no conjunctivitis before gets it late.
    """
    stream = Stream("later event")
    lasting = [
        event if event.end_day else replace(event, end_day=stream.whole(225, 260), outcome="recovered")
        for event in earlier
    ]
    spared = {child.number for child in children} - {event.child.number for event in earlier}
    new = _later_events([child for child in children if child.number in spared], children, stream)
    return sorted([*lasting, *new], key=_order)


def _order(event: Event) -> tuple[int, int, str]:
    return event.child.number, event.start_day, event.term


def _later_events(spared: list[Child], children: list[Child], stream: Stream) -> list[Event]:
    """`spared` are the children without any event before."""
    eye = stream.choice([child for child in spared if child.allergic_rhinitis])
    others = [child for child in children if child is not eye]
    cold, second_cold, ache, joint, sting, blister = stream.sample(others, 6)

    def lasting(child: Child, term: str, group: str, days: tuple[int, int], relatedness: str) -> Event:
        start = stream.whole(195, 345)
        return Event(child, term, group, start, start + stream.whole(*days), "mild", relatedness)

    start = stream.whole(225, 290)
    dose = label_regimen(sting).days(330)[-2]
    return [
        Event(eye, "Conjunctivitis", _INFECTIONS, start, start + stream.whole(15, 30), "moderate", "related"),
        lasting(cold, "Nasopharyngitis", _INFECTIONS, (4, 9), "not related"),
        lasting(second_cold, "Nasopharyngitis", _INFECTIONS, (4, 9), "not related"),
        lasting(ache, "Headache", _NERVES, (0, 2), "not related"),
        lasting(blister, "Oral herpes", _INFECTIONS, (6, 10), "related"),
        Event(sting, "Injection site reaction", _GENERAL, dose, dose + stream.whole(1, 3), "mild", "related"),
        # Not over at the last contact.
        Event(joint, "Arthralgia", _MUSCLES, stream.whole(320, 345), None, "mild", "related", outcome="recovering"),
    ]


def _injection_sites(children: list[Child], stream: Stream) -> list[Event]:
    """Three children, one of them twice, after one of the first doses."""
    first, *others = stream.sample(children, 3)
    after = [(first, 0), (first, 1), *((child, stream.whole(0, 2)) for child in others)]
    events = []
    for child, dose in after:
        start = label_regimen(child).days(100)[dose]
        end = start + stream.whole(0, 3)
        events.append(Event(child, "Injection site reaction", _GENERAL, start, end, "mild", "related"))
    return events


def _conjunctivitis(children: list[Child], stream: Stream) -> list[Event]:
    """Two children, as in the paper: one with two episodes under dupilumab, one in the pollen season."""
    drug, pollen = stream.sample([child for child in children if child.allergic_rhinitis], 2)
    first, second, season = stream.whole(35, 60), stream.whole(110, 140), stream.whole(70, 120)
    return [
        Event(drug, "Conjunctivitis", _INFECTIONS, first, first + stream.whole(14, 25), "moderate", "related"),
        Event(drug, "Conjunctivitis", _INFECTIONS, second, second + stream.whole(8, 16), "mild", "related"),
        Event(
            pollen,
            "Conjunctivitis",
            _INFECTIONS,
            season,
            season + stream.whole(10, 20),
            "mild",
            "not related",
        ),
    ]


def _colds(children: list[Child], irregular: dict[int, Irregularity], stream: Stream) -> list[Event]:
    """Nasopharyngitis in three children, one of them the child whose dose is put off for an infection."""
    number, delay = next((number, entry) for number, entry in irregular.items() if entry.for_infection)
    feverish = next(child for child in children if child.number == number)
    others = stream.sample([child for child in children if child.number != number], 2)
    planned = label_regimen(feverish).days(183)[delay.dose]
    first, last = planned - 2, planned + 6
    events = [Event(feverish, "Nasopharyngitis", _INFECTIONS, first, last, "moderate", "not related", "delayed")]
    for child in others:
        first = stream.whole(12, 165)
        last = first + stream.whole(4, 9)
        events.append(Event(child, "Nasopharyngitis", _INFECTIONS, first, last, "mild", "not related"))
    return events


def _others(children: list[Child], stream: Stream) -> list[Event]:
    """One child each: headache, oral herpes, a transient eosinophilia and a lasting redness of the face."""
    headache, herpes, eosinophilia, redness = stream.sample(children, 4)
    ache, blister, red = stream.whole(20, 150), stream.whole(30, 150), stream.whole(70, 130)
    return [
        Event(headache, "Headache", _NERVES, ache, ache + stream.whole(0, 2), "mild", "not related"),
        Event(herpes, "Oral herpes", _INFECTIONS, blister, blister + stream.whole(6, 10), "mild", "related"),
        # Found and followed up at visits, hence their days: weeks 16 and 26.
        Event(eosinophilia, "Eosinophilia", _BLOOD, 113, 183, "mild", "related"),
        Event(redness, "Facial erythema", _SKIN, red, None, "mild", "related", outcome="not recovered"),
    ]
