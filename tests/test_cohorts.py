"""The report reads as if it were written for each cohort: what holds of every sentence, whoever the patients are.

A cohort's report is made once and read by every rule.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from cohorts import COHORTS
from conftest import ROOT
from rendered_text import STOPPED, Sentence, Text, chapters, rendered

from renderer.source import Prose, read_source

QUICK = ("shipped", "week 16 as the primary one", "one child")
"""Cohorts that every run of the tests reads."""
OTHER_STUDIES = ("introduction", "discussion", "published")
"""Chapters that speak of other studies' patients, too."""
Found = Iterator[tuple[str, str]]
"""Chapter and text of each fault."""
_TEXTS: dict[str, Text] = {}


@pytest.fixture(scope="session")
def read(tmp_path_factory) -> Callable[[str], Text]:
    """The text of a cohort's report, made at the first call."""

    def text(name: str) -> Text:
        if name not in _TEXTS:
            _TEXTS[name] = rendered(tmp_path_factory.mktemp("cohort") / "cut", name)
        return _TEXTS[name]

    return text


def running(text: Text) -> list[Sentence]:
    """What stands in sentences; tables and labels of figures hold single words."""
    return [each for each in text.sentences if each.kind != "picture"]


def clinical(name: str) -> bool:
    return COHORTS[name] is not None


def adults(name: str) -> bool:
    return clinical(name) and COHORTS[name].ages[0] >= 18


def everybody(name: str) -> bool:
    return True


def words(
    pattern: str, holds: Callable[[str], bool] = everybody, cells: bool = False, but: str = "(?!)", context: bool = True
):
    """A rule that no sentence of the cohorts for which it `holds` has these words.

    With `cells` no cell of a table and no label of a figure may have them either. `but` matches text that is left out before; without
    `context` the chapters about other studies are left out.
    """

    def rule(name: str, text: Text) -> Found:
        if holds(name):
            for each in [*text.sentences, *text.cells] if cells else running(text):
                if (context or each.chapter not in OTHER_STUDIES) and re.search(pattern, re.sub(but, "", each.text)):
                    yield each.chapter, each.text

    return rule


# --- rules that compare the text with the results --------------------------------------------------------------

_NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?")


def numbers_agree(name: str, text: Text) -> Found:
    """A printed number is the one of the result whose id it carries; of a decrease, which a claim states without a sign, its size."""
    for chapter, printed, ids in text.numbers:
        known = [text.displays[each] for each in ids if each in text.displays]
        allowed = [
            float(number.replace("−", "-")) for display in known for number in _NUMBER.findall(display.replace(",", ""))
        ]
        for number in _NUMBER.findall(printed.replace(",", "")) if known else ():
            decimals = len(number.partition(".")[2])
            if not any(
                abs(abs(float(number.replace("−", "-"))) - abs(value)) <= 0.5 * 10**-decimals for value in allowed
            ):
                yield chapter, f"{printed}: {number} is not in {known}"


def counts_are_results(name: str, text: Text) -> Found:
    """Both numbers of every "6 of 64" are counts of this cohort, in alternative texts, too."""
    counts = {display for display in text.displays.values() if display.isdigit()}
    for each in running(text):
        if each.chapter not in OTHER_STUDIES:
            for pair in re.findall(r"(?<![\w.])(\d+) of (\d+)(?![\w.]| claims)", each.text):
                if not counts.issuperset(pair):
                    yield each.chapter, each.text


def reasons_are_told(name: str, text: Text) -> Found:
    """Whoever stopped, the reason stands in the report."""
    cohort = COHORTS[name]
    if cohort is not None and cohort.stopped:
        told = " ".join(each.text for each in [*text.sentences, *text.cells])
        for reason in cohort.reasons:
            if reason not in told:
                yield "results", reason


def doses_add_up(name: str, text: Text) -> Found:
    """Where fewer doses were given than due and the label was kept by all, the difference is stated with its reason."""
    n, everyone, due, given = (
        text.displays[f"exposure.{each}"]
        for each in ("children_conforming.n", "children_conforming.N", "doses_expected.n", "doses.given.n")
    )
    if n == everyone and due != given:
        lacking = rf"\b{int(due) - int(given)}\b"
        if not any(
            each.chapter == "exposure" and "due" in each.text and re.search(lacking, each.text) for each in running(text)
        ):
            yield "exposure", f"{due} due, {given} given, label kept by {n} of {everyone}"


def severe_if_so(name: str, text: Text) -> Found:
    """Nobody calls a cohort severe in which somebody had a moderate EASI (up to 21, Leshem 2015); those who were are counted."""
    if float(text.displays["efficacy.easi.w0.observed.min"]) <= 21:
        counted = (
            r"\d \(clear\) to 4 \(severe\)|mild, moderate or severe|severe in \d+|severe in [A-Z]\w+ \d{4}|severe above \d+ points"
        )
        yield from words(r"\bsevere(ly)?\b", clinical, but=counted)(name, text)


def unseen_weeks_have_no_result(name: str, text: Text) -> Found:
    """Where the follow-up has not come to the primary week, nobody is counted as without response at it."""
    cohort = COHORTS[name]
    if cohort is not None and cohort.primary_week > cohort.weeks[-1]:
        week = f"at week {cohort.primary_week}"
        pattern = (
            rf"(?i){week},? 0(\.0| of)|reached by 0 of .*{week}|percent \([^)]*\) {week}|{week}, .*reached by 0 of"
        )
        yield from words(pattern)(name, text)


def number_of_the_paper(name: str, text: Text) -> Found:
    """The size of the paper's cohort is that of no other."""
    if "27" not in text.displays.values():
        yield from words(r"(?<![\w.])27 (children|patients)|\bof 27\b", but=r"[^.]*\[@[^.]*", cells=True)(name, text)


def nothing_to_list(name: str, text: Text) -> Found:
    """Where nothing is to be listed, no table is announced."""
    if text.displays["exposure.doses.conforming.percent"] == "100.0":
        yield from words("lists the others|Given doses that depart")(name, text)
    if any("is the first one, so there is nothing to compare" in each.text for each in text.sentences):
        yield from words("^@tbl-.*(list|count|show)s|corrected|that moved|were added")(
            name, Text([each for each in text.sentences if each.chapter == "changes"])
        )


RULES: dict[str, Callable[[str, Text], Found]] = {
    "nothing stops": words(STOPPED, cells=True),
    "what cannot be estimated has a sentence of its own": words(r"not estimable|\b(nan|None(?! of )|null|inf)\b"),
    "no share of nobody": words(r"\b0 of 0\b|\b0/0\b|\b0 children cut|each of 0\b"),
    "a count kept back is no number": words(r"<5 of|of kept back|kept back of|/kept back", cells=True),
    "adults are no children": words(
        r"(?i)\b(child(ren)?('s|’s)?|girls?|boys?|p(a)?ediatric)\b", adults, cells=True, but=r"@[\w-]+", context=False
    ),
    "boys are no girls": words(
        r"(?i)\bgirls\b", lambda name: clinical(name) and "F" not in COHORTS[name].sexes, cells=True
    ),
    "severe where it is so": severe_if_so,
    "sizes are computed": words(
        r"(?i)large improvement|nearly every|small,? (uncontrolled )?cohort|small, uncontrolled|so few|few children|\ba few\b|handful|"
        r"these few|many times|groups of this size",
        clinical,
    ),
    "the paper is another study": words(
        r"(?i)\breproduces\b|\bthe paper|paper’s|published (aggregates?|abstract|claims?|figures?|percentages?|means?)\b|"
        r"\bthe abstract|\bthe source\b|@?glukhova|\bclaims?\b",
        clinical,
        cells=True,
    ),
    "background treatment is a fact": words(r"twice a day|(?<!cohorts from )routine care", clinical),
    "the label in force": words(
        r"United States", lambda name: clinical(name) and COHORTS[name].label == "eu", cells=True
    ),
    "the other label": words(
        r"European", lambda name: clinical(name) and COHORTS[name].label == "us", cells=True, context=False
    ),
    "one is one": words(
        r"(?<![\d.,−/])1 (children|patients|girls|boys|adults|doses|events|visits|warnings|episodes|samples|values)\b|"
        r"\b1 of 1\b|(?<![\d.])1 \w+ were\b"
    ),
    "a range has two ends": words(r"(?<![\w.−])(−?\d+(\.\d+)?) to \1(?![\d.])"),
    "none is a word": words(
        r"\b0 of them\b|\b0 (events?|warnings|episodes|missed)\b|"
        r"\bin 0 (children|patients)|0 of \d+ recorded|, 0 of them|falls in 0 of"
    ),
    "a percentage has a space and one decimal": words(
        r"\d%|(?<![\d.,–−-])\d+\.\d{2,} %", cells=True, but=r"@[\w-]+|https?://\S+", context=False
    ),
    "a range has no dash": words(r"\d–\d", cells=True, but=r"\d{4};.*?doi", context=False),
    "a minus is a minus": words(r"(?<![\w./@-])[-–]\d", cells=True),
    "an interval has one form": words(r"95%|95 ?% ?CI ?[\[:]|CI −?[\d.]+(, |–)−?\d|\[−?\d", cells=True),
    "a p value has one form": words(r"\bP ?[<=]|\bp[<=]|\bp [<=] ?\.|p = 0\.000|p = 0\.\d{1,2}\b(?!\d)", cells=True),
    "units are those of the field": words(r"(?i:\bk[ui]/l\b)(?<!kU/L)|\d(mg|kg|kU/L)\b|\bmgs\b|\bkgs\b", cells=True),
    "an age is as it was recorded": words(r"\b\d+\.0 to \d+\.0 years|\b(aged?|of) \d+\.0 years", cells=True),
    "nothing is left over": words(
        r"  |\(\)|\(not |changed by (not|\.)| [,;.](?!\d)|\.\.(?!\.)|, ,|;\.|"
        r"\bto to\b|\bof of\b|: ;|Drawing\(|<Figure|\bTrue\b|\bFalse\b"
    ),
    "numbers are those of the results": numbers_agree,
    "counts are those of the results": counts_are_results,
    "a week not yet reached has no result": unseen_weeks_have_no_result,
    "reasons for stopping are told": reasons_are_told,
    "doses add up": doses_add_up,
    "the number of the paper": number_of_the_paper,
    "nothing is announced that is not there": nothing_to_list,
}


def cases():
    for name in COHORTS:
        for rule in RULES:
            marks = () if name in QUICK else pytest.mark.slow
            yield pytest.param(name, rule, marks=marks, id=f"{name}: {rule}")


@pytest.mark.parametrize(("name", "rule"), list(cases()))
def test_every_sentence_is_true_of_the_cohort(name, rule, read):
    found: dict[str, list[str]] = {}
    for chapter, text in RULES[rule](name, read(name)):
        found.setdefault(chapter, []).append(text)
    assert not found, f"in {name}: {found}"


def test_the_reports_are_whole(read):
    """The rules have something to read: every chapter of the book, with alternative texts, captions and notes."""
    text = read("shipped")
    with_words = {each.chapter for each in text.sentences}
    assert {name.rpartition("/")[2].removesuffix(".qmd") for name in chapters()} <= with_words
    assert {"text", "caption", "alt text", "note", "picture", "heading"} <= {each.kind for each in text.sentences}
    assert len(text.numbers) > 500 and len(text.cells) > 500


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("what cannot be estimated has a sentence of its own", "Mean total IgE changed by not estimable kU/L."),
        ("no share of nobody", "It falls in 0 of 0 patients."),
        ("a count kept back is no number", "Girls <5 of kept back."),
        ("one is one", "1 patients were enrolled."),
        ("a range has two ends", "aged 6 to 6 years"),
        ("none is a word", "0 of them stopped."),
        ("nothing is left over", "The mean was 3 (not estimable)."),
        ("a percentage has a space and one decimal", "It was 96.3% of them."),
        ("a percentage has a space and one decimal", "It was 96.30 % of them."),
        ("a range has no dash", "EASI, 0–72"),
        ("a minus is a minus", "a change of -3.2 points"),
        ("an interval has one form", "(95 % CI: 3 to 4)"),
        ("an interval has one form", "(95 % CI 3.1, 4.2)"),
        ("a p value has one form", "P < 0.001"),
        ("a p value has one form", "p = 0.03"),
        ("units are those of the field", "1518 KU/l"),
        ("units are those of the field", "300mg"),
        ("an age is as it was recorded", "The range was 8.0 to 18.0 years."),
        ("nothing is left over", "A word  twice apart."),
        ("counts are those of the results", "Seen: 3 of 99 patients."),
        ("nothing stops", f"{STOPPED} KeyError"),
    ],
)
def test_a_rule_finds_what_it_is_for(rule, sentence):
    assert list(
        RULES[rule]("shipped", Text([Sentence("results", "text", sentence)], displays={"population.enrolled.n": "3"}))
    )
    assert not list(RULES[rule]("shipped", Text([Sentence("results", "text", "Three patients were seen.")])))


WORDS = {"drug": r"(?i)\bdupilumab\b", "patients": r"(?i)\b(child|children|girls|boys)\b"}
"""Words of the protocol, by what they name."""


@pytest.mark.parametrize("name", chapters())
@pytest.mark.parametrize("word", WORDS)
def test_chapters_take_words_of_the_study_from_the_protocol(name, word):
    prose = [item.text for item in read_source(ROOT / name, name).items if isinstance(item, Prose)]
    typed = [line for text in prose for line in text.split("\n") if re.search(WORDS[word], re.sub(r"`[^`]*`|[#@][\w-]+", "", line))]
    assert not typed, typed
