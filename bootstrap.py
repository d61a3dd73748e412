"""Sets up `.venv` and runs the report's commands in it, with the standard library alone.

    python bootstrap.py setup              create or refresh .venv from requirements.lock
    python bootstrap.py render [OPTIONS]   set up, then `study render` with these options
    python bootstrap.py verify [OPTIONS]   set up, then `study verify`: make the report again and compare
    python bootstrap.py test [OPTIONS]     set up, then every test this machine can run in a few minutes
    python bootstrap.py test-full          set up, then all tests, the slow ones too
    python bootstrap.py audit              list known vulnerabilities of the locked packages; write docs/licences.md
    python bootstrap.py lock               make requirements.lock anew from pyproject.toml

The Makefile's targets call this file; on Windows, where there is no make, call it yourself.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "set-up-from.txt"
OLDEST_PYTHON = (3, 11)
BIN = "Scripts" if os.name == "nt" else "bin"
SUFFIX = ".exe" if os.name == "nt" else ""
WHEELS = ROOT / "wheels"
FROM_WHEELS = ["--no-index", "--find-links", WHEELS] if WHEELS.is_dir() else []  # an archive may bring its packages along


class SetupError(Exception):
    """What went wrong during set-up and what to do about it."""


def program(name):
    return VENV / BIN / (name + SUFFIX)


def environment():
    """The caller's environment without what would lead Python or uv astray from .venv."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONHOME", "PYTHONPATH")}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return env


def fingerprint():
    """What .venv was made from: this place, this Python, the lock file and the project's own description."""
    digest = hashlib.sha256()
    for part in (str(ROOT), sys.version, Path(__file__).read_text("utf-8")):
        digest.update(part.encode("utf-8"))
    for file in (LOCK, PROJECT):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def run(command, doing):
    try:
        subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=environment())
    except FileNotFoundError:
        raise SetupError(f"{doing}: {command[0]} is missing; delete {VENV} and try again") from None
    except subprocess.CalledProcessError as error:
        raise SetupError(
            f"{doing} failed (exit status {error.returncode}); its own message is above. Where it is about certificates, as "
            "behind the proxy of a hospital, set the environment variable UV_SYSTEM_CERTS=1 and run it again"
        ) from None


def locked(package):
    """The lines of one package in the lock file: its version and its hashes."""
    lines, inside = [], False
    for line in LOCK.read_text("utf-8").splitlines():
        if not line.startswith((" ", "#")):
            inside = line.startswith(package + "==")
        if inside and not line.strip().startswith("#"):
            lines.append(line)
    if not lines:
        raise SetupError(f"{LOCK.name} has no entry for {package}; make it anew with: python bootstrap.py lock")
    return "\n".join(lines) + "\n"


def setup():
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        raise SetupError(
            f"needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer, this is {found} ({sys.executable})"
        )
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text("utf-8") == wanted and program("python").exists():
        return
    if Path(sys.prefix).resolve() == VENV:
        raise SetupError("this is the Python of .venv, which has to be made anew; use the system's Python")
    say(f"setting up {VENV} (once; again when requirements.lock changes)")
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"could not create {VENV}: {error}; on Debian and Ubuntu install python3-venv first") from None
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "uv.txt"
        pins.write_text(locked("uv"), encoding="utf-8")
        pip = [program("python"), "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", *FROM_WHEELS, "-r", pins]
        run(pip, "installing uv")
    uv = [program("uv"), "pip", "install", "--quiet", "--python", program("python")]
    # Compiled now, once: imports are several times slower where Python may not or does not write bytecode later.
    run(
        [*uv, "--require-hashes", "--only-binary", ":all:", "--compile-bytecode", *FROM_WHEELS, "-r", LOCK],
        "installing requirements.lock",
    )
    run([*uv, "--no-deps", "--no-build-isolation", "--offline", "--editable", ROOT], "installing this project")
    tell_quarto()
    STAMP.write_text(wanted, encoding="utf-8")
    say("set up")


def tell_quarto():
    """Quarto reads this file and so finds the project's Python with nothing to activate or export."""
    text = f"QUARTO_PYTHON={program('python').relative_to(ROOT).as_posix()}\n"
    (ROOT / "_environment.local").write_text(text, encoding="utf-8", newline="\n")


def lock():
    """Resolve pyproject.toml for every platform, with hashes and without any registry's address."""
    setup()
    run(
        [
            program("uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url",
            "--python-version", ".".join(map(str, OLDEST_PYTHON)), "--extra", "test", "--no-annotate",
            "--custom-compile-command", "make lock", "--upgrade", "--output-file", LOCK, PROJECT,
        ],
        "locking",
    )  # fmt: skip
    setup()


def study(*arguments):
    return subprocess.call([str(program("study")), *arguments], cwd=ROOT, env=environment())


def pytest(*arguments):
    # One process a core; a file's tests stay together, since they share what is costly to make.
    command = [str(program("python")), "-m", "pytest", "-n", "auto", "--dist", "loadfile", *arguments]
    return subprocess.call(command, cwd=ROOT, env=environment())


def say(text):
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


def main(arguments):
    commands = ("setup", "render", "verify", "test", "test-full", "audit", "lock")
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    if command not in commands:
        say(f"unknown command {command!r}; the commands are {', '.join(commands)}")
        return 2
    try:
        if command == "lock":
            lock()
            return 0
        setup()
    except SetupError as error:
        say(str(error))
        return 3
    if command in ("render", "verify"):
        return study(command, *rest)
    if command == "test":
        return pytest(*rest)
    if command == "test-full":
        return pytest("--slow", *rest)
    if command == "audit":
        return subprocess.call([str(program("python")), str(ROOT / "audit.py")], cwd=ROOT, env=environment())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
