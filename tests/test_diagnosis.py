"""The text ranks, the evidence decides, and now is told from next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.catalogue import CAUSES
from bot.diagnosis import diagnose, judge, likely, relevant, suspects
from bot.facts import Recorded
from bot.model import Cause, Confirmed, RuledOut, Undecided, Unknown
from bot.symptom import EMPTY, Symptom, parse
from tests.cases.broken import BROKEN_CASES

REF = "222233334444.dkr.ecr.eu-west-1.amazonaws.com/shop"
NOT_FOUND = "CannotPullContainerError: failed to resolve ref {}: {}: not found"
DENIED = "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException: User: arn:aws:sts::222233334444:assumed-role/shop/1 is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action"


def cause(name, stage, families=(), verdict=None, until=None):
    return Cause(name, "test", stage, families, lambda: verdict or Confirmed(), until=until)


def ids(findings):
    return [(f.cause.id, f.when) for f in findings]


def test_an_unreadable_text_points_nowhere_first():
    """
    Without a family there are no suspects.
    """
    assert () == suspects(EMPTY, CAUSES)


@pytest.mark.parametrize(
    ("expected", "ref"),
    [("image-tag-missing", f"{REF}:v9"), ("image-digest-missing", f"{REF}@sha256:{'a' * 64}")],
)
def test_the_suspect_is_what_the_text_names(expected, ref):
    """
    A text with a tag points at the tag, one with a digest at the digest.
    """
    found = [c.id for c in suspects(parse(NOT_FOUND.format(ref, ref)), CAUSES)]

    assert expected == found[0]


def test_suspects_follow_the_likeliest_family():
    """
    The likeliest reading comes first, then what a cause is first known for, then the stage.
    """
    symptom = Symptom(
        **{
            **{f: getattr(EMPTY, f) for f in Symptom.__dataclass_fields__},
            "kind": "pull",
            "family": "a",
            "alternatives": ("b",),
            "stage": "S4",
        }
    )
    causes = [
        cause("b", "S4", ("b",)),
        cause("second", "S4", ("x", "a")),
        cause("far", "S1", ("a",)),
        cause("near", "S4", ("a",)),
        cause("none", "S4", ("z",)),
    ]

    assert ["near", "far", "second", "b"] == [c.id for c in suspects(symptom, causes)]


HOSTS = {
    "docker-hub": ("docker.io/library/nginx", "index.docker.io/acme/shop"),
    "other": ("ghcr.io/acme/shop", "quay.io/acme/shop"),
    "ecr-public": ("public.ecr.aws/acme/shop",),
    "ecr": (REF,),
}
SAID = (
    NOT_FOUND,
    "CannotPullContainerError: pull access denied for {0}, repository does not exist or may require 'docker login'",
    "CannotPullContainerError: failed to resolve ref {0}: failed to do request: Head: dial tcp 1.2.3.4:443: i/o timeout",
)


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in HOSTS.items() for n in names])
def test_what_is_about_another_registry_comes_last(kind, name, said):
    """
    A text that names Docker Hub is first about what can be wrong there, and so with the others.
    """
    symptom = parse(said.format(f"{name}:v9", f"{name}:v9"))

    found = suspects(symptom, CAUSES)

    fits = [not c.registries or kind in c.registries for c in found]
    assert kind == symptom.registry
    assert fits == sorted(fits, reverse=True)
    assert fits[0]


def test_a_text_about_a_secret_names_no_registry():
    """
    The image that stands beside it is not what failed.
    """
    text = (
        "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve "
        "secret from asm: operation error Secrets Manager: GetSecretValue, image docker.io/acme/shop:v1"
    )

    assert parse(text).registry is None


def test_a_pull_that_got_far_passed_what_is_before():
    """
    Earlier stages are ruled out by the text; those that reach into it are not.
    """
    symptom = parse(NOT_FOUND.format(f"{REF}:v9", f"{REF}:v9"))
    causes = [
        cause("early", "S1"),
        cause("reaching", "S1", until="S5"),
        cause("here", "S4"),
        cause("later", "S6"),
    ]

    assert "S4" == symptom.stage
    assert ["reaching", "here", "later"] == [c.id for c in relevant([symptom], causes)]


def test_the_earliest_of_several_texts_counts():
    """
    What is not sure rules nothing out.
    """
    causes = [cause("early", "S1"), cause("login", "S3")]
    later, login = parse(NOT_FOUND.format(f"{REF}:v9", f"{REF}:v9")), parse(DENIED)

    assert ["login"] == [c.id for c in relevant([later, login], causes)]
    assert ["early", "login"] == [c.id for c in relevant([], causes)]
    assert ["early", "login"] == [c.id for c in relevant([EMPTY], causes)]


def test_now_comes_before_next():
    """
    What breaks the stage of the text blocks now, the rest will block next.
    """
    symptom = parse(DENIED)
    causes = [
        cause("later", "S4"),
        cause("now", "S3", (symptom.family,)),
        cause("no", "S3", verdict=RuledOut()),
    ]

    assert [("now", "now"), ("later", "next"), ("no", None)] == ids(diagnose(symptom, causes, {}))


def test_without_a_text_the_earliest_blocks():
    """
    A task meets the first fault first.
    """
    causes = [cause("b", "S4"), cause("a", "S1"), cause("c", "S4")]

    assert [("a", "now"), ("b", "next"), ("c", "next")] == ids(diagnose(EMPTY, causes, {}))


def test_not_knowing_comes_after_knowing():
    """
    Confirmed, undecided, ruled out: in this order.
    """
    missing = Undecided((Unknown("Tags", "denied"),))
    causes = [
        cause("no", "S1", verdict=RuledOut()),
        cause("open", "S1", verdict=missing),
        cause("yes", "S4"),
    ]

    assert ["yes", "open", "no"] == [f.cause.id for f in diagnose(EMPTY, causes, {})]


@pytest.mark.parametrize("which", CAUSES, ids=lambda c: c.id)
def test_a_cause_without_its_facts_is_undecided_or_not_there(which):
    """
    What could not be read confirms nothing.
    """
    facts = BROKEN_CASES["image-tag-missing"]
    dark = {f: Unknown(f.__name__, "denied") for f in facts} | {Symptom: EMPTY}

    assert not isinstance(judge(which, dark), Confirmed)


ALONE = replace(cause("left", "S0", until="S8"), alone=True)
READ = Recorded(parse(NOT_FOUND.format(f"{REF}:v9", f"{REF}:v9")))
POINTED = ("image-or-tag-not-found",)


def left(*others, symptom=EMPTY, facts=None):
    """The verdict on the cause that holds alone, beside *others*."""
    found = diagnose(symptom, (ALONE, *others), facts or {})
    return next(f.verdict for f in found if f.cause is ALONE)


def test_a_cause_that_holds_alone_gives_way_to_any_other():
    """
    Whatever else holds, pointed at or not, comes first.
    """
    other = cause("other", "S1")

    assert RuledOut({"instead": ["other"]}) == left(other)
    assert Confirmed() == left(cause("other", "S1", verdict=RuledOut()))


def test_what_is_unknown_of_a_cause_that_holds_alone_does_not_stand_beside_another():
    """
    Where something else is proven, it does not matter; else it stays unknown.
    """
    unknown = Unknown("Recorded", "no API tells whether it still holds")
    dark = replace(cause("left", "S0", verdict=Undecided((unknown,))), alone=True)
    found = diagnose(EMPTY, (dark, cause("other", "S1")), {})

    assert [Confirmed(), RuledOut({"instead": ["other"]})] == [f.verdict for f in found]
    assert [Undecided((unknown,))] == [f.verdict for f in diagnose(EMPTY, (dark,), {})]


def test_a_cause_that_holds_alone_waits_for_what_the_texts_point_at():
    """
    What ECS recorded, or somebody pasted, must be surely gone; what no text means may stay open.
    """
    unknown = Unknown("Tags", "denied", "x:Read")
    meant = cause("meant", "S4", POINTED, Undecided((unknown,)))
    beside = replace(meant, families=("platform-mismatch",), group="other")

    assert Undecided((unknown,)) == left(meant, facts={Recorded: READ})
    assert Undecided((unknown,)) == left(meant, symptom=READ.symptom)
    assert Confirmed() == left(beside, symptom=READ.symptom, facts={Recorded: READ})
    assert Confirmed() == left(meant, facts={Recorded: Unknown("Recorded", "denied")})


def test_a_cause_that_holds_alone_waits_for_the_likes_of_what_is_meant():
    """
    What is denied to one cause of a group may leave another one of it nothing to judge.
    """
    meant = cause("meant", "S4", POINTED, RuledOut())
    denied, skipped = Unknown("Tags", "denied", "x:Read"), Unknown("Vpc", "not asked")
    like = cause("like", "S4", verdict=Undecided((denied, skipped)))

    assert Undecided((denied,)) == left(meant, like, facts={Recorded: READ})
    assert Confirmed() == left(meant, replace(like, group="other"), facts={Recorded: READ})


def test_a_cause_that_holds_alone_is_judged_like_any_other():
    """
    What does not hold of itself stays as it is.
    """
    gone = replace(cause("left", "S0", verdict=RuledOut()), alone=True)

    assert RuledOut() == diagnose(EMPTY, (gone, cause("other", "S1")), {})[1].verdict


def test_suspects_of_another_registry_are_not_named():
    """
    They are looked into all the same: a text may name one of several images.
    """
    text = "CannotPullContainerError: failed to resolve ref docker.io/library/nginx:1.99: dial tcp: i/o timeout"
    symptom = parse(text)
    named = {c.id for c in likely(symptom, CAUSES)}

    assert "public-registry-unreachable" in named
    assert not {"endpoint-missing", "endpoint-family-mismatch", "s3-route-missing"} & named
    assert named < {c.id for c in suspects(symptom, CAUSES)}
