"""Recorded cases times all causes: nothing is confirmed that is not there."""

from __future__ import annotations

import re

import pytest

from bot.catalogue import CAUSES
from bot.diagnosis import diagnose, judge
from bot.evidence import ask, needs
from bot.facts import Choice, ImageReference
from bot.model import Confirmed, Unknown, plan_from_json, plan_to_json
from bot.render import words
from bot.symptom import EMPTY, Symptom
from tests.cases.broken import ALSO, BROKEN_CASES, HEALTHY_CASES
from tests.cases.building import derived

pytestmark = pytest.mark.no_cover  # much work: tracing would double it
BY_ID = {cause.id: cause for cause in CAUSES}
ALL = HEALTHY_CASES | BROKEN_CASES
LONG = {"repository", "tag", "name", "image", "container", "host", "role", "task_role"}
PAIRS = [(name, name.partition("/")[0]) for name in BROKEN_CASES]


def confirmed(facts):
    """The ids of the causes that *facts* confirm, each judged beside all others."""
    found = diagnose(facts[Symptom], CAUSES, facts)
    return {f.cause.id for f in found if isinstance(f.verdict, Confirmed)}


@pytest.mark.parametrize("name", HEALTHY_CASES)
def test_a_healthy_service_confirms_nothing(name):
    """
    What works has no cause of failure.
    """
    assert set() == confirmed(HEALTHY_CASES[name])


@pytest.mark.parametrize(("name", "expected"), PAIRS)
def test_a_broken_service_confirms_its_cause(name, expected):
    """
    Every broken service is broken in one way, and no cause claims it that does not hold.
    """
    assert {expected, *ALSO.get(expected, ())} == confirmed(BROKEN_CASES[name])


@pytest.mark.parametrize("name", BROKEN_CASES)
def test_a_cause_is_confirmed_of_its_own_kinds_of_registry(name):
    """
    What a cause says of the registries that it is about holds for every case.
    """
    image = BROKEN_CASES[name][ImageReference]
    kinds = {i: BY_ID[i].registries for i in confirmed(BROKEN_CASES[name])}

    assert all(not k or image.registry in k for k in kinds.values()), kinds


def test_every_cause_has_a_case():
    """
    No cause is without a recorded service that it explains.
    """
    assert set(BY_ID) == {expected for _, expected in PAIRS}


@pytest.mark.parametrize("name", ALL)
def test_not_knowing_confirms_nothing_new(name):
    """
    Whatever single fact could not be learned, no other cause takes its place.
    """
    before = confirmed(ALL[name])
    blind = {
        fact: {fact: Unknown(fact.__name__, "denied", "x:Read")}
        for fact in ALL[name]
        if fact not in (Choice, Symptom)
    }
    new = {
        fact.__name__: found - before
        for fact, unknown in blind.items()
        if (found := confirmed(derived(ALL[name] | unknown) | unknown)) - before
    }

    assert {} == new


@pytest.mark.parametrize("name", ALL)
def test_knowing_nothing_at_all_confirms_nothing(name):
    """
    An account that lets nobody read gives no cause.
    """
    dark = {fact: Unknown(fact.__name__, "denied") for fact in ALL[name]} | {Symptom: EMPTY}

    assert set() == confirmed(dark)


@pytest.mark.parametrize(("name", "expected"), PAIRS)
def test_what_is_confirmed_leads_the_diagnosis(name, expected):
    """
    The one confirmed cause comes first and blocks now.
    """
    first = diagnose(ALL[name][Symptom], CAUSES, ALL[name])[0]

    assert (expected, "now") == (first.cause.id, first.when)


@pytest.mark.parametrize(("name", "expected"), PAIRS)
def test_the_words_fit_the_proof(name, expected):
    """
    Both languages say every block, name the same identifiers, and keep the headline short.
    """
    cause, proof = BY_ID[expected], judge(BY_ID[expected], ALL[name]).proof
    blocks = ("headline", "why", "next", *(["risk"] if cause.plan else []))
    said = {
        language: {b: words.cause(cause, b, language, proof) for b in blocks}
        for language in words.LANGUAGES
    }

    assert all(text for blocks in said.values() for text in blocks.values())
    assert all(len(s["headline"]) <= 120 and s["headline"][-1] not in ".。" for s in said.values())
    assert _identifiers(said["en"]) == _identifiers(said["ja"])


@pytest.mark.parametrize(("name", "expected"), PAIRS)
def test_plans_are_equal_on_equal_facts_and_survive_storage(name, expected):
    """
    Planning twice gives one plan, which is the same after a trip through JSON.
    """
    cause = BY_ID[expected]
    if cause.plan is None:
        pytest.skip("only a person can act")
    plan, again = ask(cause.plan, ALL[name]), ask(cause.plan, ALL[name])

    assert plan == again
    assert not plan or plan_from_json(plan_to_json(plan)) == plan_from_json(plan_to_json(again))
    assert not plan or all(s.do.service and s.resource for s in plan.steps)


@pytest.mark.parametrize(("name", "expected"), PAIRS)
def test_advice_is_ready_to_run(name, expected):
    """
    The calls that a person would make name services and operations, and hold no secrets.
    """
    cause = BY_ID[expected]
    facts = ALL[name]
    calls = ask(cause.advise, facts) if cause.advise else ()

    assert all(re.fullmatch(r"[a-z0-9-]+", c.service) and "_" in c.operation for c in calls)
    assert set(needs(cause.advise) if cause.advise else ()) <= set(facts)


def _identifiers(said):
    shown = " ".join(text for block, text in said.items() if block != "headline")
    return sorted(re.findall(r"`([^`]+)`", shown))


@pytest.mark.parametrize(("name", "expected"), PAIRS)
def test_a_long_name_leaves_the_headline_short(name, expected):
    """
    However long names are, a headline is read whole, and still names the fault.
    """
    proof = judge(BY_ID[expected], ALL[name]).proof
    long = {k: f"{k}-" + "x" * 250 if k in LONG else v for k, v in proof.items()}

    for language in words.LANGUAGES:
        assert len(words.cause(BY_ID[expected], "headline", language, long)) <= 120
