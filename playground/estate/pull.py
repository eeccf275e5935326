"""Whether a task gets its images, worked out step by step from what the estate holds.

S0 the interface, S1 the role, S2 secrets, S3 the login, S4 the manifest, S5 the layers, S6 the disk, S7 the
log group: the first step that fails gives the text that ECS and containerd would print. It
imports nothing of the bot, so that the bot is judged by somebody else's reading of AWS.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

import uuid
from typing import Any

from playground.estate import authority, network, policy, room, words
from playground.estate.authority import Principal
from playground.estate.images import split
from playground.estate.order import Failed, Order
from playground.estate.policy import Asked
from playground.estate.secrets import Source, Unreadable
from playground.estate.transfer import endpoint_refusal, pulled, registry_login, seen_by, walk
from playground.estate.ways import Blocked, Place

SERVICE = "ecs-tasks.amazonaws.com"


def attempt(order: Order) -> dict[str, str]:
    """Return the digest of each container's image; raises Failed at the first step that fails."""
    _interface(order)
    assumed = _assume(order)
    _secrets(order, assumed)
    who = _puller(order, assumed)
    images = {c["name"]: split(c["image"]) for c in order.definition.container_definitions}
    if who:
        for region in dict.fromkeys(i.ecr[1] for i in images.values() if i.ecr):
            _login(order, who, region)
    digests: dict[str, str] = {}
    left = room.free(order)
    for container in order.definition.container_definitions:
        name = container["name"]
        digests[name] = pulled(order, who, container, images[name])
        left = room.without(left, images[name], digests[name], order, name)
    _logs(order)
    return digests


def _interface(order: Order) -> None:
    """S0: the task's own interface takes an address of the subnet."""
    if isinstance(order.place, Place) and network.crowded(order.place):
        public = "enabled" if order.place.public_ip else "disabled"
        text = words.NO_ADDRESS.format(public=public, subnet=order.place.subnet)
        raise Failed(text, "S0")


def _assume(order: Order) -> Principal | None:
    """S1: ECS itself assumes both roles."""
    definition = order.definition
    for arn in (getattr(definition, "task_role_arn", None), _execution_role(definition)):
        if arn and not _assumable(arn, order):
            raise Failed(words.CANNOT_ASSUME.format(role=arn), "S1")
    if arn := _execution_role(definition):
        return authority.role_session(authority.find_role(arn), order.task, order.account)
    return None


def _puller(order: Order, assumed: Principal | None) -> Principal | None:
    """Return who logs in and pulls: on a host its own role, where there is no better one."""
    host = order.host
    if host is None or (assumed and host.by_execution_role):
        return assumed
    role = authority.find_role(host.role) if host.role else None
    return authority.role_session(role, host.instance, order.account) if role else None


def _execution_role(definition: Any) -> str | None:
    return getattr(definition, "execution_role_arn", None)


def _assumable(arn: str, order: Order) -> bool:
    role = authority.find_role(arn)
    source = {
        "aws:sourceaccount": (order.account,),
        "aws:sourcearn": (f"arn:aws:ecs:{order.region}:{order.account}:*",),
    }
    trust = policy.parse(role.assume_role_policy_document) if role else policy.NOTHING
    asked = Asked("sts:AssumeRole", arn, (SERVICE,), source)
    return policy.evaluate([trust], asked) == "Allow"


def _secrets(order: Order, who: Principal | None) -> None:
    """S2: secrets of the containers, and credentials of private registries."""
    for container in order.definition.container_definitions:
        credentials = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
        options = (container.get("logConfiguration") or {}).get("secretOptions") or []
        asked = [*(container.get("secrets") or []), *options]
        wanted = [(s["valueFrom"], _text(s["valueFrom"])) for s in asked]
        wanted += [(credentials, words.REGISTRY_SECRET)] if credentials else []
        for value_from, text in wanted:
            source = Source(value_from, order.account, order.region, text == words.PARAMETER)
            try:
                source.read(order.place, who)
            except Unreadable as error:
                raise Failed(_said(text, value_from, error), "S2") from error
        if credentials:
            registry_login(order, credentials)


def _said(text: str, value_from: str, error: Unreadable) -> str:
    if error.bare and text == words.SECRET:
        return words.SECRET_BARE.format(why=error)
    return text.format(secret=":".join(value_from.split(":")[:7]), why=error)


def _text(value_from: str) -> str:
    """A secret of a container is one of Secrets Manager, or else a parameter."""
    return words.SECRET if ":secretsmanager:" in value_from else words.PARAMETER


def _logs(order: Order) -> None:
    """S7: the log driver needs its group, unless it was told to make it."""
    from moto.logs.models import logs_backends

    for container in order.definition.container_definitions:
        logging = container.get("logConfiguration") or {}
        options = logging.get("options") or {}
        makes = options.get("awslogs-create-group") == "true"
        if logging.get("logDriver") != "awslogs" or makes:
            continue
        region = options.get("awslogs-region", order.region)
        if options.get("awslogs-group") not in logs_backends[order.account][region].groups:
            raise Failed(words.NO_LOG_GROUP, "S7")


def _login(order: Order, who: Principal, region: str) -> None:
    """S3: GetAuthorizationToken, in the task's own account and the image's Region."""
    host = network.registry_api(order.place, region)
    path = walk(order, "ecr.api", region, host)
    if isinstance(path, Blocked):
        form = words.HOST_LOGIN_UNREACHABLE if order.host else words.LOGIN_UNREACHABLE
        text = form.format(host=host, dial=words.dial(path, host))
        raise Failed(text, "S3", _first(order))
    action = "ecr:GetAuthorizationToken"
    seen = seen_by(path, region)
    why = authority.refusal(who, action, "*", seen) or endpoint_refusal(path, who, action, "*")
    if why:
        said = authority.sentence(who, action, "*", why)
        text = words.HOST_LOGIN_DENIED if order.host else words.LOGIN_DENIED
        raise Failed(text.format(request=uuid.uuid4(), why=said), "S3", _first(order))


def _first(order: Order) -> str | None:
    """Return the container on which an agent on a host reports its login; Fargate has none."""
    return str(order.definition.container_definitions[0]["name"]) if order.host else None
