"""Funding, ethics, registration, interests and data: from the settings, strictly read, and never somebody else's."""

import dataclasses
import datetime
import re

import pytest
from conftest import ROOT

from study.analysed import analyse_reported
from study.errors import UsageError
from study.report import Report
from study.settings import load_published, load_settings
from study.statements import TOPICS, Ethics, Registration, Statements, sentences

STATED = """\
funding: "Society *of* Dermatology, grant 12"
ethics:
  body: "Ethics committee, Bonn"
  number: "12/21"
  date: 2021-03-04
  consent: "Parents consented in writing."
registration: {registry: "DRKS", id: "DRKS00012345"}
competing_interests: "None."
data_availability: "On request."
"""
ALL = Statements(
    "Society *of* Dermatology, grant 12",
    Ethics("Ethics committee, Bonn", "12/21", datetime.date(2021, 3, 4), "", "Parents consented in writing."),
    Registration("DRKS", "DRKS00012345"), "None.", "On request.",
)  # fmt: skip


def settings(tmp_path, text: str):
    path = tmp_path / "study.yml"
    path.write_text((ROOT / "study.yml").read_text("utf-8") + text, encoding="utf-8")
    return load_settings(path)


def test_the_statements_of_the_settings_are_read(tmp_path):
    assert settings(tmp_path, STATED).statements == ALL
    assert load_settings().statements == Statements(), "the shipped report has the paper's alone"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("funding:\n", 1, "funding is empty"),
        ("funding: ''\n", 1, "funding is empty"),
        ("funding: [A, B]\n", 1, "funding is no text"),
        ("funding: false\n", 1, "funding is no text"),
        ("cut_again: 1\nfunding: 12\n", 2, "funding is no text"),
        ("ethics: approved\n", 1, "ethics must have the keys body"),
        ("ethics:\n  number: '12'\n", 1, "ethics lacks body"),
        ("ethics:\n  body: Committee\n  number: 12\n", 3, "ethics.number must be a text"),
        ("ethics:\n  body: Committee\n  date: March 2021\n", 3, "ethics.date must be a date"),
        ("ethics:\n  body: Committee\n  date:\n", 3, "ethics.date must be a date"),
        ("ethics:\n  body: Committee\n  committee: X\n", 3, "ethics.committee is unknown"),
        ("ethics:\n  body: Committee\n  none: not needed\n", 3, "both none and body"),
        ("registration:\n  registry: DRKS\n", 1, "registration lacks id"),
        ("registration: {}\n", 1, "registration lacks registry, id"),
        ("registration:\n  none:\n", 2, "registration.none is empty"),
        ("competing_interest: none\n", 1, "unknown setting 'competing_interest'"),
    ],
)
def test_a_wrong_statement_is_refused_with_key_and_line(tmp_path, text, place, said):
    lines = len((ROOT / "study.yml").read_text("utf-8").splitlines())
    with pytest.raises(UsageError) as problem:
        settings(tmp_path, text)
    assert re.search(rf"line {lines + place}: [^;]*{re.escape(said)}", str(problem.value)), str(problem.value)


def test_all_wrong_statements_are_told_at_once(tmp_path):
    with pytest.raises(UsageError) as problem:
        settings(tmp_path, "funding:\nethics: {number: 12}\nregistration: none\n")
    told = ("funding is empty", "ethics.number", "ethics lacks body", "registration must have")
    assert all(each in str(problem.value) for each in told)


def plain(markdown: str) -> str:
    return re.sub(r"\\(.)", r"\1", markdown)


def test_a_statement_is_no_markup():
    assert r"\*of\*" in sentences("funding", ALL, None)


@pytest.mark.parametrize("file", ["docs/adapting.md", "study.yml"])
def test_the_examples_work_as_written(tmp_path, file):
    text = (ROOT / file).read_text("utf-8")
    if file == "study.yml":
        example = "\n".join(re.findall(rf"^# ((?:{'|'.join(TOPICS)}): .*)$", text, flags=re.M))
    else:
        [example] = re.findall(r"## Its funding.*?```yaml\n(.*?)```", text, flags=re.S)
    stated = settings(tmp_path, example).statements
    assert all(getattr(stated, topic) for topic in TOPICS)


def test_a_clinical_report_has_its_own_statements():
    said = {topic: plain(sentences(topic, ALL, None)) for topic in TOPICS}
    assert said == {
        "funding": "Society *of* Dermatology, grant 12.",
        "ethics": "Approved by Ethics committee, Bonn, number 12/21, 4 March 2021. Parents consented in writing.",
        "registration": "DRKS, DRKS00012345.",
        "competing_interests": "None.",
        "data_availability": "On request.",
    }


def test_reasons_stand_for_what_there_is_not():
    none = Statements(ethics=Ethics(none="a register study", consent="Waived."), registration=Registration(none="routine data"))
    assert plain(sentences("ethics", none, None)) == "Approval was not sought: a register study. Waived."
    assert plain(sentences("registration", none, None)) == "Not registered: routine data."


def test_what_an_approval_lacks_is_said_with_its_key():
    said = sentences("ethics", Statements(ethics=Ethics("Committee")), None)
    assert said.startswith("Approved by Committee. The number and the date of the approval are not stated in study.yml")
    assert "`ethics.number` and `ethics.date`" in said and "`ethics.consent`" in said


@pytest.mark.parametrize("topic", TOPICS)
def test_a_clinical_report_without_statements_says_so_with_the_key(topic):
    verb = "are" if topic == "competing_interests" else "is"
    assert sentences(topic, Statements(), None) == f"{TOPICS[topic]} {verb} not stated in study.yml (key `{topic}`)."


@pytest.fixture(scope="module")
def shipped():
    return analyse_reported()


def test_a_reconstructed_report_gives_the_papers_statements_as_the_papers(shipped):
    said = {topic: Report(shipped).declared(topic) for topic in TOPICS}
    assert plain(said["funding"]).startswith("The paper states its funding as: none. This report computes from reconstructed data")
    assert said["ethics"] == "Ethics approval is not reported in the source."
    own = plain(sentences("funding", ALL, load_published().paper))
    assert own == "The paper states its funding as: none. Of this report: Society *of* Dermatology, grant 12."


def test_a_clinical_cut_never_shows_the_papers(shipped):
    clinical = dataclasses.replace(shipped, cut=dataclasses.replace(shipped.cut, kind="clinical"))
    said = {topic: Report(clinical).declared(topic) for topic in TOPICS}
    assert all(re.fullmatch(r".+ (is|are) not stated in study\.yml \(key `\w+`\)\.", text) for text in said.values())


def test_the_chapters_print_every_statement_and_none_of_the_papers_directly():
    texts = "".join(path.read_text("utf-8") for path in [ROOT / "index.qmd", *(ROOT / "chapters").glob("*.qmd")])
    assert all(f'report.declared("{topic}")' in texts for topic in TOPICS)
    assert 'paper["funding"]' not in texts
