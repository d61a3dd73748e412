"""What is made again after an edit is what a render from nothing makes, and prose runs nothing."""

import itertools
import os
import shutil
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from random_books import Book, run_in_process

from renderer import Recorded, execute, parts, render_book
from renderer.kept import Kept
from renderer.now import Now
from renderer.parts import software
from renderer.project import load_project
from renderer.source import read_source


@pytest.fixture
def in_process(monkeypatch):
    monkeypatch.setattr(execute, "_run_all", run_in_process)


def executed(folder: Path, cache: Path) -> tuple[list, Recorded, list[str]]:
    project, said, recorded = load_project(folder), [], Recorded()
    sources = [read_source(chapter.path, chapter.name) for chapter in project.chapters]
    done = execute.execute_chapters(
        sources, folder, environment={}, inputs="", cache=cache, cell_seconds=9, defaults={}, progress=said.append, recorded=recorded,
    )  # fmt: skip
    return [(each.source.name, each.results) for each in done], recorded, [line for line in said if line.endswith("running")]


@pytest.mark.parametrize("seed", range(3))
def test_cells_after_any_edit_give_what_a_cold_run_gives(seed, tmp_path, in_process):
    book = Book(tmp_path / "book", seed)
    kinds, runs = Counter(), Counter()
    for number in range(80):
        kind = book.edit()
        given, recorded, ran = executed(book.folder, tmp_path / "kept")
        # What a run leaves in the project is there for both: the cold one begins as the other did.
        cold, cold_recorded, _ = executed(book.folder, tmp_path / f"cold-{number}")
        assert given == cold, (number, kind)
        assert recorded == cold_recorded, (number, kind)
        kinds[kind] += 1
        runs[kind] += len(ran)
    assert len(kinds) == 12
    assert sum(runs.values()) < 1.5 * 80  # of three chapters each time, or nothing was kept


@pytest.fixture
def sleeping(monkeypatch):
    """As in a preview, copies of the kernels sleep before each cell, however short. Numbers of the steps from which one has woken."""
    if sys.platform != "linux":
        pytest.skip("kernels are copied on Linux")
    from renderer import forks

    monkeypatch.setattr(execute, "_WORTH_A_COPY", 0.0)
    latest, woken = execute._Runner.latest, []

    def noted(runner, states):
        found = latest(runner, states)
        woken.append(found[0])
        return found

    monkeypatch.setattr(execute._Runner, "latest", noted)
    forks.keep()
    yield woken
    forks.drop()


@pytest.mark.parametrize("edits", [8, pytest.param(80, marks=pytest.mark.slow)])
def test_cells_that_run_in_a_woken_kernel_give_what_a_cold_run_gives(edits, tmp_path, sleeping, monkeypatch):
    book = Book(tmp_path / "book", 7)
    for number in range(edits):
        kind = book.edit()
        given, recorded, _ = executed(book.folder, tmp_path / "kept")
        with monkeypatch.context() as patch:
            patch.setattr(execute, "_run_all", run_in_process)
            cold, cold_recorded, _ = executed(book.folder, tmp_path / f"cold-{number}")
        assert given == cold, (number, kind)
        assert recorded == cold_recorded, (number, kind)
    assert any(sleeping), "nothing was woken"


STATES = (
    "import random, sys\nimport numpy as np\nrandom.seed(3)\nout, names = sys.stdout, []",
    "values = (n * n for n in range(9))\ndrawn = np.random.default_rng(5)\nprint(next(values), drawn.random())",
    "print(random.random(), next(values), file=out)\nnames.append(len(names))",
    "import matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 7\nfigure, axes = plt.subplots()\nnames",
    "axes.plot([1, 3, next(values)])\nfigure",
    "names, In[-1], random.random(), plt.rcParams['font.size'], drawn.random(), _",
)
"""Cells that leave behind what no name shows."""


def test_a_woken_kernel_is_in_the_state_that_was_left(tmp_path, sleeping):
    book = Book(tmp_path / "book", 1)
    book.chapters = {"index.qmd": [["cell", "", code] for code in STATES], "one.qmd": [], "two.qmd": []}
    for number, place in enumerate((5, 4, 2, 3, 5, 1)):
        book.chapters["index.qmd"][place][2] = STATES[place] + f"\nnames.append({number})" * (number < 5) + "\nprint(names)"
        book.write()
        assert executed(book.folder, tmp_path / "kept")[0] == executed(book.folder, tmp_path / f"cold-{number}")[0], place
    assert max(sleeping) > 3 and sleeping.count(0) < len(sleeping) - 3


@pytest.mark.parametrize(
    "code",
    ["import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
     "file = open('data/0.csv')", "open('made.txt', 'w').write('1')", "import subprocess\nsubprocess.run(['true'])"],
)  # fmt: skip
def test_what_a_fork_does_not_carry_over_is_run_again(code, tmp_path, sleeping):
    book = Book(tmp_path / "book", 1)
    book.chapters = {"index.qmd": [["cell", "", code], ["cell", "", "print(1)"]], "one.qmd": [], "two.qmd": []}
    for last in ("print(2)", "print(3)"):
        book.chapters["index.qmd"][1][2] = last
        book.write()
        executed(book.folder, tmp_path / "kept")
    assert sleeping[-1] < 2, "what came after that cell began without it"


def test_prose_captions_and_options_run_nothing(tmp_path, in_process):
    book = Book(tmp_path, 1)
    book.chapters["one.qmd"] = [["prose", "", "A `{python} 1 + 1`."], ["cell", "", "print(5)"], ["prose", "", "End."]]
    book.write()
    executed(tmp_path, tmp_path / ".kept")
    parts = book.chapters["one.qmd"]
    for edit in (
        lambda: parts.__setitem__(0, ["prose", "", "Quite another `{python} 1 + 1` with words\n\nand paragraphs."]),
        lambda: parts.__setitem__(1, ["cell", "#| echo: false\n#| label: tbl-five\n#| tbl-cap: Five\n", "print(5)"]),
        lambda: parts.insert(1, ["prose", "", "One more."]),
        lambda: parts.pop(),
        lambda: book.order.reverse(),
    ):
        edit()
        book.write()
        assert executed(tmp_path, tmp_path / ".kept")[2] == []
    parts[0] = ["prose", "", "A `{python} 1 + 2`."]
    book.write()
    assert executed(tmp_path, tmp_path / ".kept")[2] == ["one.qmd: running"]


def test_a_module_matters_to_the_chapters_that_import_it(tmp_path, in_process):
    book = Book(tmp_path, 1)
    book.chapters = {"index.qmd": [["cell", "", "import helper\nprint(helper.value())"]], "one.qmd": [["cell", "", "print(1)"]],
                     "two.qmd": [["cell", "", "import deeper\nprint(deeper.number)"]]}  # fmt: skip
    book.write()
    executed(tmp_path, tmp_path / ".kept")
    before = dict(book.others)
    for changed, running in (
        ({"helper.py": before["helper.py"] + "# a word\n"}, ["index.qmd"]),
        ({"deeper.py": "number = 7\n"}, ["index.qmd", "two.qmd"]),
        ({}, []),  # and back again, as after a change of branches
    ):
        book.others = before | changed
        book.write()
        assert executed(tmp_path, tmp_path / ".kept")[2] == [f"{name}: running" for name in running]


def test_a_file_that_one_chapter_writes_and_another_reads_is_read_again(tmp_path, in_process):
    book = Book(tmp_path, 1)
    book.chapters = {"index.qmd": [["cell", "", "open('shared.txt', 'w').write('1'); None"]], "two.qmd": [],
                     "one.qmd": [["cell", "", "print(open('shared.txt').read())"]]}  # fmt: skip
    book.write()
    executed(tmp_path, tmp_path / ".kept")
    book.chapters["index.qmd"][0][2] = "open('shared.txt', 'w').write('2'); None"
    book.write()
    given, _, ran = executed(tmp_path, tmp_path / ".kept")
    assert ran == ["index.qmd: running", "one.qmd: running"]
    assert "2" in str(dict(given)["one.qmd"])


def test_chance_never_shows_two_runs_in_one_chapter(tmp_path, in_process):
    """Cells whose result is another one every time: what is kept of one run is never mixed with what is kept of another."""
    book = Book(tmp_path, 1)
    draw = ["cell", "", "import random\nx = random.SystemRandom().random()"]
    show = ["cell", "", "print(x)"]
    book.chapters = {"index.qmd": [draw, show, ["cell", "", "print(x)\n"]], "one.qmd": [], "two.qmd": []}
    for last in ("print(x)", "print(x, 1)", "print(x)", "print(x, 2)", "print(x)"):
        book.chapters["index.qmd"][2] = ["cell", "", last]
        book.write()
        given, _, _ = executed(tmp_path, tmp_path / ".kept")
        shown = [text["text"].split()[0] for item in dict(given)["index.qmd"] for text in item]
        assert len(set(shown)) == 1 and len(shown) == 2


def typeset(folder: Path, output: Path, cache: Path, formats: list[str]) -> dict[str, bytes]:
    render_book(
        folder, output, formats, environment={"SOURCE_DATE_EPOCH": "0"}, inputs="", cache=cache, cell_seconds=9,
        progress=lambda _: None,
    )  # fmt: skip
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in sorted(output.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("edits", "formats"), [(4, ["html"]), pytest.param(12, ["html", "pdf", "docx"], marks=pytest.mark.slow)]
)  # fmt: skip
def test_pages_after_any_edit_are_those_of_a_cold_render(edits, formats, tmp_path, in_process):
    """The output folder is kept, too: what is other there is written, what is not is left as it is."""
    book = Book(tmp_path / "book", 5)
    for _ in range(edits):
        kind = [book.edit() for _ in range(4)]
        given = typeset(book.folder, tmp_path / "out", tmp_path / "kept", formats)
        cold = typeset(book.folder, tmp_path / "cold", tmp_path / "cold-cache", formats)
        assert given == cold, kind
        shutil.rmtree(tmp_path / "cold")
        shutil.rmtree(tmp_path / "cold-cache")


def test_pages_that_did_not_change_are_not_written(tmp_path, in_process):
    book = Book(tmp_path / "book", 2)
    typeset(book.folder, tmp_path / "out", tmp_path / "kept", ["html"])
    for path in (tmp_path / "out").rglob("*"):
        os.utime(path, (1, 1))
    book.chapters["one.qmd"].append(["prose", "", "One more sentence."])
    book.write()
    typeset(book.folder, tmp_path / "out", tmp_path / "kept", ["html"])
    written = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file() and path.stat().st_mtime > 1}
    assert written == {"one.html", "one.ipynb", "search-index.js"}


# --- what is kept --------------------------------------------------------------------------------------------------


def test_every_file_of_the_renderer_is_part_of_what_pages_depend_on(tmp_path, monkeypatch):
    copied = Path(shutil.copytree(Path(parts.__file__).parent, tmp_path / "renderer", ignore=shutil.ignore_patterns("__pycache__")))
    monkeypatch.setattr(parts, "_HERE", copied)
    before = software.__wrapped__()
    for path in sorted(path for path in copied.rglob("*") if path.is_file()):
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        assert software.__wrapped__() != before, path.relative_to(copied)
        path.write_bytes(content)
    assert software.__wrapped__() == before


def test_the_cache_is_bounded_and_what_was_used_last_stays(tmp_path):
    kept = Kept(tmp_path, largest=10_000)
    for number in range(50):
        kept.put(f"{number:02x}", None, bytes(1000))
        os.utime(next(tmp_path.glob(f"{number:02x}.*")), (number, number))
    (tmp_path / "ff.00.new").write_bytes(bytes(1000))  # of a process that was killed
    assert kept.get("03")  # used now
    kept.tidy()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000
    left = {path.name.partition(".")[0] for path in tmp_path.iterdir()} - {""}
    assert "03" in left and "31" in left and "04" not in left and "ff" not in left
    assert Kept(tmp_path).get("04") is None


def test_a_damaged_or_vanished_part_counts_as_absent(tmp_path):
    kept = Kept(tmp_path)
    kept.put("a0", ["head"], b"body")
    assert kept.get("a0") == (["head"], b"body")
    path = next(tmp_path.glob("a0.*"))
    path.write_bytes(path.read_bytes().replace(b"body", b"bodi"))
    assert kept.get("a0") is None
    path.unlink()
    assert kept.get("a0") is None


def test_many_at_once_write_and_tidy_one_cache(tmp_path):
    failures = []

    def work(seed: int) -> None:
        try:
            for number in itertools.islice(itertools.cycle(range(20)), 60):
                kept = Kept(tmp_path, largest=5_000)
                found = kept.get(f"{number:02x}")
                assert found is None or found[1] == bytes([number]) * 300
                kept.put(f"{number:02x}", None, bytes([number]) * 300)
                kept.tidy()
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert not list(tmp_path.glob("*.new"))


def test_a_module_that_is_not_there_yet_is_an_input(tmp_path, in_process):
    book = Book(tmp_path, 1)
    book.chapters = {name: [] for name in book.chapters} | {
        "one.qmd": [["cell", "", "try:\n    import sub.later\nexcept ImportError:\n    print('not there')"]]
    }  # fmt: skip
    book.others["sub/__init__.py"] = ""
    book.write()
    _, recorded, _ = executed(tmp_path, tmp_path / ".kept")
    assert "sub/__init__.py" in recorded.inputs and Now(tmp_path)["sub/later.py"] is None
    book.others["sub/later.py"] = "print('here')\n"
    book.write()
    given, _, ran = executed(tmp_path, tmp_path / ".kept")
    assert ran == ["one.qmd: running"] and "here" in str(dict(given)["one.qmd"])
