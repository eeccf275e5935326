"""How one image comes to a task: S4 its manifest, S5 its layers.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playground.estate import authority, caches, network, policy, registry, words
from playground.estate.authority import Attached, Principal
from playground.estate.images import REFERENCE, Image
from playground.estate.order import Failed, Order
from playground.estate.policy import Asked
from playground.estate.secrets import Source, Unreadable
from playground.estate.ways import Blocked, Way
from playground.estate.world import WORLD, PullRule


def pulled(order: Order, who: Principal | None, container: Mapping[str, Any], image: Image) -> str:
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
    return refuses.login in (None, registry_login(order, credentials))


def _manifest(
    order: Order, who: Principal | None, name: str, image: Image, place: tuple[str, str]
) -> tuple[str, Any, caches.Rule | None]:
    """Return the digest, the image where the registry has it, else the rule of the cache that brought it."""
    account, region = place
    path = walk(order, "ecr.dkr", region, image.host)
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
    seen = walk(order, "ecr.dkr", region, image.host)
    via = seen if isinstance(seen, Way) else Way()
    if who and _refused(who, action, image, (account, region), Way(None, via.context)):
        raise Failed(words.layer_denied(image), "S5", name)
    repository = _repository(account, region, image.repository)  # none where a cache brings it
    if repository and not registry.readable(repository):
        raise Failed(words.layer_denied(image), "S5", name)
    bucket = f"prod-{region}-starport-layer-bucket"
    dual = ".dkr-ecr" in image.host  # which sends its clients to S3 by a name of both families
    host = f"{bucket}.s3.{'dualstack.' if dual else ''}{region}.amazonaws.com"
    path = walk(order, "s3", region, host)
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
    seen = seen_by(path, region)
    why = authority.refusal(who, action, arn, seen, Attached(account, document))
    return why or endpoint_refusal(path, who, action, arn)


def _arn(image: Image, place: tuple[str, str]) -> str:
    account, region = place
    return f"arn:aws:ecr:{region}:{account}:repository/{image.repository}"


def seen_by(path: Way, region: str) -> authority.Context:
    """Return what IAM sees of a request that comes this way."""
    return {"aws:requestedregion": (region,), "aws:securetransport": ("true",), **path.context}


def endpoint_refusal(path: Way, who: Principal, action: str, resource: str) -> str | None:
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


def walk(order: Order, service: str, region: str, host: str) -> Way | Blocked:
    return network.way(order.place, service, region, host) if order.place else Way()


def registry_login(order: Order, credentials: str) -> tuple[str, str]:
    """S3 of other registries: what stands in the secret has to be a login."""
    try:
        return Source(credentials, order.account, order.region, parameter=False).login()
    except Unreadable as error:
        raise Failed(words.REGISTRY_SECRET_MALFORMED.format(why=error), "S3") from error
