"""Which resources a call is about, as ARNs, and what else it needs permission for.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from playground.estate.authority import Context
from playground.estate.calls import Request

EC2_KINDS = {
    "vpc": "vpc", "subnet": "subnet", "sg": "security-group", "rtb": "route-table",
    "vpce": "vpc-endpoint", "acl": "network-acl", "eni": "network-interface", "i": "instance",
    "nat": "natgateway", "igw": "internet-gateway",
}  # fmt: skip
# Actions of ECS and ECR that cannot be limited to a resource.
UNLIMITED = {
    "ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition", "ecs:ListTaskDefinitions",
    "ecs:ListClusters", "ecs:ListAccountSettings", "ecs:CreateCluster",
    "ecs:ListTaskDefinitionFamilies", "ecr:GetAuthorizationToken",
    "ecr:DescribePullThroughCacheRules", "ecr:ValidatePullThroughCacheRule", "ecr:GetRegistryPolicy", "ecr:GetAccountSetting",
    "ssm:DescribeParameters", "logs:DescribeLogGroups", "kms:ListKeys", "kms:ListAliases", "iam:ListRoles",
    "secretsmanager:ListSecrets",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """One permission a call takes: an action on a resource that *owner* owns."""

    action: str
    resource: str
    owner: str
    context: Context = field(default_factory=dict)


def needs(request: Request, account: str) -> list[Need]:
    """Return everything that the caller, of *account*, must be allowed."""
    owner = _owner(request, account)
    context = {**_context(request), **_tags_of_role(request, owner)}
    if request.action == "sts:AssumeRole":
        return _assuming(request, owner, context)
    found = [Need(request.action, arn, owner, context) for arn in _arns(request, owner)]
    return found + _passing(request, account)


def _owner(request: Request, account: str) -> str:
    if request.action == "sts:AssumeRole":
        return (request.text("RoleArn") or "").split(":")[4]
    if request.service == "ecr":
        return request.text("registryId") or account
    return account


def _context(request: Request) -> Context:
    tags = request.pairs("Tags", "Key", "Value")
    found: dict[str, tuple[str, ...]] = {
        "aws:requestedregion": (request.region,),
        "aws:securetransport": ("true",),
        **{f"aws:requesttag/{k.lower()}": (v,) for k, v in tags.items()},
    }
    if tags:
        found["aws:tagkeys"] = tuple(tags)
    named = {
        "iam:policyarn": "PolicyArn",
        "sts:externalid": "ExternalId",
        "sts:sourceidentity": "SourceIdentity",
        "sts:rolesessionname": "RoleSessionName",
        "ec2:vpceservicename": "ServiceName",
        "ecs:cluster": "cluster",
        "secretsmanager:recoverywindowindays": "RecoveryWindowInDays",
    }
    found |= {key: (value,) for key, name in named.items() if (value := request.text(name))}
    return {**found, **_tags_of(request)}


def _tags_of(request: Request) -> Context:
    """Return the tags of the endpoint that a call deletes."""
    from moto.ec2.models import ec2_backends

    which = request.text("VpcEndpointId.1") if request.action == "ec2:DeleteVpcEndpoints" else None
    points = (b[request.region].vpc_end_points for b in ec2_backends.values() if which)
    point = next((p[which] for p in points if which in p), None)
    tags = point.get_tags() if point else ()
    return {f"aws:resourcetag/{t['key'].lower()}": (t["value"],) for t in tags}


def _tags_of_role(request: Request, owner: str) -> Context:
    from moto.iam.models import iam_backends

    roles = iam_backends[owner]["aws"].roles.values() if request.service == "iam" else ()
    role = next((r for r in roles if r.name == request.text("RoleName")), None)
    own = getattr(role, "tags", None) or {}
    pairs = own.values() if isinstance(own, dict) else own
    return {f"aws:resourcetag/{t['Key'].lower()}": (t["Value"],) for t in pairs}


def _assuming(request: Request, owner: str, context: Context) -> list[Need]:
    actions = ["sts:AssumeRole"]
    actions += ["sts:SetSourceIdentity"] if request.text("SourceIdentity") else []
    actions += ["sts:TagSession"] if request.pairs("Tags", "Key", "Value") else []
    return [Need(a, request.text("RoleArn") or "*", owner, context) for a in actions]


def _passing(request: Request, account: str) -> list[Need]:
    """Handing a role to ECS needs iam:PassRole on it."""
    if request.action != "ecs:RegisterTaskDefinition":
        return []
    roles = {request.text("executionRoleArn"), request.text("taskRoleArn")} - {None}
    to = {"iam:passedtoservice": ("ecs-tasks.amazonaws.com",)}
    return [Need("iam:PassRole", str(role), account, to) for role in sorted(map(str, roles))]


def _arns(request: Request, owner: str) -> list[str]:
    if request.action in UNLIMITED:
        return ["*"]
    by_service = {
        "ecr": _ecr, "ecs": _ecs, "iam": _iam, "ec2": _ec2, "secretsmanager": _secret,
        "ssm": _parameter, "kms": _key, "logs": _logs,
    }  # fmt: skip
    ask = by_service.get(request.service)
    return (ask(request, owner) if ask else []) or ["*"]


def _ecr(request: Request, owner: str) -> list[str]:
    names = request.texts("repositoryName") or request.texts("repositoryNames")
    start = f"arn:aws:ecr:{request.region}:{owner}:repository/"
    if request.action == "ecr:DescribeRepositories" and not names:
        names = ("*",)
    return [start + name for name in names]


def _ecs(request: Request, owner: str) -> list[str]:
    start = f"arn:aws:ecs:{request.region}:{owner}:"
    cluster = (request.text("cluster") or "default").split("/")[-1]
    kinds = {"service": "service", "serviceName": "service", "services": "service",
             "task": "task", "tasks": "task", "containerInstances": "container-instance",
             "containerInstance": "container-instance",
             "taskSets": "task-set"}  # fmt: skip
    verb = request.action.partition(":")[2]
    if verb == "RegisterTaskDefinition":
        return [f"{start}task-definition/{request.text('family')}:*"]
    if verb == "RunTask":
        name = (request.text("taskDefinition") or "").split("/")[-1]
        return [f"{start}task-definition/{name if ':' in name else name + ':*'}"]
    if verb == "ListTasks":
        return [f"{start}container-instance/{cluster}/*"]
    if verb == "ListServices":
        return ["*"]
    for field_name, kind in kinds.items():
        if values := request.texts(field_name):
            return [f"{start}{kind}/{cluster}/{v.split('/')[-1]}" for v in values]
    clusters = request.texts("clusters") or (cluster,)
    return [f"{start}cluster/{c.split('/')[-1]}" for c in clusters]


def _iam(request: Request, owner: str) -> list[str]:
    from moto.iam.models import iam_backends

    if arn := request.text("PolicySourceArn"):
        return [arn]
    if name := request.text("RoleName"):
        roles = iam_backends[owner]["aws"].roles.values()
        found = next((r.arn for r in roles if r.name == name), None)
        return [found or f"arn:aws:iam::{owner}:role/{name}"]
    if name := request.text("InstanceProfileName"):
        return [f"arn:aws:iam::{owner}:instance-profile/{name}"]
    if name := request.text("UserName"):
        return [f"arn:aws:iam::{owner}:user/{name}"]
    return [request.text("PolicyArn") or "*"]


def _ec2(request: Request, owner: str) -> list[str]:
    verb = request.action.partition(":")[2]
    if verb.startswith(("Describe", "Get", "Search")):
        return ["*"]
    start = f"arn:aws:ec2:{request.region}:{owner}:"
    if verb.startswith(("Authorize", "Revoke")):  # whom a rule names is not asked
        return [f"{start}security-group/{request.text('GroupId')}"]
    found = [f"{start}vpc-endpoint/*"] if verb == "CreateVpcEndpoint" else []
    for name, value in request.fields.items():
        kind, dash, _ = str(value).partition("-")
        if dash and kind in EC2_KINDS and "Id" in name:
            found.append(f"{start}{EC2_KINDS[kind]}/{value}")
    return found


def _secret(request: Request, owner: str) -> list[str]:
    from playground.estate.secrets import find_secret

    if request.action == "secretsmanager:CreateSecret":  # IAM sees the end that it will get
        start = f"arn:aws:secretsmanager:{request.region}:{owner}:secret"
        return [f"{start}:{request.text('Name')}-{secrets.token_hex(3)}"]
    asked = request.text("SecretId") or "*"
    found = find_secret(asked, owner, request.region)
    if found:
        return [str(found.arn)]
    if asked.startswith("arn:"):
        return [asked]
    return [f"arn:aws:secretsmanager:{request.region}:{owner}:secret:{asked}"]


def _parameter(request: Request, owner: str) -> list[str]:
    names = request.texts("Names") or request.texts("Name")
    return [f"arn:aws:ssm:{request.region}:{owner}:parameter/{n.lstrip('/')}" for n in names]


def _key(request: Request, owner: str) -> list[str]:
    from playground.estate.keys import find_key

    key = request.text("KeyId") or "*"
    if "alias/" in key:  # IAM knows a key by no other name than its own
        found = find_key(key, owner, request.region)
        return [str(found.arn) if found else key]
    return [key if key.startswith("arn:") else f"arn:aws:kms:{request.region}:{owner}:key/{key}"]


def _logs(request: Request, owner: str) -> list[str]:
    name = request.text("logGroupName") or request.text("logGroupNamePrefix") or "*"
    return [f"arn:aws:logs:{request.region}:{owner}:log-group:{name}:*"]
