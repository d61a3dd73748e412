"""Programs that this one starts and that must not outlive it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_SECONDS_TO_END = 20
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def call(command: Sequence[str], cwd: Path, env: Mapping[str, str], err: int | None = subprocess.PIPE) -> tuple[int, str, str]:
    """Run a command; its exit status, what it printed and, where `err` is a pipe, what it said (else that goes where ours goes).

    However this process ends, the command ends with it: asked to when an exception passes (Ctrl-C, a signal), and on Linux by
    the system when this process is killed. Raises OSError when it cannot be started.
    """
    process = start(command, cwd, env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)
    try:
        out, said = process.communicate()
    except BaseException:
        end(process)
        raise
    return process.returncode, out, said or ""


def start(command: Sequence[str], cwd: Path, env: Mapping[str, str], **streams) -> subprocess.Popen:
    """Start a program with these text streams; where this process is killed on Linux, the system asks it to end."""
    return subprocess.Popen(
        command, cwd=cwd, env=env, text=True, encoding="utf-8", errors="replace",
        preexec_fn=_end_with(os.getpid()) if _libc is not None else None, **streams,
    )  # fmt: skip


def end(process: subprocess.Popen) -> None:
    """End a program in good order, so that it removes what it has made, or by force after some seconds."""
    process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_with(parent: int):
    """What the new process does before it becomes the program: only system calls, for other threads' locks may be held."""

    def ask() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask
