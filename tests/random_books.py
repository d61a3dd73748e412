"""Small books of tiny cells, edits of them at random, and a stand-in for kernels that runs cells in this process.

The stand-in keeps the record of `renderer.record` as a kernel does, so that hundreds of edits take seconds.
"""

import contextlib
import importlib
import io
import json
import os
import random
import sys
from copy import deepcopy
from functools import partial
from pathlib import Path

from renderer import record
from renderer.execute import Begun

CHAPTERS = ("index.qmd", "one.qmd", "two.qmd")
_CODE = (
    "x = {n}",
    "x = globals().get('x', 0) + {n}",
    "print(globals().get('x'))",
    "log = globals().setdefault('log', [])\nlog.append({n})\nprint(log)",
    "print(open('data/{d}.csv').read() if {d} in seen else 0)\nseen.add({d})",
    "try:\n    print(open('data/{d}.csv').read())\nexcept FileNotFoundError:\n    print('absent')",
    "import os\nprint(sorted(os.listdir('data')))",
    "import helper\nprint(helper.value())\nhelper.state.append({n})\nprint(len(helper.state))",
    "try:\n    import later\n    print(later.value)\nexcept ImportError:\n    print('not there')",
    "import os\nos.makedirs('out', exist_ok=True)\nopen('out/{d}', 'w').write('{n}')\nprint(open('out/{d}').read())",
    "",
)
_LOG = "globals().setdefault('log', [])"
_INLINE = ("globals().get('x')", f"len({_LOG})", f"{_LOG}.append(9) or len(log)", "{n}")
_OPTIONS = ("", "#| echo: false\n", "#| eval: false\n", "#| output: false\n", "#| include: false\n")


class Book:
    """A book on disk and the edits of it; `states` are those it had, for undoing."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.files: dict[str, str | None] = {}
        self.chapters = {name: [self.cell() if n % 2 else self.prose() for n in range(6)] for name in CHAPTERS}
        self.order = list(CHAPTERS[1:])
        self.others: dict[str, str | None] = {
            "helper.py": "from deeper import number\nstate = []\ndef value():\n    return number + 1\n", "deeper.py": "number = 1\n",
            "later.py": None, **{f"data/{n}.csv": f"{n}" for n in range(3)},
        }  # fmt: skip
        self.states: list = []
        self.written = 1_000_000_000
        self.write()

    def cell(self) -> list[str]:
        code = self.chance.choice(_CODE).replace("{n}", str(self.chance.randrange(9))).replace("{d}", str(self.chance.randrange(3)))
        return ["cell", self.chance.choice(_OPTIONS), code]

    def prose(self) -> list[str]:
        text = f"A sentence of number {self.chance.randrange(99)}."
        if self.chance.random() < 0.4:
            expression = self.chance.choice(_INLINE).replace("{n}", str(self.chance.randrange(9)))
            text += f" A value is `{{python}} {expression}`."
        if self.chance.random() < 0.2:
            text += f"\n\n## A heading {self.chance.randrange(99)}"
        return ["prose", "", text]

    def edit(self) -> str:
        """One edit at random, written to the disk; what it was."""
        kinds = ("prose", "cell", "swap", "options", "move", "delete", "insert", "twice", "data", "module", "order", "undo")
        kind = self.chance.choice(kinds)
        before = deepcopy((self.chapters, self.order, self.others))
        parts = self.chapters[self.chance.choice(CHAPTERS)]
        place = self.chance.randrange(len(parts))
        if kind == "undo" and self.states:
            self.chapters, self.order, self.others = deepcopy(self.chance.choice(self.states))
        elif kind == "data":
            name = f"data/{self.chance.randrange(3)}.csv"
            self.others[name] = None if self.others[name] and self.chance.random() < 0.3 else f"{self.chance.randrange(99)}"
        elif kind == "module":
            name = self.chance.choice(["helper.py", "deeper.py", "later.py"])
            number = self.chance.randrange(9)
            self.others[name] = {
                "helper.py": f"from deeper import number\nstate = [{number}]\ndef value():\n    return number + {number}\n",
                "deeper.py": f"number = {number}\n", "later.py": None if self.others["later.py"] else f"value = {number}\n",
            }[name]  # fmt: skip
        elif kind == "order":
            self.order.reverse()
        elif kind == "swap":
            other = self.chance.randrange(len(parts))
            parts[place], parts[other] = parts[other], parts[place]
        elif kind == "delete" and len(parts) > 1:
            del parts[place]
        elif kind == "insert":
            parts.insert(place, self.chance.choice([self.cell, self.prose])())
        elif kind == "twice":
            parts.insert(place, deepcopy(parts[place]))
        elif kind == "move":
            self.chapters[self.chance.choice(CHAPTERS)].append(deepcopy(parts[place]))
        elif kind == "options" and parts[place][0] == "cell":
            parts[place][1] = self.chance.choice(_OPTIONS)
        else:
            parts[place] = self.prose() if kind == "prose" else self.cell()
        self.states.append(before)
        self.write()
        return kind

    def write(self) -> None:
        config = "project: {type: book, execute-dir: project}\nbook:\n  title: Edits\n  chapters:\n    - index.qmd\n"
        config += "".join(f"    - {name}\n" for name in self.order)
        files = {"_quarto.yml": config, **self.others}
        for name, parts in self.chapters.items():
            first = ["cell", "#| echo: false\n", "seen = set()"]
            texts = [f"```{{python}}\n{options}{code}\n```" if kind == "cell" else code for kind, options, code in [first, *parts]]
            files[name] = "\n\n".join([f"# Chapter {name}", *texts]) + "\n"
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink(missing_ok=True)
            elif self.files.get(name) != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                # Python takes what it has compiled for current where size and second agree, and edits here are faster than that.
                self.written += 1
                os.utime(path, (self.written, self.written))
        self.files = files


_recorders: list[record._Recorder] = []
_hooked = False
# In the script's own namespace, whose frames it leaves out when it looks for the code that opens something.
_hook = partial(eval("lambda found, event, arguments: found and found[0].note(event, arguments)", vars(record)), _recorders)


def run_in_process(sources, programs, root, environment, seconds, progress, cache, own, trusted, states) -> dict:
    """In the place of `renderer.execute._run_all`."""
    global _hooked
    if not _hooked:
        sys.addaudithook(_hook)  # for good, and idle outside of this function
        _hooked = True
    given = {}
    for source in sources:
        progress(f"{source.name}: running")
        given[source.name] = Begun(0, *_one(programs[source.name], root, cache, own, trusted))
    return given


def _one(program, root: Path, cache: Path, own, trusted) -> tuple[list, list]:
    log = cache / "notes.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    recorder = record._Recorder(os.path.realpath(root), descriptor, [str(path) for path in own], trusted)
    recorder.names = namespace = {"__name__": "__main__"}
    for module in root.glob("*.py"):  # another test of this process may have imported one of the same name from elsewhere
        sys.modules.pop(module.stem, None)
    results = []
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    path, sys.path[:] = list(sys.path), [str(root), *(place for place in sys.path if recorder.is_no_input(os.path.realpath(place)))]
    importlib.invalidate_caches()
    try:
        with contextlib.chdir(root):
            for number, step in enumerate(program):
                recorder.at(number)
                _recorders.append(recorder)
                try:
                    results.append(_values(step, namespace) if step.inline else _outputs(step, namespace))
                finally:
                    _recorders.clear()
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = written
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(str(root)):
                del sys.modules[name]
        os.close(descriptor)
    return results, [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def _values(step, namespace) -> list[str]:
    return [str(eval(expression, namespace)) for expression in step.code]


def _outputs(step, namespace) -> list[dict]:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        exec(step.code[0], namespace)
    return [{"output_type": "stream", "name": "stdout", "text": text.getvalue()}] if text.getvalue() else []
