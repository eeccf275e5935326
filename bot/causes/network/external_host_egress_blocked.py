"""A host outside of AWS (ECS Anywhere) does not reach the registry: its own network is on the way.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-anywhere.html
"""

from __future__ import annotations

from bot.facts import ContainerHost, ImageReference, Platform, Recorded, Service, Subject
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.partitions import login
from bot.permissions import partition

UNREACHED = ("network-unreachable", "dns-failure")


def decide(
    image: ImageReference,
    where: Platform,
    recorded: Recorded,
    host: ContainerHost | Unknown,
    service: Service | Unknown,
) -> Verdict:
    """Judge by what ECS recorded: of that network nothing can be read."""
    said = recorded.symptom
    machine = None if isinstance(host, Unknown) else host.arn
    seen = {
        "machine": machine.rpartition("/")[2] if machine else None,
        "cluster": service.cluster if isinstance(service, Service) else None,
        "host": said.entities.endpoint_host or image.host,
        "address": said.address,
        "lost": said.family == "dns-failure",
        "hosts": _hosts(image),
    }
    if where.launch_type != "EXTERNAL":
        return RuledOut(seen)
    if not said.recognised:
        return Undecided((Unknown("Recorded", "ECS has recorded nothing about this pull"),))
    return Confirmed(seen) if said.family in UNREACHED else RuledOut(seen)


def _hosts(image: ImageReference) -> list[str]:
    """Return the hosts that the pull needs: of ECR also the login, and the store of the layers."""
    if image.registry != "ecr" or image.region is None:
        return [image.host]
    ending = "amazonaws.com.cn" if partition(image.region) == "aws-cn" else "amazonaws.com"
    layers = f"prod-{image.region}-starport-layer-bucket.s3.{image.region}.{ending}"
    return [login(image.region), image.host, layers]


def advise(subject: Subject, host: ContainerHost | Unknown) -> tuple[Call, ...]:
    """Find out which machine it is: by its id in Systems Manager, with its name and address."""
    machine = None if isinstance(host, Unknown) or not host.arn else host.arn.rpartition("/")[2]
    cluster = {"cluster": subject.cluster} if subject.cluster else {}
    asked = {**cluster, "containerInstances": [machine or "<container instance>"]}
    named = [{"Key": "InstanceIds", "Values": ["<ec2InstanceId of it: mi-...>"]}]
    return (
        Call("ecs", "describe_container_instances", asked),
        Call("ssm", "describe_instance_information", {"Filters": named}),
    )


CAUSE = Cause(
    id="external-host-egress-blocked",
    group="network",
    stage="S2",
    until="S5",
    families=UNREACHED,
    decide=decide,
    advise=advise,
    seldom=True,
)
