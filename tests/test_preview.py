"""`study preview`: its server lets nobody else in, pages follow what is saved, mistakes are shown until mended, Ctrl-C ends it."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from conftest import ROOT
from copies import start
from test_faults import leftovers, none_left, posix, processes

from renderer.sentences import changed_paragraphs
from study.preview.mistakes import problems
from study.preview.server import Events, Server, with_script

PATIENCE = 120
"""Seconds that the slowest machine may take; nothing waits that long where things are right."""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Report</title>
</head>
<body data-root="."><main>Text</main></body>
</html>
"""


# --- the server alone ----------------------------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path):
    """A server of a small site, beside which lies a secret."""
    site = tmp_path / "site"
    (site / "chapters").mkdir(parents=True)
    (site / ".hidden").mkdir()
    for name in ("index.html", "chapters/index.html", ".hidden/index.html"):
        (site / name).write_text(PAGE, encoding="utf-8")
    (site / "results.csv").write_text("id\n", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    with contextlib.suppress(OSError):
        (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    asked: list[str] = []
    with Server(site, 0, Events(), asked.append) as server:
        server.asked = asked
        yield server


def ask(server, path="/", method="GET", body=None, **headers):
    """Status, headers and body of one answer; `Host` is the server's own unless given."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    given = {"Host": f"127.0.0.1:{server.server_port}"} | {key.replace("_", "-"): value for key, value in headers.items()}
    for key, value in given.items():
        if value is not None:
            connection.putheader(key, value.replace("PORT", str(server.server_port)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def test_only_this_machine_is_listened_to(served):
    assert served.server_address[0] == "127.0.0.1"
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", served.server_port), timeout=5):
        pass


def test_a_page_comes_with_the_script_and_is_not_kept_by_the_browser(served):
    status, headers, content = ask(served)
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8" and headers["Cache-Control"] == "no-store"
    assert b"/@preview/page.js" in content and b"default-src 'none'; connect-src 'self'; script-src 'self'" in content
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin" and headers["X-Content-Type-Options"] == "nosniff"
    assert ask(served, "/results.csv")[1]["Content-Type"] == "text/csv; charset=utf-8"
    assert ask(served, "/chapters")[:2][1]["Location"] == "/chapters/" and ask(served, "/chapters/")[0] == 200
    assert ask(served, "/@preview/page.js")[1]["Content-Type"] == "text/javascript; charset=utf-8"
    head = ask(served, "/", "HEAD")
    assert head[0] == 200 and head[2] == b"" and int(head[1]["Content-Length"]) == len(content)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:PORT", "[::1]:PORT", "0.0.0.0:PORT",
     "", None],
)  # fmt: skip
def test_a_name_that_leads_here_is_not_enough(served, host):
    assert ask(served, Host=host)[0] in (400, 403) and ask(served, "/@preview/events", Host=host)[0] in (400, 403)
    assert ask(served, "/@preview/make/pdf", "POST", Host=host, Origin="http://127.0.0.1:PORT")[0] in (400, 403) and not served.asked


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1:1", "http://127.0.0.1", "http://127.0.0.1:PORT.evil.example"],
)  # fmt: skip
def test_no_other_page_is_answered(served, origin):
    for path in ("/", "/results.csv", "/@preview/events", "/@preview/page.js"):
        assert ask(served, path, Origin=origin)[0] == 403
    assert ask(served, "/@preview/make/pdf", "POST", Origin=origin)[0] == 403 and not served.asked


def test_a_page_elsewhere_can_lead_here_but_show_nothing_of_it(served):
    for site in ("cross-site", "same-site"):
        for mode, dest in (("no-cors", "script"), ("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")):
            assert ask(served, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest=dest)[0] == 403
        assert ask(served, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")[0] == 200
    assert ask(served, Origin="http://localhost:PORT", Host="localhost:PORT", Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/chapters/../../secret.txt", "/chapters/%2e%2e/%2E%2E/secret.txt", "/..%2fsecret.txt",
     "//../secret.txt", "/..%5csecret.txt", "/link.txt", "/.hidden/index.html", "/%00", "/results.csv%00.html", "/results.csv/",
     "/C:/secret.txt", "/%ff", "/nothing", "/@preview/../../secret.txt", "/@preview/server.py", "/@preview/"],
)  # fmt: skip
def test_nothing_but_the_site_is_reached(served, path):
    status, _, content = ask(served, path)
    assert status == 404 and b"secret" not in content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "MOVE"])
def test_nothing_is_taken(served, method):
    status, headers, _ = ask(served, "/results.csv", method, Origin="http://127.0.0.1:PORT")
    assert status == 405 and headers["Allow"] == "GET, HEAD"
    assert ask(served, "/@preview/make/pdf", method, Origin="http://127.0.0.1:PORT")[0] == (202 if method == "POST" else 405)


def test_only_a_page_of_the_report_can_ask_for_a_pdf(served):
    assert ask(served, "/@preview/make/pdf", "POST")[0] == 403  # no origin
    assert ask(served, "/@preview/make/exe", "POST", Origin="http://127.0.0.1:PORT")[0] == 405
    assert ask(served, "/@preview/make/pdf", "POST", b"x", Content_Length="1", Origin="http://127.0.0.1:PORT")[0] == 400
    assert not served.asked
    assert ask(served, "/@preview/make/docx", "POST", Origin="http://127.0.0.1:PORT")[0] == 202 and served.asked == ["docx"]


class Heard:
    """What a page hears: names and data of the events."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.request("GET", "/@preview/events")
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200 and self.answer.headers["Content-Type"].startswith("text/event-stream")

    def next(self) -> tuple[str, dict]:
        deadline = time.monotonic() + PATIENCE
        while not (line := self.answer.readline()).startswith(b"event: "):
            assert line and time.monotonic() < deadline, "nothing more is heard"
        return line[7:].strip().decode(), json.loads(self.answer.readline().removeprefix(b"data: "))

    def until(self, wanted) -> tuple[str, dict]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            name, data = self.next()
            if wanted(name, data):
                return name, data
        raise AssertionError("not heard")

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def test_pages_are_told_the_state_then_every_change_and_the_end(served):
    heard = Heard(served.server_port)
    name, hello = heard.next()
    assert name == "hello" and heard.next() == ("state", {"working": False, "problems": [], "products": {}, "outdated": []})
    served.events.changed(["index.html"])
    assert heard.next() == ("changed", {"version": hello["version"] + 1, "files": ["index.html"]})
    served.events.now(working=True)
    served.events.now(working=True)  # no news
    served.events.now(working=False, problems=[{"file": "index.qmd", "line": 3, "message": "wrong"}])
    assert heard.next()[1]["working"] is True and heard.next()[1]["problems"][0]["line"] == 3
    assert f'data-version="{hello["version"] + 1}"'.encode() in ask(served)[2]
    served.events.end()
    assert heard.next() == ("end", {})
    heard.close()


def test_a_page_without_a_head_is_left_alone():
    assert with_script("<p>Text</p>", 1) == "<p>Text</p>"


# --- what stands in the way ------------------------------------------------------------------------------------------


def test_a_mistake_in_code_has_its_place():
    try:
        compile("x = (", str(ROOT / "analysis" / "figures.py"), "exec")
    except SyntaxError as problem:
        assert problems(problem)[0]["file"] == "analysis/figures.py" and problems(problem)[0]["line"] == 1
    from study.errors import UsageError

    assert problems(UsageError("study.yml line 4: cut is 12")) == [{"file": "study.yml", "line": 4, "message": "cut is 12"}]
    keys = {"file": "study.yml", "line": None, "message": "the setting label is missing"}
    assert problems(UsageError("study.yml the setting label is missing")) == [keys]
    assert problems(UsageError("absent.yml is not there")) == [{"file": None, "line": None, "message": "absent.yml is not there"}]
    assert problems(UsageError("nothing: known")) == [{"file": None, "line": None, "message": "nothing: known"}]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("One.\n\nTwo words.\n\nThree.", "One.\n\nTwo.\n\nThree.", ("Two words.", "Two.")),
        ("One.\n\nThree.", "One.\n\nTwo.\n\nThree.", ("One.", "One.\n\nTwo.")),
        ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", ("One.\n\nTwo.", "One.")),
        ("One\nword.\n\nX", "One\n\nword.\n\nX", ("One\nword.", "One\n\nword.")),
        ("- a\n- b\n\nX", "- a\n- c\n\nX", ("- a\n- b", "- a\n- c")),
        ("A\n", "A\nB\n", ("A", "A\nB")),
        ("# One", "# Two", None),
        ("a\n\n::: note\nb\n:::", "a\n\n::: note\nc\n:::", None),
        ("a[^1]\n\n[^1]: b", "a[^1]\n\n[^1]: c", None),
        ("| a |\n|---|\n| b |", "| a |\n|---|\n| c |", None),
        ("    code", "    code 2", None),
        ("a ![x](y.png)", "b ![x](y.png)", None),
        ("Title\n=====", "Titel\n=====", None),
    ],
)  # fmt: skip
def test_what_has_changed_is_widened_to_paragraphs_and_is_prose_or_nothing(before, after, found):
    assert changed_paragraphs(before, after) == found


# --- the command -----------------------------------------------------------------------------------------------------

CHAPTER = """# Summary {#sec-summary}

```{python}
value = 27
```

There are `{python} value` children, and one sentence.

Another paragraph leads to @sec-summary.

```{python}
print("a cell")
```
"""


@pytest.fixture(scope="module")
def shared(small_report, tmp_path_factory) -> Path:
    """A copy of the repository with one short chapter, rendered once."""
    repository = Path(shutil.copytree(small_report, tmp_path_factory.mktemp("preview") / small_report.name, symlinks=True))
    shutil.rmtree(repository / "tests")
    return repository


class Preview:
    """A running preview of a copy."""

    def __init__(self, repository: Path):
        self.repository, self.said = repository, ""
        self.process = start(repository, "--no-browser", command=("preview",))
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        assert self.ready.wait(PATIENCE) and self.process.poll() is None, self.said
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", self.said)[1])
        self.heard = Heard(self.port)

    def read(self) -> None:
        for line in self.process.stderr:
            self.said += line
            if "http://127.0.0.1:" in line:
                self.ready.set()
        self.ready.set()

    def page(self, name: str = "index.html") -> str:
        """A page; the blanks between a number and its unit, which do not break, are blanks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", f"/{name}")
        content = connection.getresponse().read().decode("utf-8")
        connection.close()
        return content.replace("\N{NO-BREAK SPACE}", " ")

    def save(self, text: str, name: str = "index.qmd") -> None:
        (self.repository / name).write_text(text, encoding="utf-8")

    def until_the_page_has(self, words: str) -> None:
        self.heard.until(lambda name, data: name == "changed" and words in self.page())

    def until_rest(self) -> None:
        """Until all that was saved has been made."""
        self.heard.until(lambda name, data: name == "state" and data["working"])
        self.heard.until(lambda name, data: name == "state" and not data["working"])

    def end(self, number: int = signal.SIGINT) -> int:
        self.heard.close()
        os.killpg(self.process.pid, number)
        status = self.process.wait(60)
        self.reader.join(10)
        return status


@pytest.fixture(scope="module")
def running(shared):
    """One preview for several tests."""
    book = (shared / "_book" / "index.html").read_bytes()
    preview = Preview(shared)
    preview.save(CHAPTER)
    preview.until_the_page_has("27 children, and one sentence.")
    yield preview
    status = preview.end()
    assert status == 130 and none_left(shared), (preview.said, processes(shared))
    assert preview.said.splitlines()[-1] == "study: stopped; what was finished before is as it was"
    assert "Traceback" not in preview.said
    assert leftovers(shared) == [] and not list((shared / ".study" / "preview").iterdir())
    assert (shared / "_book" / "index.html").read_bytes() == book and b"@preview" not in book, "the delivered report is another"


@posix
def test_a_sentence_is_in_the_page_without_anything_being_run(running):
    before = running.said.count("index.qmd: running")
    running.save(CHAPTER.replace("one sentence", "another sentence with *emphasis*"))
    running.until_the_page_has("27 children, and another sentence with <em>emphasis</em>.")
    running.until_rest()
    assert "another sentence" in running.page() and "another sentence" in running.page("assets/search-index.js")
    running.save(CHAPTER.replace("one sentence.", "one sentence.\n\nA paragraph of its own, see @sec-summary."))
    running.until_the_page_has("A paragraph of its own, see")
    running.until_rest()
    running.save(CHAPTER)
    running.until_the_page_has("27 children, and one sentence.")
    running.until_rest()
    assert running.said.count("index.qmd: running") == before > 0
    running.save(CHAPTER.replace("a cell", "a new cell"))
    running.until_the_page_has("a new cell")
    running.save(CHAPTER)
    running.until_the_page_has("a cell")
    assert running.said.count("index.qmd: running") > before


@posix
@pytest.mark.parametrize(
    ("name", "old", "new", "file", "line", "words"),
    [
        ("index.qmd", "@sec-summary", "@fig-nowhere", "index.qmd", 9, "@fig-nowhere leads nowhere"),
        ("index.qmd", "and one", "and [@nobody2020] one", "index.qmd", 7, "@nobody2020 is not in the bibliography"),
        ("index.qmd", "value = 27", "value = 1 / 0", "index.qmd", 4, "ZeroDivisionError"),
        ("index.qmd", "{python} value", "{python} valeu", "index.qmd", 7, "NameError"),
        ("study.yml", "primary_week: 26", "primary_week: [26", "study.yml", None, ""),
        ("_quarto.yml", "lang: en-GB", "lang: en-GB\nbibliografy: no", "_quarto.yml", None, "did you mean `bibliography`"),
        ("index.qmd", 'print("a cell")', 'print("a cell"]', "index.qmd", 12, "does not match opening parenthesis '('; correct"),
        ("study.yml", "cut: week-26", "cut: week-99", "study.yml", 3, "week-99 is no data cut"),
        ("data/cuts/week-26/cut.yml", "kind:", "knd:", "data/cuts/week-26/cut.yml", None, "knd (line 3) is unknown"),
        pytest.param("analysis/core/results.py", "import", "imoprt", "core/results.py", None, "not valid", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_with_its_place_and_goes_away_when_mended(running, name, old, new, file, line, words):
    path = running.repository / name
    good = path.read_text("utf-8")
    assert old in good
    page = running.page()
    path.write_text(good.replace(old, new, 1), encoding="utf-8")
    try:
        _, state = running.heard.until(lambda event, data: event == "state" and data["problems"])
        [first, *_] = state["problems"]
        assert words in first["message"] and (line is None or first["line"] == line), first
        assert file in f"{first['file']} {first['message']}"
        assert strip(running.page()) == strip(page), "the last good page is gone"
    finally:
        path.write_text(good, encoding="utf-8")
    running.heard.until(lambda event, data: event == "state" and not data["problems"] and not data["working"])


WEIGHT = """# Summary {#sec-summary}

```{python}
from study.report import open_report

patients = open_report().tables.patients
```

The first patient weighs `{python} float(patients["weight_kg"].iloc[0])` kg.
"""


@posix
def test_a_value_of_the_data_comes_into_the_page_and_one_that_is_refused_is_shown_until_mended(running):
    path = running.repository / "data" / "cuts" / "week-26" / "patients.csv"
    good = path.read_text("utf-8")
    former = good.split("\n")[1].split(",")[3]
    try:
        running.save(WEIGHT)
        running.until_the_page_has(f"weighs {former} kg")
        path.write_text(good.replace(f",{former},", ",61.3,", 1), encoding="utf-8")
        running.until_the_page_has("weighs 61.3 kg")
        path.write_text(good.replace(f",{former},", ",heavy,", 1), encoding="utf-8")
        _, state = running.heard.until(lambda event, data: event == "state" and data["problems"])
        [problem] = state["problems"]
        assert (problem["file"], problem["line"]) == ("patients.csv", 2) and 'weight_kg is "heavy"' in problem["message"], problem
        assert "weighs 61.3 kg" in running.page(), "the last good page is gone"
        path.write_text(good, encoding="utf-8")
        running.heard.until(lambda event, data: event == "state" and not data["problems"] and not data["working"])
        running.until_the_page_has(f"weighs {former} kg")
    finally:
        path.write_text(good, encoding="utf-8")
        running.save(CHAPTER)
    running.until_the_page_has("27 children, and one sentence.")


def strip(page: str) -> str:
    return re.sub(r'data-version="\d+"', "", page)


@posix
def test_files_that_come_go_and_are_renamed_are_followed(running):
    repository = running.repository
    config, chapter, beside = repository / "_quarto.yml", repository / "chapters" / "come.qmd", repository / "chapters" / "gone.qmd"
    good = config.read_text("utf-8")
    try:
        aside = repository / "index.qmd.tmp"  # as editors do
        aside.write_text(CHAPTER.replace("one sentence", "a renamed sentence"), encoding="utf-8")
        aside.replace(repository / "index.qmd")
        running.until_the_page_has("a renamed sentence")
        running.until_rest()
        chapter.write_text("# A chapter that comes\n\nText.\n", encoding="utf-8")
        config.write_text(good.replace("    - index.qmd\n", "    - index.qmd\n    - chapters/come.qmd\n"), encoding="utf-8")
        running.heard.until(lambda event, data: event == "changed" and "chapters/come.html" in data["files"])
        running.heard.until(lambda event, data: event == "state" and not data["working"])  # the pages around it come after it
        assert "A chapter that comes" in running.page("chapters/come.html") and "A chapter that comes" in running.page()
        assert "A chapter that comes" in running.page("results/index.html"), "the list of chapters around the results"
        chapter.rename(beside)
        _, state = running.heard.until(lambda event, data: event == "state" and data["problems"])
        assert "there is no chapter chapters/come.qmd" in state["problems"][0]["message"], state
        assert "A chapter that comes" in running.page("chapters/come.html"), "the last good page is gone"
        config.write_text(good, encoding="utf-8")
        running.heard.until(lambda event, data: event == "changed" and "chapters/come.html" in data["files"])
        assert "404" in running.page("chapters/come.html") and "A chapter that comes" not in running.page()
    finally:
        config.write_text(good, encoding="utf-8")
        for path in (chapter, beside):
            path.unlink(missing_ok=True)
        running.save(CHAPTER)
    running.until_the_page_has("27 children, and one sentence.")


@posix
def test_the_preview_says_when_its_own_code_has_changed(running):
    path = running.repository / "study" / "preview" / "watch.py"
    good = path.read_text("utf-8")
    path.write_text(good + "# a word\n", encoding="utf-8")
    try:
        _, state = running.heard.until(lambda event, data: event == "state" and data["outdated"])
        assert state["outdated"] == ["study/preview/watch.py"]
    finally:
        path.write_text(good, encoding="utf-8")
    running.heard.until(lambda event, data: event == "state" and not data["working"])


@posix
@pytest.mark.slow
def test_the_word_file_is_made_when_the_page_asks(running):
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)
    connection.request("POST", "/@preview/make/docx", headers={"Origin": f"http://127.0.0.1:{running.port}"})
    assert connection.getresponse().status == 202
    connection.close()
    _, state = running.heard.until(lambda event, data: event == "state" and data["products"].get("docx") not in (None, "making"))
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)
    connection.request("GET", f"/{state['products']['docx']}")
    assert connection.getresponse().read(2) == b"PK"
    connection.close()
    running.save(CHAPTER.replace("one sentence", "a sentence more"))
    running.heard.until(lambda event, data: event == "state" and "docx" not in data["products"])  # it is of an earlier text
    running.save(CHAPTER)
    running.until_the_page_has("and one sentence")


@posix
@pytest.mark.slow
def test_a_render_beside_it_works(running):
    copy = running.repository
    process = start(copy, "--output", copy / "elsewhere")
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert b"@preview" not in (copy / "elsewhere" / "index.html").read_bytes()
    shutil.rmtree(copy / "elsewhere")


@posix
def test_wrong_data_and_a_taken_port_end_it_at_the_start(shared):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(shared, "--no-browser", "--port", str(taken.getsockname()[1]), command=("preview",))
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2 and "choose another --port" in said and "Traceback" not in said, said
    cut = shutil.copytree(shared / "data" / "cuts" / "week-26", shared.parent / "wrong")
    (cut / "visits.csv").write_text((cut / "visits.csv").read_text("utf-8").replace(",0,", ",zero,", 1), encoding="utf-8")
    process = start(shared, "--no-browser", "--data", cut, command=("preview",))
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "visits.csv" in said and "line 2" in said and "Traceback" not in said, said
