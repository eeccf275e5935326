import pytest

from bot.causes.role.instance_role_lacks_image_read import CAUSE, decide
from bot.facts import Choice, InstanceRolePolicies, PullingRole
from bot.model import Confirmed, RuledOut, Undecided
from bot.policy_steps import INLINE_NAME
from bot.pulling import LOGIN
from tests.causes.facts import (
    ACCOUNT,
    FOREIGN,
    HUB,
    IMAGE,
    NO_POLICY,
    NOTHING_RECORDED,
    READ,
    SERVICE,
    SUBJECT,
    resource_policy,
    unknown,
    well_worded,
)
from tests.causes.role.facts_policies import (
    HOSTS,
    WHO,
    allow,
    carrying,
    document,
    only_where,
    refusal,
    simulated,
)

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/hosts/i-0123456789abcdef0"
LACKING = simulated(LOGIN, *READ)
UNREAD = unknown("InstanceRolePermissions")
BARE = InstanceRolePolicies((), {})
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
IMPLICIT = "because no identity-based policy allows the ecr:BatchGetImage action"


def judged(who=HOSTS, permissions=LACKING, image=IMAGE, policy=NO_POLICY, said=NOTHING_RECORDED):
    return decide(image, who, permissions, policy, said)


def planned(choice, attached=BARE, who=HOSTS):
    return CAUSE.plan(SUBJECT, SERVICE, who, IMAGE, attached, Choice(choice))


def test_the_execution_role_pulls():
    """
    What the execution role lacks is another cause.
    """
    assert isinstance(judged(who=WHO), RuledOut)


def test_the_hosts_may_pull():
    """
    An instance role with the permissions lacks nothing, nor one that the repository lets in.
    """
    assert isinstance(judged(permissions=simulated()), RuledOut)
    let_in = resource_policy(principal=HOSTS.arn)
    assert isinstance(judged(permissions=simulated(*READ), policy=let_in), RuledOut)


def test_image_of_another_registry():
    """
    Docker Hub asks no AWS role.
    """
    assert isinstance(judged(image=HUB), RuledOut)


@pytest.mark.parametrize("by", ["boundary", "scp"])
def test_what_no_policy_of_the_role_can_give(by):
    """
    Against a boundary or the organization, attaching a policy does not help.
    """
    assert isinstance(judged(permissions=simulated(LOGIN, by=by)), RuledOut)


def test_a_condition_is_another_cause():
    """
    A policy that allows it, if only under a condition, is no policy that is missing.
    """
    assert isinstance(judged(permissions=carrying(only_where("aws:SourceVpce", "v"))), RuledOut)


def test_unknown_leaves_it_open():
    """
    A role that nobody knows, or whose permissions nobody may read, is not judged.
    """
    assert Undecided((UNREAD,)) == judged(permissions=UNREAD)
    assert isinstance(judged(who=PullingRole("instance-role", None)), Undecided)


def test_the_hosts_lack_it():
    """
    The login and the image, across accounts as well.
    """
    for image in (IMAGE, FOREIGN):
        verdict = judged(image=image)

        assert isinstance(verdict, Confirmed)
        assert (LOGIN, "hosts") == (verdict.proof["actions"][0], verdict.proof["role"])
        assert well_worded(CAUSE, verdict)


def test_the_recorded_refusal_speaks_where_iam_does_not():
    """
    ECS recorded the session of an instance; its role has no plan while IAM does not show it.
    """
    session = PullingRole("instance-role", SESSION, "hosts")
    unread = unknown("RepositoryPolicy")
    verdict = judged(session, UNREAD, policy=unread, said=refusal(IMPLICIT, who=SESSION))

    assert isinstance(verdict, Confirmed)
    assert ("recorded", False) == (verdict.proof["how"], verdict.proof["fixable"])
    assert well_worded(CAUSE, verdict)
    assert None is planned("managed-policy", who=session)


def test_the_ways_to_grant_it():
    """
    AWS's own policy for hosts first, unless it is there already.
    """
    assert ("managed-policy", "inline-policy") == CAUSE.choices(SUBJECT, BARE)
    there = InstanceRolePolicies((MANAGED,), {})
    assert ("inline-policy",) == CAUSE.choices(SUBJECT, there)
    assert None is planned("managed-policy", there)
    assert None is planned("managed-policy", who=WHO)


def test_aws_own_policy_for_hosts():
    """
    It is attached to the instance role, and detached by undo.
    """
    step, deploy = planned("managed-policy").steps

    assert (HOSTS.arn, {"policyArn": MANAGED}) == (step.resource, step.after)
    assert "detach_role_policy" == step.undo.operation
    assert "service-deployment" == deploy.kind


def test_plan_makes_the_verdict_ruled_out():
    """
    What the inline policy grants is what the role lacked.
    """
    step = planned("inline-policy").steps[0]

    assert INLINE_NAME == step.do.params["PolicyName"]
    assert isinstance(judged(permissions=carrying(step.after)), RuledOut)
    assert isinstance(judged(permissions=carrying(document(allow("ecs:*")))), Confirmed)


def test_the_ready_call():
    """
    For a person, the managed policy.
    """
    (call,) = CAUSE.advise(SUBJECT, HOSTS)

    assert {"RoleName": "hosts", "PolicyArn": MANAGED} == call.params
    assert () == CAUSE.advise(SUBJECT, unknown("PullingRole"))
