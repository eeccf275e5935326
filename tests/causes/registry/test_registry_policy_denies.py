from bot.causes.registry.registry_policy_denies import CAUSE, advise, decide
from bot.evidence import ask
from bot.facts import ExecutionRole, Platform, RegistryPolicy
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import REDIS, case, derived
from tests.cases.healthy import ARN, HEALTHY
from tests.cases.registry import CASES, policy
from tests.causes.facts import unknown, well_worded

BROKEN = CASES["registry-policy-denies"]


def judged(document, scope="V2", **more):
    """The verdict on a registry with this policy."""
    return ask(decide, HEALTHY | {RegistryPolicy: RegistryPolicy(document, scope)} | more)


def test_registry_without_a_policy():
    """
    Nothing there can refuse.
    """
    assert isinstance(ask(decide, HEALTHY), RuledOut)


def test_the_old_scope_does_not_govern_pulls():
    """
    In V1 only what replicates, imports and creates is looked up there.
    """
    assert isinstance(judged(policy("Deny", "ecr:*", who="*"), "V1"), RuledOut)


def test_a_deny_of_something_else():
    """
    Another repository, another role, another action, and what allows.
    """
    for document in (
        policy("Deny", "ecr:*", resource=f"{ARN}-other"),
        policy("Deny", "ecr:*", who="arn:aws:iam::222233334444:role/other"),
        policy("Deny", "ecr:PutImage", "ecr:DeleteRepository"),
        policy("Allow", "ecr:*", resource="*"),
    ):
        assert isinstance(judged(document), RuledOut)


def test_image_of_another_registry():
    """
    Only ECR has such a policy.
    """
    assert isinstance(ask(decide, case(REDIS)), RuledOut)


def test_unknown_facts_leave_it_open():
    """
    A condition, a scope or a role that nobody knows; on EC2 who pulled.
    """
    document = policy("Deny", "ecr:BatchGetImage", who="*")
    document["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    assert isinstance(judged(document), Undecided)
    assert isinstance(judged(policy("Deny", "ecr:*", who="*"), None), Undecided)
    host = HEALTHY | {Platform: Platform("EC2")}
    denying = {RegistryPolicy: RegistryPolicy(policy("Deny", "ecr:*", who="*"), "V2")}
    assert isinstance(ask(decide, derived(host) | denying), Undecided)


def test_nobody_to_refuse():
    """
    Without a role there is no pull yet that a policy could refuse.
    """
    nobody = derived(BROKEN | {ExecutionRole: ExecutionRole(None)})

    assert isinstance(ask(decide, nobody), RuledOut)


def test_unread_policy_is_named():
    """
    It is a need of this cause.
    """
    from bot.diagnosis import judge

    dark = BROKEN | {RegistryPolicy: unknown("RegistryPolicy")}

    assert isinstance(judge(CAUSE, dark), Undecided)


def test_a_deny_that_matches():
    """
    The statement is named, and the actions that it refuses.
    """
    verdict = ask(decide, BROKEN)

    assert isinstance(verdict, Confirmed)
    assert "registry" == verdict.proof["statement"]
    assert ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] == verdict.proof["actions"]
    assert well_worded(CAUSE, verdict)


def test_ready_calls_leave_the_decision_to_its_owner():
    """
    There is no plan.
    """
    assert CAUSE.plan is None
    assert ["get_registry_policy", "put_registry_policy"] == [c.operation for c in advise()]
