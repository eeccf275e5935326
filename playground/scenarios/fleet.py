"""Container instances in EC2, and the services that run on them."""

from __future__ import annotations

import json
import zlib
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import ContainerInstance, ecs_backends

from playground.estate import hosts
from playground.estate.world import WORLD
from playground.scenarios.lab import Lab
from playground.scenarios.places import WORKLOAD
from playground.scenarios.rows import Scenario

OPTIMIZED = "al2023-ami-ecs-hvm-2023.0.20240515-kernel-6.1-x86_64"


def host(
    lab: Lab,
    s: Scenario,
    role: str,
    name: str = "",
    *,
    free: float | None = None,
    link: float | None = None,
    old: bool = False,
) -> None:
    """Register an instance in EC2 with the cluster of *s*; *role* is that of its profile.

    *free* are the bytes that its disk has left, *link* those that it gets in a second. An *old*
    one has an agent of years ago.
    """
    named = f"{s.service}-hosts{name}"
    iam = lab.aws("iam", WORKLOAD, "us-east-1")
    iam.create_instance_profile(InstanceProfileName=named)
    iam.add_role_to_instance_profile(InstanceProfileName=named, RoleName=role.rpartition("/")[2])
    ec2, network = lab.aws("ec2", WORKLOAD, s.region), lab.network(s.region)
    interface = {
        "DeviceIndex": 0, "SubnetId": network.subnet, "Groups": [network.group],
        "AssociatePublicIpAddress": network.public_ip,
    }  # fmt: skip
    machine = ec2.run_instances(
        ImageId=optimized(lab, s), MinCount=1, MaxCount=1, NetworkInterfaces=[interface],
        IamInstanceProfile={"Name": named},
    )["Instances"][0]["InstanceId"]  # fmt: skip
    WORLD.disks |= {machine: free} if free is not None else {}
    WORLD.links |= {machine: link} if link is not None else {}
    lab.aws("ecs", WORKLOAD, s.region).register_container_instance(
        cluster=s.cluster, instanceIdentityDocument=json.dumps({"instanceId": machine})
    )
    _found(s, machine).attributes["ecs.cpu-architecture"] = "x86_64"
    if old:
        _age(s, machine)


def external(lab: Lab, s: Scenario, *, shut: bool) -> None:
    """Register a machine outside of AWS with the cluster of *s*; *shut*: its network lets nothing out.

    moto registers machines in EC2 alone, so one stands in until it has.
    """
    ec2, machine = lab.aws("ec2", WORKLOAD, s.region), f"mi-{zlib.crc32(s.service.encode()):017x}"
    made = ec2.run_instances(ImageId=optimized(lab, s), MinCount=1, MaxCount=1)
    standing_in = made["Instances"][0]["InstanceId"]
    lab.aws("ecs", WORKLOAD, s.region).register_container_instance(
        cluster=s.cluster, instanceIdentityDocument=json.dumps({"instanceId": standing_in})
    )
    found = _found(s, standing_in)
    ec2.terminate_instances(InstanceIds=[standing_in])
    found.ec2_instance_id = machine
    for name in ("ecs.ami-id", "ecs.availability-zone", "ecs.instance-type"):
        found.attributes.pop(name, None)
    found.attributes["ecs.cpu-architecture"] = "x86_64"
    WORLD.shut |= {machine} if shut else set()


def optimized(lab: Lab, s: Scenario) -> str:
    """Return an AMI of Amazon's own for ECS, which no account of ours can publish."""
    ec2 = lab.aws("ec2", WORKLOAD, s.region)
    made = str(ec2.register_image(Name=OPTIMIZED)["ImageId"])
    ec2_backends[WORKLOAD][s.region].amis[made].owner_alias = "amazon"
    return made


def _age(s: Scenario, machine: str) -> None:
    """Let the agent on *machine* be one that nobody has updated for years."""
    found = _found(s, machine)
    found.version_info = {**found.version_info, "agentVersion": "1.14.0"}
    for name in set(hosts.CAPABILITIES) - set(hosts.BEFORE):
        del found.attributes[name]


def _found(s: Scenario, machine: str) -> ContainerInstance:
    there = ecs_backends[WORKLOAD][s.region].container_instances[s.cluster].values()
    return next(h for h in there if h.ec2_instance_id == machine)


def hosted(
    lab: Lab, s: Scenario, image: str, *, role: str | None = None, kind: str = "EC2"
) -> None:
    """Let a service of one task run on the hosts of its cluster."""
    ecs = lab.aws("ecs", WORKLOAD, s.region)
    container: dict[str, Any] = {"name": "app", "image": image, "essential": True, "memory": 64}
    arn = ecs.register_task_definition(
        family=s.service, requiresCompatibilities=[kind],
        containerDefinitions=[container],
        **({"executionRoleArn": role} if role else {}),
    )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
    ecs.create_service(
        cluster=s.cluster, serviceName=s.service, taskDefinition=arn, desiredCount=1,
        launchType=kind,
    )  # fmt: skip
