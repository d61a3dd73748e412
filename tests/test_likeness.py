"""Two reports held against each other: what counts as a difference, and what does not."""

import base64
import io
import json
import shutil

import pytest
from PIL import Image

from study.likeness import differences, result_differences

ROW = {"id": "efficacy.easi.w26.observed.mean", "value": 3.25, "display": "3.3", "unit": "points", "n": 27}


def png(*pixels):
    image = Image.new("RGB", (100, 100), "white")
    for place in pixels:
        image.putpixel(place, (0, 0, 0))
    content = io.BytesIO()
    image.save(content, "png")
    return content.getvalue()


def notebook(source="1 + 1", text="2"):
    output = {"output_type": "execute_result", "data": {"text/plain": [text]}}
    return json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": [source], "outputs": [output]}]})


def svg(number=1.0, text="Week", shape="path"):
    return f'<svg xmlns="http://www.w3.org/2000/svg"><{shape} d="M {number} 2"/><text>{text}</text></svg>'


def clipped(name, used=None, number=1.0):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><path clip-path="url(#{used or name})" '
        f'd="M {number} 2"/><use xlink:href="#{name}"/><clipPath id="{name}"/><clipPath id="other"/></svg>'
    )


def drawn_in_notebook(picture, held=False):
    shown = {"text/html": f'<img src="data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}">'}
    output = {"output_type": "display_data", "data": shown if held else {"image/svg+xml": [picture]}}
    return json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": ["draw()"], "outputs": [output]}]})


PAGE = "<html><body><p>27 children</p><img src='a.svg' alt='Bars'></body></html>"
DRAWN = """<p>27</p><svg class="drawn" aria-label="Bars"><path id="p1" d="M 1.0 2"/><use href="#p1"/><text>Week</text></svg>"""
ALIKE = {
    "drawn.html": (DRAWN, DRAWN.replace("p1", "p2").replace("1.0", "1.01")),
    "page.html": (PAGE, PAGE.replace("<p>", "<p class='other'>")),
    "figure.svg": (svg(1.0), svg(1.01)),
    "clipped.svg": (clipped("p1afc595041"), clipped("p826a02821e")),
    "drawn.ipynb": (drawn_in_notebook(clipped("p1afc595041")), drawn_in_notebook(clipped("p826a02821e", number=1.001))),
    "held.ipynb": (drawn_in_notebook(clipped("p1afc595041"), True), drawn_in_notebook(clipped("p826a02821e", number=1.001), True)),
    "table.csv": ("a,b\nx,0.30000000000000004\n", "a,b\nx,0.3\n"),
    "data.json": (json.dumps({"a": [1, 0.1 + 0.2]}), json.dumps({"a": [1, 0.3]})),
    "book.ipynb": (notebook(), json.dumps(json.loads(notebook()), indent=2)),
    "picture.png": (png(), png((3, 3))),
}
UNLIKE = {
    "page.html": (PAGE, PAGE.replace("27", "26"), "delivered “27 children [Bars]”, anew “26 children [Bars]”"),
    "alt.html": (PAGE, PAGE.replace("Bars", "Lines"), "delivered “27 children [Bars]”, anew “27 children [Lines]”"),
    "label.html": (DRAWN, DRAWN.replace("Bars", "Lines"), "delivered “27 [Bars]”, anew “27 [Lines]”"),
    "moved.html": (DRAWN, DRAWN.replace("1.0", "1.1"), "the figure shows something else"),
    "worded.html": (DRAWN, DRAWN.replace("Week", "Day"), "the figure shows something else"),
    "fewer.html": (DRAWN, "<p>27</p> [Bars]", "had 1 figures, has 0"),
    "moved.svg": (svg(1.0), svg(1.1), "the figure shows something else"),
    "worded.svg": (svg(), svg(text="Day"), "the figure shows something else"),
    "clipped.svg": (clipped("p1afc595041"), clipped("p826a02821e", "other"), "the figure shows something else"),
    "drawn.ipynb": (
        drawn_in_notebook(clipped("p1")), drawn_in_notebook(clipped("p1", number=1.1)), "cell 1: the figure shows something else",
    ),
    "held.ipynb": (
        drawn_in_notebook(clipped("p1"), True), drawn_in_notebook(clipped("p1", number=1.1), True),
        "cell 1: the figure shows something else",
    ),
    "entities.svg": (
        svg(), f"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>{svg(text='&a;')}", "the figure is made of other shapes",
    ),
    "shaped.svg": (svg(), svg(shape="line"), "the figure is made of other shapes"),
    "table.csv": ("a,b\nx,0.3\n", "a,b\nx,0.31\n", "line 2 was ['x', '0.3'], is ['x', '0.31']"),
    "count.csv": ("a\n26\n", "a\n27\n", "line 2 was ['26'], is ['27']"),
    "data.json": ('{"a": [1, 2]}', '{"a": [1, 3]}', "/a/1 was 2, is 3"),
    "code.ipynb": (notebook(), notebook("1 + 2"), "cell 1: delivered “1 + 1”, anew “1 + 2”"),
    "output.ipynb": (notebook(), notebook(text="3"), "cell 1: delivered “2”, anew “3”"),
    "picture.png": (png(), png(*((x, y) for x in range(10) for y in range(10))), "the picture differs in 1.0 % of its pixels"),
    "style.css": ("a {}", "b {}", "differs"),
    "broken.json": ("{}", "{", "differs, and cannot be compared by content: "),
}


def compared(tmp_path, name, was, now, stands_for=None):
    for folder, content in (("delivered", was), ("anew", now)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return differences(tmp_path / "delivered", tmp_path / "anew", (), stands_for or {})


@pytest.mark.parametrize("name", ALIKE)
def test_what_another_machine_may_do_otherwise_is_no_difference(tmp_path, name):
    assert compared(tmp_path, name, *ALIKE[name]) == []


@pytest.mark.parametrize("name", UNLIKE)
def test_other_content_is_a_difference_and_quoted(tmp_path, name):
    was, now, wanted = UNLIKE[name]
    (found,) = compared(tmp_path, name, was, now)
    assert found.startswith(f"{name}: {wanted}")


def test_files_that_only_one_report_has_are_named(tmp_path):
    compared(tmp_path, "a.txt", "x", "x")
    (tmp_path / "delivered" / "a.txt").rename(tmp_path / "delivered" / "b.txt")
    found = differences(tmp_path / "delivered", tmp_path / "anew", (), {})
    assert found == ["a.txt: not in the delivered report", "b.txt: not made any more"]
    assert differences(tmp_path / "delivered", tmp_path / "anew", ["a.txt", "b.txt"], {}) == []


def test_what_a_report_says_of_its_machine_is_no_difference(tmp_path):
    was, now = (f"<p>Python {version}, 27 children</p>" for version in ("3.11.7", "3.12.1"))
    assert compared(tmp_path, "page.html", was, now, {"3.11.7": "3.12.1"}) == []
    shutil.rmtree(tmp_path / "anew"), shutil.rmtree(tmp_path / "delivered")
    assert compared(tmp_path, "page.html", was, now.replace("27", "26"), {"3.11.7": "3.12.1"})


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, []),
        ({"value": 3.25 * (1 + 1e-12)}, []),
        ({"value": 3.35, "display": "3.4"}, [f"{ROW['id']}: delivered 3.3 (3.25), computed 3.4 (3.35)"]),
        ({"n": 26}, [f"{ROW['id']}: n was 27, is 26"]),
        ({"id": "other"}, [f"{ROW['id']}: not computed any more", "other: not in the delivered results"]),
    ],
)
def test_results_are_compared_by_id(change, wanted):
    assert result_differences([ROW], [ROW | change]) == wanted
