"""The data cuts before the reported one, each validated and computed like it."""

from study.analysed import Analysed, analyse
from study.cuts import find_cut
from study.errors import UsageError
from study.paths import CUTS, shown


def earlier_cuts(reported: Analysed) -> list[Analysed]:
    """The chain of cuts that `previous` in cut.yml names, the latest first; empty for a first cut.

    Raises :class:`UsageError` when a named cut is not below `data/cuts` or the chain runs in a circle, and
    :class:`study.errors.InvalidData` when an earlier cut does not pass the gate any more.
    """
    chain: list[Analysed] = []
    seen = {reported.cut.folder}
    cut = reported.cut
    while cut.previous is not None:
        place = shown(cut.folder / "cut.yml")
        if not (CUTS / cut.previous).is_dir():
            raise UsageError(f"{place} names the previous cut {cut.previous}, which is not below {shown(CUTS)}; add it or write null")
        cut = find_cut(cut.previous)
        if cut.folder in seen:
            raise UsageError(f"{place} names the previous cut {cut.name}, which comes after it: the cuts run in a circle")
        seen.add(cut.folder)
        chain.append(analyse(cut, reported.settings, reported.published))
    return chain
