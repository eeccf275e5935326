"""What people can and cannot do, and what the bot hears of it."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from playground.workspace import BOT_TOKEN
from playground.workspace.typing_in import wire
from playground.workspace.words import plain as shown
from tests.playground.workspace.kit import ALICE, BORA, SHOP, actions, button, error_of, plain

# threads of other tests draw from `random` meanwhile, which hypothesis takes for the strategy's doing
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")


def test_nobody_clicks_what_is_not_there(timed):
    """
    A person can press only what they see; a stale screen can be asked for.
    """
    ts = timed.web.chat_postMessage(
        channel=SHOP, text="x", blocks=actions(button("act", value="1"))
    )["ts"]
    seen = timed.messages(SHOP)[0]
    timed.web.chat_update(channel=SHOP, ts=ts, text="done", blocks=[])

    with pytest.raises(AssertionError, match="there is no act"):
        timed.click(ALICE, seen, "act")
    assert timed.click(ALICE, seen, "act", stale=True).ok


def test_equal_actions_are_told_apart_by_value(timed):
    """
    Two buttons with one action need a value.
    """
    two = [*actions(button("act", value="1")), *actions(button("act", value="2"))]
    timed.web.chat_postMessage(channel=SHOP, text="x", blocks=two)
    message = timed.messages(SHOP)[0]
    timed.click(BORA, message, "act", "2")

    assert "2" == timed.bodies[-1]["actions"][0]["value"]
    with pytest.raises(AssertionError, match="say which"):
        timed.click(BORA, message, "act")


def test_menu_and_list_choose_among_options(timed):
    """
    Overflow menus and selects give the whole option, and nothing that is not on offer.
    """
    offer = [{"text": plain(v), "value": v} for v in ("a", "b")]
    for kind in ("overflow", "static_select"):
        element = {"type": kind, "action_id": "act", "options": offer}
        timed.web.chat_postMessage(channel=SHOP, text="x", blocks=actions(element))
        timed.pick(ALICE, timed.messages(SHOP)[-1], "act", "b")
        with pytest.raises(AssertionError, match="offers"):
            timed.pick(ALICE, timed.messages(SHOP)[-1], "act", "c")

        assert "b" == timed.bodies[-1]["actions"][0]["selected_option"]["value"]


def test_shortcut_carries_the_message(timed):
    """
    A message shortcut brings the message, a trigger and a response URL.
    """
    said = timed.say(ALICE, SHOP, "CannotPull")
    timed.shortcut(BORA, "explain_pull_error", said)
    body = timed.bodies[-1]

    assert ("message_action", said.ts, "CannotPull") == (
        body["type"],
        body["message"]["ts"],
        body["message"]["text"],
    )
    assert {"trigger_id", "response_url"} <= set(body)


def test_events_of_edits_files_bots_and_deletions(w, bolt, web):
    """
    The bot hears of edits, files and other bots, and of its own edits and deletions.
    """
    heard = []
    bolt.event("message")(lambda event: heard.append(dict(event)))
    log = "\n".join(f"line {i}" for i in range(9))
    said = w.say(ALICE, SHOP, "befor")
    w.edit(ALICE, said, "before")
    w.say(ALICE, SHOP, "", files=[("task.log", log)])
    w.say("CloudWatch", SHOP, "", bot=True, attachments=[{"text": "CannotPull"}])
    ts = web.chat_postMessage(channel=SHOP, text="mine")["ts"]
    web.chat_update(channel=SHOP, ts=ts, text="still mine")
    web.chat_delete(channel=SHOP, ts=ts)
    w.wait(lambda: len(heard) == 4 and len(w.acks) == 7)  # the framework drops its own
    by_kind = {e.get("subtype", "plain"): e for e in heard}
    shared = by_kind["file_share"]["files"][0]
    request = urllib.request.Request(
        shared["url_private"], headers={"Authorization": f"Bearer {BOT_TOKEN}"}
    )
    with urllib.request.urlopen(request) as answer:
        whole = answer.read().decode()

    assert {"plain", "message_changed", "file_share", "bot_message"} == set(by_kind)
    assert "event message/message_deleted" in {a.what for a in w.acks}
    assert ("line 4", True) == (shared["preview"].splitlines()[-1], shared["preview_is_truncated"])
    assert log == whole
    assert "CannotPull" in w.messages(SHOP)[2].words


def test_file_without_token_is_a_sign_in_page(w):
    """
    A private file is not handed out to strangers.
    """
    said = w.say(ALICE, SHOP, "", files=["secret"])
    with urllib.request.urlopen(f"{w.url}/files-pri/{said.files[0].id}/x") as answer:
        assert b"Sign in" in answer.read()


def test_bot_uploads_a_file_into_a_thread(w, web):
    """
    The three steps of an upload end in a message.
    """
    parent = w.say(ALICE, SHOP, "hello")
    web.files_upload_v2(
        channel=SHOP,
        thread_ts=parent.ts,
        content="all the details",
        filename="report.txt",
        title="Report",
    )
    reply = w.thread(SHOP, parent.ts)[1]

    assert ("Report", "all the details") == (reply.files[0].title, reply.files[0].text)


def test_a_picture_is_told_in_words_too(w, web):
    """
    Its words are kept for who does not see it, up to what Slack takes.
    """
    parent = w.say(ALICE, SHOP, "hello")
    picture = {"filename": "way.png", "content": b"\x89PNG\xff", "title": "The way"}
    web.files_upload_v2(
        channel=SHOP, thread_ts=parent.ts, file_uploads=[{**picture, "alt_txt": "closed at b"}]
    )
    (shown,) = w.core.state.files.values()

    assert ("The way", "closed at b") == (shown.title, shown.alt)
    with pytest.raises(SlackApiError, match="alt_txt_too_large"):
        web.files_upload_v2(channel=SHOP, file_uploads=[{**picture, "alt_txt": "x" * 1001}])


def test_home_is_published_for_one_person(w, bolt, web):
    """
    Opening the tab is an event; what is published is seen by that person.
    """
    view = {"type": "home", "blocks": [{"type": "header", "text": plain("Yours")}]}
    bolt.event("app_home_opened")(
        lambda event, client: client.views_publish(user_id=event["user"], view=view)
    )
    w.open_home(ALICE)

    assert "Yours" == w.wait(lambda: w.home(ALICE)).words
    assert w.home(BORA) is None


def test_reactions_and_who_is_who(w, web):
    """
    Reactions are kept once; users, groups and conversations are known.
    """
    ts = w.say(ALICE, SHOP, "hello").ts
    web.reactions_add(channel=SHOP, timestamp=ts, name="eyes")
    reacted = w.messages(SHOP)[0].reactions

    assert {"eyes": ["U00BOT"]} == reacted
    assert "already_reacted" == error_of(web.reactions_add, channel=SHOP, timestamp=ts, name="eyes")
    web.reactions_remove(channel=SHOP, timestamp=ts, name="eyes")
    assert {} == w.messages(SHOP)[0].reactions
    assert "ja-JP" == web.users_info(user="U04YUKI", include_locale=True)["user"]["locale"]
    assert "locale" not in web.users_info(user="U04YUKI")["user"]
    assert [BORA] == web.usergroups_users_list(usergroup="S01PLATFORM")["users"]
    assert "D01ALICE" == web.conversations_open(users=ALICE)["channel"]["id"]
    assert ("U00BOT", "B00BOT") == (web.auth_test()["user_id"], web.auth_test()["bot_id"])


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("<!channel> a & b", "&lt;!channel&gt; a &amp; b"),
        ("<@U00BOT> help", "<@U00BOT> help"),
        ("see https://example.com/a?b=1&c=2.", "see <https://example.com/a?b=1&amp;c=2>."),
        ("1.dkr.ecr.eu-west-1.amazonaws.com/a:v1: not found", "<http://1.dkr.ecr.eu-west-1.amazonaws.com/a:v1|1.dkr.ecr.eu-west-1.amazonaws.com/a:v1>: not found"),
        ("```1.dkr.ecr.eu-west-1.amazonaws.com/a```", "```1.dkr.ecr.eu-west-1.amazonaws.com/a```"),
        ("mail a@example.com", "mail a@example.com"),
    ],
)  # fmt: skip
def test_typed_text_is_sent_as_slack_sends_it(typed, sent):
    """
    Escapes and links are made as the composer makes them; mentions stay.
    """
    assert sent == wire(typed)


def test_unknown_addresses_are_not_found(w):
    """
    Nothing is served beyond the page, the API and the files.
    """
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(w.url + "/../people.py")
    caught.value.close()

    assert 404 == caught.value.code


@given(st.text(alphabet="ab1 .:/&<>|`!*\nhttps://x.com", max_size=60))
def test_typed_text_is_shown_as_it_was_typed(text):
    """
    Escapes and links change what is sent, never what is seen.
    """
    assert text == shown(wire(text))
