"""The numbers behind every figure: those drawn, with no more said of a patient than the figure says."""

import io
import json
import re
from dataclasses import replace
from itertools import pairwise

import IPython.display
import numpy as np
import pytest
from conftest import ROOT
from example_tables import cohort, design, drawings, ige, on_a_phone, shipped
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from analysis import cohort_shown, efficacy_shown, ige_shown, subgroups_shown
from analysis.compute import compute
from analysis.core import style
from analysis.core.design import Tables
from analysis.core.results import Results
from analysis.core.words import Words
from analysis.disclosure import relabelled, report_ids, without_small_counts
from analysis.ranking import ranking
from expectations.gate import read_tables
from renderer import pandoc
from renderer.inline_figures import with_figures

PHONES = ("every_patient", "easi_courses", "scorad_courses", "itch_and_sleep", "iga_distribution", "responders_over_time",
          "easi_waterfall", "patient_flow", "sensitivity", "subgroups", "modelled_changes", "times_to_response", "easi_flow",
          "ige_pairs", "ratio_courses", "cumulative", "on_treatment", "residuals")  # fmt: skip
OWN_ID = re.compile(r"\bP[0-9]{3,}\b")


@pytest.fixture(scope="module")
def drawn() -> dict:
    return dict(drawings(*shipped()))


def visible(artist) -> bool:
    return isinstance(artist, Line2D | Patch | Text | Collection) and artist.get_visible()


def colours_of(artist) -> list:
    """The colours with which an artist paints."""
    if isinstance(artist, Text):
        return [artist.get_color()] if artist.get_text() else []
    if isinstance(artist, Line2D):
        line = [artist.get_color()] if artist.get_linestyle() != "None" else []
        marks = [artist.get_markerfacecolor(), artist.get_markeredgecolor()]
        return line if artist.get_marker() in ("", "None", None) else line + marks
    found = [*np.atleast_2d(artist.get_facecolor()), *np.atleast_2d(artist.get_edgecolor())]
    return [each for each in found if len(each) and each[3] > 0]


def vector_of(figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="svg")
    return file.getvalue()


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_every_figure_has_its_data(drawn):
    for name, drawing in drawn.items():
        assert drawing.data.rows and all(len(row) == len(drawing.data.align) for row in drawing.data.rows), name
        assert not re.search(r"\bnan\b|\bNone\b", drawing.data._repr_markdown_()), name


@pytest.mark.parametrize("name", ["easi_courses", "scorad_courses"])
def test_the_data_of_a_course_are_the_points_of_its_lines(drawn, name):
    """On a phone, too; every line of a child is marked as that child's."""
    _, median, _, *rows = drawn[name].data.rows
    for figure in (drawn[name].figure, on_a_phone(drawn[name])):
        (axes,) = figure.axes
        children = {line.get_gid(): list(line.get_ydata()) for line in axes.lines if line.get_gid()}
        assert children == {f"patient-{row[0]}": [number(cell) for cell in row[1:] if cell != "–"] for row in rows}
        middle = next(line for line in axes.lines if to_hex(line.get_color()) == to_hex(style.RESULT))
        assert list(middle.get_ydata()) == pytest.approx([number(cell) for cell in median[1:]], abs=0.051)
        assert list(middle.get_xdata()) == [0, 4, 8, 16, 26], "weeks are to scale"


def test_figures_use_the_colours_that_have_a_meaning_and_no_others(drawn):
    """Orange, for instance, is a patient without the response, and nothing else."""
    allowed = {to_hex(colour) for colour in style.DARK}
    for name, drawing in drawn.items():
        used = {to_hex(colour) for artist in drawing.figure.findobj(visible) for colour in colours_of(artist)}
        assert used <= allowed, (name, used - allowed)


def test_small_multiples_stand_in_the_order_of_the_result_and_name_every_child(drawn):
    """The one without a response is last and has its colour; so it has in every figure that shows single children."""
    ranked = ranking(shipped()[0], 26)
    (last,) = ranked.without
    assert ranked.order[-1] == last
    for name in ("easi_courses", "scorad_courses", "itch_and_sleep"):
        (axes,) = drawn[name].figure.axes
        names = [text.get_text() for text in axes.texts if (text.get_gid() or "").startswith("patient-")]
        assert names == list(ranked.order)
    for name in ("easi_courses", "itch_and_sleep", "ige_pairs", "ratio_courses", "easi_waterfall", "every_patient"):
        for figure in (drawn[name].figure, on_a_phone(drawn[name])):
            marked = [artist for artist in figure.findobj(Artist) if (artist.get_gid() or "").startswith("patient-")]
            assert {artist.get_gid() for artist in marked} == {f"patient-{child}" for child in ranked.order}
            orange = {artist.get_gid() for artist in marked if to_hex(style.NO_RESPONSE) in map(to_hex, colours_of(artist))}
            assert orange == {f"patient-{last}"}, name


def test_bars_and_their_data_are_in_the_same_order(drawn):
    drawing = drawn["easi_waterfall"]
    heights = [bar.get_height() for bar in drawing.figure.axes[0].patches]
    widths = [bar.get_width() for bar in on_a_phone(drawing).axes[0].patches]
    assert heights == widths == pytest.approx([number(row[1]) for row in drawing.data.rows], abs=0.051)


def test_quartiles_stay_within_the_scale_and_every_visit_has_its_n(drawn):
    for name in ("easi_courses", "scorad_courses", "itch_and_sleep"):
        for axes in drawn[name].figure.axes:
            bars = [line.get_ydata() for line in axes.lines if len(set(line.get_xdata())) == 1 < len(line.get_xdata())]
            assert bars and all(low >= 0 for low, _ in bars), name
    for name in ("modelled_changes", "ratio_courses"):
        for axes in drawn[name].figure.axes:
            labels = [label.get_text() for label in axes.get_xticklabels()]
            assert all(re.fullmatch(r"\d+\n\d+(/\d+)?", label) for label in labels if label != "0\n"), name


def test_figures_with_ids_of_the_report_show_no_other_in_their_data():
    tables, _, results = shipped()
    report = relabelled(tables, report_ids(tables))
    per_child = [
        efficacy_shown.score_courses(report, results, 26, "easi"), efficacy_shown.score_courses(report, results, 26, "scorad"),
        efficacy_shown.itch_and_sleep(report, results, 26), efficacy_shown.easi_waterfall(report, results, 26),
        ige_shown.before_after(report, results, 26), cohort_shown.every_patient(report, results, 26),
    ]  # fmt: skip
    for drawing in per_child:
        text = drawing.data._repr_markdown_()
        assert "R0" in text and not OWN_ID.search(text)


def test_small_counts_of_subgroups_are_kept_back_in_the_data():
    _, _, results = shipped()
    small = "subgroups.iga_0_1_girls.w26.nri.n"
    changed = Results(replace(row, value=3, display="3") if row.id == small else row for row in results.values())

    def said(results: Results) -> str:
        return subgroups_shown.subgroup_forest(results, 26, "iga_0_1", "us").data._repr_markdown_().replace("\\", "")

    assert "3/11" in said(changed) and "Under 30 kg" in said(changed)
    shown = said(without_small_counts(changed, "us"))
    assert "3/11" not in shown and "Girls" not in shown and "Kept back: Sex, Weight." in shown


@pytest.mark.parametrize("name", PHONES)
def test_a_phone_gets_a_figure_that_can_be_read_without_enlarging(drawn, name):
    """At 360 pixels, which are 3.75 inches, no letter is smaller than 8 points, and nothing is cut off at the sides."""
    figure = on_a_phone(drawn[name])
    assert figure.get_figwidth() == style.NARROW
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert texts and min(text.get_fontsize() for text in texts) >= 8
    box = figure.get_tightbbox()
    assert box.width <= style.NARROW + 0.12, f"{box.width} inches"


def test_the_website_shows_the_figure_for_phones_in_the_place_of_the_other(drawn, monkeypatch):
    """A notebook has it and does not show it, paper has nothing; in a page it is a drawing with the words of the one before it."""
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda what, **_: shown.append(what))
    drawn["sensitivity"]._ipython_display_()
    page, paper = shown[1]["text/html"], shown[1]["text/markdown"]
    assert not paper and 'style="display: none"' in page
    wide = vector_of(drawn["sensitivity"].figure)
    found = with_figures(f'<img src="one.svg" alt="Forest plot." class="x">{page}', {"one.svg": wide}.get)
    seen = re.findall(r'<svg [^>]*class="([^"]*)"[^>]*aria-label="([^"]*)"', found)
    assert seen == [("x drawn", "Forest plot."), ("narrow drawn", "Forest plot.")]
    rules = (ROOT / "theme.css").read_text("utf-8")
    assert ":is(svg, img).narrow { display: none; }" in rules and "figure svg.drawn.narrow { display: block; }" in rules


def test_captions_name_the_marks_that_are_there_and_no_others():
    tables, _, results = shipped()
    words = Words(results)
    said = ige_shown.before_after_caption(tables, words, 26), ige_shown.ratio_courses_caption(tables, words, 26)
    assert all("Orange lines are of those without IGA 0/1 at week 26" in each for each in said)
    assert not any(mark in each for each in said for mark in ("hollow", "dotted", "thick"))
    assert "not assessed" in efficacy_shown.iga_caption(tables, words)
    assert "treatment stopped" not in efficacy_shown.iga_caption(tables, words)
    assert "empty" not in efficacy_shown.waterfall_caption(tables, words, 26)
    labs = [ige(1, 0, 500), ige(1, 26, 600), ige(2, 0, 5000, ">"), ige(2, 26, 5000, ">")]
    clear = cohort([({}, {"iga": 0}), ({}, {"iga": 1})], labs=labs)
    words = Words(compute(clear, design()))
    assert ige_shown.before_after_caption(clear, words, 26).endswith(
        "week 26. Thick lines rise; hollow points are censored values; dotted lines may rise or fall."
    )
    assert "range" not in cohort_shown.caption(words, 26) and "rang" not in efficacy_shown.courses_caption(clear, words, 26, "EASI")
    assert "hatched" not in efficacy_shown.iga_caption(clear, words) + efficacy_shown.waterfall_caption(clear, words, 26)
    assert efficacy_shown.iga_caption(clear, words).endswith(" Above: responders.")


def test_what_is_shown_of_one_patient_and_of_a_baseline_alone():
    one = cohort([({}, None)])
    results = compute(one, design())
    assert efficacy_shown.iga_caption(one, Words(results)).endswith("at each visit.")
    drawn = efficacy_shown.iga_distribution(one, results).figure
    assert not any("IGA 0/1" in text.get_text() for text in drawn.axes[0].texts)
    alone = "EASI of the one adolescent over time: 40.0 at baseline."
    assert efficacy_shown.alt_score_courses(results, "easi", "EASI") == alone


def test_the_p_value_of_more_differences_than_are_gone_through_is_not_called_exact(monkeypatch):
    _, _, results = shipped()
    assert efficacy_shown.how_exact(results, 26) == "exact given the ties"
    monkeypatch.setattr(efficacy_shown, "MOST_EXACT", 20)
    said = "exact given the ties up to 20 differences, and the normal approximation of more"
    assert efficacy_shown.how_exact(results, 26) == said and said in efficacy_shown.changes_table(results, 26).notes[0]


FIGURE = """
::: {#fig-one}
![](one.svg)

::: {.figure-data}
| Child | EASI |
|-------|-----:|
| P001  |  1.0 |
:::

One figure.
:::

After 95 % CI of EASI-75.
"""


@pytest.mark.parametrize("output_format", ["html", "pdf", "docx", "jats"])
def test_the_website_folds_the_data_below_the_figure_and_paper_leaves_them_out(output_format):
    document = pandoc.Document("chapters/one.qmd", output_format, FIGURE, range(1, 30))
    filters = [ROOT / "filters" / name for name in ("provenance.lua", "unbroken.lua")]
    blocks = pandoc.parse([document], filters, ROOT)[0]
    kinds = [block["t"] for block in blocks]
    text = pandoc.write(pandoc.joined([json.dumps(blocks).encode()], {}), "html", [], ROOT).decode()
    if output_format != "html":
        assert kinds == ["Div", "Para"] and "P001" not in text and "unbroken" not in text
    else:
        assert kinds == ["Div", "Div", "Para"] and "<details class=\"figure-data\">" in text
        assert "Data of this figure" in text and '<span class="unbroken">EASI-75.</span>' in text
    assert "95\u00a0%\u00a0CI" in text.replace("&nbsp;", "\u00a0")


def test_labels_below_an_axis_have_room():
    """Those of a year's visits, too."""
    found = Tables.of(read_tables(ROOT / "data/examples/week-52"))
    how = shipped()[1]
    results = compute(found, how)
    assert 52 in results.weeks("efficacy", "easi_75")
    for name, drawing in drawings(found, how, results):
        for axes in drawing.figure.axes + on_a_phone(drawing).axes:
            low, high = sorted(axes.get_xlim())
            ticks = [tick for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high and tick.label1.get_text()]
            boxes = sorted((tick.label1.get_window_extent() for tick in ticks), key=lambda box: box.x0)
            for left, right in pairwise(boxes):
                assert left.x1 < right.x0, (name, axes.get_title(loc="left"), [tick.label1.get_text() for tick in ticks])
