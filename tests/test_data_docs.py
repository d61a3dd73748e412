"""Data Docs: pages that open anywhere, say nothing of a patient, and are the same for the same data."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cut_examples import PARAMETERS, valid_cut, write_cut

from expectations import checkpoint
from expectations.data_docs import write_data_docs
from expectations.gate import Verdict, check
from expectations.reading import READING_RULES
from protocol.columns import TABLES


@pytest.fixture(scope="module")
def cut_folder(tmp_path_factory) -> Path:
    """A cut with a critical finding, a warning and an empty file; its texts are unmistakable."""
    cut = valid_cut(4)
    cut["visits"][3]["easi"] = "84.217"
    cut["visits"][4]["week"] = "27"
    cut["adverse_events"][1] |= {"term": "Unmistakable", "severity": "Peculiar"}
    folder = write_cut(tmp_path_factory.mktemp("cut"), cut)
    (folder / "doses.csv").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def verdict(cut_folder) -> Verdict:
    return check(cut_folder, PARAMETERS)


@pytest.fixture(scope="module")
def pages(verdict, tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("docs") / "made" / "on demand"
    return {path.name: path.read_text(encoding="utf-8") for path in write_data_docs(verdict, folder)}


class Addresses(HTMLParser):
    """Every address that a page loads or links to, and its elements."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.elements: set[str] = set()
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.found += [value for name, value in attrs if name in {"href", "src", "action", "data", "srcset", "poster"}]
        self.ids += [value for name, value in attrs if name == "id"]


def test_there_is_a_page_for_each_suite(pages):
    suites = [name.replace("_", "-") for name in (*TABLES, checkpoint.ACROSS)]
    assert sorted(pages) == sorted(["index.html", "data-docs.css", *(f"{suite}.html" for suite in suites)])


def test_pages_load_nothing_from_elsewhere(pages):
    for name, page in pages.items():
        assert "://" not in page and "@import" not in page and "url(" not in page
        if name.endswith(".html"):
            read = Addresses(page)
            assert set(read.found) <= set(pages), name
            assert not read.elements & {"script", "style", "iframe", "object", "embed", "base", "form"}
            assert "content=\"default-src 'none'; style-src 'self';" in page and " style=" not in page, name
            assert len(read.ids) == len(set(read.ids))


def test_pages_show_no_values_patients_times_or_places(pages, cut_folder):
    everything = "\n".join(pages.values())
    for secret in (
        "84.2",
        "Unmistakable",
        "Peculiar",
        "P001",
        "P002",
        "ciclosporin",
        cut_folder.name,
        str(cut_folder.parent),
    ):
        assert secret not in everything
    assert not re.search(r"20\d\d-\d\d|\d\d:\d\d|run_id|[0-9a-f]{8}-[0-9a-f]{4}", everything)


def test_every_rule_is_on_its_page(pages):
    for suite in (*TABLES, checkpoint.ACROSS):
        page = pages[f"{suite.replace('_', '-')}.html"]
        rules = [expectation["meta"]["rule"] for expectation in checkpoint.load_suite(suite)["expectations"]]
        assert Addresses(page).ids == rules
    for rule in READING_RULES:
        assert f"<code>{rule}</code>" in pages["index.html"]


def _state(page: str, rule: str) -> str:
    return re.search(rf'<tr id="{rule}">.*?class="badge (\w+)"', page, re.DOTALL)[1]


def test_outcomes_are_those_of_the_verdict(pages):
    assert "not valid" in pages["index.html"] and "3\ncritical findings" in pages["index.html"]
    assert _state(pages["visits.html"], "visits-easi-range") == "critical"
    assert _state(pages["visits.html"], "visits-week-planned") == "warning"
    assert _state(pages["visits.html"], "visits-iga-range") == "met"
    assert _state(pages["patients.html"], "patients-discontinued-week-range") == "idle"
    assert _state(pages["doses.html"], "doses-kind-choice") == "skipped"
    assert "0, 4, 8, 16, 26, 39, 52" in pages["visits.html"]  # settings of the study, not the names of parameters


def test_two_runs_write_the_same_bytes(cut_folder, pages, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "_LATELY", {})  # every suite is run again
    again = write_data_docs(check(cut_folder, PARAMETERS), tmp_path)
    assert {path.name: path.read_bytes().decode("utf-8") for path in again} == pages
