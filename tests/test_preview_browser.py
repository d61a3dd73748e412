"""The preview in a real browser: what is saved comes into the open page, which keeps its place, its scripts and its looks."""

import re

import pytest
from playwright.sync_api import expect
from test_browser import CHROMIUM, browser  # noqa: F401
from test_preview import CHAPTER, WEIGHT, Preview, shared  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")]
PATIENCE = 120_000
SECTION = "\n## Section {0} {{#sec-{0}}}\n\nParagraph {0} of a long chapter.\n"
LONG = CHAPTER + "\n".join(SECTION.format(number) for number in range(60))
COVERED = "element => element.getBoundingClientRect().top"


@pytest.fixture(scope="module")
def following(shared):  # noqa: F811
    preview = Preview(shared)
    preview.save(LONG)
    preview.until_the_page_has("Paragraph 59")
    yield preview
    assert preview.end() == 130


@pytest.fixture
def page(browser, following):  # noqa: F811
    complaints = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"http://127.0.0.1:{following.port}/")
    expect(page.locator(".study-preview-said")).to_contain_text("follows every change", timeout=PATIENCE)
    yield page
    context.close()
    following.save(LONG)
    assert complaints == []


def test_a_sentence_comes_into_the_page_which_keeps_its_place_and_its_scripts(page, following):
    page.evaluate("window.loadedOnce = true")
    heading = page.get_by_role("heading", name="Section 40")
    heading.evaluate("element => element.scrollIntoView({ behavior: 'instant' })")
    before = heading.evaluate(COVERED)
    assert 0 <= before < 300
    version = page.locator("html").get_attribute("data-preview-version")
    more = "And one sentence more, long enough to fill several lines of the page. " * 12
    following.save(LONG.replace("Paragraph 3 of", f"{more}\n\nParagraph 3 of"))
    expect(page.get_by_text("And one sentence more").first).to_be_attached(timeout=PATIENCE)
    another = re.compile(rf"^(?!{version}$)\d+$")
    expect(page.locator("html")).to_have_attribute("data-preview-version", another, timeout=PATIENCE)  # when all is done
    assert abs(heading.evaluate(COVERED) - before) < 3, "the page has moved"
    assert page.evaluate("window.loadedOnce"), "the page was loaded anew"
    page.keyboard.press("/")
    expect(page.locator("dialog.search")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.locator(".copy-link").count() == 60, "the page's scripts have not run once on what is new"


def test_a_mistake_lies_over_the_page_and_goes_away(page, following):
    following.save(LONG.replace("@sec-summary", "@fig-nowhere"))
    problem = page.get_by_role("alert")
    expect(problem).to_be_visible(timeout=PATIENCE)
    expect(problem).to_contain_text("index.qmd line 9")
    expect(problem).to_contain_text("@fig-nowhere leads nowhere")
    expect(page.get_by_text("Another paragraph leads to Chapter 1.")).to_be_attached()  # the last good page
    following.save(LONG)
    expect(problem).to_be_hidden(timeout=PATIENCE)


def test_a_value_of_the_data_comes_into_the_open_page(page, following):
    path = following.repository / "data" / "cuts" / "week-26" / "patients.csv"
    good = path.read_text("utf-8")
    former = good.split("\n")[1].split(",")[3]
    following.save(WEIGHT)
    expect(page.get_by_text(f"weighs {former} kg")).to_be_attached(timeout=PATIENCE)
    page.evaluate("window.loadedOnce = true")
    path.write_text(good.replace(f",{former},", ",heavy,", 1), encoding="utf-8")
    try:
        problem = page.get_by_role("alert")
        expect(problem).to_contain_text('patients.csv line 2weight_kg is "heavy"', timeout=PATIENCE)
        path.write_text(good.replace(f",{former},", ",61.3,", 1), encoding="utf-8")
        expect(page.get_by_text("weighs 61.3 kg")).to_be_attached(timeout=PATIENCE)
        expect(problem).to_be_hidden(timeout=PATIENCE)
        assert page.evaluate("window.loadedOnce"), "the page was loaded anew"
    finally:
        path.write_text(good, encoding="utf-8")
    expect(page.get_by_text(f"weighs {former} kg")).to_be_attached(timeout=PATIENCE)


def test_the_keyboard_gets_a_word_file_in_dark_colours(page, following):
    button = page.get_by_role("button", name="Make Word")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open Word")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.activeElement.textContent") == "Open Word"
    paper = page.locator(".study-preview-bar").evaluate("element => getComputedStyle(element).backgroundColor")
    assert paper == "rgb(27, 34, 42)"
