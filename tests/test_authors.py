"""Authors and their affiliations: read in every form that Quarto knows, refused where they cannot be meant so, and shown."""

import re
import shutil
import subprocess
from pathlib import Path

import docx
import lxml.etree
import pypdf
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from rocrate.rocrate import ROCrate
from ruamel.yaml import YAML

from renderer import RenderError, load_authors, render_book, write_jats
from renderer.authors import Affiliation, Author, Role, read_authors
from study.crate import author_entities
from study.errors import RenderingFailed
from study.render import authors_of

PEOPLE = """\
  author:
    - name: Evgeniia A. Glukhova
      degrees: [MD, PhD]
      orcid: 0000-0002-1825-0097
      email: e.glukhova@example.org
      corresponding: true
      equal-contributor: true
      roles: [writing, {software: lead}, patient care]
      affiliations:
        - ref: bonn
        - {id: spb, name: "Children's Hospital", department: Dermatology, postal-code: 194100, city: Saint Petersburg, country: Russia}
    - name: {given: Ludwig, family: van Beethoven}
      attributes: [equal-contributor]
      orcid: 0000-0001-5109-3700
      affiliations: [{ref: spb}, "The Théâtre #2"]
    - The Study Group
"""
SHARED = """\
affiliations:
  - {id: bonn, name: University Hospital, city: Bonn, ror: 01xnwqx93, url: "https://www.example.org/bonn"}
"""
BONN, SPB, THEATRE = (
    "University Hospital, Bonn", "Dermatology, Children's Hospital, 194100 Saint Petersburg, Russia", "The Théâtre #2",
)  # fmt: skip


def config(people: str = PEOPLE, shared: str = SHARED) -> str:
    return (
        "project: {type: book, output-dir: _book, execute-dir: project}\nbook:\n  title: Authors\n  date: 2026-11-22\n"
        f"  output-file: small\n  chapters: [index.qmd]\n{people}{shared}lang: en-GB\n"
        "format:\n  html: {toc: true}\n  study-typst: {toc: false, mainfont: IBM Plex Sans, sansfont: IBM Plex Sans, "
        "font-paths: fonts}\n  docx: {toc: false}\n"
    )


def book(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "_quarto.yml").write_text(text, encoding="utf-8")
    (folder / "index.qmd").write_text("# Summary {.unnumbered}\n\nText.\n", encoding="utf-8")
    for name in ("fonts", "_extensions"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "renderer" / "templates", folder / "renderer" / "templates")
    return folder


def of(people: str, shared: str = ""):
    return read_authors(YAML(typ="rt", pure=True).load(config(people, shared)))


def refusal(people: str, shared: str = "") -> list[str]:
    with pytest.raises(RenderError) as problem:
        of(people, shared)
    return str(problem.value).split("\n")


def test_every_form_of_author_and_affiliation_is_read():
    authors = of(PEOPLE, SHARED)
    first, second, group = authors.people
    assert [affiliation.text for affiliation in authors.affiliations] == [BONN, SPB, THEATRE]
    assert first.roles == (Role("writing – original draft"), Role("software", "lead"), Role("patient care"))
    assert [role.credit for role in first.roles] == [
        "https://credit.niso.org/contributor-roles/writing-original-draft/", "https://credit.niso.org/contributor-roles/software/", "",
    ]  # fmt: skip
    assert (first.affiliations, second.affiliations, group) == ((0, 1), (1, 2), Author("The Study Group"))
    assert (second.name, second.given, second.family) == ("Ludwig van Beethoven", "Ludwig", "van Beethoven")
    assert (first.corresponding, second.corresponding, second.equal_contributor) == (True, False, True)


def test_the_recipe_works_as_written():
    [recipe] = re.findall(r"## Its authors\n.*?```yaml\n(.*?)```", (ROOT / "docs" / "adapting.md").read_text("utf-8"), flags=re.S)
    authors = read_authors(YAML(typ="rt", pure=True).load(recipe))
    assert [author.name for author in authors.people] == ["Maria Example", "Jan van Muster", "The Example Study Group"]
    assert [affiliation.name for affiliation in authors.affiliations] == ["Example Hospital", "Example University"]


@pytest.mark.parametrize(
    ("people", "names"),
    [
        ("", []),
        ("  author: A. Doe\n", ["A. Doe"]),
        ("  author: [A. Doe, B. Roe]\n", ["A. Doe", "B. Roe"]),
        ("  author: {name: A. Doe, affiliation: Clinic}\n", ["A. Doe"]),
        ("  author: {given: A., family: Doe}\n", ["A. Doe"]),
    ],
)
def test_short_forms_of_authors_are_read(people, names):
    assert [author.name for author in of(people).people] == names


def test_the_same_affiliation_spelled_out_twice_is_one():
    authors = of("  author:\n" + "".join(f"    - {{name: {name}, affiliation: {{name: Clinic, city: Bonn}}}}\n" for name in "AB"))
    assert authors.affiliations == (Affiliation("Clinic", city="Bonn"),)


@pytest.mark.parametrize(
    ("author", "said"),
    [
        ("{name: A, orcid: 0000-0002-1825-0098}", "wrong check digit"),
        ("{name: A, orcid: 0000-0002-1825-00X7}", "groups of four"),
        ('{name: A, orcid: "https://orcid.org/0000-0002-1825-0097"}', "the 16 digits alone"),
        ("{name: A, orcid: 21825}", "the 16 digits alone"),
        ("{name: A, orcid: }", "the 16 digits alone"),
        ("{name: A, email: example.org}", "an e-mail address"),
        ("{name: A, email: a@clinic}", "an e-mail address"),
        ("{name: A, url: example.org}", "https://"),
        ("{name: A, affiliations: [{ref: nowhere}]}", "no affiliation with the id nowhere"),
        ("{name: A, affiliations: {ref: nowhere}}", "in a list"),
        ("{name: A, affiliations: [{city: Bonn}]}", "must have a `name`"),
        ("{name: A, affiliations: [{name: C, town: Bonn}]}", "`town`"),
        ("{name: A, affiliations: [{name: C, ror: 1}]}", "nine characters"),
        ("{name: A, affiliations: [{name: C, isni: 0000000121581270}]}", "ISNI"),
        ("{name: A, affiliations: [{id: c, name: C}, {id: c, name: D}]}", "twice"),
        ("{name: A, affiliations: [{id: c, name: C}, c]}", "`ref: c`"),
        ("{name: A, affiliation: C, affiliations: D}", "either"),
        ("{name: A, orchid: 1}", "`orchid`"),
        ("{name: A, corresponding: maybe}", "true or false"),
        ("{name: A, attributes: [coresponding]}", "coresponding"),
        ("{name: A, roles: [{software: most}]}", "lead, equal, supporting"),
        ("{orcid: 0000-0002-1825-0097}", "`name`"),
        ("{name: {given: Ludwig, family: Beethoven, non-dropping-particle: van}}", "a part of `family`"),
        ("{name: [A, B]}", "must be a text"),
        ("7", "a name"),
    ],
)
def test_a_malformed_author_is_refused_with_its_line(author, said):
    told = refusal(f"  author:\n    - B. Roe\n    - {author}\n")
    assert all(line.startswith("_quarto.yml line 9: ") for line in told)
    assert any(said in line for line in told)


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_lines():
    people = (
        "  author:\n    - name: A\n      orcid: 0000-0002-1825-0090\n      email: nobody\n    - name: B\n      affiliations:\n"
        "        - ref: clinic\n        - name: Hospital\n          ror: abc\n"
    )
    told = refusal(people, "affiliations:\n  - {id: klinik, name: Clinic}\n")
    assert [re.match(r"_quarto.yml line (\d+)", line)[1] for line in told] == ["9", "10", "13", "15", "17"]
    assert "the ids are: klinik" in told[2] and "no author is of the affiliation Clinic" in told[4]


def test_an_orcid_belongs_to_one_author():
    [told] = refusal("  author:\n    - {name: A, orcid: 0000-0002-1825-0097}\n    - {name: B, orcid: 0000-0002-1825-0097}\n")
    assert "A's already" in told


def options(folder: Path) -> dict:
    return {"environment": {"SOURCE_DATE_EPOCH": "0"}, "inputs": "", "cache": folder / "cache", "cell_seconds": 60, "progress": str}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A book with the authors above, by the built-in renderer; its project and its output."""
    folder = tmp_path_factory.mktemp("authors")
    project = book(folder / "book", config())
    render_book(project, folder / "out", ("html", "pdf", "docx"), **options(folder))
    write_jats(project, folder / "out" / "jats", **options(folder))
    return project, folder / "out"


def title_page(pdf: Path) -> str:
    return " ".join(pypdf.PdfReader(pdf).pages[0].extract_text().split())


def author_lines(file: Path) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(file).paragraphs if paragraph.style.name == "Author"]


NAMES = "Evgeniia A. Glukhova, MD, PhD1,2,*,†; Ludwig van Beethoven2,3,†; The Study Group"
SMALL_PRINT = [
    f"1 {BONN}", f"2 {SPB}", f"3 {THEATRE}", "* Correspondence: Evgeniia A. Glukhova, e.glukhova@example.org",
    "† These authors contributed equally.",
    "Contributions: Evgeniia A. Glukhova: writing – original draft, software (lead), patient care.",
    "ORCID: Evgeniia A. Glukhova 0000-0002-1825-0097; Ludwig van Beethoven 0000-0001-5109-3700",
]  # fmt: skip


def test_the_front_page_shows_the_authors_and_leads_to_their_orcids(made):
    page = BeautifulSoup((made[1] / "index.html").read_text("utf-8"), "lxml")
    shown = [" ".join(each.get_text().split()) for each in page.select(".cover .author")]
    assert shown == ["Evgeniia A. Glukhova, MD, PhD1,2,*,†", "Ludwig van Beethoven2,3,†", "The Study Group"]
    assert [link["href"] for link in page.select(".cover a.orcid")] == [
        "https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0001-5109-3700",
    ]  # fmt: skip
    assert all("ORCID" in link["aria-label"] for link in page.select(".cover a.orcid"))
    lines = [" ".join(each.get_text().split()) for each in page.select(".cover-notes li")]
    assert lines[:5] == SMALL_PRINT[:5] and lines[5].removeprefix("Contributions") == SMALL_PRINT[5].removeprefix("Contributions: ")
    linked = {link["href"] for link in page.select(".cover-notes a")}
    assert linked == {"https://www.example.org/bonn", "mailto:e.glukhova@example.org"}
    assert [meta["content"] for meta in page.select('meta[name="author"]')] == [
        "Evgeniia A. Glukhova", "Ludwig van Beethoven", "The Study Group",
    ]  # fmt: skip


def test_the_title_page_and_the_properties_of_the_pdf_have_the_authors(made):
    shown = title_page(made[1] / "small.pdf")
    assert NAMES in shown
    for part in (BONN, SPB, THEATRE, *(line.lstrip("*† ") for line in SMALL_PRINT[3:])):
        assert part in shown
    assert pypdf.PdfReader(made[1] / "small.pdf").metadata.author == "Evgeniia A. Glukhova, Ludwig van Beethoven, The Study Group"


def test_the_title_block_and_the_properties_of_the_word_file_have_the_authors(made):
    document = docx.Document(made[1] / "small.docx")
    assert author_lines(made[1] / "small.docx") == [NAMES, *SMALL_PRINT]
    assert document.core_properties.author == "Evgeniia A. Glukhova; Ludwig van Beethoven; The Study Group"
    raised = [run.text for paragraph in document.paragraphs[:3] for run in paragraph.runs if run.font.superscript]
    assert raised[:2] == ["1,2,*,†", "2,3,†"]
    links = [link.address for paragraph in document.paragraphs for link in paragraph.hyperlinks]
    assert {"https://orcid.org/0000-0002-1825-0097", "mailto:e.glukhova@example.org", "https://www.example.org/bonn"} <= set(links)


def test_jats_has_each_affiliation_once_and_roles_of_the_taxonomy(made):
    [file] = (made[1] / "jats").glob("*.xml")
    article = lxml.etree.parse(file)
    assert article.xpath("//contrib-id/text()") == ["https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0001-5109-3700"]
    assert article.xpath("//contrib-group/aff/@id") == ["aff-1", "aff-2", "aff-3"]
    assert article.xpath("//contrib/xref/@rid") == ["aff-1", "aff-2", "aff-2", "aff-3"]
    assert article.xpath("//contrib[name/surname='van Beethoven']/name/given-names/text()") == ["Ludwig"]
    assert article.xpath("//contrib[@corresp='yes' and @equal-contrib='yes']/string-name/text()") == ["Evgeniia A. Glukhova"]
    assert article.xpath("//role[@vocab='credit']/text()") == ["writing – original draft", "software"]
    assert article.xpath("//institution-id[@institution-id-type='ROR']/text()") == ["https://ror.org/01xnwqx93"]


def test_the_archives_metadata_have_persons_with_orcid_and_affiliations():
    crate = ROCrate()
    author_entities(crate, of(PEOPLE, SHARED))
    graph = {entity["@id"]: entity for entity in crate.metadata.generate()["@graph"]}
    first = graph["https://orcid.org/0000-0002-1825-0097"]
    assert (first["@type"], first["name"], first["email"]) == ("Person", "Evgeniia A. Glukhova", "e.glukhova@example.org")
    clinics = [graph[each["@id"]] for each in first["affiliation"]]
    assert [clinic["address"] for clinic in clinics] == [BONN, SPB] and clinics[0]["identifier"] == "https://ror.org/01xnwqx93"
    assert graph["#author-The-Study-Group"]["@type"] == "Organization"


def test_thirty_authors_leave_the_title_page_one_page(tmp_path):
    people = "  author:\n" + "".join(
        f"    - {{name: Annelie B. Schwarzkopf-Number{n}, email: a{n}@example.org, affiliation: {{name: Clinic {n % 9}, city: X}}}}\n"
        for n in range(30)
    )
    project = book(tmp_path / "book", config(people, ""))
    render_book(project, tmp_path / "out", ("pdf", "docx"), **options(tmp_path))
    pages = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "out" / "small.pdf").pages]
    assert "22 November 2026" in pages[0] and "Schwarzkopf-Number29" in pages[0].replace("\n", "")
    assert len(docx.Document(tmp_path / "out" / "small.docx").core_properties.author.split("; ")) == 30


quarto = pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not on this machine")


def test_before_quarto_takes_anything_authors_are_refused_as_a_failed_render(tmp_path):
    (tmp_path / "_quarto.yml").write_text(config("  author: {name: A, email: nobody}\n", ""), encoding="utf-8")
    with pytest.raises(RenderingFailed, match=r"_quarto\.yml line 7: `email` is nobody"):
        authors_of(tmp_path)


@quarto
@pytest.mark.slow
def test_quarto_shows_the_same_authors(made, tmp_path):
    from study.quarto_docx import unwrap_floats

    project = tmp_path / "book"
    shutil.copytree(made[0], project)
    subprocess.run(["quarto", "render", str(project)], check=True, capture_output=True, cwd=project)
    out = project / "_book"
    assert title_page(out / "small.pdf").replace("’", "'").split("2026")[0] == title_page(made[1] / "small.pdf").split("22 Nov")[0]
    unwrap_floats(out / "small.docx", load_authors(project))
    assert author_lines(out / "small.docx") == author_lines(made[1] / "small.docx")
    page = BeautifulSoup((out / "index.html").read_text("utf-8"), "lxml")
    assert next(link["href"] for link in page.select("a.quarto-title-author-orcid")) == "https://orcid.org/0000-0002-1825-0097"
