"""The website in a real browser: Debian's Chromium, driven by Playwright, on the rendered report from a folder and from a server.

Whatever a test does, the browser may not report an error and no page may ask for anything outside the report.
"""

import functools
import http.server
import io
import json
import os
import re
import shutil
import threading
from pathlib import Path

import lxml.html
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT
from playwright.sync_api import Page, TimeoutError, expect, sync_playwright
from pypdf import PdfReader

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

CHAPTERS = ["index.html", *sorted(f"chapters/{path.stem}.html" for path in (ROOT / "chapters").glob("*.qmd"))]
PHONE, TABLET, DESKTOP = {"width": 390, "height": 844}, {"width": 820, "height": 1180}, {"width": 1280, "height": 900}
FIRST_PAGE = 300_000
"""Bytes of the first page with all it loads, without figures."""
FIGURES = 300_000
"""Bytes of the figures in it."""
SCREENSHOTS = ROOT / ".study" / "screenshots"


@pytest.fixture(scope="module")
def site(report) -> Path:
    """The report as a website."""
    return report("builtin") / "_book"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server(site):
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


@pytest.fixture(scope="module", params=["file", "http"])
def home(request, site) -> str:
    """Where the website is: in a folder, and on a server."""
    return f"{site.as_uri()}/" if request.param == "file" else request.getfixturevalue("server")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"],
                                              env=os.environ | {"TMPDIR": "/tmp"})  # a socket's path has to be short
        yield running
        running.close()


@pytest.fixture
def open_page(browser, site, request):
    """A new window, like `open_page(viewport=PHONE)`; at the end nothing may have been complained of or asked for outside."""
    contexts, complaints = [], []
    inside = [f"{site.as_uri()}/", "data:"]

    def watched(url: str) -> None:
        known = [*inside, request.getfixturevalue("server")] if url.startswith("http") else inside
        if not url.startswith(tuple(known)):
            complaints.append(f"asked for {url}")

    def made(**options) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda failed: complaints.append(f"not there: {failed.url}"))
        page.on("request", lambda asked: watched(asked.url))
        return page

    yield made
    for context in contexts:
        context.close()
    assert complaints == []


# --- moving about ------------------------------------------------------------------------------------------------


def test_next_and_previous_walk_through_the_whole_report_and_back(site, open_page):
    page = open_page()
    page.goto((site / "index.html").as_uri())
    titles = [page.locator("h1").text_content()]
    while page.locator("a[rel=next]").count():
        with page.expect_navigation():
            page.locator("a[rel=next]").click()
        titles.append(page.locator("h1").text_content())
    assert len(titles) == len(set(titles)) == len(CHAPTERS)
    with page.expect_navigation():
        page.locator("a[rel=prev]").click()
    assert page.locator("h1").text_content() == titles[-2]


def test_the_sidebar_says_where_one_is_and_leads_elsewhere(home, open_page):
    page = open_page()
    page.goto(f"{home}index.html")
    page.get_by_role("navigation", name="Chapters").get_by_role("link", name="Safety").click()
    expect(page.locator("h1")).to_contain_text("Safety")
    expect(page.locator(".sidebar [aria-current=page]")).to_contain_text("Safety")


def test_the_contents_mark_the_section_being_read(home, open_page):
    page = open_page()
    page.goto(f"{home}chapters/results.html")
    page.locator(".contents a", has_text="Itch and sleep").click()
    expect(page.locator(".contents [aria-current]")).to_have_text("Itch and sleep")
    page.locator("h2", has_text="Patients").evaluate("heading => heading.scrollIntoView()")
    expect(page.locator(".contents [aria-current]")).to_have_text("Patients")


def test_the_first_tab_stop_skips_to_the_text(open_page, site):
    page = open_page()
    page.goto((site / "chapters" / "methods.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_on_a_phone_the_chapters_are_a_drawer_that_escape_closes(open_page, site):
    page = open_page(viewport=PHONE)
    page.goto((site / "index.html").as_uri())
    chapters = page.get_by_role("navigation", name="Chapters")
    expect(chapters).to_be_hidden()
    page.get_by_role("button", name="Chapters", exact=True).click()
    expect(chapters).to_be_visible()
    assert page.evaluate("document.querySelector('main').inert")
    assert page.evaluate("document.getElementById('sidebar').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(chapters).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "menu-button"


def test_every_download_is_there(open_page, server):
    page = open_page()
    page.goto(f"{server}chapters/results.html")
    links = page.locator(".downloads a").evaluate_all("links => links.map(link => [link.textContent, link.href])")
    inside = [href for _, href in links if href.startswith(server)]
    assert {"results.csv", "results.json", "data-docs/index.html", "notebooks/results.ipynb", "results/index.html",
            "code/index.html"} <= {href.removeprefix(server) for href in inside}  # fmt: skip
    assert [href for href in inside if page.request.get(href).status != 200] == []


def test_a_link_to_a_section_is_copied(open_page, server):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{server}chapters/results.html")
    page.get_by_role("button", name="Copy a link to the section 3.1 Patients").click()
    expect(page.locator(".said")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url == f"{server}chapters/results.html#sec-patients"


# --- search ------------------------------------------------------------------------------------------------------


def test_search_finds_a_section_and_opens_it_with_the_keyboard_alone(home, open_page):
    page = open_page()
    page.goto(f"{home}chapters/methods.html")
    page.keyboard.press("/")
    page.keyboard.type("conjunctivitis")
    expect(page.locator(".search-found li").first).to_be_visible()
    expect(page.locator(".search-found mark").first).to_have_text(re.compile("conjunctivitis", re.I))
    sections = page.locator(".search-found .title").all_inner_texts()[:3]  # what is said of it, before tables that list it
    assert any("Safety" in title for title in sections) and not any("Expectations" in title for title in sections), sections
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(index|chapters/\w[\w-]*)\.html"))
    expect(page.locator("main")).to_contain_text(re.compile("conjunctivitis", re.I))


def test_search_forgives_a_slip_and_says_when_it_finds_nothing(open_page, site):
    page = open_page()
    page.goto((site / "index.html").as_uri())
    page.get_by_role("button", name="Search").click()
    page.keyboard.type("conjuntivitis")
    expect(page.locator(".search-found li").first).to_be_visible()
    page.locator(".search input").fill("qwertzuiop")
    expect(page.locator(".search-status")).to_have_text("Nothing found")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.search")).to_be_hidden()


# --- reading -----------------------------------------------------------------------------------------------------


def test_code_is_folded_and_opens_by_keyboard(open_page, site):
    page = open_page()
    page.goto((site / "chapters" / "results.html").as_uri())
    assert page.locator("details.code").count() == page.locator("details.code:not([open])").count() > 5
    page.locator("details.code summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.code pre").first).to_be_visible()


def test_the_data_of_a_figure_open_below_it_by_keyboard(open_page, site):
    page = open_page()
    page.goto((site / "chapters" / "results.html").as_uri())
    figures, data = page.locator("article figure"), page.locator("figure + .provenance > details.figure-data")
    assert figures.count() == data.count() == page.locator("details.figure-data:not([open])").count() > 2
    expect(data.first.locator("table")).to_be_hidden()
    data.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(data.first.locator("table")).to_be_visible()
    assert data.first.locator(".table-scroll").get_attribute("aria-label") == "Data of the figure"


def test_the_chosen_colours_stay_and_are_there_before_the_page_is(home, open_page):
    page = open_page(color_scheme="light")
    page.add_init_script(
        "new MutationObserver(() => { if (document.body && !window.firstTheme) window.firstTheme ="
        " document.documentElement.dataset.theme ?? 'none'; }).observe(document, { childList: true, subtree: true });"
    )
    page.goto(f"{home}index.html")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button = page.locator(".theme-button")
    while button.get_attribute("aria-label") != "Colours: dark":
        button.click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light == "rgb(255, 255, 255)" and sum(map(int, re.findall(r"\d+", dark))) < 150
    page.goto(f"{home}results/efficacy.easi_75.html")  # a page that no engine makes
    assert page.evaluate("window.firstTheme") == "dark" and button.get_attribute("aria-label") == "Colours: dark"
    page.goto(f"{home}chapters/results.html")
    assert page.evaluate("window.firstTheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    figure = page.locator("figure svg.drawn").first
    assert figure.locator("path").first.evaluate("paper => getComputedStyle(paper).fill") == dark
    assert sum(map(int, re.findall(r"\d+", figure.locator("text").first.evaluate("text => getComputedStyle(text).fill")))) > 500


def test_the_marks_of_simulated_numbers_are_put_away_by_keyboard_and_stay_away(home, open_page):
    page = open_page()
    page.goto(f"{home}index.html")
    line = "link => getComputedStyle(link).textDecorationLine"
    button = page.get_by_role("button", name="Mark simulated")
    assert (button.get_attribute("aria-pressed"), page.locator("a.assumed").first.evaluate(line)) == ("true", "underline")
    button.focus()
    page.keyboard.press("Enter")
    page.goto(f"{home}chapters/safety.html")
    assert (button.get_attribute("aria-pressed"), page.locator("a.assumed").first.evaluate(line)) == ("false", "none")
    button.click()
    assert (button.get_attribute("aria-pressed"), page.locator("a.assumed").first.evaluate(line)) == ("true", "underline")


def test_a_number_says_on_hover_where_it_comes_from_and_leads_there(home, open_page):
    page = open_page()
    page.goto(f"{home}chapters/results.html")
    number = page.locator("p a.result").first
    result = number.get_attribute("href").partition("#")[2]
    number.hover()
    expect(page.locator("#popover")).to_be_visible()
    lines = page.locator("#popover p").all_inner_texts()
    assert re.match(r"\w.*: \S", lines[0]) and lines[1].startswith("n = ") and lines[-1].split()[0] == result
    assert [line.partition(":")[0] for line in lines[2:5]] == ["Basis", "Method", "Rows"]
    page.keyboard.press("Escape")
    expect(page.locator("#popover")).to_be_hidden()
    number.click()
    row = page.locator(f"[id='{result}']")
    expect(row).to_be_visible()
    bar, heading = page.locator(".top-bar").bounding_box(), row.locator("xpath=ancestor::section").locator("h2")
    page.wait_for_function("([row, bar]) => row.getBoundingClientRect().top > bar", arg=[heading.element_handle(), bar["height"]])
    page.locator("section:has(tr:target) summary").first.click()
    expect(page.locator("section:has(tr:target) pre").first).to_contain_text("P001,")


def test_numbers_are_plain_text_until_somebody_asks(open_page, site):
    page = open_page()
    page.goto((site / "chapters" / "results.html").as_uri())
    for place in ("p", "td"):
        number = page.locator(f"{place} a.result:not(.assumed)").first
        assert number.evaluate("link => getComputedStyle(link).color === getComputedStyle(link.parentElement).color")
        assert number.evaluate("link => getComputedStyle(link).textDecorationLine") == "none"
    number.hover()
    assert number.evaluate("link => getComputedStyle(link).textDecorationLine") == "underline"


def test_a_citation_shows_its_reference_when_the_keyboard_reaches_it(open_page, site):
    page = open_page()
    page.goto((site / "index.html").as_uri())
    page.locator(".citation a").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#popover")).to_contain_text("Glukhova, Evgeniia")
    expect(page.locator(":focus")).to_have_attribute("aria-describedby", "popover")


def test_at_400_percent_a_pop_over_stays_in_the_window_and_below_its_trigger(open_page, site):
    window = {"width": 320, "height": 256}
    page = open_page(viewport=window)
    page.goto((site / "chapters" / "methods.html").as_uri())
    citation = page.locator(".citation a").first
    citation.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    citation.hover()
    expect(page.locator("#popover")).to_be_visible()
    box, link = page.locator("#popover").bounding_box(), citation.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= window["width"]
    assert box["y"] >= 0 and box["y"] + box["height"] <= window["height"]
    assert box["y"] >= link["y"] + link["height"] or box["y"] + box["height"] <= link["y"]


def test_a_figure_opens_large_and_gives_the_keyboard_back(open_page, site):
    page = open_page()
    page.goto((site / "chapters" / "results.html").as_uri())
    button = page.get_by_role("button", name="Open Figure\xa03.2 large")
    button.focus()
    page.keyboard.press("Enter")
    large = page.locator(".figure-dialog svg.drawn")
    expect(large).to_be_visible()
    assert large.bounding_box()["width"] > page.locator("figure svg.drawn:visible").nth(1).bounding_box()["width"]
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
    page.keyboard.press("Escape")
    expect(page.locator(".figure-dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Open Figure\xa03.2 large"


# --- one child in all figures ---------------------------------------------------------------------------------------


def lit(page: Page) -> set[str]:
    """Whose marks and rows are lit."""
    whose = "all => all.map((each) => each.dataset.patient ?? each.cells[0].textContent.trim())"
    return set(page.locator(".lit").evaluate_all(whose))


def test_a_child_is_lit_on_pointing_and_chosen_by_a_click_which_stands_in_the_address_and_goes_along(home, open_page):
    page = open_page()
    page.goto(f"{home}index.html#fig-cohort")
    said, mark = page.locator(".followed [role=status]"), page.locator("svg.drawn [data-patient] text", has_text="P002").first
    mark.hover()
    expect(said).to_contain_text("P002: Baseline: 4")
    assert lit(page) == {"P002"}
    page.mouse.move(2, 2)
    expect(said).to_have_text("")
    assert lit(page) == set() and "?" not in page.url
    mark.click()
    assert page.url == f"{home}index.html?patient=P002#fig-cohort" and page.locator("dialog[open]").count() == 0
    page.get_by_role("button", name="Open Figure\xa01 large").click()
    page.locator(".figure-dialog [data-patient=P005] text").first.hover()
    expect(said).to_contain_text("P005: Baseline: 4")
    page.keyboard.press("Escape")
    expect(said).to_contain_text("P002: Baseline: 4")
    page.get_by_role("navigation", name="Chapters").get_by_role("link", name="Results").click()
    assert page.url == f"{home}chapters/results.html?patient=P002"
    expect(said).to_contain_text("P002: ")
    assert lit(page) == {"P002"} and page.locator("svg.drawn .lit").count() and page.locator("tr.lit").count()
    page.keyboard.press("Escape")
    assert page.url == f"{home}chapters/results.html" and lit(page) == set()
    page.go_back()
    expect(said).to_contain_text("P002: ")
    page.locator("svg.drawn [data-patient] text", has_text="P002").first.click()
    assert page.url == f"{home}index.html#fig-cohort" and lit(page) == set()


def test_a_finger_chooses_a_child_and_the_keyboard_does_in_a_list_and_in_a_listing(open_page, site):
    home = f"{site.as_uri()}/"
    phone = open_page(viewport=PHONE, has_touch=True)
    phone.goto(f"{home}index.html")
    phone.locator("svg.narrow [data-patient] text", has_text="P005").first.tap()
    assert phone.url.endswith("?patient=P005") and lit(phone) == {"P005"}
    phone.locator(".followed button").tap()
    assert phone.url.endswith("index.html") and lit(phone) == set()

    page = open_page()
    page.goto(f"{home}index.html")
    page.get_by_label("Follow").focus()
    page.keyboard.type("P002")
    expect(page.locator(".followed [role=status]")).to_contain_text("P002: Baseline: 4")
    assert lit(page) == {"P002"} and page.url.endswith("?patient=P002")
    page.locator("details.figure-data summary").first.press("Enter")
    rows = page.locator("details.figure-data[open] button.patient")
    assert [rows.nth(number).get_attribute("tabindex") for number in range(3)] == ["0", "-1", "-1"], "one stop a table"
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    second = rows.nth(1).inner_text()
    expect(page.locator(".followed [role=status]")).to_contain_text(f"{second}: ")
    page.keyboard.press("Enter")
    assert page.url.endswith(f"?patient={second}") and lit(page) == {second}
    expect(rows.nth(1)).to_have_attribute("aria-pressed", "true")


def test_a_screen_reader_is_told_of_figure_list_and_child(open_page, site):
    page = open_page()
    page.goto(f"{site.as_uri()}/index.html?patient=P002")
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    said = [(node.get("role", {}).get("value"), node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    figure = page.locator("svg.drawn").first.get_attribute("aria-label")
    assert ("image", figure) in said
    drawn = page.locator("svg.drawn text").all_text_contents()
    assert "Weeks since the first dose" in drawn and "Weeks since the first dose" not in {name for _, name in said}
    roles = {role: name for role, name in said if role in ("combobox", "status")}
    assert roles["combobox"].strip() == "Follow"
    status = page.get_by_role("status").filter(has_text="P002")
    assert status.count() == 1 and status.inner_text().startswith("P002: Baseline: 4")
    assert ("button", "Show everyone") in said


def test_lines_are_60_to_75_letters_long(open_page, site):
    page = open_page()
    page.goto((site / "chapters" / "methods.html").as_uri())
    lengths = page.evaluate(
        """() => [...document.querySelectorAll('article section > p')].flatMap((paragraph) => {
          const lines = [], range = document.createRange(), walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
          for (let node; (node = walker.nextNode());) {
            for (let at = 0; at < node.length; at += 1) {
              range.setStart(node, at); range.setEnd(node, at + 1);
              const bottom = Math.round(range.getBoundingClientRect().bottom / 8);
              if (lines.length && Math.abs(lines.at(-1)[0] - bottom) < 2) lines.at(-1)[1] += 1; else lines.push([bottom, 1]);
            }
          }
          return lines.slice(0, -1).map((line) => line[1]);
        })"""
    )
    full = sorted(lengths)[len(lengths) // 4 :]
    assert len(full) > 20 and max(full) <= 78 and 60 <= sum(full) / len(full) <= 75


def test_the_key_results_are_those_of_the_table_and_lead_to_it(open_page, site):
    rows = {row["id"]: row for row in json.loads((site / "results.json").read_text("utf-8"))}
    page = open_page()
    page.goto((site / "index.html").as_uri())
    expect(page.locator(".key-results li")).to_have_count(4)
    expect(page.locator(".key-results li svg")).to_have_count(4)
    for item in page.locator(".key-results li").all():
        value = item.locator(".key-value a.result")
        result = value.get_attribute("href").partition("#")[2]
        assert value.inner_text().replace("\xa0", " ").split(" ")[0] == rows[result]["display"]
        low = item.locator(".key-interval a.result")
        assert rows[low.get_attribute("href").partition("#")[2]]["display"] in low.inner_text()


def test_everything_can_be_read_without_scripts(open_page, site):
    page = open_page(java_script_enabled=False, viewport=PHONE)
    page.goto((site / "chapters" / "results.html").as_uri())
    expect(page.get_by_role("navigation", name="Chapters")).to_be_visible()
    expect(page.locator("article table").first).to_be_visible()
    expect(page.locator("button:visible")).to_have_count(0)


# --- screens of every size ---------------------------------------------------------------------------------------


def test_no_page_scrolls_sideways_from_320_pixels_up(open_page, site):
    page = open_page()
    wider = {}
    for name in CHAPTERS:
        page.goto((site / name).as_uri())
        for width in (DESKTOP["width"], TABLET["width"], PHONE["width"], 320):
            page.set_viewport_size({"width": width, "height": 800})
            try:  # a busy machine lays the page out a little after it has got its new size
                page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width, timeout=5000)
            except TimeoutError:
                wider[name, width] = page.evaluate("document.documentElement.scrollWidth")
    assert wider == {}


def test_on_a_phone_a_wide_table_scrolls_inside_itself_by_keyboard(open_page, site):
    page = open_page(viewport=PHONE)
    page.goto((site / "chapters" / "safety.html").as_uri())
    boxes = page.locator(".table-scroll:not(.figure-data *)").all()
    scrolling = [box for box in boxes if box.evaluate("box => box.scrollWidth > box.clientWidth + 1")]
    assert scrolling
    for box in scrolling:
        assert box.get_attribute("tabindex") == "0" and box.get_attribute("role") == "group"
        assert re.match(r"Table\s[\d.]+$", box.get_attribute("aria-label"))
        caption = box.locator("caption").bounding_box()
        assert caption["x"] + caption["width"] <= PHONE["width"]
    scrolling[0].focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=scrolling[0].element_handle())


def test_the_header_of_a_long_listing_stays_in_sight(open_page, site):
    page = open_page()
    page.goto((site / "chapters" / "model-checks.html").as_uri())
    page.locator(".long-table.fits tbody tr").nth(30).evaluate(
        "row => row.scrollIntoView({ block: 'center', behavior: 'instant' })"
    )
    bar, header = page.locator(".top-bar").bounding_box(), page.locator(".long-table.fits thead th").first.bounding_box()
    assert abs(header["y"] - bar["height"]) < 2


def test_nothing_shifts_while_a_page_loads(open_page, server):
    page = open_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shift += entry.value; })"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    for name, size in [*((name, DESKTOP) for name in CHAPTERS), ("index.html", PHONE), ("results/safety.conjunctivitis.html", PHONE)]:
        page.set_viewport_size(size)
        page.goto(server + name, wait_until="networkidle")
        assert page.evaluate("window.shift") < 0.01, name  # 0 where the letters come within the moment that a page waits for them
        assert page.locator("article img:not([width])").count() == 0


def test_who_wants_less_motion_gets_none(open_page, site):
    page = open_page(reduced_motion="reduce", viewport=PHONE)
    page.goto((site / "index.html").as_uri())
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.locator(".sidebar").evaluate("bar => getComputedStyle(bar).transitionDuration") == "0s"


# --- weight, rules, paper ----------------------------------------------------------------------------------------


def test_the_first_page_is_light(open_page, server, site):
    page = open_page()
    loaded = {}
    page.on("response", lambda answer: loaded.update({answer.url: answer.headers.get("content-length", "0")}))
    page.goto(f"{server}index.html", wait_until="networkidle")
    sizes = {url: int(size) for url, size in loaded.items() if not url.endswith((".svg", ".png"))}
    text = (site / "index.html").read_text("utf-8")
    figures = sum(len(figure.encode()) for figure in re.findall(r'<svg xmlns.*?</svg>', text, flags=re.DOTALL))
    assert len(sizes) > 8 and 0 < sum(sizes.values()) - figures < FIRST_PAGE and 0 < figures < FIGURES, sizes


def test_every_page_keeps_to_the_strict_policy_and_has_nothing_that_it_forbids(site):
    """Chapters, results, code and Data Docs alike."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(CHAPTERS) + 20
    for path in pages:
        text = path.read_text("utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
        assert policy and "default-src 'none'" in policy[1] and "unsafe" not in policy[1], path
        assert not re.search(r"<style|<script(?![^>]*\ssrc=)|<[^>]+\s(style|on\w+)=\"", text), path


def test_pages_of_results_code_and_data_check_are_light_and_in_the_frame_of_the_site(site):
    pages = [path for folder in ("results", "code", "data-docs") for path in sorted((site / folder).rglob("*.html"))]
    assert len(pages) > 200
    for path in pages:
        page = lxml.html.document_fromstring(path.read_text("utf-8"))
        assert path.stat().st_size < 150_000 and sum(1 for _ in page.iter()) < 2500, path  # asked for: 300 kB and 3,000
        for part in ("theme-button", "search-button", "sidebar"):
            assert len(page.find_class(part)) == 1, (path, part)
        for link in [*page.xpath("//a/@href"), *page.xpath("//script/@src"), *page.xpath("//link/@href")]:
            assert "://" in link or link.startswith(("#", "mailto:")) or (path.parent / link.partition("#")[0]).exists(), (path, link)


def test_a_printed_page_is_the_text_on_light_a4_without_the_frame(open_page, site):
    page = open_page(color_scheme="dark")
    page.goto((site / "chapters" / "depth.html").as_uri())
    document = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert [round(float(side) / 72 * 25.4) for side in document.pages[0].mediabox[2:]] == [210, 297]
    text = "\n".join(sheet.extract_text() for sheet in document.pages)
    assert "Depth of response" in text and f"of {len(document.pages)}" in text
    assert "Downloads" not in text and "On this page" not in text
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert sum(map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).color")))) < 200


# --- barriers ----------------------------------------------------------------------------------------------------


def barriers(page: Page, part: str | None = None, rules: list[str] | None = None) -> list[str]:
    """What axe-core complains of, on the page or a part of it, by these rules or by all."""
    # Without `preload`, by which it would fetch style sheets anew: the pages' policy forbids that.
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": rules} if rules else {})
    found = Axe().run(page, part, options).response["violations"]
    return [f"{each['id']}: {each['help']}: {node['target']}" for each in found for node in each["nodes"]]


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_page_has_no_barriers(scheme, open_page, site):
    page = open_page(color_scheme=scheme)
    page.goto((site / "index.html").as_uri())
    assert barriers(page) == []
    page.keyboard.press("/")
    page.keyboard.type("itch")
    expect(page.locator(".search-found li").first).to_be_visible()
    assert barriers(page) == []


def test_pop_overs_and_the_drawer_have_no_barriers(open_page, site):
    page = open_page(viewport=PHONE, color_scheme="dark")
    page.goto((site / "index.html").as_uri())
    number = page.locator("p a.result").first
    number.scroll_into_view_if_needed()
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )  # scrolling hides pop-overs
    number.hover()
    expect(page.locator("#popover")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Chapters", exact=True).click()
    assert barriers(page, "#sidebar") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chapter_with_everything_unfolded_has_no_barriers(scheme, open_page, site):
    page = open_page(color_scheme=scheme)
    page.goto((site / "chapters" / "results.html").as_uri())
    unfold(page)
    assert barriers(page) == []


def some_of_each_kind(site: Path) -> list[str]:
    """All pages but those that one template makes by the hundred (results, code): of these the largest and every tenth."""
    pages = sorted(site.rglob("*.html"))
    chosen = [page for page in pages if page.relative_to(site).parts[0] not in ("results", "code")]
    for folder in ("results", "code"):
        alike = sorted((site / folder).rglob("*.html"), key=lambda page: page.stat().st_size, reverse=True)
        chosen += [*alike[:5], *alike[5::10]]
    return [page.relative_to(site).as_posix() for page in chosen]


@pytest.mark.slow
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_no_page_has_barriers_and_all_have_their_picture_taken(look, open_page, site):
    page = open_page(
        viewport=PHONE if look == "phone" else DESKTOP, color_scheme="dark" if look == "dark" else "light"
    )
    # In the dark nothing differs but the colours, and on a phone only the chapters have another shape.
    rules = ["color-contrast"] if look == "dark" else None
    others = [f"{folder}/index.html" for folder in ("data-docs", "results", "code")]
    pages = [*CHAPTERS, *others] if look == "phone" else some_of_each_kind(site)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    found = {}
    for name in pages:
        page.goto((site / name).as_uri())
        if name in CHAPTERS:
            picture = SCREENSHOTS / f"{name.removesuffix('.html').replace('/', '-')}-{look}.png"
            page.screenshot(path=picture, full_page=True, timeout=60_000)
        unfold(page)
        problems = barriers(page, rules=rules)
        if problems:
            found[name] = problems[:8]
    assert len(pages) >= len(CHAPTERS) and found == {}
