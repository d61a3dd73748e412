"""What each step of a chapter has given, found again as long as nothing that it depends on has changed.

A chapter is a program of steps: its cells, and the inline expressions of each stretch of text, in order. Prose, captions and options
are no part of it. A step depends on its own code, on the steps before it, and on what they and it have opened, listed and imported;
`renderer.record` tells that, files that were looked for and not found included. So a step is kept under a chained digest: the step's
code, and the digest of the step before with its inputs and its result. It is found when its inputs are what they were.

Why that is the same as running it: given the same start, the first step runs alike until it reads something else, and what it reads
is compared with the record; then the second step begins in the same state, and so on. Whatever a step's record shows of chance (random
numbers without a seed) is part of the chain through its result, so that one chapter never shows two runs side by side.

A step that is missing needs the state that the steps before it leave. Nothing less than running them gives that: names alone do not
tell what a cell changes (a list that is appended to, a style that is set, a generator that is drawn from), and a figure that is drawn
is another one afterwards. So a chapter with a missing step runs from its start, or from where a copy of the process that ran it
before has gone to sleep (see :mod:`renderer.asleep`): that state has the digest of the chain so far for its name. What comes out
replaces what was kept.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from renderer import noted
from renderer.kept import Kept, digest
from renderer.noted import Note
from renderer.now import Now
from renderer.render_error import RenderError
from renderer.source import Cell, Source


@dataclass(frozen=True)
class How:
    """How a cell runs. may_fail: its error is shown. size: of its figures, in inches, where it is not matplotlib's own."""

    may_fail: bool = False
    size: tuple[float | None, float | None] | None = None


@dataclass(frozen=True)
class Step:
    """A cell or the inline expressions of one stretch of text; `item` is its place among the source's items."""

    item: int
    code: tuple[str, ...]
    inline: bool
    how: How = How()


@dataclass(frozen=True)
class Ran:
    """What a step has given.

    result: the outputs of a cell, or the Markdown of each inline expression. notes: of `renderer.record`, without the item. inputs:
    checksums of what it has opened and listed. made: of the files it has written. beside: of files that other steps or chapters write
    and that lie in what it has opened or listed.
    """

    result: list[Any]
    notes: list[Note]
    inputs: dict[str, str | None]
    made: dict[str, str | None]
    beside: dict[str, str | None]

    @property
    def head(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "made": self.made, "beside": self.beside}

    @property
    def body(self) -> bytes:
        return json.dumps([self.result, self.notes]).encode()


def steps(source: Source, runs: Mapping[int, bool], how: Mapping[int, How]) -> list[Step]:
    """The program of a chapter; `runs` says for each item that is a cell whether it is run at all, `how` in which way."""
    found = []
    for item, part in enumerate(source.items):
        if isinstance(part, Cell):
            if runs[item] and part.code.strip():
                found.append(Step(item, (part.code,), inline=False, how=how[item]))
        elif part.inlines:
            found.append(Step(item, tuple(inline.expression for inline in part.inlines), inline=True))
    return found


class Cells:
    """The kept steps of all chapters; `base` is the digest of what every step depends on."""

    def __init__(self, kept: Kept, base: str, root: Path) -> None:
        self.kept, self.base, self.root = kept, base, root
        self.now: dict[frozenset[str], Now] = {}

    def look_again(self) -> None:
        """Files may have changed since they were looked at."""
        self.now.clear()

    def found(self, program: Sequence[Step]) -> tuple[list[Ran], list[str]]:
        """What is kept of a chapter's steps, from the first one on until one is missing, and the digest of the chain before each and
        after the last of them."""
        ran: list[Ran] = []
        chain = [self.base]
        for step in program:
            key = _key(chain[-1], step)
            for head, name in self.kept.heads(key):
                if not self.holds(head) or (body := self.kept.body(name)) is None:
                    continue
                ran.append(Ran(*json.loads(body[1]), **head))
                chain.append(digest(key, body[0]))
                break
            else:
                break
        return ran, chain

    def holds(self, head: Mapping[str, dict[str, str | None]]) -> bool:
        made = frozenset(head["made"]) | frozenset(head["beside"])
        now = self.now.setdefault(made, Now(self.root, made))
        return all(now[name] == text for part in head.values() for name, text in part.items())

    def keep(self, program: Sequence[Step], ran: Sequence[Ran]) -> list[str]:
        """Keep all steps of a chapter; the digests of the chain, as of :meth:`found`."""
        chain = [self.base]
        for step, one in zip(program, ran, strict=True):
            key = _key(chain[-1], step)
            chain.append(digest(key, self.kept.put(key, one.head, one.body)))
        return chain


def _key(before: str, step: Step) -> str:
    return digest(before, step.code, step.inline, [step.how.may_fail, step.how.size])


def noted_by_step(
    fresh: Mapping[str, tuple[list[Any], list[Note]]], first: Mapping[str, int], written: Collection[str], root: Path
) -> dict[str, list[Ran]]:  # fmt: skip
    """The steps of chapters that were run just now, by chapter; raises where an input is another file by now.

    fresh: results by step, and the notes on all of them. first: the number of the first step that was run. written: files that the
    chapters that were not run write.
    """
    made = noted.made({name: notes for name, (_, notes) in fresh.items()}) | set(written)
    now, odd = Now(root, made), set()
    ran: dict[str, list[Ran]] = {}
    for name, (results, notes) in fresh.items():
        by_step: list[list[Note]] = [[] for _ in results]
        for note in notes:
            if by_step and (step := _within(note[3], first[name] + len(results)) - first[name]) >= 0:
                by_step[step].append(note)
        ran[name] = []
        for result, own in zip(results, by_step, strict=True):
            inputs = noted.inputs(own, made)
            odd |= {other for other, text in inputs.items() if now[other] != text}
            writes = {note[1] for note in own if note[0] == "made"}
            beside = (noted.opened(own) & made | {other for other in made if noted.in_listed(own, other)}) - writes
            seen = [[*note[:3], *note[4:]] for note in own if note[3] is not None]
            ran[name].append(
                Ran(result, seen, inputs, {n: now[n] for n in sorted(writes)}, {n: now[n] for n in sorted(beside)})
            )
    if odd:
        raise RenderError(f"{', '.join(sorted(odd))} changed during the render; run it again")
    return ran


def _within(step: int | None, count: int) -> int:
    """What is noted before the first step and after the last belongs to the last: it must be the same for all to be so."""
    return count - 1 if step is None else step


def located(program: Sequence[Step], notes: Sequence[Note]) -> list[Note]:
    """Notes whose item is a step, with the item of the chapter instead."""
    return [[*note[:3], None if note[3] is None else program[note[3]].item, *note[4:]] for note in notes]


def placed(program: Sequence[Step], ran: Sequence[Ran]) -> list[Note]:
    """The notes on a chapter's steps, each with the item of the chapter that it is about."""
    return [[*note[:3], step.item, *note[3:]] for step, one in zip(program, ran, strict=True) for note in one.notes]
