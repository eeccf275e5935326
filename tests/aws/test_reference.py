"""Splitting image references as Docker splits them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.aws.reference import same_image, split

HOST = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("written", "registry", "host", "repository", "tag", "digest"),
    [
        ("nginx", "docker-hub", "docker.io", "library/nginx", "latest", None),
        ("my-team/app:v1", "docker-hub", "docker.io", "my-team/app", "v1", None),
        ("docker.io/library/nginx:1", "docker-hub", "docker.io", "library/nginx", "1", None),
        ("index.docker.io/nginx", "docker-hub", "docker.io", "library/nginx", "latest", None),
        ("localhost/app", "other", "localhost", "app", "latest", None),
        ("localhost:5000/app:v1", "other", "localhost:5000", "app", "v1", None),
        ("ghcr.io/o/app", "other", "ghcr.io", "o/app", "latest", None),
        ("public.ecr.aws/x/app:1", "ecr-public", "public.ecr.aws", "x/app", "1", None),
        (f"{HOST}/a/b:v1", "ecr", HOST, "a/b", "v1", None),
        (f"{HOST}/my-app@{DIGEST}", "ecr", HOST, "my-app", None, DIGEST),
        (f"{HOST}/my-app:v1@{DIGEST}", "ecr", HOST, "my-app", "v1", DIGEST),
        ("12345.dkr.ecr.eu-west-1.amazonaws.com/a", "other",
         "12345.dkr.ecr.eu-west-1.amazonaws.com", "a", "latest", None),
    ],
)  # fmt: skip
def test_split(written, registry, host, repository, tag, digest):
    """
    Host, repository, tag and digest are told apart as Docker does it.
    """
    found = split(written, "app")

    assert (registry, host, repository, tag, digest) == (
        found.registry, found.host, found.repository, found.tag, found.digest
    )  # fmt: skip
    assert (written, "app") == (found.written, found.container)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        (HOST, "ap-northeast-1"),
        ("123456789012.dkr-ecr.us-east-1.on.aws", "us-east-1"),
        ("123456789012.dkr.ecr-fips.us-east-2.amazonaws.com", "us-east-2"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ],
)
def test_ecr_hosts_tell_account_and_region(host, region):
    """
    Every kind of ECR host names the account and the Region.
    """
    found = split(f"{host}/my-app", "app")

    assert ("123456789012", region) == (found.account, found.region)


def test_a_look_alike_is_not_ecr():
    """
    A host that only ends like ECR's is somebody else's.
    """
    assert "other" == split(f"{HOST}.example.com/app", "app").registry


def test_same_image_needs_the_same_tag():
    """
    Another tag is another image, but a digest may stand for any tag.
    """
    v1, v2 = split(f"{HOST}/app:v1", ""), split(f"{HOST}/app:v2", "")

    assert not same_image(v1, v2)
    assert not same_image(v1, split(f"{HOST}/other:v1", ""))
    assert same_image(v1, split(f"{HOST}/app:v1", "x"))
    assert same_image(v1, split(f"{HOST}/app@{DIGEST}", ""))


@given(st.text(max_size=300))
def test_whatever_is_written_is_split(written):
    """
    A reference comes from outside: nothing in it can break the split.
    """
    assert written == split(written, "app").written
