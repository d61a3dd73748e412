"""The same report on another processor, in another language, in a hostile home folder and with another checkout on the path."""

import os
import platform
import re
import shutil
import sys
from pathlib import Path

import hostile_home
import pytest
from copies import with_chapters
from test_faults import sums
from test_isolation import copy_of_the_checkout, said

KERNELS = ("Prescott", "Sandybridge", "Haswell", "SkylakeX")  # OpenBLAS calls the first one Katmai
CHAPTERS = {
    "index": """# Summary

```{python}
#| fig-alt: Residuals
from analysis import course_shown
from study.report import open_report
report = open_report()
r = report.number
course_shown.residuals(report.tables, report.design)
```

At baseline `{python} r("efficacy.easi.w0.mixed_model.sd")`.
""",
    "chapters/bare": """# No style

```{python}
#| fig-alt: A line
import matplotlib.pyplot as plt
from scipy import linalg
figure, axes = plt.subplots()
axes.plot(linalg.solve([[3.0, 1.0], [1.0, 7.0]], [1.0, 2.0]), label="text")
axes.legend();
```

```{python}
assert __debug__ and "HOSTILE" not in globals() and plt.rcParams["figure.facecolor"] == "white"
f"{len(str(plt.rcParams))} {1 / 3}"
```
""",
}


def kernels() -> list[str]:
    """Sets of OpenBLAS's routines that this processor can run and does not use of itself."""
    code = "import numpy; numpy.ones((9, 9)) @ numpy.ones((9, 9))"

    def used(name: str) -> str:
        more = {"OPENBLAS_VERBOSE": "2"} | ({"OPENBLAS_CORETYPE": name} if name else {})
        found = re.search(r"Core: (\w+)", "".join(said([sys.executable, "-c", code], **more)[1:]))
        return found[1] if found else ""

    able = {used(name): name for name in KERNELS}
    return [name for core, name in able.items() if core not in ("", used(""))]


def render(repository: Path, state: Path, *options: object, **more: str) -> None:
    command = [repository / ".venv/bin/study", "render", "--engine", "builtin", *options]
    status, _, err = said(command, cwd=repository, STUDY_STATE=str(state), **more)
    assert status == 0 and "Traceback" not in err, err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="links")
def test_the_same_bytes_and_the_same_verdict(tmp_path):
    others = kernels()
    if not others and platform.machine() in ("x86_64", "AMD64"):
        pytest.skip("this NumPy has one set of routines for this processor")
    repository = copy_of_the_checkout(tmp_path / "report", "copy")
    for path in repository.glob("chapters/*.qmd"):
        path.unlink()
    with_chapters(repository, CHAPTERS)
    render(repository, tmp_path / "state")

    second = copy_of_the_checkout(tmp_path / "second checkout", "link")
    (second / "analysis" / "__init__.py").write_text(hostile_home.MARK, encoding="utf-8")
    hostile_home.put(repository / ".venv", hostile_home.IN_VENV)
    (repository / "matplotlibrc").write_text(hostile_home.RED, encoding="utf-8")
    hostile = hostile_home.home(tmp_path / "home") | {"PYTHONPATH": os.pathsep.join((str(second), str(repository)))}
    for name, language in zip(others[:1], ("tr_TR.UTF-8",), strict=False):
        output = ("--output", tmp_path / name)
        render(repository, tmp_path / f"state {name}", *output, OPENBLAS_CORETYPE=name, LC_ALL=language, **hostile)
        found = [sums(each) for each in (repository / "_book", tmp_path / name)]
        assert [file for file in found[0].keys() | found[1].keys() if found[0].get(file) != found[1].get(file)] == ["provenance.json"]
    more = {"OPENBLAS_CORETYPE": others[-1]} if others else {}
    status, out, err = said(
        [repository / ".venv/bin/study", "verify"], cwd=second, STUDY_STATE=str(tmp_path / "state"), LC_ALL="ru_RU.UTF-8",
        **more, **hostile,
    )
    assert (status, out.strip()) == (0, "same"), err


def test_typst_takes_no_package_of_the_user(tmp_path, monkeypatch):
    import typst

    from renderer.typeset import own_settings

    for name, value in hostile_home.home(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    (tmp_path / "work").mkdir()
    source = b'#import "@local/mark:1.0.0": mark\n#mark'
    with pytest.raises(typst.TypstError, match="package not found"):
        typst.compile(source, **own_settings(tmp_path / "fonts", tmp_path / "work"))


@pytest.mark.parametrize("start", ["copied", "own"])
def test_a_matplotlibrc_in_the_project_paints_nothing(start, tmp_path, monkeypatch):
    """Of a kernel that is the copy of another process, and of one that is started by itself."""
    from renderer import execute
    from renderer.source import parse_source

    if start == "own":
        monkeypatch.setattr(execute, "_nursery", lambda *_: None)
    elif sys.platform != "linux":
        pytest.skip("kernels are copied on Linux alone")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "matplotlibrc").write_text(hostile_home.RED, encoding="utf-8")
    source = parse_source('```{python}\nimport matplotlib\nprint(matplotlib.rcParams["axes.facecolor"])\n```\n', "bare.qmd")
    done = execute.execute_chapters(
        [source], tmp_path / "project", environment={}, inputs="", cache=tmp_path / "cache", cell_seconds=60, defaults={},
        progress=lambda _: None,
    )  # fmt: skip
    assert "white" in str(done[0].results) and "red" not in str(done[0].results)


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_quarto_is_refused_where_its_chapters_would_read_a_users_settings(tmp_path):
    repository = copy_of_the_checkout(tmp_path / "report", "copy")
    hostile_home.put(repository / ".venv", hostile_home.IN_VENV)
    hostile_home.put(tmp_path / "home", hostile_home.FILES)
    hook = [repository / ".venv/bin/python", repository / "hooks" / "pre_render.py"]
    hidden = {"STUDY_RENDERS": "1", "HOME": str(tmp_path / "home"), "PYTHONPATH": "", "IPYTHONDIR": ""}
    status, _, err = said(hook, cwd=repository, **hidden)
    for name in (".venv/etc/ipython/startup/00.py", "profile_default/startup/00.py", "ipython_kernel_config.py"):
        assert status == 2 and name in err and "study render" in err and "Traceback" not in err, err
    shutil.rmtree(repository / ".venv/etc")
    assert said(hook, cwd=repository, **hidden | {"IPYTHONDIR": str(tmp_path / "none")})[0] == 0
    (repository / "matplotlibrc").write_text(hostile_home.RED, encoding="utf-8")
    status, _, err = said(hook, cwd=repository, **hidden | {"IPYTHONDIR": str(tmp_path / "none")})
    assert status == 2 and str(repository / "matplotlibrc") in err
