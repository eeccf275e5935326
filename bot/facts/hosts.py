"""The container instances of a cluster, as ECS and EC2 have them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClusterHost:
    """One container instance.

    *instance* is its id in EC2, *agent* the version of its agent, *updating* how far an update of
    that has come, *capabilities* are what the agent registered, *image* is the id of its AMI.
    *cpu* (units) and *memory* (MiB) are what no task has reserved yet; None where it is not told.
    """

    arn: str
    instance: str = ""
    status: str = "ACTIVE"
    connected: bool = True
    agent: str | None = None
    updating: str | None = None
    capabilities: tuple[str, ...] = ()
    image: str | None = None
    system: str = "linux"
    tasks: int = 0
    architecture: str | None = None
    cpu: int | None = None
    memory: int | None = None

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ClusterHosts:
    """The container instances that the service may run on; none where it runs on no host of ours."""

    items: tuple[ClusterHost, ...] = ()


@dataclass(frozen=True, slots=True)
class FullDisks:
    """The ARNs of the hosts on which tasks lately failed for want of space."""

    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostVolumes:
    """The volumes of the host that failed: device and GiB. Looked up only where a disk is full."""

    items: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OptimizedImages:
    """The names of those AMIs that are Amazon's own for ECS, by id, of hosts whose agent is too old."""

    names: tuple[tuple[str, str], ...] = ()
