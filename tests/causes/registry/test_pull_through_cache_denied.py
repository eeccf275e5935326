from dataclasses import replace

import pytest

from bot.causes.registry.pull_through_cache_denied import CAUSE, advise, decide, plan
from bot.evidence import ask
from bot.facts import (
    AskedImage,
    CacheRules,
    ExecutionRole,
    GrantedBefore,
    ImageReference,
    ImportPermissions,
    Permission,
    Platform,
    Recorded,
    RegistryPolicy,
    Repository,
    RepositoryPolicy,
    Service,
)
from bot.model import Confirmed, RuledOut, Undecided
from bot.policy_steps import INLINE_NAME
from tests.cases.building import cached, case
from tests.cases.healthy import ACCOUNT, HEALTHY, REGION, REGISTRY, ROLE
from tests.cases.registry import policy
from tests.causes.facts import refusal, unknown, well_worded

CREATE, IMPORT = "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"
BROKEN = case(cached("acme/shop", CREATE, IMPORT))
EVERY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/docker-hub/*"


def foreign(*denied, registry=None):
    """The cache of another account."""
    facts = case(cached("acme/shop", *denied))
    image = facts[ImageReference]
    return facts | {
        ImageReference: replace(
            image, account=REGISTRY, host=image.host.replace(ACCOUNT, REGISTRY)
        ),
        RegistryPolicy: RegistryPolicy(registry, "V1"),
    }


def test_image_under_no_rule():
    """
    A repository that is simply missing is another cause.
    """
    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, BROKEN | {CacheRules: CacheRules()}), RuledOut)


def test_role_that_may_import():
    """
    Then something else keeps the image out.
    """
    assert isinstance(ask(decide, case(cached("acme/shop"))), RuledOut)


def test_image_that_is_cached():
    """
    What is there is served, whatever the role may import.
    """
    there = {
        Repository: replace(BROKEN[Repository], exists=True),
        AskedImage: AskedImage(True, "sha256:1"),
    }

    assert isinstance(ask(decide, BROKEN | there), RuledOut)


def test_the_registry_may_allow_it_instead():
    """
    In one account, the policy of the registry is enough, in either scope; so is the repository's.
    """
    allowing = policy("Allow", CREATE, IMPORT, resource=EVERY)
    for scope in ("V1", "V2"):
        given = {RegistryPolicy: RegistryPolicy(allowing, scope)}
        assert isinstance(ask(decide, BROKEN | given), RuledOut)
    there = case(cached("acme/shop", IMPORT, there=True))
    own = {RepositoryPolicy: RepositoryPolicy(policy("Allow", IMPORT, resource="*"))}
    assert isinstance(ask(decide, there | own), RuledOut)


def test_unread_facts_leave_it_open():
    """
    A policy that nobody read may allow it, or deny it; a role that nobody read may do anything.
    """
    for fact in (RegistryPolicy, ImportPermissions, ExecutionRole):
        assert isinstance(ask(decide, BROKEN | {fact: unknown("x")}), Undecided)
    allowed = case(cached("acme/shop"))
    assert isinstance(ask(decide, allowed | {RegistryPolicy: unknown("x")}), Undecided)


def test_a_condition_that_nobody_knows_leaves_it_open():
    """
    It may allow what the role lacks; what the role has, it does not matter for.
    """
    maybe = policy("Allow", CREATE, IMPORT, resource=EVERY)
    maybe["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    given = {RegistryPolicy: RegistryPolicy(maybe, "V2")}

    assert isinstance(ask(decide, BROKEN | given), Undecided)
    assert isinstance(ask(decide, case(cached("acme/shop")) | given), RuledOut)


def test_who_pulls_on_ec2():
    """
    Only the record tells; what the host's role may is not known here.
    """
    host = BROKEN | {Platform: Platform("EC2")}

    assert isinstance(ask(decide, host), Undecided)
    said = {Recorded: refusal("ecr:BatchGetImage", role="host")}
    assert isinstance(ask(decide, host | said), RuledOut)


def test_role_that_lacks_it():
    """
    A new repository takes two permissions, a new tag of an old one only the second.
    """
    verdict = ask(decide, BROKEN)
    assert isinstance(verdict, Confirmed)
    assert ("lacks", [CREATE, IMPORT]) == (verdict.proof["kind"], verdict.proof["actions"])
    assert well_worded(CAUSE, verdict)

    tag = ask(decide, case(cached("acme/shop", CREATE, IMPORT, there=True)))
    assert [IMPORT] == tag.proof["actions"]


@pytest.mark.parametrize("effect", ["registry", "role"])
def test_a_deny_stays(effect):
    """
    Whoever wrote it decides; there is no plan.
    """
    if effect == "registry":
        denying = policy("Deny", IMPORT, resource="*", who="*")
        facts = case(cached("acme/shop")) | {RegistryPolicy: RegistryPolicy(denying, "V1")}
    else:
        stopped = (Permission(IMPORT, "*", "explicit-deny", "identity"),)
        facts = BROKEN | {ImportPermissions: ImportPermissions(stopped)}
    verdict = ask(decide, facts)

    assert "stopped" == verdict.proof["kind"]
    assert ask(plan, facts) is None
    assert well_worded(CAUSE, verdict)


def test_cache_of_another_account():
    """
    Both sides must allow; the other registry's policy is its owner's.
    """
    shared = policy("Allow", CREATE, IMPORT, resource="*")
    verdict = ask(decide, foreign())

    assert "unshared" == verdict.proof["kind"]
    assert ask(plan, foreign()) is None
    assert "put_registry_policy" == ask(advise, foreign())[-1].operation
    assert well_worded(CAUSE, verdict)
    assert isinstance(ask(decide, foreign(registry=shared)), RuledOut)
    assert "lacks" == ask(decide, foreign(CREATE, IMPORT, registry=shared)).proof["kind"]


def test_plan_grants_the_prefix_alone():
    """
    One inline policy, for the repositories of the rule; what an earlier fix granted stays.
    """
    step, deploy = ask(plan, BROKEN).steps
    (statement,) = step.after["Statement"]
    assert EVERY == statement["Resource"]
    assert [CREATE, IMPORT] == statement["Action"]
    assert ("delete_role_policy", INLINE_NAME) == (
        step.undo.operation,
        step.undo.params["PolicyName"],
    )
    assert "service-deployment" == deploy.kind

    before = policy("Allow", "ecr:GetAuthorizationToken", resource="*")
    again = ask(plan, BROKEN | {GrantedBefore: GrantedBefore(before)}).steps[0]
    assert before["Statement"][0] in again.after["Statement"]
    assert before == again.before


def test_plan_under_root_means_this_repository():
    """
    A rule for everything is no reason to open everything.
    """
    rule = replace(BROKEN[CacheRules].items[0], prefix="ROOT")
    step = ask(plan, BROKEN | {CacheRules: CacheRules((rule,))}).steps[0]

    assert BROKEN[Repository].arn == step.after["Statement"][0]["Resource"]


def test_plan_makes_the_verdict_ruled_out():
    """
    With what the plan grants, the role may import.
    """
    assert ROLE == ask(plan, BROKEN).steps[0].resource
    assert isinstance(ask(decide, case(cached("acme/shop"))), RuledOut)


def test_plan_without_a_service():
    """
    The permission is the same; nothing is deployed.
    """
    assert 1 == len(ask(plan, BROKEN | {Service: Service()}).steps)
