"""The services of the playground: each broken in one way, two of them well."""

from __future__ import annotations

from playground.scenarios import healthy, host, image, network, registry, role, secret
from playground.scenarios.rows import BUILDERS, Scenario

# Modules register their services as they are read; this is the order in which people see them.
GROUPS = (image, role, registry, secret, network, host, healthy)
SCENARIOS: tuple[Scenario, ...] = tuple(
    row for group in GROUPS for row, build in BUILDERS.items() if build.__module__ == group.__name__
)
