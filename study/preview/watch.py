"""Which files of the project have been saved: sources, data, settings, styles and code, wherever they lie in it."""

import queue
import threading
from collections.abc import Callable
from pathlib import Path

import watchfiles

from study.inputs import is_source
from study.paths import ROOT

CODE = ("analysis", "expectations", "hooks", "intake", "protocol", "renderer", "study")
"""Folders of the study's own code: a process that has loaded it makes nothing more when it changes."""
_READ_ANEW = ".mplstyle"
"""Lies among the code and is read by who draws."""
_DEBOUNCE, _STEP = 200, 20
"""Milliseconds: what is saved without a longer pause than the step is one change, but no change waits longer than the first."""


class Watch:
    """Puts ("saved", paths) into `events` until it is closed. `outside` are further folders: of a cut that was named."""

    def __init__(self, events: queue.Queue, outside: list[Path]) -> None:
        self.events, self.outside = events, outside
        self.end = threading.Event()
        self.watched: set[Path] = set()
        self.folders = threading.Event()
        self.threads: list[threading.Thread] = []

    def __enter__(self) -> "Watch":
        self._look_into(_folders())
        self._begin(self._top, [ROOT], False, self.end)
        return self

    def __exit__(self, *problem) -> None:
        self.end.set()
        self.folders.set()
        for thread in self.threads:
            thread.join(5)

    def _top(self, paths: set[Path]) -> None:
        """Files at the top of the project; a folder that has come or gone there is watched from now on, or no more."""
        folders = _folders()
        if folders != self.watched:
            self.folders.set()
            self._look_into(folders)
            paths |= folders
        self._saved({path for path in paths if path.parent == ROOT and (path.is_file() or not path.exists() or path in folders)})

    def _look_into(self, folders: set[Path]) -> None:
        self.watched, self.folders = folders, threading.Event()
        self._begin(self._saved, [*sorted(folders), *self.outside], True, self.folders)

    def _begin(self, tell: Callable[[set[Path]], None], places: list[Path], deep: bool, end: threading.Event) -> None:
        ready = threading.Event()

        def run() -> None:
            watching = watchfiles.watch(
                *places, watch_filter=_is_of_interest, debounce=_DEBOUNCE, step=_STEP, stop_event=end, recursive=deep,
                raise_interrupt=False, rust_timeout=100, yield_on_timeout=True, ignore_permission_denied=True,
            )  # fmt: skip
            try:
                for changes in watching:
                    ready.set()
                    if changes:
                        tell({Path(path) for _, path in changes})
            except Exception as problem:  # too many files are watched on this machine already, for instance
                self.events.put(("blind", problem))
            finally:
                ready.set()

        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()
        ready.wait(10)  # nothing that is saved from now on is missed

    def _saved(self, paths: set[Path]) -> None:
        if paths:
            self.events.put(("saved", frozenset(paths)))


def is_code(path: Path) -> bool:
    """Whether a process that has made a report has loaded this file."""
    return path.suffix != _READ_ANEW and any(path.is_relative_to(ROOT / package) for package in CODE)


def _folders() -> set[Path]:
    """Folders at the top of the project that hold what a report may be made from."""
    return {path for path in ROOT.iterdir() if path.is_dir() and (is_source(path) or path.name in (*CODE, "data"))}



_NO_SOURCES = ("__pycache__", ".git", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".hypothesis")
_UNFINISHED = ("~", ".swp", ".swx", ".tmp", ".new", ".lock", ".pyc")


def _is_of_interest(change: watchfiles.Change, name: str) -> bool:
    """Not what Python, editors and unfinished commands put beside the files."""
    path = Path(name)
    parts = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else path.parts[-1:]
    own = any(part in _NO_SOURCES or ".under-way-" in part or part.endswith(".former") for part in parts)
    return not (own or path.name.endswith(_UNFINISHED) or path.name.startswith((".#", "#", ".~")))
