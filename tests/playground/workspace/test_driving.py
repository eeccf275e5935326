"""What people can and cannot do, and what the bot is given to answer with."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from playground.workspace import BOT_TOKEN, SIGNING_SECRET, Workspace
from playground.workspace.typing_in import wire
from tests.playground.workspace.conftest import serving

SHOP, ALICE, BORA = "C01SHOP", "U01ALICE", "U02BORA"


def plain(text):
    return {"type": "plain_text", "text": text}


def actions(*elements):
    return [{"type": "actions", "elements": list(elements)}]


def button(name, **more):
    return {"type": "button", "action_id": name, "text": plain(name), **more}


def modal(*blocks, **more):
    words = {"type": "section", "text": plain("words")}
    return {
        "type": "modal",
        "callback_id": "m",
        "title": plain("T"),
        "blocks": [*blocks] or [words],
        **more,
    }


@pytest.fixture
def now() -> list[float]:
    return [1_000_000.0]


@pytest.fixture
def timed(now):
    """A workspace with a clock of its own, and a bot that keeps every body that it is sent."""
    with Workspace(manifest={}, limits=False, clock=lambda: now[0], retry_delays=()) as w:
        web = WebClient(BOT_TOKEN, base_url=w.api_url)
        app = App(client=web, signing_secret=SIGNING_SECRET, token_verification_enabled=False)
        w.bodies = []

        def keep(ack, body):
            ack()
            w.bodies.append(body)

        app.command("/ecs-pull")(keep)
        app.action("act")(keep)
        app.shortcut("explain_pull_error")(keep)
        app.view_closed("m")(keep)
        w.web = web
        with serving(app) as url:
            w.bot_url = url
            yield w


def error_of(call, **args):
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return caught.value.response["error"]


def trigger(w):
    w.command(ALICE, SHOP, "/ecs-pull")
    return w.bodies[-1]["trigger_id"]


def test_trigger_expires_after_three_seconds(timed, now):
    """
    A trigger that is too old opens nothing.
    """
    old = trigger(timed)
    now[0] += 3.1

    assert "expired_trigger_id" == error_of(timed.web.views_open, trigger_id=old, view=modal())
    assert timed.modal(ALICE) is None


def test_trigger_works_once(timed):
    """
    The second view for one trigger is refused, and so is an invented one.
    """
    once = trigger(timed)
    timed.web.views_open(trigger_id=once, view=modal())

    assert "exchanged_trigger_id" == error_of(timed.web.views_open, trigger_id=once, view=modal())
    assert "invalid_trigger_id" == error_of(timed.web.views_open, trigger_id="1.2.x", view=modal())


def test_refused_view_does_not_use_the_trigger_up(timed):
    """
    Whoever sent a bad view may send a good one.
    """
    once = trigger(timed)

    assert "invalid_arguments" == error_of(
        timed.web.views_open, trigger_id=once, view=modal(title=plain("x" * 25))
    )
    assert timed.web.views_open(trigger_id=once, view=modal())["ok"]


def test_fourth_view_is_not_stacked(timed):
    """
    Three modals stand on each other, and closing shows the one below.
    """
    go = modal(*actions(button("act")))
    timed.web.views_open(trigger_id=trigger(timed), view=go)
    for _ in range(2):
        timed.click(ALICE, timed.modal(ALICE), "act")
        timed.web.views_push(trigger_id=timed.bodies[-1]["trigger_id"], view=go)
    timed.click(ALICE, timed.modal(ALICE), "act")
    first, second, third = timed.modals(ALICE)

    assert "push_limit_reached" == error_of(
        timed.web.views_push, trigger_id=timed.bodies[-1]["trigger_id"], view=go
    )
    assert (first.id, second.id) == (third.root, third.previous)
    assert timed.close(ALICE, third) is None
    assert second.id == timed.modal(ALICE).id


def test_old_hash_conflicts(timed):
    """
    An update that was made for an older state of the view is refused.
    """
    view = timed.web.views_open(trigger_id=trigger(timed), view=modal())["view"]
    timed.web.views_update(view_id=view["id"], hash=view["hash"], view=modal())

    assert "hash_conflict" == error_of(
        timed.web.views_update, view_id=view["id"], hash=view["hash"], view=modal()
    )


def test_update_keeps_what_was_typed(timed):
    """
    Same block, same action: the words stay; another block begins empty.
    """
    field = {
        "type": "input",
        "label": plain("L"),
        "element": {"type": "plain_text_input", "action_id": "t"},
    }
    both = [{**field, "block_id": "one"}, {**field, "block_id": "two"}]
    view = timed.web.views_open(trigger_id=trigger(timed), view=modal(*both, submit=plain("S")))[
        "view"
    ]
    for block in ("one", "two"):
        timed._fill(ALICE, timed.modal(ALICE), block, "t", "typed")
    renamed = [{**field, "block_id": "one"}, {**field, "block_id": "three"}]
    after = timed.web.views_update(view_id=view["id"], view=modal(*renamed, submit=plain("S")))[
        "view"
    ]

    assert {"one": "typed", "three": None} == {
        b: v["t"]["value"] for b, v in after["state"]["values"].items()
    }


def test_form_with_a_gap_is_not_sent(timed):
    """
    A required field that is empty stops the form before the bot hears of it.
    """
    field = {
        "type": "input",
        "block_id": "b",
        "label": plain("L"),
        "element": {"type": "plain_text_input", "action_id": "t"},
    }
    timed.web.views_open(trigger_id=trigger(timed), view=modal(field, submit=plain("S")))
    asked = len(timed.acks)

    with pytest.raises(AssertionError, match="does not send"):
        timed.submit(ALICE, timed.modal(ALICE))
    assert asked == len(timed.acks)
    assert ["b"] == list(timed.modal(ALICE).errors)


def test_closing_is_told_where_the_bot_wants_to_know(timed):
    """
    view_closed comes only with notify_on_close.
    """
    timed.web.views_open(trigger_id=trigger(timed), view=modal(notify_on_close=True))
    ack = timed.close(ALICE, timed.modal(ALICE))

    assert ack.ok
    assert ("view_closed", False) == (timed.bodies[-1]["type"], timed.bodies[-1]["is_cleared"])


def test_response_url_works_five_times(timed):
    """
    The sixth use is refused; before that, answers are seen by the person alone unless said aloud.
    """
    trigger(timed)
    hook = WebhookClient(timed.bodies[-1]["response_url"])
    answers = [hook.send(text="aloud", response_type="in_channel").status_code]
    answers += [hook.send(text="quiet").status_code for _ in range(5)]

    assert [200, 200, 200, 200, 200, 404] == answers
    assert ["aloud"] == [m.text for m in timed.messages(SHOP)]
    assert ["quiet"] * 4 == [m.text for m in timed.ephemerals(ALICE)]
    assert "used_url" == timed.refusals[-1].error


def test_response_url_expires_after_half_an_hour(timed, now):
    """
    A late answer is refused, and so is one with bad blocks.
    """
    trigger(timed)
    hook = WebhookClient(timed.bodies[-1]["response_url"])
    bad = hook.send(blocks=[{"type": "note"}])
    now[0] += 1801

    assert (400, "invalid_blocks") == (bad.status_code, json.loads(bad.body)["error"])
    assert 404 == hook.send(text="late").status_code
    assert [] == timed.ephemerals(ALICE)


def test_original_is_replaced_and_deleted(timed):
    """
    A click's response URL changes the message that was clicked, an ephemeral one too.
    """
    timed.web.chat_postEphemeral(channel=SHOP, user=ALICE, text="?", blocks=actions(button("act")))
    timed.click(ALICE, timed.ephemerals(ALICE)[0], "act")
    body = timed.bodies[-1]
    hook = WebhookClient(body["response_url"])
    hook.send(text="changed", replace_original=True)
    changed = [m.words for m in timed.ephemerals(ALICE)]
    hook.send(delete_original=True)

    assert ["changed"] == changed
    assert [] == timed.ephemerals(ALICE)
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


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
