"""Every scenario fails with the words that ECS would use, or runs."""

import boto3
import pytest
import yaml

from playground import scenarios
from playground.scenarios.places import EXTERNAL_ID, WORKLOAD

WORDS = {
    "image-tag-missing": ["CannotPullContainerError", "shop-web:v1.0.0: not found"],
    "execution-role-lacks-ecr-login": [
        "ResourceInitializationError", "is not authorized to perform: ecr:GetAuthorizationToken",
        "because no identity-based policy allows",
    ],
    "execution-role-lacks-image-read": ["[manifests v1.0.0]: 403 Forbidden"],
    "permission-on-task-role": ["mailer-execution", "ecr:GetAuthorizationToken"],
    "execution-role-unset": ["[manifests v1.0.0]: 401 Unauthorized"],
    "execution-role-missing": ["ECS was unable to assume the role", "ledger-execution"],
    "execution-role-untrusted": ["ECS was unable to assume the role", "invoice-execution"],
    "execution-role-trust-unmet": ["ECS was unable to assume the role", "fulfil-execution"],
    "role-explicitly-denied": [
        "audit-execution", "with an explicit deny in an identity-based policy",
    ],
    "permissions-boundary-blocks": [
        "ranking-execution", "because no permissions boundary allows the ecr:GetAuthorizationToken",
    ],
    "organization-policy-blocks": [
        "analytics-execution", "with an explicit deny in a service control policy",
    ],
    "role-condition-unmet": ["quotes", "[manifests v1.0.0]: 403 Forbidden"],
    "instance-role-lacks-image-read": [
        "CannotPullECRContainerError", "assumed-role/importer-instance/i-",
        "because no identity-based policy allows the ecr:GetAuthorizationToken",
    ],
    "repository-missing": ["222233334444.dkr.ecr.us-east-1", "recommend:v1.0.0: not found"],
    "image-in-other-region": ["ecr.ap-northeast-1", "catalog:v1.0.0: not found"],
    "image-digest-missing": ["payments:v1.0.0@sha256:", ": not found"],
    "image-expired": ["newsletter:v1.0.0: not found"],
    "image-not-replicated": ["222233334444.dkr.ecr", "returns:v1.0.0: not found"],
    "image-key-unusable": ["httpReadSeeker: failed open", "insurance/blobs/", "403 Forbidden"],
    "image-archived": ["CannotPullContainerError", "statements:v1.0.0: not found"],
    "image-reference-malformed": ["invalid reference format", "(Loyalty) must be lowercase"],
    "registry-host-wrong-partition": ["amazonaws.com.cn on 10.0.0.2:53: no such host"],
    "not-a-container-image": ["mismatched image rootfs and manifest layers"],
    "image-platform-mismatch": ["does not contain descriptor matching platform 'linux/amd64'"],
    "registry-host-forgotten": ["docker.io/library/frontend:v1.0.0", "pull access denied"],
    "repository-policy-denies": ["333344445555.dkr.ecr", "403 Forbidden"],
    "docker-hub-rate-limited": ["429 Too Many Requests", "pull rate limit"],
    "registry-credentials-unset": ["ghcr.io/example-org/reports", "401 Unauthorized"],
    "registry-policy-denies": ["/compliance:v1.0.0", "403 Forbidden"],
    "registry-abuse-limited": ["docker.io/library/memcached:1.6.36", "429 Too Many Requests"],
    "ecr-throttled": ["429 Too Many Requests", "toomanyrequests: Rate exceeded"],
    "docker-library-prefix-missing": ["/docker-hub/httpd:2.4.62", "403 Forbidden"],
    "pull-through-cache-denied": ["/quay/prometheus/prometheus:v3.1.0: not found"],
    "pull-through-cache-credential-invalid": ["/github/example-org/dashboard", "403 Forbidden"],
    "pull-through-cache-needs-internet": ["httpReadSeeker: failed open", "https://cdn.quay.io/"],
    "registry-credentials-rejected": ["fetch oauth token", "401 Unauthorized"],
    "registry-secret-malformed": [
        "unable to get registry auth from asm", "AuthorizationData is malformed, empty field",
    ],
    "upstream-image-missing": ["docker.io/library/rabbitmq:3.99: not found"],
    "public-registry-unreachable": ["https://quay.io/v2/", "i/o timeout"],
    "registry-secret-unreadable": [
        "unable to get registry auth from asm", "secretsmanager:GetSecretValue",
    ],
    "execution-role-lacks-secret-read": [
        "unable to retrieve secret from asm", "secretsmanager:GetSecretValue", "orders/db",
        "because no identity-based policy allows",
    ],
    "execution-role-lacks-parameter-read": [
        "unable to retrieve secrets from ssm", "perform: ssm:GetParameters on", "parameter/tariffs/url",
    ],
    "execution-role-lacks-decrypt": ["vault/db", "Access to KMS is not allowed"],
    "secret-missing": ["accounts/db", "can't find the specified secret."],
    "secret-pending-deletion": ["archive/db", "it was marked for deletion"],
    "secret-reference-malformed": ["unexpected ARN format with parameters"],
    "parameter-missing": ["unable to retrieve secrets from ssm", "invalid ssm parameters: /geo/api-key"],
    "secret-version-missing": ["specified secret value for staging label: AWSCURRENT"],
    "secret-json-key-missing": ["did not contain json key passwd"],
    "secret-in-other-account": [
        "333344445555:secret:partners/db", "because no resource-based policy allows",
    ],
    "log-group-missing": [
        "failed to validate logger args", "The specified log group does not exist",
    ],
    "public-ip-missing": ["api.ecr.ap-northeast-1", "i/o timeout"],
    "no-route-to-registry": ["api.ecr.us-east-1", "i/o timeout"],
    "endpoint-family-mismatch": ["api.ecr.us-east-1", "dial tcp 52.46.", "i/o timeout"],
    "external-host-egress-blocked": [
        "CannotPullECRContainerError", "api.ecr.ap-northeast-1", "dial tcp 52.46.", "i/o timeout",
    ],
    "subnet-on-main-route-table": ["api.ecr.ap-northeast-1", "dial tcp 52.46."],
    "endpoint-missing": ["api.ecr.ap-northeast-1", "i/o timeout"],
    "s3-route-missing": ["httpReadSeeker: failed open", "dial tcp 52.219."],
    "endpoint-security-group-closed": ["api.ecr.ap-northeast-1", "dial tcp 10.", "i/o timeout"],
    "task-security-group-closed": ["httpReadSeeker: failed open", "dial tcp 52.219."],
    "endpoint-private-dns-off": ["stock:v1.0.0", "dial tcp 52.46.", "i/o timeout"],
    "vpc-dns-off": ["api.ecr.ap-northeast-1", "dial tcp 52.46."],
    "nat-gateway-broken": ["api.ecr.ap-northeast-1", "dial tcp 52.46."],
    "internet-gateway-missing": ["api.ecr.ap-northeast-1", "dial tcp 52.46."],
    "network-acl-blocks": ["api.ecr.ap-northeast-1", "dial tcp 52.46."],
    "endpoint-policy-denies": ["refunds", "[manifests v1.0.0]: 403 Forbidden"],
    "s3-endpoint-policy-denies": ["httpReadSeeker: failed open", "/blobs/sha256:", "403 Forbidden"],
    "custom-dns-server": ["lookup api.ecr.ap-northeast-1", ".0.53:53: no such host"],
    "firewall-in-path": ["api.ecr.ap-northeast-1", "dial tcp 52.46."],
    "subnet-addresses-exhausted": ["Create Network Interface", "InsufficientFreeAddressesInSubnet"],
    "endpoint-unavailable": ["api.ecr.ap-northeast-1", "dial tcp 52.46."],
    "cross-region-image-unreachable": ["https://api.ecr.us-east-1", "i/o timeout"],
    "ipv6-only-subnet": ["/streams/manifests/v1.0.0", "connect: network is unreachable"],
    "disk-full": ["failed to register layer", "no space left on device"],
    "agent-outdated": ["no container instance met", "missing an attribute required by your task"],
    "pull-timed-out": ["transition to pulled; timed out after waiting 2h0m0s"],
    "deployment-stalled": ["CannotPullContainerError", "coupons:v1.0.0: not found"],
    "ephemeral-storage-too-small": ["failed to extract layer", "no space left on device"],
}  # fmt: skip


def test_healthy_services_run(shop):
    """
    What is well says nothing.
    """
    well = [s for s in scenarios.SCENARIOS if s.cause is None]

    assert [("running", "")] * 2 == [
        (scenarios.health(shop, s), scenarios.sample_error(shop, s)) for s in well
    ]


@pytest.mark.parametrize("name", WORDS)
def test_a_broken_service_says_why(shop, named, name):
    """
    The newest stopped task (or event) has the words that lead to the cause.
    """
    said = scenarios.sample_error(shop, named(name))

    assert scenarios.health(shop, named(name)) == "failing"
    assert [] == [w for w in WORDS[name] if w not in said], said


def test_the_table_is_whole():
    """
    Every cause has a scenario, in two Regions, and two services are well.
    """
    causes = [s.cause for s in scenarios.SCENARIOS if s.cause]

    assert set(WORDS) == set(causes)
    assert {"ap-northeast-1", "us-east-1"} == {s.region for s in scenarios.SCENARIOS}
    assert len({s.service for s in scenarios.SCENARIOS}) == len(scenarios.SCENARIOS)


def test_unknown_scenario_is_refused(shop):
    """
    A misspelt name is no empty playground.
    """
    with pytest.raises(ValueError, match="no-such"):
        scenarios.build(shop, ["no-such"])


def test_releases_were_pushed_one_after_the_other(shop):
    """
    Tags have push times of their own, so that the newest can be told.
    """
    ecr = shop.client("ecr", WORKLOAD, "ap-northeast-1")
    found = ecr.describe_images(repositoryName="shop-web")["imageDetails"]
    newest_first = sorted(found, key=lambda i: i["imagePushedAt"], reverse=True)

    assert ["v1.0.1", "v0.9.9", "v0.9.8", "v0.9.7"] == [i["imageTags"][0] for i in newest_first]


def test_the_bot_reads_through_its_role_alone(shop):
    """
    The bot's own key can assume the roles and nothing else; secrets stay shut.
    """
    own = _session(scenarios.credentials(shop))
    given = own.client("sts", endpoint_url=shop.url).assume_role(
        RoleArn=f"arn:aws:iam::{WORKLOAD}:role/ecs-pull-read",
        RoleSessionName="incident",
        ExternalId=EXTERNAL_ID,
    )["Credentials"]
    reader = boto3.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "ap-northeast-1"
    )

    ecs = reader.client("ecs", endpoint_url=shop.url)
    assert ecs.describe_services(cluster="main", services=["shop-web"])["services"]
    assert "AccessDenied" in _code(
        own.client("ecs", endpoint_url=shop.url).list_tasks, cluster="main"
    )
    secrets = reader.client("secretsmanager", region_name="us-east-1", endpoint_url=shop.url)
    assert "AccessDenied" in _code(secrets.get_secret_value, SecretId="registry/ghcr")


def test_accounts_file_is_whole():
    """
    Three accounts with both roles, and a channel for each language.
    """
    said = yaml.safe_load(scenarios.accounts_yaml())

    assert ["tools", "prod", "images"] == [a["alias"] for a in said["accounts"]]
    assert all("channels" not in a and not a["second_person"] for a in said["accounts"])
    assert {"C01SHOP": "en", "C02SHOPJA": "ja"} == {
        c: v["language"] for c, v in said["channels"].items()
    }


def _session(environment):
    return boto3.Session(
        environment["AWS_ACCESS_KEY_ID"],
        environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )


def _code(call, **params):
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as refused:
        call(**params)
    return refused.value.response["Error"]["Code"]
