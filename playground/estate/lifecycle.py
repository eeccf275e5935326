"""Lifecycle policies of repositories: what one run removes, and the event that CloudTrail keeps of it.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from playground.estate.calls import Request
from playground.estate.world import WORLD

Json = dict[str, Any]
COUNT = "imageCountMoreThan"


def run(account: str, region: str, name: str) -> None:
    """Remove what the rules of a repository no longer keep; rules that count images are known."""
    from moto.ecr.models import ecr_backends

    repository = ecr_backends[account][region].repositories[name]
    rules = json.loads(repository.lifecycle_policy)["rules"]
    done = []
    for rule in sorted(rules, key=lambda r: r["rulePriority"]):
        newest = sorted(repository.images, key=lambda i: i.image_pushed_at, reverse=True)
        for image in newest[_kept(rule, len(newest)) :]:
            repository.images.remove(image)
            done.append(_action(image, rule["rulePriority"]))
    if done:
        _keep(account, region, name, [_rule(r) for r in rules], done)


def lookup_events(request: Request, account: str, _: str) -> Json:
    """Return the events of the name that is asked for, newest first."""
    asked = request.fields.get("LookupAttributes") or []
    names = [a["AttributeValue"] for a in asked if a["AttributeKey"] == "EventName"]
    events = WORLD.trail.get((account, request.region), [])
    return {"Events": [e for e in reversed(events) if not names or e["EventName"] in names]}


def _kept(rule: Mapping[str, Any], there: int) -> int:
    selection = rule["selection"]
    return int(selection["countNumber"]) if selection["countType"] == COUNT else there


def _action(image: Any, priority: int) -> Json:
    gone = {
        "digest": image.image_digest, "tagStatus": "Tagged", "tagList": list(image.image_tags),
        "pushedAt": image.image_pushed_at * 1000,
    }  # fmt: skip
    return {"lifecycleEventImage": gone, "rulePriority": priority}


def _rule(rule: Mapping[str, Any]) -> Json:
    selection = {
        "tagStatus": "Any", "tagPrefixList": [], "countType": "Image count more than",
        "countNumber": rule["selection"]["countNumber"],
    }  # fmt: skip
    return {
        "rulePriority": rule["rulePriority"], "description": rule.get("description", ""),
        "lifecycleEventSelection": selection, "action": "expire",
    }  # fmt: skip


def _keep(account: str, region: str, name: str, rules: list[Json], done: list[Json]) -> None:
    details = {
        "repositoryName": name, "lifecycleEventPolicy": {"lifecycleEventRules": rules},
        "lifecycleEventImageActions": done,
    }  # fmt: skip
    said = {
        "eventSource": "ecr.amazonaws.com", "eventName": "PolicyExecutionEvent",
        "awsRegion": region, "eventType": "AwsServiceEvent", "recipientAccountId": account,
        "serviceEventDetails": details,
    }  # fmt: skip
    event = {
        "EventId": str(uuid.uuid4()), "EventName": said["eventName"], "ReadOnly": "true",
        "EventTime": WORLD.clock(), "EventSource": said["eventSource"],
        "CloudTrailEvent": json.dumps(said),
    }  # fmt: skip
    WORLD.trail.setdefault((account, region), []).append(event)
