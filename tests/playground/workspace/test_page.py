"""The page in Chromium: every surface of a small bot, by what a person sees and presses."""

from __future__ import annotations

import shutil
from base64 import b64decode

import pytest
from playwright.sync_api import expect, sync_playwright
from slack_sdk import WebClient

from playground.workspace import BOT_TOKEN, Workspace
from tests.playground.workspace.kit import connected
from tests.playground.workspace.toybot import toy

pytestmark = pytest.mark.browser
SIZES = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True},
}
ERROR = "CannotPullContainerError: 222233334444.dkr.ecr.eu-west-1.amazonaws.com/shop:v1: not found"


@pytest.fixture(scope="module")
def browser():
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        pytest.fail("no browser: install chromium, chromium-browser or google-chrome")
    with sync_playwright() as p:
        found = p.chromium.launch(executable_path=path, args=["--disable-dev-shm-usage"])
        yield found
        found.close()


@pytest.fixture
def panel():
    row = {
        "name": "shop-web",
        "title": "Shop",
        "cause": "image-tag-missing",
        "account": "222233334444",
        "region": "eu-west-1",
        "service": "shop-web",
    }
    return [{**row, "health": "failing", "error": ERROR}]


@pytest.fixture
def shown(panel):
    """A workspace with the toy bot."""
    with Workspace(manifest={}, limits=False, panel=lambda: panel) as w, connected(w) as bolt:
        toy(bolt)
        yield w


@pytest.fixture
def open_page(browser, shown):
    """Open the page in one of the sizes; whatever the console complains about fails the test."""
    complaints, contexts = [], []

    def opened(size="light"):
        context = browser.new_context(**SIZES[size])
        context.set_default_timeout(8_000)
        page = context.new_page()
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        page.goto(shown.url)
        page.get_by_role("combobox", name="Message #shop").wait_for()
        contexts.append(context)
        return page

    yield opened
    for context in contexts:
        context.close()

    assert [] == complaints
    assert [] == shown.refusals


def composer(page):
    return page.get_by_role("combobox", name="Message #shop")


@pytest.mark.parametrize("size", SIZES)
def test_error_is_posted_answered_and_approved(open_page, shown, size):
    """
    From the side panel to the thread, its blocks, the confirmation and the edit, in every size.
    """
    page = open_page(size)
    if size == "phone":
        page.get_by_role("button", name="Services").click()
    page.get_by_role("button", name="Post the error of Shop").click()
    page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("log", name="Thread messages")
    expect(thread.get_by_role("heading", name="Tag v1 is missing")).to_be_visible()
    for words in (
        "@Bora",
        "quoted",
        "- old <b>",
        "listed",
        "ruled out",
        "Push",
        "The path to the registry",
        "17 calls",
    ):
        expect(thread.get_by_text(words).first).to_be_attached()
    assert "Jan 1, 2026" in thread.locator(".text time").first.inner_text()
    thread.get_by_role("combobox", name="Choose").select_option("v3")
    expect(page.get_by_text("Tag v3").first).to_be_attached()
    thread.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="Details").click()
    expect(thread.get_by_text("All the details")).to_be_visible()
    thread.get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(thread.get_by_text("Applied by")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert ("dark" if size == "dark" else "light") == page.locator("html").get_attribute(
        "data-theme"
    )


@pytest.mark.parametrize("size", ["light", "phone"])
def test_form_is_filled_in_refused_and_stacked(open_page, shown, size):
    """
    Selects, suggestions, radio buttons, a text, its error, a second view and the way back.
    """
    page = open_page(size)
    composer(page).fill("/ecs-pull")
    composer(page).press("Enter")
    form = page.get_by_role("dialog", name="Diagnose")
    form.get_by_label("Error").fill("abc")
    form.get_by_label("Account").select_option("prod")
    expect(form.get_by_text("Chosen: prod")).to_be_visible()
    expect(form.get_by_label("Error")).to_have_value("abc")
    form.get_by_label("Cluster").press_sequentially("bat")
    form.get_by_role("option", name="batch").wait_for()
    form.get_by_label("Cluster").press("ArrowDown")
    form.get_by_label("Cluster").press("Enter")
    form.get_by_label("Quick").check()
    form.get_by_role("button", name="Go").click()
    expect(form.get_by_text("Too short")).to_be_visible()
    form.get_by_label("Error").fill("abcdef")
    form.get_by_role("button", name="Go").click()
    expect(page.get_by_role("dialog", name="Second").get_by_text("abcdef")).to_be_visible()
    page.keyboard.press("Escape")
    expect(form.get_by_label("Cluster")).to_have_value("batch")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    assert shown.modal("U01ALICE") is None


def test_incomplete_form_stays(open_page):
    """
    A required field that is empty is marked, and the bot is not asked.
    """
    page = open_page()
    composer(page).fill("/ecs-pull")
    composer(page).press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Go").click()

    expect(page.get_by_text("Please complete this required field.").first).to_be_visible()


def test_commands_are_offered_and_answered_to_one_person(open_page):
    """
    The composer knows the command; its answer is seen by Alice and not by Bora; threads refuse it.
    """
    page = open_page()
    composer(page).fill("/ec")
    expect(page.get_by_role("option", name="/ecs-pull")).to_be_visible()
    composer(page).press("Tab")
    composer(page).press_sequentially("help")
    composer(page).press("Enter")
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    expect(page.get_by_text("Help is near")).to_be_visible()
    composer(page).fill("hello <b>you</b> `code`")
    composer(page).press("Enter")
    expect(page.get_by_text("hello <b>you</b>")).to_be_visible()
    page.get_by_label("Act as").select_option("U02BORA")
    expect(page.get_by_text("Help is near")).to_have_count(0)
    page.get_by_role("button", name="Reply in thread").first.click()
    page.get_by_role("combobox", name="Reply").fill("/ecs-pull help")
    page.get_by_role("combobox", name="Reply").press("Enter")

    expect(page.get_by_text("does not work in threads")).to_be_visible()


def test_shortcut_edit_and_home(open_page, shown):
    """
    The message menu holds the shortcut and the edit; the app has a Home tab.
    """
    page = open_page()
    composer(page).fill("first words")
    composer(page).press("Enter")
    row = page.get_by_role("article").filter(has_text="first words")
    row.hover()
    row.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Explain this pull error").click()
    expect(page.get_by_text("Explained")).to_be_visible()
    row.hover()
    row.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Edit message").click()
    page.get_by_role("textbox", name="Edit message").fill("second words")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("second words")).to_be_visible()
    page.get_by_role("button", name="ecs-pull", exact=True).click()
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("heading", name="Image pulls")).to_be_visible()

    assert "second words" in shown.messages("C01SHOP")[0].text


def test_panel_follows_the_health_and_theme_is_kept(open_page, panel):
    """
    A repaired service turns to running by itself; the chosen theme survives a reload.
    """
    page = open_page()
    expect(page.get_by_text("failing", exact=True)).to_be_visible()
    page.get_by_role("button", name="Paste error of Shop").click()
    expect(composer(page)).to_have_value(ERROR)
    panel[0] = {**panel[0], "health": "running"}
    expect(page.get_by_text("running", exact=True)).to_be_visible()
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()

    assert "dark" == page.locator("html").get_attribute("data-theme")


def test_files_are_attached_and_shown(open_page, shown):
    """
    A text file is shared with its first lines.
    """
    page = open_page()
    page.get_by_label("Choose files").first.set_input_files(
        {"name": "task.log", "mimeType": "text/plain", "buffer": b"line one\nline two"}
    )
    expect(page.get_by_text("task.log")).to_be_visible()
    page.get_by_role("button", name="Send").first.click()
    expect(page.get_by_text("line two")).to_be_visible()

    assert "line one\nline two" == shown.files[0].text


@pytest.mark.parametrize("size", list(SIZES))
def test_a_picture_stands_in_its_thread_with_its_words(open_page, shown, size):
    """
    In both themes and on a phone: drawn, no wider than there is room, and told to who does not see.
    """
    pixels = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    said = shown.say("U01ALICE", "C01SHOP", "hello")
    WebClient(BOT_TOKEN, base_url=shown.api_url).files_upload_v2(
        channel="C01SHOP", thread_ts=said.ts, content=b64decode(pixels), filename="path.png",
        title="The way", alt_txt="closed at b",
    )  # fmt: skip
    page = open_page(size)
    page.get_by_role("button", name="1 reply").click()
    picture = page.get_by_role("img", name="closed at b")
    expect(picture).to_be_visible()

    assert 1 == picture.evaluate("e => e.naturalWidth")
    assert picture.evaluate("e => e.clientWidth <= innerWidth")
