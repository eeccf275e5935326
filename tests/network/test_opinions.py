"""Every answer against a slow second opinion, on made-up VPCs."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import (
    NetworkAcls,
    RouteTables,
    SecurityGroups,
)
from bot.model import Unknown
from bot.network import path
from tests.network import opinions, worlds
from tests.network.subnet import (
    FACTS,
    REGION,
)

pytestmark = pytest.mark.no_cover  # much work: tracing would double it
WANTED = ("ecr-api", "ecr-dkr", "s3-layers", "dockerhub")
WORLDS = 2400


def test_every_answer_agrees_with_trying_every_address():
    """
    Open: every connection works. Closed: none does. What works in part is unknown.
    """
    seen = {"open": 0, "closed": 0, "unknown": 0}
    for seed in range(WORLDS):
        chance = Random(seed)
        world, target = worlds.network(chance), chance.choice(WANTED)
        found, tried = (
            path(world, worlds.TASK, target, region=REGION),
            opinions.opinions(world, target),
        )
        seen[found.state] += 1
        differ = any(h.why.get("reason") == "routes-differ" for h in found.hops)

        assert found.state != "open" or tried == {True}, (seed, found)
        assert found.state != "closed" or tried == {False}, (seed, found)
        assert found.state != "unknown" or differ or tried != {True}, (seed, found)
    assert min(seen["open"], seen["closed"]) > WORLDS / 5
    assert seen["unknown"] < WORLDS / 6


@given(st.integers(0, 2**32), st.sets(st.sampled_from(FACTS)), st.sampled_from(WANTED))
@settings(max_examples=300, deadline=None)
def test_forgetting_facts_never_turns_an_answer(seed, forgotten, target):
    """
    With facts missing, an answer stays or becomes unknown.
    """
    world = worlds.network(Random(seed))
    whole = path(world, worlds.TASK, target, region=REGION).state

    less = worlds.without(world, Unknown("Fact", "denied"), forgotten)
    part = path(less, worlds.TASK, target, region=REGION).state

    assert part in (whole, "unknown")


@given(st.integers(0, 2**32), st.sampled_from(WANTED))
@settings(max_examples=100, deadline=None)
def test_order_of_facts_does_not_matter(seed, target):
    """
    Rules, routes and entries mean the same in any order.
    """
    chance = Random(seed)
    world = worlds.network(chance)

    def mixed(items):
        return tuple(chance.sample(items, len(items)))

    turned = replace(
        world,
        tables=RouteTables(mixed([replace(t, routes=mixed(t.routes)) for t in world.tables.items])),
        acls=NetworkAcls(tuple(replace(a, entries=mixed(a.entries)) for a in world.acls.items)),
        groups=SecurityGroups(
            mixed([replace(g, egress=mixed(g.egress)) for g in world.groups.items])
        ),
    )

    before, after = (path(w, worlds.TASK, target, region=REGION) for w in (world, turned))

    assert (before.state, before.via) == (after.state, after.via)
