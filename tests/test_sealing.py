"""What is closed opens for us, where it was put, and tells nobody else anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sealing import Broken, Seal

OURS, THEIRS = Seal.of("our secret"), Seal.of("another secret")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES, st.text(), st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_changed_text_opens(value, place, at, bit):
    """
    A text in which anything is different is not taken for ours.
    """
    text = bytearray(OURS.close(value, place).encode())
    text[at % len(text)] ^= bit

    with pytest.raises(Broken):
        OURS.open(text.decode("latin-1"), place)


@given(VALUES, st.text(), st.text())
def test_a_text_opens_at_its_place_only(value, place, other):
    """
    A record that is put in another's place is none.
    """
    text = OURS.close(value, place)

    assert value == OURS.open(text, place)
    if other != place:
        with pytest.raises(Broken):
            OURS.open(text, other)


@given(st.text())
def test_what_was_never_closed_does_not_open(text):
    """
    Words are no sealed record.
    """
    with pytest.raises(Broken):
        OURS.open(text, "fix:1")


def test_another_secret_does_not_open_it():
    """
    Whoever has not our secret reads nothing; without a secret each process has one of its own.
    """
    text = OURS.close({"plan": "PLANTED"}, "fix:1")

    assert "PLANTED" not in text
    for other in (THEIRS, Seal.of(None)):
        with pytest.raises(Broken):
            other.open(text, "fix:1")


def test_equal_values_do_not_look_alike():
    """
    Nobody learns from two records that they say the same.
    """
    assert OURS.close([1], "a") != OURS.close([1], "a")
