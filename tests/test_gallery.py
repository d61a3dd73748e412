"""The gallery of features through both engines: each feature is seen in each format, and both show the same, block by block.

The book is rendered once an engine. `docs/quarto.md` has the table that comes out; `tests/gallery.py --write` writes it.
"""

from __future__ import annotations

import shutil

import gallery
import pytest
from gallery import BOOK, FORMATS, Section
from test_end_to_end import _quarto_marks

from renderer import RenderError, render_book

FEATURES = gallery.features()
WHERE = [pytest.param(feature, name, id=f"{feature.identifier}-{name}") for feature in FEATURES for name in FORMATS]


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return gallery.shown(gallery.rendered(tmp_path_factory.mktemp("gallery")))


@pytest.fixture(scope="module")
def quartos(tmp_path_factory):
    return gallery.shown(gallery.rendered_by_quarto(tmp_path_factory.mktemp("gallery")))


def test_the_gallery_is_large():
    assert len(FEATURES) >= 60 and len({feature.identifier for feature in FEATURES}) == len(FEATURES)


@pytest.mark.parametrize(("feature", "name"), WHERE)
def test_a_feature_is_seen(ours, feature, name):
    sections, whole = ours[name]
    assert not gallery.lacks(feature, sections[feature.identifier], whole, name)


@pytest.mark.parametrize("feature", FEATURES, ids=[feature.identifier for feature in FEATURES])
def test_what_is_seen_is_looked_for(feature):
    """A feature asks for something in every format."""
    assert all(set(feature.asked(name)) - {"differs"} for name in FORMATS)


@pytest.mark.slow
@pytest.mark.parametrize("marks", [pytest.param(None, marks=_quarto_marks())])
@pytest.mark.parametrize(("feature", "name"), WHERE)
def test_both_engines_show_the_same_block_by_block(ours, quartos, feature, name, marks):
    mine, other = (shown[name][0].get(feature.identifier, Section()) for shown in (ours, quartos))
    assert gallery.same(mine, other, name) is (name not in feature.differs), (
        "say in the source what differs, or no longer that it does"
    )


def test_the_table_of_the_documentation_is_of_this_book(ours):
    """The columns of the built-in renderer are what has come out here; a row for each feature and each thing that is refused."""
    assert gallery.table_of_docs("builtin") == gallery.table(ours)


@pytest.mark.slow
@pytest.mark.parametrize("marks", [pytest.param(None, marks=_quarto_marks())])
def test_the_table_of_the_documentation_is_what_quarto_shows(quartos, marks):
    assert gallery.table_of_docs("quarto") == gallery.table(quartos)


def test_what_is_refused_is_said_at_once_with_its_place_and_no_cell_runs(tmp_path):
    """One chapter with everything that the built-in renderer cannot take: all of it is listed, in the order of the text."""
    folder = tmp_path / "book"
    shutil.copytree(BOOK, folder)
    text = (
        "# Refused\n\n```{python}\nraise SystemExit\n```\n\n"
        + "\n\n".join(refused.text for refused in gallery.REFUSED)
        + "\n"
    )
    (folder / "chapters" / "text.qmd").write_text(text, encoding="utf-8")
    with pytest.raises(RenderError) as caught:
        render_book(
            folder, tmp_path / "out", ["html"], environment={}, inputs="", cache=tmp_path / "cache", cell_seconds=60,
            progress=lambda said: pytest.fail(said) if "running" in said else None,
        )  # fmt: skip
    problems = [each for each in caught.value.problems if each.file == "chapters/text.qmd"]
    for refused in gallery.REFUSED:
        line = text[: text.index(refused.text)].count("\n") + 1 + refused.line
        assert any(refused.says in each.message and each.line == line for each in problems), (refused, problems)
