"""Whether a task gets its images, worked out step by step from what the estate holds.

S0 the interface, S1 the role, S2 secrets, S3 the login, S4 the manifest, S5 the layers, S7 the
log group: the first step that fails gives the text that ECS and containerd would print. It
imports nothing of the bot, so that the bot is judged by somebody else's reading of AWS.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.estate import authority, caches, network, policy, registry, words
from playground.estate.authority import Attached, Principal
from playground.estate.images import REFERENCE, Image, split
from playground.estate.network import Blocked, Place, Way
from playground.estate.policy import Asked
from playground.estate.secrets import Source, Unreadable
from playground.estate.world import WORLD, PullRule

SERVICE = "ecs-tasks.amazonaws.com"


class Failed(Exception):  # noqa: N818 - an outcome, not an error of ours
    """The pull failed. *container* is None where it is no container's own fault."""

    def __init__(self, reason: str, stage: str, container: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.stage, self.container = reason, stage, container


@dataclass(frozen=True, slots=True)
class Host:
    """A container instance: its id, its role, and whether its agent can pull with another one."""

    instance: str
    role: str | None
    by_execution_role: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What ECS is asked to start. *pins* are the digests that the deployment resolved before.

    *host* is the instance in EC2 whose agent pulls; None on Fargate.
    """

    account: str
    region: str
    definition: Any
    place: Place | None
    task: str
    pins: Mapping[str, str] = field(default_factory=dict)
    host: Host | None = None


def attempt(order: Order) -> dict[str, str]:
    """Return the digest of each container's image; raises Failed at the first step that fails."""
    _interface(order)
    assumed = _assume(order)
    _secrets(order, assumed)
    who = _puller(order, assumed)
    images = {c["name"]: split(c["image"]) for c in order.definition.container_definitions}
    if who and any(i.ecr for i in images.values()):
        _login(order, who)
    digests = {
        c["name"]: _pull(order, who, c, images[c["name"]])
        for c in order.definition.container_definitions
    }
    _logs(order)
    return digests


def _interface(order: Order) -> None:
    """S0: the task's own interface takes an address of the subnet."""
    if order.place and network.crowded(order.place):
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
            _registry_login(order, credentials)


def _said(text: str, value_from: str, error: Unreadable) -> str:
    if error.bare and text == words.SECRET:
        return words.SECRET_BARE.format(why=error)
    return text.format(secret=":".join(value_from.split(":")[:7]), why=error)


def _registry_login(order: Order, credentials: str) -> tuple[str, str]:
    """S3 of other registries: what stands in the secret has to be a login."""
    try:
        return Source(credentials, order.account, order.region, parameter=False).login()
    except Unreadable as error:
        raise Failed(words.REGISTRY_SECRET_MALFORMED.format(why=error), "S3") from error


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


def _login(order: Order, who: Principal) -> None:
    """S3: GetAuthorizationToken, in the task's own account and Region."""
    host = f"api.ecr.{order.region}.amazonaws.com"
    path = _walk(order, "ecr.api", order.region, host)
    if isinstance(path, Blocked):
        text = words.LOGIN_UNREACHABLE.format(host=host, dial=words.dial(path, host))
        raise Failed(text, "S3")
    action = "ecr:GetAuthorizationToken"
    seen = _seen(path, order.region)
    why = authority.refusal(who, action, "*", seen) or _endpoint_refusal(path, who, action, "*")
    if why:
        said = authority.sentence(who, action, "*", why)
        text = words.HOST_LOGIN_DENIED if order.host else words.LOGIN_DENIED
        first = order.definition.container_definitions[0]["name"] if order.host else None
        raise Failed(text.format(request=uuid.uuid4(), why=said), "S3", first)


def _pull(order: Order, who: Principal | None, container: Mapping[str, Any], image: Image) -> str:
    """S4 and S5 of one container; returns the digest."""
    name = container["name"]
    if not REFERENCE.fullmatch(container["image"]):
        raise Failed(words.malformed(container["image"]), "S4", name)
    if not image.resolves:
        raise Failed(words.no_such_host(image), "S4", name)
    if place := image.ecr:
        digest, kept, rule = _manifest(order, who, name, image, place)
        _layers(order, who, name, image, place)
        try:
            caches.layers(order.place, rule) if rule else None
        except caches.NotBrought as error:
            raise Failed(error.reason, error.stage, name) from error
        if kept and not registry.unpacks(kept):
            raise Failed(words.NO_IMAGE, "S6", name)
    else:
        path = network.internet(order.place, image.host) if order.place else Way()
        if isinstance(path, Blocked):
            raise Failed(words.unreachable(image, path), "S4", name)
        digest = ""
    refuses = next((r for r in WORLD.pull_rules if re.search(r.image, container["image"])), None)
    if refuses and not _accepted(order, container, refuses):
        raise Failed(refuses.reason.replace("{image}", image.ref), "S4", name)
    return digest


def _accepted(order: Order, container: Mapping[str, Any], refuses: PullRule) -> bool:
    """Tell whether the container has a login that the registry takes."""
    credentials = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
    if not credentials:
        return False
    return refuses.login in (None, _registry_login(order, credentials))


def _manifest(
    order: Order, who: Principal | None, name: str, image: Image, place: tuple[str, str]
) -> tuple[str, Any, caches.Rule | None]:
    """Return the digest, the image where the registry has it, else the rule of the cache that brought it."""
    account, region = place
    path = _walk(order, "ecr.dkr", region, image.host)
    if isinstance(path, Blocked):
        raise Failed(words.unreachable(image, path), "S4", name)
    if who is None:
        raise Failed(words.status(image, "401 Unauthorized"), "S4", name)
    if why := _refused(who, "ecr:BatchGetImage", image, place, path):
        arn = _arn(image, place)
        said = authority.sentence(who, "ecr:BatchGetImage", arn, why)
        forbidden = words.status(image, "403 Forbidden")
        raise Failed(words.host_refused(image, said) if order.host else forbidden, "S4", name)
    repository = _repository(account, region, image.repository)
    wanted = image.digest or order.pins.get(name)
    found = [
        i
        for i in (repository.images if repository else [])
        if (i.image_digest == wanted if wanted else image.version in i.image_tags)
    ]
    rule = None if found else caches.rule_for(account, region, image.repository)
    if rule:
        try:
            return caches.bring(who, image, place, rule, repository), None, rule
        except caches.NotBrought as error:
            raise Failed(error.reason, error.stage, name) from error
    if not found or registry.status(found[0]) != registry.ACTIVE:
        ref = image.ref if image.digest or not wanted else f"{image.ref}@{wanted}"
        raise Failed(words.NOT_FOUND.format(ref=ref), "S4", name)
    platform = registry.platform(order.definition)
    if not registry.has(found[0], platform):
        raise Failed(words.NO_PLATFORM.format(platform=platform), "S4", name)
    return str(found[0].image_digest), found[0], None


def _layers(
    order: Order, who: Principal | None, name: str, image: Image, place: tuple[str, str]
) -> None:
    account, region = place
    action = "ecr:GetDownloadUrlForLayer"
    seen = _walk(order, "ecr.dkr", region, image.host)
    via = seen if isinstance(seen, Way) else Way()
    if who and _refused(who, action, image, (account, region), Way(None, via.context)):
        raise Failed(words.layer_denied(image), "S5", name)
    repository = _repository(account, region, image.repository)  # none where a cache brings it
    if repository and not registry.readable(repository):
        raise Failed(words.layer_denied(image), "S5", name)
    bucket = f"prod-{region}-starport-layer-bucket"
    host = f"{bucket}.s3.{region}.amazonaws.com"
    path = _walk(order, "s3", region, host)
    if isinstance(path, Blocked):
        raise Failed(words.layers_unreachable(image, path, host), "S5", name)
    # The address was signed by an account of ECR's own, so only a policy for anyone lets it pass.
    asked = Asked("s3:GetObject", f"arn:aws:s3:::{bucket}/layer", ("*",))
    if path.endpoint_policy and policy.evaluate([path.endpoint_policy], asked) != "Allow":
        raise Failed(words.layer_denied(image), "S5", name)


def _refused(
    who: Principal, action: str, image: Image, place: tuple[str, str], path: Way
) -> str | None:
    account, region = place
    arn = _arn(image, place)
    repository = _repository(account, region, image.repository)
    document = policy.parse(repository.policy) if repository and repository.policy else None
    if caches.scope(account, region) == "V2":
        document = caches.joined(document, caches.registry_policy(account, region))
    seen = _seen(path, region)
    why = authority.refusal(who, action, arn, seen, Attached(account, document))
    return why or _endpoint_refusal(path, who, action, arn)


def _arn(image: Image, place: tuple[str, str]) -> str:
    account, region = place
    return f"arn:aws:ecr:{region}:{account}:repository/{image.repository}"


def _seen(path: Way, region: str) -> authority.Context:
    """Return what IAM sees of a request that comes this way."""
    return {"aws:requestedregion": (region,), "aws:securetransport": ("true",), **path.context}


def _endpoint_refusal(path: Way, who: Principal, action: str, resource: str) -> str | None:
    """Return what the policy of the VPC endpoint says against it."""
    if path.endpoint_policy is None:
        return None
    names = (*who.names, *who.delegates)
    verdict = policy.evaluate([path.endpoint_policy], Asked(action, resource, names, who.context))
    if verdict == "Allow":
        return None
    return f"because no VPC endpoint policy allows the {action} action"


def _repository(account: str, region: str, name: str) -> Any:
    from moto.ecr.models import ecr_backends

    return ecr_backends[account][region].repositories.get(name)


def _walk(order: Order, service: str, region: str, host: str) -> Way | Blocked:
    return network.way(order.place, service, region, host) if order.place else Way()
