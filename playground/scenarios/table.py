"""The services of the playground: each broken in one way, two of them well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.estate import words
from playground.scenarios.lab import LOG_ACTIONS, PULL_ACTIONS, PULL_POLICY, Lab, allow
from playground.scenarios.places import CLUSTER, REGISTRY, TOKYO, VIRGINIA, WORKLOAD

TAG = "v1.0.0"
BUILDERS: dict[str, Callable[[Lab, Scenario], None]] = {}


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


def builder(
    name: str,
) -> Callable[[Callable[[Lab, Scenario], None]], Callable[[Lab, Scenario], None]]:
    """Register the function that builds the scenario called *name*."""

    def register(build: Callable[[Lab, Scenario], None]) -> Callable[[Lab, Scenario], None]:
        BUILDERS[name] = build
        return build

    return register


def _own_image(lab: Lab, s: Scenario) -> str:
    return f"{lab.repository(s.service, region=s.region)}:{TAG}"


@builder("image-tag-missing")
def _tag_missing(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, region=s.region, tags=("v0.9.7", "v0.9.8", "v0.9.9", "v1.0.1"))
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@builder("execution-role-lacks-ecr-login")
def _lacks_login(lab: Lab, s: Scenario) -> None:
    image = _own_image(lab, s)
    arn = f"arn:aws:ecr:{s.region}:{WORKLOAD}:repository/{s.service}"
    inline = allow(["ecr:GetAuthorizationToken", *PULL_ACTIONS], arn)
    role = lab.role(f"{s.service}-execution", inline=inline)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@builder("execution-role-lacks-image-read")
def _lacks_read(lab: Lab, s: Scenario) -> None:
    image = _own_image(lab, s)
    inline = allow(["ecr:GetAuthorizationToken", *LOG_ACTIONS])
    role = lab.role(f"{s.service}-execution", inline=inline)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@builder("permission-on-task-role")
def _on_task_role(lab: Lab, s: Scenario) -> None:
    image = _own_image(lab, s)
    task_role = lab.role(f"{s.service}-task", managed=[PULL_POLICY])
    role = lab.role(f"{s.service}-execution", inline=allow(LOG_ACTIONS))
    lab.service(
        s.service, image, lab.network(s.region), region=s.region, role=role, task_role=task_role
    )


@builder("execution-role-unset")
def _role_unset(lab: Lab, s: Scenario) -> None:
    lab.pulling_role(s.service)  # it is there, only nobody named it
    image = _own_image(lab, s)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=None)


@builder("execution-role-missing")
def _role_missing(lab: Lab, s: Scenario) -> None:
    role = f"arn:aws:iam::{WORKLOAD}:role/{s.service}-execution"
    image = _own_image(lab, s)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@builder("execution-role-untrusted")
def _role_untrusted(lab: Lab, s: Scenario) -> None:
    role = lab.role(f"{s.service}-execution", trusts="ec2.amazonaws.com", managed=[PULL_POLICY])
    image = _own_image(lab, s)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@builder("repository-missing")
def _repository_missing(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, account=REGISTRY, region=s.region, shared=True)
    image = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com/{s.service}:{TAG}"
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@builder("image-in-other-region")
def _other_region(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, region=VIRGINIA)
    image = f"{WORKLOAD}.dkr.ecr.{s.region}.amazonaws.com/{s.service}:{TAG}"
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@builder("image-digest-missing")
def _digest_missing(lab: Lab, s: Scenario) -> None:
    image = _own_image(lab, s)
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)
    # The deployment has resolved its tag; now the tag moves on and the old image expires.
    ecr = lab.aws("ecr", WORKLOAD, s.region)
    found = ecr.describe_images(repositoryName=s.service, imageIds=[{"imageTag": TAG}])
    old = found["imageDetails"][0]["imageDigest"]
    lab.push(s.service, TAG, account=WORKLOAD, region=s.region, number=6, build="+1")
    ecr.batch_delete_image(repositoryName=s.service, imageIds=[{"imageDigest": old}])


@builder("registry-host-forgotten")
def _host_forgotten(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, region=s.region)
    lab.estate.add_pull_rule(rf"^{s.service}:", words.HUB_DENIED)
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{s.service}:{TAG}", lab.network(s.region), region=s.region, role=role)


@builder("repository-policy-denies")
def _repository_policy(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, account=REGISTRY, region=s.region)
    role = lab.pulling_role(s.service)
    lab.service(s.service, f"{uri}:{TAG}", lab.network(s.region), region=s.region, role=role)


@builder("docker-hub-rate-limited")
def _rate_limited(lab: Lab, s: Scenario) -> None:
    digest = "sha256:535b594e9fd1c72b4b93036edde00039e3ba8adb1c360d5bc6cad6fad3dbcbeb"
    reason = words.HUB_RATE.format(repository="library/nginx", digest=digest)
    lab.estate.add_pull_rule(r"^nginx:", reason)
    role = lab.pulling_role(s.service)
    lab.service(s.service, "nginx:1.27.3", lab.network(s.region, "nat"), region=s.region, role=role)


PRIVATE = "ghcr.io/example-org/{}"
TOKEN = "https://ghcr.io/token?scope=repository%3Aexample-org%2F{}%3Apull&service=ghcr.io"


@builder("registry-credentials-unset")
def _credentials_unset(lab: Lab, s: Scenario) -> None:
    reason = words.ANONYMOUS_REFUSED.replace("{token}", TOKEN.format(s.service))
    lab.estate.add_pull_rule(rf"^{PRIVATE.format(s.service)}:", reason)
    image = f"{PRIVATE.format(s.service)}:{TAG}"
    role = lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@builder("registry-secret-unreadable")
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


@builder("public-ip-missing")
def _public_ip(lab: Lab, s: Scenario) -> None:
    public = lab.network(s.region)
    without = type(public)(public.subnet, public.group, public_ip=False)
    image = _own_image(lab, s)
    lab.service(s.service, image, without, region=s.region, role=lab.pulling_role(s.service))


@builder("no-route-to-registry")
def _no_route(lab: Lab, s: Scenario) -> None:
    image, role = _own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, "isolated"), region=s.region, role=role)


@builder("endpoint-missing")
def _endpoint_missing(lab: Lab, s: Scenario) -> None:
    image, role = _own_image(lab, s), lab.pulling_role(s.service)
    network = lab.network(s.region, "no-api-endpoint")
    lab.service(s.service, image, network, region=s.region, role=role)


@builder("s3-route-missing")
def _s3_route(lab: Lab, s: Scenario) -> None:
    image, role = _own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, "no-s3-route"), region=s.region, role=role)


@builder("storefront")
def _storefront(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, account=REGISTRY, region=s.region, shared=True)
    role = lab.pulling_role(s.service)
    network = lab.network(s.region, "endpoints")
    lab.service(s.service, f"{uri}:{TAG}", network, region=s.region, role=role)


@builder("console")
def _console(lab: Lab, s: Scenario) -> None:
    image, role = _own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, "nat"), region=s.region, role=role)


SCENARIOS = _scenarios()
