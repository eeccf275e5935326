"""Pull-through caches and the policy of a registry, as the estate's own engine has them."""

import pytest

from playground.scenarios.documents import IMPORT_ACTIONS, allow, document
from playground.scenarios.lab import PULL_POLICY
from playground.scenarios.places import REGISTRY, WORKLOAD
from tests.playground.estate.test_pull import REGION, Bench

HOST = f"{WORKLOAD}.dkr.ecr.{REGION}.amazonaws.com"
TOKEN = '{"username": "robot", "accessToken": "example"}'


@pytest.fixture(scope="module")
def bench(empty):
    made = Bench(empty)
    made.lab.cache(REGION, "hub", "registry-1.docker.io", TOKEN)
    made.lab.cache(REGION, "quay", "quay.io")
    return made


@pytest.fixture
def role(bench):
    every = f"arn:aws:ecr:{REGION}:{WORKLOAD}:repository/*"
    return bench.role(inline=allow(IMPORT_ACTIONS, every))


def test_an_import_takes_its_permissions(bench, role):
    """
    ECR says of an image that may not be imported that it is not there.
    """
    image = f"{HOST}/quay/prometheus/prometheus:v3"

    assert bench.run(image=image, role=role) is None
    assert bench.run(image=image).endswith("prometheus:v3: not found")
    only = bench.role(inline=allow(IMPORT_ACTIONS[1]))
    assert "not found" in bench.run(image=image, role=only)


def test_the_registry_may_allow_it(bench):
    """
    In one account its policy is enough.
    """
    ecr = bench.lab.aws("ecr", WORKLOAD, REGION)
    every = f"arn:aws:ecr:{REGION}:{WORKLOAD}:repository/quay/*"
    text = document(allow(IMPORT_ACTIONS, every, {"AWS": f"arn:aws:iam::{WORKLOAD}:root"}, Sid="c"))
    roles = f"arn:aws:iam::{WORKLOAD}:role/role-named"
    bench.lab.role("role-named", managed=[PULL_POLICY])
    named = text.replace(f"{WORKLOAD}:root", f"{WORKLOAD}:role/role-named")

    ecr.put_registry_policy(policyText=named)
    try:
        assert bench.run(image=f"{HOST}/quay/a/b:1", role=roles) is None
    finally:
        ecr.delete_registry_policy()
    assert "not found" in bench.run(image=f"{HOST}/quay/a/b:1", role=roles)


def test_docker_hub_has_no_image_without_a_namespace(bench, role):
    """
    An official image is in ``library/``.
    """
    assert "403 Forbidden" in bench.run(image=f"{HOST}/hub/nginx:1", role=role)
    assert bench.run(image=f"{HOST}/hub/library/nginx:1", role=role) is None


def test_credentials_of_a_cache(bench, role):
    """
    Deleted they open nothing; restored they do, and ECR validates the same.
    """
    secrets = bench.lab.aws("secretsmanager", WORKLOAD, REGION)
    ecr = bench.lab.aws("ecr", WORKLOAD, REGION)
    image, named = f"{HOST}/hub/acme/shop:1", {"SecretId": "ecr-pullthroughcache/hub"}
    rule = {"ecrRepositoryPrefix": "hub"}

    assert ecr.validate_pull_through_cache_rule(**rule)["isValid"]
    secrets.delete_secret(**named, RecoveryWindowInDays=7)
    assert "403 Forbidden" in bench.run(image=image, role=role)
    assert "scheduled for deletion" in ecr.validate_pull_through_cache_rule(**rule)["failure"]
    secrets.restore_secret(**named)
    assert bench.run(image=image, role=role) is None
    secrets.put_secret_value(**named, SecretString='{"username": "a", "password": "b"}')
    assert "accessToken" in ecr.validate_pull_through_cache_rule(**rule)["failure"]
    secrets.put_secret_value(**named, SecretString=TOKEN)


def test_a_first_pull_needs_the_internet(bench, role):
    """
    ECR is reached by endpoints, the layers are elsewhere.
    """
    said = bench.run(image=f"{HOST}/hub/acme/shop:1", role=role, kind="endpoints")

    assert "https://production.cloudflare.docker.com/" in said
    assert "i/o timeout" in said


def test_a_digest_is_not_imported(bench, role):
    """
    A first pull is one of a tag.
    """
    said = bench.run(image=f"{HOST}/hub/acme/shop@sha256:{'0' * 64}", role=role)

    assert "not found" in said


@pytest.mark.parametrize(("scope", "refused"), [("V2", True), ("V1", False)])
def test_the_policy_of_a_registry_governs_pulls_in_its_new_scope(bench, scope, refused):
    """
    In the old one it is about what creates and imports.
    """
    ecr = bench.lab.aws("ecr", WORKLOAD, REGION)
    denied = {"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage",
              "Resource": f"arn:aws:ecr:{REGION}:{WORKLOAD}:repository/shop"}  # fmt: skip
    ecr.put_registry_policy(policyText=document(denied))
    ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value=scope)
    try:
        assert scope == ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"]
        assert refused is ("403 Forbidden" in (bench.run() or ""))
    finally:
        ecr.delete_registry_policy()
        ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V2")


def test_the_policy_of_a_registry_may_share_it(bench):
    """
    With another account, instead of the policy of each repository.
    """
    uri = bench.lab.repository("shared", account=REGISTRY, region=REGION)
    ecr = bench.lab.aws("ecr", REGISTRY, REGION)
    assert "403 Forbidden" in bench.run(image=f"{uri}:v1.0.0")

    who = {"AWS": f"arn:aws:iam::{WORKLOAD}:root"}
    text = document(allow("ecr:*", f"arn:aws:ecr:{REGION}:{REGISTRY}:repository/*", who, Sid="all"))
    ecr.put_registry_policy(policyText=text)
    try:
        assert bench.run(image=f"{uri}:v1.0.0") is None
    finally:
        ecr.delete_registry_policy()


def test_a_login_that_the_registry_takes(bench):
    """
    The agent wants user and password; the registry wants those it knows.
    """
    secrets = bench.lab.aws("secretsmanager", WORKLOAD, REGION)
    kept = secrets.create_secret(Name="ghcr", SecretString=TOKEN)["ARN"]
    role = bench.role(inline=allow("secretsmanager:GetSecretValue", kept))
    bench.lab.estate.add_pull_rule(r"^ghcr\.io/acme/", "REFUSED {image}", ("robot", "right"))
    given = {"repositoryCredentials": {"credentialsParameter": kept}}

    for value, words in (
        (TOKEN, "AuthorizationData is malformed, empty field"),
        ("[]", "invalid schema"),
        ('{"username": 1, "password": "x"}', "invalid schema"),
        ('{"username": "robot", "password": "wrong"}', "REFUSED ghcr.io/acme/shop:1"),
        ('{"Username": "robot", "Password": "right"}', None),
    ):
        secrets.put_secret_value(SecretId=kept, SecretString=value)
        said = bench.run(image="ghcr.io/acme/shop:1", role=role, **given)
        assert words in said if words else said is None
