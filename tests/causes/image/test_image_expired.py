from dataclasses import replace

import pytest

from bot.causes.image.image_expired import CAUSE, decide
from bot.facts import Expiry, LifecycleRules
from bot.model import Confirmed, RuledOut, Undecided
from bot.render import words
from tests.causes.facts import because, well_worded
from tests.causes.facts_image_network import (
    ASKED,
    GONE,
    HUB,
    IMAGE,
    NOT_THERE,
    OLD,
    REPOSITORY,
    WHEN,
    unknown,
)

BY_COUNT = Expiry(WHEN, 2, OLD, "keep three", by_count=True, number=3)
BY_AGE = Expiry(WHEN, 1, OLD, None, by_count=False, number=14)
RULES, NO_RULES = LifecycleRules((1, 2)), LifecycleRules()


@pytest.mark.parametrize(
    ("image", "repository", "asked"),
    [(HUB, REPOSITORY, NOT_THERE), (IMAGE, GONE, NOT_THERE), (IMAGE, REPOSITORY, ASKED)],
)
def test_what_no_rule_can_have_taken(image, repository, asked):
    """
    Another registry, no repository, or an image that is there.
    """
    assert isinstance(decide(image, repository, asked, BY_COUNT, RULES), RuledOut)


def test_a_rule_that_might_have_done_it_proves_nothing():
    """
    Without the event of its run the tag may never have been pushed.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, NOT_THERE, Expiry(), RULES), RuledOut)


def test_events_that_were_not_all_read():
    """
    The run that did it may be among the older ones.
    """
    verdict = decide(IMAGE, REPOSITORY, NOT_THERE, Expiry(whole=False), RULES)

    assert isinstance(verdict, Undecided)
    assert "newest" in because(verdict)


@pytest.mark.parametrize("expiry", [BY_COUNT, BY_AGE, Expiry(WHEN)])
@pytest.mark.parametrize(
    ("rules", "again"), [(RULES, True), (NO_RULES, False), (unknown("LifecycleRules"), None)]
)
def test_image_that_a_rule_removed(expiry, rules, again):
    """
    The proof says which rule, when, and whether it would strike again, as far as that is known.
    """
    verdict = decide(IMAGE, REPOSITORY, NOT_THERE, expiry, rules)

    assert isinstance(verdict, Confirmed)
    assert ("2026-01-31", expiry.priority) == (verdict.proof["at"], verdict.proof["rule"])
    assert verdict.proof["again"] is again or expiry.priority is None
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    ("expiry", "said"),
    [
        (replace(BY_COUNT, number=1), "keeps `1` image."),
        (replace(BY_COUNT, number=2), "keeps `2` images."),
        (replace(BY_AGE, number=1), "for `1` day."),
        (replace(BY_AGE, number=14), "for `14` days."),
    ],
)
def test_one_is_no_plural(expiry, said):
    """
    A rule that keeps one image is common, and read by people.
    """
    verdict = decide(IMAGE, REPOSITORY, NOT_THERE, expiry, RULES)

    assert isinstance(verdict, Confirmed)
    assert said in words.cause(CAUSE, "why", "en", verdict.proof)


def test_digest_that_a_rule_removed():
    """
    A pinned image is named by its digest.
    """
    verdict = decide(replace(IMAGE, digest=OLD), REPOSITORY, NOT_THERE, BY_COUNT, RULES)

    assert OLD == verdict.proof["what"]
