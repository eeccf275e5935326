"""Services that a registry refuses."""

from __future__ import annotations

from playground.estate import words
from playground.scenarios.lab import Lab
from playground.scenarios.places import REGISTRY, TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import TAG, Scenario, scenario

PRIVATE = "ghcr.io/example-org/{}"
TOKEN = "https://ghcr.io/token?scope=repository%3Aexample-org%2F{}%3Apull&service=ghcr.io"


@scenario(
    "repository-policy-denies", "billing", TOKYO, "The registry account does not share the image"
)
def _repository_policy(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, account=REGISTRY, region=s.region)
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@scenario("docker-hub-rate-limited", "proxy", VIRGINIA, "Docker Hub's pull limit is used up")
def _rate_limited(lab: Lab, s: Scenario) -> None:
    digest = "sha256:535b594e9fd1c72b4b93036edde00039e3ba8adb1c360d5bc6cad6fad3dbcbeb"
    reason = words.HUB_RATE.format(repository="library/nginx", digest=digest)
    lab.estate.add_pull_rule(r"^nginx:", reason)
    role = lab.pulling_role(s.service)
    lab.service(s.service, "nginx:1.27.3", lab.network(s.region, "nat"), region=s.region, role=role)


@scenario("registry-credentials-unset", "reports", VIRGINIA, "A private image without credentials")
def _credentials_unset(lab: Lab, s: Scenario) -> None:
    reason = words.ANONYMOUS_REFUSED.replace("{token}", TOKEN.format(s.service))
    lab.estate.add_pull_rule(rf"^{PRIVATE.format(s.service)}:", reason)
    image = f"{PRIVATE.format(s.service)}:{TAG}"
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "registry-secret-unreadable", "worker", VIRGINIA, "The role may not read the registry's secret"
)
def _secret_unreadable(lab: Lab, s: Scenario) -> None:
    secrets = lab.aws("secretsmanager", WORKLOAD, s.region)
    value = '{"username": "robot", "password": "example"}'
    secret = secrets.create_secret(Name="registry/ghcr", SecretString=value)["ARN"]
    reason = words.ANONYMOUS_REFUSED.replace("{token}", TOKEN.format(s.service))
    lab.estate.add_pull_rule(rf"^{PRIVATE.format(s.service)}:", reason)
    image = f"{PRIVATE.format(s.service)}:{TAG}"
    role = lab.pulling_role(s.service)
    lab.service(
        s.service, image, lab.network(s.region), region=s.region, role=role, credentials=secret
    )
