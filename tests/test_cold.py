"""What makes a cold render cheap changes nothing: work in a copy of the process, and modules imported once for all kernels."""

import json
import os
import sys
import time

import pytest
from conftest import ROOT

from renderer import forks
from renderer.execute import _recording
from study import copied
from study.errors import InvalidData

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")
MODULES = {
    "quiet": ("import json\nVALUE = json.dumps(1)\n", True),
    "speaks": ("print('hello')\n", False),
    "fails": ("1 / 0\n", False),
    "draws": ("import numpy\nnumpy.random.random()\n", False),
    "reads": ("from pathlib import Path\nTEXT = Path(__file__).with_name('words.txt').read_text()\n", True),
    "writes": ("from pathlib import Path\nPath(__file__).with_name('made.txt').write_text('')\n", False),
    "starts": ("import subprocess\nsubprocess.run(['true'])\n", False),
}


@linux
@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_imported_ahead_if_nothing_but_files_comes_of_it(tmp_path, name):
    text, ahead = MODULES[name]
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "words.txt").write_text("words", encoding="utf-8")
    log = tmp_path / "ahead.opened"
    nursery = forks.Nursery(["numpy"], {**os.environ, "MPLCONFIGDIR": str(tmp_path)}, tmp_path)
    try:
        assert nursery.imports_ahead([name], _recording(tmp_path, log, [str(log)], []), log) is ahead
    finally:
        nursery.end()
    noted = {note[1]: note[2] for note in map(json.loads, log.read_text("utf-8").splitlines()) if note[0] == "file"}
    assert noted[f"{name}.py"] is not None, "the kernel's record has the module"
    assert (name == "reads") == ("words.txt" in noted)


def test_the_chapters_share_modules_of_the_project():
    cells = ["from study.report import open_report\nfrom analysis import ige"]
    assert {"study.report", "analysis", "analysis.ige", "analysis.core.results"} <= set(forks.modules(cells, ROOT))
    assert not set(forks.modules(cells, ROOT)) & set(forks.packages(cells, ROOT))


@linux
def test_a_copy_leaves_what_it_writes_and_hands_on_what_it_raises(tmp_path):
    place = tmp_path / "left.txt"
    with copied.beside(lambda: place.write_text("left")):
        here = os.getpid()
    assert place.read_text() == "left" and os.getpid() == here

    def refuse():
        raise InvalidData("not valid", ["a finding"])

    with pytest.raises(InvalidData, match="not valid") as caught, copied.beside(refuse):
        pass
    assert caught.value.findings == ("a finding",)


@linux
def test_what_a_copy_cannot_finish_is_left_to_others_and_nothing_stays_behind():
    with copied.beside(lambda: os._exit(9)):
        pass
    with pytest.raises(KeyboardInterrupt), copied.beside(lambda: time.sleep(600)):
        raise KeyboardInterrupt
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
