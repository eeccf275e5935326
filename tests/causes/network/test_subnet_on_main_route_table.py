from dataclasses import replace

from bot.causes.network import no_route_to_registry
from bot.causes.network.subnet_on_main_route_table import advise, decide, plan
from bot.evidence import ask
from bot.facts import Route, RouteTables
from bot.model import Confirmed, RuledOut
from tests.cases.building import case
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import CASES, LOCAL

ALONE = CASES["subnet-on-main-route-table"]


def tables(facts, change):
    return facts | {RouteTables: RouteTables(tuple(map(change, facts[RouteTables].items)))}


def test_a_table_of_its_own_or_a_main_one_that_leads_out():
    """
    Whoever associated a table meant it; and a main table may be the way.
    """
    meant = tables(ALONE, lambda t: replace(t, subnets=("subnet-a", "subnet-b")) if t.main else t)
    leads = tables(
        ALONE, lambda t: replace(t, routes=(LOCAL, Route("0.0.0.0/0", "nat-3"))) if t.main else t
    )

    for facts in (HEALTHY, case(network(public=False, default=None)), case(meant), case(leads)):
        assert isinstance(ask(decide, facts), RuledOut)
    assert isinstance(ask(no_route_to_registry.decide, case(meant)), Confirmed)


def test_where_no_other_table_leads_out_the_route_is_what_is_missing():
    """
    Then an association helps nobody: one that is closed, or behind something that nobody sees.
    """
    for target in ("tgw-1", "nat-9", "igw-1"):
        bare = tables(
            ALONE,
            lambda t, to=target: replace(t, routes=(LOCAL, Route("0.0.0.0/0", to)))
            if t.id == "rtb-good" else t,
        )  # fmt: skip
        assert not isinstance(ask(decide, bare), Confirmed)


def test_the_table_that_leads_out_is_named():
    """
    For both subnets; one cause speaks of it.
    """
    found = ask(decide, ALONE)

    assert isinstance(found, Confirmed)
    assert ("rtb-good", ["rtb-main"], ["subnet-a", "subnet-b"]) == (
        found.proof["good"], found.proof["tables"], found.proof["closed"],
    )  # fmt: skip
    assert isinstance(ask(no_route_to_registry.decide, ALONE), RuledOut)
    assert [("rtb-good", "subnet-a"), ("rtb-good", "subnet-b")] == [
        (c.params["RouteTableId"], c.params["SubnetId"]) for c in ask(advise, ALONE)
    ]
    assert None is ask(plan, ALONE)


def test_what_is_advised_rules_it_out():
    """
    Associated, the subnets have their way.
    """
    given = tables(
        ALONE, lambda t: replace(t, subnets=("subnet-a", "subnet-b")) if t.id == "rtb-good" else t
    )

    assert isinstance(ask(decide, given), RuledOut)


def test_a_service_with_another_subnet_leaves():
    """
    Its other subnet has a table of its own, which leads out.
    """
    facts = CASES["subnet-on-main-route-table/beside"]
    (step,) = ask(plan, facts).steps

    assert ["subnet-b"] == step.after["awsvpcConfiguration"]["subnets"]
    assert ["subnet-b"] == ask(decide, facts).proof["stays"]
