import pytest

from bot.causes.role.execution_role_lacks_image_read import CAUSE, decide
from bot.facts import Choice
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    ACCOUNT,
    BARE,
    EC2,
    FARGATE,
    FOREIGN,
    GONE,
    HUB,
    IMAGE,
    NO_POLICY,
    NOTHING_RECORDED,
    READ,
    ROLE,
    SERVICE,
    SUBJECT,
    UNSET,
    permissions,
    pulls,
    refusal,
    repository,
    resource_policy,
    unknown,
    well_worded,
)

LACKING = permissions(*READ)
UNREAD = unknown("RepositoryPolicy")
NEEDED = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def judged(
    image=IMAGE,
    role=ROLE,
    platform=FARGATE,
    permissions=LACKING,
    policy=NO_POLICY,
    said=NOTHING_RECORDED,
):
    return decide(image, role, pulls(platform, role, said), permissions, policy, said)


def test_role_that_may_read():
    """
    A role with the permissions does not lack them.
    """
    assert isinstance(judged(permissions=permissions()), RuledOut)


def test_only_the_login_is_missing():
    """
    A role that may not log in, but read, is another cause.
    """
    assert isinstance(judged(permissions=permissions("ecr:GetAuthorizationToken")), RuledOut)


def test_image_of_another_registry():
    """
    Docker Hub asks no AWS role.
    """
    assert isinstance(judged(image=HUB), RuledOut)


@pytest.mark.parametrize("role", [UNSET, GONE])
def test_no_role_is_another_cause(role):
    """
    A role that is not there lacks nothing.
    """
    assert isinstance(judged(role=role), RuledOut)


def test_the_repository_lets_the_role_in():
    """
    In one account the repository's own policy suffices.
    """
    assert isinstance(judged(policy=resource_policy()), RuledOut)


def test_across_accounts_the_repository_alone_does_not_suffice():
    """
    In a foreign registry the role's own policies must allow as well.
    """
    verdict = judged(image=FOREIGN, policy=resource_policy())

    assert isinstance(verdict, Confirmed)
    assert isinstance(judged(image=FOREIGN, policy=UNREAD), Confirmed)


def test_the_account_as_principal_only_delegates():
    """
    A repository policy that names the account leaves the decision to the role's policies.
    """
    delegated = resource_policy(principal=f"arn:aws:iam::{ACCOUNT}:root")

    assert isinstance(judged(policy=delegated), Confirmed)


def test_unread_repository_policy_leaves_it_open():
    """
    In one account a policy that could not be read may let the role in.
    """
    assert Undecided((UNREAD,)) == judged(policy=UNREAD)
    assert isinstance(judged(policy=UNREAD, permissions=permissions()), RuledOut)


def test_unknown_condition_leaves_it_open():
    """
    A condition on a key that nobody told us may let the role in.
    """
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}

    assert isinstance(judged(policy=resource_policy(Condition=condition)), Undecided)


@pytest.mark.parametrize("by", ["boundary", "scp"])
def test_what_no_policy_of_the_role_can_give(by):
    """
    Against a boundary or the organization, attaching a policy does not help.
    """
    assert isinstance(judged(permissions=permissions(*READ, by=by)), RuledOut)


def test_no_pull_fails_for_the_third_action():
    """
    Checking layers is granted together with the rest, but its lack is no fault of its own.
    """
    third = permissions("ecr:BatchCheckLayerAvailability")

    assert isinstance(judged(permissions=third), RuledOut)
    assert isinstance(judged(permissions=third, said=refusal(READ[2])), Confirmed)


def test_the_instance_role_pulls_on_ec2():
    """
    On EC2 the role that ECS recorded decides which of the two is meant.
    """
    assert isinstance(judged(platform=EC2, said=refusal(READ[0], role="host")), RuledOut)
    assert isinstance(judged(platform=EC2), Undecided)
    assert isinstance(judged(platform=EC2, said=refusal(READ[0])), Confirmed)


def test_role_that_may_not_read():
    """
    The proof names the role, the repository and the actions.
    """
    verdict = judged()

    assert isinstance(verdict, Confirmed)
    assert (NEEDED, repository().arn) == (verdict.proof["actions"], verdict.proof["resource"])
    assert well_worded(CAUSE, verdict)


def test_the_recorded_refusal_speaks_where_iam_does_not():
    """
    What ECS itself recorded confirms, where neither policy may be read.
    """
    unread = unknown("ExecutionRolePermissions")
    verdict = judged(permissions=unread, policy=UNREAD, said=refusal(READ[0]))

    assert isinstance(verdict, Confirmed)
    assert ([READ[0]], "recorded") == (verdict.proof["actions"], verdict.proof["how"])
    assert well_worded(CAUSE, verdict)
    assert isinstance(judged(permissions=unread), Undecided)


def test_plan_makes_the_verdict_ruled_out():
    """
    What the plan grants is what the role lacked, and each policy can be taken off again.
    """
    steps = CAUSE.plan(SUBJECT, SERVICE, ROLE, IMAGE, BARE, Choice("inline-policy")).steps
    granted = steps[0].after["Statement"][1]["Action"]

    assert isinstance(judged(permissions=permissions(*set(READ) - set(granted))), RuledOut)
    assert steps[0].undo is not None
