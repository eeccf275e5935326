"""What ECS tells without being asked: events of a service, and those on the event bus."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.ecs.models import Service
from moto.events.models import events_backends

from playground.estate.world import WORLD

CROWDED = "was unable to place a task because no container instance met all of its requirements."
UNPLACED = f"{CROWDED} Reason: No Container Instances were found in your cluster."
IMPAIRED = (
    "is unable to consistently start tasks successfully. For more information, see the "
    "Troubleshooting section of the Amazon ECS Developer Guide."
)


def say(service: Service, words: str, event_name: str | None = None, kind: str = "INFO") -> None:
    """Add an event, newest first (ECS keeps a hundred); those with a name go to EventBridge too."""
    message = f"(service {service.name}) {words}"
    event = {"id": str(uuid.uuid4()), "createdAt": WORLD.clock(), "message": message}
    service.events.insert(0, event)
    del service.events[100:]
    if event_name:
        detail = {
            "eventType": kind, "eventName": event_name, "clusterArn": service.cluster_arn,
            "reason": words, "createdAt": datetime.fromtimestamp(WORLD.clock(), UTC).isoformat(),
        }  # fmt: skip
        publish(service._backend, "ECS Service Action", detail, service.arn)


def publish(backend: Any, kind: str, detail: Mapping[str, Any], resource: str) -> None:
    """Put an event of ECS on the default bus."""
    entry = {
        "Source": "aws.ecs",
        "DetailType": kind,
        "Detail": json.dumps(detail),
        "Resources": [resource],
    }
    events_backends[backend.account_id][backend.region_name].put_events([entry])
