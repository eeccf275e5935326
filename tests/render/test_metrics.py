"""Widths are those of the fonts that come with the pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.metrics import font

FONTS = pytest.mark.parametrize("name", ["words-regular", "words-bold", "ids-regular"])
texts = st.text(st.sampled_from("ab-0/ 、。サブネット…"), max_size=80)


def test_ids_are_half_as_wide_as_they_are_high():
    """
    All letters of an id are equally wide; those of Japanese words are square.
    """
    assert 80 == font("ids-regular").width("0123456789", 16)
    assert 26 == font("words-regular").width("経路", 13)


@FONTS
def test_every_font_has_all_of_ascii(name):
    """
    Names in AWS are made of it.
    """
    plain = "".join(map(chr, range(0x20, 0x7F)))

    assert " ".join(plain.split()) == font(name).clean(plain)
    assert "?" == font(name).clean("\u0e01")
    assert "a b" == font(name).clean("a\n\tb")


def test_both_ends_of_a_long_id_stay():
    """
    Ids differ at their end, and tell what they are at their beginning.
    """
    short = font("ids-regular").shortened("subnet-" + "0123456789" * 9 + "abc", 16, 160)

    assert short.startswith("subnet-")
    assert short.endswith("abc")
    assert 1 == short.count("…")


@given(texts, st.integers(40, 300))
def test_nothing_is_wider_than_its_room(text, room):
    """
    Lines and shortened ids fit, whatever is in them.
    """
    words, ids = font("words-regular"), font("ids-regular")

    assert all(words.width(line, 13) <= room for line in words.lines(words.clean(text), 13, room))
    assert ids.width(ids.shortened(ids.clean(text), 16, room), 16) <= room


@given(texts.map(str.strip))
def test_lines_lose_nothing_where_there_is_room(text):
    """
    Only spaces at the ends of lines go.
    """
    words = font("words-regular")
    clean = words.clean(text)
    found = words.lines(clean, 13, 2000)

    assert clean.replace(" ", "") == "".join(found).replace(" ", "")


def test_lines_of_equal_length_shorten_nothing_for_it():
    """
    An id that fits stays whole, and a word, whatever that makes of the other line.
    """
    words = font("words-regular")
    for room in range(170, 320):
        found = words.lines("vpce-204face1f1ad7ac1a へのルートがありません", 13, room)

        assert found[0].startswith("vpce-204face1f1ad7ac1a"), room
    title = font("words-bold").lines("ネットワークインターフェイスで遮断", 18, 296)
    assert ["ネットワークインターフェイスで", "遮断"] == title


def test_a_line_does_not_begin_with_a_full_stop():
    """
    Japanese punctuation stays with what it ends.
    """
    words = font("words-regular")
    text = words.clean("経路が通じるか、確認できません。経路が、通じる。")
    for room in range(60, 200):
        assert not [x for x in words.lines(text, 13, room) if x[0] in "、。"]
