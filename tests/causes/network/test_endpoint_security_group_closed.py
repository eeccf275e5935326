from dataclasses import replace

from bot.causes.network.endpoint_security_group_closed import decide, plan
from bot.evidence import ask
from bot.facts import PullInterface, Rule, SecurityGroup, SecurityGroups, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import case, endpoints, host, with_acl, with_groups
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import DENY, HTTPS, PRIVATE

BROKEN = case(PRIVATE, with_groups(endpoint=()))
FROM_TASKS = Rule("tcp", 443, 443, groups=("sg-task",))


def test_without_endpoints_there_is_no_such_group():
    """
    A NAT gateway, a public address, or no way at all has nothing to do with it.
    """
    for facts in (HEALTHY, case(network(public=True, default="igw-1")), case(endpoints("s3"))):
        assert isinstance(ask(decide, facts), RuledOut)


def test_rules_that_let_the_task_in():
    """
    By its group, by its addresses, by all protocols, and by one of several rules.
    """
    for rule in (FROM_TASKS, HTTPS, Rule("-1", None, None, ("10.0.1.0/24", "10.0.2.0/24"))):
        assert isinstance(ask(decide, case(PRIVATE, with_groups(endpoint=(rule,)))), RuledOut)


def test_other_hops_are_other_causes():
    """
    What the task may not send, and what an ACL stops, is not the endpoint's fault.
    """
    assert isinstance(ask(decide, case(PRIVATE, with_groups(task=()))), RuledOut)
    assert isinstance(ask(decide, case(PRIVATE, with_acl(DENY))), RuledOut)


def test_rules_that_fit_only_some_addresses():
    """
    Half of a subnet is let in: which half the task is in, nobody knows.
    """
    half = Rule("tcp", 443, 443, ("10.0.1.0/25",))
    facts = case(PRIVATE, with_groups(endpoint=(half,)))
    verdict = ask(decide, facts)

    assert isinstance(verdict, Confirmed)  # no address of the second subnet is let in
    assert (["subnet-b"], ["subnet-a"]) == (verdict.proof["closed"], verdict.proof["unclear"])


def test_groups_that_nobody_could_read():
    """
    What is not known is not closed, and the grant is named.
    """
    denied = Unknown("SecurityGroups", "denied", "ec2:DescribeSecurityGroups")

    assert Undecided((denied,)) == ask(decide, BROKEN | {SecurityGroups: denied})


def test_closed_for_the_task():
    """
    The proof names the group, the endpoints behind it, and whom it keeps out.
    """
    proof = ask(decide, BROKEN).proof

    assert ["sg-endpoint"] == proof["groups"]
    assert ["vpce-ecr-api", "vpce-ecr-dkr"] == proof["endpoints"]
    assert (["sg-task"], "task") == (proof["of"], proof["owner"])
    assert (["subnet-a", "subnet-b"], []) == (proof["closed"], proof["open"])
    assert "host" == ask(decide, case(host(PRIVATE), with_groups(endpoint=()))).proof["owner"]


def test_nat_is_no_way_around():
    """
    Private DNS leads to the endpoint even where there is a way out.
    """
    there = endpoints("ecr.dkr")[VpcEndpoints]
    facts = case({VpcEndpoints: there}, with_groups(endpoint=()))

    assert ["vpce-ecr-dkr"] == ask(decide, facts).proof["endpoints"]


def test_another_port_lets_nobody_in():
    """
    Rules for other ports, other groups and other addresses are none for the pull.
    """
    for rule in (
        Rule("tcp", 80, 80, ("0.0.0.0/0",)),
        Rule("udp", 443, 443, ("0.0.0.0/0",)),
        Rule("tcp", 443, 443, groups=("sg-other",)),
        Rule("tcp", 443, 443, ("192.168.0.0/16",)),
    ):
        facts = case(PRIVATE, with_groups(endpoint=(rule,)))
        assert isinstance(ask(decide, facts), Confirmed)


def test_plan_opens_it_for_the_tasks_group_alone():
    """
    One rule for each closed group; the undo takes back exactly that rule.
    """
    step, deployed = ask(plan, BROKEN).steps

    assert {"ingress": step.do.params["IpPermissions"][0]} == step.after
    assert [{"GroupId": "sg-task"}] == step.after["ingress"]["UserIdGroupPairs"]
    assert ("sg-endpoint", step.do.params) == (step.do.params["GroupId"], step.undo.params)
    assert "revoke_security_group_ingress" == step.undo.operation
    assert "service-deployment" == deployed.kind


def test_plan_makes_the_verdict_ruled_out():
    """
    What the plan leaves behind rules the cause out.
    """
    assert isinstance(ask(decide, case(PRIVATE, with_groups(endpoint=(FROM_TASKS,)))), RuledOut)


def test_each_group_gets_its_rule():
    """
    Endpoints may have groups of their own; one that is open stays as it is.
    """
    items = PRIVATE[VpcEndpoints].items
    apart = VpcEndpoints((replace(items[0], groups=("sg-api",)), *items[1:]))
    groups = (*HEALTHY[SecurityGroups].items, SecurityGroup("sg-api", (), ()))
    facts = case(PRIVATE, {VpcEndpoints: apart, SecurityGroups: SecurityGroups(groups)})

    assert ["sg-api"] == [s.do.params["GroupId"] for s in ask(plan, facts).steps[:-1]]


def test_no_plan_for_nobody():
    """
    Where the task's groups are not known, nobody can be let in by name.
    """
    network_less = {PullInterface: PullInterface(("subnet-a",), None, None)}
    closed = case(PRIVATE, with_groups(endpoint=(Rule("tcp", 443, 443, ("192.168.0.0/16",)),)))

    assert ask(plan, closed | network_less) is None
    assert ask(plan, HEALTHY) is None
