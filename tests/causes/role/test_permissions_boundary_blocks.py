import pytest

from bot.causes.role.permissions_boundary_blocks import CAUSE, advise
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    FOREIGN,
    HUB,
    ROLE_ARN,
    because,
    resource_policy,
    unknown,
    well_worded,
)
from tests.causes.role.facts_policies import (
    BOUNDARY,
    BOUNDED,
    HOSTS,
    SESSION,
    WHO,
    allow,
    asked,
    carrying,
    deny,
    document,
    pull,
    refusal,
    simulated,
)

ALL = document(allow())
LOGS = document(allow("logs:*"))
UNREAD = unknown("ExecutionRolePermissions")
NOT_ALLOWED = "because no permissions boundary allows the ecr:BatchGetImage action"


def judged(permissions, role=BOUNDED, **more):
    return asked(CAUSE.decide, pull(permissions, role=role, **more))


def test_no_boundary_blocks_nothing():
    """
    A role without a boundary is only limited by its own policies.
    """
    assert isinstance(judged(UNREAD, role=WHO), RuledOut)
    assert isinstance(judged(carrying(LOGS), role=WHO), RuledOut)


def test_a_boundary_that_allows():
    """
    What the boundary allows, and the role lacks, is another cause.
    """
    assert isinstance(judged(carrying(LOGS, boundary=document(allow("*")))), RuledOut)
    assert isinstance(judged(simulated("ecr:BatchGetImage")), RuledOut)


def test_an_old_refusal_of_a_boundary_that_allows_now():
    """
    What was repaired since is no fault any more.
    """
    permissions = carrying(ALL, boundary=document(allow("*")))

    assert isinstance(judged(permissions, said=refusal(NOT_ALLOWED)), RuledOut)


def test_image_of_another_registry():
    """
    Docker Hub asks no AWS role.
    """
    assert isinstance(judged(carrying(ALL, boundary=LOGS), image=HUB), RuledOut)


@pytest.mark.parametrize("who", ["*", SESSION])
def test_a_gift_to_the_session_is_above_a_boundary(who):
    """
    In one account the repository lets the session itself, or everybody, in; the role needs the login.
    """
    boundary = document(allow("ecr:GetAuthorizationToken"))
    given = resource_policy(principal=who)
    to_role = resource_policy(principal=ROLE_ARN)

    if who == "*":
        assert isinstance(judged(carrying(ALL, boundary=boundary), shared=given), RuledOut)
    assert isinstance(judged(carrying(ALL, boundary=boundary), shared=to_role), Confirmed)
    assert isinstance(
        judged(carrying(ALL, boundary=boundary), image=FOREIGN, shared=given), Confirmed
    )


def test_unknown_leaves_it_open():
    """
    A boundary that nobody can read, or that looks at what nobody sees, is not decided.
    """
    assert Undecided((UNREAD,)) == judged(UNREAD)
    assert isinstance(judged(UNREAD, role=HOSTS), Undecided)
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    verdict = judged(carrying(ALL, boundary=document(allow("*", Condition=condition))))
    assert "aws:SourceVpce" in because(verdict)


def test_an_unread_repository_policy_may_be_above_it():
    """
    In one account it may let everybody in; a login no repository gives, nor a boundary that denies.
    """
    unread = unknown("RepositoryPolicy")
    login = document(allow("ecr:GetAuthorizationToken"))
    denying = document(allow("*"), deny())

    assert Undecided((unread,)) == judged(carrying(ALL, boundary=login), shared=unread)
    assert isinstance(judged(carrying(ALL, boundary=denying), shared=unread), Confirmed)
    assert isinstance(judged(carrying(ALL, boundary=LOGS), shared=unread), Confirmed)


def test_a_repository_that_denies_is_no_excuse_for_a_boundary():
    """
    Two policies that stop the pull are two causes.
    """
    denied = resource_policy(effect="Deny")

    assert isinstance(judged(carrying(ALL, boundary=LOGS), shared=denied), Confirmed)


def test_a_boundary_that_leaves_the_pull_out():
    """
    The boundary is named.
    """
    verdict = judged(carrying(ALL, boundary=LOGS))

    assert isinstance(verdict, Confirmed)
    assert (BOUNDARY, None) == (verdict.proof["policy"], verdict.proof["statement"])
    assert well_worded(CAUSE, verdict)


def test_a_boundary_that_denies():
    """
    An explicit Deny in a boundary has its statement named.
    """
    verdict = judged(carrying(ALL, boundary=document(allow("*"), deny())))

    assert isinstance(verdict, Confirmed)
    assert ("NoPulls", ["ecr:BatchGetImage"]) == (
        verdict.proof["statement"],
        verdict.proof["actions"],
    )
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize("role", [BOUNDED, HOSTS])
def test_the_simulation_speaks_where_no_policy_is_read(role):
    """
    IAM tells that the boundary does not allow it.
    """
    verdict = judged(simulated("ecr:BatchGetImage", by="boundary"), role=role)

    assert isinstance(verdict, Confirmed)
    assert "simulated" == verdict.proof["how"]
    assert well_worded(CAUSE, verdict)


def test_the_recorded_refusal_speaks_where_nobody_else_may():
    """
    ECS recorded that no boundary allows it.
    """
    verdict = judged(UNREAD, said=refusal(NOT_ALLOWED))

    assert isinstance(verdict, Confirmed)
    assert "recorded" == verdict.proof["how"]
    assert well_worded(CAUSE, verdict)


def test_a_boundary_is_left_to_those_who_govern_it():
    """
    There is no plan; the ready call shows the boundary.
    """
    assert CAUSE.plan is None
    (call,) = advise(WHO, carrying(ALL, boundary=LOGS))
    assert ("get_policy", BOUNDARY) == (call.operation, call.params["PolicyArn"])
    assert () == advise(WHO, UNREAD)
