"""What the workspace refuses, because Slack does."""

from __future__ import annotations

import json
import urllib.request

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground.workspace import BOT_TOKEN, BOT_USER, Workspace

SHOP, ALICE = "C01SHOP", "U01ALICE"


def section(text="hello", **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def home(**more):
    return {"type": "home", "blocks": [section()], **more}


def refused(web, method, **args):
    with pytest.raises(SlackApiError) as caught:
        web.api_call(method, json=args)
    return caught.value.response


TABLE = [
    ("chat.postMessage", {"channel": SHOP}, "no_text"),
    ("chat.postMessage", {"channel": SHOP, "text": "  "}, "no_text"),
    ("chat.postMessage", {"channel": SHOP, "text": "x" * 40_001}, "msg_too_long"),
    ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
    ("chat.postMessage", {"channel": SHOP, "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
    (
        "chat.postMessage",
        {"channel": SHOP, "text": "x", "reply_broadcast": True},
        "invalid_arguments",
    ),
    (
        "chat.postMessage",
        {"channel": SHOP, "text": "x", "blocks": [{"type": "note"}]},
        "invalid_blocks",
    ),
    ("chat.postMessage", {"channel": SHOP, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
    (
        "chat.postMessage",
        {"channel": SHOP, "text": "x", "blocks": {"a": 1}},
        "invalid_blocks_format",
    ),
    (
        "chat.postMessage",
        {"channel": SHOP, "text": "x", "blocks": [section("y" * 2900)] * 5},
        "msg_blocks_too_long",
    ),
    (
        "chat.postMessage",
        {"channel": SHOP, "text": "x", "markdown_text": "y"},
        "markdown_text_conflict",
    ),
    (
        "chat.postMessage",
        {"channel": SHOP, "text": "x", "metadata": {"event_type": "a"}},
        "invalid_metadata_schema",
    ),
    (
        "chat.postMessage",
        {"channel": SHOP, "attachments": [{"blocks": [{"type": "note"}]}]},
        "invalid_blocks",
    ),
    (
        "chat.postEphemeral",
        {"channel": SHOP, "user": "U0NOBODY", "text": "x"},
        "user_not_in_channel",
    ),
    ("chat.update", {"channel": SHOP, "ts": "1.1", "text": "x"}, "message_not_found"),
    ("chat.update", {"channel": SHOP, "text": "x"}, "invalid_arguments"),
    ("chat.delete", {"channel": SHOP, "ts": "1.1"}, "message_not_found"),
    ("chat.getPermalink", {"channel": SHOP, "message_ts": "1.1"}, "message_not_found"),
    ("reactions.add", {"channel": SHOP, "timestamp": "1.1", "name": "eyes"}, "message_not_found"),
    ("reactions.add", {"channel": SHOP, "timestamp": "1.1", "name": ":eyes:"}, "invalid_name"),
    ("views.open", {"trigger_id": "1.2.3", "view": home()}, "invalid_arguments"),
    ("views.update", {"view_id": "V0", "view": home()}, "not_found"),
    ("views.publish", {"user_id": "U0NOBODY", "view": home()}, "invalid_arguments"),
    ("views.publish", {"user_id": ALICE, "view": home(title="x")}, "invalid_arguments"),
    ("views.publish", {"user_id": ALICE, "view": home(), "hash": "1.1"}, "hash_conflict"),
    ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
    ("conversations.info", {"channel": "C0NOWHERE"}, "channel_not_found"),
    ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
    ("files.getUploadURLExternal", {"filename": "a.txt"}, "invalid_arguments"),
    ("files.completeUploadExternal", {"files": [{"id": "F0"}]}, "file_not_found"),
    ("apps.connections.open", {}, "not_allowed_token_type"),
    ("chat.shout", {"channel": SHOP, "text": "x"}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "args", "error"), TABLE, ids=[f"{m} {e}" for m, _, e in TABLE])
def test_call_is_refused(w, web, method, args, error):
    """
    Slack's own error comes back, nothing changes, and a test can find the refusal.
    """
    answer = refused(web, method, **args)

    assert error == answer["error"]
    assert [(method, error)] == [(r.method, r.error) for r in w.refusals]
    assert [] == w.messages(SHOP)


def test_reason_of_invalid_blocks_is_told(web):
    """
    The reason names the place, as Slack's does.
    """
    answer = refused(web, "chat.postMessage", channel=SHOP, blocks=[section("x" * 3001)])

    assert [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ] == answer["response_metadata"]["messages"]


@pytest.mark.parametrize(("token", "error"), [("xoxb-other", "invalid_auth"), (None, "not_authed")])
def test_wrong_token_is_refused(w, token, error):
    """
    Only the bot's own token opens the Web API.
    """
    assert error == refused(WebClient(token, base_url=w.api_url), "auth.test")["error"]


def test_channel_without_the_bot_is_refused(w, web):
    """
    The bot speaks only where it is a member.
    """
    w.leave(BOT_USER, SHOP)

    assert "not_in_channel" == refused(web, "chat.postMessage", channel=SHOP, text="x")["error"]


def test_other_peoples_messages_cannot_be_changed(w, web):
    """
    The bot edits and deletes its own messages only, and a reply starts no thread.
    """
    theirs = w.say(ALICE, SHOP, "hello")
    reply = w.say(ALICE, SHOP, "again", thread_ts=theirs.ts)

    assert (
        "cant_update_message"
        == refused(web, "chat.update", channel=SHOP, ts=theirs.ts, text="x")["error"]
    )
    assert "cant_delete_message" == refused(web, "chat.delete", channel=SHOP, ts=theirs.ts)["error"]
    assert (
        "thread_not_found"
        == refused(web, "chat.postMessage", channel=SHOP, thread_ts=reply.ts, text="x")["error"]
    )


def test_long_text_fits_a_post_but_not_an_update(web):
    """
    An update holds at most 4,000 characters of text, a new message 40,000.
    """
    ts = web.chat_postMessage(channel=SHOP, text="x" * 40_000)["ts"]

    assert (
        "msg_too_long"
        == refused(web, "chat.update", channel=SHOP, ts=ts, text="x" * 4_001)["error"]
    )


def test_missing_scope_names_what_is_needed():
    """
    With a manifest, a method needs its scope.
    """
    manifest = {"oauth_config": {"scopes": {"bot": ["commands"]}}}
    with Workspace(manifest=manifest, limits=False) as w:
        answer = refused(
            WebClient(BOT_TOKEN, base_url=w.api_url), "chat.postMessage", channel=SHOP, text="x"
        )

    assert ("missing_scope", "chat:write", "commands") == (
        answer["error"],
        answer["needed"],
        answer["provided"],
    )
    assert "commands" == answer.headers["x-oauth-scopes"]


def test_app_uses_only_what_its_manifest_names():
    """
    With a manifest, neither an unknown command nor an unknown shortcut can be used.
    """
    manifest = {"features": {"slash_commands": [{"command": "/ecs-pull"}]}}
    with Workspace(bot_url="http://127.0.0.1:9/", manifest=manifest) as w:
        said = w.say(ALICE, SHOP, "x")

        with pytest.raises(AssertionError, match="not a valid command"):
            w.command(ALICE, SHOP, "/other")
        with pytest.raises(AssertionError, match="no shortcut"):
            w.shortcut(ALICE, "explain_pull_error", said)


def test_too_many_messages_in_one_channel_are_refused():
    """
    A burst is taken, then each channel waits for itself, as Retry-After says.
    """
    now = [1000.0]
    with Workspace(manifest={}, clock=lambda: now[0]) as w:
        web = WebClient(BOT_TOKEN, base_url=w.api_url)
        for _ in range(5):
            web.chat_postMessage(channel=SHOP, text="x")
        answer = refused(web, "chat.postMessage", channel=SHOP, text="x")
        web.chat_postMessage(channel="C03RANDOM", text="x")
        now[0] += 1
        web.chat_postMessage(channel=SHOP, text="x")

    assert (429, "ratelimited", "1") == (
        answer.status_code,
        answer["error"],
        answer.headers["Retry-After"],
    )
    assert 6 == len(w.messages(SHOP))


def test_forms_are_read_like_json(w):
    """
    A form with blocks as a string does what JSON does.
    """
    body = urllib.parse.urlencode(
        {"token": BOT_TOKEN, "channel": "#shop", "text": "x", "blocks": json.dumps([section()])}
    )
    with urllib.request.urlopen(w.api_url + "chat.postMessage", body.encode()) as answer:
        found = json.load(answer)

    assert (True, SHOP) == (found["ok"], found["channel"])
    assert "hello" == w.messages(SHOP)[0].words


def test_broken_json_is_refused(w):
    """
    A body that is not JSON is refused as such.
    """
    request = urllib.request.Request(
        w.api_url + "auth.test",
        b"{",
        {"Content-Type": "application/json", "Authorization": f"Bearer {BOT_TOKEN}"},
    )
    with urllib.request.urlopen(request) as answer:
        assert {"ok": False, "error": "invalid_json"} == json.load(answer)
