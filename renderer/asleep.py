"""Run in a kernel before its first cell: between two steps a copy of it can go to sleep, and wake as often as it is wanted.

A script of its own, as `record`. A copy (a fork) has everything that the cells before have left: names, modules, lists that were
appended to, generators that were drawn from. Woken, it copies itself again and the copy becomes a kernel with channels of its own,
so the sleeper stays for the next time. What a fork does not carry over stands in the way: then nothing goes to sleep, and the chapter
runs from an earlier place.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import random
import select
import signal
import socket
import sys
import threading
from typing import Any

_MARK = "_sleep_of_the_render"
HERE = f"__import__('sys').modules[{_MARK!r}]"
"""Expression in a kernel: what puts copies to sleep."""
_RECORD = "_record_of_the_render"
_PR_SET_PDEATHSIG = 1
_OUTSIDE = ("made", "network", "process")
"""Notes of `record` on what happens outside the process and would not happen again."""
_FONTS = (".ttf", ".ttc", ".otf")
_POOLS = ("libgomp", "libiomp", "libomp", "libtbb")
"""Their threads do not survive a fork, and nobody makes them anew (OpenBLAS does)."""


def ready(life: str) -> None:
    """From now on the kernel's copies can sleep, until the pipe whose number is in `sys.modules` under this name ends."""
    sys.modules[_MARK] = _Sleeper(sys.modules[life])  # type: ignore[assignment, arg-type]


class _Sleeper:
    def __init__(self, life: Any) -> None:
        self.life = life
        self.threads = _threads()
        self.open = _open()
        self.out = sys.stdout, sys.stderr
        self.chance: Any = None

    def sleep(self, folder: str, name: str) -> bool:
        """Leave a sleeping copy that listens at `name` in this folder; whether there is one."""
        record: Any = sys.modules[_RECORD]
        record.busy.now = True  # nothing of this is the chapter's
        try:
            return self.may_sleep(record) and self.fork(folder, name)
        finally:
            record.busy.now = False

    def may_sleep(self, record: Any) -> bool:
        if any(kind in _OUTSIDE for _, kind, *_ in record.seen):
            return False
        if _threads() - self.threads or _open() - self.open:
            return False
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            return not any(pool in line for line in maps for pool in _POOLS)

    def fork(self, folder: str, name: str) -> bool:
        listener = socket.socket(socket.AF_UNIX)
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            listener.bind(f"/proc/self/fd/{place}/{name}")  # the path itself may be too long for a socket
            listener.listen(4)
            chance = random.getstate()  # which a fork draws anew
            if os.fork() == 0:
                try:
                    os.close(place)
                    self.wait(listener, chance)
                finally:
                    os._exit(1)
        except OSError:
            return False
        finally:
            listener.close()
            os.close(place)
        return True

    def wait(self, listener: socket.socket, chance: Any) -> None:
        """In the copy: answer each request with a kernel, until the end of the render's own process."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        awake: dict[int, tuple[int, socket.socket]] = {}
        while True:
            talks = {talk: pid for pid, talk in awake.values()}
            found, _, _ = select.select([listener, self.life.fileno(), *awake, *talks], [], [])
            if self.life.fileno() in found:
                return
            for each in found:
                if each in talks:  # who asked for the kernel is gone, or says that it is to go
                    with contextlib.suppress(OSError):
                        os.kill(talks[each], signal.SIGKILL)
            for each in [descriptor for descriptor in found if descriptor in awake]:
                pid, talk = awake.pop(each)
                status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                os.close(each)
                with contextlib.suppress(OSError), talk:
                    talk.sendall(f"{status}\n".encode())
            if listener in found:
                talk, _ = listener.accept()
                with talk.makefile("r", encoding="utf-8") as lines:
                    line = lines.readline()
                if not line:  # somebody only looks whether anybody sleeps here
                    talk.close()
                    continue
                if not (request := json.loads(line)):
                    return
                pid = os.fork()
                if pid == 0:
                    try:
                        self.wake(chance, **request)
                    finally:
                        os._exit(1)
                talk.sendall(f"{pid}\n".encode())
                awake[os.pidfd_open(pid)] = pid, talk

    def wake(self, chance: Any, options: list[str], log: str, folder: str, variables: dict[str, str]) -> None:
        """In the copy's copy: a kernel with new channels around the shell that there is."""
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        os.environ.update(variables)
        record: Any = sys.modules[_RECORD]
        record.notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        record.no_inputs = (*record.no_inputs, folder, os.path.realpath(folder))
        asyncio._set_running_loop(None)  # type: ignore[attr-defined]  # the one in which this runs has ended with the fork
        asyncio.set_event_loop(asyncio.new_event_loop())
        places, path = self.out, list(sys.path)
        app = _kernel_again()
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        app.initialize(options)
        app.streams = sys.stdout, sys.stderr
        for former, new in zip(places, app.streams, strict=True):
            former.__dict__.update(new.__dict__)  # a cell may have kept it
        sys.stdout, sys.stderr = places
        app.kernel.shell.kernel = app.kernel
        sys.path[:] = path
        self.threads = _threads()
        self.open = _open()
        record.busy.now = False
        self.chance = chance
        app.start()

    def awake(self) -> None:
        """Before the first step: whatever starting drew from the generator of random numbers was not drawn."""
        random.setstate(self.chance)


def _kernel_again() -> Any:
    """A kernel's application that leaves the shell as it is."""
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp

    def nothing(*_: Any) -> None:
        """It was done before the chapter began."""

    IPKernelApp.clear_instance()
    IPythonKernel.clear_instance()
    done = ("init_path", "init_gui_pylab", "init_extensions", "init_code", "init_pdb", "init_crash_handler", "patch_io")
    return type("IPKernelApp", (IPKernelApp,), {"streams": None, **dict.fromkeys(done, nothing)}).instance()


def _threads() -> set[str]:
    """Names of threads that are not ZeroMQ's, which begins its own anew after a fork."""
    return {thread.name for thread in threading.enumerate() if not type(thread).__module__.startswith("zmq.")}


def _open() -> set[tuple[str, str]]:
    """Files, sockets and pipes that are open, by number and name. Fonts stay open when something was drawn; who reads one looks for
    the place first, so that it does not matter where another process has left off."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{name}")
            if not target.startswith(("anon_inode:", "/proc/")) and not target.lower().endswith(_FONTS):
                found.add((name, target))
    return found
