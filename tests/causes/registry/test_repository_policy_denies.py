import json
from dataclasses import replace

import pytest

from bot.causes.registry.repository_policy_denies import CAUSE, advise, decide, plan
from bot.facts import Circumstances, InstanceRole, RegistryPolicy, RepositoryPolicy, Seen
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    ACCOUNT,
    EC2,
    FARGATE,
    FOREIGN,
    GONE,
    HUB,
    IMAGE,
    NO_POLICY,
    NO_SERVICE,
    NOTHING_RECORDED,
    READ,
    REGION,
    REGISTRY,
    ROLE,
    ROLE_ARN,
    SERVICE,
    SUBJECT,
    UNKNOWN_PLATFORM,
    because,
    pulls,
    recorded,
    refusal,
    repository,
    resource_policy,
    unknown,
    well_worded,
)

THERE = repository(REGISTRY)
UNREAD = unknown("RepositoryPolicy")
NOWHERE = Circumstances(Seen(), Seen())
OTHERS = resource_policy(principal="arn:aws:iam::123456789012:root")
NOBODY_ELSE = RegistryPolicy()
DENYING = resource_policy(effect="Deny")


def judged(
    image=FOREIGN,
    role=ROLE,
    platform=FARGATE,
    found=THERE,
    policy=NO_POLICY,
    said=NOTHING_RECORDED,
    seen=NOWHERE,
    registry=NOBODY_ELSE,
):
    return decide(SUBJECT, image, pulls(platform, role, said), found, policy, said, seen, registry)


def planned(policy=NO_POLICY, service=SERVICE, role=ROLE, platform=FARGATE):
    return plan(
        SUBJECT, service, FOREIGN, pulls(platform, role), THERE, policy, NOTHING_RECORDED, NOWHERE,
        NOBODY_ELSE,
    )  # fmt: skip


def foreign_refusal(by="resource-based", role="shop-execution"):
    """A refusal that names the repository of the other account."""
    return recorded(refusal_text(by, role))


def refusal_text(by, role):
    return (
        "CannotPullContainerError: AccessDeniedException: User: "
        f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/0123 is not authorized to perform: "
        f"{READ[0]} on resource: {THERE.arn} because no {by} policy allows the {READ[0]} action"
    )


def test_own_repository_needs_no_policy():
    """
    In one account the role's own policies suffice, whatever the repository allows to others.
    """
    for policy in (NO_POLICY, OTHERS, resource_policy()):
        assert isinstance(judged(image=IMAGE, found=repository(), policy=policy), RuledOut)


def test_the_role_is_let_in():
    """
    A policy that names the role, its account or everybody lets it in.
    """
    for who in (ROLE_ARN, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", "*"):
        assert isinstance(judged(policy=resource_policy(principal=who)), RuledOut)


def test_image_of_another_registry():
    """
    Docker Hub has no repository policies.
    """
    assert isinstance(judged(image=HUB), RuledOut)


def test_missing_repository_is_another_cause():
    """
    What does not exist denies nothing.
    """
    assert isinstance(judged(found=replace(THERE, exists=False)), RuledOut)


def test_unread_policy_leaves_it_open():
    """
    A policy that could not be read is not taken for an absent one.
    """
    assert Undecided((UNREAD,)) == judged(policy=UNREAD)
    assert Undecided((UNREAD,)) == judged(policy=UNREAD, said=foreign_refusal("identity-based"))
    assert Undecided((UNREAD,)) == judged(
        policy=UNREAD, said=refusal(READ[0], by="resource-based")
    )  # of a repository in our own account


def test_the_registry_shares_what_the_repository_does_not():
    """
    In scope V2 the policy of the registry may let a foreign role in, too; in V1 it may not.
    """
    sharing = resource_policy().document

    assert isinstance(judged(registry=RegistryPolicy(sharing, "V2")), RuledOut)
    assert isinstance(judged(registry=RegistryPolicy(sharing, "V1")), Confirmed)


def test_unread_registry_policy_leaves_it_open():
    """
    Unless IAM itself has said that no policy of a resource lets the role in.
    """
    assert isinstance(judged(registry=unknown("RegistryPolicy")), Undecided)
    told = judged(registry=unknown("RegistryPolicy"), said=foreign_refusal())
    assert isinstance(told, Confirmed)


def test_unknown_condition_leaves_it_open():
    """
    A condition on a key that nobody told us is not decided, and named.
    """
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    verdict = judged(policy=resource_policy(principal="*", Condition=condition))

    assert "aws:principalorgid" in because(verdict).lower()


def test_a_condition_on_what_is_seen_is_decided():
    """
    A policy that wants another endpoint than the one the pull comes through keeps the role out.
    """
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    policy = resource_policy(Condition=condition)
    through = [
        Circumstances(Seen(), Seen({"aws:SourceVpce": found})) for found in ("vpce-1", "vpce-2")
    ]

    assert isinstance(judged(policy=policy), Undecided)
    assert isinstance(judged(policy=policy, seen=through[0]), RuledOut)
    assert isinstance(judged(policy=policy, seen=through[1]), Confirmed)


def test_a_role_that_is_not_there_cannot_be_refused():
    """
    While the execution role is missing nobody pulls, so no policy is at fault.
    """
    assert isinstance(judged(role=GONE), RuledOut)


def test_unknown_role_leaves_it_open():
    """
    Where it is not known who pulls, a policy says nothing.
    """
    assert isinstance(judged(platform=EC2), Undecided)
    assert Undecided((UNKNOWN_PLATFORM,)) == judged(platform=UNKNOWN_PLATFORM)


@pytest.mark.parametrize(
    ("policy", "kind"),
    [
        (NO_POLICY, "absent"),
        (OTHERS, "lacks"),
        (resource_policy(actions=["ecr:DescribeImages"]), "lacks"),
        (resource_policy(actions=READ[:1]), "lacks"),
    ],
)
def test_foreign_repository_that_lets_nobody_in(policy, kind):
    """
    Across accounts each of the actions must be allowed to the role.
    """
    verdict = judged(policy=policy)

    assert isinstance(verdict, Confirmed)
    assert (kind, "shop-execution") == (verdict.proof["kind"], verdict.proof["role"])
    assert well_worded(CAUSE, verdict)


def test_a_deny_counts_in_one_account_too():
    """
    An explicit Deny wins, and is left to whoever wrote it.
    """
    for image, there in ((FOREIGN, THERE), (IMAGE, repository())):
        verdict = judged(image=image, found=there, policy=DENYING)

        assert isinstance(verdict, Confirmed)
        assert "denies" == verdict.proof["kind"]
        assert well_worded(CAUSE, verdict)
    assert None is planned(DENYING)


def test_the_recorded_refusal_speaks_where_the_policy_is_unread():
    """
    What ECS recorded about a policy confirms, where nobody may read it; nothing is changed blindly.
    """
    verdict = judged(policy=UNREAD, said=foreign_refusal())

    assert isinstance(verdict, Confirmed)
    assert ("recorded", [READ[0]]) == (verdict.proof["how"], verdict.proof["actions"])
    assert well_worded(CAUSE, verdict)
    assert "set_repository_policy" in [c.operation for c in advise(FOREIGN, pulls(), UNREAD)]
    assert ["get_repository_policy"] == [c.operation for c in advise(FOREIGN, pulls(), OTHERS)]


def test_the_host_pulls_on_ec2():
    """
    Where the instance role pulled, the policy is judged for it, and a person lets it in.
    """
    said = foreign_refusal(role="host")
    verdict = judged(platform=EC2, said=said)
    there = (
        SUBJECT, SERVICE, FOREIGN, pulls(EC2, ROLE, said), THERE, NO_POLICY, said, NOWHERE, NOBODY_ELSE,
    )  # fmt: skip

    assert isinstance(verdict, Confirmed)
    assert "host" == verdict.proof["role"]
    assert well_worded(CAUSE, verdict)
    assert None is plan(*there)
    assert isinstance(
        judged(
            platform=EC2, said=said, policy=resource_policy(f"arn:aws:iam::{ACCOUNT}:role/host")
        ),
        RuledOut,
    )


def test_the_hosts_are_let_in_where_iam_shows_their_role():
    """
    Its ARN is known whole, path and all, so that the statement can name it.
    """
    arn = f"arn:aws:iam::{ACCOUNT}:role/fleet/host"
    who = pulls(EC2, ROLE, foreign_refusal(role="host"), instance=InstanceRole(arn, "host", "p"))
    there = (
        SUBJECT, SERVICE, FOREIGN, who, THERE, NO_POLICY, NOTHING_RECORDED, NOWHERE, NOBODY_ELSE,
    )  # fmt: skip

    assert arn == plan(*there).steps[0].after["Statement"][0]["Principal"]["AWS"]


def test_one_statement_is_added():
    """
    The policy of the registry's account gets one statement, and undo restores what was there.
    """
    step, deploy = planned(OTHERS).steps

    assert (REGISTRY, REGION, THERE.arn) == (step.account, step.region, step.resource)
    assert OTHERS.document["Statement"][0] == step.after["Statement"][0]
    assert ROLE_ARN == step.after["Statement"][1]["Principal"]["AWS"]
    assert OTHERS.document == json.loads(step.undo.params["policyText"])
    assert (ACCOUNT, "service-deployment") == (deploy.account, deploy.kind)


def test_a_policy_made_anew_is_undone_by_deleting_it():
    """
    Where there was no policy, there is none again; without a service nothing is deployed.
    """
    (step,) = planned(service=NO_SERVICE).steps

    assert None is step.before
    assert "delete_repository_policy" == step.undo.operation


@pytest.mark.parametrize("policy", [NO_POLICY, OTHERS, resource_policy(actions=READ[:1])])
def test_plan_makes_the_verdict_ruled_out(policy):
    """
    What the plan leaves behind lets the role in, and planning again gives the same plan.
    """
    after = RepositoryPolicy(planned(policy).steps[0].after)

    assert isinstance(judged(policy=after), RuledOut)
    assert planned(policy) == planned(policy)
    assert None is planned(after)
