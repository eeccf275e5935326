"""The services of the playground: each broken in one way, two of them well."""

from __future__ import annotations

from dataclasses import dataclass

from playground.scenarios.places import CLUSTER, TOKYO, VIRGINIA, WORKLOAD


@dataclass(frozen=True, slots=True)
class Scenario:
    """One service. *cause* is the id of what is wrong with it, None where nothing is."""

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
        # cause, service, Region, whether the bot may fix it, what it shows
        ("image-tag-missing", "shop-web", TOKYO, True, "The release was never pushed"),
        ("execution-role-lacks-ecr-login", "search", TOKYO, True, "The login is granted on the repository alone"),
        ("execution-role-lacks-image-read", "checkout", TOKYO, True, "The role may log in but not read images"),
        ("permission-on-task-role", "mailer", TOKYO, True, "The permission went to the task role"),
        ("execution-role-unset", "cart", TOKYO, True, "The task definition names no execution role"),
        ("execution-role-missing", "ledger", VIRGINIA, False, "The execution role was deleted"),
        ("execution-role-untrusted", "invoice", TOKYO, True, "The role trusts EC2 in place of ECS tasks"),
        ("repository-missing", "recommend", VIRGINIA, True, "The repository lives in another account"),
        ("image-in-other-region", "catalog", TOKYO, True, "The repository lives in another Region"),
        ("image-digest-missing", "payments", TOKYO, True, "The digest that the deployment pinned is gone"),
        ("registry-host-forgotten", "frontend", TOKYO, True, "The registry was left out of the image"),
        ("repository-policy-denies", "billing", TOKYO, True, "The registry account does not share the image"),
        ("docker-hub-rate-limited", "proxy", VIRGINIA, False, "Docker Hub's pull limit is used up"),
        ("registry-credentials-unset", "reports", VIRGINIA, False, "A private image without credentials"),
        ("registry-secret-unreadable", "worker", VIRGINIA, True, "The role may not read the registry's secret"),
        ("public-ip-missing", "gateway", TOKYO, True, "A public subnet without a public address"),
        ("no-route-to-registry", "batch", VIRGINIA, False, "A private subnet without any way out"),
        ("endpoint-missing", "sessions", TOKYO, True, "The endpoint of the ECR API is missing"),
        ("s3-route-missing", "thumbnails", TOKYO, True, "The S3 gateway serves another route table"),
        (None, "storefront", TOKYO, False, "Well: private, with all endpoints, image of another account"),
        (None, "console", VIRGINIA, False, "Well: private, behind a NAT gateway"),
    ]  # fmt: skip
    return tuple(
        Scenario(cause or service, title, cause, WORKLOAD, region, CLUSTER, service, fixable)
        for cause, service, region, fixable, title in rows
    )


SCENARIOS = _scenarios()
