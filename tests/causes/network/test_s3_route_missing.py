from dataclasses import replace

from bot.causes.network.s3_route_missing import advise, decide, plan
from bot.evidence import ask
from bot.facts import Route, RouteTable, RouteTables, Subnets, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import case, endpoints, with_groups
from tests.cases.healthy import HEALTHY, network

ALL = ("ecr.api", "ecr.dkr", "s3")
BROKEN = case(endpoints("ecr.api", "ecr.dkr"))
ELSEWHERE = case(endpoints(*ALL, tables=("rtb-main",)))


def test_a_way_to_the_layers():
    """
    A gateway on the effective table, or a way to the internet, leads to S3.
    """
    assert isinstance(ask(decide, case(endpoints(*ALL))), RuledOut)
    assert isinstance(ask(decide, HEALTHY), RuledOut)


def test_interface_endpoint_for_s3():
    """
    S3 has interface endpoints, too.
    """
    items = BROKEN[VpcEndpoints].items
    layers = replace(items[0], id="vpce-9", service="com.amazonaws.eu-west-1.s3")
    facts = BROKEN | {VpcEndpoints: VpcEndpoints((*items, layers))}

    assert isinstance(ask(decide, facts), RuledOut)


def test_unreachable_registry_is_another_cause():
    """
    While ECR itself is out of reach, nobody asks for layers yet.
    """
    assert isinstance(ask(decide, case(network(public=False, default=None))), RuledOut)
    assert isinstance(ask(decide, case(endpoints("ecr.api"))), RuledOut)


def test_transit_gateway_stays_open():
    """
    There may be a way to S3 behind a transit gateway.
    """
    found = BROKEN[RouteTables].items
    onwards = Route("0.0.0.0/0", "tgw-1")
    tables = tuple(replace(t, routes=(*t.routes, onwards)) for t in found)

    assert isinstance(ask(decide, BROKEN | {RouteTables: RouteTables(tables)}), Undecided)


def test_no_endpoint_for_s3():
    """
    Without any endpoint for S3 one is created, on the route tables in use.
    """
    verdict, (call,) = ask(decide, BROKEN), ask(advise, BROKEN)

    assert isinstance(verdict, Confirmed)
    assert (None, ["rtb-task"]) == (verdict.proof["gateway"], verdict.proof["tables"])
    assert ("create_vpc_endpoint", "Gateway") == (call.operation, call.params["VpcEndpointType"])


def test_gateway_on_another_table():
    """
    A gateway that misses the effective route table gets it added.
    """
    verdict, (call,) = ask(decide, ELSEWHERE), ask(advise, ELSEWHERE)

    assert "vpce-s3" == verdict.proof["gateway"]
    assert {"VpcEndpointId": "vpce-s3", "AddRouteTableIds": ["rtb-task"]} == call.params


def test_only_the_subnet_without_the_route():
    """
    Every subnet is judged by its own table.
    """
    tables = ELSEWHERE[RouteTables].items
    routes = (Route("10.0.0.0/16", "local"), Route("pl-s3", "vpce-s3"))
    own = RouteTable("rtb-b", False, ("subnet-b",), routes)
    split = RouteTables((own, *tables))
    verdict = ask(decide, ELSEWHERE | {RouteTables: split})

    assert (["subnet-a"], ["subnet-b"]) == (verdict.proof["closed"], verdict.proof["open"])


def test_advice_after_the_repair():
    """
    Where the layers are reached, nothing is advised.
    """
    assert () == ask(advise, case(endpoints(*ALL)))


def test_plan_puts_the_gateway_on_the_table_in_use():
    """
    What the plan leaves behind rules the cause out; the undo takes off only what was added.
    """
    step, _ = ask(plan, ELSEWHERE).steps

    assert {"VpcEndpointId": "vpce-s3", "AddRouteTableIds": ["rtb-task"]} == step.do.params
    assert {"VpcEndpointId": "vpce-s3", "RemoveRouteTableIds": ["rtb-task"]} == step.undo.params
    assert isinstance(ask(decide, case(endpoints(*ALL, tables=("rtb-main", "rtb-task")))), RuledOut)


def test_plan_makes_a_gateway_where_there_is_none():
    """
    On the table in use, and on no other; the undo deletes it.
    """
    step, _ = ask(plan, BROKEN).steps

    assert ("Gateway", ["rtb-task"]) == (
        step.do.params["VpcEndpointType"],
        step.do.params["RouteTableIds"],
    )
    assert "delete_vpc_endpoints" == step.undo.operation


def test_no_plan_that_would_not_help():
    """
    Nothing missing, a group that lets nothing out, and a VPC that another account shares with us.
    """
    shared = tuple(replace(s, owner="999900001111") for s in ELSEWHERE[Subnets].items)

    assert ask(plan, case(endpoints(*ALL))) is None
    assert ask(plan, ELSEWHERE | with_groups(task=())) is None
    assert ask(plan, ELSEWHERE | {Subnets: Subnets(shared)}) is None
