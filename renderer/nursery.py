"""The process whose copies become kernels: a script of its own, see `forks`. It answers one request a line."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import json
import os
import signal
import sys
from typing import Any

RUNNING = -1000
LIFE = "_life_of_the_nursery"
"""Key of `sys.modules` by which a kernel finds the pipe that ends with this process."""
# What matplotlib loads when it draws, and what must be loaded in the kernel itself to connect with it.
_DRAWING = ["matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"]
_TIED_TO_A_KERNEL = ["matplotlib.pyplot", "matplotlib_inline.backend_inline"]


_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Linux ends this process when its parent has ended, however busy it is: no render leaves a process behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _serve(modules: list[str]) -> None:
    """The process's own loop: import, then answer one request a line until the input ends."""
    _die_with_parent()
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # nobody debugs a report, and it costs half a second
    drawing = _DRAWING if any(name.partition(".")[0] == "matplotlib" for name in modules) else []
    with contextlib.suppress(ImportError, KeyError), contextlib.chdir(os.environ["MPLCONFIGDIR"]):
        if drawing:  # elsewhere, for a matplotlibrc in the current folder comes before ours
            importlib.import_module("matplotlib")
    for name in ["ipykernel.kernelapp", "ipykernel.zmqshell", *modules, *drawing]:
        try:
            importlib.import_module(name)
        except Exception:
            continue
    for name in _TIED_TO_A_KERNEL:
        sys.modules.pop(name, None)
    gc.collect()
    gc.freeze()  # or the first collection in each kernel would make a copy of nearly all memory that it shares with this process
    life = os.pipe()
    ended: dict[int, int] = {}
    living: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        answer = 0
        if request["do"] == "start":
            pid = os.fork()
            if pid == 0:
                os.close(life[1])
                sys.modules[LIFE] = os.fdopen(life[0], "rb")  # type: ignore[assignment]
                _become_kernel(request)
            living.add(pid)
            answer = pid
        elif request["do"] == "ahead":
            answer = int(_imports_ahead(request))
        elif request["do"] == "clear":
            for pid in living:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            living.clear()
            ended.clear()
        else:
            pid = request["pid"]
            if pid in living:
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    living.discard(pid)
                    ended[pid] = os.waitstatus_to_exitcode(status)
            if request["do"] == "poll":
                answer = ended.get(pid, RUNNING)
            elif pid in living:
                os.kill(pid, request["signal"])
        print(answer, flush=True)
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _imports_ahead(request: dict[str, Any]) -> bool:
    """Import modules of the project on the record; whether all could be imported without a word."""
    said = io.StringIO()
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random")  # whose generator tells whether a module has drawn from it
    exec(request["record"], {})
    recorder: Any = sys.modules[request["mark"]]
    recorder.at(0)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            for name in request["modules"]:
                importlib.import_module(name)
    except BaseException:
        return False
    recorder.pause()
    return not said.getvalue()


def _become_kernel(request: dict[str, Any]) -> None:
    """In the copy: take on the kernel's environment and run it; never returns."""
    _die_with_parent()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("900")  # where memory runs out the system ends the cell that took it, not the program that reports it
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.environ.clear()
    os.environ.update(request["env"])
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    os.chdir(request["cwd"])
    status = 0
    try:
        sys.argv = ["ipykernel_launcher", *request["options"]]
        from ipykernel.kernelapp import launch_new_instance
        from IPython.core import application

        for folders in (application.ENV_CONFIG_DIRS, application.SYSTEM_CONFIG_DIRS):
            folders.clear()  # no settings and start-up files of this machine: /etc/ipython, .venv/etc/ipython

        launch_new_instance()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        status = 1
    finally:
        os._exit(status or 0)


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
