"""Sets up `.venv` and runs the report's commands in it, with the standard library alone.

    python bootstrap.py setup              create or refresh .venv from requirements.lock
    python bootstrap.py render [OPTIONS]   set up, then `study render` with these options
    python bootstrap.py preview [OPTIONS]  set up, then `study preview`: the report in the browser, following every change
    python bootstrap.py verify [OPTIONS]   set up, then `study verify`: make the report again and compare
    python bootstrap.py test [OPTIONS]     set up, then every test this machine can run in a few minutes
    python bootstrap.py test-full          set up, then all tests, the slow ones too
    python bootstrap.py audit              list known vulnerabilities of the locked packages; write docs/licences.md
    python bootstrap.py lock               make requirements.lock anew from pyproject.toml

The Makefile's targets call this file; on Windows, where there is no make, call it yourself.
"""

import os
import sys

if __name__ == "__main__" and not sys.flags.isolated:
    # Once more, without PYTHONPATH, a user's site-packages and the current folder: before anything is imported from there.
    again = [sys.executable, "-I", os.path.abspath(__file__), *sys.argv[1:]]
    if os.name != "nt":
        os.execv(sys.executable, again)
    import subprocess

    sys.exit(subprocess.call(again))

import csv
import errno
import hashlib
import re
import shutil
import signal
import subprocess
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
TAKES = 1.4e9
"""Bytes that .venv takes on the disk."""
WHEELS = ROOT / "wheels"
FROM_WHEELS = ["--no-index", "--find-links", WHEELS] if WHEELS.is_dir() else []  # an archive may bring its packages along
# The command `study`: the Python beside it, found by the script's own place and deaf to the user's variables and folders; and to
# Ctrl-C until the study itself can answer it.
LAUNCHER = r"""#!/bin/sh
'''trap' '' INT
exec "$(dirname -- "$(realpath -- "$0")")/python" -I -X utf8 "$0" "$@"
' '''
from study.isolation import command_line

command_line()
"""


class SetupError(Exception):
    """What went wrong during set-up and what to do about it."""


class Stopped(KeyboardInterrupt):
    """SIGTERM or SIGHUP: for everything between it is the same as Ctrl-C. Its first argument is the signal's number."""


def program(name):
    return VENV / BIN / (name + SUFFIX)


def environment():
    """The caller's environment without what would lead Python, pip or uv astray from .venv; how they reach an index stays."""
    astray = ("PYTHON", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_DRY_RUN")
    env = {key: value for key, value in os.environ.items() if not key.upper().startswith(astray)}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PYTHONNOUSERSITE"] = "1"
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


def run(command, doing, **variables):
    """Run a program of .venv; its complaints pass through and decide what the user is advised to do."""
    try:
        done = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, env=environment() | variables, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
    except FileNotFoundError:
        raise SetupError(f"{doing}: {command[0]} is missing; delete {VENV} and try again") from None
    complaint = []
    with done:
        try:
            for line in done.stderr:
                complaint.append(line)
                print(line, end="", file=sys.stderr, flush=True)
        except BaseException:
            done.terminate()  # it must not go on without us
            raise
    if done.returncode:
        raise SetupError(f"{doing} failed (exit status {done.returncode}); {advice(''.join(complaint))}")


def advice(complaint):
    """What to do about a step that failed, by what it said."""
    text = complaint.lower()
    if any(sign in text for sign in ("no space left", "disk full", "not enough space", "os error 28", "quota exceeded")):
        return space()
    silent = any(sign in text for sign in ("timed out", "deadline", "refused", "unreachable", "resolve"))
    if "certificate" in text or (not silent and ("ssl" in text or "tls" in text)):
        return (
            "its own message is above. It is about certificates: behind the proxy of a hospital, set the environment "
            "variable UV_SYSTEM_CERTS=1 and run it again"
        )
    if silent or any(sign in text for sign in ("connect", "timeout", "dns", "error sending request", "no matching distribution")):
        return (
            f"the package index cannot be reached ({index(complaint)}). Check the network and the settings of pip and uv; without "
            f"a network, put the locked packages into {WHEELS} (study archive --with-wheels packs them) and run it again"
        )
    return "its own message is above"


def space():
    free = shutil.disk_usage(ROOT).free
    return (
        f"the disk is full: {free / 1e6:,.0f} MB are free in {ROOT} (or its folder for temporary files or packages is full), and "
        f"set-up takes about {TAKES / 1e9:.1f} GB; make room and run it again"
    )


def index(complaint):
    """The index that pip or uv asked, as far as it is known; never a password."""
    named = [os.environ[key] for key in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL") if os.environ.get(key)]
    asked = [url for url in named if (host := re.sub(r"^\w+://([^/@]*@)?([^/:]*).*$", r"\2", url)) and host in complaint]
    found = asked or re.findall(r"https?://[^\s'\"<>)`]+", complaint) or named
    return re.sub(r"//[^/@]*@", "//", found[0]) if found else "the one that pip uses by default"


def site_packages():
    return VENV / "Lib" / "site-packages" if os.name == "nt" else next(iter(VENV.glob("lib/python*/site-packages")), VENV / "lib")


def missing():
    """Files of the installed packages that are gone or have another size, and packages that are gone as a whole."""
    site = site_packages()
    try:
        listed = STAMP.read_text("utf-8").splitlines()[1:]
    except OSError:
        return [STAMP.name]
    gone = sorted(set(listed) - set(os.listdir(site))) if site.is_dir() else [str(site)]
    for record in site.glob("*.dist-info/RECORD"):
        own = record.parent.name.startswith("study_report-")  # set-up writes its start and its path anew
        for name, _, size in csv.reader(record.read_text("utf-8").splitlines()):
            try:
                there = os.stat(os.path.join(site, name)).st_size
            except OSError:
                there = None
            if (there is None and "__pycache__" not in name) or (size and there not in (None, int(size)) and not own):
                gone.append(name)
    return gone


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
    if STAMP.is_file() and STAMP.read_text("utf-8").partition("\n")[0] == wanted and program("python").exists():
        gone = missing()
        if not gone:
            return
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        say(f"{VENV} lacks {gone[0]}{more}; it is made anew")
    if Path(sys.prefix).resolve() == VENV.resolve() and sys.prefix != sys.base_prefix:
        raise SetupError("this is the Python of .venv, which has to be made anew; use the system's Python")
    say(f"setting up {VENV} (once; again when requirements.lock changes)")
    try:
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()  # never emptied: what a link leads to is another folder's
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(VENV)
    except subprocess.CalledProcessError as error:
        said = (error.output or b"").decode("utf-8", "replace") if isinstance(error.output, bytes) else str(error.output or "")
        if "No space left" in said or shutil.disk_usage(ROOT).free < 50e6:
            raise SetupError(f"could not create {VENV}: {space()}") from None
        raise SetupError(
            f"could not create {VENV}: {error}; where Python comes without ensurepip (Debian, Ubuntu), install python3-venv first"
        ) from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise SetupError(f"could not create {VENV}: {space() if full else error}") from None
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "uv.txt"
        pins.write_text(locked("uv"), encoding="utf-8")
        pip = [program("python"), "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
        soon = ["--retries", "1", "--timeout", "5"]  # an index that nobody reaches is named soon
        run([*pip, *soon, *FROM_WHEELS, "-r", pins], "installing uv")
    # Scripts that find their Python beside them: .venv works where the folder is moved or copied to, whatever its name.
    run(
        [program("uv"), "venv", "--quiet", "--offline", "--relocatable", "--allow-existing", "--python", program("python"), VENV],
        "making .venv movable",
    )
    uv = [program("uv"), "pip", "install", "--quiet", "--python", program("python")]
    if not FROM_WHEELS:
        # uv may have another index than pip: one question, asked with little patience; the installation itself has more.
        soon = {"UV_HTTP_TIMEOUT": "6", "UV_HTTP_CONNECT_TIMEOUT": "6", "UV_HTTP_RETRIES": "1"}
        run([*uv, "--dry-run", "--reinstall", "--refresh", "--no-deps", "uv"], "asking the package index", **soon)
    # Compiled now, once: imports are several times slower where Python may not or does not write bytecode later.
    run(
        [*uv, "--require-hashes", "--only-binary", ":all:", "--compile-bytecode", *FROM_WHEELS, "-r", LOCK],
        "installing requirements.lock",
    )
    # From here ("."), because uv takes a # in a path for a comment.
    run([*uv, "--no-deps", "--no-build-isolation", "--offline", "--editable", "."], "installing this project")
    start_here()
    tell_quarto()
    # The stamp comes last; the list beside it lets the study notice a package that has gone.
    STAMP.write_text("\n".join([wanted, *sorted(os.listdir(site_packages()))]) + "\n", encoding="utf-8", newline="\n")
    gone = missing()
    if gone:
        STAMP.unlink()
        raise SetupError(f"the packages are not whole after set-up: {gone[0]} is missing; run it again")
    say("set up")


def start_here():
    """Let `.venv` find the project by its own place, and `study` start with nothing but this folder and `.venv`."""
    site = site_packages()
    (site / "_study_report.pth").write_text(os.path.relpath(ROOT, site) + "\n", encoding="utf-8", newline="\n")
    if os.name == "nt":
        return  # the program that uv has written starts Python again by itself
    start = program("study")
    start.write_text(
        LAUNCHER,
        encoding="utf-8", newline="\n",
    )  # fmt: skip
    start.chmod(0o755)


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
    return become([program("study"), *arguments])


def pytest(*arguments):
    # One process a core; a file's tests stay together, since they share what is costly to make, and the longest files begin.
    return become(
        [program("python"), "-m", "pytest", "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder", *arguments]
    )


def become(command):
    """Run a command of .venv in the place of this program, so that whoever stops this one stops that one; its exit status."""
    command = [str(part) for part in command]
    if os.name == "nt":
        return subprocess.call(command, cwd=ROOT, env=environment())
    for number in STOPPING:
        if signal.getsignal(number) == stop:  # not where the caller has it ignored, as nohup does
            signal.signal(number, signal.SIG_DFL)
    os.chdir(ROOT)
    os.execve(command[0], command, environment())


STOPPING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def stop(number, frame):
    raise Stopped(number)


def say(text):
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


def main(arguments):
    commands = ("setup", "render", "preview", "verify", "test", "test-full", "audit", "lock")
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    if command not in commands:
        say(f"unknown command {command!r}; the commands are {', '.join(commands)}")
        return 2
    for number in STOPPING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)
    try:
        if command == "lock":
            lock()
            return 0
        setup()
    except SetupError as error:
        say(str(error))
        return 3
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        say(f"set-up failed: {space() if full else error}")
        return 3
    except KeyboardInterrupt as stopped:
        say("stopped; the next command sets up what is not finished")
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)
    if command in ("render", "preview", "verify"):
        return study(command, *rest)
    if command == "test":
        return pytest(*rest)
    if command == "test-full":
        return pytest("--slow", *rest)
    if command == "audit":
        return become([program("python"), ROOT / "audit.py"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
