import json
from dataclasses import replace

import pytest

from bot.causes.role.role_condition_unmet import CAUSE
from bot.facts import Circumstances, Seen
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import HUB, REGION, because, resource_policy, unknown, well_worded
from tests.causes.role.facts_policies import (
    WHO,
    allow,
    asked,
    carrying,
    deny,
    document,
    only_where,
    pull,
    refusal,
    simulated,
    through,
)

OLD = only_where("aws:SourceVpce", "vpce-old")
UNREAD = unknown("ExecutionRolePermissions")
IMPLICIT = "because no identity-based policy allows the ecr:BatchGetImage action"


def judged(permissions, **more):
    return asked(CAUSE.decide, pull(permissions, **more))


def planned(permissions, **more):
    return asked(CAUSE.plan, pull(permissions, **more))


def test_the_condition_is_met():
    """
    A pull through the endpoint that the policy names is allowed.
    """
    assert isinstance(judged(carrying(OLD), seen=through("vpce-old")), RuledOut)
    assert isinstance(judged(simulated()), RuledOut)


def test_another_policy_allows_without_condition():
    """
    One Allow is enough.
    """
    assert isinstance(judged(carrying(OLD, document(allow())), seen=through()), RuledOut)


def test_no_policy_speaks_of_it():
    """
    Where no statement allows the pull under any condition, an Allow is what is missing.
    """
    assert isinstance(judged(carrying(document(allow("logs:*")))), RuledOut)
    assert isinstance(judged(simulated("ecr:BatchGetImage")), RuledOut)


def test_a_deny_with_a_condition_is_another_cause():
    """
    What denies is not what fails to allow.
    """
    other = deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-old"}})

    assert isinstance(judged(carrying(document(allow(), other)), seen=through()), RuledOut)


def test_the_repository_lets_the_role_in():
    """
    In one account the repository's own policy suffices.
    """
    assert isinstance(judged(carrying(OLD), seen=through(), shared=resource_policy()), RuledOut)
    unread = unknown("RepositoryPolicy")
    assert Undecided((unread,)) == judged(carrying(OLD), seen=through(), shared=unread)


def test_image_of_another_registry():
    """
    Docker Hub asks no AWS role.
    """
    assert isinstance(judged(carrying(OLD), image=HUB), RuledOut)


def test_unknown_values_leave_it_open():
    """
    What nobody can see is named, and not decided.
    """
    assert "aws:SourceVpce" in because(judged(carrying(OLD)))
    assert Undecided((UNREAD,)) == judged(UNREAD)
    missing = replace(simulated("ecr:BatchGetImage", decision="undecided"))
    assert isinstance(judged(missing), Undecided)
    assert isinstance(judged(carrying(document(allow(Condition="?")))), Undecided)
    assert isinstance(judged(carrying(OLD), seen=unknown("VpcEndpoints")), Undecided)


def test_the_endpoint_is_another():
    """
    The proof has the condition, what it wants and what there is.
    """
    verdict = judged(carrying(OLD), seen=through())

    assert isinstance(verdict, Confirmed)
    assert ("aws:SourceVpce", ["vpce-old"], ["vpce-new"], True) == tuple(
        verdict.proof[k] for k in ("key", "wanted", "given", "sure")
    )
    assert ("inline-0", "Reading") == (verdict.proof["policy"], verdict.proof["statement"])
    assert verdict.proof["fixable"]
    assert well_worded(CAUSE, verdict)


def test_the_request_has_nothing_there():
    """
    A pull over a NAT gateway comes through no endpoint; only a person knows which way is meant.
    """
    none = Seen({}, frozenset({"aws:SourceVpce", "aws:SourceVpc"}))
    verdict = judged(carrying(OLD), seen=Circumstances(Seen(), none))

    assert isinstance(verdict, Confirmed)
    assert ([], False) == (verdict.proof["given"], verdict.proof["fixable"])
    assert well_worded(CAUSE, verdict)
    assert None is planned(carrying(OLD), seen=Circumstances(Seen(), none))


@pytest.mark.parametrize(
    ("tags", "verdict"),
    [({"team": "web"}, Confirmed), ({}, Confirmed), ({"team": "shop"}, RuledOut)],
)
def test_the_tags_of_the_role(tags, verdict):
    """
    A condition on tags is judged by those that IAM has; tags that nobody read stay open.
    """
    permissions = carrying(only_where("aws:PrincipalTag/team", "shop"))

    assert isinstance(judged(permissions, role=replace(WHO, tags=tags)), verdict)
    assert isinstance(judged(permissions), Undecided)


def test_the_recorded_refusal_tells_what_nobody_sees():
    """
    ECS recorded that no policy allowed it, so the condition on the address was not met.
    """
    permissions = carrying(only_where("aws:SourceIp", "203.0.113.0/24", operator="IpAddress"))
    verdict = judged(permissions, said=refusal(IMPLICIT))

    assert isinstance(verdict, Confirmed)
    assert ("recorded", False, False) == tuple(verdict.proof[k] for k in ("how", "sure", "fixable"))
    assert well_worded(CAUSE, verdict)


def test_the_plan_adds_what_is_true_and_keeps_the_rest():
    """
    The value joins those that stand there; undo restores the policy.
    """
    step, deploy = planned(carrying(OLD), seen=through()).steps
    reading = step.after["Statement"][1]

    assert ["vpce-old", "vpce-new"] == reading["Condition"]["StringEquals"]["aws:SourceVpce"]
    assert OLD["Statement"][0] == step.after["Statement"][0]
    assert ("inline-0", OLD) == (
        step.undo.params["PolicyName"],
        json.loads(step.undo.params["PolicyDocument"]),
    )
    assert "service-deployment" == deploy.kind


def test_plan_makes_the_verdict_ruled_out():
    """
    What the plan leaves behind lets the pull through, and nothing is left to plan.
    """
    for before in (OLD, only_where("aws:RequestedRegion", "us-east-1")):
        after = planned(carrying(before), seen=through()).steps[0].after

        assert isinstance(judged(carrying(after), seen=through()), RuledOut)
        assert None is planned(carrying(after), seen=through())
    assert REGION in str(after)


@pytest.mark.parametrize(
    "documents",
    [
        (only_where("aws:SourceVpce", "vpce-new", operator="StringNotEquals"),),
        (only_where("aws:SourceVpce", "vpce-old"), only_where("aws:SourceVpc", "vpc-old")),
        (only_where("aws:SourceIp", "203.0.113.0/24", operator="IpAddress"),),
    ],
)
def test_what_is_ambiguous_is_left_to_a_person(documents):
    """
    A negation, two ways to choose from, or no value to add: confirmed, without a plan.
    """
    assert isinstance(judged(carrying(*documents), seen=through()), Confirmed)
    assert None is planned(carrying(*documents), seen=through())


def test_a_managed_policy_is_left_to_a_person():
    """
    Who else has it, nobody here knows; the ready call shows it.
    """
    arn = "arn:aws:iam::222233334444:policy/pulls"
    permissions = carrying(OLD, names=(arn,))

    assert isinstance(judged(permissions, seen=through()), Confirmed)
    assert None is planned(permissions, seen=through())
    (call,) = asked(CAUSE.advise, pull(permissions, seen=through()))
    assert {"PolicyArn": arn} == call.params
    (call,) = asked(CAUSE.advise, pull(carrying(OLD), seen=through()))
    assert {"RoleName": "shop-execution", "PolicyName": "inline-0"} == call.params
