"""Run in a kernel before its first cell: notes what each cell opens, lists, imports, starts and asks of the network.

A script of its own, because a kernel looks for modules in the project alone. One line a note, as JSON: kind, name, value,
number of the step of the chapter, line in its cell or number of its inline expression (0 if unknown), and "helper.py line 3" where a
module of the project did it. Kinds:

- "file": opened or imported; the value is its checksum, null if there is no such file (where a module could be and is not, too)
- "made": opened to be written, or moved there
- "folder": its files were listed; the value is their names
- "outside": opened or listed outside the project, and neither Python's, nor the system's, nor a temporary file of the kernel's own
- "network", "process", "random": what was asked for; the value is null

Python's audit events tell it, and the state of numpy's global generator; what libraries open by themselves in C is not seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

_PAUSED = -1
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
MARK = "_record_of_the_render"
"""Key of `sys.modules` by which the recorder is found again: the namespace of the chapter stays empty."""
HERE = f"__import__('sys').modules[{MARK!r}].at"
"""Expression in a kernel: the function that says which item of the chapter runs next."""
RESUME = f"__import__('sys').modules[{MARK!r}].resume"
"""Expression in a kernel that is a copy of a process which has paused: the function that goes on, in a file of its own."""
_OF_THE_SYSTEM = (
    "/proc", "/sys", "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/share/fonts",
    "/usr/local/share/fonts", "/usr/share/fontconfig", "/usr/share/zoneinfo", "/usr/share/mime", "/usr/share/locale", "/usr/share/X11",
    "/usr/share/ghostscript", "/usr/share/texmf", "/usr/share/texmf-dist", "/usr/X11R6/lib/X11/fonts", "/usr/X11/lib/X11/fonts",
    "/var/cache/fontconfig", "/etc/fonts", "/etc/ssl", "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/os-release",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/services",
    "/etc/passwd", "/etc/group", "/etc/locale.alias", "/System", "/Library/Fonts", "/opt/homebrew/lib",
    "~/.fonts", "~/.local/share/fonts", "~/.cache/fontconfig", "~/.config/fontconfig", "~/Library/Fonts",
    os.environ.get("SYSTEMROOT", "/proc"),
)  # fmt: skip
_DEVICES = ("null", "zero", "full", "tty", "stdin", "stdout", "stderr", "fd", "random", "urandom")
_NETWORK = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto", "socket.sendmsg",
    "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect", "imaplib.open", "poplib.connect",
}  # fmt: skip
_PROCESSES = {
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.fork", "os.forkpty", "pty.spawn",
}  # fmt: skip
_HARMLESS = ("matplotlib/font_manager.py", "ctypes/util.py", "/platform.py", "/uuid.py", "multiprocessing/resource_tracker.py")
"""They ask the system about itself: which fonts and libraries there are, what it is called."""
_OPEN_OF_CELLS = os.path.join("IPython", "core", "interactiveshell.py")
"""IPython gives cells an `open` of its own."""
_MOVES = {"os.rename", "os.link", "os.symlink", "shutil.move", "shutil.copyfile"}


def start(root: str, log: str, own: list[str], trusted: list[str]) -> None:
    """Note from now on, in the file `log`, what is opened below `root` and elsewhere.

    own: folders whose files are no inputs (caches, the copies that the chapters read). trusted: packages of the project for which the
    caller accounts: what they list, and the modules that they read as files, to take their checksums (imports are noted).
    """
    notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    _Recorder(os.path.realpath(root), notes, own, trusted).begin()


class _Recorder:
    def __init__(self, root: str, notes: int, own: list[str], trusted: list[str]) -> None:
        self.root, self.notes = root, notes
        python = [sys.prefix, *map(sysconfig.get_path, ("stdlib", "platstdlib", "include")), sysconfig.get_config_var("LIBDIR")]
        with os.scandir(sysconfig.get_path("purelib")) as packages:
            python += [each.path for each in packages if each.is_symlink()]  # as some installers link them out of a cache
        devices = [f"/dev/{name}" for name in _DEVICES]
        places = [*own, *python, *_OF_THE_SYSTEM, *devices, os.path.join(root, ".git")]
        given = {os.path.abspath(os.path.expanduser(place)) for place in places if place}
        self.no_inputs = tuple(given | {os.path.realpath(place) for place in given})
        self.library = os.path.dirname(os.__file__) + os.sep
        self.trusted = tuple(os.path.join(root, name) + os.sep for name in trusted)
        self.made: set[str] = set()  # outside the project: files and folders of this kernel's own
        self.seen: set[tuple] = set()
        self.busy = threading.local()
        self.item, self.line, self.names = None, 0, None
        self.drawn: Any = None

    def begin(self) -> None:
        self.names = _names_of_the_chapter()
        sys.modules[MARK] = self  # type: ignore[assignment]
        sys.addaudithook(self.note)

    def pause(self) -> None:
        """Note nothing more, after what numpy's generator tells of the last step."""
        self.at(None)
        os.close(self.notes)
        self.notes = _PAUSED

    def resume(self, log: str) -> None:
        """Go on in the file `log`."""
        self.names = _names_of_the_chapter()
        self.notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def at(self, item: int | None, line: int = 0) -> None:
        """The next thing that runs is this item of the chapter, which begins in the given line of it."""
        state, self.drawn = self.drawn, _state_of_numpy()
        if state is not None and state != self.drawn:
            self.write("random", "numpy's global generator", None, between=True)
        self.item, self.line = item, line

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("compile", "exec", "object.__getattr__") or self.notes == _PAUSED or getattr(self.busy, "now", False):
            return
        self.busy.now = True  # what is opened here is no input
        try:
            self.noted(event, arguments)
        except (OSError, ValueError, TypeError, IndexError):
            return  # another drive, or a name that is none
        finally:
            self.busy.now = False

    def noted(self, event: str, arguments: tuple[Any, ...]) -> None:
        first = arguments[0] if arguments else None
        if event == "open":
            if isinstance(first, (str, bytes, os.PathLike)):
                self.opened(first, _writes(arguments[1], arguments[2]), not _truncates(arguments[1], arguments[2]))
        elif event == "import":
            if isinstance(arguments[1], str):  # a compiled module; others are opened
                self.opened(arguments[1])
            else:
                self.sought(first, arguments[2])
        elif event == "sqlite3.connect":
            self.database(first)
        elif event == "ctypes.dlopen":
            if isinstance(first, str) and os.path.dirname(first):
                self.opened(first)
        elif event in ("os.listdir", "os.scandir"):
            if not isinstance(first, int):
                self.listed("." if first is None else first)
        elif event in _MOVES:
            self.moved(first, arguments[1])
        elif event == "os.mkdir":
            path = os.path.realpath(os.fsdecode(first))
            if not os.path.exists(path) and self.inside(path) is None:
                self.made.add(path)
        elif event in _NETWORK:
            self.write("network", _address(event, arguments), None)
        elif event in _PROCESSES and not any(end in name.replace(os.sep, "/") for name in self.files() for end in _HARMLESS):
            self.write("process", _program(event, arguments), None)

    def opened(self, given: Any, writes: bool = False, reads: bool = True) -> None:
        path = os.path.abspath(os.fsdecode(given))
        if os.path.basename(os.path.dirname(path)) == "__pycache__":
            path, writes = _source(path), False  # Python keeps what it has compiled; the module itself is not written
        real = os.path.realpath(path)
        if self.is_no_input(path) or self.is_no_input(real):
            return
        name = self.inside(real)
        if name is not None:
            if not writes and real.endswith(".py") and self.by_trusted():
                return
            self.write("made" if writes else "file", name, None if writes else _sum(real))
        elif not self.is_own(real, writes, reads) and (os.path.lexists(path) or writes or self.by_project()):
            # Libraries look for settings in many places where there are none.
            self.write("outside", path if path == real else f"{path} (a link to {real})", None)

    def sought(self, module: str, path: Any) -> None:
        """Files of the project that would be this module if they were there: one that appears later is imported instead."""
        package, _, last = module.rpartition(".")
        places = path or ()
        if package:  # which is imported after this, if it is not there already
            below = package.replace(".", os.sep)
            places = getattr(sys.modules.get(package), "__path__", None) or [os.path.join(place or ".", below) for place in places]
        for place in places:
            folder = os.path.realpath(place or ".")
            if self.inside(folder) is None or self.is_no_input(folder):
                continue
            for file in (os.path.join(folder, last, "__init__.py"), os.path.join(folder, last + ".py")):
                if os.path.exists(file):
                    return
                self.write("file", self.inside(file), None)

    def is_own(self, real: str, writes: bool, reads: bool) -> bool:
        """Whether a file outside the project was made by this kernel: then only it decides what is in it."""
        import tempfile

        folder = os.path.realpath(tempfile.gettempdir())
        if writes and _below(real, (folder,)) and (not reads or not os.path.exists(real)):
            self.made.add(real)
        return _below(real, tuple(self.made))

    def moved(self, source: Any, target: Any) -> None:
        """A file that comes from outside the project, and one that a cell makes in it."""
        if self.inside(os.path.realpath(os.fsdecode(source))) is None:
            self.opened(source)
        folder, last = os.path.split(os.path.abspath(os.fsdecode(target)))
        path = os.path.join(os.path.realpath(folder), last)
        if self.inside(path) is not None and not self.is_no_input(path) and os.path.basename(folder) != "__pycache__":
            self.write("made", self.inside(path), None)

    def database(self, given: Any) -> None:
        path = os.fsdecode(given)
        if path.startswith("file:"):
            path = unquote(urlsplit(path).path)
        if path and path != ":memory:":
            self.opened(path, writes=not os.path.exists(path))

    def listed(self, given: Any) -> None:
        real = os.path.realpath(os.fsdecode(given))
        if self.is_no_input(real) or self.is_no_input(os.path.abspath(os.fsdecode(given))) or not os.path.isdir(real):
            return
        name = self.inside(real)
        if name is None:
            if not _below(real, tuple(self.made)):
                self.write("outside", os.path.abspath(os.fsdecode(given)) + os.sep, None)
        elif not self.by_itself():
            names = sorted(os.listdir(real))
            self.write("folder", "./" if name == "." else name + "/", names)

    def by_itself(self) -> bool:
        """Whether Python looks for modules, or code that the caller vouches for lists the folder."""
        for name in self.files():
            if name.startswith("<frozen importlib") or name.startswith(os.path.join(self.library, "importlib")):
                return True
            if not name.startswith((self.library, "<frozen")):
                return name.startswith(self.trusted)
        return False

    def by_trusted(self) -> bool:
        """Whether code that the caller vouches for reads here by itself: no import, and no library in between."""
        for name in self.files():
            if name.startswith("<frozen importlib"):
                return False
            if not name.startswith((self.library, "<frozen")):
                return name.startswith(self.trusted)
        return False

    def by_project(self) -> bool:
        """Whether a cell or a module of the project calls the standard library here, and no package does."""
        for frame in _frames():
            name = frame.f_code.co_filename
            if name.startswith((self.library, "<frozen")) or name.endswith(_OPEN_OF_CELLS):
                continue
            return frame.f_globals is self.names or self.is_module(name)
        return False

    def is_module(self, name: str) -> bool:
        return name.startswith(self.root + os.sep) and not name.startswith(sys.prefix + os.sep)

    def files(self) -> list[str]:
        return [frame.f_code.co_filename for frame in _frames()]

    def is_no_input(self, path: str) -> bool:
        return _below(path, self.no_inputs)

    def inside(self, real: str) -> str | None:
        """Its name below the project, or None."""
        return os.path.relpath(real, self.root).replace(os.sep, "/") if _below(real, (self.root,)) else None

    def write(self, kind: str, name: str | None, value: Any, between: bool = False) -> None:
        line, module = self.line, ""
        for frame in () if between else _frames():
            if frame.f_globals is self.names:
                line = frame.f_lineno if frame.f_code.co_filename != "<string>" else self.line  # the outermost one: the cell itself
            elif not module and self.is_module(frame.f_code.co_filename) and not frame.f_code.co_filename.startswith(self.trusted):
                module = f"{self.inside(frame.f_code.co_filename)} line {frame.f_lineno}"
        key = (self.item, kind, name) if value is not None or kind in ("file", "made") else (self.item, kind, name, line, module)
        if key not in self.seen:
            self.seen.add(key)
            os.write(self.notes, (json.dumps([kind, name, value, self.item, line, module]) + "\n").encode())


def _names_of_the_chapter() -> Any:
    """The namespace of the cells, or None outside a kernel."""
    try:
        return get_ipython().user_global_ns  # type: ignore[name-defined]
    except NameError:
        return None


def _frames() -> list[Any]:
    """The frames of the caller's callers, innermost first, without those of this script."""
    found, frame = [], sys._getframe(1)
    while frame is not None:
        if frame.f_globals is not globals():
            found.append(frame)
        frame = frame.f_back
    return found


def _below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(place.rstrip(os.sep) + os.sep) for place in places)


def _source(path: str) -> str:
    """The module behind compiled code."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.dirname(folder), name.split(".")[0] + ".py")


def _writes(mode: Any, flags: Any) -> bool:
    return any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & _WRITES)


def _truncates(mode: Any, flags: Any) -> bool:
    return any(letter in mode for letter in "wx") if isinstance(mode, str) else bool(flags & (os.O_TRUNC | os.O_EXCL))


def _sum(path: str) -> str | None:
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _address(event: str, arguments: tuple[Any, ...]) -> str:
    """What is asked for: an address or a name."""
    found = arguments[0] if event.startswith(("urllib", "socket.get")) else arguments[1]
    return ":".join(str(part) for part in found[:2]) if isinstance(found, tuple) else str(found)


def _program(event: str, arguments: tuple[Any, ...]) -> str:
    found = arguments[1] if event == "subprocess.Popen" and len(arguments) > 1 else arguments[0] if arguments else event
    found = found[0] if isinstance(found, (list, tuple)) and found else found
    return os.path.basename(os.fsdecode(found)).split(" ")[0] if isinstance(found, (str, bytes, os.PathLike)) and found else event


def _state_of_numpy() -> Any:
    """The state of numpy's global generator, or None where nobody has imported it."""
    module = sys.modules.get("numpy.random.mtrand")
    if module is None:
        return None
    state = module._rand.get_state(legacy=False)["state"]
    return state["pos"], hash(state["key"].tobytes())
