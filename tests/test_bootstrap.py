"""Set-up notices what .venv lacks and says what to do about what it cannot mend; nothing here reaches a network."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    command = [sys.executable, "-m", "pip", "download", "--retries", "1", "--timeout", "8", "-d", tmp_path, "no-such-package"]
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


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="links and shell scripts")
def test_setup_in_an_odd_folder_and_repair_of_a_copied_venv(tmp_path):
    """The whole way, as a user goes it: set up, break a package, set up again; takes minutes and what an index gives."""
    import shutil

    place = tmp_path / "отчёт #1 [a] 'b' & $x"
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(".venv", ".git", "_book*", ".study", "__pycache__", ".*_cache"))
    (place / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    python = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run([python, "bootstrap.py", "setup"], cwd=place, capture_output=True, text=True)
    assert done.returncode == 0 and not (place / ".venv").is_symlink(), done.stderr
    study = [place / ".venv" / "bin" / "study", "validate"]
    checked = subprocess.run(study, cwd=tmp_path, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    moved = tmp_path / "moved"
    place.rename(moved)
    assert subprocess.run([moved / ".venv" / "bin" / "study", "--version"], cwd=tmp_path).returncode == 0
