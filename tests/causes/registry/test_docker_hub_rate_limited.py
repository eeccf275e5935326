from dataclasses import replace

from bot.causes.registry.docker_hub_rate_limited import CAUSE, advise, plan
from bot.causes.registry.docker_hub_rate_limited import decide as decided
from bot.facts import Container, HubCachePermissions, HubCaches, Permission
from bot.model import Confirmed, RuledOut
from tests.causes.facts import (
    ACCOUNT,
    GHCR,
    HUB,
    IMAGE,
    NO_SERVICE,
    NOTHING_RECORDED,
    REGION,
    ROLE,
    SERVICE,
    SUBJECT,
    definition,
    recorded,
    refusal,
    unknown,
    well_worded,
)

LIMITED = recorded(
    "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit. You may "
    "increase the limit by authenticating: https://www.docker.com/increase-rate-limit"
)
TOO_MANY = recorded(
    "CannotPullContainerError: failed to resolve ref docker.io/library/nginx:1: unexpected status "
    "code: 429 Too Many Requests"
)
ANONYMOUS = definition(Container("app", HUB.written))
REVISION = replace(ANONYMOUS, raw={"containerDefinitions": [{"name": "app", "image": HUB.written}]})
CACHE = HubCaches(("hub",))
MAY = HubCachePermissions(
    (Permission("ecr:GetAuthorizationToken", "*", "allowed"), Permission("x", "y", "allowed"))
)


def decide(image, said, those, caches=HubCaches()):  # noqa: B008 - frozen
    return decided(image, said, those, unknown("StoppedTask"), caches)


def planned(service=SERVICE, those=REVISION, image=HUB, caches=CACHE, may=MAY):
    return plan(SUBJECT, service, those, image, caches, may)


def test_nothing_recorded():
    """
    What ECS did not record, nobody else can ask for: the limit is that of the task's address.
    """
    assert isinstance(decide(HUB, NOTHING_RECORDED, ANONYMOUS), RuledOut)
    assert isinstance(decide(HUB, refusal("ecr:BatchGetImage"), ANONYMOUS), RuledOut)


def test_image_of_another_registry():
    """
    The limits of other registries are other causes.
    """
    assert isinstance(decide(IMAGE, LIMITED, ANONYMOUS), RuledOut)
    assert isinstance(decide(GHCR, TOO_MANY, ANONYMOUS), RuledOut)


def test_a_bare_number_is_another_cause():
    """
    The pull limit explains itself; what does not is the limit on abuse.
    """
    assert isinstance(decide(HUB, TOO_MANY, ANONYMOUS), RuledOut)


def test_recorded_limit():
    """
    What ECS recorded confirms, whether or not there is a cache to pull through.
    """
    for caches in (HubCaches(), CACHE, unknown("HubCaches")):
        verdict = decide(HUB, LIMITED, ANONYMOUS, caches)

        assert isinstance(verdict, Confirmed)
        assert not verdict.proof["credentials"]
        assert well_worded(CAUSE, verdict)


def test_limit_of_an_account():
    """
    With credentials the limit is that of their account.
    """
    verdict = decide(HUB, LIMITED, definition(Container("app", HUB.written, credentials="hub")))

    assert isinstance(verdict, Confirmed)
    assert verdict.proof["credentials"]
    assert well_worded(CAUSE, verdict)


def test_unknown_task_definition():
    """
    The limit is certain even where the task definition is not known.
    """
    assert isinstance(decide(HUB, LIMITED, unknown("TaskDefinition")), Confirmed)


def test_ready_calls_set_up_a_cache():
    """
    ECR caches Docker Hub only with credentials, in a secret of a name that it demands.
    """
    secret, rule = advise(SUBJECT, ROLE, HubCaches())

    assert secret.params["Name"].startswith("ecr-pullthroughcache/")
    assert "registry-1.docker.io" == rule.params["upstreamRegistryUrl"]


def test_ready_call_lets_the_role_use_the_cache_that_is_there():
    """
    For the repositories under its prefix alone.
    """
    (grant,) = advise(SUBJECT, ROLE, CACHE)

    assert f":{ACCOUNT}:repository/hub/*" in grant.params["PolicyDocument"]
    assert "shop-execution" == grant.params["RoleName"]
    (nobody,) = advise(SUBJECT, unknown("ExecutionRole"), CACHE)
    assert "<execution role>" == nobody.params["RoleName"]


def test_the_image_is_pulled_through_the_cache_that_is_there():
    """
    In full, with the namespace of official images, out of the task's own registry.
    """
    register = planned().steps[0]

    host = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
    assert f"{host}/hub/library/nginx:1" == register.after["containers"]["app"]["image"]


def test_plan_makes_the_verdict_ruled_out():
    """
    The new image is not Docker Hub's.
    """
    assert isinstance(decide(IMAGE, LIMITED, ANONYMOUS), RuledOut)


def test_no_plan_without_a_cache_that_the_role_may_use():
    """
    A plan that fails at the next step is none; a digest is not imported; a login is kept.
    """
    lacking = replace(MAY, items=(MAY.items[0], replace(MAY.items[1], decision="implicit-deny")))
    pinned = replace(HUB, tag=None, digest="sha256:" + "a" * 64)
    with_login = replace(
        REVISION, containers=(Container("app", HUB.written, credentials="secret"),)
    )

    for changes in (
        {"caches": HubCaches()},
        {"may": lacking},
        {"may": HubCachePermissions()},
        {"image": pinned},
        {"those": with_login},
        {"service": NO_SERVICE},
    ):
        assert planned(**changes) is None
