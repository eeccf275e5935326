"""Services that a registry refuses, or that cannot reach it."""

from __future__ import annotations

from playground.estate import words
from playground.scenarios.documents import PULL_ACTIONS, allow, document
from playground.scenarios.lab import PULL_POLICY, Lab
from playground.scenarios.places import REGISTRY, TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import TAG, Scenario, own_image, scenario

PRIVATE = "ghcr.io/example-org/{}"
TOKEN = "https://ghcr.io/token?scope=repository%3Aexample-org%2F{}%3Apull&service=ghcr.io"
LOGIN = '{"username": "robot", "password": "example"}'
UPSTREAM_LOGIN = '{"username": "robot", "accessToken": "example"}'


@scenario(
    "repository-policy-denies", "billing", TOKYO, "The registry account does not share the image"
)
def _repository_policy(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, account=REGISTRY, region=s.region)
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@scenario(
    "registry-policy-denies", "compliance", VIRGINIA, "The policy of the whole registry denies it"
)
def _registry_policy(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    arn = f"arn:aws:ecr:{s.region}:{WORKLOAD}:repository/{s.service}"
    denied = allow(PULL_ACTIONS, arn, "*", Sid="Frozen") | {"Effect": "Deny"}
    lab.aws("ecr", WORKLOAD, s.region).put_registry_policy(policyText=document(denied))
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario("docker-hub-rate-limited", "proxy", VIRGINIA, "Docker Hub's pull limit is used up")
def _rate_limited(lab: Lab, s: Scenario) -> None:
    digest = "sha256:535b594e9fd1c72b4b93036edde00039e3ba8adb1c360d5bc6cad6fad3dbcbeb"
    reason = words.HUB_RATE.format(repository="library/nginx", digest=digest)
    lab.estate.add_pull_rule(r"^nginx:", reason)
    lab.cache(s.region, "docker-hub", "registry-1.docker.io", UPSTREAM_LOGIN)
    role = lab.importing_role(s.service, s.region, "docker-hub")
    lab.service(s.service, "nginx:1.27.3", lab.network(s.region, "nat"), region=s.region, role=role)


@scenario("registry-abuse-limited", "warmup", TOKYO, "Docker Hub limits the address")
def _abuse_limited(lab: Lab, s: Scenario) -> None:
    reason = words.HUB_ABUSE.replace("{repository}", "library/memcached").replace("{tag}", "1.6.36")
    lab.estate.add_pull_rule(r"^memcached:", reason)
    role = lab.pulling_role(s.service)
    lab.service(s.service, "memcached:1.6.36", lab.network(s.region), region=s.region, role=role)


@scenario("ecr-throttled", "surge", TOKYO, "Too many tasks pull in the same second")
def _throttled(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    host = image.partition("/")[0]
    reason = words.ECR_THROTTLED.format(host=host, repository=s.service, tag=TAG)
    lab.estate.add_pull_rule(rf"/{s.service}:", reason)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


# --- pull-through caches


@scenario(
    "docker-library-prefix-missing", "docs", TOKYO, "An official image without library/ in a cache"
)
def _library_missing(lab: Lab, s: Scenario) -> None:
    lab.cache(s.region, "docker-hub", "registry-1.docker.io", UPSTREAM_LOGIN)
    image = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com/docker-hub/httpd:2.4.62"
    role = lab.importing_role(s.service, s.region, "docker-hub")
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario("pull-through-cache-denied", "metrics", TOKYO, "The role may not import into the cache")
def _import_denied(lab: Lab, s: Scenario) -> None:
    lab.cache(s.region, "quay", "quay.io")
    image = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com/quay/prometheus/prometheus:v3.1.0"
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "pull-through-cache-credential-invalid",
    "dashboard",
    VIRGINIA,
    "The cache's token for GitHub has expired",
)
def _cache_credential(lab: Lab, s: Scenario) -> None:
    lab.cache(s.region, "github", "ghcr.io", UPSTREAM_LOGIN)
    lab.estate.accept_upstream("ghcr.io", "renewed")
    host = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com"
    role = lab.importing_role(s.service, s.region, "github")
    image = f"{host}/github/example-org/{s.service}:{TAG}"
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "pull-through-cache-needs-internet", "alerts", TOKYO, "A first pull with VPC endpoints alone"
)
def _cache_needs_internet(lab: Lab, s: Scenario) -> None:
    lab.cache(s.region, "quay", "quay.io")
    image = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com/quay/prometheus/alertmanager:v0.28.0"
    role = lab.importing_role(s.service, s.region, "quay")
    network = lab.network(s.region, "endpoints")
    lab.service(s.service, image, network, region=s.region, role=role)


# --- other registries


@scenario("registry-credentials-unset", "reports", VIRGINIA, "A private image without credentials")
def _credentials_unset(lab: Lab, s: Scenario) -> None:
    secrets = lab.aws("secretsmanager", WORKLOAD, s.region)
    secrets.create_secret(Name=f"registry/ghcr-{s.service}", SecretString=LOGIN)
    _private(lab, s, lab.pulling_role(s.service))


@scenario(
    "registry-secret-unreadable", "worker", VIRGINIA, "The role may not read the registry's secret"
)
def _secret_unreadable(lab: Lab, s: Scenario) -> None:
    secrets = lab.aws("secretsmanager", WORKLOAD, s.region)
    secret = secrets.create_secret(Name="registry/ghcr", SecretString=LOGIN)["ARN"]
    _private(lab, s, lab.pulling_role(s.service), secret)


@scenario(
    "registry-secret-malformed", "legacy", VIRGINIA, "The registry's secret has the keys of a cache"
)
def _secret_malformed(lab: Lab, s: Scenario) -> None:
    secret = _secret(lab, s, UPSTREAM_LOGIN)
    _private(lab, s, _reading_role(lab, s, secret), secret)


@scenario(
    "registry-credentials-rejected",
    "partner",
    TOKYO,
    "The registry does not take the token any more",
)
def _credentials_rejected(lab: Lab, s: Scenario) -> None:
    secret = _secret(lab, s, LOGIN)
    reason = words.LOGIN_REJECTED.replace("{token}", TOKEN.format(s.service))
    _private(lab, s, _reading_role(lab, s, secret), secret, reason, ("robot", "renewed"))


@scenario("upstream-image-missing", "queue", VIRGINIA, "Docker Hub has no such tag")
def _upstream_missing(lab: Lab, s: Scenario) -> None:
    reason = words.NOT_FOUND.replace("{ref}", "{image}")
    lab.estate.add_pull_rule(r"^rabbitmq:3\.99", reason)
    role = lab.pulling_role(s.service)
    lab.service(s.service, "rabbitmq:3.99", lab.network(s.region), region=s.region, role=role)


@scenario(
    "public-registry-unreachable",
    "exporter",
    TOKYO,
    "An image of Quay in a VPC with endpoints alone",
)
def _public_unreachable(lab: Lab, s: Scenario) -> None:
    network, role = lab.network(s.region, "endpoints"), lab.pulling_role(s.service)
    image = "quay.io/prometheus/node-exporter:v1.8.2"
    lab.service(s.service, image, network, region=s.region, role=role)


def _secret(lab: Lab, s: Scenario, value: str) -> str:
    secrets = lab.aws("secretsmanager", WORKLOAD, s.region)
    return str(secrets.create_secret(Name=f"{s.service}/pull", SecretString=value)["ARN"])


def _reading_role(lab: Lab, s: Scenario, secret: str) -> str:
    read = allow("secretsmanager:GetSecretValue", secret)
    return lab.role(f"{s.service}-execution", managed=[PULL_POLICY], inline=read)


def _private(
    lab: Lab,
    s: Scenario,
    role: str,
    credentials: str | None = None,
    reason: str = words.ANONYMOUS_REFUSED,
    login: tuple[str, str] | None = None,
) -> None:
    """Run a private image of GitHub's registry, which refuses it for *reason*."""
    named = PRIVATE.format(s.service)
    said = reason.replace("{token}", TOKEN.format(s.service))
    lab.estate.add_pull_rule(rf"^{named}:", said, login)
    lab.service(
        s.service, f"{named}:{TAG}", lab.network(s.region), region=s.region, role=role,
        credentials=credentials,
    )  # fmt: skip
