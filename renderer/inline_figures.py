"""Figures that Matplotlib has drawn, in the page itself: its colours, fonts and scripts reach them, and their text is text.

The file beside the page stays as it is, for whoever wants the figure alone; so do all other pictures. Here its glyphs become text
again, a colour `#d55e00` becomes `var(--fig-d55e00,#d55e00)`, for which a style sheet may set another on a dark page, and a group
named `patient-P002-3` becomes one with `data-patient="P002"`. What holds anything that is not in the lists below is no drawing of
Matplotlib's, and stays a picture: no script, link or style of its own comes into a page.
"""

from __future__ import annotations

import base64
import html
import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import unquote
from xml.sax import saxutils

from lxml import etree

from renderer.images import in_pixels

LARGEST = 1_000_000
"""Bytes of a drawing that may stand in a page; a larger one stays a picture, which a browser loads on its own."""

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_SHAPES = {"g", "path", "use", "rect", "circle", "ellipse", "line", "polyline", "polygon", "image", "defs", "clipPath", "pattern",
           "linearGradient", "radialGradient", "stop"}  # fmt: skip
_PLACES = {"d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "width", "height", "points", "transform",
           "offset", "viewBox", "preserveAspectRatio", "patternUnits", "patternTransform", "gradientUnits",
           "gradientTransform"}  # fmt: skip
_LOOKS = {"fill", "fill-opacity", "fill-rule", "stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
          "stroke-miterlimit", "stroke-opacity", "stroke-width", "opacity", "clip-path", "stop-color", "stop-opacity",
          "image-rendering", "mix-blend-mode"}  # fmt: skip
_INHERITED = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray")
_ATTRIBUTES = {"id", "style", _LINK} | _PLACES | _LOOKS
_RULE = "*{stroke-linejoin: round; stroke-linecap: butt}"
"""What Matplotlib writes into every file; in a page it would be a rule for everything there."""
_HELD = "data:image/svg+xml;base64,"
_IMAGE = re.compile(r"<img((?:\s+[^\s=>]+(?:=\"[^\"]*\")?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"([^\s=>]+)=\"([^\"]*)\"")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_OWNED = re.compile(r"patient-(.+)-\d+", re.DOTALL)
_LINE = re.compile(r"(translate\([^)]*\)(?: rotate\([^)]*\))?) scale\(([\d.]+) -[\d.]+\)")
_GLYPH = re.compile(r"translate\(-?[\d.]+ 0\)")
_FACE = re.compile(r"#[A-Za-z0-9]+(?:-([A-Z][A-Za-z]+))?-[0-9a-f]+")
_SAFE = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True)


def with_figures(page: str, read: Callable[[str], bytes | None]) -> str:
    """The page, or a part of one, with its drawings in the place of the elements that show them.

    read: content of the file that an address in the page leads to, None where there is none.

    The alternative text becomes the drawing's label; classes and the id of the picture stay, and so does the room that it takes;
    `data-src` leads to the file. A picture of the class `narrow`, which holds its drawing itself, is the one before it drawn for a
    phone, and has its text.
    """
    taken: set[str] = set()
    before = ""

    def drawn(image: re.Match[str]) -> str:
        nonlocal before
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(image[1])}
        source = attributes.get("src", "")
        if "narrow" in attributes.get("class", "").split() and source.startswith(_HELD):
            attributes["alt"] = before
            content = base64.b64decode(source.removeprefix(_HELD))
        else:
            before = attributes.get("alt", "")
            content = read(source) if source.endswith(".svg") else None
        return (content and figure(content, attributes, taken)) or image[0]

    return _IMAGE.sub(drawn, page)


def beside(page: Path, address: str) -> bytes | None:
    """Content of the file that an address in a page leads to; None where there is none."""
    # Without "chapters/..", for the folder of the page may not be there yet.
    path = Path(posixpath.normpath((page.parent / unquote(address)).as_posix()))
    return path.read_bytes() if path.is_file() else None


def figure(content: bytes, attributes: dict[str, str], taken: set[str]) -> str | None:
    """An `svg` element with what Matplotlib has drawn; None for everything else.

    attributes: of the picture that it takes the place of. taken: ids that stand in the page already; those of this drawing join them.
    """
    if len(content) > LARGEST or _RULE.encode() not in content:
        return None
    try:
        root = etree.fromstring(content, _SAFE)
    except etree.XMLSyntaxError:
        return None
    if root.tag != f"{_SVG}svg" or not _strip(root):
        return None
    size = [in_pixels(root.get(side, "")) for side in ("width", "height")]
    if "viewBox" not in root.attrib or not all(size):
        return None
    _letters(root)
    for element in root.iter():
        _dress(element)
    _name(root, taken)
    for group in reversed(root.findall(f".//{_SVG}g")):  # the inner ones first
        _lift(group)
    for group in root.xpath(".//*[local-name()='g'][not(@*)]"):
        _unwrap(group)
    inner = etree.Element(f"{_SVG}g", {"aria-hidden": "true"})  # to who hears it the figure is one thing, with one text
    inner.extend(list(root))
    root.append(inner)
    box = root.get("viewBox")
    root.attrib.clear()
    kept = {name: attributes[name] for name in ("id", "width", "height") if name in attributes}
    if not {"width", "height"} & kept.keys():
        kept |= {"width": f"{size[0]}", "height": f"{size[1]}"}
    alternative = attributes.get("alt", "")
    said = {"role": "img", "aria-label": alternative} if alternative else {"aria-hidden": "true"}
    look = {"fill": _colour("#000000"), "stroke-linejoin": "round", "stroke-linecap": "butt"}
    named = {"class": f"{attributes.get('class', '')} drawn".strip()}
    if not attributes["src"].startswith("data:"):
        named["data-src"] = attributes["src"]
    for name, value in {**named, **kept, "viewBox": box, **said, **look}.items():
        root.set(name, value)
    etree.cleanup_namespaces(root)
    # No empty line and no line of its own: Pandoc's paragraphs and the page's <pre> stay what they are.
    return etree.tostring(root, encoding="unicode").replace("\n", " ")


def _strip(root: etree._Element) -> bool:
    """Take out what says nothing in a page; False where something is left that Matplotlib does not write."""
    for style in root.findall(f".//{_SVG}style"):
        if (style.text or "").strip() != _RULE:
            return False
        around = style.getparent()
        around.remove(style)
        if len(around) == 0:
            around.getparent().remove(around)
    for metadata in root.findall(f"{_SVG}metadata"):
        root.remove(metadata)
    root.attrib.pop("version", None)
    for element in root.iter():
        if element.tag is etree.Comment:
            continue
        namespace, _, shape = str(element.tag).rpartition("}")
        if f"{namespace}}}" != _SVG or (element is not root and shape not in _SHAPES):
            return False
        if not set(element.attrib) <= _ATTRIBUTES or not _leads_nowhere(element):
            return False
        element.text = element.text if (element.text or "").strip() else None
        if element.text:
            return False
    return True


def _leads_nowhere(element: etree._Element) -> bool:
    """Whether an element refers to nothing but its own drawing, or holds a bitmap in itself."""
    link = element.get(_LINK, "#")
    inside = link.startswith("data:image/png;base64,") if element.tag == f"{_SVG}image" else link.startswith("#")
    values = " ".join(value for key, value in element.attrib.items() if key != _LINK)
    led = _LINK in element.attrib or element.tag != f"{_SVG}use"  # `use` refers to something
    return led and inside and not re.search(r"url\((?!#)|\\|javascript:", values, re.IGNORECASE)


def _letters(root: etree._Element) -> None:
    """Lines of glyphs become text, which Matplotlib says in a comment before them. Formulas, with glyphs on several heights, stay."""
    glyphs = {path.get("id"): path for path in root.iter(f"{_SVG}path") if _FACE.fullmatch(f"#{path.get('id') or ''}")}
    for comment in list(root.iter(etree.Comment)):
        line = comment.getnext()
        said = saxutils.unescape(cast(str, comment.text)[1:-1])  # between two blanks
        place = _LINE.fullmatch(line.get("transform", "")) if line is not None else None
        uses = [each for each in (line if line is not None else ()) if each.tag == f"{_SVG}use"]
        on_a_line = all(_GLYPH.fullmatch(use.get("transform", "translate(0 0)")) for use in uses)
        others = {each.tag for each in (line if line is not None else ())} - {f"{_SVG}use", f"{_SVG}defs"}
        if place and uses and on_a_line and not others:
            line.tag = f"{_SVG}text"
            line[:] = []
            line.text = _without_gaps(said, len(uses))
            line.set("transform", place[1])
            line.set("font-size", f"{round(float(place[2]) * 100, 3):g}")
            face = _FACE.fullmatch(uses[0].get(_LINK))
            for kind, name, value in (("Bold", "font-weight", "bold"), ("(Italic|Oblique)", "font-style", "italic")):
                if face and re.search(kind, face[1] or ""):
                    line.set(name, value)
        comment.getparent().remove(comment)
    used = {use.get(_LINK)[1:] for use in root.iter(f"{_SVG}use")}
    for name in glyphs.keys() & used:  # what formulas need, wherever its first letter stood
        if root.find(f".//*[@id='{name}']") is None:
            etree.SubElement(root, f"{_SVG}defs").append(glyphs[name])


def _without_gaps(said: str, letters: int) -> str:
    """What a comment says: in it no hyphen may follow another one, and Matplotlib puts a gap between them.

    >>> _without_gaps("A - - B", 6), _without_gaps("A - - B", 7)
    ('A -- B', 'A - - B')
    """
    return re.sub(r"- (?=-)", "-", said) if letters < len(said) else said


def _dress(element: etree._Element) -> None:
    """Turn the `style` of an element into attributes, which a strict policy allows, and its colours into variables."""
    for part in filter(None, (part.strip() for part in (element.attrib.pop("style", "")).split(";"))):
        name, _, value = part.partition(":")
        if name.strip() in _LOOKS:
            element.set(name.strip(), value.strip())
    for name in ("fill", "stroke", "stop-color"):
        value = element.get(name, "")
        if _COLOUR.fullmatch(value):
            element.set(name, _colour(value))
    if element.tag == f"{_SVG}path" and element.get("d"):
        element.set("d", " ".join(element.get("d").split()))
    if element.get("stroke-dashoffset") == "0":
        del element.attrib["stroke-dashoffset"]
    if (link := element.attrib.pop(_LINK, None)) is not None:
        element.set("href", link)
    element.tail = None


def _colour(value: str) -> str:
    return f"var(--fig-{value[1:]},{value})"


def _name(root: etree._Element, taken: set[str]) -> None:
    """Say whose a group is, and leave only ids that something refers to, each of them once in the page."""
    values = [value for element in root.iter() for value in element.attrib.values()]
    wanted = {a or b for value in values for a, b in re.findall(r"url\(#([^)]+)\)|^#(.+)$", value)}
    instead: dict[str, str] = {}
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name is None:
            continue
        if owned := _OWNED.fullmatch(name):
            element.set("data-patient", owned[1])
        if name in wanted and name not in instead:
            number = next(n for n in range(1, len(taken) + 2) if _numbered(name, n) not in taken)
            instead[name] = _numbered(name, number)
            taken.add(instead[name])
            element.set("id", instead[name])
    for element in root.iter():
        for key, value in element.attrib.items():
            if "#" in value and key in ("href", "clip-path", "fill", "stroke"):
                element.set(key, re.sub(r"(?<=url\(#)[^)]+|(?<=^#).+", lambda found: instead.get(found[0], found[0]), value))


def _lift(group: etree._Element) -> None:
    """What every part of a group says alike, the group says once; which halves a figure of many marks."""
    parts = [part for part in group if part.tag != f"{_SVG}defs"]
    for name in _INHERITED if len(parts) > 1 else ():
        first, *others = (part.get(name) for part in parts)
        if first is not None and set(others) == {first} and name not in group.attrib:
            group.set(name, first)
            for part in parts:
                del part.attrib[name]


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _unwrap(group: etree._Element) -> None:
    """Put what a group without a meaning holds in its place."""
    parent = group.getparent()
    at = parent.index(group)
    parent[at : at + 1] = list(group)
