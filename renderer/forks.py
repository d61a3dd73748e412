"""Starting kernels fast where the system can fork: one process imports what the chapters need, kernels are its copies.

Importing pandas, matplotlib and scipy takes seconds in every kernel. A copy of a process that has them starts at
once, with as fresh a namespace as any other kernel. Of the project only modules are imported ahead that every chapter
imports, and only if nothing but files comes of it. Used on Linux; elsewhere kernels start the ordinary way.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from renderer import nursery as process
from renderer.record import MARK
from renderer.render_error import RenderError

MOST_ASLEEP = 24
"""Copies of kernels; each has memory of its own for what it has changed, some fifty megabytes."""
LEAST_FREE = 1024 * 1024
"""Kilobytes of memory that copies leave to others."""
LONGEST_WAKING = 20
"""Seconds."""
LONGEST_IMPORT = 120
"""Seconds that importing may take; a cell has a limit of its own."""

# --- what to import ahead ------------------------------------------------------------------------------------------


def packages(code: Iterable[str], root: Path) -> list[str]:
    """The installed modules that code imports at its top level, also by way of the project's own modules."""
    return _imported(code, root)[0]


def modules(code: Iterable[str], root: Path) -> list[str]:
    """The project's own modules that code imports at its top level, also by way of one another."""
    return _imported(code, root)[1]


def _imported(code: Iterable[str], root: Path) -> tuple[list[str], list[str]]:
    found: dict[str, None] = {}
    own: list[str] = []
    seen: set[str] = set()
    waiting = [name for text in code for name in _imports(text)]
    while waiting:
        name = waiting.pop(0)
        if name in seen or name.partition(".")[0] in sys.stdlib_module_names:
            continue
        seen.add(name)
        local = _local(name, root)
        if local is None:
            found[name] = None
        else:
            own += [name] if local else []  # else what a module holds
            waiting += [other for file in local for other in _imports(file.read_text(encoding="utf-8"))]
    return list(found), own


@lru_cache(1000)
def _imports(code: str) -> tuple[str, ...]:
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return ()  # magics, or a mistake that the cell itself will report
    names: list[str] = []
    for statement in body:
        if isinstance(statement, ast.Import):
            names += [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            names += [statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)]
    return tuple(names)


def _local(name: str, root: Path) -> list[Path] | None:
    """The project's files behind a module's name; None if it is not the project's."""
    parts = name.split(".")
    if not ((root / parts[0]).is_dir() or (root / f"{parts[0]}.py").is_file()):
        return None
    path = root.joinpath(*parts)
    return [file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()]


# --- the process that is copied ------------------------------------------------------------------------------------

_kept: dict[str, Nursery | None] = {}
"""The process that stays from one render to the next, under one name, in programs that asked for it by `keep`."""
_NAME = "nursery"


def keep() -> None:
    """From now on the process that is copied stays when a render ends, for the next one; `drop` ends it."""
    _kept.setdefault(_NAME, None)


def drop() -> None:
    """End the process that was kept, if any, and keep none from now on."""
    nursery = _kept.pop(_NAME, None)
    if nursery is not None:
        nursery.end()


def keeps(nursery: Nursery | None) -> bool:
    """Whether this process stays, so that copies of its kernels may sleep until the next render."""
    return nursery is not None and _kept.get(_NAME) is nursery


def nursery(modules: list[str], environment: Mapping[str, str], root: Path) -> Nursery:
    """The kept process if it lives and has imported all of that, else a new one."""
    if _NAME not in _kept:
        return Nursery(modules, environment, root)
    found = _kept[_NAME]
    if found is None or found.process.poll() is not None or found.root != root or not found.modules.issuperset(modules):
        if found is not None:
            found.end()
        found = _kept[_NAME] = Nursery(modules, environment, root)
    while found.unknown:
        found.unknown.pop().end()
    return found


class Nursery:
    """The process with everything imported; `start` makes a kernel out of a copy of it."""

    def __init__(self, modules: list[str], environment: Mapping[str, str], root: Path) -> None:
        self.modules, self.root = frozenset(modules), root
        self.sleepers: dict[str, Sleeper] = {}
        self.unknown: list[Sleeper] = []
        self.bed: tempfile.TemporaryDirectory | None = None
        self.ahead: list[Any] = []
        """Notes on the modules of the project that every kernel has before it begins."""
        # As a text, not as a file: kernels must look for modules in the project, not in the renderer's folder.
        script = Path(process.__file__).read_text(encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, json.dumps(modules)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root,
            env=dict(environment), start_new_session=True,  # Ctrl-C is for the renderer, which ends this process itself
        )  # fmt: skip

    def ask(self, **request: Any) -> int:
        """Send a request ("ahead", "start", "poll" or "signal") and give its answer, a number."""
        assert self.process.stdin and self.process.stdout
        if self.process.stdin.closed:
            return 0  # all kernels have ended with it
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            if not select.select([self.process.stdout], [], [], LONGEST_IMPORT)[0]:
                self.process.kill()
                raise RenderError(
                    f"importing what the chapters import takes more than {LONGEST_IMPORT} seconds; try one import after the other"
                )
            return int(self.process.stdout.readline())
        except (OSError, ValueError):
            raise RenderError(
                "Python died while it imported what the chapters import; try one import after the other"
            ) from None

    def imports_ahead(self, modules: list[str], record: str, log: Path) -> bool:
        """Import modules of the project as the first step of every chapter would, `record` being the script that notes what they
        open in `log`; whether that was all: nothing drawn by chance, asked of anybody, written or printed."""
        if not self.ask(do="ahead", modules=modules, record=record, mark=MARK):
            return False
        self.ahead = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        return all(note[0] in ("file", "folder") for note in self.ahead)

    @property
    def folder(self) -> Path:
        """Where the copies that sleep can be woken."""
        if self.bed is None:
            self.bed = tempfile.TemporaryDirectory(prefix="asleep-", ignore_cleanup_errors=True)
        return Path(self.bed.name)

    def left(self, name: str, seconds: float) -> Sleeper:
        """A copy that has gone to sleep; unless it is put under a key it ends when the next render begins."""
        self.unknown.append(Sleeper(self.folder, name, seconds))
        return self.unknown[-1]

    def asleep(self, key: str) -> Sleeper | None:
        """The copy that sleeps in this state, if there is one."""
        found = self.sleepers.get(key)
        if found is not None and not found.lives():
            found = self.sleepers.pop(key) and None
        return found

    def put_to_sleep(self, key: str, sleeper: Sleeper) -> None:
        """Keep a copy under the digest of everything that its state depends on; of too many the one goes that saves least."""
        if key in self.sleepers:
            return
        self.unknown.remove(sleeper)
        self.sleepers[key] = sleeper
        while self.sleepers and (len(self.sleepers) > MOST_ASLEEP or _free() < LEAST_FREE):
            self.sleepers.pop(min(self.sleepers, key=lambda each: self.sleepers[each].seconds)).end()

    def close(self) -> None:
        """End whatever kernels are left and, unless it is kept, the process."""
        if _kept.get(_NAME) is not self:
            self.end()
        elif self.process.poll() is None:
            self.ask(do="clear")

    def end(self) -> None:
        """End the process and whatever kernels are left."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.sleepers.clear()  # they have ended with it
        if self.bed is not None:
            self.bed.cleanup()


def _free() -> int:
    """Kilobytes of memory that new programs can have."""
    with open("/proc/meminfo", encoding="ascii") as lines:
        return next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), LEAST_FREE)


@dataclass(frozen=True)
class Sleeper:
    """A copy of a kernel that sleeps at `name` in `folder` and saves so many seconds of running."""

    folder: Path
    name: str
    seconds: float

    def connect(self) -> socket.socket:
        """A connection to it; raises OSError where nobody sleeps any more."""
        talk = socket.socket(socket.AF_UNIX)
        place = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            talk.settimeout(LONGEST_WAKING)
            talk.connect(f"/proc/self/fd/{place}/{self.name}")  # the path itself may be too long for a socket
        except OSError:
            talk.close()
            raise
        finally:
            os.close(place)
        return talk

    def lives(self) -> bool:
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    def ask(self, **request: Any) -> socket.socket:
        """Send a request, an empty one for the end; the connection, over which the answer comes."""
        talk = self.connect()
        talk.sendall(json.dumps(request).encode() + b"\n")
        return talk

    def end(self) -> None:
        """Let it end."""
        with contextlib.suppress(OSError):
            self.ask().close()


class _Woken:
    """A kernel that a sleeper has become, with the part of `subprocess.Popen` that Jupyter uses."""

    def __init__(self, talk: socket.socket) -> None:
        self.talk, self.lines = talk, talk.makefile("r", encoding="utf-8")
        self.pid, self.returncode = int(self.lines.readline()), None
        self.stdin = self.stdout = self.stderr = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self.talk], [], [], 0)[0]:
            self.returncode = int(self.lines.readline() or -signal.SIGKILL)
            self.lines.close()
            self.talk.close()
        return self.returncode

    def wait(self) -> int | None:
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Only the end can be sent: the sleeper, whose child the kernel is, ends it."""
        if self.returncode is None:
            self.talk.shutdown(socket.SHUT_WR)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class WakingProvisioner(LocalProvisioner):
    """Jupyter's way to a kernel's process, by way of one that sleeps."""

    def __init__(self, *, sleeper: Sleeper, request: Mapping[str, Any], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.sleeper, self.request = sleeper, request

    async def launch_kernel(self, cmd: list[str], **arguments: Any) -> Any:
        """Wake it with the arguments that follow the kernel's script in the command."""
        self.process = _Woken(self.sleeper.ask(options=cmd[cmd.index("-c") + 2 :], **self.request))  # type: ignore[assignment]
        self.pid, self.pgid = self.process.pid, None
        return self.connection_info


class _Copy:
    """A copied kernel, with the part of `subprocess.Popen` that Jupyter uses."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.nursery, self.pid, self.returncode = nursery, pid, None
        self.stdin = self.stdout = self.stderr = None

    def poll(self) -> int | None:
        if self.returncode is None:
            status = self.nursery.ask(do="poll", pid=self.pid)
            self.returncode = None if status == process.RUNNING else status
        return self.returncode

    def wait(self) -> int | None:
        return self.poll()

    def send_signal(self, number: int) -> None:
        self.nursery.ask(do="signal", pid=self.pid, signal=number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class CopyProvisioner(LocalProvisioner):
    """Jupyter's way to a kernel's process, by way of a nursery."""

    def __init__(self, *, nursery: Nursery, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.nursery = nursery

    async def launch_kernel(self, cmd: list[str], **arguments: Any) -> Any:
        """Start a copy with the arguments that follow the kernel's script in the command."""
        options = cmd[cmd.index("-c") + 2 :]
        env = {key: value for key, value in arguments["env"].items() if isinstance(value, str)}
        pid = self.nursery.ask(do="start", options=options, env=env, cwd=str(arguments["cwd"]))
        self.process = _Copy(self.nursery, pid)  # type: ignore[assignment]
        self.pid, self.pgid = pid, None
        return self.connection_info
