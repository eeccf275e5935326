"""Docker Hub limits an address, whoever pulls from there: a bare 429, without the words of the pull limit.

https://docs.docker.com/docker-hub/usage/
"""

from __future__ import annotations

from bot.facts import ImageReference, Recorded, Service, StoppedTask, Subject
from bot.model import Call, Cause, Confirmed, RuledOut, Unknown, Verdict
from bot.recordings import limit


def decide(image: ImageReference, recorded: Recorded, task: StoppedTask | Unknown) -> Verdict:
    """Believe what ECS recorded: the limit is on the task's address, which nobody else can ask from."""
    seen = {"image": image.written, "container": image.container}
    if image.registry != "docker-hub" or limit(recorded, task) != "abuse":
        return RuledOut(seen)
    return Confirmed(seen)


def advise(subject: Subject, service: Service) -> tuple[Call, ...]:
    """Count the pulls from one address, and try again once it is quiet."""
    vpc = [{"Name": "state", "Values": ["available"]}]
    calls = (Call("ec2", "describe_nat_gateways", {"Filters": vpc}),)
    if not service.exists:
        return calls
    named = {"cluster": subject.cluster or "<cluster>", "service": service.name}
    return (*calls, Call("ecs", "update_service", {**named, "forceNewDeployment": True}))


CAUSE = Cause(
    id="registry-abuse-limited",
    group="registry",
    stage="S4",
    until="S5",
    families=("dockerhub-rate-limit", "registry-rate-limit"),
    registries=("docker-hub",),
    decide=decide,
    advise=advise,
)
