from bot.causes.registry.docker_hub_rate_limited import CAUSE, advise, decide
from bot.facts import Container
from bot.model import Confirmed, RuledOut
from tests.causes.facts import (
    GHCR,
    HUB,
    IMAGE,
    NOTHING_RECORDED,
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


def test_recorded_limit():
    """
    What ECS recorded confirms, in either wording of Docker Hub.
    """
    for said in (LIMITED, TOO_MANY):
        verdict = decide(HUB, said, ANONYMOUS)

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
    secret, rule = advise()

    assert secret.params["Name"].startswith("ecr-pullthroughcache/")
    assert "registry-1.docker.io" == rule.params["upstreamRegistryUrl"]
