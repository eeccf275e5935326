"""The tags a person most likely meant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import TaggedImage
from bot.tags import MOST, nearest

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,40}", fullmatch=True)


def pushed(*tags):
    """The tags given, newest first."""
    return [TaggedImage(t, "sha256:0", NOON - timedelta(hours=i)) for i, t in enumerate(tags)]


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("v1.0.0", ["latest", "main", "deadbeef1"]),
        ("prod", ["dev", "v1.0.0", "staging"]),
        ("1a2b3c4d", ["v1.0.0", "latest"]),
        ("latest", ["buildcache", "sha256-" + "a" * 64 + ".sig"]),
        ("v1.0.0", []),
    ],
)
def test_unlike_tags_are_not_offered(asked, there):
    """
    A tag of another kind, or what is no image to run, is no suggestion.
    """
    assert () == nearest(asked, pushed(*there))


@pytest.mark.parametrize(
    ("asked", "there", "expected"),
    [
        ("v1.0.0", ["latest", "v1.1.0", "v1.0.1", "v0.9.0"], ["v1.0.1", "v1.1.0", "v0.9.0"]),
        ("v1.0.0", ["v1.0.1", "1.0.0"], ["1.0.0", "v1.0.1"]),
        ("v1.0.0", ["v1.0.1", "V1.0.0"], ["V1.0.0", "v1.0.1"]),
        ("1.2", ["1.3", "1.2.0"], ["1.2.0", "1.3"]),
        ("1.0.3", ["1.0.4", "1.0.2", "1.0.9"], ["1.0.4", "1.0.2", "1.0.9"]),
        ("1.0.3", ["1.0.2", "1.0.4", "1.0.9"], ["1.0.2", "1.0.4", "1.0.9"]),
        ("v1.10.0", ["v1.1.0", "v1.9.0"], ["v1.9.0", "v1.1.0"]),
        ("v2.0.0", ["v2.0.0-rc1", "v2.0.1"], ["v2.0.1", "v2.0.0-rc1"]),
        ("2.1.0-alpine", ["2.1.1", "2.1.1-alpine"], ["2.1.1-alpine", "2.1.1"]),
        ("latest", ["v2", "v1"], ["v2", "v1"]),
        ("latest", ["v3-rc1", "v2"], ["v2", "v3-rc1"]),
        ("lates", ["v2", "latest"], ["latest"]),
        ("20260131", ["20260105", "20260130", "20260201"], ["20260130", "20260201", "20260105"]),
        ("2026-01-31", ["2026-01-29", "20260130"], ["20260130", "2026-01-29"]),
        ("1a2b3c4", ["ffffff9", "1a2b3c4d5e6f"], ["1a2b3c4d5e6f", "ffffff9"]),
        ("1a2b3c4", ["main-1a2b3c4"], ["main-1a2b3c4"]),
        ("build-41", ["build-7", "build-42"], ["build-42", "build-7"]),
        ("feature_x", ["feature-x"], ["feature-x"]),
        ("prod", ["prodd", "dev"], ["prodd"]),
    ],
)
def test_nearest_by_meaning(asked, there, expected):
    """
    Versions are near by number, dates by day, commits by their beginning, words by their letters.
    """
    assert tuple(expected) == nearest(asked, pushed(*there))


@given(names, st.lists(names, max_size=30))
def test_only_what_is_there_and_never_what_was_asked(asked, there):
    """
    Suggestions are few, distinct, exist, and differ from the tag that is missing.
    """
    found = nearest(asked, pushed(*there))

    assert len(found) <= MOST
    assert len(set(found)) == len(found)
    assert set(found) <= set(there) - {asked}


@given(names, st.lists(names, max_size=12, unique=True), st.randoms())
def test_order_of_the_listing_does_not_matter(asked, there, chance):
    """
    The same tags give the same suggestions, however they are listed.
    """
    images = pushed(*there)
    shuffled = list(images)
    chance.shuffle(shuffled)

    assert nearest(asked, images) == nearest(asked, shuffled)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_the_letter_v_is_the_smallest_difference(major, minor, patch):
    """
    A version that only lost its v comes before every other version.
    """
    asked = f"v{major}.{minor}.{patch}"
    there = [f"v{major}.{minor}.{patch + 1}", asked[1:]]

    assert asked[1:] == nearest(asked, pushed(*there))[0]
