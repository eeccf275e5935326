"""The playground's accounts: what is in them, and how each service is doing.

A contributor who adds a cause adds a row to the table and the function that builds it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from bot import permissions
from bot.symptom import parse
from playground.estate.server import Estate
from playground.scenarios.access import accounts_yaml, build_access, credentials
from playground.scenarios.lab import Lab
from playground.scenarios.places import CLUSTER, TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import BUILDERS, Scenario
from playground.scenarios.table import SCENARIOS

__all__ = [
    "SCENARIOS",
    "Scenario",
    "accounts_yaml",
    "build",
    "credentials",
    "fill",
    "grant",
    "health",
    "named",
    "row",
    "sample_error",
]


def named(name: str) -> Scenario:
    """Return the scenario called *name*."""
    return next(s for s in SCENARIOS if s.name == name)


def build(estate: Estate, names: Collection[str] | None = None) -> None:
    """Make the accounts and the services of all scenarios, or of those named."""
    _check(names)
    grant(estate)
    fill(estate, names)


def grant(estate: Estate) -> None:
    """Make the bot's identity and its roles, with the very policies that the product prints."""
    build_access(Lab(estate), permissions.read_policy("*"), permissions.fix_policy("*"))


def fill(estate: Estate, names: Collection[str] | None = None) -> None:
    """Make the services of all scenarios, or of those named."""
    _check(names)
    lab = Lab(estate)
    made = [s for s in SCENARIOS if names is None or s.name in names]
    clusters = [(TOKYO, CLUSTER), (VIRGINIA, CLUSTER), *((s.region, s.cluster) for s in made)]
    for region, name in dict.fromkeys(clusters):
        lab.aws("ecs", WORKLOAD, region).create_cluster(clusterName=name)
    for scenario in made:
        BUILDERS[scenario](lab, scenario)
    estate.tick()  # what broke while it was running shows now


def _check(names: Collection[str] | None) -> None:
    if unknown := set(names or ()) - {s.name for s in SCENARIOS}:
        raise ValueError(f"no such scenario: {', '.join(sorted(unknown))}")


def sample_error(estate: Estate, scenario: Scenario) -> str:
    """Return the newest error as the console shows it; ECS has only an event where no task began."""
    ecs = estate.client("ecs", scenario.account, scenario.region)
    where = {"cluster": scenario.cluster}
    arns = ecs.list_tasks(**where, serviceName=scenario.service, desiredStatus="STOPPED")[
        "taskArns"
    ]
    tasks = ecs.describe_tasks(**where, tasks=arns)["tasks"] if arns else []
    failed = [t for t in tasks if t.get("stopCode") == "TaskFailedToStart"]
    if failed:
        newest = max(failed, key=lambda t: t["stoppedAt"])
        said = (c["reason"] for c in newest["containers"] if c.get("reason"))
        return str(next(said, newest["stoppedReason"]))  # on EC2 the container says more
    service = ecs.describe_services(**where, services=[scenario.service])["services"][0]
    events = [e["message"] for e in service["events"]]
    return next((m for m in events if "failed to launch" in m or "unable to" in m), "")


def row(estate: Estate, scenario: Scenario) -> dict[str, object]:
    """Return a line of the page's side panel: the service, its health, and an error to paste.

    *asks*: in a channel the bot answers such an error only when it is called by name.
    """
    error = sample_error(estate, scenario) if scenario.cause else ""
    return {
        "name": scenario.name, "title": scenario.title, "cause": scenario.cause,
        "account": scenario.account, "region": scenario.region, "service": scenario.service,
        "cluster": scenario.cluster, "health": health(estate, scenario), "error": error,
        "asks": bool(error) and not parse(error).recognised,
    }  # fmt: skip


def health(estate: Estate, scenario: Scenario) -> Literal["running", "failing"]:
    """Tell whether the newest deployment of the service has all the tasks it wants."""
    ecs = estate.client("ecs", scenario.account, scenario.region)
    found = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])
    service = found["services"][0]
    newest = service["deployments"][0]
    return "running" if newest["runningCount"] >= service["desiredCount"] else "failing"
