"""Docker Hub refuses the pull, because too many came from this address or account.

https://docs.docker.com/docker-hub/usage/
"""

from __future__ import annotations

from bot.facts import ImageReference, Recorded, TaskDefinition
from bot.model import Call, Cause, Confirmed, RuledOut, Unknown, Verdict

# Without a host in its text, a limit is that of the registry that was asked.
LIMITS = {"dockerhub-rate-limit", "registry-rate-limit"}


def decide(
    image: ImageReference, recorded: Recorded, definition: TaskDefinition | Unknown
) -> Verdict:
    """Believe what ECS recorded: Docker Hub counts the task's address, which nobody else can ask."""
    seen = {"image": image.written, "container": image.container}
    if image.registry != "docker-hub" or recorded.symptom.family not in LIMITS:
        return RuledOut(seen)
    known = () if isinstance(definition, Unknown) else definition.containers
    credentials = any(c.credentials for c in known if c.name == image.container)
    return Confirmed({**seen, "credentials": credentials})


def advise() -> tuple[Call, ...]:
    """Let ECR cache what is pulled from Docker Hub, with credentials of yours."""
    secret = {
        "Name": "ecr-pullthroughcache/docker-hub",
        "SecretString": '{"username":"<docker id>","accessToken":"<docker access token>"}',
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
    decide=decide,
    advise=advise,
)
