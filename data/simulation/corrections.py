"""Corrections between two cuts: values that had been copied wrongly, and one that was found later.

Three times two neighbouring digits had been exchanged, the commonest slip of the pen. None changes who reaches
IGA 0/1 or EASI-75 at week 26, the label's regimen, or a figure that is held to the paper.
"""

from dataclasses import replace

from .chance import Stream
from .children import Child
from .courses import PRIMARY_WEEK, Visit, easi_stratum
from .laboratory import Ige
from .treatment import label_regimen

_IGE_WEEK = 16


def correct_weight(children: list[Child]) -> list[Child]:
    """One child's weight, within the label's band."""
    corrected = {}
    for child in children:
        weight = exchanged(child.weight_hectograms, 1)
        other = replace(child, weight_hectograms=weight)
        if 0 < abs(weight - child.weight_hectograms) <= 30 and label_regimen(other) == label_regimen(child):
            corrected[child.number] = other
    chosen = Stream("correction", 1).choice(sorted(corrected))
    return [corrected[chosen] if child.number == chosen else child for child in children]


def correct_easi(visits: list[Visit]) -> list[Visit]:
    """One responder's EASI at week 26, an input of the primary result, to a higher one; EASI-75 stays reached."""
    baseline = {visit.child.number: visit.easi_tenths for visit in visits if visit.week == 0}
    corrected = {}
    for place, visit in enumerate(visits):
        if visit.week == PRIMARY_WEEK and visit.child.responds:
            easi = exchanged(visit.easi_tenths, 1)
            still_responds = 4 * easi <= baseline[visit.child.number]
            if easi > visit.easi_tenths and still_responds and easi_stratum(easi) - visit.iga < 2:
                corrected[place] = replace(visit, easi_tenths=easi)
    chosen = Stream("correction", 2).choice(sorted(corrected))
    return [corrected[chosen] if place == chosen else visit for place, visit in enumerate(visits)]


def fill_in_iga(recorded: list[Visit], complete: list[Visit]) -> list[Visit]:
    """The IGA that had been left out, found in the paper record."""
    found = {(visit.child.number, visit.week): visit.iga for visit in complete}
    return [
        replace(visit, iga=found[visit.child.number, visit.week]) if visit.iga is None else visit for visit in recorded
    ]


def correct_ige(values: list[Ige]) -> list[Ige]:
    """One value at week 16, which no published figure rests on; it still lies between those before and after."""
    tenths = {(ige.child.number, ige.week): ige.tenths for ige in values}
    corrected = {}
    for place, ige in enumerate(values):
        number, value = ige.child.number, exchanged(ige.tenths, 100)
        if (
            ige.week == _IGE_WEEK
            and ige.tenths >= 10000
            and value != ige.tenths
            and tenths[number, 0] > value > tenths[number, PRIMARY_WEEK]
        ):
            corrected[place] = replace(ige, tenths=value)
    chosen = Stream("correction", 3).choice(sorted(corrected))
    return [corrected[chosen] if place == chosen else ige for place, ige in enumerate(values)]


def exchanged(number: int, unit: int) -> int:
    """`number` with the digit of `unit` and the one before it exchanged.

    >>> exchanged(413, 1), exchanged(26310, 100)
    (431, 23610)
    """
    low, high = number // unit % 10, number // (10 * unit) % 10
    return number + 9 * unit * (low - high)
