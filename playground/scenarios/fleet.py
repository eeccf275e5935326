"""Container instances in EC2, and the services that run on them."""

from __future__ import annotations

import json
from typing import Any

from playground.estate.world import WORLD
from playground.scenarios.lab import Lab
from playground.scenarios.places import WORKLOAD
from playground.scenarios.rows import Scenario


def host(lab: Lab, s: Scenario, role: str, name: str = "", *, free: float | None = None) -> str:
    """Register an instance in EC2 with the cluster of *s*; *role* is that of its profile.

    *free* are the bytes that its disk has left. Returns the ARN of the container instance.
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
        ImageId="ami-12345678", MinCount=1, MaxCount=1, NetworkInterfaces=[interface],
        IamInstanceProfile={"Name": named},
    )["Instances"][0]["InstanceId"]  # fmt: skip
    if free is not None:
        WORLD.disks[machine] = free
    found = lab.aws("ecs", WORKLOAD, s.region).register_container_instance(
        cluster=s.cluster, instanceIdentityDocument=json.dumps({"instanceId": machine})
    )
    return str(found["containerInstance"]["containerInstanceArn"])


def hosted(lab: Lab, s: Scenario, image: str, *, role: str | None = None) -> None:
    """Let a service of one task run on the hosts of its cluster."""
    ecs = lab.aws("ecs", WORKLOAD, s.region)
    container: dict[str, Any] = {"name": "app", "image": image, "essential": True, "memory": 64}
    arn = ecs.register_task_definition(
        family=s.service, requiresCompatibilities=["EC2"], containerDefinitions=[container],
        **({"executionRoleArn": role} if role else {}),
    )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
    ecs.create_service(
        cluster=s.cluster, serviceName=s.service, taskDefinition=arn, desiredCount=1,
        launchType="EC2",
    )  # fmt: skip
