"""How names are cut out of a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entities import entities
from bot.tokens import Reference, codes, split, trim
from bot.wrapping import unwrap

DIGEST = "sha256:" + "0a" * 32
ECR = "111122223333.dkr.ecr.us-east-1.amazonaws.com"


def read(text):
    return entities(unwrap(text), None)


@pytest.mark.parametrize(
    "text",
    [
        "my-app:203 was deregistered",
        "no matching manifest for windows/amd64 10.0.20348 in the manifest list entries",
        "failed to resolve ref ...",
        "failed to resolve reference ...: i/o timeout",
        "see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/x.html",
        "increase the limit: https://www.docker.com/increase-rate-limit",
        'Failed to resolve "fs-0a1b.efs.us-east-1.amazonaws.com"',
    ],
)
def test_what_is_no_image_and_no_endpoint(text):
    """
    Revisions, platforms, elisions and links to read are not taken for names.
    """
    got = read(text)

    assert got.image is None
    assert got.endpoint_host is None


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("nginx", Reference(None, "nginx", None, None)),
        ("nginx:1.27", Reference(None, "nginx", "1.27", None)),
        ("acme/web", Reference(None, "acme/web", None, None)),
        ("localhost/web:1", Reference("localhost", "web", "1", None)),
        ("reg.example.com:5000/a/b", Reference("reg.example.com:5000", "a/b", None, None)),
        (f"{ECR}/a/b:1@{DIGEST}", Reference(ECR, "a/b", "1", DIGEST)),
        (f"web@{DIGEST}", Reference(None, "web", None, DIGEST)),
        ("<redacted>/web:1", Reference(None, "<redacted>/web", "1", None)),
        (".../web:1", Reference(None, ".../web", "1", None)),
    ],
)
def test_references_are_split_as_docker_does(image, parts):
    """
    Nothing is filled in, and a port is no tag.
    """
    assert parts == split(image)


@given(
    registry=st.sampled_from([None, ECR, "ghcr.io", "reg.example.com:5000", "localhost"]),
    repository=st.from_regex(
        r"[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}(/[a-z0-9]{1,8}){0,2}", fullmatch=True
    ),
    tag=st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    digest=st.none() | st.just(DIGEST),
)
def test_a_reference_put_together_comes_apart_again(registry, repository, tag, digest):
    """
    Splitting is the inverse of writing a reference.
    """
    image = (f"{registry}/" if registry else "") + repository
    image += (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    parts = split(image)

    if registry or "/" not in repository or "." not in repository.partition("/")[0]:
        assert Reference(registry, repository, tag, digest) == parts


@pytest.mark.parametrize(
    ("token", "bare"),
    [
        ("web:1:", "web:1"), ("web:1).", "web:1"), ("web*", "web"), ("name-*", "name-*"),
        ("<redacted>", "<redacted>"), ("web...", "web..."), ("web>", "web"),
    ],
)  # fmt: skip
def test_punctuation_that_sticks_is_cut_off(token, bare):
    """
    Masks and elisions stay, the rest of the sentence goes.
    """
    assert bare == trim(token)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("QRT4CannotPullContainerError stopped", []),
        ("svc-CannotPullContainerErrorECSService-x", []),
        ("except EcsCannotPullContainerError as e", []),
        ("CannotPullContainerErrors", []),
        ("Resourceinitializationerror: x", ["ResourceInitializationError"]),
        ("RUNNING (ContainerPullError)", ["CannotPullContainerError"]),
        ("CannotPullContainer Error: x", ["CannotPullContainerError"]),
        ("CannotPullContainer: x", ["CannotPullContainerError"]),
        ('error"CannotPullECRContainerError: x', ["CannotPullECRContainerError"]),
        ("「CannotPullContainerError」", ["CannotPullContainerError"]),
        (
            "OutOfMemoryError ResourceInitializationError",
            ["OutOfMemoryError", "ResourceInitializationError"],
        ),
    ],
)
def test_codes_stand_alone(text, named):
    """
    A code inside a name is none; a bent spelling is put right.
    """
    assert named == [code for _, code in codes(text)]


def test_a_registry_url_is_no_image():
    """
    Registry, repository and digest come from the URL; there is no reference.
    """
    got = read(f"unexpected status code https://{ECR}/v2/shop/web/manifests/{DIGEST}: 429")

    assert (None, ECR, "shop/web", None, DIGEST) == (
        got.image, got.registry, got.repository, got.tag, got.digest,
    )  # fmt: skip
    assert ECR == got.endpoint_host


def test_the_expected_digest_counts():
    """
    Of a received and an expected digest, the expected one is told.
    """
    got = read(f"unexpected commit digest sha256:{'ff' * 32}, expected {DIGEST}: failed")

    assert DIGEST == got.digest


def test_the_account_of_the_registry_comes_first():
    """
    The registry's account and region beat those of the role; masked ones are None.
    """
    role = "arn:aws:sts::222233334444:assumed-role/exec/1"

    assert "111122223333" == read(f"{role} pull {ECR}/web:1").account_id
    assert "222233334444" == read(f"{role} denied").account_id
    assert read(f"{role} pull xxx.dkr.ecr.us-east-1.amazonaws.com/web:1").account_id is None


@pytest.mark.parametrize(
    ("text", "cluster", "service"),
    [
        ("arn:aws:ecs:us-east-1:111122223333:service/main/api failed", "main", "api"),
        ("arn:aws:ecs:us-east-1:111122223333:task/main/0f1e stopped", "main", None),
        ("(service api) was unable to place a task", None, "api"),
        ("service api was unable to place a task", None, "api"),
        ("Service: api\nCluster: main", "main", "api"),
        (
            "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/main/services/api",
            "main",
            "api",
        ),
        ("aws ecs update-service --cluster main --service api", "main", "api"),
        (
            '{"group": "service:api", "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/main"}',
            "main",
            "api",
        ),
        ("the service was restarted", None, None),
    ],
)
def test_cluster_and_service(text, cluster, service):
    """
    They come from ARNs, sentences, labels, links, options and events.
    """
    got = read(text)

    assert (cluster, service) == (got.cluster, got.service)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:a/b!c-AbC123: denied",
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:a/b!c-AbC123",
        ),
        (
            "arn:aws:secretsmanager:us-east-1:*:secret:app-* from",
            "arn:aws:secretsmanager:us-east-1:*:secret:app-*",
        ),
        (
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbC123:pw:: x",
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbC123",
        ),
        (
            "arn:aws:ssm:us-east-1:111122223333:parameter/a/b because",
            "arn:aws:ssm:us-east-1:111122223333:parameter/a/b",
        ),
        ("arn:aws:secretsmanager:...:secret:rds!db-4be1...", None),
    ],
)
def test_secrets(text, secret):
    """
    A masked account stays, a name that is cut is no ARN.
    """
    assert secret == read(text).secret_arn
