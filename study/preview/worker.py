"""The process that makes the site: a script of its own, which loads the code of the study, makes what it is asked for, and says so.

It answers one request a line on its standard input with lines on its standard output, both JSON. It is replaced when the code changes.
One that is started before it is needed has the packages loaded already; the first request has it load the study's own code.
"""

import contextlib
import importlib
import json
import os
import queue
import sys
import threading
from pathlib import Path

_PACKAGES = (
    "pandas", "scipy.stats", "lxml.html", "jinja2", "panflute", "pypandoc", "ruamel.yaml", "nbformat", "nbclient",
    "jupyter_client.manager", "pygments.lexers", "pygments.formatters",
)  # fmt: skip
_SLOW = ("great_expectations",)
"""Only changed data need it, and it takes seconds: it is loaded when nothing else is to be done."""
_IDLE = 0.5
"""Seconds without a request after which something may be loaded ahead."""


def main() -> None:
    requests, answer = _streams()
    if "--ahead" in sys.argv:
        for name in (*_PACKAGES, *_SLOW):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    first = requests.readline()
    if not first:
        return
    from study import ending, isolation

    isolation.alone(Path(__file__))
    with ending.orderly():
        try:
            _Worker(json.loads(first), requests, answer).work()
        except KeyboardInterrupt:
            sys.exit(ending.status())


def _streams():
    """Where requests come from and a function that answers; what anything prints goes with the messages."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    lock = threading.Lock()

    def answer(kind: str, **what) -> None:
        with lock, contextlib.suppress(BrokenPipeError):
            answers.write(json.dumps([kind, what]) + "\n")
            answers.flush()

    return requests, answer


class _Worker:
    """`first` says where the site is and which cut is reported. Sentences are answered at once, whatever else is being made."""

    def __init__(self, first: dict, requests, answer) -> None:
        self.first, self.requests, self.answer = first, requests, answer
        self.waiting: queue.Queue = queue.Queue()
        self.session = None
        self.slow = list(_SLOW)

    def work(self) -> None:
        threading.Thread(target=self.listen, daemon=True).start()
        try:
            while (request := self.next()) is not None:
                self.make(request)
        finally:
            if self.session is not None:
                self.session.close()

    def next(self) -> dict | None:
        while True:
            try:
                return self.waiting.get(timeout=_IDLE if self.slow and self.session else 3600)
            except queue.Empty:
                if self.slow and self.session:
                    with contextlib.suppress(ImportError):
                        importlib.import_module(self.slow.pop())

    def listen(self) -> None:
        for line in self.requests:
            request = json.loads(line)
            if request["do"] == "sentence":
                changed = None
                with contextlib.suppress(Exception):  # then it is made as everything else is
                    changed = self.session.sentence(request["chapter"]) if self.session else None
                self.answer("sentence", changed=changed)
            else:
                self.waiting.put(request)
        self.waiting.put(None)

    def make(self, request: dict) -> None:
        try:
            from study.preview.session import OtherCode, Session
        except Exception as problem:
            self.failed(problem)
            return
        try:
            if self.session is None:
                self.session = Session(Path(self.first["site"]), self.first["data"], lambda text: self.answer("said", text=text))
            if request["do"] == "product":
                self.answer("product", name=request["name"], file=self.session.product(request["name"]))
            else:
                changed = self.session.make(request.get("page"), lambda changed: self.answer("page", changed=changed))
                found = self.session.known[1].receipt.warnings if self.session.known else ()
                self.answer("made", changed=changed, written=self.session.written, warnings=[finding.as_dict() for finding in found])
        except OtherCode:
            self.answer("replace")
        except Exception as problem:
            self.failed(problem, name=request.get("name"))

    def failed(self, problem: BaseException, **what) -> None:
        from study.preview.mistakes import problems

        self.answer("failed", problems=problems(problem), status=getattr(problem, "status", 3), **what)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main()
