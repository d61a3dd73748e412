"""The figures' colours can be read and told apart, on white and on the dark page, and their type is that of the text."""

import itertools
import re

import matplotlib.colors
import numpy as np
import pytest
from conftest import ROOT

from analysis.core import style

# Machado, Oliveira and Fernandes 2009, doi 10.1109/TVCG.2009.113: severity 1.0, on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
RAMP = (*style.GRADES, style.VERY_SEVERE)
NEIGHBOURS = [
    *itertools.pairwise(RAMP),
    *((style.RESULT, other) for other in (style.NO_RESPONSE, style.PATIENT, style.QUIET, style.BETWEEN, style.FAINT)),
    *((style.NO_RESPONSE, other) for other in (style.PATIENT, style.FAINT, style.INK)),
    (style.CONJUNCTIVITIS, style.INK), (style.PATIENT, style.FAINT),
]  # fmt: skip
"""Colours that stand side by side and mean different things."""
TEXT = (style.INK, style.QUIET, style.RESULT, style.NO_RESPONSE)
MARKS = (*TEXT, style.PATIENT, style.CONJUNCTIVITIS)
BEHIND = {style.PAPER, style.FAINT, style.BETWEEN, *RAMP}
"""Grid, areas with an outline, and what they stand on."""
PAGES = {"light": {colour: colour for colour in style.DARK}, "dark": style.DARK}


def lab(colour: str, deficiency) -> np.ndarray:
    """CIELAB of a colour as it is seen with a deficiency."""
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(deficiency) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.array([t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz / [0.9505, 1.0, 1.089]])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colours_that_mean_different_things_can_be_told_apart(deficiency, page):
    seen = {colour: lab(PAGES[page][colour], DEFICIENCIES[deficiency]) for colour in style.DARK}
    distances = {(one, other): np.linalg.norm(seen[one] - seen[other]) for one, other in NEIGHBOURS}
    close = {pair: round(distance, 1) for pair, distance in distances.items() if distance < 10}
    assert not close


@pytest.mark.parametrize("page", PAGES)
def test_texts_and_marks_stand_out_from_the_page(page):
    """By WCAG 2.2, 1.4.3 and 1.4.11: text at least 4.5 to 1, marks at least 3 to 1; numbers on tiles are text, too."""
    shown = PAGES[page]
    for colours, least in ((TEXT, 4.5), (MARKS, 3.0)):
        assert not [each for each in colours if style.contrast(shown[each], shown[style.PAPER]) < least]
    for tile in RAMP:
        assert style.contrast(shown[tile], shown[style.text_on(tile)]) >= 4.5, tile
    assert {*MARKS, *BEHIND} == set(style.DARK), "every colour has its place and its counterpart"


def test_the_dark_page_turns_every_colour_into_its_counterpart():
    rules = dict(re.findall(r"--fig-([0-9a-f]{6}): light-dark\(#\1, (#[0-9a-f]{6})\);", (ROOT / "theme.css").read_text("utf-8")))
    assert rules.pop("000000") == style.DARK[style.INK].lower()  # what Matplotlib draws without being told a colour
    assert rules == {light[1:].lower(): dark.lower() for light, dark in style.DARK.items()}


def test_the_table_for_authors_has_every_colour():
    text = (ROOT / "docs" / "adapting.md").read_text("utf-8")
    missing = [colour for colour in style.DARK if f"`{colour}`" not in text]
    assert not missing


def test_figures_are_drawn_in_the_font_of_the_text():
    lines = style.STYLE.read_text("utf-8").splitlines()
    settings = dict(line.split(": ", 1) for line in lines if ": " in line and not line.startswith("#"))
    shape = (ROOT / "_quarto.yml").read_text("utf-8")
    assert f"mainfont: {settings['font.family']}" in shape and f"sansfont: {settings['font.family']}" in shape
