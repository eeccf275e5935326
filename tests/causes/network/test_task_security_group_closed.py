from dataclasses import replace

from bot.causes.network.task_security_group_closed import decide, plan
from bot.evidence import ask
from bot.facts import PullInterface, Route, Rule, SecurityGroups, Service
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import REDIS, case, endpoints, with_groups, with_route
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import HTTPS, PRIVATE

LIST = Rule("tcp", 443, 443, prefix_lists=("pl-s3",))
ENDPOINT = Rule("tcp", 443, 443, groups=("sg-endpoint",))


def rules(facts):
    """The rules that the plan adds, without protocol and ports."""
    steps = ask(plan, facts).steps[:-1]
    assert {"tcp"} == {s.after["egress"]["IpProtocol"] for s in steps}
    return [v for s in steps for v in s.after["egress"].values() if isinstance(v, list)]


def test_open_ways():
    """
    All out, the VPC and the list of S3, or the endpoint's group and that list.
    """
    for facts in (
        HEALTHY,
        case(PRIVATE),
        case(PRIVATE, with_groups(task=(HTTPS, LIST))),
        case(PRIVATE, with_groups(task=(ENDPOINT, LIST))),
    ):
        assert isinstance(ask(decide, facts), RuledOut)


def test_without_a_way_no_rule_helps():
    """
    While there is no route, what must be let out is not known.
    """
    facts = case(network(public=False, default=None), with_groups(task=()))

    assert isinstance(ask(decide, facts), RuledOut)


def test_behind_a_transit_gateway_it_stays_open():
    """
    Endpoints may be shared from there, at addresses that a rule may well name.
    """
    facts = case(with_route(HEALTHY, "rtb-task", Route("0.0.0.0/0", "tgw-1")), with_groups(task=()))

    assert isinstance(ask(decide, facts), Undecided)


def test_what_nobody_could_read():
    """
    Rules or groups that are not known leave it open, and name what would tell.
    """
    denied = Unknown("SecurityGroups", "denied", "ec2:DescribeSecurityGroups")
    nobody = PullInterface(("subnet-a",), None, None)

    assert Undecided((denied,)) == ask(decide, HEALTHY | {SecurityGroups: denied})
    (missing,) = ask(decide, HEALTHY | {PullInterface: nobody}).missing
    assert ("PullInterface", "its security groups are not known") == (missing.fact, missing.because)


def test_a_rule_for_some_addresses():
    """
    The registry has many addresses; a rule for some of them may or may not do.
    """
    some = Rule("tcp", 443, 443, ("52.0.0.0/8",))
    (missing,) = ask(decide, case(with_groups(task=(some,)))).missing

    assert "what sg-task lets through depends on the address" == missing.because


def test_closed_towards_each_kind_of_way():
    """
    The rule that is lacking is the least for the way that is used.
    """
    closed = with_groups(task=())

    assert [[{"GroupId": "sg-endpoint"}], [{"PrefixListId": "pl-s3"}]] == rules(
        case(PRIVATE, closed)
    )
    assert [[{"CidrIp": "0.0.0.0/0"}]] == rules(case(closed))
    assert [[{"CidrIp": "0.0.0.0/0"}]] == rules(case(REDIS, closed))
    assert [[{"PrefixListId": "pl-s3"}]] == rules(case(PRIVATE, with_groups(task=(ENDPOINT,))))


def test_layers_alone():
    """
    The VPC is open, S3 is not: the login works, the layers time out.
    """
    proof = ask(decide, case(PRIVATE, with_groups(task=(HTTPS,)))).proof

    assert (["starport-layer-bucket"], ["pl-s3"]) == (proof["targets"], proof["opens"])
    assert ["sg-task"] == proof["groups"]


def test_a_wider_rule_leaves_no_other():
    """
    Where the internet is opened anyway, S3's list and the endpoints need none of their own.
    """
    facts = case(endpoints("s3"), with_groups(task=()))
    out = with_route(facts, "rtb-task", Route("0.0.0.0/0", "nat-1"), Route("pl-s3", "vpce-s3"))

    assert [[{"CidrIp": "0.0.0.0/0"}]] == rules(out)


def test_plan_makes_the_verdict_ruled_out():
    """
    What the plan leaves behind rules the cause out.
    """
    assert isinstance(ask(decide, case(PRIVATE, with_groups(task=(ENDPOINT, LIST)))), RuledOut)
    everywhere = Rule("tcp", 443, 443, ("0.0.0.0/0",))
    assert isinstance(ask(decide, case(with_groups(task=(everywhere,)))), RuledOut)


def test_undo_and_a_task_without_a_service():
    """
    Each rule is taken back by itself; where no service waits, nothing is deployed.
    """
    gone = replace(HEALTHY[Service], exists=False, arn=None)
    found = ask(plan, case(PRIVATE, with_groups(task=()), {Service: gone}))

    assert {"revoke_security_group_egress"} == {s.undo.operation for s in found.steps}
    assert all(s.do.params == s.undo.params for s in found.steps)
    assert "low" == found.risk


def test_no_plan_where_nothing_is_closed():
    """
    Nothing is opened that is open.
    """
    assert ask(plan, HEALTHY) is None
    assert isinstance(ask(decide, case(with_groups(task=()))), Confirmed)
