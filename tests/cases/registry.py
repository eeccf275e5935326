"""Recorded services that are broken by the registry."""

from __future__ import annotations

from bot.facts import RegistrySecret, Repository
from tests.cases.building import PRIVATE, RATE, REDIS, SECRET, Facts, case, image, outside
from tests.cases.healthy import ACCOUNT, ARN, NAME, REGION, REGISTRY

CASES: dict[str, Facts] = {
    "repository-policy-denies": case(
        image(f"{REGISTRY}.dkr.ecr.{REGION}.amazonaws.com/{NAME}:v1.0.0"),
        {Repository: Repository(NAME, ARN.replace(ACCOUNT, REGISTRY), exists=True)},
    ),
    "docker-hub-rate-limited": case(REDIS, text=RATE),
    "registry-credentials-unset": case(outside("registry.example.com/shop:1"), text=PRIVATE),
    "registry-secret-unreadable": case(
        outside("registry.example.com/shop:1", credentials=SECRET),
        {RegistrySecret: RegistrySecret(SECRET, SECRET, exists=False)},
    ),
}
