"""Running the chapters: one fresh kernel each, every cell and inline expression once, in the order of the text.

The result does not depend on the output format and is kept step by step (see :mod:`renderer.cells`).
"""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from renderer import asleep, noted, record
from renderer.cells import Cells, How, Ran, Step, located, noted_by_step, placed, steps
from renderer.kept import Kept, code, digest
from renderer.noted import Note, Recorded
from renderer.render_error import RenderError
from renderer.source import Cell, Inline, Prose, Source

PNG_DPI = 200  # for Word, which takes no vector figures; twice a good screen
_MATPLOTLIB = [
    "--InlineBackend.figure_formats={'svg', 'png'}",
    f"--InlineBackend.print_figure_kwargs={{'bbox_inches': 'tight', 'dpi': {PNG_DPI}, 'metadata': {{'Date': None}}}}",
    "--InlineBackend.rc={'svg.hashsalt': 'figure'}",
]
LAUNCH = """\
import contextlib, os, sys
sys.path.remove("")  # IPython puts the project's folder back when it has loaded itself
with contextlib.suppress(ImportError, KeyError), contextlib.chdir(os.environ["MPLCONFIGDIR"]):
    import matplotlib  # elsewhere, for a matplotlibrc in the current folder comes before ours
from IPython.core import application
for folders in (application.ENV_CONFIG_DIRS, application.SYSTEM_CONFIG_DIRS):
    folders.clear()  # nor settings and start-up files of this machine: /etc/ipython, .venv/etc/ipython
from ipykernel import kernelapp
kernelapp.launch_new_instance()
"""
"""What a kernel runs; a copied one does the same in `nursery`."""

_WORTH_A_COPY = 0.15
"""Seconds of running."""
_OF_THIS_RUN = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR")
"""Variables that name a folder which goes with the run."""
_DIED = "Python died while it ran (out of memory, or a crash in a library); close other programs and try again"
_SLOW = "make it faster or raise the limit (cell_seconds)"


@dataclass(frozen=True)
class Urgent:
    """The chapter that somebody waits for, and what is called with it when it has run and others have not."""

    chapter: str
    show: Callable[[Executed], None]


@dataclass(frozen=True)
class Executed:
    """A chapter run: for each item of its source the Markdown values of its inlines, or the outputs of its cell.

    Outputs are dictionaries as nbformat has them, their texts joined to one string.
    """

    source: Source
    results: tuple[list[Any], ...]


def execute_chapters(
    sources: Sequence[Source],
    root: Path,
    *,
    environment: Mapping[str, str],
    inputs: str,
    cache: Path,
    cell_seconds: float,
    defaults: Mapping[str, Any],
    progress: Callable[[str], None],
    places: Mapping[str, str] | None = None,
    check: Callable[[], None] = lambda: None,
    recorded: Recorded | None = None,
    own: Sequence[Path] = (),
    trusted: Sequence[str] = (),
    urgent: Urgent | None = None,
) -> list[Executed]:
    """Run the chapters with a step that is not in the cache, in parallel, each in an empty namespace in the project's folder.

    defaults: the project's `execute` settings. places, check, recorded, own, trusted: as in `renderer.pipeline.render_book`. urgent: a
    chapter that runs before the others if several have to.
    Raises `RenderError` with the chapter, the line and the cell.
    """
    programs = {source.name: _program(source, defaults) for source in sources}
    kept = Kept(cache / "cells")
    shutil.rmtree(cache / "chapters", ignore_errors=True)  # where earlier versions kept whole chapters
    cells = Cells(kept, _base(inputs, environment, trusted, root), root)
    looked_up = {name: cells.found(program) for name, program in programs.items()}
    ran = {name: found for name, (found, _) in looked_up.items()}
    states = {name: chain for name, (_, chain) in looked_up.items()}
    waiting = [source for source in sources if len(ran[source.name]) < len(programs[source.name])]
    for source in sources:
        if programs[source.name] and source not in waiting:
            progress(f"{source.name}: unchanged")
    own, done = [*own, cache], set()
    later: list[Source] = []
    if urgent is not None and any(source.name == urgent.chapter for source in waiting):
        later = [source for source in waiting if source.name != urgent.chapter]
        waiting = [source for source in waiting if source.name == urgent.chapter]
    while waiting:
        begun = _run_all(
            waiting, programs, root, {**environment, **(places or {})}, cell_seconds, progress, cache, own, trusted, states
        )
        check()
        fresh = {name: (began.results, began.notes) for name, began in begun.items()}
        first = {name: began.first for name, began in begun.items()}
        notes = {s.name: located(programs[s.name], fresh[s.name][1]) for s in waiting}
        noted.refuse_outside(notes, waiting)
        if noted.made(notes):
            states = {}
        if noted.made(notes) and any(first.values()):
            continue  # a step that was not run may have read what was written now: all from the start
        done |= fresh.keys()
        written = {name for other, its in ran.items() if other not in done for one in its for name in one.made}
        ran |= {name: ran[name][: first[name]] + its for name, its in noted_by_step(fresh, first, written, root).items()}
        for name in fresh:
            begun[name].remember(cells.keep(programs[name], ran[name]))
        # What a chapter has written may be what another one, kept from before, has read.
        cells.look_again()
        rest = [s for s in sources if s.name not in done and s not in later] if noted.made(notes) else []
        waiting = later + [source for source in rest if len(cells.found(programs[source.name])[0]) < len(programs[source.name])]
        if later and urgent is not None:
            [source] = [source for source in sources if source.name == urgent.chapter]
            urgent.show(Executed(source, _results(source, programs[source.name], ran[source.name])))
        later = []
    kept.tidy()
    told = {s.name: placed(programs[s.name], ran[s.name]) for s in sources}
    _tell(recorded if recorded is not None else Recorded(), sources, ran, told, root, trusted)
    for text in recorded.warnings if recorded is not None else ():
        progress(f"warning: {text}")
    return [Executed(source, _results(source, programs[source.name], ran[source.name])) for source in sources]


def _program(source: Source, defaults: Mapping[str, Any]) -> list[Step]:
    cells = {item: part for item, part in enumerate(source.items) if isinstance(part, Cell)}
    runs = {item: option(cell, source, defaults, "eval", True) is not False for item, cell in cells.items()}
    return steps(source, runs, {item: how_run(cell, source, defaults) for item, cell in cells.items()})


def how_run(cell: Cell, source: Source, defaults: Mapping[str, Any]) -> How:
    """Whether the cell may fail, and the size of its figures."""
    page = source.settings
    size = tuple(cell.options.get(key, page.get(key, defaults.get(key))) for key in ("fig-width", "fig-height"))
    return How(bool(option(cell, source, defaults, "error", False)), size if any(size) else None)


def _results(source: Source, program: Sequence[Step], ran: Sequence[Ran]) -> tuple[list[Any], ...]:
    results: list[list[Any]] = [[] for _ in source.items]
    for step, one in zip(program, ran, strict=True):
        results[step.item] = one.result
    return tuple(results)


def _base(inputs: str, environment: Mapping[str, str], trusted: Sequence[str], root: Path) -> str:
    """Digest of what every step depends on and no step opens: how steps are run, and which names at the top of the project would
    come before a package of the same name."""
    modules = [path.name for path in root.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()]
    how = code("execute.py", "cells.py", "record.py", "noted.py", "nursery.py", "forks.py", "asleep.py")
    return digest(how, inputs, sorted(environment.items()), sorted(trusted), sorted(modules), sys.version)


def _tell(
    recorded: Recorded, sources: Sequence[Source], ran: Mapping[str, Sequence[Ran]], notes: Mapping[str, list[Note]], root: Path,
    trusted: Sequence[str],
) -> None:  # fmt: skip
    """Fill in what the chapters, run now or kept, depend on and have made."""
    for source in sources:
        for one in ran[source.name]:
            recorded.inputs.update({name: text for name, text in one.inputs.items() if text})
            recorded.made.update(one.made)
    for name in recorded.made.keys() & recorded.inputs.keys():
        del recorded.inputs[name]
    for source in sources:
        for place, name in noted.by_cell(source, notes[source.name]):
            if name in recorded.inputs and name not in recorded.cells.setdefault(place, []):
                recorded.cells[place].append(name)
        recorded.warnings.extend(noted.warnings(source, notes[source.name], root, trusted))
    recorded.warnings[:] = dict.fromkeys(recorded.warnings)


def option(cell: Cell, source: Source, defaults: Mapping[str, Any], key: str, default: Any) -> Any:
    """A cell's option: its own, else the chapter's `execute`, else the project's `execute`, else the default."""
    page = source.settings.get("execute") or {}
    for settings in (cell.options, page, defaults):
        if key in settings:
            return settings[key]
    return default


# --- kernels ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begun:
    """A chapter run from the step `first` on: the result of each step, and the notes of `renderer.record` on what they have opened; a
    note's item is the step. remember: is told the digests of the chain when the results are kept, so that states can be found by them.
    """

    first: int
    results: list[list[Any]]
    notes: list[Note]
    remember: Callable[[list[str]], None] = lambda chain: None


def _run_all(
    sources: Sequence[Source], programs: Mapping[str, Sequence[Step]], root: Path, environment: Mapping[str, str], cell_seconds: float,
    progress: Callable[[str], None], cache: Path, own: Sequence[Path], trusted: Sequence[str], states: Mapping[str, Sequence[str]],
) -> dict[str, Begun]:  # fmt: skip
    """Run chapters from their start, or from the latest of their `states` (by number of the next step) in which a process sleeps."""
    with tempfile.TemporaryDirectory(prefix="kernels-", ignore_cleanup_errors=True) as folder:
        env = {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # the debugger's warning about frozen modules
            "PYTHONUTF8": "1",  # whatever the locale of this machine
            "PYTHONIOENCODING": "utf-8",
            "IPYTHONDIR": folder,  # no start-up files of the user in a namespace that must be empty
            "JUPYTER_CONFIG_DIR": folder,
            **_matplotlib_variables(cache),
            **environment,
        }

        own, ahead = [str(path) for path in (*own, Path(folder))], Path(folder, "ahead.opened")
        nursery = _nursery(sources, root, env, _recording(root, ahead, own, trusted), ahead)

        async def run() -> dict[str, Begun]:
            turns = asyncio.Semaphore(max(1, os.cpu_count() or 1))

            async def one(source: Source) -> tuple[str, Begun]:
                async with turns:
                    progress(f"{source.name}: running")
                    program = programs[source.name]
                    runner = _Runner(source, program, root, env, cell_seconds, progress, nursery, own, trusted)
                    runner.about = digest(sorted(environment.items()))
                    return source.name, await runner.run(folder, states.get(source.name, ()))

            tasks = [asyncio.create_task(one(source)) for source in sources]
            try:
                return dict(await asyncio.gather(*tasks))
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)  # kernels are shut down before we leave

        # A selector loop on every platform: ZeroMQ cannot wait in Windows' default one.
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                return runner.run(run())
        finally:
            if nursery:
                nursery.close()


def _matplotlib_variables(cache: Path) -> dict[str, str]:
    """Matplotlib's own settings and a folder of ours for its list of fonts, instead of what the user has in theirs."""
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or not spec.origin:
        return {}
    folder = cache / "matplotlib"
    folder.mkdir(parents=True, exist_ok=True)
    return {"MATPLOTLIBRC": str(Path(spec.origin).parent / "mpl-data" / "matplotlibrc"), "MPLCONFIGDIR": str(folder)}


def _nursery(sources: Sequence[Source], root: Path, env: Mapping[str, str], record: str, log: Path) -> Any:
    """The process that kernels are copied from, or None where copying is not possible or not worth it."""
    if sys.platform != "linux":
        return None
    from renderer import forks

    cells = [[item.code for item in source.items if isinstance(item, Cell)] for source in sources]
    texts = [text for chapter in cells for text in chapter]
    if not texts:
        return None
    found = forks.nursery(forks.packages(texts, root), env, root)
    if forks.keeps(found):
        return found  # modules of the project will be others in the next render
    of_each = [forks.modules(chapter, root) for chapter in cells]
    shared = [name for name in of_each[0] if all(name in other for other in of_each)]
    if shared and not found.imports_ahead(shared, record, log):
        found.end()
        found = forks.nursery(forks.packages(texts, root), env, root)
    return found


def _recording(root: Path, log: Path, own: Sequence[str], trusted: Sequence[str]) -> str:
    """Code that notes from now on, in the file `log`, what a process opens."""
    script = Path(record.__file__).read_text(encoding="utf-8")
    return f"{script}\nstart({str(root)!r}, {str(log)!r}, {list(own)!r}, {list(trusted)!r})"


class _Runner:
    def __init__(
        self, source: Source, program: Sequence[Step], root: Path, env: dict[str, str], seconds: float,
        progress: Callable[[str], None], nursery: Any, own: Sequence[str], trusted: Sequence[str],
    ) -> None:  # fmt: skip
        self.own, self.trusted = own, trusted
        self.nursery = nursery
        self.source, self.root, self.env, self.seconds = source, root, env, seconds
        self.program, self.progress = program, progress
        self.about = ""
        self.first, self.rested = 0, 0.0
        self.slept: list[tuple[int, Any]] = []
        self.figure_size: tuple[float | None, float | None] | None = None

    async def run(self, folder: str, states: Sequence[str]) -> Begun:
        # Imported here: they take a second that an unchanged report need not spend.
        import nbformat
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient

        stem = self.source.name.replace("/", "--")
        manager = AsyncKernelManager(connection_file=str(Path(folder) / f"{stem}.json"))
        # The running interpreter, whatever kernels are registered on this machine.
        argv = [sys.executable, "-c", LAUNCH, "-f", "{connection_file}"]
        argv += ["--HistoryManager.enabled=False", *_MATPLOTLIB]
        manager._kernel_spec = KernelSpec(argv=argv, display_name="Python 3", language="python")
        self.first, sleeper = self.latest(states)
        self.figure_size = next((step.how.size for step in reversed(self.program[: self.first]) if not step.inline), None)
        if self.nursery:
            from renderer import forks

            own = {"kernel_id": stem, "kernel_spec": manager._kernel_spec, "parent": manager}
            if sleeper is None:
                manager.provisioner = forks.CopyProvisioner(**own, nursery=self.nursery)
            else:
                folders = {name: self.env[name] for name in _OF_THIS_RUN}
                wake = {"log": str(self.log(folder)), "folder": folder, "variables": folders}
                manager.provisioner = forks.WakingProvisioner(**own, sleeper=sleeper, request=wake)
        notebook = nbformat.v4.new_notebook()
        client = NotebookClient(
            notebook, km=manager, timeout=self.seconds, startup_timeout=120, store_widget_state=False
        )
        quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }  # what cells write comes by message
        try:
            await client.async_start_new_kernel(env=self.env, cwd=str(self.root), **quiet)
            await client.async_start_new_kernel_client()
            await (self.record(client, folder) if sleeper is None else self.tell(client, f"{asleep.HERE}.awake()"))
            results = []
            self.rested = time.monotonic()
            for number, step in enumerate(self.program[self.first :], self.first):
                await self.rest(client, number)
                item = self.source.items[step.item]
                if isinstance(item, Prose):
                    results.append(await self.values(item, client, number))
                else:
                    await self.tell(client, f"{record.HERE}({number})")
                    await self.size(step.how.size, client)
                    results.append(await self.outputs(item, client, step.how.may_fail))
            await self.rest(client, len(self.program))
            await self.tell(client, f"{record.HERE}(None)", wait=True)
            return Begun(self.first, results, self.notes(folder), self.remember)
        except RuntimeError as problem:  # Jupyter's word for a kernel that does not get ready, or that died
            raise RenderError(
                f"Python could not be started, or died ({problem}); try again", self.source.name
            ) from None
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
            if manager.has_kernel:
                await manager.shutdown_kernel(now=True)  # at once, so that a cell that hangs does not hold up the end

    def log(self, folder: str) -> Path:
        return Path(folder) / f"{self.source.name.replace('/', '--')}.opened"

    async def record(self, client: Any, folder: str) -> None:
        """Have the kernel note what it opens from now on; its namespace stays empty."""
        if self.nursery and self.nursery.ahead:
            await self.tell(client, f"{record.RESUME}({str(self.log(folder))!r})", wait=True)
        else:
            start = _recording(self.root, self.log(folder), self.own, self.trusted)
            await self.tell(client, f"exec({start!r}, {{}})", wait=True)
        if self.may_sleep:
            from renderer.nursery import LIFE

            sleep = Path(asleep.__file__).read_text(encoding="utf-8") + f"ready({LIFE!r})"
            await self.tell(client, f"exec({sleep!r}, {{}})", wait=True)

    @property
    def may_sleep(self) -> bool:
        """Whether copies of the kernel may stay until the next render."""
        if self.nursery is None:
            return False
        from renderer import forks

        return forks.keeps(self.nursery)

    def latest(self, states: Sequence[str]) -> tuple[int, Any]:
        """The last step before which a process of the same state sleeps, and that process; else the first step and None."""
        for number in range(len(states) - 1, 0, -1) if self.may_sleep else ():
            sleeper = self.nursery.asleep(digest(states[number], self.about))
            if sleeper is not None:
                return number, sleeper
        return 0, None

    async def rest(self, client: Any, number: int) -> None:
        """Leave a copy of the kernel asleep before this step, if running until here has taken long enough to be worth it."""
        seconds = time.monotonic() - self.rested
        if not self.may_sleep or seconds < _WORTH_A_COPY:
            return
        name = f"{len(self.slept)}-{secrets.token_hex(6)}"
        call = {"slept": f"{asleep.HERE}.sleep({str(self.nursery.folder)!r}, {name!r})"}
        message = client.kc.execute("", silent=True, store_history=False, user_expressions=call)
        message = await message if asyncio.iscoroutine(message) else message
        reply = await asyncio.wait_for(client.async_wait_for_reply(message), self.seconds)
        answer = reply["content"].get("user_expressions", {}).get("slept", {})
        if answer.get("data", {}).get("text/plain") == "True":
            self.slept.append((number, self.nursery.left(name, seconds)))
        self.rested = time.monotonic()

    def remember(self, chain: list[str]) -> None:
        for number, sleeper in self.slept:
            self.nursery.put_to_sleep(digest(chain[number], self.about), sleeper)

    async def tell(self, client: Any, code: str, wait: bool = False) -> None:
        """Run code of ours, which leaves no trace in the chapter; the kernel takes one thing after the other, so nobody need wait."""
        message = client.kc.execute(code, silent=True, store_history=False)
        message = await message if asyncio.iscoroutine(message) else message
        if wait:
            await client.async_wait_for_reply(message)

    def notes(self, folder: str) -> list[Note]:
        log = self.log(folder)
        ahead = self.nursery.ahead if self.nursery else []
        return ahead + ([json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else [])

    async def size(self, size: tuple[float | None, float | None] | None, client: Any) -> None:
        """Let figures have this size in inches from now on, and matplotlib's own again afterwards."""
        if size == self.figure_size:
            return
        self.figure_size = size
        own = "m.rcParamsDefault['figure.figsize']"
        sides = [
            own + f"[{place}]" if side is None else repr(float(side)) for place, side in enumerate(size or (None, None))
        ]
        await self.tell(
            client,
            f"exec(\"import matplotlib as m; m.rcParams['figure.figsize'] = [{', '.join(sides)}]\", {{}})",
            wait=True,
        )

    async def outputs(self, cell: Cell, client: Any, may_fail: bool) -> list[dict[str, Any]]:
        import nbformat
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        node = nbformat.v4.new_code_cell(cell.code)
        if may_fail:
            node.metadata["tags"] = ["raises-exception"]
        client.nb.cells.append(node)
        try:
            await client.async_execute_cell(node, len(client.nb.cells) - 1)
        except CellExecutionError as error:
            message = _UNREAD.sub("", f"{error.ename}: {error.evalue}".strip())
            line = cell.line + _line_in_cell(error.traceback) - 1
            raise self.failed(f"{message}; correct the cell", line, cell) from None
        except CellTimeoutError:
            raise self.failed(
                f"still running after {self.seconds:g} seconds; {_SLOW}",
                cell.line,
                cell,
            ) from None
        except DeadKernelError:
            if (task := asyncio.current_task()) and task.cancelling():  # Ctrl-C: nbclient takes it for a dead kernel
                raise asyncio.CancelledError from None
            raise self.failed(_DIED, cell.line, cell) from None
        return _joined([output for raw in node.outputs if (output := self.plain(raw, cell)) is not None])

    def plain(self, raw: Any, cell: Cell) -> dict[str, Any] | None:
        """One output as plain data; what it wrote to stderr goes to the progress, too. No places of this machine, no colours."""
        keys = ("output_type", "name", "text", "data", "metadata", "ename", "evalue", "traceback")
        output = json.loads(json.dumps({key: raw[key] for key in keys if key in raw}))
        if output["output_type"] == "error":
            output["traceback"] = _without_colours("\n".join(output["traceback"]))
        if output["output_type"] == "stream":
            output["text"] = _OWN_FILE.sub(r"line \1", _without_colours(output["text"]))
        if output.get("name") == "stderr":
            for line in output["text"].splitlines():
                self.progress(f"{self.source.place(cell.line, cell.place)}: {line}")
        if "text/plain" in output.get("data", {}):  # an object's address differs in every run and tells nothing
            output["data"]["text/plain"] = re.sub(r" at 0x[0-9a-f]{6,}", "", output["data"]["text/plain"])
        return output

    async def values(self, prose: Prose, client: Any, number: int) -> list[str]:
        """The Markdown of each inline expression; they run after the cells before them."""
        from nbclient.exceptions import DeadKernelError

        expressions = {}
        for index, inline in enumerate(prose.inlines):
            expressions |= {f"place of {index}": f"{record.HERE}({number}, {index + 1})", str(index): inline.expression}
        message = client.kc.execute("", user_expressions=expressions, store_history=False)
        message = await message if asyncio.iscoroutine(message) else message
        try:
            reply = await asyncio.wait_for(client.async_wait_for_reply(message), self.seconds)
        except TimeoutError:
            reply = None
        except DeadKernelError:
            raise RenderError(f"inline code: {_DIED}", self.source.name, prose.inlines[0].line) from None
        if reply is None:
            first = prose.inlines[0]
            raise RenderError(
                f"inline code gave no answer within {self.seconds:g} seconds; {_SLOW}", self.source.name, first.line
            )
        answers = reply["content"].get("user_expressions", {})
        return [self.value(inline, answers[str(index)]) for index, inline in enumerate(prose.inlines)]

    def value(self, inline: Inline, answer: dict[str, Any]) -> str:
        code = f"`{inline.expression}`"
        if answer["status"] != "ok":
            raise RenderError(
                f"{code} gives {answer.get('ename')}: {answer.get('evalue')}; correct the expression",
                self.source.name, inline.line,
            )  # fmt: skip
        data = answer["data"]
        if "text/markdown" in data:
            return str(data["text/markdown"])
        if "text/html" in data or "image/png" in data or "image/svg+xml" in data:
            raise RenderError(
                f"{code} gives no text but a figure or a page fragment; show it in a cell of its own",
                self.source.name, inline.line,
            )  # fmt: skip
        return escaped(data.get("text/plain", ""))

    def failed(self, message: str, line: int, cell: Cell) -> RenderError:
        return RenderError(message, self.source.name, line, cell.place)


def _joined(outputs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is printed in one go is one output, in however many messages it has come, which depends on the time alone.

    >>> _joined([{"output_type": "stream", "text": "a"}, {"output_type": "stream", "text": "b"}, {"output_type": "error"}])
    [{'output_type': 'stream', 'text': 'ab'}, {'output_type': 'error'}]
    """
    joined: list[dict[str, Any]] = []
    for output in outputs:
        if joined and joined[-1]["output_type"] == output["output_type"] == "stream":
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def escaped(shown: str) -> str:
    """A value as text that Markdown leaves alone. `shown` is its repr; texts lose their quotes, numbers stay."""
    if shown[:1] in "'\"" and shown:
        text = " ".join(str(ast.literal_eval(shown)).splitlines())  # a paragraph does not end within a value
        return "".join("\\" + c if c in "\\`*_{}[]()>#+-.!$@<|~^&\"'" else c for c in text)
    return shown


_OWN_FILE = re.compile(r"\S*ipykernel_\d+[/\\]\d+\.py:(\d+)")
"""How Python names the cell that a warning is about."""
_UNREAD = re.compile(r" \(\d+\.py, line \d+\)$")
"""The same where Python could not read the cell; the line is said beside it."""


def _without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _line_in_cell(traceback: str) -> int:
    """The innermost line of the cell (first line 1) that an exception passed, from IPython's traceback."""
    plain = _without_colours(traceback or "")
    places = re.findall(r"(Cell In\[\d+\]),? line:? ?(\d+)", plain)
    own = [int(line) for cell, line in places if cell == places[0][0]]  # others are earlier cells that define functions
    return own[-1] if own else 1
