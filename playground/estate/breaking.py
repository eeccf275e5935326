"""The circuit breaker of a service: it ends a deployment whose tasks fail and fail.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

import functools
import math
from typing import Any

from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse

from playground.estate.announcing import say
from playground.estate.world import WORLD

FEWEST, MOST = 3, 200  # failed tasks that it waits for
OFF = {"enable": False, "rollback": False}
ASKED = "deploymentConfiguration"


def given_up(deployment: dict[str, Any]) -> bool:
    """Tell whether ECS starts no more tasks for *deployment*."""
    return bool(deployment["rolloutState"] == "FAILED")


def ended(service: Service, deployment: dict[str, Any]) -> str | None:
    """End *deployment* where it has failed too often; return what to roll back to, if anything."""
    breaker = getattr(service, "deployment_configuration", {}).get("deploymentCircuitBreaker", OFF)
    threshold = min(max(math.ceil(service.desired_count / 2), FEWEST), MOST)
    if not breaker["enable"] or deployment["failedTasks"] < threshold:
        return None
    deployment["rolloutState"], deployment["updatedAt"] = "FAILED", WORLD.clock()
    deployment["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    say(service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    done = (d for d in service.deployments[1:] if d["rolloutState"] == "COMPLETED")
    last = next(done, None) if breaker["rollback"] else None
    if last is None:
        return None
    say(service, f"rolling back to deployment {last['id']}.")
    return str(last["taskDefinition"])


def _configured(original: Any, response: Any) -> Any:
    """Keep how a service is to be deployed, which moto does not read."""
    answer = original(response)
    service = answer.result["service"]
    before = getattr(service, "deployment_configuration", {"deploymentCircuitBreaker": OFF})
    service.deployment_configuration = {**before, **(response._get_param(ASKED) or {})}
    return answer


@functools.cache
def install() -> None:
    """Repair moto, once per process."""
    for name in ("create_service", "update_service"):
        original = getattr(EC2ContainerServiceResponse, name)
        setattr(
            EC2ContainerServiceResponse,
            name,
            functools.partialmethod(lambda r, o=original: _configured(o, r)),
        )
