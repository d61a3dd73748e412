"""Vector figures are the same bytes wherever they are drawn, and look as Matplotlib draws them."""

import functools
import io
import re

import lxml.etree
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import backend_bases
from matplotlib.backends.backend_svg import FigureCanvasSVG

from analysis.core import vector
from analysis.core.drawing import of_patient

FIGURES = {}


def figure(draw):
    FIGURES[draw.__name__] = draw
    return draw


@figure
def lines(axes, shake):
    axes.plot(np.linspace(0, 1, 40), shake(np.sin(np.linspace(0, 7, 40))), "o-", label="0.123456789")
    axes.legend()


@figure
def scatter(axes, shake):
    axes.scatter(shake(np.arange(9.0)), np.arange(9.0) ** 2, s=np.arange(9.0) * 10, c=np.arange(9.0))


@figure
def hatched(axes, shake):
    axes.bar(shake(np.arange(3.0)), shake(np.array([1.0, 1 / 3, 2 / 7])), hatch="//")
    axes.fill_between([0, 1, 2], shake(np.array([0.1, 0.2, 0.0625])))


@figure
def picture(axes, shake):
    axes.imshow(np.arange(12).reshape(3, 4), extent=tuple(shake(np.array([0.0, 4.0, 0.0, 3.0]))))


def as_it_is(values):
    return values


@functools.cache
def drawn(name: str, shake=as_it_is, canvas=vector.Canvas) -> str:
    """The SVG of one of the figures; `shake` changes last digits of its data, two axes share a place up to last digits."""
    backend_bases.register_backend("svg", canvas)
    try:
        chart, axes = plt.subplots(1, 2, layout="constrained")
        for each in axes:
            FIGURES[name](each, shake)
        axes[1].set_position(shake(np.array(axes[1].get_position().bounds)))
        file = io.BytesIO()
        chart.savefig(file, format="svg", metadata={"Date": None})
    finally:
        backend_bases.register_backend("svg", FigureCanvasSVG)
        plt.close("all")
    return file.getvalue().decode("utf-8")


@pytest.mark.parametrize("name", sorted(FIGURES.keys() - {"picture"}))  # pixels are resampled before they come here
def test_last_digits_leave_no_mark(name):
    plain = drawn(name)
    for seed in range(2):
        random = np.random.default_rng(seed)
        assert drawn(name, lambda values, random=random: values * (1 + random.uniform(-1e-12, 1e-12, np.shape(values)))) == plain


def test_without_settling_they_would():
    def shake(values):
        return values * (1 + 1e-12)

    assert drawn("lines", canvas=FigureCanvasSVG) != drawn("lines", shake, canvas=FigureCanvasSVG)


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_seen_stays(name):
    """The same elements, texts and references to the same things; places within half a thousandth of a point, and a little."""
    before, after = (lxml.etree.fromstring(drawn(name, canvas=canvas).encode()) for canvas in (FigureCanvasSVG, vector.Canvas))
    shapes = [list(root.iter(lxml.etree.Element)) for root in (before, after)]
    assert [each.tag for each in shapes[0]] == [each.tag for each in shapes[1]]
    comments = [[each.text for each in root.iter(lxml.etree.Comment)] for root in (before, after)]
    assert comments[0] == comments[1]
    named = [{each.get("id"): place for place, each in enumerate(side) if each.get("id")} for side in shapes]
    assert len(named[0]) == len(named[1])
    for old, new in zip(*shapes, strict=True):
        assert old.keys() == new.keys()
        for key in old.attrib:
            was, now = (re.split(r"(-?\d+\.\d+|-?\d+)", each.get(key)) for each in (old, new))
            if key == "id":
                assert named[0][old.get(key)] == named[1][new.get(key)]
            elif (key.endswith("href") and old.tag.endswith("use")) or "url(#" in old.get(key):
                ends = [re.search(r"(?:url\(|^)#([^)]*)", each.get(key))[1] for each in (old, new)]
                assert named[0][ends[0]] == named[1][ends[1]]
            elif old.get(key) != new.get(key):
                assert was[::2] == now[::2], key
                assert np.abs(np.array(was[1::2], float) - np.array(now[1::2], float)).max() < 0.00065


def test_ids_of_two_figures_differ():
    ids = [set(re.findall(r'id="(f[0-9a-f]{10}-\d+)"', drawn(name))) for name in ("lines", "scatter")]
    assert all(ids) and not ids[0] & ids[1]


def test_marks_of_patients_are_numbered_in_order_and_stay_text():
    chart, axes = plt.subplots()
    for patient, height in (("P001", 1), ("P002", 2), ("P001", 3), ('"><script>&', 4)):
        of_patient(axes.plot((0, 1), (height, height))[0], patient)
    of_patient(axes.text(0, 0, "P002"), "P002")
    file = io.StringIO()
    vector.Canvas(chart).print_svg(file, metadata={"Date": None})
    plt.close(chart)
    ids = [each.get("id") or "" for each in lxml.etree.fromstring(file.getvalue().encode()).iter()]
    marks = [each for each in ids if each.startswith("patient-")]
    assert marks == ["patient-P001-1", "patient-P002-1", "patient-P001-2", 'patient-"><script>&-1', "patient-P002-2"]
