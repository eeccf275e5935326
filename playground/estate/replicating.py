"""Replication between registries: how far an image has come, worked out from what is where.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from typing import Any

from playground.estate import policy, registry
from playground.estate.calls import Request
from playground.estate.identity import Refused
from playground.estate.policy import Asked

ACTION = "ecr:ReplicateImage"


def describe_status(request: Request, account: str, _: str) -> dict[str, Any]:
    """Return the status of one image for each destination of the rules that cover it."""
    name, wanted = str(request.text("repositoryName")), request.fields["imageId"]
    image = registry.found(account, request.region, name, wanted)
    if image is None:
        words = f"The image with imageId {wanted} does not exist within the repository {name}"
        raise Refused("ImageNotFoundException", words, 400)
    targets = _targets(account, request.region, name)
    digest = {"imageDigest": image.image_digest}
    found = [
        {
            "region": region,
            "registryId": owner,
            "status": _status(account, owner, region, name, digest),
        }
        for owner, region in targets
    ]
    return {"repositoryName": name, "imageId": wanted, "replicationStatuses": found}


def _targets(account: str, region: str, name: str) -> list[tuple[str, str]]:
    from moto.ecr.models import ecr_backends

    rules = ecr_backends[account][region].replication_config["rules"]
    return [
        (d["registryId"], d["region"])
        for r in rules
        if any(name.startswith(f["filter"]) for f in r.get("repositoryFilters") or [{"filter": ""}])
        for d in r["destinations"]
    ]


def _status(account: str, owner: str, region: str, name: str, digest: dict[str, str]) -> str:
    """An image goes on its way unless the registry of another account does not take it."""
    if registry.found(owner, region, name, digest):
        return "COMPLETE"
    return "IN_PROGRESS" if account == owner or _lets_in(account, owner, region) else "FAILED"


def _lets_in(account: str, owner: str, region: str) -> bool:
    from moto.ecr.models import ecr_backends

    text = ecr_backends[owner][region].registry_policy
    asked = Asked(
        ACTION, f"arn:aws:ecr:{region}:{owner}:repository/*", (f"arn:aws:iam::{account}:root",)
    )
    return bool(text) and policy.evaluate([policy.parse(text)], asked) == "Allow"
