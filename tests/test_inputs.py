"""Every input of a report is known: by its place, by its name in another one, or because a cell has opened it."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from renderer import Recorded, RenderError, render_book
from renderer.now import Now
from study import delivered as book_folder
from study import inputs

CONFIG = """project:
  type: book
  execute-dir: project
book:
  title: Inputs
  chapters:
    - index.qmd
bibliography: [references.bib, more/other.bib]
csl: more/style.csl
format:
  html:
    css: more/own.css
"""
INDEX = """# Inputs

![A picture, described at some length](pics/my%20square.png)

```{python}
import helper
print(helper.words("ex" + "tra.csv"))
```
"""
HELPER = "from deeper import read\n\ndef words(name):\n    return read(name)\n"
DEEPER = "def read(name):\n    with open(name) as file:\n        return file.read()\n"


@pytest.fixture
def project(tmp_path) -> Path:
    files = {
        "_quarto.yml": CONFIG, "index.qmd": INDEX, "helper.py": HELPER, "deeper/__init__.py": DEEPER, "extra.csv": "first",
        "references.bib": "", "more/other.bib": "", "more/style.csl": "", "more/own.css": "p { color: red }", "_brand.yml": "",
        "_metadata.yml": "", "_quarto.yml.local": "", "chapters/part/inner.qmd": "# Inner", "chapters/part/_metadata.yml": "",
        "unnamed.csv": "", "pics/unnamed.png": "", ".hidden/own.css": "", "_book/own.css": "", "_book/provenance.json": "{}",
        "_book.under-way-x/own.css": "", "out.under-way-x/own.css": "",
        "pics/my square.png": "",
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def test_inputs_are_found_by_place_and_by_name(project, monkeypatch):
    monkeypatch.setattr(inputs, "ROOT", project)
    found = {path.relative_to(project).as_posix() for path in inputs.documents()}
    assert found == {
        "_quarto.yml", "index.qmd", "helper.py", "deeper/__init__.py", "references.bib", "more/other.bib", "more/style.csl",
        "more/own.css", "_brand.yml", "_metadata.yml", "_quarto.yml.local", "chapters/part/inner.qmd", "chapters/part/_metadata.yml",
        "pics/my square.png",
    }  # fmt: skip
    assert {path.name for path in inputs.of_cells()} == {"helper.py", "__init__.py"}


def test_what_a_cell_opens_or_imports_belongs_to_its_results(project, tmp_path):
    said: list[str] = []
    (project / "index.qmd").write_text(INDEX.partition("![")[0] + INDEX.partition("png)")[2], encoding="utf-8")
    (project / "more" / "style.csl").unlink()
    config = CONFIG.replace("csl: more/style.csl\n", "")
    (project / "_quarto.yml").write_text(config, encoding="utf-8")

    def run(number: int) -> tuple[str, dict[str, str]]:
        recorded = Recorded()
        output = tmp_path / str(number)
        render_book(
            project, output, ["html"], environment={}, inputs="same", cache=tmp_path / "cache", cell_seconds=60,
            progress=said.append, recorded=recorded,
        )  # fmt: skip
        return (output / "index.html").read_text("utf-8"), recorded.inputs

    page, recorded = run(1)
    assert "first" in page and {"extra.csv", "helper.py", "deeper/__init__.py"} <= set(recorded)
    assert not any(name.startswith((".", "/")) for name in recorded)
    said.clear()
    assert run(2) == (page, recorded) and "index.qmd: unchanged" in said
    (project / "extra.csv").write_text("second", encoding="utf-8")
    page, later = run(3)
    assert "second" in page and later["extra.csv"] != recorded["extra.csv"]
    (project / "deeper" / "__init__.py").write_text(DEEPER.replace("file.read()", "'third, of another module'"), encoding="utf-8")
    assert "third" in run(4)[0]


def test_a_file_that_changes_after_a_cell_has_opened_it_is_named_and_nothing_is_kept(project, tmp_path):
    cell = "text = open('extra.csv').read()\nimport subprocess, sys\n"
    cell += "subprocess.run([sys.executable, '-c', \"open('extra.csv', 'w').write('other')\"])\n"
    (project / "index.qmd").write_text(f"# Inputs\n\n```{{python}}\n{cell}```\n", encoding="utf-8")
    (project / "_quarto.yml").write_text(CONFIG.replace("csl: more/style.csl\n", ""), encoding="utf-8")
    with pytest.raises(RenderError, match=r"extra\.csv changed during the render; run it again"):
        render_book(
            project, tmp_path / "out", ["html"], environment={}, inputs="same", cache=tmp_path / "cache", cell_seconds=60,
            progress=lambda _: None,
        )  # fmt: skip
    assert not (tmp_path / "cache" / "cells").exists()


def test_a_copied_cut_keeps_the_kinds_of_its_files(tmp_path, cut_copy):
    """So that the gate says of the copy what it would say of the cut."""
    from expectations.gate import check
    from study import frozen
    from study.settings import load_settings

    (cut_copy / "visits.csv").unlink()
    (cut_copy / "visits.csv").symlink_to(cut_copy / "labs.csv")
    (cut_copy / "doses.csv").unlink()
    (cut_copy / "doses.csv").mkdir()
    (cut_copy / "notes about patients.txt").write_text("not copied", encoding="utf-8")
    if hasattr(os, "mkfifo"):
        (cut_copy / "labs.csv").unlink()
        os.mkfifo(cut_copy / "labs.csv")
    parameters = load_settings().gate_parameters()
    with frozen.taken(cut_copy):
        copy = frozen.frozen(cut_copy.resolve())
        assert copy != cut_copy and sorted(os.listdir(copy)) == sorted(os.listdir(cut_copy))
        assert "not copied" not in (copy / "notes about patients.txt").read_text("utf-8")
        assert check(copy, parameters).findings == check(cut_copy, parameters).findings
    assert not copy.exists()


CELLS = {
    "a file by way of a package": ("import pandas as pd\n\npd.read_csv('../outside.csv')", 3, "outside.csv"),
    "a link that leads out": ("open('link.csv', 'rb').read()", 1, "outside.csv"),
    "by way of a module": ("import helper\nhelper.words('../outside.csv')", 2, "outside.csv"),
    "a module": ("import sys\nsys.path.insert(0, '../more')\nimport elsewhere", 3, "elsewhere.py"),
    "after a change of folder": ("import os\nos.chdir('..')\nopen('outside.csv').close()\nos.chdir('project')", 3, "outside.csv"),
    "a listing": ("import glob\nglob.glob('../*.csv')", 2, ""),
    "in a thread": (
        "from threading import Thread\nt = Thread(target=open, args=('../thread.csv',))\nt.start(); t.join()", None, "thread.csv",
    ),
    "a database": ("import sqlite3\nsqlite3.connect('../some.db').close()", 2, "some.db"),
    "moved in": ("import os, shutil\nshutil.copy('../outside.csv', 'copied.csv')", 2, "outside.csv"),
    "what is not there": ("try:\n    open('../absent.csv')\nexcept OSError:\n    pass", 2, "absent.csv"),
    "a folder of the system": ("try:\n    open('/etc/some.csv')\nexcept OSError:\n    pass", 2, "/etc/some.csv"),
}  # fmt: skip
"""Cell, its line that opens something outside the project (None where no line can be told), and the end of its name."""
FINE = """import os, tempfile, zoneinfo, pandas, scipy.stats
from pathlib import Path
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "own.txt").write_text("x")
    Path(folder, "own.txt").read_text()
open(os.devnull).close()
if os.path.exists("/proc/self/stat"):
    open("/proc/self/stat").close()
zoneinfo.ZoneInfo("Europe/Berlin")"""


def book(project: Path, cells: list[str], more: str = "") -> list[int]:
    """Makes a book of these cells; the line of the first line of each."""
    (project / "_quarto.yml").write_text(CONFIG.replace("csl: more/style.csl\n", ""), encoding="utf-8")
    text, lines = "# Inputs\n\n", []
    for cell in cells:
        lines.append(text.count("\n") + 2)
        text += f"```{{python}}\n{cell}\n```\n\n"
    (project / "index.qmd").write_text(text + more, encoding="utf-8")
    return lines


def made(project: Path, said: list[str] | None = None, **more) -> Recorded:
    recorded = Recorded()
    output = project.parent / "out"
    shutil.rmtree(output, ignore_errors=True)
    render_book(
        project, output, ["html"], environment={}, inputs="same", cache=project.parent / "cache", cell_seconds=60,
        progress=(said if said is not None else []).append, recorded=recorded, **more,
    )  # fmt: skip
    return recorded


def test_what_a_cell_opens_outside_the_project_is_refused_with_its_line(project, tmp_path):
    (tmp_path / "outside.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "thread.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "elsewhere.py").write_text("", encoding="utf-8")
    sqlite3.connect(tmp_path / "some.db").close()
    (tmp_path / "some.db").touch()
    (project / "link.csv").symlink_to(tmp_path / "outside.csv")
    lines = book(project, [FINE, *(code for code, _, _ in CELLS.values())])
    with pytest.raises(RenderError, match="lies outside the project; copy what the report needs into the project") as problem:
        made(project)
    said = str(problem.value).splitlines()
    for number, (name, (_, line, end)) in enumerate(CELLS.items(), 1):
        place = f"index.qmd line {lines[number] + (line or 1) - 1} (cell {number + 1}): "
        assert any(each.startswith(place) and end in each.partition(" is opened")[0] for each in said), (name, said)
    assert not any("(cell 1)" in each for each in said), said
    assert not (tmp_path / "cache" / "cells").exists()


UNSTEADY = {
    "import time as t\nt.time()": 2,
    "from datetime import datetime as dt, date\nnow = dt.now\nnow()": 3,
    "[date.today() for _ in range(2)]": 1,
    "import pandas as pd\npd.Timestamp('now')": 2,
    "import numpy as np\nnp.random.default_rng()": 2,
    "from numpy import random as rnd\nrnd.normal(size=3)": 2,
    "import random\nrandom.Random(None)": 2,
    "import uuid\nlist(map(lambda _: uuid.uuid4(), [1]))": 2,
    "getattr(t, 'time_ns')()": 1,
    "import subprocess, sys\nsubprocess.run([sys.executable, '--version'])": 2,
    "import socket\ns = socket.socket()\ntry:\n    s.connect(('127.0.0.1', 9))\nexcept OSError:\n    pass\ns.close()": 4,
    "import os\nos.path.getmtime('extra.csv')": 2,
}
STEADY = [
    "import time\ntime.strftime('%Y', (2020, 1, 1, 0, 0, 0, 0, 1, 0))\ntime.gmtime(0)",
    "import numpy as np, datetime, random\nnp.random.default_rng(3).normal()\nrandom.Random(3).random()\ndatetime.date(2020, 1, 1)",
    "class time:\n    def time():\n        return 3\ntime.time()",
    "sample = {'random': 1}\nsample['random']",
]


def test_clocks_chance_network_and_programs_are_warned_of_with_file_and_line(project):
    lines = book(project, list(UNSTEADY))
    said: list[str] = []
    recorded = made(project, said)
    assert [f"warning: {text}" for text in recorded.warnings] == [text for text in said if text.startswith("warning")]
    for first, (code, line) in zip(lines, UNSTEADY.items(), strict=True):
        assert any(text.startswith(f"index.qmd line {first + line - 1}: ") for text in recorded.warnings), (code, recorded.warnings)
    assert len(recorded.warnings) == len(UNSTEADY)
    again: list[str] = []
    assert made(project, again).warnings == recorded.warnings and "index.qmd: unchanged" in again


def test_chance_in_a_package_is_warned_of_unless_a_seed_is_given(project):
    (project / "helper.py").write_text("import time\n\ndef now():\n    return time.time()\n", encoding="utf-8")
    draw = "import pandas as pd\npd.Series([1, 2, 3]).sample(2)"
    lines = book(project, [*STEADY, draw, "import helper"])
    texts = made(project).warnings
    assert [text.split(": ")[0] for text in texts] == ["helper.py line 4", f"index.qmd line {lines[-2]}"], texts
    book(project, ["import numpy as np\nnp.random.seed(1)", draw])
    assert made(project).warnings == []


def test_listings_and_products_of_cells_are_known(project):
    """A folder that a cell lists counts by its names; what cells write is no input, and the pages show it from the first time on."""
    (project / "tables").mkdir()
    (project / "tables" / "one.csv").write_text("a", encoding="utf-8")
    draws = "from PIL import Image\nImage.new('L', (30, 30)).save('drawn.png')\nopen('tables/own.csv', 'w').write('x')"
    reads = "import glob\nprint(len(glob.glob('tables/*.csv')), open('drawn.png', 'rb').read(4))"
    lines = book(project, [draws + "; None", reads], "![A square, described at some length](drawn.png)\n")
    copy = project.parent / "copy"
    copy.mkdir()
    shutil.copytree(project, copy, dirs_exist_ok=True)  # as the study does: typeset from a copy, run in the project

    def run() -> tuple[Recorded, str]:
        said: list[str] = []
        return made(copy, said, run_in=project), "\n".join(said)

    recorded, _ = run()
    assert (project.parent / "out" / "drawn.png").is_file()
    assert recorded.made.keys() == {"drawn.png", "tables/own.csv"} and "drawn.png" not in recorded.inputs
    assert recorded.cells == {f"index.qmd line {lines[1]}": ["tables/"]}
    assert "unchanged" in run()[1]
    (project / "tables" / "two.csv").write_text("a", encoding="utf-8")
    later, said = run()
    assert "index.qmd: running" in said and later.inputs["tables/"] != recorded.inputs["tables/"]
    (project / "drawn.png").unlink()
    assert "index.qmd: running" in run()[1] and (project / "drawn.png").is_file()


def test_verify_names_inputs_that_are_not_what_they_were(project, monkeypatch):
    (project / "tables").mkdir()
    now = Now(project)
    record = {"inputs": {"extra.csv": "0", "helper.py": now["helper.py"], "gone.csv": "0", "tables/": now["tables/"]}}
    monkeypatch.setattr(book_folder, "ROOT", project)
    assert book_folder.changed_inputs(record) == ["extra.csv", "gone.csv"]
    (project / "tables" / "new.csv").write_text("", encoding="utf-8")
    assert book_folder.changed_inputs(record) == ["extra.csv", "gone.csv", "tables/"]
    assert book_folder.changed_inputs({**record, "made": {"tables/new.csv": None}}) == ["extra.csv", "gone.csv"]
