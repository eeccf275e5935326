"""What became of an image that is gone, and what may happen to it next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.aws.accounts import RegistryAccount
from bot.aws.client import NotFound
from bot.facts import AskedImage, Expiry, ImageReference, LifecycleRules, Repository
from bot.model import Call

EVENT = "PolicyExecutionEvent"
# A Region has one history for all of its repositories: the newest of 90 days are read.
READ_AT_MOST = {"MaxItems": 200, "PageSize": 50}


def expiry(
    there: RegistryAccount, image: ImageReference, found: Repository, asked: AskedImage
) -> Expiry:
    """When a lifecycle rule removed the image, as CloudTrail has it; asked where the image is gone."""
    if not found.exists or asked.exists:
        return Expiry()
    named = [{"AttributeKey": "EventName", "AttributeValue": EVENT}]
    params = {"LookupAttributes": named, "PaginationConfig": READ_AT_MOST}
    events = there.pages(Call("cloudtrail", "lookup_events", params), "Events")
    executed = [e for event in events for e in _removals(event, image)]
    newest = max(executed, key=lambda e: e.at or datetime.min.replace(tzinfo=UTC), default=None)
    return newest or Expiry(whole=len(events) < READ_AT_MOST["MaxItems"])


def lifecycle_rules(there: RegistryAccount, found: Repository, asked: AskedImage) -> LifecycleRules:
    """The priorities of the rules that remove images today; asked where the image is gone."""
    if not found.exists or asked.exists:
        return LifecycleRules()
    named = {"registryId": there.account, "repositoryName": found.name}
    try:
        text = there.call(Call("ecr", "get_lifecycle_policy", named))["lifecyclePolicyText"]
    except NotFound:
        return LifecycleRules()
    rules = json.loads(text).get("rules", [])
    expiring = (r for r in rules if (r.get("action") or {}).get("type", "expire") == "expire")
    return LifecycleRules(tuple(int(r["rulePriority"]) for r in expiring))


def _removals(event: Mapping[str, Any], image: ImageReference) -> Iterator[Expiry]:
    """Yield what one run of a policy did to *image*."""
    details = json.loads(event["CloudTrailEvent"]).get("serviceEventDetails") or {}
    if details.get("repositoryName") != image.repository:
        return
    rules = (details.get("lifecycleEventPolicy") or {}).get("lifecycleEventRules", ())
    by_priority = {r.get("rulePriority"): r for r in rules}
    for done in details.get("lifecycleEventImageActions", ()):
        gone, rule = (
            done.get("lifecycleEventImage") or {},
            by_priority.get(done.get("rulePriority"), {}),
        )
        if _is(image, gone) and str(rule.get("action", "expire")).lower() == "expire":
            selection = rule.get("lifecycleEventSelection") or {}
            yield Expiry(
                at=event["EventTime"], priority=done.get("rulePriority"), digest=gone.get("digest"),
                description=rule.get("description") or None,
                by_count="count" in str(selection.get("countType", "")).lower(),
                number=selection.get("countNumber"),
            )  # fmt: skip


def _is(image: ImageReference, gone: Mapping[str, Any]) -> bool:
    if image.digest:
        return bool(gone.get("digest") == image.digest)
    return image.tag in (gone.get("tagList") or ())


COLLECTORS = (expiry, lifecycle_rules)
