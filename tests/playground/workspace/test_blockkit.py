"""The strict check of blocks and views: what Slack refuses, then what it shows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.workspace.blockkit import message_problems, options_problems, size, view_problems

# threads of other tests draw from `random` meanwhile, which hypothesis takes for the strategy's doing
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")


def plain(text="x"):
    return {"type": "plain_text", "text": text}


def button(**more):
    return {"type": "button", "action_id": "a", "text": plain(), **more}


def option(value="1", **more):
    return {"text": plain(), "value": value, **more}


def section(**more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def select(**more):
    return {"type": "static_select", "action_id": "s", "options": [option()], **more}


BAD = {
    "none at all": [],
    "too many blocks": [section()] * 51,
    "no list": {"type": "section"},
    "unknown type": [{"type": "note"}],
    "no type": [{"text": plain()}],
    "unknown property": [section(colour="red")],
    "empty text": [section(text={"type": "mrkdwn", "text": ""})],
    "long section": [section(text={"type": "mrkdwn", "text": "x" * 3001})],
    "eleven fields": [section(fields=[plain()] * 11)],
    "long field": [section(fields=[plain("x" * 2001)])],
    "section without words": [{"type": "section"}],
    "mrkdwn header": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "long header": [{"type": "header", "text": plain("x" * 151)}],
    "eleven in a context": [{"type": "context", "elements": [plain()] * 11}],
    "no actions": [actions()],
    "too many actions": [actions(*[button(action_id=str(i)) for i in range(26)])],
    "mrkdwn button": [actions(button(text={"type": "mrkdwn", "text": "x"}))],
    "long button": [actions(button(text=plain("x" * 76)))],
    "long value": [actions(button(value="x" * 2001))],
    "unknown style": [actions(button(style="green"))],
    "long action_id": [actions(button(action_id="x" * 256))],
    "action_id twice in a block": [actions(button(), button())],
    "block_id twice": [section(block_id="b"), section(block_id="b")],
    "long block_id": [section(block_id="x" * 256)],
    "no options": [actions(select(options=[]))],
    "too many options": [actions(select(options=[option(str(i)) for i in range(101)]))],
    "long option": [actions(select(options=[option(text=plain("x" * 76))]))],
    "long option value": [actions(select(options=[option("x" * 151)]))],
    "option value twice": [actions(select(options=[option(), option()]))],
    "initial option not on offer": [actions(select(initial_option=option("2")))],
    "six in overflow": [
        actions(
            {"type": "overflow", "action_id": "o", "options": [option(str(i)) for i in range(6)]}
        )
    ],
    "confirm without a title": [
        actions(button(confirm={"text": plain(), "confirm": plain(), "deny": plain()}))
    ],
    "image without alt text": [{"type": "image", "image_url": "https://example.com/a.png"}],
    "two tables": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
    "too much markdown": [{"type": "markdown", "text": "x" * 6001}] * 2,
    "input in actions": [actions({"type": "plain_text_input", "action_id": "x"})],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_blocks_are_refused(name):
    """
    What Slack refuses has a problem that names a place.
    """
    problems = message_problems(BAD[name])

    assert problems
    assert all("[json-pointer:/" in p for p in problems)


def modal(*blocks, **more):
    return {"type": "modal", "title": plain(), "blocks": list(blocks) or [section()], **more}


def text_input(**more):
    element = {"type": "plain_text_input", "action_id": "t"}
    return {"type": "input", "label": plain(), "element": element, **more}


BAD_VIEWS = {
    "no view": None,
    "no type": {"blocks": []},
    "no title": {"type": "modal", "blocks": [section()]},
    "long title": modal(title=plain("x" * 25)),
    "long submit": modal(submit=plain("x" * 25)),
    "input without submit": modal(text_input()),
    "long metadata": modal(private_metadata="x" * 3001),
    "too many blocks": modal(*[section()] * 101),
    "unknown block": modal({"type": "note"}),
    "markdown in a modal": modal({"type": "markdown", "text": "x"}),
    "mrkdwn label": modal(text_input(label={"type": "mrkdwn", "text": "x"}), submit=plain()),
    "home with a title": {"type": "home", "title": plain(), "blocks": [section()]},
}


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_bad_views_are_refused(name):
    """
    A view has rules of its own.
    """
    assert view_problems(BAD_VIEWS[name])


def test_wide_or_broken_options_are_refused():
    """
    An external select shows at most 100 well-formed options.
    """
    assert options_problems([option(str(i)) for i in range(101)])
    assert options_problems([{"text": "x"}])
    assert [] == options_problems([option()])


GOOD = [
    [section(), {"type": "divider"}, {"type": "header", "text": plain()}],
    [section(fields=[plain()] * 10, accessory=button())],
    [
        actions(
            button(
                style="danger",
                value="v",
                confirm={"title": plain(), "text": plain(), "confirm": plain(), "deny": plain()},
            ),
            select(),
        )
    ],
    [actions(button()), actions(button())],
    [
        {
            "type": "context",
            "elements": [
                {"type": "mrkdwn", "text": "x"},
                {"type": "image", "image_url": "https://e.com/x", "alt_text": "x"},
            ],
        }
    ],
    [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}
            ],
        }
    ],
    [
        {"type": "markdown", "text": "# x"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]},
    ],
]


@pytest.mark.parametrize("blocks", GOOD)
def test_good_blocks_are_taken(blocks):
    """
    What Slack shows has no problem.
    """
    assert [] == message_problems(blocks)


def test_good_views_are_taken():
    """
    A form with submit, and an App Home, have no problem.
    """
    assert [] == view_problems(modal(text_input(), submit=plain(), close=plain(), callback_id="c"))
    assert [] == view_problems({"type": "home", "blocks": [section(), actions(select())]})


def test_size_counts_all_text():
    """
    Fields, options and alt texts count, ids do not.
    """
    assert 5 == size(
        [
            section(
                block_id="long", fields=[plain("yy")], accessory={"type": "image", "alt_text": "zz"}
            )
        ]
    )


NAMES = st.sampled_from(
    ["type", "text", "elements", "blocks", "options", "accessory", "element", "block_id"]
)
TYPES = st.sampled_from(
    ["section", "actions", "input", "button", "mrkdwn", "static_select", "modal", "home"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | TYPES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_any_json_is_judged(value):
    """
    Whatever a bot sends, the check answers with problems, not with an exception.
    """
    assert isinstance(message_problems(value), list)
    assert isinstance(message_problems([value]), list)
    assert isinstance(view_problems(value), list)
    assert isinstance(view_problems({"type": "modal", "title": plain(), "blocks": [value]}), list)
