import json
from dataclasses import replace

import pytest

from bot.causes.role.execution_role_lacks_ecr_login import CAUSE, decide
from bot.facts import (
    AttachedPolicies,
    Carried,
    Choice,
    ExecutionRolePermissions,
    NamedPolicy,
    Permission,
    Platform,
)
from bot.model import Confirmed, RuledOut, Undecided
from bot.policy_steps import INLINE_NAME
from bot.pulling import LOGIN
from tests.causes.facts import (
    BARE,
    EC2,
    FARGATE,
    GONE,
    HUB,
    IMAGE,
    MANAGED,
    NO_SERVICE,
    NOTHING_RECORDED,
    ROLE,
    SERVICE,
    SUBJECT,
    UNKNOWN_PLATFORM,
    UNSET,
    because,
    permissions,
    pulls,
    refusal,
    repository,
    unknown,
    well_worded,
)

LACKING = permissions(LOGIN)
UNREAD = unknown("ExecutionRolePermissions")
MANAGED_WAY, INLINE_WAY = Choice("managed-policy"), Choice("inline-policy")


def judged(image=IMAGE, role=ROLE, platform=FARGATE, permissions=LACKING, said=NOTHING_RECORDED):
    return decide(image, role, pulls(platform, role, said), permissions, said)


def planned(choice=MANAGED_WAY, service=SERVICE, attached=BARE, role=ROLE):
    return CAUSE.plan(SUBJECT, service, role, IMAGE, attached, choice)


def test_role_that_may_log_in():
    """
    A role with the permission does not lack it, even if ECS recorded a refusal before.
    """
    assert isinstance(judged(permissions=permissions()), RuledOut)
    assert isinstance(judged(permissions=permissions(), said=refusal(LOGIN)), RuledOut)


def test_image_of_another_registry():
    """
    Docker Hub asks no AWS role for a login.
    """
    assert isinstance(judged(image=HUB), RuledOut)


@pytest.mark.parametrize("role", [UNSET, GONE])
def test_no_role_is_another_cause(role):
    """
    A role that is not there lacks nothing.
    """
    assert isinstance(judged(role=role), RuledOut)


@pytest.mark.parametrize(
    ("decision", "by"),
    [("explicit-deny", "identity"), ("implicit-deny", "boundary"), ("implicit-deny", "scp")],
)
def test_what_no_policy_of_the_role_can_give(decision, by):
    """
    Against a Deny, a boundary or the organization, attaching a policy does not help.
    """
    stopped = permissions(LOGIN, decision=decision, by=by)

    assert RuledOut({
        "role": ROLE.name, "arn": ROLE.arn, "resource": "*", "stopped_by": [by],
    }) == judged(permissions=stopped)  # fmt: skip


def test_unknown_permissions_leave_it_open():
    """
    What IAM does not tell, and ECS has not recorded, is not decided.
    """
    assert Undecided((UNREAD,)) == judged(permissions=UNREAD)
    assert Undecided((UNREAD,)) == judged(permissions=UNREAD, said=refusal("ecr:BatchGetImage"))
    assert Undecided((UNREAD,)) == judged(permissions=UNREAD, said=refusal(LOGIN, role="other"))
    assert "ecr" in because(judged(permissions=permissions(LOGIN, decision="undecided", by=None)))


def test_boundary_or_own_policies():
    """
    Where a boundary is set and nothing tells what refused, the role's policies may be fine.
    """
    bounded = replace(ROLE, boundary="arn:aws:iam::222233334444:policy/limits")

    assert isinstance(judged(role=bounded, permissions=permissions(LOGIN, by=None)), Undecided)
    assert isinstance(judged(permissions=permissions(LOGIN, by=None)), Confirmed)


def test_the_instance_role_pulls_on_ec2():
    """
    On EC2 the role that ECS recorded decides which of the two is meant.
    """
    assert isinstance(judged(platform=EC2, said=refusal(LOGIN, role="ecsInstanceRole")), RuledOut)
    assert "EC2" in because(judged(platform=EC2))
    assert isinstance(judged(platform=EC2, said=refusal(LOGIN)), Confirmed)


def test_unknown_platform():
    """
    Without the launch type, only a recorded role tells who pulled.
    """
    assert Undecided((UNKNOWN_PLATFORM,)) == judged(platform=UNKNOWN_PLATFORM)
    assert isinstance(judged(platform=UNKNOWN_PLATFORM, said=refusal(LOGIN)), Confirmed)


@pytest.mark.parametrize("launched", ["FARGATE", "MANAGED_INSTANCES", "EXTERNAL"])
def test_role_that_may_not_log_in(launched):
    """
    The proof names the role and the action, and says how it is known.
    """
    verdict = judged(platform=Platform(launched))

    assert isinstance(verdict, Confirmed)
    assert ([LOGIN], "simulated") == (verdict.proof["actions"], verdict.proof["how"])
    assert well_worded(CAUSE, verdict)


def test_the_recorded_refusal_speaks_where_iam_does_not():
    """
    What ECS itself recorded about this role confirms, where its policies may not be read.
    """
    for known in (UNREAD, permissions(LOGIN, decision="undecided", by=None)):
        verdict = judged(permissions=known, said=refusal(LOGIN))

        assert isinstance(verdict, Confirmed)
        assert "recorded" == verdict.proof["how"]
        assert well_worded(CAUSE, verdict)


def test_the_policy_of_aws_is_the_default():
    """
    AWS's own policy comes first, and is not offered where the role has it already.
    """
    there = AttachedPolicies((MANAGED,), {})

    assert ("managed-policy", "inline-policy") == CAUSE.choices(SUBJECT, BARE)
    assert ("inline-policy",) == CAUSE.choices(SUBJECT, there)
    assert planned() == planned(Choice())
    assert None is planned(attached=there)
    assert None is planned(Choice("administrator"))
    assert None is planned(role=GONE)


def test_partitions_have_policies_of_their_own():
    """
    In China and GovCloud the ARN of AWS's policy starts differently.
    """
    for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")):
        there = replace(SUBJECT, region=region)
        step = CAUSE.plan(there, NO_SERVICE, ROLE, IMAGE, BARE, Choice()).steps[0]

        assert step.after["policyArn"].startswith(f"arn:{partition}:iam::aws:policy/service-role/")


def test_attaching_is_undone_by_detaching():
    """
    The policy is attached and the service tries again; undo detaches what was attached.
    """
    attach, deploy = planned().steps

    assert {"RoleName": "shop-execution", "PolicyArn": MANAGED} == attach.do.params
    assert ("detach_role_policy", attach.do.params) == (attach.undo.operation, attach.undo.params)
    assert ("update_service", True) == (
        deploy.do.operation, deploy.do.params["forceNewDeployment"],
    )  # fmt: skip
    assert 1 == len(planned(service=NO_SERVICE).steps)


def test_the_least_policy():
    """
    The inline policy allows the login everywhere and reading in one repository, and nothing else.
    """
    step = planned(INLINE_WAY).steps[0]
    login, read = step.after["Statement"]

    assert step.after == json.loads(step.do.params["PolicyDocument"])
    assert (LOGIN, "*") == (login["Action"], login["Resource"])
    assert repository().arn == read["Resource"]
    assert "delete_role_policy" == step.undo.operation


def test_the_least_policy_keeps_what_is_there():
    """
    A second repository joins the first one; undo writes back the policy as it was.
    """
    first = planned(INLINE_WAY).steps[0].after
    other = json.loads(json.dumps(first).replace("team/shop", "team/cart"))
    step = planned(INLINE_WAY, attached=AttachedPolicies((), {INLINE_NAME: other})).steps[0]

    assert [repository().arn.replace("shop", "cart"), repository().arn] == (
        step.after["Statement"][1]["Resource"]
    )
    assert other == json.loads(step.undo.params["PolicyDocument"])
    assert None is planned(INLINE_WAY, attached=AttachedPolicies((), {INLINE_NAME: step.after}))


def test_the_least_policy_keeps_what_others_wrote():
    """
    A statement that somebody else wrote under our Sid stays; ours goes beside it.
    """
    foreign = {"Sid": "EcrLogin", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    for inside in (foreign, [foreign]):
        kept = AttachedPolicies((), {INLINE_NAME: {"Statement": inside}})
        statements = planned(INLINE_WAY, attached=kept).steps[0].after["Statement"]

        assert foreign == statements[0]
        assert [None, "EcrRead"] == [s.get("Sid") for s in statements[1:]]


def test_plan_makes_the_verdict_ruled_out():
    """
    With what the plan grants, the role lacks nothing; and it is the same plan twice.
    """
    granted = planned(INLINE_WAY).steps[0].after["Statement"][0]["Action"]

    assert isinstance(judged(permissions=permissions(*{LOGIN} - {granted})), RuledOut)
    assert planned(INLINE_WAY) == planned(INLINE_WAY)


def test_the_call_for_a_person():
    """
    Where no plan can be made, the call is there to be copied.
    """
    assert (planned().steps[0].do,) == CAUSE.advise(SUBJECT, ROLE)


def carried(*statements):
    """What is known of a role whose policies were read, and whose boundary hangs on an unknown key."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    limit = NamedPolicy("arn:limits", {"Statement": None})
    items = (Permission(LOGIN, "*", "undecided", "boundary", ("aws:SourceVpce",)),)
    found = Carried((NamedPolicy("shop", document),), limit)
    return ExecutionRolePermissions(items, "evaluated", found)


def test_each_policy_is_read_for_itself():
    """
    Whatever a boundary leaves open: an Allow that is there is not missing, and one that is not is.
    """
    allows = {"Effect": "Allow", "Action": LOGIN, "Resource": "*"}
    under = {**allows, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
    other = {**allows, "Action": "logs:*"}

    assert isinstance(judged(permissions=carried(allows)), RuledOut)
    assert isinstance(judged(permissions=carried(under)), RuledOut)
    assert isinstance(judged(permissions=carried(other)), Confirmed)
    assert isinstance(judged(permissions=carried({**allows, "Unheard": "of"})), Undecided)
