"""The whole story in a browser, with the real bot: by what people see and press on the page."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect, sync_playwright

from playground import scenarios
from tests.support.bot import ALICE, BORA, SHOP, SHOP_JA

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds


@dataclass(frozen=True)
class Words:
    """What is read and pressed, in one language."""

    show: str
    approve: str
    undo: str
    undo_yes: str
    refused: str
    proposed: str
    repaired: str
    running: str
    undone: str


SPOKEN = {
    SHOP: Words(
        "Show the fix", "Approve and apply", "Undo", "Take it back", "You may not approve",
        "Nothing has changed yet", "Repaired:", "works again", "Taken back:",
    ),
    SHOP_JA: Words(
        "修正を見る", "承認して適用", "元に戻す", "元に戻す", "承認する権限がありません",
        "まだ何も変更していません", "修復しました", "稼働", "元に戻しました:",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("no browser: install chromium, chromium-browser or google-chrome")
    with sync_playwright() as p:
        found = p.chromium.launch(executable_path=path, args=["--disable-dev-shm-usage"])
        yield found
        found.close()


@pytest.fixture
def page(browser, bot):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE)
    found, complaints = context.new_page(), []
    found.on("pageerror", lambda e: complaints.append(str(e)))
    found.goto(bot.workspace.url)
    found.get_by_role("combobox", name="Message #shop").wait_for()
    yield found
    context.close()
    assert [] == complaints


def act_as(page, user):
    page.get_by_role("combobox", name="Act as").select_option(user)


@pytest.mark.parametrize(
    ("channel", "name"), [(SHOP, "image-tag-missing"), (SHOP_JA, "execution-role-lacks-image-read")]
)
def test_a_person_pastes_is_refused_and_another_repairs_it(page, bot, channel, name):
    """
    Paste from the side panel, show the fix as Alice, act as Bora, approve, recovered, undo.
    """
    said, title = SPOKEN[channel], scenarios.named(name).title
    if channel == SHOP_JA:
        page.locator(f'[data-channel="{SHOP_JA}"]').click()
    page.get_by_role("button", name=f"Paste error of {title}").click()
    page.get_by_role("combobox", name="Message #shop").press("Enter")
    page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("log", name="Thread messages")

    thread.get_by_role("button", name=said.show).click()
    expect(thread.get_by_text(said.proposed)).to_be_visible(timeout=PATIENCE)
    approve(page, thread, said)
    expect(thread.get_by_text(said.refused)).to_be_visible(timeout=PATIENCE)
    assert "failing" == bot.health(name)

    act_as(page, BORA)
    approve(page, thread, said)
    expect(thread.get_by_text(said.repaired)).to_be_visible(timeout=PATIENCE)
    assert "running" == bot.health(name)
    expect(thread.get_by_text(said.running).first).to_be_visible(timeout=PATIENCE)
    panel = page.locator(f'[data-service="{name}"]')
    expect(panel.get_by_text("running", exact=True)).to_be_attached(timeout=PATIENCE)

    thread.get_by_role("button", name=said.undo, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=said.undo_yes, exact=True).click()
    expect(thread.get_by_text(said.undone)).to_be_visible(timeout=PATIENCE)
    assert "failing" == bot.health(name)
    expect(panel.get_by_text("failing", exact=True)).to_be_attached(timeout=PATIENCE)


def test_an_error_that_is_silence_in_a_channel_is_pasted_as_a_question(page, bot):
    """
    A failure before the pull: both buttons call the bot by name, and a person gets an answer.
    """
    title = scenarios.named("execution-role-untrusted").title
    page.get_by_role("button", name=f"Post the error of {title}").click()
    page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("log", name="Thread messages")
    expect(thread.get_by_role("button", name="Show the fix")).to_be_visible(timeout=PATIENCE)

    page.get_by_role("button", name="Services").first.click()
    page.get_by_role("button", name=f"Paste error of {title}").click()
    field = page.get_by_role("combobox", name="Message #shop")
    assert field.input_value().startswith("@ecs-pull (service invoice)")
    field.press("Enter")
    bot.workspace.wait(lambda: len(bot.workspace.messages(SHOP)) == 4)
    bot.quiet()
    assert "invoice-execution" in bot.workspace.messages(SHOP)[-1].text


def approve(page, thread, said):
    """Press the button, and say yes where the page asks again."""
    thread.get_by_role("button", name=said.approve).click()
    page.get_by_role("dialog").get_by_role("button", name=said.approve).click()


def test_the_form_is_filled_in_on_the_page(page, bot):
    """
    The command opens the form; its lists offer what is there; the answer comes in a thread.
    """
    field = page.get_by_role("combobox", name="Message #shop")
    field.fill("/ecs-pull")
    field.press("Enter")
    dialog = page.get_by_role("dialog")
    service = dialog.get_by_role("combobox", name="Service")
    service.fill("shop")
    page.get_by_role("option", name="shop-web").click()
    dialog.get_by_role("button", name="Diagnose").click()

    page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("log", name="Thread messages")
    expect(thread.get_by_text("is not in repository").first).to_be_visible(timeout=PATIENCE)
    act_as(page, ALICE)


def test_the_variant_of_a_fix_that_is_shown_is_the_one_that_is_selected(page, bot):
    """
    The list says which change stands above it, also after another one was chosen.
    """
    title = scenarios.named("execution-role-lacks-image-read").title
    page.get_by_role("button", name=f"Paste error of {title}").click()
    page.get_by_role("combobox", name="Message #shop").press("Enter")
    page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("log", name="Thread messages")
    thread.get_by_role("button", name="Show the fix").click()
    variant = thread.get_by_role("combobox", name="Variant")

    expect(variant).to_have_value("managed-policy", timeout=PATIENCE)
    variant.select_option("inline-policy")
    expect(thread.get_by_text("put-role-policy")).to_be_visible(timeout=PATIENCE)
    expect(variant).to_have_value("inline-policy")


def test_a_login_is_typed_into_a_form_and_the_service_recovers(page, bot):
    """
    The form says where it goes, and stays open with the reason where it is none.
    """
    name = "registry-credentials-unset"
    field = page.get_by_role("combobox", name="Message #shop")
    field.fill(bot.error(name))
    field.press("Enter")
    page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("log", name="Thread messages")
    thread.get_by_role("button", name="Show the fix").click()
    thread.get_by_role("combobox", name="Variant").select_option("new:secret")
    act_as(page, BORA)
    thread.get_by_role("button", name="Approve and enter the login").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("straight to AWS Secrets Manager")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("textbox", name="User name").fill("robot")
    dialog.get_by_role("textbox", name="Password or access token").fill("  ")
    dialog.get_by_role("button", name="Approve and apply").click()
    expect(dialog.get_by_text("Fill this in")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("textbox", name="Password or access token").fill("PLANTEDlogin")
    dialog.get_by_role("button", name="Approve and apply").click()

    expect(dialog).to_be_hidden(timeout=PATIENCE)
    expect(thread.get_by_text("Repaired:")).to_be_visible(timeout=PATIENCE)
    assert "running" == bot.health(name)
    thread.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back", exact=True).click()
    expect(thread.get_by_text("will be deleted in 7 days")).to_be_visible(timeout=PATIENCE)
    assert "PLANTEDlogin" not in page.content()
    bot.rebuild()
