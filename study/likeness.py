"""Two finished reports held against each other by content: numbers within a tolerance, pictures as pictures, pages as text.

Files with the same bytes are the same; the others are opened, so that another machine's last digit of a coordinate is no
difference and a changed word is.
"""

import csv
import difflib
import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import numpy as np

RELATIVE_TOLERANCE = 1e-9
"""Allowed difference of computed numbers between machines; whole numbers have to be equal."""
DRAWING_TOLERANCE = 0.02
"""Allowed difference of coordinates in vector figures, in points: far below what the eye or a printer sees."""
PIXEL_TOLERANCE = 24
"""Allowed difference of a pixel's colour, of 255: edges are smoothed a little differently elsewhere."""
PIXELS_APART = 0.001
"""Allowed share of pixels that differ more than that."""
SHOWN = 3
_SAFE = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
"""Reports may be strangers': nothing is fetched or multiplied on their behalf."""
Translate = Callable[[str], str]
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


def differences(delivered: Path, anew: Path, leave_out: Iterable[str], stands_for: Mapping[str, str]) -> list[str]:
    """One line for each difference between the files of two reports, by name; empty when they are alike.

    `stands_for`: words that a report says of its machine, with what the other one says in their place.
    """
    left_out = set(leave_out)
    names = [{path.relative_to(book).as_posix() for path in book.rglob("*") if path.is_file()} for book in (delivered, anew)]
    lines = [f"{name}: not in the delivered report" for name in sorted(names[1] - names[0] - left_out)]
    lines += [f"{name}: not made any more" for name in sorted(names[0] - names[1] - left_out)]
    for name in sorted((names[0] & names[1]) - left_out):
        lines += [f"{name}: {difference}" for difference in _unlike(delivered / name, anew / name, stands_for)]
    return lines


def _unlike(delivered: Path, anew: Path, stands_for: Mapping[str, str]) -> list[str]:
    was, now = delivered.read_bytes(), anew.read_bytes()
    if was == now:
        return []

    def translated(text: str) -> str:
        for then, here in stands_for.items():
            text = re.sub("".join(rf"\\*{re.escape(mark)}" for mark in then), lambda _, here=here: here, text)
        return text

    compare = _BY_KIND.get(delivered.suffix.lower())
    if compare is None:
        return ["differs"]
    try:
        return compare(was, now, translated)
    except Exception as problem:  # a damaged file is a difference, whatever its reader says of it
        return [f"differs, and cannot be compared by content: {problem}"]


def same_number(was: Any, now: Any) -> bool:
    """Equal; floats within the tolerance.

    >>> same_number(0.1 + 0.2, 0.3), same_number(26, 27)
    (True, False)
    """
    if isinstance(was, float) and isinstance(now, float):
        return math.isclose(was, now, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-12)
    return was == now


def result_differences(was: list[dict], now: list[dict]) -> list[str]:
    """One line for each result that differs between two results tables (rows as in `results.json`)."""
    before, after = ({row["id"]: row for row in table} for table in (was, now))
    lines = []
    for result_id in dict.fromkeys([*before, *after]):
        old, new = before.get(result_id), after.get(result_id)
        if old is None or new is None:
            lines.append(f"{result_id}: {'not in the delivered results' if old is None else 'not computed any more'}")
            continue
        odd = [key for key in old.keys() | new.keys() if not same_number(old.get(key), new.get(key))]
        if {"value", "display"} & set(odd):
            lines.append(f"{result_id}: delivered {_exact(old)}, computed {_exact(new)}")
        elif odd:
            lines.append(f"{result_id}: " + "; ".join(f"{key} was {old.get(key)}, is {new.get(key)}" for key in sorted(odd)))
    return lines


def _exact(row: dict) -> str:
    return f"{row['display']} ({row['value']!r})"


def _results(was: bytes, now: bytes, _: Translate) -> list[str]:
    tables = [json.loads(content) for content in (was, now)]
    if all(isinstance(table, list) for table in tables):
        return result_differences(*tables)
    return list(_json_differences("", *tables))


def _json_differences(place: str, was: Any, now: Any):
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*was, *now]):
            yield from _json_differences(f"{place}/{key}", was.get(key), now.get(key))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, pair in enumerate(zip(was, now, strict=True)):
            yield from _json_differences(f"{place}/{index}", *pair)
    elif not same_number(was, now):
        yield f"{place or '/'} was {_short(was)}, is {_short(now)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."


def _csv(was: bytes, now: bytes, _: Translate) -> list[str]:
    tables = [list(csv.reader(io.StringIO(content.decode("utf-8")))) for content in (was, now)]
    if len(tables[0]) != len(tables[1]):
        return [f"had {len(tables[0])} lines, has {len(tables[1])}"]
    pairs = enumerate(zip(*tables, strict=True), 1)
    odd = [line for line, (old, new) in pairs if not _same_cells(old, new)]
    return _some([f"line {line} was {tables[0][line - 1]}, is {tables[1][line - 1]}" for line in odd])


def _same_cells(old: list[str], new: list[str]) -> bool:
    if len(old) != len(new):
        return False
    for was, now in zip(old, new, strict=True):
        both = [float(cell) if "." in cell and _NUMBER.fullmatch(cell) else cell for cell in (was, now)]
        if not same_number(*both):
            return False
    return True


def _notebook(was: bytes, now: bytes, translated: Translate) -> list[str]:
    cells = [json.loads(translated(content.decode("utf-8")))["cells"] for content in (was, now)]
    if len(cells[0]) != len(cells[1]):
        return [f"had {len(cells[0])} cells, has {len(cells[1])}"]
    lines = []
    for number, (old, new) in enumerate(zip(*cells, strict=True), 1):
        if old["source"] != new["source"]:
            lines += [f"cell {number}: {line}" for line in _texts("".join(old["source"]), "".join(new["source"]))]
        if old["metadata"] != new["metadata"]:
            lines.append(f"cell {number} says another thing of its source")
        outputs = [each.get("outputs", []) for each in (old, new)]
        if len(outputs[0]) != len(outputs[1]):
            lines.append(f"cell {number} had {len(outputs[0])} outputs, has {len(outputs[1])}")
            continue
        for first, second in zip(*outputs, strict=True):
            lines += [f"cell {number}: {line}" for line in _outputs(first, second)]
    return lines


_HELD = re.compile(r'(?<=src=")data:image/svg\+xml;base64,([^"]*)(?=")')
"""A drawing that an image holds in itself, as that for phones."""


def _outputs(was: dict, now: dict) -> list[str]:
    import base64

    old, new = (output.get("data") or {"text": output.get("text", "")} for output in (was, now))
    lines = []
    for mime in dict.fromkeys([*old, *new]):
        first, second = ("".join(side.get(mime, "")) for side in (old, new))
        if first == second:
            continue
        if mime == "image/png" and first and second:
            lines += _pixels(base64.b64decode(first), base64.b64decode(second), str)
        elif mime == "image/svg+xml" and first and second:
            lines += _drawing(first.encode(), second.encode(), str)
        elif all(held := [_HELD.search(side) for side in (first, second)]):
            lines += _drawing(*(base64.b64decode(side[1]) for side in held), str)
            lines += _texts(*(_HELD.sub("", side) for side in (first, second)))
        else:
            lines += _texts(first, second)
    return lines


def _drawing(was: bytes, now: bytes, _: Translate) -> list[str]:
    """Vector figures: the same elements with the same texts, coordinates within the tolerance.

    Identifiers stand for their place: matplotlib makes them from unrounded coordinates, which differ between processors.
    """
    return _drawn(*(lxml.etree.fromstring(content, _SAFE) for content in (was, now)))


def _drawn(was: lxml.etree._Element, now: lxml.etree._Element) -> list[str]:
    old, new = (list(_with_ids_by_place(root).iter()) for root in (was, now))
    if [each.tag for each in old] != [each.tag for each in new]:
        return ["the figure is made of other shapes"]
    for first, second in zip(old, new, strict=True):
        attributes = {*first.keys(), *second.keys()}
        pairs = [(first.text or "", second.text or ""), *((first.get(key, ""), second.get(key, "")) for key in attributes)]
        if not all(_same_drawn(*pair) for pair in pairs):
            return ["the figure shows something else"]
    return []


def _with_ids_by_place(root: lxml.etree._Element) -> lxml.etree._Element:
    """The SVG with identifiers, wherever they are referred to, that are numbers in the order of the elements that have them."""
    places: dict[str, str] = {}
    for element in root.iter():
        if (name := element.get("id")) is not None:
            places[name] = f"place-{len(places)}"
            element.set("id", places[name])
    for element in root.iter():
        for key, value in element.attrib.items():
            if "#" in value:
                element.set(key, re.sub(r"#([\w.:-]+)", lambda found: f"#{places.get(found[1], found[1])}", value))
    return root


def _same_drawn(was: str, now: str) -> bool:
    if _NUMBER.sub("#", was) != _NUMBER.sub("#", now):
        return False
    old, new = (np.array(_NUMBER.findall(text), dtype=float) for text in (was, now))
    return bool(np.all(np.abs(old - new) <= DRAWING_TOLERANCE))


def _pixels(was: bytes, now: bytes, _: Translate) -> list[str]:
    from PIL import Image

    old, new = (np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), dtype=int) for content in (was, now))
    if old.shape != new.shape:
        return [f"the picture was {old.shape[1]} × {old.shape[0]}, is {new.shape[1]} × {new.shape[0]} pixels"]
    apart = float((np.abs(old - new).max(axis=2) > PIXEL_TOLERANCE).mean())
    return [f"the picture differs in {100 * apart:.1f} % of its pixels"] if apart > PIXELS_APART else []


def _page(was: bytes, now: bytes, translated: Translate) -> list[str]:
    """Pages: the same text, and figures in them that are drawn alike."""
    old, new = (lxml.html.document_fromstring(content.decode("utf-8")) for content in (was, now))
    drawings = [_drawings(page) for page in (old, new)]
    different = _texts(*(translated(_page_text(page)) for page in (old, new)))
    if len(drawings[0]) != len(drawings[1]):
        return [*different, f"had {len(drawings[0])} figures, has {len(drawings[1])}"]
    return different + [line for pair in zip(*drawings, strict=True) for line in _drawn(*pair)]


def _drawings(page: lxml.html.HtmlElement) -> list[lxml.etree._Element]:
    """Take the figures out of a page; what they say to whom cannot see them stays in their place."""
    found = page.xpath("//svg[contains(concat(' ', @class, ' '), ' drawn ')]")
    for figure in found:
        said = lxml.html.Element("span")
        said.text, said.tail, figure.tail = f" [{figure.attrib.pop('aria-label', '')}] ", figure.tail, None
        figure.getparent().replace(figure, said)
    return found


def _page_text(page: lxml.html.HtmlElement) -> str:
    page = next(iter(page.find_class("origin")), page)  # what stands in a frame of either engine
    for hidden in page.xpath("//script|//style"):
        hidden.drop_tree()
    for image in page.xpath("//img[@alt]"):
        image.tail = f" [{image.get('alt')}] {image.tail or ''}"
    return "\n".join(" ".join(line.split()) for line in page.text_content().splitlines() if line.strip())


def _pdf(was: bytes, now: bytes, translated: Translate) -> list[str]:
    from pypdf import PdfReader

    old, new = ([translated(page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages] for content in (was, now))
    if len(old) != len(new):
        return [f"had {len(old)} pages, has {len(new)}"]
    pairs = enumerate(zip(old, new, strict=True), 1)
    return [f"page {number}: {line}" for number, pair in pairs for line in _texts(*pair)]


def _word(was: bytes, now: bytes, translated: Translate) -> list[str]:
    import docx
    from docx.oxml.ns import qn

    sizes = [sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()) for content in (was, now)]
    if sizes[0] > 2 * sizes[1]:
        return [f"had {sizes[0]} bytes unpacked, has {sizes[1]}"]  # too much to be read: the other one is ours

    def text(content: bytes) -> str:
        body = docx.Document(io.BytesIO(content)).element.body
        return "\n".join("".join(run.text or "" for run in paragraph.iter(qn("w:t"))) for paragraph in body.iter(qn("w:p")))

    return _texts(translated(text(was)), translated(text(now)))


def _texts(was: str, now: str) -> list[str]:
    """The lines that differ, the first of them quoted around the place where they part."""
    old, new = was.splitlines(), now.splitlines()
    lines = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            first, second = " ".join(old[a:b]), " ".join(new[c:d])
            start = max(0, _parting(first, second) - 30)
            lines.append(f"delivered “{_cut(first, start)}”, anew “{_cut(second, start)}”")
    return _some(lines)


def _parting(was: str, now: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))


def _cut(text: str, start: int) -> str:
    return ("…" if start else "") + text[start : start + 70] + ("…" if len(text) > start + 70 else "")


def _some(lines: list[str]) -> list[str]:
    return lines[:SHOWN] + ([f"and {len(lines) - SHOWN} more places"] if len(lines) > SHOWN else [])


_BY_KIND: dict[str, Callable[[bytes, bytes, Translate], list[str]]] = {
    ".html": _page, ".svg": _drawing, ".png": _pixels, ".json": _results, ".csv": _csv, ".ipynb": _notebook,
    ".pdf": _pdf, ".docx": _word,
}  # fmt: skip
