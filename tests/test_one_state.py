"""Inputs that change while a render runs: the report is wholly of the old state or there is none, and nothing wrong is kept."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from copies import render, with_chapters
from test_faults import leftovers, sums

CHAPTERS = ("index", "chapters/safety", "chapters/late")
SHOWS = '''# {title}

```{{python}}
#| echo: false
{before}
from study.report import open_report
report = open_report()
r = report.number
```

Conjunctivitis in `{{python}} report.of("safety.conjunctivitis.w26")`, cut `{{python}} report.cut.name`,
age `{{python}} report.settings.age_years`, paper `{{python}} report.published.paper["year"]`,
evidence `{{python}} len(report.outside)` rows, receipt `{{python}} report.receipt.digest`.
'''


def write(repository: Path, name: str, before: str = "pass") -> None:
    path = repository / f"{name}.qmd"
    path.write_text(SHOWS.format(title=Path(name).name, before=before), encoding="utf-8")


@pytest.fixture(scope="module")
def whole(small_report, tmp_path_factory) -> Path:
    """A copy of the repository with three short chapters that show what they have read, and its report."""
    repository = Path(shutil.copytree(small_report, tmp_path_factory.mktemp("one state") / small_report.name, symlinks=True))
    shutil.rmtree(repository / "tests")
    for path in repository.glob("chapters/*.qmd"):
        path.unlink()
    with_chapters(repository, dict.fromkeys(CHAPTERS, ""))
    for name in CHAPTERS:
        write(repository, name)
    status, said = render(repository)
    assert status == 0, said
    return repository


@pytest.fixture
def project(whole, tmp_path) -> Path:
    """A copy of it for one test, caches and report included."""
    return Path(shutil.copytree(whole, tmp_path / "report", symlinks=True))


def facts(repository: Path) -> list[str]:
    """What the pages say they were made from."""
    pages = [(repository / "_book" / f"{name}.html").read_text("utf-8") for name in CHAPTERS]
    texts = [" ".join(re.sub("<[^>]*>", "", page).split()) for page in pages]
    return [re.search(r"Conjunctivitis in .* receipt [0-9a-f]{64}", text)[0] for text in texts]


# Each changes one input. As a cell they run in the kernel of the second chapter, when the render has begun and before it ends.
CHANGES = {
    "a table": ("data/cuts/week-26/adverse_events.csv", None, None),
    "the settings": ("study.yml", "age_years: [8, 18]", "age_years: [7, 18]"),
    "the paper's facts": ("data/published.yml", None, "\n# a remark\n"),
    "the other studies": ("data/evidence.csv", None, None),
    "the coverage of the intervals": ("benchmarks/coverage.csv", None, None),
    "a chapter": ("chapters/late.qmd", "# late", "# later"),
    "the shape of the book": ("_quarto.yml", "A living study report", "Another subtitle"),
    "the bibliography": ("references.bib", None, "\n@misc{other2020, title = {Other}}\n"),
    "a filter": ("filters/banner.lua", None, "\n-- a remark\n"),
    "code": ("analysis/core/display.py", None, "\n# a remark\n"),
}


def changed(repository: Path, name: str) -> tuple[Path, str, str]:
    """A file, its text and another one."""
    path, old, new = CHANGES[name]
    text = (repository / path).read_text("utf-8")
    if old is None and new is None:
        other = "".join(text.splitlines(keepends=True)[:-1])
    else:
        other = text.replace(old, new) if old else text + new
    assert other != text
    return repository / path, text, other


def once(mark: Path, writes: list[tuple[Path, str, str]], back: bool) -> str:
    """Code for a cell that changes files when it runs for the first time and, if asked, reads the report and puts them back."""
    mark.touch()
    lines = ["import pathlib", f"first = pathlib.Path({str(mark)!r})", "if first.exists():", "    first.unlink()"]
    put = "    pathlib.Path({path!r}).write_text({text!r}, encoding='utf-8', newline='')"
    lines += [put.format(path=str(path), text=other) for path, _, other in writes]
    if back:
        lines += ["    from study.report import open_report", "    open_report().outside"]
        lines += [put.format(path=str(path), text=text) for path, text, _ in writes]
    return "\n".join(lines)


def right(repository: Path) -> None:
    """The next render is the report of a project that was never disturbed."""
    status, said = render(repository)
    assert status == 0, said
    found = facts(repository), (repository / "_book" / "results.csv").read_bytes()
    assert all(page == found[0][0] for page in found[0]), "the pages are of several states"
    for folder in (".study", "_book"):
        shutil.rmtree(repository / folder)
    status, said = render(repository)
    assert status == 0, said
    assert found == (facts(repository), (repository / "_book" / "results.csv").read_bytes()), "something wrong was kept"


def disturbed(repository: Path, mark: Path, names) -> None:
    before = sums(repository / "_book")
    write(repository, "chapters/safety", once(mark, [changed(repository, name) for name in names], back=False))
    status, said = render(repository)
    assert status == 3 and "changed during the render; run it again" in said, said
    for name in names:
        assert CHANGES[name][0] in said.splitlines()[-1], said
    assert sums(repository / "_book") == before and leftovers(repository) == []


def test_inputs_that_change_during_a_render_are_named_and_nothing_is_mixed(project, tmp_path):
    disturbed(project, tmp_path / "mark", CHANGES)
    right(project)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_each_input_that_changes_during_a_render_is_named(project, tmp_path, name):
    disturbed(project, tmp_path / "mark", [name])
    right(project)


def test_inputs_that_are_changed_and_put_back_do_no_harm(project, tmp_path):
    """A kernel that reads meanwhile sees the state of the render."""
    before = facts(project)
    names = [name for name in CHANGES if name != "code"]
    write(project, "chapters/safety", once(tmp_path / "mark", [changed(project, name) for name in names], back=True))
    status, said = render(project)
    assert status == 0 and not (tmp_path / "mark").exists(), said
    assert facts(project) == before and len(set(before)) == 1


@pytest.mark.slow
def test_code_that_is_changed_and_put_back_is_noticed(project, tmp_path):
    write(project, "chapters/safety", once(tmp_path / "mark", [changed(project, "code")], back=True))
    status, said = render(project)
    assert status == 3 and "changed during the render; run it again" in said, said


@pytest.mark.slow
def test_a_cut_added_during_a_render_waits_and_one_put_in_by_hand_is_noticed(project, tmp_path):
    add = [sys.executable, "-m", "study.cli", "add", str(project / "data" / "examples" / "week-52"), "--cut", "week-52"]
    code = once(tmp_path / "mark", [], back=False) + (
        "\n    import os, shutil, subprocess"
        f"\n    done = subprocess.run({add!r}, capture_output=True, text=True)"
        "\n    assert done.returncode == 2 and 'a render of this report is under way' in done.stderr, done.stderr"
        "\n    shutil.copytree('data/examples/week-52', 'data/cuts/week-52')"
        "\n    text = pathlib.Path('study.yml').read_text('utf-8')"
        "\n    pathlib.Path('study.yml').write_text(text.replace('cut: week-26', 'cut: week-52'), 'utf-8')"
    )
    write(project, "chapters/safety", code)
    before = sums(project / "_book")
    status, said = render(project)
    assert status == 3 and "study.yml changed during the render; run it again" in said, said
    assert sums(project / "_book") == before
    right(project)
    assert "cut week-52" in facts(project)[0]


@pytest.mark.slow
def test_formats_stay_while_they_are_of_the_same_state(project):
    status, said = render(project, "--to", "docx")
    book = project / "_book"
    assert status == 0 and (book / "index.html").is_file() and (book / "study-report.docx").is_file(), said
    assert "_book/study-report.docx: rendered" in said and "unchanged" in said
    status, said = render(project, "--to", "docx")
    assert status == 0 and "_book/study-report.docx: nothing changed since the last render" in said, said
    write(project, "index", "'another'")
    status, said = render(project, "--to", "docx")
    assert status == 0 and not (book / "index.html").exists() and "index.html" not in said, said
    assert "html of an earlier state removed from _book" in said


def hook(repository: Path, name: str) -> subprocess.CompletedProcess:
    """A step that Quarto runs before or after a bare `quarto render`."""
    env = os.environ | {"QUARTO_PROJECT_OUTPUT_DIR": str(repository / "_book")}
    env = {key: value for key, value in env.items() if key not in ("TMPDIR", "TEMP", "TMP", "STUDY_STATE")}
    command = [sys.executable, str(repository / "hooks" / f"{name}_render.py")]
    return subprocess.run(command, cwd=repository, env=env, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize("back", [False, True], ids=["for good", "and back"])
def test_a_bare_quarto_render_ends_with_the_state_that_it_began_with(project, back):
    """Quarto itself is not run: its two steps are, with a file changed between them."""
    before = sums(project / "_book")
    assert hook(project, "pre").returncode == 0
    (project / "_book" / "provenance.json").unlink()
    path, text, other = changed(project, "a table")
    path.write_text(other, encoding="utf-8", newline="")
    if back:
        path.write_text(text, encoding="utf-8", newline="")
    (project / "_book" / "index.html").write_text("of two states", encoding="utf-8")
    done = hook(project, "post")
    assert done.returncode == 1, done.stderr
    assert "data/cuts/week-26/adverse_events.csv changed during the render; run it again" in done.stderr
    assert "the last good report is back in its place" in done.stderr and sums(project / "_book") == before


DRAWS = """from PIL import Image
Image.new("L", (30, len(open("ex" + "tra.csv").read()))).save("drawn.png")
import random
chance = random.random()"""


@pytest.mark.slow
def test_a_picture_that_a_cell_writes_follows_its_inputs_and_what_is_warned_of_is_recorded(project):
    (project / "extra.csv").write_text("first", encoding="utf-8")
    page = project / "chapters" / "safety.qmd"
    write(project, "chapters/safety", DRAWS)
    page.write_text(page.read_text("utf-8") + "\n![A square, described at some length](../drawn.png)\n", encoding="utf-8")
    status, said = render(project)
    line = 1 + page.read_text("utf-8").splitlines().index("chance = random.random()")
    assert status == 0 and f"warning: chapters/safety.qmd line {line}: draws random numbers without a seed" in said, said
    first = (project / "_book" / "drawn.png").read_bytes()
    record = json.loads((project / "_book" / "provenance.json").read_text("utf-8"))
    assert list(record["made"]) == ["drawn.png"] and "drawn.png" not in record["inputs"] and len(record["warnings"]) == 1
    assert "extra.csv" in record["opened"]["chapters/safety.qmd line 5"]
    status, said = render(project)
    assert status == 0 and "nothing changed" in said and f"line {line}: draws random" in said, said
    (project / "extra.csv").write_text("and the second", encoding="utf-8")
    verify = [sys.executable, "-m", "study.cli", "verify"]
    done = subprocess.run(verify, cwd=project, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1 and "extra.csv: not the file that the report was made from" in done.stdout, done.stdout + done.stderr
    status, said = render(project)
    assert status == 0 and (project / "_book" / "drawn.png").read_bytes() != first, said
    done = subprocess.run(verify, cwd=project, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    (project.parent / "outside.csv").write_text("1", encoding="utf-8")
    write(project, "chapters/safety", "open('../outside.csv').close()")
    before = sums(project / "_book")
    status, said = render(project)
    assert status == 3 and "chapters/safety.qmd line 5 (cell 1)" in said and "lies outside the project" in said, said
    assert sums(project / "_book") == before and leftovers(project) == []
