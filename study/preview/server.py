"""The report on 127.0.0.1 while it is written: its files, the page's own script, and a stream of what has changed.

It serves this machine's browser alone: every request has to name this server (a stranger's page whose name has been made to lead
here does not), none from a page of another origin is answered, nothing outside the folder is reached, and nothing but the request for
a PDF or a Word file can be sent.
"""

import http.server
import json
import mimetypes
import queue
import re
import secrets
import threading
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

ADDRESS = "127.0.0.1"
OWN = "/@preview/"
"""Where the preview's own things are: no file of a report can have that name."""
PRODUCTS = ("pdf", "docx")
_HERE = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".html": "text/html; charset=utf-8",
    ".ipynb": "application/x-ipynb+json", ".js": "text/javascript; charset=utf-8", ".json": "application/json",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".pdf": "application/pdf",
    ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".woff2": "font/woff2",
}  # fmt: skip
_ASSETS = {"page.js": _HERE / "page.js", "page.css": _HERE / "page.css"}
_QUIET = 15
"""Seconds after which a silent stream says that it lives; a page that has gone is noticed then."""


class Events:
    """What the open pages are told: the present state to each that comes, and every change of it to all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[queue.SimpleQueue, str] = {}
        self.version = secrets.randbelow(2**40)  # so that a page of an earlier preview sees that it is of another
        self.state: dict = {"working": False, "problems": [], "products": {}, "outdated": []}

    def changed(self, files: list[str]) -> None:
        """These files of the site are new or gone."""
        with self._lock:
            self.version += 1
            self._tell("changed", {"version": self.version, "files": files})

    def now(self, **state) -> None:
        """Parts of the state that are another from now on: working, problems, products, outdated (files of the preview's own code)."""
        with self._lock:
            if {**self.state, **state} != self.state:
                self.state = {**self.state, **state}
                self._tell("state", self.state)

    def page(self) -> str | None:
        """The page of the site that was opened last of those that are open, as far as pages say it."""
        with self._lock:
            return next(reversed(self._open.values()), None)

    def subscribe(self, page: str = "") -> queue.SimpleQueue:
        """A queue of messages for this page, which begins with the present state; None ends it."""
        messages: queue.SimpleQueue = queue.SimpleQueue()
        with self._lock:
            messages.put(_message("hello", {"version": self.version}))
            messages.put(_message("state", self.state))
            self._open[messages] = page
        return messages

    def unsubscribe(self, messages: queue.SimpleQueue) -> None:
        with self._lock:
            self._open.pop(messages, None)

    def end(self) -> None:
        """Tell every page that nothing more will come."""
        with self._lock:
            self._tell("end", {})
            for messages in self._open:
                messages.put(None)

    def _tell(self, name: str, data: dict) -> None:
        for messages in self._open:
            messages.put(_message(name, data))


def _message(name: str, data: dict) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


class Server(http.server.ThreadingHTTPServer):
    """Serves `site` until it is closed; `ask` is called with "pdf" or "docx" when a page asks for one.

    Raises OSError where the port is taken.
    """

    daemon_threads = True
    block_on_close = False  # streams are open as long as pages are

    def __init__(self, site: Path, port: int, events: Events, ask: Callable[[str], None]) -> None:
        self.site, self.events, self.ask = Path(site).resolve(), events, ask
        super().__init__((ADDRESS, port), _Handler)

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.server_port}/"

    @property
    def names(self) -> set[str]:
        """How requests may call this server."""
        names = {f"{name}:{self.server_port}" for name in (ADDRESS, "localhost")}
        return names | {name.removesuffix(":80") for name in names}

    def handle_error(self, request, client_address) -> None:
        """A browser that goes away in the middle is no event."""

    def __enter__(self) -> "Server":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *problem) -> None:
        self.events.end()
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "study-preview", ""
    timeout = 60

    def do_GET(self) -> None:
        if not self.is_from_here():
            return
        path = urllib.parse.urlsplit(self.path).path
        if path == f"{OWN}events":
            self.stream()
        elif path.startswith(OWN):
            self.asset(path.removeprefix(OWN))
        else:
            self.file(path)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        if not self.is_from_here(sends=True):
            return
        path, _, name = urllib.parse.urlsplit(self.path).path.rpartition("/")
        if f"{path}/" != f"{OWN}make/" or name not in PRODUCTS:
            self.refuse(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET, HEAD")
            return
        if self.headers.get("Transfer-Encoding") or self.headers.get("Content-Length", "0").strip() != "0":
            self.refuse(HTTPStatus.BAD_REQUEST)  # there is nothing to send
            return
        self.server.ask(name)
        self.answer(HTTPStatus.ACCEPTED, b"", "text/plain; charset=utf-8")

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return lambda: self.refuse(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET, HEAD") if self.is_from_here() else None
        raise AttributeError(name)

    # -- who asks ------------------------------------------------------------------------------------------------

    def is_from_here(self, sends: bool = False) -> bool:
        """Whether a page of this server, or its user, asks; what `sends` something has to say that it does. Answers if not."""
        origins = {f"http://{name}" for name in self.server.names}
        hosts, origin = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        named = len(hosts) == 1 and hosts[0].strip().lower() in self.server.names
        own = all(each.strip().lower() in origins for each in origin) and (not sends or len(origin) == 1)
        elsewhere = self.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site")  # another port is the same site
        followed = self.headers.get("Sec-Fetch-Mode") == "navigate" and self.headers.get("Sec-Fetch-Dest") == "document"
        if named and own and (not elsewhere or (followed and not sends)):
            return True
        self.refuse(HTTPStatus.FORBIDDEN)
        return False

    # -- answers -------------------------------------------------------------------------------------------------

    def file(self, path: str) -> None:
        found = self.found(path)
        if found is None:
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        if found.is_dir():
            if not path.endswith("/"):
                self.answer(HTTPStatus.MOVED_PERMANENTLY, b"", "text/plain; charset=utf-8", Location=path + "/")
                return
            found = found / "index.html"
        version = self.server.events.version  # before the file is read: what comes meanwhile is told
        try:
            content = found.read_bytes()
        except OSError:
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        if found.suffix == ".html":
            content = with_script(content.decode("utf-8"), version).encode("utf-8")
        guessed = _TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        self.answer(HTTPStatus.OK, content, guessed)

    def found(self, path: str) -> Path | None:
        """The file or folder of the site behind the path of a request; None for whatever is not plainly one."""
        try:
            parts = urllib.parse.unquote(path, errors="strict").split("/")
        except UnicodeDecodeError:
            return None
        if parts[0] != "" or any(part.startswith(".") or re.search(r"[\\\x00:]", part) for part in parts):
            return None
        target = self.server.site.joinpath(*(part for part in parts if part))
        try:
            real = target.resolve(strict=True)
        except (OSError, RuntimeError):
            return None
        inside = real.is_relative_to(self.server.site) and (real.is_file() or real.is_dir())
        return real if inside and not (real.is_file() and path.endswith("/")) else None

    def asset(self, name: str) -> None:
        if name in _ASSETS:
            self.answer(HTTPStatus.OK, _ASSETS[name].read_bytes(), _TYPES[_ASSETS[name].suffix])
        else:
            self.refuse(HTTPStatus.NOT_FOUND)

    def stream(self) -> None:
        """Server-sent events, until the page or the preview is gone."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.common_headers()
        self.close_connection = True
        if self.command == "HEAD":
            return
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        messages = self.server.events.subscribe(query.get("page", [""])[0])
        try:
            while True:
                try:
                    message = messages.get(timeout=_QUIET)
                except queue.Empty:
                    message = b": still there\n\n"
                if message is None:
                    return
                self.wfile.write(message)
                self.wfile.flush()
        except OSError:
            return
        finally:
            self.server.events.unsubscribe(messages)

    def refuse(self, status: HTTPStatus, **headers: str) -> None:
        self.close_connection = True  # whatever else was sent with the request is not read
        self.answer(status, f"{status.value} {status.phrase}\n".encode(), "text/plain; charset=utf-8", Connection="close", **headers)

    def answer(self, status: HTTPStatus, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.common_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def common_headers(self) -> None:
        for name, value in (
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments) -> None:
        """Requests are nobody's news."""


def with_script(page: str, version: int) -> str:
    """A page as the preview serves it: with its script and style, which may ask this server for what has changed."""
    page = re.sub(
        r'(<meta http-equiv="Content-Security-Policy" content="default-src \'none\';)', r"\1 connect-src 'self';", page, count=1
    )
    own = f'<script src="{OWN}page.js" data-version="{version}"></script>\n<link rel="stylesheet" href="{OWN}page.css">\n'
    place = re.search(r"<meta name=\"viewport\"[^>]*>\n?|<head[^>]*>\n?", page)
    return page if place is None else page[: place.end()] + own + page[place.end() :]
