"""What Matplotlib has drawn stands in the page: text is text, colours are variables, ids are once there, and nothing else comes in."""

import io
import re

import lxml.etree
import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT

from analysis.core import style, vector
from analysis.core.drawing import of_patient
from renderer.inline_figures import LARGEST, with_figures

HOSTILE = """"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;"""
IMAGE = '<p><img src="a%20b.svg" class="wide" id="p" alt="Bars &amp; &lt;b&gt;" /></p>'


@pytest.fixture(scope="module")
def svg() -> bytes:
    """A figure with everything that the report's figures have, and words that want to be markup."""
    with plt.rc_context({"svg.fonttype": "path", "svg.hashsalt": "x"}):
        chart, (axes, other) = plt.subplots(1, 2, figsize=(6.3, 3))
        axes.set(title=HOSTILE, xlabel="A -- B  C", ylabel="two\nlines")
        for patient, height in (("P001", 1), ("P002", 2), (HOSTILE, 3)):
            of_patient(axes.plot((0, 1), (height, height), "o-", color=style.INK)[0], patient)
        axes.text(0, 1, "$10^{-3}$")
        axes.text(0, 2, "bold", fontweight="bold", color="white")
        axes.text(0, 2.5, "slanting", fontstyle="italic")
        other.bar((0, 1), (1, 2), hatch="//", color="#d55e00")
        other.imshow(np.arange(4).reshape(2, 2))
        file = io.StringIO()
        vector.Canvas(chart).print_svg(file, metadata={"Date": None})
        plt.close(chart)
    return file.getvalue().encode()


def shown(content: bytes, page: str = IMAGE) -> BeautifulSoup:
    return BeautifulSoup(with_figures(page, {"a%20b.svg": content}.get), "html.parser")


def test_it_takes_the_place_of_the_picture_with_its_words_and_its_room(svg):
    figure = shown(svg).p.svg
    assert [inner.get("aria-hidden") for inner in figure.find_all(True, recursive=False)] == ["true"]
    assert figure["role"] == "img" and figure["aria-label"] == "Bars & <b>" and figure["id"] == "p"
    assert figure["class"] == ["wide", "drawn"] and (figure["width"], figure["height"]) == ("605", "288")
    assert figure["viewbox"] == "0 0 453.6 216" and figure["data-src"] == "a%20b.svg"
    sized = shown(svg, IMAGE.replace(" />", ' width="300" height="150" />')).p.svg
    assert (sized["width"], sized["height"]) == ("300", "150")
    assert shown(svg, IMAGE.replace("Bars &amp; &lt;b&gt;", "")).p.svg["aria-hidden"] == "true"


def test_every_line_of_glyphs_is_text_where_it_was_and_a_formula_keeps_its_glyphs(svg):
    texts = {text.get_text(): text for text in shown(svg).find_all("text")}
    assert {"A -- B  C", "two", "lines", "bold", "slanting", HOSTILE, "0.0"} <= texts.keys()
    assert texts["bold"]["font-weight"] == "bold" and texts["slanting"]["font-style"] == "italic"
    was = re.search(rb'<!-- two -->\s*<g[^>]* transform="(translate\([^)]*\) rotate\([^)]*\)) scale\(([\d.]+)', svg)
    assert texts["two"]["transform"] == was[1].decode() and float(texts["two"]["font-size"]) == 100 * float(was[2])
    glyphs = [use["href"] for use in shown(svg).find_all("use") if "DejaVu" in use["href"]]
    assert len(glyphs) == 4 and "$" not in shown(svg).get_text()


def test_references_lead_to_the_one_element_that_has_the_id_also_when_a_figure_comes_twice(svg):
    page = shown(svg, IMAGE + IMAGE.replace(' id="p"', ""))
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids)) > 8
    for figure in page.find_all("svg"):
        own = {element["id"] for element in figure.find_all(id=True)}
        used = set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)", str(figure)))
        assert {one or other for one, other in used} == own, "what nothing refers to needs no id"


def test_colours_are_variables_with_themselves_as_the_last_resort_and_no_style_is_left(svg):
    figure = shown(svg).svg
    painted = {value for element in [figure, *figure.find_all(True)] for name in ("fill", "stroke") if (value := element.get(name))}
    colours = {value for value in painted if not value.startswith("url(#")} - {"none"}
    assert "var(--fig-222222,#222222)" in colours and "var(--fig-ffffff,#ffffff)" in colours
    assert all(re.fullmatch(r"var\(--fig-([0-9a-f]{6}),#\1\)", colour) for colour in colours)
    assert not figure.find_all(style=True) and not figure.find_all("style") and not figure.find_all("metadata")


def test_the_style_of_the_site_says_what_every_colour_is_on_a_dark_page():
    said = dict(re.findall(r"--fig-([0-9a-f]{6}): light-dark\(#\1, (#[0-9a-f]{6})\);", (ROOT / "theme.css").read_text("utf-8")))
    wanted = {light[1:].lower(): dark.lower() for light, dark in style.DARK.items()}
    assert said == {"000000": said["222222"]} | wanted


def test_marks_say_whose_they_are(svg):
    assert [mark["data-patient"] for mark in shown(svg).select("[data-patient]")] == ["P001", "P002", HOSTILE]


def test_words_of_the_data_are_no_markup(svg):
    page = shown(svg)
    assert {element.name for element in page.find_all(True)} <= {
        "p", "svg", "g", "path", "use", "text", "defs", "clippath", "rect", "pattern", "image",
    }  # fmt: skip
    assert not [name for element in page.find_all(True) for name in element.attrs if name.startswith("on")]


@pytest.mark.parametrize(
    "wrong",
    [
        '<script>alert(1)</script>', '<a xlink:href="javascript:alert(1)"><path d="M 0 0"/></a>', '<path onclick="alert(1)"/>',
        '<foreignObject><b/></foreignObject>', '<use xlink:href="https://example.invalid/#a"/>', "<style>* {color: red}</style>",
        '<path style="fill: url(https://example.invalid/)"/>', '<image xlink:href="https://example.invalid/a.png"/>',
        '<animate attributeName="x"/>', '<path class="banner"/>', '<b xmlns="http://www.w3.org/1999/xhtml"/>', "<path", "&own;",
        '<path style="fill: URL(https://example.invalid/)"/>', '<path fill="JavaScript:alert(1)"/>', "<use/>",
        '<!-- a --><g transform="translate(1 1) scale(0.1 -0.1)"><use/></g>',
    ],
)  # fmt: skip
def test_what_matplotlib_does_not_write_stays_a_picture(svg, wrong):
    other = svg.replace(b"</svg>", f"{wrong}</svg>".encode())
    assert other != svg and with_figures(IMAGE, {"a%20b.svg": other}.get) == IMAGE


def test_other_pictures_stay_pictures(svg):
    simple = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9"><path d="M 0 0"/></svg>'
    for content in (simple, None, svg.replace(b"</svg>", b" " * LARGEST + b"</svg>")):
        assert with_figures(IMAGE, lambda address, content=content: content) == IMAGE
    assert with_figures(IMAGE.replace(".svg", ".png"), lambda address: svg) == IMAGE.replace(".svg", ".png")


def test_the_same_figure_is_the_same_text_and_well_formed(svg):
    once, again = (with_figures(IMAGE, {"a%20b.svg": svg}.get) for _ in range(2))
    assert once == again and "\n" not in once
    lxml.etree.fromstring(once)
