"""The figures' colours can be told apart, and their type is that of the text."""

import itertools

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
NEIGHBOURS = [*itertools.pairwise(style.GRADES), (style.BLUE, style.ORANGE), (style.BLUE, style.FAINT),
              (style.ORANGE, style.FAINT), (style.ORANGE, style.INK)]  # fmt: skip
"""Colours that stand side by side and mean different things."""


def lab(colour: str, deficiency) -> np.ndarray:
    """CIELAB of a colour as it is seen with a deficiency."""
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(deficiency) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.array([t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz / [0.9505, 1.0, 1.089]])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_colours_that_mean_different_things_can_be_told_apart(one, other, deficiency):
    distance = np.linalg.norm(lab(one, DEFICIENCIES[deficiency]) - lab(other, DEFICIENCIES[deficiency]))
    assert distance >= 10, f"{one} and {other} are only {distance:.1f} apart"


def test_figures_are_drawn_in_the_font_of_the_text():
    lines = style.STYLE.read_text("utf-8").splitlines()
    settings = dict(line.split(": ", 1) for line in lines if ": " in line and not line.startswith("#"))
    shape = (ROOT / "_quarto.yml").read_text("utf-8")
    assert f"mainfont: {settings['font.family']}" in shape and f"sansfont: {settings['font.family']}" in shape
