"""Docker Hub refuses the pull, because too many came from this address or account.

https://docs.docker.com/docker-hub/usage/
"""

from __future__ import annotations

from bot.caching import CREATE, IMPORT
from bot.facts import (
    ExecutionRole,
    HubCachePermissions,
    HubCaches,
    ImageReference,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Unknown, Verdict
from bot.permissions import partition
from bot.policy import PULL_ACTIONS
from bot.recordings import limit
from bot.references import Place, replaced, written
from bot.remedies import by_policy
from bot.steps import with_images

IMPORTS = (CREATE, IMPORT)


def decide(
    image: ImageReference,
    recorded: Recorded,
    definition: TaskDefinition | Unknown,
    task: StoppedTask | Unknown,
    caches: HubCaches | Unknown,
) -> Verdict:
    """Believe what ECS recorded: Docker Hub counts the task's address, which nobody else can ask."""
    seen = {"image": image.written, "container": image.container}
    if image.registry != "docker-hub" or limit(recorded, task) != "pulls":
        return RuledOut(seen)
    known = () if isinstance(definition, Unknown) else definition.containers
    credentials = any(c.credentials for c in known if c.name == image.container)
    cache = None if isinstance(caches, Unknown) else next(iter(caches.prefixes), None)
    return Confirmed({**seen, "credentials": credentials, "cache": cache})


def plan(
    subject: Subject,
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    caches: HubCaches,
    permissions: HubCachePermissions,
) -> Plan | None:
    """Pull through the cache of Docker Hub that is there; a first pull by digest brings nothing."""
    allowed = [p for p in permissions.items if p.decision == "allowed"]
    pinned = "@" in written(image, definition) or image.tag is None
    if not caches.prefixes or pinned or not allowed or len(allowed) < len(permissions.items):
        return None
    name = f"{caches.prefixes[0]}/{image.repository}"
    there = Place(partition(subject.region), subject.account, subject.region, name)
    by = f"{there.host}/{name}:{image.tag}"
    containers = replaced(image, definition, by)
    own = {c.name for c in definition.containers if c.credentials}
    return None if own & containers.keys() else with_images(service, definition, containers)


def advise(
    subject: Subject, role: ExecutionRole | Unknown, caches: HubCaches | Unknown
) -> tuple[Call, ...]:
    """Let the role use the cache that is there, or let ECR cache with credentials of yours."""
    if isinstance(caches, HubCaches) and caches.prefixes:
        where = f"arn:{partition(subject.region)}:ecr:{subject.region}:{subject.account}"
        resource = f"{where}:repository/{caches.prefixes[0]}/*"
        allowed = {"Effect": "Allow", "Action": [*PULL_ACTIONS, *IMPORTS], "Resource": resource}
        name = None if isinstance(role, Unknown) else role.name
        document = {"Version": "2012-10-17", "Statement": [allowed]}
        return (by_policy(name, "DockerHubCache", document),)
    secret = {
        "Name": "ecr-pullthroughcache/docker-hub",
        "SecretString": "file://<file with username and accessToken as JSON>",
    }
    rule = {
        "ecrRepositoryPrefix": "docker-hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "credentialArn": "<arn of that secret>",
    }
    return (
        Call("secretsmanager", "create_secret", secret),
        Call("ecr", "create_pull_through_cache_rule", rule),
    )


CAUSE = Cause(
    id="docker-hub-rate-limited",
    group="registry",
    stage="S4",
    until="S5",
    families=("dockerhub-rate-limit", "registry-rate-limit"),
    registries=("docker-hub",),
    decide=decide,
    plan=plan,
    advise=advise,
)
