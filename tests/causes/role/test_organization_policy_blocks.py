import pytest

from bot.causes.role.organization_policy_blocks import CAUSE, advise
from bot.facts import Permission, PullingRolePermissions
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import ACCOUNT, HUB, IMAGE, recorded, unknown, well_worded
from tests.causes.role.facts_policies import (
    ASKED,
    SESSION,
    WHO,
    asked,
    pull,
    refusal,
    simulated,
)

UNREAD = unknown("ExecutionRolePermissions")
BLOCKED = simulated("ecr:BatchGetImage", by="scp")
ARN = "arn:aws:organizations::123456789012:policy/o-shop/service_control_policy/p-1"
SCP = "with an explicit deny in a service control policy"
RCP = "because no resource control policy allows the ecr:BatchGetImage action"
FREE = PullingRolePermissions(
    tuple(Permission(a, on, "allowed", "identity", (), {"scp": True}) for a, on in ASKED.items())
)


def judged(permissions, **more):
    return asked(CAUSE.decide, pull(permissions, **more))


def test_the_organization_allows():
    """
    Allowed, or refused by the role's own policies or boundary: not the organization's doing.
    """
    assert isinstance(judged(simulated()), RuledOut)
    assert isinstance(judged(simulated("ecr:BatchGetImage")), RuledOut)
    assert isinstance(judged(simulated("ecr:BatchGetImage", by="boundary")), RuledOut)


def test_an_old_refusal_of_an_organization_that_allows_now():
    """
    IAM tells of service control policies, so what was repaired since is no fault any more.
    """
    assert isinstance(judged(FREE, said=refusal(SCP)), RuledOut)


def test_a_refusal_of_another_role_says_nothing():
    """
    ECS recorded the refusal of another role.
    """
    said = refusal(SCP, who=SESSION.replace("shop-execution", "other"))

    assert isinstance(judged(simulated(), said=said), RuledOut)


def test_image_of_another_registry():
    """
    Docker Hub asks no AWS role.
    """
    assert isinstance(judged(BLOCKED, image=HUB), RuledOut)


def test_unknown_permissions_leave_it_open():
    """
    What IAM does not tell is not decided.
    """
    assert Undecided((UNREAD,)) == judged(UNREAD)


def test_a_registry_that_answered_was_not_out_of_reach():
    """
    A policy may look at where a request comes from; where the image was looked up, it let it pass.
    """
    text = f"CannotPullContainerError: failed to resolve ref {IMAGE.written}: not found"

    assert isinstance(judged(BLOCKED, said=recorded(text)), Undecided)


def test_the_simulation_tells_of_service_control_policies():
    """
    Not which of them, nor why.
    """
    verdict = judged(BLOCKED)

    assert isinstance(verdict, Confirmed)
    assert ("simulated", None) == (verdict.proof["how"], verdict.proof["policy"])
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize("permissions", [UNREAD, simulated()])
@pytest.mark.parametrize(("why", "named"), [(SCP, None), (f"{SCP}: {ARN}", ARN), (RCP, None)])
def test_the_recorded_refusal_speaks(permissions, why, named):
    """
    No API shows a resource control policy; ECS recorded what refused.
    """
    verdict = judged(permissions, said=refusal(why))

    assert isinstance(verdict, Confirmed)
    assert ("recorded", named) == (verdict.proof["how"], verdict.proof["policy"])
    assert well_worded(CAUSE, verdict)


def test_the_organization_is_asked():
    """
    There is no plan; the ready call is one for its administrator.
    """
    assert CAUSE.plan is None
    (call,) = advise(WHO)
    assert ("list_policies_for_target", ACCOUNT) == (call.operation, call.params["TargetId"])
    assert () == advise(unknown("PullingRole"))
