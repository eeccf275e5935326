"""The role that pulls, as IAM has it: the execution role, or on EC2 perhaps the instance's. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html
"""

from __future__ import annotations

from bot.facts import ContainerHost, ExecutionRole, InstanceRole, Platform, PullingRole, Recorded
from bot.model import Unknown
from bot.pulling import principal, puller, role_of


def pulling_role(
    platform: Platform | Unknown,
    role: ExecutionRole,
    recorded: Recorded | Unknown,
    host: ContainerHost | Unknown,
    instance: InstanceRole | Unknown,
) -> PullingRole | Unknown:
    """Return whose permissions count, or why nobody can tell.

    A refusal that ECS recorded names its role, which another host may have lent; a recorded
    session does not tell the path of its role.
    """
    who = puller(platform, role, recorded, host)
    if isinstance(who, Unknown):
        return host if isinstance(host, Unknown) and host.grant else who
    if who == "execution-role":
        return PullingRole(who, role.arn, role.name, role.exists, role.boundary, role.tags)
    said = principal(recorded)
    named = role_of(said)
    if isinstance(instance, InstanceRole) and instance.arn and named in (None, instance.name):
        return PullingRole(who, instance.arn, instance.name, exists=True)
    return PullingRole(who, said if named else None, named)
