"""Code whose result is another one every time: clocks and random numbers without a seed, found by reading it.

Python raises no audit event for a clock, so names are followed from the imports (also under other names, in `getattr` and as
arguments). Not seen: what packages ask by themselves, names that are put together when the code runs, and objects handed from
module to module. Code that is not reached is found, too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

CLOCK = "asks the clock"
RANDOM = "draws random numbers without a seed"
_VARIES = ", so the report is another one every time"

_CLOCKS = {
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
                                  "process_time_ns", "thread_time", "clock_gettime", "clock_gettime_ns")),
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")), "datetime.date.today", "datetime.datetime.date.today",
    *(f"pandas.Timestamp.{name}" for name in ("now", "utcnow", "today")), *(f"pandas.Period.{name}" for name in ("now",)),
    "os.times", "os.path.getmtime", "os.path.getctime", "os.path.getatime", "timeit.default_timer",
}  # fmt: skip
_UNLESS_GIVEN = {"time.localtime": 1, "time.gmtime": 1, "time.ctime": 1, "time.asctime": 1, "time.strftime": 2}
"""They ask the clock unless they have that many arguments."""
_IF_NOW = {"pandas.Timestamp", "pandas.to_datetime", "numpy.datetime64", "pandas.DatetimeIndex", "pandas.Period"}
_FILE_TIMES = {"st_mtime", "st_mtime_ns", "st_ctime", "st_ctime_ns", "st_atime", "st_atime_ns"}
_ALWAYS_RANDOM = {"uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getrandom", "random.SystemRandom"}
_OF_NUMPY = ("default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_GENERATORS = {*(f"numpy.random.{name}" for name in _OF_NUMPY), "random.Random"}
_NOT_DRAWN = {"seed", "get_state", "set_state", "getstate", "setstate", "mtrand", "bit_generator", "test"}
_SEEDS = {"numpy.random.seed", "random.seed", "numpy.random.set_state", "random.setstate"}
_STAR = {name.rpartition(".")[::2] for name in (*_CLOCKS, *_UNLESS_GIVEN, *_ALWAYS_RANDOM, *_GENERATORS, *_SEEDS)}


def unsteady(parts: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, str, str]], set[str]]:
    """Line, kind (:data:`CLOCK`, :data:`RANDOM`) and name of what is found in pieces of code, and which generators they seed.

    parts: first line and code of each, in the order in which they run; names of one are known in the next.
    """
    reader = _Reader()
    for line, code in parts:
        try:
            tree = ast.parse(re.sub(r"^[ \t]*[%!?].*$", "", code, flags=re.MULTILINE))
        except SyntaxError:
            continue  # the cell itself will report it
        reader.first = line
        for statement in tree.body:
            reader.visit(statement)
            reader.forget(statement)
    return list(dict.fromkeys(reader.found)), reader.seeded


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.first = 1
        self.names: dict[str, str] = {}
        self.found: list[tuple[int, str, str]] = []
        self.seeded: set[str] = set()

    def add(self, node: ast.expr, kind: str, name: str) -> None:
        self.found.append((self.first + node.lineno - 1, kind, name))

    def forget(self, statement: ast.stmt) -> None:
        """A name of the module that comes to stand for something else."""
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            self.names.pop(statement.name, None)
        elif isinstance(statement, ast.Assign) and not self.meant(statement.value):
            for target in statement.targets:
                self.names.pop(getattr(target, "id", ""), None)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.names[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names if node.module and not node.level else ():
            if alias.name == "*":
                self.names.update({name: f"{module}.{name}" for module, name in _STAR if module == node.module})
            else:
                self.names[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def visit_Assign(self, node: ast.Assign) -> None:
        meant = self.meant(node.value)
        if meant and all(isinstance(target, ast.Name) for target in node.targets):
            self.names.update({target.id: meant for target in node.targets if isinstance(target, ast.Name)})
            return  # another name for it; where that is used, it is found
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = self.meant(node.func)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        empty = not given or (isinstance(given[0], ast.Constant) and given[0].value is None)
        if name in _SEEDS and not empty:
            self.seeded.add(name.rpartition(".")[0])
        elif name in _GENERATORS and empty:
            self.add(node, RANDOM, name)
        elif len(given) < _UNLESS_GIVEN.get(name, 0) or (name in _IF_NOW and _is_now(given)):
            self.add(node, CLOCK, name)
        called = name in _GENERATORS or name in _UNLESS_GIVEN
        for part in (() if called else (node.func,)) + tuple(given):
            self.visit(part)
        if self.meant(node):
            self.name(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in _FILE_TIMES:
            self.add(node, CLOCK, node.attr)
        elif not self.name(node):
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.name(node)

    def name(self, node: ast.expr) -> bool:
        """Note what a name stands for, also where it is not called but handed on; whether it is known."""
        name = self.meant(node)
        if isinstance(getattr(node, "ctx", None), ast.Store) or not name:
            return False
        module, _, last = name.rpartition(".")
        if name in _CLOCKS or name in _UNLESS_GIVEN:
            self.add(node, CLOCK, name)
        elif name in _ALWAYS_RANDOM or module == "secrets" or (module in ("random", "numpy.random") and _draws(last)):
            self.add(node, RANDOM, name)
        return True

    def meant(self, node: ast.expr) -> str | None:
        """The full name that an expression stands for: "numpy.random.normal"."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.meant(node.value)
            return f"{base}.{node.attr}" if base else None
        if isinstance(node, ast.Call) and node.args:
            texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            called = node.func.id if isinstance(node.func, ast.Name) else None
            if called == "getattr" and texts and (base := self.meant(node.args[0])):
                return f"{base}.{texts[0]}"
            if texts and (called == "__import__" or self.meant(node.func) == "importlib.import_module"):
                return texts[0]
        return None


def _is_now(given: Sequence[ast.expr]) -> bool:
    return bool(given) and isinstance(given[0], ast.Constant) and given[0].value in ("now", "today")


def _draws(function: str) -> bool:
    return function.islower() and function not in _NOT_DRAWN and not function.startswith("_")


@cache
def _of_module(text: str) -> tuple[list[tuple[int, str, str]], set[str]]:
    """As :func:`unsteady`; chapters import the same modules."""
    return unsteady([(1, text)])


def warnings(chapter: str, cells: Sequence[tuple[int, str]], modules: Mapping[str, str], drawn: int | None) -> Iterator[str]:
    """Messages for a chapter and the modules that it has imported (text by name).

    drawn: a line where numpy's global generator moved while the chapter ran, or None.
    """
    found = {chapter: unsteady(cells)} | {name: _of_module(text) for name, text in modules.items()}
    seeded = set().union(*(seeds for _, seeds in found.values()))
    said = False
    for file, (places, _) in found.items():
        for line, kind, name in places:
            if kind == CLOCK:
                yield f"{file} line {line}: {CLOCK} ({name}){_VARIES}; write the date down, or take it from the data"
            elif name.rpartition(".")[0] not in seeded or name in _GENERATORS:
                said |= name.startswith("numpy.") and name not in _GENERATORS
                yield f"{file} line {line}: {RANDOM} ({name}){_VARIES}; give a seed"
    if drawn is not None and not said and "numpy.random" not in seeded:
        yield f"{chapter} line {drawn}: {RANDOM} (numpy's global generator, by way of a package){_VARIES}; give a seed"
