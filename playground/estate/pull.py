"""Whether a task gets its images, worked out step by step from what the estate holds.

S0 the interface, S1 the role, S2 secrets, S3 the login, S4 the manifest, S5 the layers: the first step that fails
gives the text that ECS and containerd would print. It imports nothing of the bot, so that the bot
is judged by somebody else's reading of AWS.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.estate import authority, network, policy, words
from playground.estate.authority import Attached, Principal
from playground.estate.images import Image, split
from playground.estate.network import Blocked, Place, Way
from playground.estate.policy import Asked
from playground.estate.secrets import Source, Unreadable
from playground.estate.world import WORLD

SERVICE = "ecs-tasks.amazonaws.com"


class Failed(Exception):  # noqa: N818 - an outcome, not an error of ours
    """The pull failed. *container* is None where it is no container's own fault."""

    def __init__(self, reason: str, stage: str, container: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.stage, self.container = reason, stage, container


@dataclass(frozen=True, slots=True)
class Order:
    """What ECS is asked to start. *pins* are the digests that the deployment resolved before."""

    account: str
    region: str
    definition: Any
    place: Place | None
    task: str
    pins: Mapping[str, str] = field(default_factory=dict)


def attempt(order: Order) -> dict[str, str]:
    """Return the digest of each container's image; raises Failed at the first step that fails."""
    _interface(order)
    who = _assume(order)
    _secrets(order, who)
    images = {c["name"]: split(c["image"]) for c in order.definition.container_definitions}
    if who and any(i.ecr for i in images.values()):
        _login(order, who)
    return {
        c["name"]: _pull(order, who, c, images[c["name"]])
        for c in order.definition.container_definitions
    }


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
        wanted = [(s["valueFrom"], _text(s["valueFrom"])) for s in container.get("secrets") or []]
        wanted += [(credentials, words.REGISTRY_SECRET)] if credentials else []
        for value_from, text in wanted:
            source = Source(value_from, order.account, order.region, text == words.PARAMETER)
            try:
                source.read(order.place, who)
            except Unreadable as error:
                raise Failed(text.format(secret=value_from, why=error), "S2") from error


def _text(value_from: str) -> str:
    """A secret of a container is one of Secrets Manager, or else a parameter."""
    return words.SECRET if ":secretsmanager:" in value_from else words.PARAMETER


def _login(order: Order, who: Principal) -> None:
    """S3: GetAuthorizationToken, in the task's own account and Region."""
    host = f"api.ecr.{order.region}.amazonaws.com"
    path = _walk(order, "ecr.api", order.region, host)
    if isinstance(path, Blocked):
        text = words.LOGIN_UNREACHABLE.format(host=host, dial=words.dial(path, host))
        raise Failed(text, "S3")
    action = "ecr:GetAuthorizationToken"
    why = authority.refusal(who, action, "*") or _endpoint_refusal(path, who, action, "*")
    if why:
        said = authority.sentence(who, action, "*", why)
        raise Failed(words.LOGIN_DENIED.format(request=uuid.uuid4(), why=said), "S3")


def _pull(order: Order, who: Principal | None, container: Mapping[str, Any], image: Image) -> str:
    """S4 and S5 of one container; returns the digest."""
    name = container["name"]
    if place := image.ecr:
        digest = _manifest(order, who, name, image, place)
        _layers(order, who, name, image, place)
    else:
        path = network.internet(order.place, image.host) if order.place else Way()
        if isinstance(path, Blocked):
            raise Failed(words.unreachable(image, path), "S4", name)
        digest = ""
    rule = next((r for r in WORLD.pull_rules if re.search(r.image, container["image"])), None)
    if rule and not container.get("repositoryCredentials"):
        raise Failed(rule.reason.replace("{image}", image.ref), "S4", name)
    return digest


def _manifest(
    order: Order, who: Principal | None, name: str, image: Image, place: tuple[str, str]
) -> str:
    account, region = place
    path = _walk(order, "ecr.dkr", region, image.host)
    if isinstance(path, Blocked):
        raise Failed(words.unreachable(image, path), "S4", name)
    if who is None:
        raise Failed(words.status(image, "401 Unauthorized"), "S4", name)
    if _refused(who, "ecr:BatchGetImage", image, place, path):
        raise Failed(words.status(image, "403 Forbidden"), "S4", name)
    repository = _repository(account, region, image.repository)
    wanted = image.digest or order.pins.get(name)
    found = [
        i
        for i in (repository.images if repository else [])
        if (i.image_digest == wanted if wanted else image.version in i.image_tags)
    ]
    if not found:
        ref = image.ref if image.digest or not wanted else f"{image.ref}@{wanted}"
        raise Failed(words.NOT_FOUND.format(ref=ref), "S4", name)
    return str(found[0].image_digest)


def _layers(
    order: Order, who: Principal | None, name: str, image: Image, place: tuple[str, str]
) -> None:
    account, region = place
    action = "ecr:GetDownloadUrlForLayer"
    if who and _refused(who, action, image, (account, region), Way()):
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
    arn = f"arn:aws:ecr:{region}:{account}:repository/{image.repository}"
    repository = _repository(account, region, image.repository)
    document = policy.parse(repository.policy) if repository and repository.policy else None
    if repository is None and account == who.account:
        document = None
    why = authority.refusal(who, action, arn, None, Attached(account, document))
    return why or _endpoint_refusal(path, who, action, arn)


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
