"""Vector figures that are the same bytes on every processor.

Matplotlib computes places with the processor's own linear algebra, whose last digits differ, prints six decimals of them, and names
clip paths by hashes of all digits. Here places are rounded to what no eye or printer resolves, and names are given in order.
"""

import hashlib
import io
import re

from matplotlib import backend_bases, cbook
from matplotlib.backends import backend_svg

DECIMALS = 3
"""Of places and lengths, in points: 0.001 pt is a third of a micrometre."""
_OFF_TIES = 0.137e-3
"""Added before rounding: places such as 0.0625 are frequent and halfway between two thousandths; none is at the border of this."""
_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_PLACES = re.compile(r'(?<=\s)(?:d|x|y|x1|y1|x2|y2|width|height|viewBox|points)="[^"]*"|\btranslate\([^)]*\)')
_NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
_CLIP = re.compile(r'\s*<clipPath id="([^"]+)">(.*?)</clipPath>', re.DOTALL)
_NAME = re.compile(r'(\bid="|href="#|url\(#)((?:C[0-9a-f]+_[0-9a-f]+_|image|[a-z]?)[0-9a-f]{10}|_-\d+)(?=[")])')
"""Where a hash of Matplotlib's, or what stands for it here, names something or is referred to."""
PATIENT = "patient-"
"""How the name of a patient's mark begins; the patient's id follows."""
_MARK = re.compile(rf"""(?<=<g id=)(["'])({PATIENT}.*?)(?=\1)""")


def settled(svg: str) -> str:
    """Matplotlib's SVG with rounded places, one clip path for each place, and ids by order of appearance.

    The ids begin with a digest of the figure, so that two figures may stand in one page. A patient's marks are numbered, for no id
    may stand twice in a file: `patient-P002-1`, `patient-P002-2`, ...
    """
    marks: dict[str, int] = {}

    def numbered(mark: re.Match) -> str:
        marks[mark[2]] = marks.get(mark[2], 0) + 1
        return f"{mark[0]}-{marks[mark[2]]}"

    svg = _MARK.sub(numbered, svg)
    svg = _TAG.sub(lambda tag: _PLACES.sub(lambda part: _NUMBER.sub(_rounded, part[0]), tag[0]), svg)
    svg = _each_clip_once(svg)
    order: dict[str, str] = {}
    svg = _NAME.sub(lambda name: name[1] + order.setdefault(name[2], f"_-{len(order) + 1}"), svg)
    digest = hashlib.sha256(svg.encode("utf-8")).hexdigest()[:10]
    return _NAME.sub(lambda name: f"{name[1]}f{digest}{name[2][1:]}", svg)


def _rounded(number: re.Match) -> str:
    """
    >>> [_rounded(_NUMBER.match(text)) for text in ("12.3000004", "0.0625", "0.0624999", "-0.0000001", "7.0")]
    ['12.3', '0.063', '0.063', '0', '7']
    """
    text = f"{float(number[0]) + _OFF_TIES:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _each_clip_once(svg: str) -> str:
    """What lies at one place up to rounding is one clip path, whether or not its last digits differed."""
    same: dict[str, str] = {}
    instead: dict[str, str] = {}

    def keep(clip: re.Match) -> str:
        name, shape = clip.groups()
        instead[name] = same.setdefault(shape, name)
        return clip[0] if instead[name] == name else ""

    svg = _CLIP.sub(keep, svg)
    return re.sub(r"(?<=url\(#)[^)]+", lambda name: instead.get(name[0], name[0]), svg)


class Canvas(backend_svg.FigureCanvasSVG):
    """Matplotlib's canvas for SVG, whose files are :func:`settled`."""

    def print_svg(self, filename, *, bbox_inches_restore=None, metadata=None, **_) -> None:
        """As Matplotlib's; the other options (resolution, colours) are for canvases that need them."""
        drawn = io.StringIO()
        super().print_svg(drawn, bbox_inches_restore=bbox_inches_restore, metadata=metadata)
        text = settled(drawn.getvalue())
        with cbook.open_file_cm(filename, "w", encoding="utf-8") as file:
            file.write(text if cbook.file_requires_unicode(file) else text.encode("utf-8"))


def use() -> None:
    """Write every SVG of this process so, whoever draws it."""
    backend_bases.register_backend("svg", Canvas, "Scalable Vector Graphics")
