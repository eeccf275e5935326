"""How each service of the playground is built: one function per scenario."""

from __future__ import annotations

from collections.abc import Callable

from playground.estate import words
from playground.scenarios.documents import LOG_ACTIONS, PULL_ACTIONS, allow
from playground.scenarios.lab import PULL_POLICY, Lab
from playground.scenarios.places import REGISTRY, VIRGINIA, WORKLOAD
from playground.scenarios.table import Scenario

TAG = "v1.0.0"
Build = Callable[[Lab, Scenario], None]
BUILDERS: dict[str, Build] = {}


def builder(name: str) -> Callable[[Build], Build]:
    """Register the function that builds the scenario called *name*."""

    def register(build: Build) -> Build:
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
