"""What stands in the accounts, field by field, as their administrators see it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from bot.actions import LOGINS, SUFFIX
from bot.model import Plan
from playground.estate.server import Estate
from playground.scenarios.access import ACCOUNTS
from playground.scenarios.places import TOKYO, VIRGINIA

JSON = Any
Place = tuple[str, str, str]  # kind of resource, account, Region
# Not of a service: its deployments, tasks and events, which are no setting.
SERVICE = (
    "status", "taskDefinition", "desiredCount", "networkConfiguration", "launchType",
    "platformVersion", "loadBalancers", "deploymentConfiguration", "schedulingStrategy",
)  # fmt: skip


def everything(estate: Estate) -> dict[str, JSON]:
    """Return every service, active revision, role and repository of all accounts, by ARN."""
    regions = (TOKYO, VIRGINIA)
    places = [
        (kind, a, r) for kind in READERS for a in ACCOUNTS.values() for r in regions
        if (kind, r) != ("role", TOKYO)
    ]  # fmt: skip
    return _read(estate, places)


def touched(estate: Estate, plan: Plan) -> dict[str, JSON]:
    """Return all resources of the kinds that *plan* changes, where it changes them, by ARN."""
    parts = [s.resource.split(":", 5) for s in plan.steps]
    return _read(estate, {(_kind(p[5]), p[4], p[3] or VIRGINIA) for p in parts})


def _kind(resource: str) -> str:
    """Return the kind of a resource, the first word of the end of its ARN."""
    return re.split("[:/]", resource)[0]


def changed(was: dict[str, JSON], now: dict[str, JSON]) -> set[str]:
    """Return the ARNs of what is not as it was; of a revision that of its family.

    An endpoint that is new, or is no more, is one of its VPC; the end of a login's ARN is AWS's.
    """
    found = {a for a in was.keys() | now.keys() if was.get(a) != now.get(a)}
    new = {a for a in was.keys() ^ now.keys() if ":vpc-endpoint/" in a}
    found = (found - new) | {(was.get(a) or now[a])["Of"] for a in new}
    found = {a.rpartition(":")[0] if ":task-definition/" in a else a for a in found}
    return {a[: -len(SUFFIX)] + SUFFIX if f":secret:{LOGINS}" in a else a for a in found}


def _read(estate: Estate, places: Iterable[Place]) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for kind, account, region in places:
        service, reader = READERS[kind]
        found |= reader(estate.client(service, account, region))
    return found


def _roles(iam: Any) -> dict[str, JSON]:
    listed = iam.get_account_authorization_details(Filter=["Role"], MaxItems=1000)
    return {
        r["Arn"]: {
            "trust": r["AssumeRolePolicyDocument"],
            "inline": {p["PolicyName"]: p["PolicyDocument"] for p in r["RolePolicyList"]},
            "attached": sorted(p["PolicyArn"] for p in r["AttachedManagedPolicies"]),
        }
        for r in listed["RoleDetailList"]
    }


def _repositories(ecr: Any) -> dict[str, JSON]:
    listed = ecr.describe_repositories()["repositories"]
    return {
        r["repositoryArn"]: {
            "policy": _policy(ecr, r["repositoryName"]),
            "images": _statuses(ecr, r["repositoryName"]),
        }
        for r in listed
    }


def _statuses(ecr: Any, name: str) -> JSON:
    """Return the status of each image; a list of all would leave out what is archived."""
    digests = {i["imageDigest"] for i in ecr.list_images(repositoryName=name)["imageIds"]}
    if not digests:
        return {}
    asked = [{"imageDigest": d} for d in sorted(digests)]
    found = ecr.describe_images(repositoryName=name, imageIds=asked)["imageDetails"]
    return {i["imageDigest"]: i["imageStatus"] for i in found}


def _policy(ecr: Any, name: str) -> JSON:
    try:
        return json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])
    except ecr.exceptions.RepositoryPolicyNotFoundException:
        return None


def _services(ecs: Any) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for cluster in ecs.list_clusters()["clusterArns"]:
        arns = ecs.list_services(cluster=cluster, maxResults=100)["serviceArns"]
        pages = [arns[n : n + 10] for n in range(0, len(arns), 10)]
        asked = [ecs.describe_services(cluster=cluster, services=p)["services"] for p in pages]
        found |= {s["serviceArn"]: {k: s.get(k) for k in SERVICE} for p in asked for s in p}
    return found


def _hosts(ecs: Any) -> dict[str, JSON]:
    """Return the status of every container instance; which agent it has nobody sets."""
    found: dict[str, JSON] = {}
    for cluster in ecs.list_clusters()["clusterArns"]:
        arns = ecs.list_container_instances(cluster=cluster)["containerInstanceArns"]
        said = {"cluster": cluster, "containerInstances": arns}
        there = ecs.describe_container_instances(**said)["containerInstances"] if arns else []
        found |= {h["containerInstanceArn"]: h["status"] for h in there}
    return found


def _revisions(ecs: Any) -> dict[str, JSON]:
    """Return the active revisions; what one says never changes."""
    arns = ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    return dict.fromkeys(arns, "ACTIVE")


def _secrets(secrets: Any) -> dict[str, JSON]:
    """Return whether each secret is to be deleted; undone it waits as long, from another day on.

    One that a fix made is gone once it waits for that.
    """
    listed = secrets.list_secrets(IncludePlannedDeletion=True, MaxResults=100)["SecretList"]
    standing = [s for s in listed if not (s["Name"].startswith(LOGINS) and "DeletedDate" in s)]
    return {s["ARN"]: {"deleted": "DeletedDate" in s, "name": s["Name"]} for s in standing}


def _log_groups(logs: Any) -> dict[str, JSON]:
    return {g["arn"]: g["storedBytes"] for g in logs.describe_log_groups()["logGroups"]}


def _groups(ec2: Any) -> dict[str, JSON]:
    """Return the rules of every group; EC2 lists what has the same ports together, in any order."""
    listed = ec2.describe_security_groups()["SecurityGroups"]
    keys = ("IpPermissions", "IpPermissionsEgress")
    return {
        _arn(ec2, g["OwnerId"], "security-group", g["GroupId"]): {
            k: sorted(json.dumps(p, sort_keys=True) for p in g[k]) for k in keys
        }
        for g in listed
    }


def _endpoints(ec2: Any) -> dict[str, JSON]:
    keys = ("State", "PrivateDnsEnabled", "SubnetIds", "RouteTableIds", "PolicyDocument", "Groups")
    return {
        _arn(ec2, e["OwnerId"], "vpc-endpoint", e["VpcEndpointId"]): {
            **{k: e.get(k) for k in keys},
            "Of": _arn(ec2, e["OwnerId"], "vpc", e["VpcId"]),
        }
        for e in ec2.describe_vpc_endpoints()["VpcEndpoints"]
    }


def _vpcs(ec2: Any) -> dict[str, JSON]:
    def attribute(vpc: str, name: str) -> JSON:
        answer = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)
        return answer[name[:1].upper() + name[1:]]["Value"]

    names = ("enableDnsSupport", "enableDnsHostnames")
    return {
        _arn(ec2, v["OwnerId"], "vpc", v["VpcId"]): {n: attribute(v["VpcId"], n) for n in names}
        for v in ec2.describe_vpcs()["Vpcs"]
    }


def _arn(ec2: Any, owner: str, kind: str, which: str) -> str:
    return f"arn:aws:ec2:{ec2.meta.region_name}:{owner}:{kind}/{which}"


READERS = {
    "security-group": ("ec2", _groups),
    "vpc-endpoint": ("ec2", _endpoints),
    "vpc": ("ec2", _vpcs),
    "role": ("iam", _roles),
    "repository": ("ecr", _repositories),
    "service": ("ecs", _services),
    "container-instance": ("ecs", _hosts),
    "task-definition": ("ecs", _revisions),
    "secret": ("secretsmanager", _secrets),
    "log-group": ("logs", _log_groups),
}
