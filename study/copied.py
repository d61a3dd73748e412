"""Work in a copy of this process, whose memory goes with it, on the second core while this one prepares what comes next."""

import contextlib
import ctypes
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator

_PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """While the block runs here, `work` runs in a copy of this process, for what it leaves on the disk; what it raises is raised at
    the end of the block. What a copy cannot finish is left to whoever needs it, as where the system cannot copy processes.
    """
    if sys.platform != "linux":
        yield
        return
    reading, writing = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        _work(work, writing, parent)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as answers:
            yield
            answer = answers.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.waitpid(child, 0)
    if answer and (problem := pickle.loads(answer)) is not None:
        raise problem


def _work(work: Callable[[], object], writing: int, parent: int) -> None:
    """In the copy, which ends with its parent and cleans up nothing of its; never returns."""
    try:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        problem: Exception | None = None
        if os.getppid() == parent:
            try:
                work()
            except Exception as raised:
                problem = raised
        with os.fdopen(writing, "wb") as answers:
            answers.write(pickle.dumps(problem))
    finally:
        os._exit(0)
