"""The preview's own loop: what is saved goes to the worker, what the worker says goes to the pages."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from study import child, placing, scratch
from study.errors import RENDERING, RenderingFailed, StudyError, UsageError
from study.isolation import python
from study.paths import ROOT, private, state
from study.preview.server import Events, Server
from study.preview.watch import Watch, is_code

_HERE = Path(__file__).parent
_WORKER = _HERE / "worker.py"
_IN_PAUSE = 0.25
"""Seconds without a keystroke that is saved after which the whole site follows a sentence that is in its page already."""
_LONG = 20.0
"""Seconds after which a making gives way to what was saved meanwhile: a cell may never end."""
_LOOK = 0.5
"""Seconds in which Ctrl-C is noticed where waiting cannot be interrupted (Windows)."""


class NotMade(StudyError):
    """The first site could not be made, so there is nothing to show; `status` says whether the data or the rendering is to blame."""

    def __init__(self, found: list[dict], status: int):
        super().__init__("\n".join(_told(each) for each in found))
        self.status = status


def preview(data: str | None, port: int, browser: bool, say: Callable[[str], None]) -> None:
    """Make the site, serve it and follow every change, until KeyboardInterrupt.

    Raises :class:`NotMade` when there is no first site, :class:`UsageError` when the port is taken, and :class:`RenderingFailed` where
    the system does not tell what is saved.
    """
    scratch.folder()
    place = private(state("preview"))
    placing.sweep(place, "site-")
    with placing.aside(place, "site-") as site:
        loop = _Loop(site, data, say)
        try:
            loop.first()
            with _serving(site, port, loop) as server:
                loop.events = server.events
                say(f"the report is at {server.url} and follows every change; Ctrl-C ends")
                if browser and _has_display():
                    webbrowser.open(server.url)
                loop.go_on()
        finally:
            loop.end()


@contextlib.contextmanager
def _serving(site: Path, port: int, loop: "_Loop") -> Iterator[Server]:
    try:
        server = Server(site, port, loop.events, lambda name: loop.queue.put(("asked", name)))
    except (OSError, OverflowError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise UsageError(f"port {port} cannot be used ({reason}); choose another --port") from None
    with server:
        yield server


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


class _Worker:
    """A worker's process; what it answers comes into `events` as ("answer", worker, kind, what)."""

    def __init__(self, events: queue.Queue, ahead: bool) -> None:
        environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
        self.process = child.start(
            [*python(_WORKER), *(["--ahead"] if ahead else [])], ROOT, environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the preview, which ends its worker itself
        )  # fmt: skip
        self.events, self.begun = events, False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            kind, what = json.loads(line)
            self.events.put(("answer", self, kind, what))
        self.events.put(("answer", self, "gone", {}))

    def ask(self, first: dict, **request: Any) -> None:
        """Send a request, before the first one what the worker has to know; what a dead one misses, "gone" tells."""
        assert self.process.stdin
        with contextlib.suppress(OSError):
            for each in ([] if self.begun else [first]) + [request]:
                self.process.stdin.write(json.dumps(each) + "\n")
            self.process.stdin.flush()
        self.begun = True

    def end(self) -> None:
        child.end(self.process)
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]


class _Loop:
    """The state of the preview: what is to be made, what is being made, and by whom."""

    def __init__(self, site: Path, data: str | None, say: Callable[[str], None]) -> None:
        self.site, self.data, self.say = site, data, say
        self.queue: queue.Queue = queue.Queue()
        self.events = Events()
        self.worker = _Worker(self.queue, ahead=False)
        self.spare: _Worker | None = None
        self.site_due: float | None = None  # when the whole site is to be made
        self.wanted: list[str] = []  # products
        self.busy: tuple[str, float] | None = None  # what the worker makes, and since when
        self.asked_again = False  # something was saved since then
        self.failures: list[dict] = []
        self.written: frozenset[Path] = frozenset()  # by cells: nobody has saved them
        self.status = RENDERING
        self.made_once = False

    # -- the outer part ------------------------------------------------------------------------------------------------

    def first(self) -> None:
        """Make the first site. Raises :class:`NotMade`."""
        self.site_due = 0.0
        while not self.made_once:
            self.step()
            if self.failures:
                raise NotMade(self.failures, self.status)

    def go_on(self) -> None:
        outside = [] if self.data is None else [Path(self.data).resolve()]
        with Watch(self.queue, [folder for folder in outside if folder.is_dir() and not folder.is_relative_to(ROOT)]):
            self.site_due = 0.0  # what was saved before anybody watched
            while True:
                self.step()

    def end(self) -> None:
        for worker in (self.worker, self.spare):
            if worker is not None:
                worker.end()

    # -- one step ------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Begin what is due, then wait for the next thing that happens."""
        self.begin()
        try:
            kind, *what = self.queue.get(timeout=self.patience())
        except queue.Empty:
            return
        if kind == "saved":
            self.saved(what[0])
        elif kind == "asked":
            self.asked(what[0])
        elif kind == "blind":
            raise RenderingFailed(f"saved files are not noticed ({what[0]}); the report was not followed any further")
        elif what[0] is self.worker:
            getattr(self, f"on_{what[1]}")(**what[2])

    def patience(self) -> float:
        due = _LOOK if self.site_due is None or self.busy else self.site_due - time.monotonic()
        return min(_LOOK, max(0.0, due))

    def begin(self) -> None:
        now = time.monotonic()
        if self.busy and self.asked_again and now - self.busy[1] > _LONG:
            self.replace()  # whatever it is at
            self.site_due = now
        if self.busy:
            return
        if self.site_due is not None and now >= self.site_due:
            self.site_due = None
            self.start("site", do="site", page=self.events.page())
        elif self.wanted and not self.failures and self.site_due is None:
            name = self.wanted.pop(0)
            self.start(name, do="product", name=name)

    def start(self, what: str, **request: Any) -> None:
        self.busy, self.asked_again = (what, time.monotonic()), False
        if what == "site":
            self.events.now(working=True)
        self.worker.ask({"site": str(self.site), "data": self.data}, **request)

    def replace(self) -> None:
        """Go on with another worker: the one that has been got ready, if any."""
        self.worker.end()
        lives = self.spare is not None and self.spare.process.poll() is None
        self.worker, self.spare = self.spare if lives and self.spare else _Worker(self.queue, ahead=False), None
        if self.busy and self.busy[0] != "site":
            self.wanted.insert(0, self.busy[0])
        self.busy = None

    # -- what happens --------------------------------------------------------------------------------------------------

    def saved(self, paths: frozenset[Path]) -> None:
        paths -= self.written
        if not paths:
            return
        self.asked_again = True
        if any(path.parent == _HERE and path.suffix in (".js", ".css") for path in paths):
            self.events.changed(["@preview.js"])  # which has the pages loaded anew
        if own := sorted(path.relative_to(ROOT).as_posix() for path in paths & _loaded()):
            self.say(f"{', '.join(own)}: this preview runs on as it was started; end it (Ctrl-C) and start it again")
            self.events.now(outdated=sorted({*self.events.state["outdated"], *own}))
        if any(map(is_code, paths)):
            self.replace()
            self.site_due = time.monotonic()
            return
        [only, *others] = paths
        if not others and only.suffix == ".qmd" and only.is_relative_to(ROOT) and not self.failures and self.site_due is None:
            name = only.relative_to(ROOT).as_posix()
            self.worker.ask({"site": str(self.site), "data": self.data}, do="sentence", chapter=name)
        else:
            self.site_due = time.monotonic()

    def asked(self, name: str) -> None:
        if name not in self.wanted and (self.busy is None or self.busy[0] != name):
            self.wanted.append(name)
            self.products(**{name: "making"})

    def products(self, **state: str) -> None:
        self.events.now(products={**self.events.state["products"], **state})

    def changed(self, files: list[str]) -> None:
        """Other files: a PDF or a Word file that was made is one of an earlier report, and is offered no more."""
        if not files:
            return
        stale = {name for name, product in self.events.state["products"].items() if product != "making"}
        self.events.now(products={name: product for name, product in self.events.state["products"].items() if name not in stale})
        self.events.changed(files)

    def on_said(self, text: str) -> None:
        if not self.made_once or text.startswith("waiting") or text.endswith(": running"):
            self.say(text)

    def on_sentence(self, changed: list[str] | None) -> None:
        # The page may be right by now; the site follows it in a pause, or at once where it takes more than a sentence.
        self.site_due = time.monotonic() + (0.0 if changed is None else _IN_PAUSE)
        self.changed(changed or [])

    def on_page(self, changed: list[str]) -> None:
        """The page somebody looks at is there; the rest follows."""
        self.changed(changed)

    def on_made(self, changed: list[str], written: list[str], warnings: list[dict]) -> None:
        self.busy, self.written = None, frozenset(ROOT / name for name in written)
        if self.failures:
            self.say("mended")
        self.failures, first, self.made_once = [], not self.made_once, True
        if first:
            for warning in warnings[:20]:
                self.say(f"warning: {warning['message']}")
        self.events.now(working=False, problems=[])
        self.changed(changed)
        if self.spare is None:
            self.spare = _Worker(self.queue, ahead=True)

    def on_product(self, name: str, file: str) -> None:
        self.busy = None
        if self.asked_again:
            self.wanted.append(name)  # of what was saved meanwhile
        else:
            self.products(**{name: file})

    def on_failed(self, problems: list[dict], status: int, name: str | None = None) -> None:
        self.busy, self.status = None, status
        if self.asked_again:  # it may be mended, or may have come from what was half saved
            self.site_due = self.site_due or time.monotonic()
            if name:
                self.wanted.append(name)
            return
        self.failures = problems
        for each in problems if self.made_once else ():
            self.say(_told(each))
        self.products(**{each: "" for each in ([name] if name else [])})
        self.events.now(working=False, problems=problems)

    def on_replace(self) -> None:
        self.replace()
        self.site_due = time.monotonic()

    def on_gone(self) -> None:
        """The worker has died, of too little memory for instance."""
        self.replace()
        message = "what makes the pages died (out of memory, or a crash in a library); it starts anew when a file is saved"
        self.on_failed([{"file": None, "line": None, "message": message}], RENDERING)


def _loaded() -> set[Path]:
    """Files of the study that this process runs itself; what makes the pages is another process, which is replaced."""
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return {path for path in map(Path, filter(None, files)) if is_code(path)}


def _told(problem: dict) -> str:
    place = problem["file"] + (f" line {problem['line']}" if problem["line"] else "") + ": " if problem["file"] else ""
    return place + problem["message"]



