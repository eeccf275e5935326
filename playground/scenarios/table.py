"""The services of the playground: each broken in one way, two of them well."""

from __future__ import annotations

from dataclasses import dataclass

from bot.catalogue import CAUSES
from playground.scenarios.places import CLUSTER, TOKYO, VIRGINIA, WORKLOAD

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


def _scenarios() -> tuple[Scenario, ...]:
    rows = [
        # cause, service, Region, what it shows
        ("image-tag-missing", "shop-web", TOKYO, "The release was never pushed"),
        ("execution-role-lacks-ecr-login", "search", TOKYO, "The login is granted on the repository alone"),
        ("execution-role-lacks-image-read", "checkout", TOKYO, "The role may log in but not read images"),
        ("permission-on-task-role", "mailer", TOKYO, "The permission went to the task role"),
        ("execution-role-unset", "cart", TOKYO, "The task definition names no execution role"),
        ("execution-role-missing", "ledger", VIRGINIA, "The execution role was deleted"),
        ("execution-role-untrusted", "invoice", TOKYO, "The role trusts EC2 in place of ECS tasks"),
        ("repository-missing", "recommend", VIRGINIA, "The repository lives in another account"),
        ("image-in-other-region", "catalog", TOKYO, "The repository lives in another Region"),
        ("image-digest-missing", "payments", TOKYO, "The digest that the deployment pinned is gone"),
        ("registry-host-forgotten", "frontend", TOKYO, "The registry was left out of the image"),
        ("repository-policy-denies", "billing", TOKYO, "The registry account does not share the image"),
        ("docker-hub-rate-limited", "proxy", VIRGINIA, "Docker Hub's pull limit is used up"),
        ("registry-credentials-unset", "reports", VIRGINIA, "A private image without credentials"),
        ("registry-secret-unreadable", "worker", VIRGINIA, "The role may not read the registry's secret"),
        ("public-ip-missing", "gateway", TOKYO, "A public subnet without a public address"),
        ("no-route-to-registry", "batch", VIRGINIA, "A private subnet without any way out"),
        ("endpoint-missing", "sessions", TOKYO, "The endpoint of the ECR API is missing"),
        ("s3-route-missing", "thumbnails", TOKYO, "The S3 gateway serves another route table"),
        (None, "storefront", TOKYO, "Well: private, with all endpoints, image of another account"),
        (None, "console", VIRGINIA, "Well: private, behind a NAT gateway"),
    ]  # fmt: skip
    return tuple(
        Scenario(
            cause or service, title, cause, WORKLOAD, region, CLUSTER, service, cause in FIXABLE
        )
        for cause, service, region, title in rows
    )


SCENARIOS = _scenarios()
