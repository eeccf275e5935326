"""What moto leaves out of its answers, or does not answer at all."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

from playground.estate import caches, hosts, lifecycle, registry, replicating
from playground.estate.calls import Request
from playground.estate.world import WORLD

Json = dict[str, Any]

# Lists that moto gives whole, whatever maxResults says: the field, and the default page.
PAGED = {
    "ecr:DescribeImages": ("imageDetails", 100),
    "ecr:ListImages": ("imageIds", 100),
    "ecr:DescribeRepositories": ("repositories", 100),
    "ecs:ListTasks": ("taskArns", 100),
    "ecs:ListServices": ("serviceArns", 10),
    "ecs:ListClusters": ("clusterArns", 100),
    "ecs:ListTaskDefinitions": ("taskDefinitionArns", 100),
}


def complete(request: Request, answer: bytes) -> bytes:
    """Cut a list into pages, and name what was asked for and is not there."""
    if request.action in PAGED:
        return _page(request, answer)
    if request.action == "ecs:DescribeTasks":
        return _missing_tasks(request, answer)
    if request.service == "ec2":  # moto gives every answer the same id
        named = f"<requestId>{uuid.uuid4()}</requestId>".encode()
        return re.sub(rb"<requestId>[^<]*</requestId>", named, answer, count=1)
    return answer


def _page(request: Request, answer: bytes) -> bytes:
    name, default = PAGED[request.action]
    said = json.loads(answer)
    items = said.get(name, [])
    token = request.text("nextToken")
    start = int(base64.b64decode(token)) if token else 0
    end = start + int(request.text("maxResults") or default)
    said[name] = items[start:end]
    if end < len(items):
        said["nextToken"] = base64.b64encode(str(end).encode()).decode()
    return json.dumps(said).encode()


def _missing_tasks(request: Request, answer: bytes) -> bytes:
    said = json.loads(answer)
    found = {t["taskArn"].split("/")[-1] for t in said.get("tasks", [])}
    said["failures"] = [
        {"arn": task, "reason": "MISSING"}
        for task in request.texts("tasks")
        if task.split("/")[-1] not in found
    ]
    return json.dumps(said).encode()


def instead(request: Request, account: str, url: str) -> bytes | None:
    """Answer a call that moto does not know; None where it does."""
    known = MISSING.get(request.action)
    return None if known is None else json.dumps(known(request, account, url)).encode()


def _rules(request: Request, account: str) -> list[dict[str, str]]:
    return WORLD.pull_through_rules.setdefault((account, request.region), [])


def _describe_rules(request: Request, account: str, _: str) -> Json:
    asked = request.texts("ecrRepositoryPrefixes")
    kept = [r for r in _rules(request, account) if not asked or r["ecrRepositoryPrefix"] in asked]
    return {"pullThroughCacheRules": kept}


def _create_rule(request: Request, account: str, _: str) -> Json:
    rule = {k: str(v) for k, v in request.fields.items()} | {"registryId": account}
    host = rule["upstreamRegistryUrl"]
    rule.setdefault("upstreamRegistry", caches.UPSTREAMS.get(host, "ecr"))
    _rules(request, account).append(rule)
    return dict(rule)


def _update_rule(request: Request, account: str, _: str) -> Json:
    rule = _rule(request, account)
    rule["credentialArn"] = request.text("credentialArn") or ""
    return dict(rule)


def _validate_rule(request: Request, account: str, _: str) -> Json:
    rule = _rule(request, account)
    failure = caches.login_failure(rule, (account, request.region))
    return {**rule, "isValid": not failure, **({"failure": failure} if failure else {})}


def _rule(request: Request, account: str) -> dict[str, str]:
    prefix = request.text("ecrRepositoryPrefix")
    return next(r for r in _rules(request, account) if r["ecrRepositoryPrefix"] == prefix)


def _setting(request: Request, account: str, _: str) -> Json:
    name = request.text("name") or ""
    if name == "REGISTRY_POLICY_SCOPE":
        return {"name": name, "value": caches.scope(account, request.region)}
    return {"name": name, "value": "ENABLED"}


def _set(request: Request, account: str, _: str) -> Json:
    name, value = request.text("name") or "", request.text("value") or ""
    WORLD.account_settings.setdefault((account, request.region), {})[name] = value
    return {"name": name, "value": value}


def _delete_rule(request: Request, account: str, _: str) -> Json:
    rules = _rules(request, account)
    prefix = request.text("ecrRepositoryPrefix")
    found = next((r for r in rules if r["ecrRepositoryPrefix"] == prefix), {})
    rules[:] = [r for r in rules if r is not found]
    return dict(found)


def _layer_url(request: Request, account: str, url: str) -> Json:
    digest = request.text("layerDigest")
    return {"downloadUrl": f"{url}/estate/layers/{digest}", "layerDigest": digest}


MISSING: dict[str, Callable[[Request, str, str], Json]] = {
    "ecr:DescribePullThroughCacheRules": _describe_rules,
    "ecr:CreatePullThroughCacheRule": _create_rule,
    "ecr:DeletePullThroughCacheRule": _delete_rule,
    "ecr:UpdatePullThroughCacheRule": _update_rule,
    "ecr:ValidatePullThroughCacheRule": _validate_rule,
    "ecr:PutAccountSetting": _set,
    "ecr:DescribeRepositoryCreationTemplates": lambda *_: {"repositoryCreationTemplates": []},
    "ecr:GetAccountSetting": _setting,
    "ecr:GetDownloadUrlForLayer": _layer_url,
    "ecr:DescribeImageReplicationStatus": replicating.describe_status,
    "ecr:UpdateImageStorageClass": registry.update_storage_class,
    "cloudtrail:LookupEvents": lifecycle.lookup_events,
    "ecs:UpdateContainerAgent": hosts.update_agent,
    "ecs:ListServiceDeployments": lambda *_: {"serviceDeployments": []},
    "ecs:DescribeServiceDeployments": lambda *_: {"serviceDeployments": [], "failures": []},
    "ecs:DescribeServiceRevisions": lambda *_: {"serviceRevisions": [], "failures": []},
}
