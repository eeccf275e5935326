"""What a service of the playground is, and how one is written down: its row and its builder in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.catalogue import CAUSES
from playground.scenarios.lab import Lab
from playground.scenarios.places import CLUSTER, WORKLOAD

TAG = "v1.0.0"
FIXABLE = {cause.id for cause in CAUSES if cause.plan is not None}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One service. *cause* is the id of what is wrong with it, None where nothing is.

    *fixable* tells that the bot can plan a repair; the others take a person.
    """

    name: str
    title: str
    cause: str | None
    account: str
    region: str
    cluster: str
    service: str
    fixable: bool


Build = Callable[[Lab, Scenario], None]
BUILDERS: dict[Scenario, Build] = {}


def scenario(
    cause: str | None, service: str, region: str, title: str, cluster: str = CLUSTER
) -> Callable[[Build], Build]:
    """Register the function that builds *service*, broken by *cause*; one without is named itself."""

    def register(build: Build) -> Build:
        fixable = cause in FIXABLE
        row = Scenario(cause or service, title, cause, WORKLOAD, region, cluster, service, fixable)
        BUILDERS[row] = build
        return build

    return register


def own_image(lab: Lab, s: Scenario) -> str:
    """Make a repository of the service's name, and return its image."""
    return f"{lab.repository(s.service, region=s.region)}:{TAG}"
