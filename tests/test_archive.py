"""The archive: what is in it, what it says of itself, and that it verifies itself and notices a changed digit."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import change_cell

import study.delivery
import study.unpacked
from study.analysed import analyse
from study.archive import SOURCE, SUMS, write_archive
from study.cuts import find_cut
from study.errors import RenderingFailed, UsageError
from study.paths import ROOT
from study.settings import load_published, load_settings
from study.unpacked import verify_archive

# The terms of RO-Crate 1.1's context (https://w3id.org/ro/crate/1.1/context) that the archive may use: an unknown one fails.
SCHEMA_ORG = [
    "Dataset", "CreativeWork", "Person", "Organization", "ScholarlyArticle", "SoftwareApplication", "CreateAction",
    "name", "description", "datePublished", "license", "author", "citation", "hasPart", "mentions", "about",
    "contentSize", "encodingFormat", "identifier", "version", "softwareVersion", "url", "agent", "instrument",
    "object", "result", "endTime", "creditText",
]  # fmt: skip


@pytest.fixture(scope="module")
def finished(shipped, tmp_path_factory):
    """A report folder as a render leaves it, with a page and a notebook that stand for all of them."""
    report = tmp_path_factory.mktemp("report")
    (report / "notebooks").mkdir()
    (report / "index.html").write_text("<p>27 children</p>", "utf-8")
    (report / "notebooks" / "index.ipynb").write_text('{"cells": []}', "utf-8")
    study.delivery.complete(report, shipped, "builtin", ["html"], 0.0)
    return report


def archived(analysed, target, report, **options):
    options = {"with_data": False, "with_wheels": False} | options
    write_archive(analysed, target, **options, say=lambda _: None, report=report)
    return target


@pytest.fixture(scope="module")
def archive(shipped, finished, tmp_path_factory):
    return archived(shipped, tmp_path_factory.mktemp("archive") / "report.zip", finished)


def names(path):
    with zipfile.ZipFile(path) as source:
        return source.namelist()


def test_archive_holds_source_data_report_and_records(archive):
    wanted = {
        "README.md", "requirements.lock", "study/cli.py", "chapters/results.qmd", "data/cuts/week-26/visits.csv", "_book/index.html",
        "_book/results.csv", "_book/notebooks/index.ipynb", "_book/provenance.json", "receipt.json", "environment.json",
        "ro-crate-metadata.json", SUMS,
    }  # fmt: skip
    assert wanted <= set(names(archive))


def test_every_file_under_version_control_is_in_it(archive):
    git = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if git.returncode:
        pytest.skip("this is no git checkout")
    tracked = {name for name in git.stdout.split("\0") if name and (ROOT / name).is_file()}
    assert tracked <= set(names(archive))
    assert {name.split("/")[0] for name in tracked} == set(SOURCE)


def test_two_archives_of_a_report_are_the_same_bytes(shipped, finished, archive, tmp_path):
    again = shutil.copytree(finished, tmp_path / "again")
    record = json.loads((again / "provenance.json").read_text("utf-8"))
    record |= {"rendered_at": "2031-01-01T00:00:00+00:00", "seconds": 99.9}
    (again / "provenance.json").write_text(json.dumps(record), "utf-8")
    assert archived(shipped, tmp_path / "second.zip", again).read_bytes() == archive.read_bytes()


def test_archive_names_no_place_and_no_time_of_this_machine(archive, shipped):
    with zipfile.ZipFile(archive) as source:
        assert {entry.date_time[:3] for entry in source.infolist()} == {
            (shipped.cut.extracted.year, shipped.cut.extracted.month, shipped.cut.extracted.day)
        }
        for name in source.namelist():
            if name.endswith((".json", ".html", ".ipynb", SUMS)):
                assert str(ROOT) not in source.read(name).decode("utf-8"), name


def test_archive_of_an_altered_or_older_report_is_refused(shipped, finished, tmp_path):
    altered = shutil.copytree(finished, tmp_path / "altered")
    (altered / "results.csv").write_text("id\n", "utf-8")
    with pytest.raises(UsageError, match="run study render first"):
        archived(shipped, tmp_path / "no.zip", altered)
    assert not (tmp_path / "no.zip").exists()


@pytest.mark.parametrize("profile", ["ro-crate-1.1", "process-run-crate-0.5"])
def test_public_validator_accepts_the_crate(archive, tmp_path, monkeypatch, profile):
    from rocrate_validator import models, services
    from rocrate_validator.utils import http

    context = {term: f"http://schema.org/{term}" for term in SCHEMA_ORG}
    context |= {"File": "http://schema.org/MediaObject", "conformsTo": "http://purl.org/dc/terms/conformsTo"}
    asked = []

    class Answer:
        """The context from here, so that no test needs a network."""

        status_code, headers, ok, text = (
            200,
            {"Content-Type": "application/ld+json"},
            True,
            json.dumps({"@context": context}),
        )

        def json(self):
            return json.loads(self.text)

        def raise_for_status(self):
            pass

    monkeypatch.setattr(http.HttpRequester, "get", lambda self, url, **_: asked.append(url) or Answer(), raising=False)
    with zipfile.ZipFile(archive) as source:
        source.extractall(tmp_path)
        used = {key for entity in json.loads(source.read("ro-crate-metadata.json"))["@graph"] for key in entity}
    assert {key for key in used if not key.startswith("@")} <= set(context)
    settings = services.ValidationSettings(
        rocrate_uri=str(tmp_path), profile_identifier=profile, requirement_severity=models.Severity.REQUIRED, cache_path=None,
        skip_availability_check=True,
    )  # fmt: skip
    verdict = services.validate(settings)
    assert [issue.message for issue in verdict.get_issues()] == []
    assert verdict.passed() and all("w3id.org/ro/crate" in url for url in asked)


def test_crate_names_the_reports_authors_and_not_the_papers(archive):
    with zipfile.ZipFile(archive) as source:
        graph = {entity["@id"]: entity for entity in json.loads(source.read("ro-crate-metadata.json"))["@graph"]}
    assert graph[graph["./"]["author"]["@id"]]["name"] == "The maintainers of this repository"
    assert not [entity for entity in graph.values() if entity["@type"] == "Person"]
    with_authors = [name for name, entity in graph.items() if "Glukhova" in json.dumps(entity)]
    assert with_authors == [f"https://doi.org/{load_published().paper['doi']}"]
    made = {part["@id"] for name in ("#validate", "#compute", "#typeset") for part in graph[name]["result"]}
    outputs = {name for name in graph if name.startswith("_book/")}
    assert made == outputs | {"receipt.json"}, "every output has the step that made it"


@pytest.fixture
def clinical(tmp_path, monkeypatch, finished):
    """The shipped cut, said to be clinical, below a data folder of its own."""
    import study.analysed
    import study.archive
    import study.cuts

    monkeypatch.setattr(study.archive, "ROOT", tmp_path)
    cuts = tmp_path / "data" / "cuts"
    shutil.copytree(find_cut("week-26").folder, cuts / "week-26")
    cut_yml = cuts / "week-26" / "cut.yml"
    cut_yml.write_text(cut_yml.read_text("utf-8").replace("kind: reconstructed", "kind: clinical"), "utf-8")
    for module in (study.archive, study.cuts, study.analysed):
        monkeypatch.setattr(module, "CUTS", cuts)
    analysed = analyse(find_cut(cuts / "week-26"), load_settings(), load_published())
    report = tmp_path / "_book"
    report.mkdir()
    study.delivery.complete(report, analysed, "builtin", ["html"], 0.0)
    return analysed, report


def test_archive_of_a_clinical_cut_holds_checksums_instead_of_rows(clinical, tmp_path):
    analysed, report = clinical
    without = archived(analysed, tmp_path / "without.zip", report)
    assert not [name for name in names(without) if name.startswith("data/cuts") and name.endswith(".csv")]
    with zipfile.ZipFile(without) as source:
        sums = source.read(f"data/cuts/week-26/{SUMS}").decode()
        receipt = json.loads(source.read("receipt.json"))
    assert [line.split()[1] for line in sums.splitlines()] == [path.name for path in analysed.cut.files[:-1]]
    assert analysed.receipt.warnings and "warnings" not in receipt  # they name patients and quote cells
    assert sum(rule["failed"] for rule in receipt["expectations"] if rule["level"] == "warning") > 0
    assert not re.search(r"\bP0\d\d\b", json.dumps(receipt))
    together = archived(analysed, tmp_path / "with.zip", report, with_data=True)
    assert len([name for name in names(together) if name.startswith("data/cuts") and name.endswith(".csv")]) == 5


def verified(archive, data=None, own_code=False):
    shown = []
    return verify_archive(archive, data, lambda _: None, shown.append, own_code), shown


@pytest.fixture
def as_delivered(monkeypatch):
    """Stands for the long part, a report made anew that is like the delivered one; where it ran, in the order of the calls."""
    calls = []

    def run(root):
        calls.append(root)
        return 0, ["same"]

    monkeypatch.setattr(study.unpacked, "_run", run)
    return calls


def repacked(archive, target, change, sums=True):
    """A forged archive: the contents by name as `change` leaves them, with checksums that fit if `sums`."""
    with zipfile.ZipFile(archive) as source:
        files = {name: source.read(name) for name in source.namelist()}
    change(files)
    if sums:
        listed = sorted(name for name in files if name != SUMS)
        files[SUMS] = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in listed).encode()
    with zipfile.ZipFile(target, "w") as forged:
        for name, content in files.items():
            forged.writestr(name, content)
    return target


def test_rows_that_an_archive_leaves_out_have_to_be_named(clinical, tmp_path, as_delivered, monkeypatch):
    monkeypatch.setattr(study.unpacked, "other_code", lambda root: [])  # the fixture's repository has no code
    analysed, report = clinical
    without = archived(analysed, tmp_path / "without.zip", report)
    with pytest.raises(UsageError, match="holds no rows of the cut week-26; name the folder"):
        verified(without)
    assert verified(without, analysed.cut.folder) == (0, ["same"])
    other = shutil.copytree(analysed.cut.folder, tmp_path / "other")
    change_cell(other, "visits", 2, "easi", "33.3")
    status, shown = verified(without, other)
    assert status == 1 and shown == [
        f"{other / 'visits.csv'}: not the file that the archive was made from",
        "different: 1 differences",
    ]


def test_an_altered_archive_is_different_and_nothing_of_it_runs(archive, tmp_path, as_delivered):
    def change(files):
        del files["LICENSE"]
        files["study.yml"] += b" "
        files["stranger\u00e9.txt"] = b"x"

    altered = repacked(archive, tmp_path / "altered.zip", change, sums=False)
    for own_code in (False, True):
        status, shown = verified(altered, own_code=own_code)
        assert status == 1 and shown == [
            "LICENSE: missing from the archive",
            "stranger\u00e9.txt: not in the archive's list of files",
            "study.yml: altered since the archive was made",
            "different: 3 files are not as the archive's own checksums say; nothing of it was run",
        ]
    assert as_delivered == []


FAKE = b"import pathlib\npathlib.Path(__file__).with_name('was-run').touch()\nprint('same')\n"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("study/cli.py", "not the code that is here"),
        ("chapters/results.qmd", "not the code that is here"),
        ("requirements.lock", "not the code that is here"),
        ("data/reconstruct.py", "not the code that is here"),
        ("sitecustomize.py", "code of the archive that is not here"),
        ("study/numpy/__init__.py", "code of the archive that is not here"),
    ],
)
def test_code_of_the_archive_is_named_and_not_run(archive, tmp_path, as_delivered, monkeypatch, name, what):
    seen = []
    run = study.unpacked._run
    monkeypatch.setattr(
        study.unpacked,
        "_run",
        lambda root: (seen.append((root / name).is_file() and (root / name).read_bytes()), run(root))[1],
    )
    forged = repacked(archive, tmp_path / "forged.zip", lambda files: files.update({name: FAKE}))
    status, shown = verified(forged)
    assert status == 1 and shown == [
        f"{name}: {what}",
        "different: 1 files of its code are not those here; by the code here its data give its report",
    ]
    assert FAKE not in seen


def test_data_and_report_come_from_the_archive_and_the_code_from_here(archive, tmp_path, monkeypatch):
    def change(files):
        files["data/evidence.csv"] = b"theirs"
        files["_book/index.html"] = b"theirs, too"

    def run(root):
        assert (root / "data/evidence.csv").read_bytes() == b"theirs"
        assert (root / "_book/index.html").read_bytes() == b"theirs, too"
        assert (root / "study/cli.py").read_bytes() == (ROOT / "study/cli.py").read_bytes()
        return 1, ["index.html: altered since it was rendered", "different: 1 differences"]

    monkeypatch.setattr(study.unpacked, "_run", run)
    forged = repacked(archive, tmp_path / "forged.zip", change)
    assert verified(forged) == (1, ["index.html: altered since it was rendered", "different: 1 differences"])


def test_the_archives_own_code_runs_when_asked_for_and_does_not_speak_for_us(archive, tmp_path):
    forged = repacked(archive, tmp_path / "forged.zip", lambda files: files.update({"study/cli.py": b"print('same')"}))
    assert verified(forged, own_code=True) == (0, ["by the archive's own code: same"])


def test_an_archive_that_is_whole_and_of_this_code_is_the_same(archive, as_delivered):
    assert verified(archive) == (0, ["same"])
    assert len(as_delivered) == 1


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt", "C:/out.txt", "..\\out.txt"])
def test_an_entry_that_leads_out_of_the_archive_is_refused(tmp_path, name):
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as target:
        target.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(UsageError, match="leads out of the archive; nothing was unpacked"):
        verified(evil)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "odd.zip"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read"):
        verified(path)


@pytest.mark.slow
def test_unpacked_archive_verifies_itself_and_names_what_one_digit_changes(tmp_path):
    """The whole way: render, archive, unpack elsewhere, verify; then again with one digit of the data changed."""
    env = os.environ | {"STUDY_STATE": str(tmp_path / "state")}

    def run(*arguments, cwd=ROOT, **more):
        command = [sys.executable, "-m", "study.cli", *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, env=env | more, capture_output=True, text=True, encoding="utf-8")

    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns(".venv", ".git", "_book", ".study", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignore)
    here = {"PYTHONPATH": str(copy)}
    made = run("render", "--engine", "builtin", cwd=copy, **here)
    assert made.returncode == 0, made.stderr
    packed = run("archive", "--output", tmp_path / "report.zip", cwd=copy, **here)
    assert packed.returncode == 0, packed.stderr

    whole = run("verify", "--archive", tmp_path / "report.zip")
    assert (whole.returncode, whole.stdout.splitlines()[-1]) == (0, "same"), whole.stdout + whole.stderr

    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "report.zip") as source:
        source.extractall(unpacked)
    visits = unpacked / "data" / "cuts" / "week-26"
    former = change_cell(visits, "visits", 4, "easi", "30.1")
    assert former != "30.1"
    changed = run("verify", cwd=unpacked, PYTHONPATH=str(unpacked))
    assert changed.returncode == 1, changed.stderr
    lines = changed.stdout.splitlines()
    assert "visits.csv: not the file that the report was made from" in lines
    assert any(line.startswith("efficacy.easi.w") and "delivered" in line for line in lines)
    assert any(line.startswith("chapters/results.html: delivered") for line in lines)
    assert lines[-1].startswith("different: ")


@pytest.mark.parametrize("place", [0.0, 0.3, 0.9], ids=["at the start", "within", "towards the end"])
def test_an_archive_that_came_out_damaged_never_gets_its_name(shipped, finished, tmp_path, monkeypatch, place):
    """A disk that returns other bytes than were written: seen when the finished file is read back; an older archive stays."""

    class Damaging(zipfile.ZipFile):
        def close(self):
            written, name = self.mode == "w" and self.fp is not None, self.filename
            first = min(self.filelist, key=lambda entry: entry.header_offset) if written else None
            super().close()
            if written:
                with open(name, "r+b") as file:
                    file.seek(first.header_offset + 30 + len(first.filename.encode()) + int(first.compress_size * place))
                    byte = file.read(1)[0]
                    file.seek(-1, os.SEEK_CUR)
                    file.write(bytes([byte ^ 0xFF]))

    target = tmp_path / "report.zip"
    target.write_bytes(b"the archive of yesterday")
    monkeypatch.setattr("study.archive.zipfile.ZipFile", Damaging)
    with pytest.raises(RenderingFailed, match=r"report\.zip came out damaged and was removed; run the command again"):
        archived(shipped, target, finished)
    assert target.read_bytes() == b"the archive of yesterday" and [file.name for file in tmp_path.iterdir()] == ["report.zip"]
