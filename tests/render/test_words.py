"""Words are safe wherever their values come from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render import words
from bot.render.words import Marked, clip, inert, language_of, say, visible
from tests.support.hostile import HOSTILE, harm

MARKUP = st.text(alphabet="`<>&|! *_~\n\r\t\u202eab;#@", max_size=900)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_stays_text(value):
    """
    No value mentions, links, hides or breaks out of its code span.
    """
    said = words.message("suspects", "en", ids=[value, value])

    assert [] == harm(said)
    assert "\n" not in said


@given(MARKUP)
def test_no_value_at_all_opens_anything(value):
    """
    Whatever a value is made of, the sentence around it holds.
    """
    assert [] == harm(words.message("unchecked", "ja", fact=value, because=value))


def test_a_value_of_many_lines_becomes_one():
    """
    A code span ends with its line, so a value has no second one.
    """
    assert "a b c" == inert("a\nb\r\n\tc")


def test_a_list_is_escaped_as_well():
    """
    A value that is not a text does not slip through.
    """
    assert "['&lt;!here&gt;']" == inert(["<!here>"])


def test_our_own_markup_is_left_alone():
    """
    What we made ourselves is not escaped twice.
    """
    assert "<@U01ALICE>" == inert(Marked("<@U01ALICE>"))


def test_a_backtick_never_becomes_a_quote():
    """
    A command that people copy must not end its own quoting.
    """
    assert "'" not in str(inert("`; rm -rf ~ #`"))


def test_numbers_and_nothing_stay_what_they_are():
    """
    Templates compare them.
    """
    assert (3, None) == (inert(3), inert(None))


def test_invisible_characters_show():
    """
    What turns a line around is seen in a terminal, too.
    """
    assert "a�b�c" == visible("a\u202eb\x1bc")


def test_a_forgotten_value_is_an_error():
    """
    A sentence with a hole is never sent.
    """
    with pytest.raises(Exception, match="'headline' is undefined"):
        words.message("also_now", "en")


def test_an_unknown_block_says_nothing():
    """
    A block that a template leaves out is empty.
    """
    assert "" == say("messages", "no_such_block", "en")


def test_an_unknown_family_says_nothing():
    """
    A family without words is left out, not an error.
    """
    assert "" == words.family("no-such-family", "en")


@pytest.mark.parametrize(
    ("expected", "locale", "fallback"),
    [
        ("en", None, None),
        ("ja", "ja-JP", None),
        ("en", "fr-FR", None),
        ("ja", "fr-FR", "ja"),
        ("en", "en-GB", "ja"),
        ("en", "", ""),
    ],
)
def test_the_reader_chooses_the_language(expected, locale, fallback):
    """
    The person's language, else the channel's, else English.
    """
    assert expected == language_of(locale, fallback)


@given(MARKUP, st.integers(10, 400))
def test_cutting_keeps_the_length(text, length):
    """
    A cut text fits, and a text that fits is not touched.
    """
    assert len(clip(text, length)) <= length
    assert len(text) > length or clip(text, length) == text


@pytest.mark.parametrize(
    "text", ["`" + "x" * 90 + "`", "ab " * 30 + "&lt;!here&gt;" * 9, "a <@U01ALICE> " * 9]
)
@pytest.mark.parametrize("length", range(20, 60))
def test_cutting_leaves_nothing_open(text, length):
    """
    No half entity, half mention or open code span stands at the end.
    """
    cut = clip(text, length)

    assert 0 == cut.count("`") % 2
    assert cut.count("<") == cut.count(">")
    assert cut.count("&") == cut.count(";")
