"""The start of every command: this folder's code and its `.venv`, and nothing that the user's environment brings along.

Uses the standard library alone, since it runs before the packages are known to be there.
"""

import os
import re
import signal
import subprocess
import sys
import sysconfig
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START = Path(__file__).with_name("__main__.py")
PROJECT = ("analysis", "expectations", "hooks", "intake", "protocol", "renderer", "study")
"""The packages of this repository; their names are ordinary, so other folders may have them, too."""
STAMP = "set-up-from.txt"
"""What `bootstrap.py` leaves in `.venv`: a line of its own, then the names that it left in site-packages."""

FOREIGN = (
    "PYTHON", "IPYTHON", "JUPYTER", "JPY_", "MPL", "MATPLOTLIB", "PANDAS_", "NUMPY_", "NPY_PROMOTION", "SCIPY_", "GX_", "GE_",
    "PYDEVD", "PYPANDOC", "PANDOC", "LUA_", "GHCRTS", "TYPST", "FONTCONFIG", "SOURCE_DATE_EPOCH", "LANGUAGE", "SETUPTOOLS_",
)  # fmt: skip
"""Beginnings of the variables by which a user's settings would reach the report, its caches or the programs it calls."""


def clean(environment: dict[str, str]) -> dict[str, str]:
    """These variables without the :data:`FOREIGN` ones; children take no packages from the user's own folders."""
    kept = {key: value for key, value in environment.items() if not key.upper().startswith(FOREIGN)}
    return kept | {"PYTHONNOUSERSITE": "1"}


def python(script: Path) -> list[str]:
    """Command that runs a script of the project with this Python: no variable, user's folder or current folder has a say."""
    return [sys.executable, "-I", "-X", "utf8", *(["-B"] if sys.dont_write_bytecode else []), str(script)]


def alone(script: Path) -> None:
    """Go on in a Python that takes modules from this folder and its packages alone; starts `script` again where this one does not."""
    if sys.flags.isolated and sys.flags.utf8_mode:
        foreign = [name for name in os.environ if name not in clean(dict(os.environ))]
        for name in foreign:
            del os.environ[name]
        os.environ["PYTHONNOUSERSITE"] = "1"
        if sys.path[0] != str(ROOT):
            sys.path.insert(0, str(ROOT))
        _compile_as_written()
        return
    command, environment = [*python(script), *sys.argv[1:]], clean(dict(os.environ))
    if os.name == "nt":  # where exec returns to the caller at once
        sys.exit(subprocess.call(command, env=environment))
    os.execve(sys.executable, command, environment)


class _AsWritten(SourceFileLoader):
    """Compiles a module from its text, whatever has been kept of it."""

    def path_stats(self, path):
        raise OSError("nothing that was compiled before is asked for")  # the documented way to say so


def _compile_as_written() -> None:
    """From now on this project's modules are what their files say.

    Python takes what it has compiled of a module for current where size and second of change agree; an archive that is unpacked over
    an earlier one has files of the same second. Results would then come from other code than the checksums name.
    """

    def finder(folder: str) -> FileFinder:
        place = Path(folder)
        if place != ROOT and not any(place.is_relative_to(ROOT / name) for name in PROJECT):
            raise ImportError("others have their compiled code beside them, and nobody edits them")
        return FileFinder(folder, (_AsWritten, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder)
    for folder in [each for each in sys.path_importer_cache if Path(each).is_relative_to(ROOT)]:
        del sys.path_importer_cache[folder]


def command_line() -> None:
    """The command `study`: everything that could make it another study's is looked at before anything is imported."""
    signal.signal(signal.SIGINT, _stopped_early)
    _stop_unless_own(Path(sys.argv[0]))
    alone(START)
    _say_where()
    problems = package_problems()
    if problems:
        _end(f"{'; '.join(problems)}. Nothing was run; set the packages up again with: make setup (or python bootstrap.py setup)")
    try:
        from study.cli import main

        main(prog_name="study")
    except ImportError as problem:
        if problem.name is None or problem.name.partition(".")[0] in PROJECT:
            raise
        _end(f".venv lacks the module {problem.name}; set it up again with: make setup (or python bootstrap.py setup)", 3)


def refuse_for_quarto() -> None:
    """Quarto hands its variables to the chapters' Python, which reads settings that nobody keeps from it: stop, and say so."""
    if problems := package_problems():
        _end(
            f"Quarto runs {sys.executable}, which is not the Python of this report ({'; '.join(problems)}); unset QUARTO_PYTHON, or "
            "set it to the one in .venv, and set that up with: make setup (or python bootstrap.py setup)"
        )
    reach = [name for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "MATPLOTLIBRC") if os.environ.get(name)]
    if sys.flags.isolated:
        return  # this Python has been started anew, and its variables are ours
    if reach:
        names = ", ".join(reach)
        _end(f"{names} would change what the chapters run; unset {' '.join(reach)}, or use study render, which is deaf to it")
    own = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython", "profile_default")
    places = [own, *(Path(folder, "ipython") for folder in ("/etc", "/usr/local/etc", Path(sys.prefix, "etc")))]
    files = [file for place in places for pattern in ("ipython*_config.*", "startup/*.*py") for file in sorted(place.glob(pattern))]
    files.insert(0, ROOT / "matplotlibrc")
    found = [str(file) for file in files if file.is_file()]
    if found:
        _end(f"{', '.join(found)} would change what the chapters run; move it away, or use study render --engine builtin")
    if program := _other_kernel():
        _end(
            f"`jupyter: python3` is {program} here and not the Python of this report; take its kernel away (jupyter kernelspec list "
            "shows where it is; JUPYTER_PATH may lead there), or use study render --engine builtin"
        )


def _other_kernel() -> str | None:
    """The program of Jupyter's kernel `python3` if it is not this Python; Jupyter reads a bare name as this one."""
    from jupyter_client.kernelspec import KernelSpecManager

    program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    own = Path(sys.executable).parent
    return None if Path(program).name == program or Path(program).parent == own else program


def package_problems() -> list[str]:
    """How the installed packages differ from `requirements.lock`: another version, or gone. Empty when they are as locked."""
    site = Path(sysconfig.get_path("purelib"))
    there = set(os.listdir(site))
    installed: dict[str, set[str]] = {}
    for folder in there:
        if folder.endswith(".dist-info"):
            name, _, version = folder.removesuffix(".dist-info").rpartition("-")
            installed.setdefault(_plain(name), set()).add(version)
    problems = []
    for name, version, marker in _locked():
        found = installed.get(name)
        if found is None and not marker:  # one with a condition may be for other machines; the list below knows
            problems.append(f"{name} {', '.join(sorted(version))} is locked and not installed")
        elif found is not None and found - version:
            problems.append(f"{name} {', '.join(sorted(found - version))} is installed, {', '.join(sorted(version))} is locked")
    try:
        listed = Path(sys.prefix, STAMP).read_text("utf-8").splitlines()[1:]
    except OSError:
        listed = []
    if not problems:
        problems = [f"{name} is gone from .venv" for name in listed if name not in there]
    return problems[:3] + ([f"and {len(problems) - 3} more"] if len(problems) > 3 else [])


def only_own_code() -> list[str]:
    """Modules loaded from elsewhere though the project, the packages or Python itself have one of that name: "name (file)"."""
    own = [ROOT, *(Path(sysconfig.get_path(key)) for key in ("stdlib", "platstdlib", "purelib", "platlib"))]
    # As they are named and as links lead: a package in .venv may be a link itself.
    places = [tuple({os.path.join(os.path.abspath(p), ""), os.path.join(os.path.realpath(p), "")}) for p in own]
    libraries = own[1:]
    foreign = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if "." in name or not isinstance(file, str) or name == "__main__":
            continue
        inside = places[:1] if name in PROJECT else places
        if any(each.startswith(place) for each in (os.path.abspath(file), os.path.realpath(file)) for place in inside):
            continue
        if name in PROJECT or any((place / name).is_dir() or (place / f"{name}.py").is_file() for place in libraries):
            foreign.append(f"{name} ({file})")
    return sorted(foreign)


def stop_unless_own_code() -> None:
    """Raises :class:`UsageError` when :func:`only_own_code` finds something: caches are keyed by this folder's files alone."""
    from study.errors import UsageError

    foreign = only_own_code()
    if foreign:
        raise UsageError(
            f"loaded from outside this folder and its .venv: {', '.join(foreign)}; take its folder out of PYTHONPATH and the path "
            "of modules, and run it again"
        )


def _locked() -> list[tuple[str, set[str], str]]:
    """Name, versions and condition of every locked package."""
    try:
        text = (ROOT / "requirements.lock").read_text("utf-8")
    except OSError:
        return []
    found: dict[str, tuple[set[str], str]] = {}
    for name, version, marker in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[ ]*(;[^\\\n]*)?", text, re.MULTILINE):
        versions, condition = found.get(_plain(name), (set(), ""))
        found[_plain(name)] = versions | {version}, condition or marker
    return [(name, versions, marker) for name, (versions, marker) in found.items()]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _study_above(folder: Path) -> Path | None:
    """The checkout of a study that holds this folder."""
    return next((place for place in (folder, *folder.parents) if (place / "study" / "isolation.py").is_file()), None)


def _stop_unless_own(script: Path) -> None:
    """The script in `.venv` of one folder must not run the study of another: a copy whose `.venv` leads to the original."""
    folder = Path(os.path.abspath(script)).parent  # links are not followed: the folder that the user has named
    if folder.parent.name != ".venv":
        return
    stands = folder.parent.parent
    if (stands / "study").is_dir() and not os.path.samefile(stands, ROOT):
        _end(f"{script} belongs to the study in {ROOT}, not to {stands}; run make setup there (or python bootstrap.py setup)")


def _say_where() -> None:
    """A word where the current folder is another study: the one that runs is that of the command."""
    try:
        current = _study_above(Path.cwd())
    except OSError:
        return
    if current is not None and not os.path.samefile(current, ROOT):
        print(f"study: this is the study in {ROOT}; the one of the current folder, {current}, is not looked at", file=sys.stderr)


def _end(message: str, status: int = 2) -> None:
    print(f"study: {message}", file=sys.stderr)
    sys.exit(status)


def _stopped_early(*_) -> None:
    os.write(2, b"study: stopped; nothing was begun\n")
    os._exit(130)
