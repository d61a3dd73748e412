"""A delivered notebook that somebody has edited, taken back into the chapter.

The notebook shows less than the chapter: no divisions, no attributes, and values where the chapter has expressions. It carries the
text that it was made from and what was computed, so what was delivered is known exactly. What was changed is carried over in two
steps: in the cells, everything that is computed and still as it was delivered goes back to its source; then the changed lines replace
theirs in the chapter. Whatever was not touched stays as it is, to the letter. What cannot be carried is a conflict; then nothing is.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from renderer.book import Target
from renderer.execute import Executed
from renderer.notebook import BEGIN, END, SHOWN, Piece, pieces, without_attributes, without_marks
from renderer.project import ChapterFile
from renderer.source import Source

_TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
_FENCE = re.compile(r"^:{3,}")
_LINE_END = "\ue003"  # within a computed value, so that it is one line


@dataclass(frozen=True)
class Conflict:
    """A change that cannot be taken over. line: in the text that it was to go into, None where it has none there."""

    message: str
    line: int | None


def taken_back(
    notebook: Mapping[str, Any], read: Callable[[str, str], Source], current: str
) -> tuple[str, list[Conflict]]:
    """The chapter's `current` text with the changes of the notebook, and the changes that cannot be taken over.

    notebook: as JSON gives it, with the metadata of :func:`renderer.notebook.made_from`. read: takes a chapter's text apart, by text
    and name. The text is complete only where there are no conflicts.
    """
    made = notebook["metadata"]["study"]
    text = "\n".join(made["source"])
    source = read(text, made["chapter"])
    computed: list[tuple[str, str]] = []

    def mark(origin: str, shown: str) -> str:
        computed.append((origin, shown))
        return f"{BEGIN}{len(computed) - 1}{SHOWN}{shown}{END}"

    nowhere = ChapterFile(made["chapter"], None, False)  # type: ignore[arg-type]
    targets = {label: Target(label, kind, number, nowhere) for label, (kind, number) in made["labels"].items()}
    delivered = [_trimmed(piece) for piece in pieces(Executed(source, tuple(made["values"])), targets, mark)]
    lines = text.split("\n")
    before = [line for piece in delivered for line in _source_lines(piece, source, lines, computed)]
    after, conflicts = _restored(notebook["cells"], delivered, source, lines, computed)
    if after == before and not conflicts:
        return current, []
    taken, more = _carried(before, after, lines)
    conflicts += more
    if taken == lines or conflicts:
        return current, conflicts
    merged, clashes = merged_lines(lines, taken, current.split("\n"))
    return "\n".join(merged), clashes


def _trimmed(piece: Piece) -> Piece:
    """A cell has no blanks at its ends, though a value there may have."""
    text = re.sub(rf"\s+({END}+)$", r"\1", piece.text)
    return piece if piece.code else replace(piece, text=re.sub(rf"^((?:{BEGIN}\d+{SHOWN})+)\s+", r"\1", text))


# --- from cells to lines of source -----------------------------------------------------------------------------------


def _source_lines(piece: Piece, source: Source, lines: Sequence[str], computed: Sequence[tuple[str, str]]) -> list[str]:
    """A delivered cell as it stands in the chapter, and an empty line."""
    if piece.code:
        first, last = source.items[piece.item].span  # type: ignore[union-attr,index]
        return [*lines[first - 1 : last], ""]
    return [*_with_sources(piece.text, computed).split("\n"), ""]


def _with_sources(marked: str, computed: Sequence[tuple[str, str]]) -> str:
    """The text with the source of what is computed in its place."""
    return "".join(text if index is None else computed[index][0] for text, index in _parts(marked))


def _parts(marked: str) -> list[tuple[str, int | None]]:
    """Stretches of the text as printed, each with the number of its mark or None. A mark within another is part of it."""
    found: list[tuple[str, int | None]] = []
    depth, start, index = 0, 0, None
    for place, character in enumerate(marked):
        if character == BEGIN:
            if depth == 0:
                if place > start:
                    found.append((marked[start:place], None))
                start = place
                index = int(marked[place + 1 : marked.index(SHOWN, place)])
            depth += 1
        elif character == END:
            depth -= 1
            if depth == 0:
                found.append((without_marks(marked[start : place + 1]), index))
                start = place + 1
    if start < len(marked):
        found.append((marked[start:], None))
    return found


def _restored(
    cells: Sequence[Mapping[str, Any]], delivered: Sequence[Piece], source: Source, lines: Sequence[str],
    computed: Sequence[tuple[str, str]],
) -> tuple[list[str], list[Conflict]]:  # fmt: skip
    """The notebook's cells as lines of a chapter; text between two code cells is one text, however it is cut into cells."""
    conflicts: list[Conflict] = []
    codes = {piece.id: piece for piece in delivered if piece.code}
    ran = [str(cell.get("id")) for cell in cells if cell["cell_type"] == "code"]
    texts: dict[str, list[str]] = {}  # what was delivered after a code cell that is still there
    after = ""
    for piece in delivered:
        if piece.code:
            after = piece.id if piece.id in ran else after
        else:
            texts.setdefault(after, []).append(piece.text)
    out: list[str] = []
    seen: set[str] = set()
    run: list[str] = []
    place = ""

    def text_ends() -> None:
        if place not in texts and not run:
            return
        was = [line for text in texts.pop(place, []) for line in (*text.split("\n"), "")]
        new = [line for text in run for line in (*text.split("\n"), "")]
        out.extend(_with_origins(was, new, computed, conflicts, source.name))
        run.clear()

    for cell in cells:
        text = "".join(cell["source"]) if isinstance(cell["source"], list) else cell["source"]
        if cell["cell_type"] != "code":
            run.append(text.strip("\n"))
            continue
        known = codes.get(str(cell.get("id")))
        if known is None or known.id in seen:
            run.append(f"```{{python}}\n{text.rstrip()}\n```")
            continue
        text_ends()
        seen.add(known.id)
        place = known.id
        first, last = source.items[known.item].span  # type: ignore[union-attr,index]
        chunk = list(lines[first - 1 : last])
        if text.rstrip() != known.text.rstrip():
            head = source.items[known.item].line - first  # type: ignore[union-attr,index]
            chunk = [*chunk[:head], *text.rstrip().split("\n"), chunk[-1]]
        out.extend([*chunk, ""])
    text_ends()
    return out, conflicts


def _with_origins(
    was: Sequence[str], new: Sequence[str], computed: Sequence[tuple[str, str]], conflicts: list[Conflict], name: str
) -> list[str]:
    """Lines of edited text with the sources of what is computed in it. was: as delivered, with marks."""
    marked = "\n".join(was)
    parts = _parts(marked)
    text = "\n".join(new)
    for shown, index in parts:
        if index is not None and "\n" in shown:
            text = text.replace(shown, shown.replace("\n", _LINE_END))
    parts = [(shown.replace("\n", _LINE_END) if index is not None else shown, index) for shown, index in parts]
    old_tokens: list[tuple[str, int | None]] = []
    unseen: dict[int, list[int]] = {}  # what printed nothing, by the token that comes after it
    # A value may touch a word ("27th"), so values are tokens wherever they begin one.
    values = sorted({shown for shown, index in parts if index is not None and shown}, key=len, reverse=True)
    words = re.compile("|".join([*map(re.escape, values), _TOKEN.pattern]))
    for shown, index in parts:
        old_tokens += [(token, index) for token in words.findall(shown)]
        if not shown and index is not None:
            unseen.setdefault(len(old_tokens), []).append(index)
    printed = {index: shown for shown, index in parts if index is not None and shown}
    lengths = dict.fromkeys(printed, 0)
    for _, index in old_tokens:
        if index is not None:
            lengths[index] += 1
    kept: dict[int, int] = dict.fromkeys(lengths, 0)
    new_tokens = words.findall(text)
    out: list[str] = []
    for tag, i1, i2, j1, j2 in _matched([token for token, _ in old_tokens], new_tokens):
        if tag != "equal":
            out.extend(f"{BEGIN}{index}{END}" for at in range(i1, i2) for index in unseen.get(at, []))
        if tag == "equal":
            for at, (token, index) in enumerate(old_tokens[i1:i2], start=i1):
                out.extend(f"{BEGIN}{each}{END}" for each in unseen.get(at, []))
                if index is None:
                    out.append(token)
                else:
                    if kept[index] == 0:
                        out.append(f"{BEGIN}{index}{END}")
                    kept[index] += 1
        else:
            out.extend(new_tokens[j1:j2])
            touched = {index for _, index in old_tokens[i1:i2] if index is not None}
            for index in sorted(touched) if j2 > j1 else ():
                conflicts.append(_typed_over(computed[index][0], printed[index], "".join(new_tokens[j1:j2])))
    out.extend(f"{BEGIN}{index}{END}" for index in unseen.get(len(old_tokens), []))
    for index, count in kept.items():
        if 0 < count < lengths[index]:
            conflicts.append(_typed_over(computed[index][0], printed[index], ""))
    conflicts[:] = list(dict.fromkeys(conflicts))
    text = re.sub(f"{BEGIN}(\\d+){END}", lambda found: computed[int(found[1])][0], "".join(out))
    return text.replace(_LINE_END, "\n").split("\n")


def _typed_over(origin: str, printed: str, new: str) -> Conflict:
    shown = " ".join(printed.replace(_LINE_END, " ").split())
    what = f"“{shown[:60]}”" if len(shown) <= 60 else f"“{shown[:57]}…”"
    typed = f" (the notebook has “{' '.join(new.split())[:60]}”)" if new.strip() else ""
    if origin.startswith("`"):
        return Conflict(f"{what} is computed by {' '.join(origin.split())}{typed}; change the expression in the chapter", None)
    if origin:
        return Conflict(f"{what} is the reference {origin}{typed}; change it in the chapter", None)
    return Conflict(f"{what} is a title, a caption or a number that the report makes{typed}; change it in the chapter", None)


def _matched(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """As difflib's opcodes, whole lines first: words are compared within the lines that differ."""

    def in_lines(tokens: Sequence[str]) -> tuple[list[str], list[int]]:
        starts = [0, *(place + 1 for place, token in enumerate(tokens) if token == "\n")]
        ends = [*starts[1:], len(tokens)]
        return ["".join(tokens[a:b]) for a, b in zip(starts, ends, strict=True)], [*starts, len(tokens)]

    (old_lines, old_at), (new_lines, new_at) = in_lines(old), in_lines(new)
    found = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        a1, a2, b1, b2 = old_at[i1], old_at[i2], new_at[j1], new_at[j2]
        if tag != "replace":
            found.append((tag, a1, a2, b1, b2))
            continue
        within = difflib.SequenceMatcher(None, old[a1:a2], new[b1:b2], autojunk=False).get_opcodes()
        found += [(each, a1 + p, a1 + q, b1 + r, b1 + s) for each, p, q, r, s in within]
    return found


# --- from lines of the notebook to lines of the chapter ---------------------------------------------------------------


def _carried(before: Sequence[str], after: Sequence[str], lines: Sequence[str]) -> tuple[list[str], list[Conflict]]:
    """The chapter's lines with what changed from `before` to `after`, which are its lines without divisions and attributes."""
    image = _image(before, _keys(lines))
    depth = _depths(lines)
    out: dict[int, list[str]] = {place: [line] for place, line in enumerate(lines)}
    added: dict[int, list[str]] = {}  # before this line
    conflicts: list[Conflict] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        lost = [place for place in range(i1, i2) if place not in image and before[place].strip()]
        if lost:
            message = "this text has another form in the chapter; change it there: " + before[lost[0]][:80]
            conflicts.append(Conflict(message, None))
            continue
        pairs = list(zip(range(i1, i2), range(j1, j2), strict=False)) if i2 - i1 == j2 - j1 else []
        if pairs and all(place in image for place, _ in pairs):
            for place, other in pairs:
                changed = _line_with(lines[image[place]], before[place], after[other])
                if changed is None:
                    message = f"the markup of this line keeps the change from being taken over: {after[other][:80]}"
                    conflicts.append(Conflict(message, image[place] + 1))
                else:
                    out[image[place]] = [changed]
            continue
        for place in range(i1, i2):
            if place in image:
                out[image[place]] = []
        if j2 > j1:
            seen = [image[place] for place in range(i1, i2) if place in image]
            at = seen[0] if seen else _beside(image, before, after, i1, j1, j2)
            at = _gap(image, i1, len(lines), depth) if at is None else at
            added.setdefault(at, []).extend(after[j1:j2])
    result = [line for place in range(len(lines) + 1) for line in (*added.get(place, []), *out.get(place, []))]
    return result, conflicts


def _image(before: Sequence[str], keys: Sequence[str]) -> dict[int, int]:
    """Which line of the chapter each line stands for: those with text first, then the empty ones beside them."""
    ours, theirs = ([place for place, line in enumerate(each) if line.strip()] for each in (before, keys))
    matcher = difflib.SequenceMatcher(None, [before[p] for p in ours], [keys[p] for p in theirs], autojunk=False)
    image = {
        ours[block.a + offset]: theirs[block.b + offset]
        for block in matcher.get_matching_blocks() for offset in range(block.size)
    }  # fmt: skip
    taken = set(image.values())
    for step, places in ((1, range(len(before))), (-1, range(len(before) - 1, -1, -1))):
        for place in places:
            near = image.get(place - step)
            at = None if near is None else near + step
            free = at is not None and 0 <= at < len(keys) and at not in taken and not keys[at].strip()
            if free and place not in image and not before[place].strip():
                image[place] = at  # type: ignore[assignment]
                taken.add(at)  # type: ignore[arg-type]
    return image


def _keys(lines: Sequence[str]) -> list[str]:
    """The lines as the notebook has them; those of divisions as nothing that it has."""
    return [f"{END}{line}" if _FENCE.match(line) else without_attributes(line) for line in lines]


def _depths(lines: Sequence[str]) -> list[int]:
    """How deep in divisions the place before each line is, and the end."""
    depth, found = 0, []
    for line in lines:
        found.append(depth)
        if _FENCE.match(line):
            depth += 1 if line.strip(": ") else -1
    return [*found, depth]


def _beside(image: Mapping[int, int], before: Sequence[str], after: Sequence[str], i: int, j1: int, j2: int) -> int | None:
    """Where new lines go that belong to the paragraph or list before or after them; None where a blank line is between."""
    if i > 0 and i - 1 in image and before[i - 1].strip() and after[j1].strip():
        return image[i - 1] + 1
    if i in image and before[i].strip() and after[j2 - 1].strip():
        return image[i]
    return None


def _gap(image: Mapping[int, int], place: int, count: int, depth: Sequence[int]) -> int:
    """Where new lines go: between their neighbours, as far out of divisions as there is room, and late."""
    low = next((image[each] + 1 for each in range(place - 1, -1, -1) if each in image), 0)
    high = next((image[each] for each in range(place, max(image, default=-1) + 1) if each in image), count)
    if high < low:
        return low
    least = min(depth[low : high + 1])
    return max(each for each in range(low, high + 1) if depth[each] == least)


def _line_with(line: str, before: str, after: str) -> str | None:
    """A line of the chapter with what changed in its form without markup; None where the change meets the markup."""
    own, old, new = (_TOKEN.findall(text) for text in (line, before, after))
    image: dict[int, int] = {}
    for block in difflib.SequenceMatcher(None, old, own, autojunk=False).get_matching_blocks():
        image.update({block.a + offset: block.b + offset for offset in range(block.size)})
    edits: list[tuple[int, int, str]] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if i1 == i2:
            at = image[i1 - 1] + 1 if i1 - 1 in image else image.get(i1, 0 if not own else None)
            if at is None:
                return None
            edits.append((at, at, "".join(new[j1:j2])))
        else:
            if any(each not in image for each in range(i1, i2)):
                return None
            edits.append((image[i1], image[i2 - 1] + 1, "".join(new[j1:j2])))
    for start, end, text in sorted(edits, reverse=True):
        own[start:end] = [text]
    changed = "".join(own)
    return changed if without_attributes(changed) == after else None


# --- changes on both sides --------------------------------------------------------------------------------------------


def merged_lines(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> tuple[list[str], list[Conflict]]:
    """`theirs` with the changes from `base` to `ours`; a conflict where both have changed the same lines, each in its own way.

    >>> merged_lines(["a", "b", "c"], ["a", "B", "c"], ["x", "a", "b", "c"])
    (['x', 'a', 'B', 'c'], [])
    """
    image: dict[int, int] = {}
    for block in difflib.SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks():
        image.update({block.a + offset: block.b + offset for offset in range(block.size)})
    image[len(base)], image[-1] = len(theirs), -1
    edits: list[tuple[int, int, list[str]]] = []
    conflicts: list[Conflict] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, base, ours, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        around = range(i1, i2) if i2 > i1 else (i1 - 1, i1)
        places = [image.get(place) for place in around]
        whole = None not in places and all(b - a == 1 for a, b in itertools.pairwise(places))  # type: ignore[operator]
        if whole:
            start = places[0] if i2 > i1 else places[1]
            edits.append((start, start + i2 - i1, list(ours[j1:j2])))  # type: ignore[operator,arg-type]
            continue
        near = next((image[place] for place in range(i1 - 1, -2, -1) if place in image), -1)
        if list(theirs[near + 1 : near + 1 + j2 - j1]) == list(ours[j1:j2]) and j2 > j1:
            continue  # the same change on both sides
        shown = next((line.strip() for line in (*ours[j1:j2], *base[i1:i2]) if line.strip()), "")
        conflicts.append(Conflict(f"this was changed in the chapter, too, since the notebook was made: {shown[:80]}", near + 2))
    out = list(theirs)
    for start, end, new in sorted(edits, key=lambda edit: edit[0], reverse=True):
        out[start:end] = new
    return out, conflicts
