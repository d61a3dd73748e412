"""How a command ends when it is stopped or when nobody can hear it: in one line, with a status that says so, and with nothing left.

Signals become exceptions in the main thread, so that everything that cleans up does; `finally`, `with` and `atexit` do it all.
"""

import contextlib
import io
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator

from study.errors import INTERRUPTED, USAGE

_SIGNALLED = 128
READER_GONE = _SIGNALLED + 13
"""As if SIGPIPE had ended it, which is how other programs end whose reader has stopped."""
_ONE_STOP = 5.0
"""Seconds in which further signals belong to the first: a service manager sends two, and cleaning up must not be interrupted."""
_AGAIN = 0.05
"""Seconds after which a signal that was lost is sent again."""
_stopped_by: int | None = None


class Stopped(KeyboardInterrupt):
    """A signal asked this program to end; for everything between it is the same as Ctrl-C."""


def status() -> int:
    """Exit status of a command that was stopped: 128 and the signal's number."""
    return INTERRUPTED if _stopped_by is None else _SIGNALLED + _stopped_by


@contextlib.contextmanager
def orderly() -> Iterator[None]:
    """Around a whole command: signals end it as Ctrl-C does, and closed or full standard streams give no traceback."""
    _open_streams()
    with _signals():
        try:
            yield
        except SystemExit as end:
            sys.exit(_flushed(end.code))


def _flushed(code: int | str | None) -> int | str | None:
    """The exit status, unless what was printed last did not arrive."""
    try:
        sys.stdout.flush()
    except OSError as problem:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())  # what is still in its buffer would fail again when Python ends
        return code or (READER_GONE if isinstance(problem, BrokenPipeError) else USAGE)
    return code


# --- streams -------------------------------------------------------------------------------------------------------


class _Heedless(io.FileIO):
    """A file that takes what cannot be written: no message is worth losing the command's own status."""

    def write(self, content) -> int:
        try:
            return super().write(content)
        except OSError:
            return len(content)


def _open_streams() -> None:
    """Put something in the place of each closed stream, or the next file that is opened gets its number and its output."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # For reading, so that a product that has nowhere to go is an error; messages may go nowhere.
            os.dup2(os.open(os.devnull, os.O_RDONLY if name == "stdout" else os.O_RDWR), number)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    if sys.stderr is sys.__stderr__ or sys.__stderr__ is None:
        raw = io.BufferedWriter(_Heedless(2, "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)


# --- signals -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and SIGHUP raise :class:`Stopped`, unless the caller has them ignored, as `nohup` does."""
    global _stopped_by
    _stopped_by = None
    names = ("SIGTERM", "SIGHUP") if threading.current_thread() is threading.main_thread() else ()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    stop = _Stop()
    taken = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in taken:
        signal.signal(number, stop)
    told, sys.unraisablehook = sys.unraisablehook, stop.lost
    try:
        yield
    finally:
        sys.unraisablehook = told
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


class _Stop:
    """Handles signals: the first one raises :class:`Stopped`, those that follow closely belong to it."""

    def __init__(self) -> None:
        self.last = -_ONE_STOP

    def __call__(self, number: int, frame: object) -> None:
        global _stopped_by
        if time.monotonic() - self.last >= _ONE_STOP:
            self.last, _stopped_by = time.monotonic(), number
            warnings.simplefilter("ignore")  # of what is left half-way from here on
            raise Stopped(number)

    def lost(self, unraisable: "sys.UnraisableHookArgs") -> None:
        """Where the signal arrived in a callback, out of which no exception leads (a finalizer, say), it is sent again soon."""
        if isinstance(unraisable.exc_value, Stopped) and _stopped_by is not None:
            self.last = -_ONE_STOP
            again = threading.Timer(_AGAIN, os.kill, (os.getpid(), _stopped_by))
            again.daemon = True
            again.start()
        else:
            sys.__unraisablehook__(unraisable)
