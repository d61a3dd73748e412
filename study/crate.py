"""What the archive says of itself: an RO-Crate (https://w3id.org/ro/crate) with the authors, the licence, the data, and for each
output the step that made it, by the Process Run Crate profile.
"""

import mimetypes
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from renderer.authors import Affiliation, Authors
from study.analysed import Analysed
from study.cuts import Cut
from study.paths import ROOT

VERSION = "1.1"
"""The version of RO-Crate that the Process Run Crate profile builds on."""
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_LICENCE = "https://spdx.org/licenses/MIT"
_STEPS = (
    ("validate", "The data cut was held against the expectations", ("great-expectations",), ("receipt.json", "_book/data-docs/")),
    (
        "compute", "The results table was computed from the validated data", ("pandas", "scipy"),
        ("_book/results.csv", "_book/results.json", "_book/results/", "_book/changes.json", "_book/history/"),
    ),
    ("typeset", "The chapters were run and the report was typeset", (), ("_book/",)),
)  # fmt: skip
"""Each step with its packages and its outputs; what an earlier step made is not the later one's."""
_TYPESETTERS = {"builtin": ("nbclient", "pypandoc-binary", "typst"), "quarto": ("quarto",)}
_HOMES = {
    "great-expectations": "https://greatexpectations.io", "pandas": "https://pandas.pydata.org", "scipy": "https://scipy.org",
    "nbclient": "https://nbclient.readthedocs.io", "typst": "https://typst.app",
    "pypandoc-binary": "https://pandoc.org", "quarto": "https://quarto.org",
}  # fmt: skip
_TYPES = {
    ".qmd": "text/markdown", ".ipynb": "application/x-ipynb+json", ".yml": "application/yaml", ".bib": "application/x-bibtex",
    ".woff2": "font/woff2", ".csv": "text/csv", ".py": "text/x-python", ".docx":
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip


_KNOWN = mimetypes.MimeTypes()  # Python's own list, without the machine's


def describe(analysed: Analysed, record: dict, files: dict[str, Path | bytes]) -> dict[str, Any]:
    """The crate's metadata as JSON-LD, for an archive of these files and the report's record (`provenance.json`)."""
    from study.render import authors_of

    settings = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))["book"]
    cut = analysed.cut
    crate = ROCrate(version=VERSION)
    root = crate.root_dataset
    root["name"] = settings["title"]
    root["description"] = f"{settings['subtitle']}, data cut {cut.label}. {_statement(analysed)}"
    day = _day_of(cut)
    root["datePublished"] = day
    root["license"] = _entity(crate, _LICENCE, "CreativeWork", name="MIT License", identifier=_LICENCE)
    authors = author_entities(crate, authors_of(ROOT))
    if authors:
        root["author"] = authors if len(authors) > 1 else authors[0]
    if analysed.published.reports(cut.kind) and analysed.published.paper:
        root["citation"] = _paper(crate, analysed.published.paper)
    profile = _entity(crate, PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    root["conformsTo"] = profile
    parts = {}
    for name, content in sorted(files.items()):
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        kind = _TYPES.get(Path(name).suffix) or _KNOWN.guess_type(name)[0] or "application/octet-stream"
        properties = {"name": name, "contentSize": str(size), "encodingFormat": kind}
        parts[name] = crate.add_file(dest_path=name, properties=properties)
    root["mentions"] = _steps(crate, record, parts, authors, day)
    return crate.metadata.generate()


def _day_of(cut: Cut) -> str:
    """The day that the title page bears, as the PDF and the Word file have it."""
    from renderer import load_for_quarto

    seconds = load_for_quarto(ROOT).epoch({"SOURCE_DATE_EPOCH": str(cut.epoch)})
    return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()


def _steps(
    crate: ROCrate, record: dict, parts: dict[str, Any], authors: list[ContextEntity], day: str
) -> list[ContextEntity]:
    own = _entity(
        crate, "#study-report", "SoftwareApplication", name="study-report", softwareVersion=metadata.version("study-report")
    )
    data = [part for name, part in parts.items() if name.startswith("data/")]
    claimed: set[str] = set()
    actions = []
    for name, description, packages, outputs in _STEPS:
        made = [path for path in parts if path not in claimed and any(_is_within(path, place) for place in outputs)]
        claimed |= set(made)
        tools = [_software(crate, package) for package in packages or _TYPESETTERS[record["engine"]]]
        agent = {"agent": authors[0]} if authors else {}
        action = _entity(
            crate, f"#{name}", "CreateAction", name=description, **agent, instrument=[own, *tools], object=data,
            result=[parts[path] for path in made], endTime=day,
            description="Times are normalised to the date of the report, so that the archive is the same on every run.",
        )  # fmt: skip
        actions.append(action)
    return actions


def _is_within(path: str, place: str) -> bool:
    return path.startswith(place) if place.endswith("/") else path == place


def _software(crate: ROCrate, name: str) -> ContextEntity:
    version = _quarto_version() if name == "quarto" else metadata.version(name)
    return _entity(crate, _HOMES[name], "SoftwareApplication", name=name, softwareVersion=version, url=_HOMES[name])


def _quarto_version() -> str:
    from study.engines import quarto_version

    version = quarto_version()
    return "unknown" if version is None else ".".join(map(str, version))


def _entity(crate: ROCrate, at: str, kind: str, /, **properties) -> ContextEntity:
    return crate.add(ContextEntity(crate, at, properties={"@type": kind, **properties}))


def author_entities(crate: ROCrate, authors: Authors) -> list[ContextEntity]:
    """The authors of `_quarto.yml`: a name alone may be a group's; whoever has more to the name is a person."""
    institutions = [_institution(crate, place, each) for place, each in enumerate(authors.affiliations, 1)]
    made = []
    for place, author in enumerate(authors.people):
        if author.named_alone:
            made.append(_entity(crate, f"#author-{author.name.replace(' ', '-')}", "Organization", name=author.name))
            continue
        properties: dict[str, Any] = {"name": author.name, "givenName": author.given, "familyName": author.family}
        properties |= {"email": author.email, "url": author.url}
        properties["affiliation"] = [institutions[place] for place in author.affiliations]
        stated = {key: value for key, value in properties.items() if value}
        made.append(_entity(crate, author.orcid_url or f"#author-{place + 1}", "Person", **stated))
    return made


def _institution(crate: ROCrate, place: int, affiliation: Affiliation) -> ContextEntity:
    stated = {"identifier": f"https://ror.org/{affiliation.ror}" if affiliation.ror else "", "url": affiliation.url}
    stated = {key: value for key, value in stated.items() if value}
    return _entity(crate, f"#affiliation-{place}", "Organization", name=affiliation.name, address=affiliation.text, **stated)


def _paper(crate: ROCrate, paper: dict[str, Any]) -> ContextEntity:
    """The reproduced paper. Its authors are named in its citation, not as entities: they wrote nothing of this archive."""
    names = ", ".join(author["name"] for author in paper["authors"])
    where = f"{paper['journal']} {paper['year']};{paper['issue']}:{paper['pages']}"
    return _entity(
        crate, f"https://doi.org/{paper['doi']}", "ScholarlyArticle", name=paper["title"],
        creditText=f"{names}. {paper['title']}. {where}. doi:{paper['doi']}",
    )  # fmt: skip


def _statement(analysed: Analysed) -> str:
    if analysed.cut.kind == "clinical":
        return "The data are clinical records."
    return "The patient-level data are reconstructed: simulated to meet the published aggregates, and no evidence beyond the paper."
