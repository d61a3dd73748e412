"""Calls of Pandoc, with its complaints turned into errors that name the chapter."""

from __future__ import annotations

import io
import json
import os
import posixpath
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import panflute as pf
import pypandoc

from renderer.kept import digest
from renderer.parts import Parts, contents
from renderer.project import Project
from renderer.render_error import RenderError
from renderer.source import Source

# panflute's list of raw formats is older than Typst; it refuses what is not in it.
pf.elements.RAW_FORMATS.update({"typst", "html5"})

PANDOC = Path(pypandoc.__file__).parent / "files" / ("pandoc.exe" if os.name == "nt" else "pandoc")
"""The program in the locked wheel; pypandoc itself would take a newer one from the user's path."""
WRITERS = {"html": "html5", "pdf": "typst", "docx": "docx", "jats": "jats_articleauthoring"}


@dataclass(frozen=True)
class Document:
    """One chapter's Markdown for one format; `lines` maps its lines to those of the source."""

    name: str
    output_format: str
    text: str
    lines: Sequence[int]

    @property
    def offset(self) -> str:
        """The way from the chapter's folder to the project's."""
        return posixpath.relpath(".", posixpath.dirname(self.name) or ".")


@dataclass(frozen=True)
class Parsed:
    """A document's tree: `key` tells it from every other one, `load` gives its blocks in Pandoc's JSON."""

    key: str
    load: Callable[[], bytes]


_READS_MORE = re.compile(
    r"\b(?:io|os|package|debug)\s*[.\[]|\b(?:require|dofile|loadfile|load|_G|_ENV)\b|\bPANDOC_|"
    r"\bpandoc\s*\.\s*(?:pipe|system|mediabag|zip|utils\.run_\w+)|\bexists\s*\("
)
"""What a Lua filter may be seen to depend on beside the document and its own text."""


def parsed(documents: Sequence[Document], filters: Sequence[Path], root: Path, parts: Parts) -> list[Parsed]:
    """As :func:`parse`; only documents that are not kept are parsed, in as many processes as there are cores."""
    texts = [path.read_text(encoding="utf-8") for path in filters]
    kept = not any(_READS_MORE.search(text) for text in texts)
    keys = [parts.key("parsed", d.output_format, d.offset, d.text, texts) for d in documents]
    found = [parts.get(key) if kept else None for key in keys]
    missing = [index for index, part in enumerate(found) if part is None]
    cores = min(os.cpu_count() or 1, len(missing))
    missing.sort(key=lambda index: documents[index].name)  # one text of several formats is read once
    size, shares = -(-len(missing) // max(1, cores)), []
    for first in range(0, len(missing), max(1, size)):
        shares.append(missing[first : first + size])
    with ThreadPoolExecutor(max(1, cores)) as pool:
        made = pool.map(lambda share: _parsed([documents[index] for index in share], filters, root), shares)
        new = {index: blocks for share, its in zip(shares, made, strict=True) for index, blocks in zip(share, its, strict=True)}
    for index, blocks in new.items():
        if kept:
            parts.put(keys[index], None, blocks)
        else:
            keys[index] = parts.key("parsed", blocks)
    return [
        Parsed(key, lambda blocks=new[index] if part is None else part[1]: blocks)
        for index, (key, part) in enumerate(zip(keys, found, strict=True))
    ]


def parse(documents: Sequence[Document], filters: Sequence[Path], root: Path) -> list[list[dict[str, Any]]]:
    """The blocks of each document as Pandoc's JSON has them, the project's Lua filters applied."""
    return [json.loads(blocks) for blocks in _parsed(documents, filters, root)]


def _parsed(documents: Sequence[Document], filters: Sequence[Path], root: Path) -> list[bytes]:
    """As :func:`parse`, in Pandoc's own words.

    Filters see the format's name ("html", "typst", "docx", "jats") in `FORMAT`, as under Quarto.
    """
    names = {"html": "html", "pdf": "typst", "docx": "docx", "jats": "jats"}
    job = {
        "filters": [str(path) for path in filters],
        "documents": [
            {"format": names[d.output_format], "name": str(index), "offset": d.offset, "text": d.text}
            for index, d in enumerate(documents)
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        done = run(["lua", str(Path(__file__).with_name("parse.lua")), str(path)], root)
    _complain(done, documents)
    return [line.partition(b'"blocks":')[2][:-1] for line in done.stdout.splitlines()]


def write(document: bytes, output_format: str, arguments: Sequence[str], root: Path, epoch: str = "0") -> bytes:
    """A document in the format's language, from Pandoc's JSON; citations are set by citeproc.

    epoch: seconds since 1970 that a Word file gives as the time of its making.
    """
    command = ["--from=json", f"--to={WRITERS[output_format]}", "--citeproc", "--wrap=none", *arguments]
    done = run(command, root, document, epoch)
    problems = _problems(done)
    if problems:
        raise RenderError(problems[0])
    return done.stdout


def run(
    arguments: Sequence[str], root: Path, text: bytes = b"", epoch: str = "0"
) -> subprocess.CompletedProcess[bytes]:
    """Run the locked Pandoc in the project's folder, with none of the user's variables, data folder or start-up files."""
    env = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP") if name in os.environ}
    nowhere = str(PANDOC.parent)  # a folder without any of the files that Pandoc looks for in a home
    env |= dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), nowhere)
    env |= {"LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": epoch}
    return subprocess.run([str(PANDOC), *arguments], input=text, capture_output=True, cwd=root, env=env)


def tree(blocks: Sequence[pf.Element], metadata: Mapping[str, Any]) -> bytes:
    """A document in Pandoc's JSON."""
    return joined([as_json(blocks)], metadata)


def as_json(blocks: Sequence[pf.Element]) -> bytes:
    """These blocks in Pandoc's JSON."""
    return json.dumps(pf.Doc(*blocks).to_json()["blocks"]).encode()


def from_json(blocks: bytes) -> list[pf.Block]:
    """Blocks to look into and to change."""
    return list(pf.load(io.StringIO(joined([blocks], {}).decode())).content)


def joined(pieces: Sequence[bytes], metadata: Mapping[str, Any]) -> bytes:
    """A document in Pandoc's JSON from blocks that are in it already; they may take many megabytes, so nobody takes them apart."""
    frame = pf.Doc(metadata=dict(metadata), api_version=(1, 23, 1)).to_json() | {"blocks": []}
    return json.dumps(frame).encode().removesuffix(b"]}") + b",".join(filter(None, (piece[1:-1] for piece in pieces))) + b"]}"


def bibliography_contents(project: Project) -> list[list[str]]:
    """Digests of the files that citeproc reads."""
    return contents([*project.bibliography, *([project.csl] if project.csl else [])])


def _problems(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    messages = done.stderr.decode("utf-8", "replace").strip()
    found = []
    for message in re.split(r"\n(?=\[\w+\])", messages):
        key = re.search(r"Citeproc: citation (\S+) not found", message)
        if key:
            found.append(f"the citation @{key[1]} is not in the bibliography")
        elif message.startswith("[WARNING]"):
            found.append("Pandoc: " + " ".join(message.removeprefix("[WARNING]").split()))
    if done.returncode and not found:
        found.append(f"Pandoc failed: {messages or f'status {done.returncode}'}")
    return found


def _complain(done: subprocess.CompletedProcess[bytes], documents: Sequence[Document]) -> None:
    document, running = documents[0], ""
    messages: list[str] = []
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        if line.startswith("AT "):
            if messages:
                break
            document, running = documents[int(line[3:])], ""
        elif line.startswith("FILTER "):
            running = line[7:]
        else:
            messages.append(line.strip())
    if not messages and done.returncode == 0:
        return
    message = " ".join(messages).removeprefix("[WARNING] ").strip()
    if running and done.returncode:
        raise RenderError(f"the filter {Path(running).name} failed: {message}", document.name)
    at = re.search(r"at line (\d+)", message)
    line = document.lines[min(int(at[1]), len(document.lines)) - 1] if at else None
    raise RenderError(re.sub(r"\s*at line \d+ column \d+", "", message) or "Pandoc failed", document.name, line)


def bibliography(project: Project) -> dict[str, Any]:
    """The metadata that citeproc needs."""
    if not project.bibliography:
        return {}
    out: dict[str, Any] = {"bibliography": pf.MetaList(*(pf.MetaString(str(p)) for p in project.bibliography))}
    out["link-citations"] = bool(project.settings.get("link-citations", True))
    if project.csl:
        out["csl"] = str(project.csl)
    return out


def not_in_bibliography(keys: Sequence[str], project: Project) -> set[str]:
    """Those of the keys that no source of the project's bibliographies has."""
    if not project.bibliography or not keys:
        return set(keys)
    known = _in_bibliography.setdefault(digest(bibliography_contents(project)), set())
    asked = [key for key in keys if key not in known]
    if not asked:
        return set()
    cites = pf.Para(pf.Cite(citations=[pf.Citation(key) for key in asked]))
    done = run(["--from=json", "--to=plain", "--citeproc"], project.root, tree([cites], bibliography(project)))
    if done.returncode:
        raise RenderError(_problems(done)[0])
    missing = set(re.findall(r"Citeproc: citation (\S+) not found", done.stderr.decode("utf-8", "replace")))
    known.update(set(asked) - missing)
    return missing


_in_bibliography: dict[str, set[str]] = {}
"""Keys that Pandoc has found in this process, by what the bibliographies held: both looks of one render ask for the same ones."""


def placed(error: RenderError, sources: Sequence[Source]) -> RenderError:
    """The same error with the chapter and line where its citation key or label stands, if it names one."""
    key = re.search(r"@([\w:.#$%&+?<>~/-]+\w)", error.message)
    for source in sources:
        line = source.find("@" + key[1]) if key else None
        if line:
            return RenderError(error.message, source.name, line)
    return RenderError(error.message, sources[0].name if len(sources) == 1 else None)
