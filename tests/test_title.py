"""A title that cannot be meant of these patients or this drug is one warning, never a failure."""

import pandas as pd
import pytest

from study import title
from study.title import doubt


@pytest.fixture
def doubted(tmp_path, monkeypatch):
    def told(words: str, ages: list[float], subtitle: str = "") -> str | None:
        book = tmp_path / "_quarto.yml"
        book.write_text(f'book:\n  title: "{words}"\n  subtitle: "{subtitle}"\n', encoding="utf-8")
        monkeypatch.setattr(title, "_BOOK", book)
        return doubt(pd.DataFrame({"age_years": ages}))

    return told


def test_the_shipped_title_fits_the_shipped_cut():
    assert doubt(pd.DataFrame({"age_years": [8, 18]})) is None


@pytest.mark.parametrize(
    ("words", "ages"),
    [("Dupilumab in children", [8, 17]), ("DUPILUMAB in Adults", [18, 60]), ("Dupilumab in a clinic", [30, 40]),
     ("Dupilumab in children and adolescents", [13, 16]), ("Dupilumab", [])],
)  # fmt: skip
def test_what_fits_is_not_doubted(doubted, words, ages):
    assert doubted(words, ages) is None


def test_the_subtitle_counts_too(doubted):
    assert doubted("A living report", [8, 9], "of dupilumab in children") is None


@pytest.mark.parametrize(
    ("words", "ages", "said"),
    [("Dupilumab in children", [18, 60], "it says children, the data hold adults"),
     ("Dupilumab in adults", [8, 60], "it says adults, the data hold patients"),
     ("Tralokinumab in adults", [18, 60], "it does not name dupilumab"),
     ("Upadacitinib in children", [18, 60], "it says children, the data hold adults; it does not name dupilumab")],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(doubted, words, ages, said):
    told = doubted(words, ages)
    assert told.endswith(f": {said}") and "\n" not in told


def test_a_broken_file_is_left_to_the_renderer(tmp_path, monkeypatch):
    for text in ("", "- 1", "book: 3", "book:\n  title: [", "\x00"):
        (tmp_path / "_quarto.yml").write_text(text, encoding="utf-8")
        monkeypatch.setattr(title, "_BOOK", tmp_path / "_quarto.yml")
        assert doubt(pd.DataFrame({"age_years": [8]})) is None
