"""A report survives storage, and is published in the shape that was promised."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import CAUSES
from bot.diagnosis import Finding
from bot.model import Call, Confirmed, RuledOut, Undecided, Unknown
from bot.report import (
    Entry,
    Offer,
    explained,
    from_cache,
    published,
    report_from_json,
    report_to_json,
    symptom_from_json,
    symptom_to_json,
)  # fmt: skip
from bot.symptom import parse
from tests.cases.broken import BROKEN_CASES
from tests.support.reports import dark_report, report_of

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXT, v, max_size=3),
    max_leaves=8,
)
PROOFS = st.dictionaries(TEXT, JSON, max_size=3)
UNKNOWNS = st.lists(st.builds(Unknown, TEXT, TEXT, st.none() | TEXT), min_size=1, max_size=3).map(
    tuple
)
VERDICTS = st.one_of(
    st.builds(Confirmed, PROOFS), st.builds(RuledOut, PROOFS), st.builds(Undecided, UNKNOWNS)
)
ENTRIES = st.builds(
    Entry,
    st.builds(
        Finding,
        st.sampled_from(CAUSES),
        VERDICTS,
        st.booleans(),
        st.sampled_from([None, "now", "next"]),
    ),
    st.none()
    | st.builds(
        Offer,
        st.integers(1, 9),
        st.sampled_from(["low", "high"]),
        st.lists(TEXT, max_size=2).map(tuple),
        st.booleans(),
    ),
    st.lists(st.builds(Call, TEXT, TEXT, PROOFS), max_size=2).map(tuple),
)
PROMISED = {
    "recognised", "kind", "error_code", "family", "alternatives", "stage", "image", "registry", "repository",
    "tag", "digest", "account_id", "region", "role_arn", "task_arn", "cluster", "service", "secret_arn",
    "endpoint_host", "suspects",
}  # fmt: skip


@given(st.lists(ENTRIES, max_size=4), st.booleans())
def test_a_report_survives_storage(entries, cached):
    """
    What went through JSON is equal to what it was.
    """
    report = report_of(
        "nat", entries=tuple(entries), cached=cached, stopped_at=report_of("nat").checked_at
    )

    assert report == report_from_json(json.loads(json.dumps(report_to_json(report))), CAUSES)


@given(st.text() | st.sampled_from(["CannotPullContainerError: ", "AccessDenied"]))
def test_a_symptom_survives_storage(text):
    """
    Whatever the text was.
    """
    symptom = parse(text)

    assert symptom == symptom_from_json(json.loads(json.dumps(symptom_to_json(symptom))))


def test_a_cause_that_is_gone_is_left_out():
    """
    A stored report outlives a cause.
    """
    stored = report_to_json(report_of("image-tag-missing"))

    assert () == report_from_json(stored, ()).entries


def test_an_answer_from_the_cache_cost_nothing():
    """
    It is marked, and counts no call.
    """
    found = from_cache(report_of("nat"))

    assert (True, 0) == (found.cached, found.calls)


def test_nothing_is_suspected_in_a_text_that_is_not_ours():
    """
    Suspects are for failed pulls.
    """
    assert [] == explained(parse("hello"), CAUSES)["suspects"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "CannotPullContainerError",
        "CannotPullContainerError: ref example/shop:1: not found",
    ],
)
def test_an_explanation_has_what_was_promised(text):
    """
    Every promised key is there for every text.
    """
    found = explained(parse(text), CAUSES)

    assert set(found) >= PROMISED
    assert found["recognised"] is (found["kind"] == "pull")


@pytest.mark.parametrize("name", BROKEN_CASES)
def test_a_diagnosis_has_what_was_promised(name):
    """
    Findings without what is ruled out, confirmed first, each with its verdict, proof and fix.
    """
    report = report_of(name)
    found = json.loads(json.dumps(published(report, "x", {}, CAUSES)))
    promised = {
        "subject",
        "symptom",
        "headline",
        "findings",
        "ruled_out",
        "calls",
        "elapsed_ms",
        "cached",
        "checked_at",
    }
    first = found["findings"][0]

    assert set(found) >= promised
    assert {"account", "region", "cluster", "service", "task", "task_definition"} == set(
        found["subject"]
    )
    assert {"cause", "verdict", "when", "signalled", "proof", "missing", "fix"} == set(first)
    assert ("confirmed", "now", name.partition("/")[0]) == (
        first["verdict"],
        first["when"],
        first["cause"],
    )
    assert {"steps", "risk"} == set(first["fix"] or {"steps": 0, "risk": 0})
    assert "2026-01-31T09:00:00Z" == found["checked_at"]
    assert {f["cause"] for f in found["findings"]}.isdisjoint(found["ruled_out"])


def test_what_is_undecided_names_what_is_missing():
    """
    A grant helps, and no proof is pretended.
    """
    first = published(dark_report(), "x", {}, CAUSES)["findings"][0]

    assert ("undecided", None, {}, None) == tuple(
        first[k] for k in ("verdict", "when", "proof", "fix")
    )
    assert {"fact", "because", "grant"} == set(first["missing"][0])


def test_the_risk_is_worded_where_it_can_be():
    """
    Words of the template stand before the bare level.
    """
    fix = published(report_of("image-tag-missing"), "x", {"image-tag-missing": "Careful."}, CAUSES)[
        "findings"
    ][0]["fix"]

    assert "Careful." == fix["risk"]


def test_each_missing_thing_is_named_once():
    """
    Many causes lack the same fact.
    """
    assert 1 == len(dark_report().missing)
    assert len(dark_report().undecided) > 1


def test_every_field_is_stored():
    """
    A field that is added to the report is not lost on the way.
    """
    report = report_of("nat")

    assert {f.name for f in fields(report)} == set(report_to_json(report))
    assert replace(report, entries=()) != report
