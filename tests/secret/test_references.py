"""What a task definition writes for a secret, taken apart as ECS takes it apart."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import ImageReference, WantedSecret
from bot.secret.references import has_version, key_arn, looks_complete, once, parsed, wanted
from tests.cases.healthy import ACCOUNT, REGION
from tests.causes.facts_secret import FOREIGN, KEY, OTHER, PARAMETER, SECRET, asks, secret, task

BLANK = WantedSecret("app", "secrets", "DB", "", "secretsmanager")


def read(written, place="secrets"):
    return parsed(replace(BLANK, written=written, place=place), ACCOUNT, REGION)


@given(st.text() | st.text(alphabet="arn:aws:secretsmanagerssm/-1"))
def test_whatever_is_written_is_taken_apart(written):
    """
    Nothing that an account can hold makes the parser fail.
    """
    found = read(written)

    assert found.written == written
    assert found.fault or found.arn


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", (None, None, None)),
        (":password::", ("password", None, None)),
        ("::AWSPREVIOUS:", (None, "AWSPREVIOUS", None)),
        (":::0123-abc", (None, None, "0123-abc")),
        (":password:AWSPREVIOUS:", ("password", "AWSPREVIOUS", None)),
    ],
)
def test_parts_of_a_secret(tail, expected):
    """
    Key, stage and version stand behind the ARN, which IAM knows without them.
    """
    found = read(SECRET + tail)

    assert expected == (found.json_key, found.stage, found.version)
    assert (SECRET, "prod/db-AbCdEf") == (found.arn, found.name)


def test_where_a_secret_is():
    """
    An ARN names account and Region; another partition is as good.
    """
    china = read(SECRET.replace("arn:aws:", "arn:aws-cn:").replace(REGION, "cn-north-1"))

    assert (OTHER, REGION) == (read(FOREIGN).account, read(FOREIGN).region)
    assert ("cn-north-1", None) == (china.region, china.fault)


@pytest.mark.parametrize(
    ("written", "name", "version"),
    [
        ("/prod/url", "/prod/url", None),
        ("url", "url", None),
        ("/prod/url:3", "/prod/url", "3"),
        (PARAMETER, "prod/url", None),
        (f"{PARAMETER}:label", "prod/url", "label"),
    ],
)
def test_parameters(written, name, version):
    """
    A name is one of the task's own account and Region; a version or label stands behind it.
    """
    found = read(written)

    assert ("ssm", name, version) == (found.store, found.name, found.version)
    assert found.arn.endswith(f"{ACCOUNT}:parameter/{name.lstrip('/')}")


def test_a_bare_name_of_registry_credentials_is_a_secret():
    """
    There Secrets Manager is asked, and not Parameter Store.
    """
    assert ("secretsmanager", "ghcr") == (
        read("ghcr", "repositoryCredentials").store,
        read("ghcr", "repositoryCredentials").arn,
    )


def test_what_a_task_asks_for():
    """
    Secrets, options of the log driver and credentials; not those of the image that is pulled.
    """
    asked = asks(SECRET, "/prod/url", options=(f"{SECRET}:token::",), credentials=FOREIGN)
    pulled = ImageReference("nginx:1", "app", "docker-hub", "docker.io", "library/nginx", "1")
    less = wanted(task(SECRET, credentials=FOREIGN), pulled, ACCOUNT, REGION)

    assert ["secrets", "secrets", "secretOptions", "repositoryCredentials"] == [
        w.place for w in asked.items
    ]
    assert ["secrets"] == [w.place for w in less.items]
    assert [SECRET, FOREIGN] == [w.arn for w in once(asked.of("secretsmanager"))]


@pytest.mark.parametrize(
    ("name", "complete"),
    [("prod/db-AbCdEf", True), ("db-secret", True), ("db-secrets", False), ("database", False)],
)
def test_names_that_end_like_an_arn(name, complete):
    """
    A hyphen and six characters are taken for the end of a complete ARN.
    """
    written = SECRET.replace("prod/db-AbCdEf", name)

    assert complete == bool(looks_complete(read(written)))


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, None),
        ("alias/aws/secretsmanager", None),
        (KEY.replace("key/1111-2222", "alias/aws/ssm"), None),
        (KEY, KEY),
        ("1111-2222", KEY),
        ("alias/shop", KEY.replace("key/1111-2222", "alias/shop")),
    ],
)
def test_keys(named, expected):
    """
    A key by its id, ARN or alias is one of the secret's own account; AWS's default needs no right.
    """
    assert expected == key_arn(named, SECRET)


@pytest.mark.parametrize(
    ("tail", "expected"),
    [("", True), ("::AWSOLD:", False), (":::v1", True), (":::v0", None), ("::AWSCURRENT:v1", True),
     ("::AWSOLD:v1", False)],
)  # fmt: skip
def test_versions(tail, expected):
    """
    A stage is there or not; a version without a stage is not told.
    """
    assert expected is has_version(read(SECRET + tail), secret())
