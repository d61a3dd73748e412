"""Valid cuts of every kind that the data dictionary allows: the gate finds nothing critical in them."""

import tempfile
from pathlib import Path

import pytest
from cut_examples import PARAMETERS, Cut, valid_cut, write_cut
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_privacy import EPONYMS, HARMLESS

from expectations.characters import odd_text
from expectations.gate import check
from protocol.scores import scorad

# Nobody writes one word in two alphabets, and the gate refuses it.
ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyzäöüßéñ", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "αβγδεζηθικλμνξπρσςτυφχψω", "湿疹痒水疱紅斑皮膚炎",
]
WORDS = (
    st.sampled_from(ALPHABETS)
    .flatmap(lambda letters: st.text(st.sampled_from(letters), min_size=5, max_size=14))
    .filter(lambda word: len(set(word)) > 2)
)
TEXTS = st.one_of(
    st.sampled_from([*HARMLESS, *EPONYMS]),
    st.lists(WORDS, min_size=1, max_size=4).map(" ".join),
    st.sampled_from(['"quoted", with a comma', "<b>bold</b>", "=1+1", "it’s 5 % – fine", "emoji 🙂", "a|b*c_d`e`$f$"]),
).filter(lambda text: odd_text(text, "term") is None)  # "нет" is no term


def tenths(low: float, high: float):
    return st.integers(round(low * 10), round(high * 10)).map(lambda value: value / 10)


def written(value: float | None) -> st.SearchStrategy[str]:
    """A number as people write it: 5, 5.0 and 5.00 are the same."""
    if value is None:
        return st.just("")
    forms = [f"{value:.1f}", f"{value:.2f}"] + ([f"{value:.0f}"] if value == round(value) else [])
    return st.sampled_from(forms)


def or_missing(values):
    return st.one_of(values, st.none())


@st.composite
def valid_cuts(draw) -> Cut:
    """A cut of one to five patients with anything in it that is allowed, likely or not."""
    weeks = (0, *draw(st.lists(st.sampled_from([4, 8, 16, 26, 39, 52]), unique=True).map(sorted)))
    cut = valid_cut(draw(st.integers(1, 5)), weeks)
    flag, last = st.sampled_from(["0", "1", "0.0", "1.0"]), {}
    for row in cut["patients"]:
        age = draw(tenths(8, 18))
        last[row["patient_id"]] = contact = draw(tenths(weeks[-1], weeks[-1] + 20))
        row |= {
            "sex": draw(st.sampled_from("FM")), "age_years": draw(written(age)), "weight_kg": draw(written(draw(tenths(10, 150)))),
            "ad_duration_years": draw(written(draw(tenths(0, age)))), "asthma": draw(flag), "allergic_rhinitis": draw(flag),
            "food_allergy": draw(flag), "prior_systemic_therapy": draw(TEXTS), "last_contact_week": draw(written(contact)),
        }  # fmt: skip
        if draw(st.booleans()):
            row["discontinued_week"] = draw(written(draw(tenths(0, contact))))
            row["discontinuation_reason"] = draw(TEXTS)
    for row in cut["visits"]:
        parts = [
            draw(each if row["week"] == "0" else or_missing(each))
            for each in (tenths(0, 100), st.integers(0, 18), tenths(0, 10), tenths(0, 10))
        ]
        total = None if None in parts else round(scorad(*parts), 1)
        names = ("scorad_extent", "scorad_intensity", "scorad_pruritus", "scorad_sleep_loss", "scorad")
        row |= {name: draw(written(value)) for name, value in zip(names, [*parts, total], strict=True)}
        row["iga"] = draw(written(draw(or_missing(st.integers(0, 4)))))
        row["easi"] = draw(written(draw(or_missing(tenths(0, 72)))))
        row["tcs_use"] = draw(st.sampled_from(["", "0", "1"]))
        row["emollient_per_day"] = draw(written(draw(or_missing(tenths(0, 10)))))
    for row in cut["labs"]:
        row |= {"qualifier": draw(st.sampled_from(["", "<", ">"])), "value": draw(written(draw(tenths(0, 50_000))))}
    for row in cut["doses"]:
        row |= {"given": draw(flag), "dose_mg": draw(written(draw(tenths(50, 600))))}
    for row in cut["adverse_events"]:
        start = draw(st.integers(1, 7 * int(last[row["patient_id"]]) + 1))
        end = draw(or_missing(st.integers(start, 7 * int(last[row["patient_id"]]) + 8)))
        row |= {
            "term": draw(TEXTS), "system_organ_class": draw(TEXTS), "start_day": str(start),
            "end_day": "" if end is None else str(end),
            "severity": draw(st.sampled_from(["mild", "moderate", "severe"])), "serious": draw(flag),
            "outcome": draw(st.sampled_from(["recovered", "recovering", "not recovered", "fatal", "unknown"])),
            "action": draw(st.sampled_from(["none", "delayed", "discontinued"])),
        }  # fmt: skip
    if draw(st.booleans()):
        cut["adverse_events"] = []
    return cut


def no_false_alarm(cut: Cut) -> None:
    with tempfile.TemporaryDirectory() as folder:
        verdict = check(write_cut(Path(folder), cut), PARAMETERS)
    assert verdict.valid, [finding.message for finding in verdict.findings if finding.level == "critical"]


@given(cut=valid_cuts())
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_valid_cut_raises_no_false_alarm(cut):
    no_false_alarm(cut)


@pytest.mark.slow
@given(cut=valid_cuts())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_valid_cuts_raise_no_false_alarm(cut):
    no_false_alarm(cut)
