"""Set-up notices what .venv lacks and says what to do about what it cannot mend; nothing here reaches a network."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bootstrap():
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", ROOT / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def small(bootstrap, tmp_path, monkeypatch):
    """A .venv with one package, as set-up would leave it."""
    site = tmp_path / ".venv" / ("Lib/site-packages" if os.name == "nt" else "lib/python3.11/site-packages")
    (site / "kept").mkdir(parents=True)
    (site / "kept" / "__init__.py").write_text("x = 1\n")
    (site / "kept-1.0.dist-info").mkdir()
    record = "kept/__init__.py,sha256=x,6\nkept-1.0.dist-info/RECORD,,\nkept/__pycache__/a.pyc,,\n"
    (site / "kept-1.0.dist-info" / "RECORD").write_text(record)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "set-up-from.txt")
    bootstrap.STAMP.write_text("\n".join(["digest", *sorted(os.listdir(site))]) + "\n")
    return site


def test_a_file_that_is_gone_or_cut_and_a_package_that_is_gone_are_noticed(bootstrap, small):
    assert bootstrap.missing() == []
    (small / "kept" / "__init__.py").write_text("x")
    assert bootstrap.missing() == ["kept/__init__.py"]
    (small / "kept" / "__init__.py").unlink()
    assert bootstrap.missing() == ["kept/__init__.py"]
    (small / "kept-1.0.dist-info" / "RECORD").unlink()
    (small / "kept-1.0.dist-info").rmdir()
    assert bootstrap.missing() == ["kept-1.0.dist-info"]


def test_this_environment_is_whole(bootstrap):
    if Path(sys.prefix) == bootstrap.VENV:
        assert bootstrap.missing() == []


@pytest.mark.parametrize(
    ("complaint", "words", "unwanted"),
    [
        ("OSError: [Errno 28] No space left on device", ("MB are free", "takes about 1.4 GB"), "certificates"),
        ("Failed to write: No space left on device (os error 28)", ("MB are free",), "index"),
        ("invalid peer certificate: UnknownIssuer", ("UV_SYSTEM_CERTS",), "disk"),
        ("HTTPConnectionPool(host='127.0.0.1', port=9): Connection refused", ("index", "wheels", "127.0.0.1"), "certificates"),
        ("error sending request for url (http://127.0.0.1:9/simple/uv/)", ("127.0.0.1", "wheels"), "secret"),
    ],
)
def test_the_advice_fits_the_complaint(bootstrap, monkeypatch, complaint, words, unwanted):
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:secret@127.0.0.1:9/simple")
    text = bootstrap.advice(complaint)
    assert all(word in text for word in words) and unwanted not in text


def test_an_index_that_nobody_reaches_is_named_soon(bootstrap, monkeypatch, tmp_path):
    """pip itself, with the options that set-up gives it, at a port where nobody listens."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    for name in ("PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    command = [sys.executable, "-m", "pip", "download", "--retries", "1", "--timeout", "5", "-d", tmp_path, "no-such-package"]
    with pytest.raises(bootstrap.SetupError, match=r"127\.0\.0\.1:9.*wheels"):
        bootstrap.run(command, "installing")


def test_setup_starts_without_the_users_modules(tmp_path):
    for name in ("hashlib", "venv", "csv"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('HOSTILE')")
    command = [sys.executable, ROOT / "bootstrap.py", "--help"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and "bootstrap.py setup" in done.stdout


def test_a_link_in_the_place_of_venv_is_never_emptied(bootstrap, monkeypatch, tmp_path):
    others = tmp_path / "others"
    others.mkdir()
    (others / "precious").write_text("theirs")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "set-up-from.txt")
    (tmp_path / ".venv").symlink_to(others, target_is_directory=True)
    monkeypatch.setattr(bootstrap.venv.EnvBuilder, "create", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(bootstrap.SetupError, match="MB are free"):
        bootstrap.setup()
    assert (others / "precious").read_text() == "theirs"


posix = pytest.mark.skipif(os.name == "nt", reason="signals, links and shell scripts")


def set_up(place: Path, **variables: str) -> tuple[int, str]:
    """Set-up in `place`, of what set-up itself reads: status and last line. With variables, an index is theirs alone."""
    place.mkdir(exist_ok=True)
    for name in ("bootstrap.py", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, place)
    python = getattr(sys, "_base_executable", sys.executable)
    env = {key: value for key, value in os.environ.items() if not (variables and key.startswith(("PIP_", "UV_")))}
    done = subprocess.run([python, "bootstrap.py", "setup"], cwd=place, env=env | variables, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize("silent", [False, True], ids=["closed port", "never answers"])
def test_setup_names_the_index_that_it_cannot_reach_and_the_way_without(tmp_path, silent):
    """A port where nobody listens; and one where somebody does who never takes up the call."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if silent:
            listener.listen(5)
        url = f"http://me:secret@127.0.0.1:{listener.getsockname()[1]}/simple"
        started = time.monotonic()
        status, said = set_up(tmp_path / "place", PIP_INDEX_URL=url, UV_INDEX_URL=url, PIP_CONFIG_FILE=os.devnull)
    assert status == 3 and "package index cannot be reached" in said and "127.0.0.1" in said and "wheels" in said, said
    assert "secret" not in said and time.monotonic() - started < 200  # about 5 and 16 s; it was 145 s


@pytest.mark.slow
@pytest.mark.parametrize("size", ["12m", "45m"])
def test_setup_on_a_full_disk_says_what_is_free_and_what_it_takes(tmp_path, size):
    """Too small for Python's own packages, and too small for what comes next."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a file system")
    try:
        status, said = set_up(place)
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
    assert status == 3 and "MB are free" in said and "about 1.4 GB" in said, said
    assert "certificates" not in said and "python3-venv" not in said and "cannot be reached" not in said, said


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["render", "test"])
def test_who_stops_make_stops_what_it_has_started(tmp_path, bootstrap, command, number):
    """The started program has the very process of bootstrap.py, whoever is asked to end."""
    started = tmp_path / ".venv" / "bin"
    started.mkdir(parents=True)
    for name in ("study", "python"):
        (started / name).write_text('#!/bin/sh\ntrap \'exit 43\' TERM HUP\necho "$$ $(pwd) $*"\nwhile :; do sleep 0.05; done\n')
        (started / name).chmod(0o755)
    program = (
        "import importlib.util, sys, pathlib\n"
        f"spec = importlib.util.spec_from_file_location('bootstrap', {str(ROOT / 'bootstrap.py')!r})\n"
        "module = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(module)\n"
        f"module.ROOT = pathlib.Path({str(tmp_path)!r})\nmodule.VENV = module.ROOT / '.venv'\nmodule.setup = lambda: None\n"
        f"sys.exit(module.main([{command!r}, '-x']))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with process:
        pid, folder, *arguments = process.stdout.readline().split()
        process.send_signal(number)
        assert process.wait(60) == 43
    assert (int(pid), folder, arguments[-1]) == (process.pid, str(tmp_path), "-x")


@posix
def test_set_up_that_is_asked_to_end_ends_what_it_has_started(bootstrap, tmp_path, monkeypatch):
    mark = tmp_path / "runs"
    sleeper = f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(600)"
    monkeypatch.setattr(bootstrap, "setup", lambda: bootstrap.run([sys.executable, "-c", sleeper], "sleeping"))
    child = os.fork()
    if child == 0:
        os._exit(bootstrap.main(["setup"]))
    while not mark.exists():
        time.sleep(0.02)
    os.kill(child, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 128 + signal.SIGTERM
    if sys.platform == "linux":
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.exists()]
        assert not [line for line in lines if str(mark).encode() in line]


def damaged_venv(place: Path) -> str:
    """A .venv that set-up would take for its own, but for a package that is gone and half a file; the name of the package."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / ".venv"], check=True)
    site = next((place / ".venv").glob("lib/python*/site-packages"))
    own = Path(yaml.__file__).parent
    record = next(own.parent.glob("[Pp]y[Yy][Aa][Mm][Ll]-*.dist-info"))
    for folder in (own, record):
        shutil.copytree(folder, site / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    spec = importlib.util.spec_from_file_location("bootstrap_there", place / "bootstrap.py")
    there = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(there)
    there.STAMP.write_text("\n".join([there.fingerprint(), "numpy", *sorted(os.listdir(site))]) + "\n", encoding="utf-8")
    os.truncate(site / "yaml" / "loader.py", 10)
    assert there.missing()[0] == "numpy" and "yaml/loader.py" in there.missing()
    return "numpy"


@pytest.mark.slow
@posix
def test_setup_in_an_odd_folder_and_repair_of_a_copied_venv(tmp_path):
    """The whole way, as a user goes it, from a .venv that lacks a package and half a file; takes minutes and what an index gives."""
    place = tmp_path / "отчёт #1 [a] 'b' & $x"
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(".venv", ".git", "_book*", ".study", "__pycache__", ".*_cache"))
    lost = damaged_venv(place)
    python = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run([python, "bootstrap.py", "setup"], cwd=place, capture_output=True, text=True)
    assert done.returncode == 0 and f"lacks {lost} and " in done.stderr and "it is made anew" in done.stderr, done.stderr
    study = [place / ".venv" / "bin" / "study", "validate"]
    checked = subprocess.run(study, cwd=tmp_path, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    moved = tmp_path / "moved"
    place.rename(moved)
    assert subprocess.run([moved / ".venv" / "bin" / "study", "--version"], cwd=tmp_path).returncode == 0
