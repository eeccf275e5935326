"""What ECR tells."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from bot.aws.accounts import RegistryAccount, WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.ecr import (
    asked_image,
    image_copy,
    namesakes,
    repositories_elsewhere,
    repository,
    repository_policy,
    tags,
)
from bot.aws.reference import split
from bot.facts import (
    AskedImage,
    CacheRule,
    CacheRules,
    ImageCopy,
    KnownRegistries,
    Repository,
    RepositoryPolicy,
    Tags,
)
from bot.model import CannotTell

NOWHERE = KnownRegistries()
AT = datetime(2026, 5, 1, tzinfo=UTC)
HOST = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = split(f"{HOST}/my-app:v1", "app")
ARN = "arn:aws:ecr:eu-west-1:222233334444:repository/my-app"
THERE = Repository("my-app", ARN, exists=True)
GONE = Repository("my-app", ARN, exists=False)


@pytest.fixture
def registry(door):
    def make(**answers):
        return RegistryAccount(door(answers))

    return make


@pytest.mark.parametrize("written", ["nginx", "ghcr.io/o/app:v1", "public.ecr.aws/x/app:1"])
def test_other_registries_are_not_asked(registry, written):
    """
    An image that is not in ECR has nothing there, which takes no call to know.
    """
    account, image = registry(), split(written, "app")
    found = repository(account, image, NOWHERE)

    assert (False, "") == (found.exists, found.arn)
    assert AskedImage(exists=False) == asked_image(account, image, found)
    assert (Tags(()), RepositoryPolicy(None)) == (
        tags(account, found),
        repository_policy(account, found),
    )
    assert (
        ()
        == repositories_elsewhere(
            image, found, KnownRegistries((("1", "r"),)), None, CacheRules()
        ).arns
    )
    assert [] == account.door.asked


def test_what_a_missing_repository_holds_is_not_asked(registry):
    """
    One answer says it all.
    """
    account = registry()

    assert GONE == repository(account, IMAGE, NOWHERE)
    assert AskedImage(exists=False) == asked_image(account, IMAGE, GONE)
    assert (Tags(()), RepositoryPolicy(None)) == (
        tags(account, GONE),
        repository_policy(account, GONE),
    )
    assert 1 == len(account.door.asked)


def test_a_repository_that_is_there(registry):
    """
    Whether its tags can move is part of it; it is looked for in the image's own account.
    """
    answer = {"repositories": [{"repositoryArn": ARN, "imageTagMutability": "IMMUTABLE"}]}
    account = registry(describe_repositories=answer)

    assert Repository("my-app", ARN, exists=True, immutable=True) == repository(
        account, IMAGE, NOWHERE
    )
    assert "222233334444" == account.door.asked[0].params["registryId"]


@pytest.mark.parametrize(
    "written",
    [
        f"{HOST}/My-App:v1",
        f"{HOST}/a:v1",
        f"{HOST}/my//app:v1",
        f"{HOST}/{'a' * 300}!:v1",
        f"{HOST.replace('eu-west-1', 'eu-west-9')}/my-app:v1",
    ],
)
def test_a_name_that_cannot_exist_is_not_asked_for(door, written):
    """
    ECR would answer with an error, and a Region that is not there with silence.
    """
    image = split(written, "app")
    account = RegistryAccount(door({}, region=image.region))

    assert not repository(account, image, NOWHERE).exists
    assert [] == account.door.asked


def test_a_region_newer_than_our_lists_is_asked(door):
    """
    A Region that the accounts file names exists, whatever boto3 knows.
    """
    image = split(f"{HOST.replace('eu-west-1', 'eu-west-9')}/my-app:v1", "app")
    account = RegistryAccount(door({}, region="eu-west-9"))
    repository(account, image, KnownRegistries((("222233334444", "eu-west-9"),)))

    assert 1 == len(account.door.asked)


@pytest.mark.parametrize("written", ["my-app:-v1", f"my-app:{'v' * 200}", "my-app@sha256:xyz"])
def test_a_tag_that_cannot_exist_is_not_asked_for(registry, written):
    """
    A malformed tag or digest is one that nobody ever pushed.
    """
    account = registry()

    found = asked_image(account, split(f"{HOST}/{written}", "app"), THERE)
    assert AskedImage(exists=False) == found
    assert [] == account.door.asked


def test_the_policy_or_none(registry):
    """
    No policy is an answer.
    """
    document = {"Version": "2012-10-17", "Statement": []}
    account = registry(get_repository_policy={"policyText": json.dumps(document)})

    assert RepositoryPolicy(document) == repository_policy(account, THERE)
    assert RepositoryPolicy(None) == repository_policy(registry(), THERE)


def test_the_image_is_asked_for_as_it_was_pulled(registry):
    """
    By digest where there is one, else by tag.
    """
    answer = {"imageDetails": [{"imageDigest": "sha256:a", "imageStatus": "ARCHIVED"}]}
    account = registry(describe_images=answer)
    digest = split(f"{HOST}/my-app:v1@sha256:{'a' * 64}", "app")

    assert AskedImage(True, "sha256:a", "ARCHIVED") == asked_image(account, IMAGE, THERE)
    asked_image(account, digest, THERE)
    assert [{"imageTag": "v1"}] == account.door.asked[0].params["imageIds"]
    assert [{"imageDigest": f"sha256:{'a' * 64}"}] == account.door.asked[1].params["imageIds"]
    absent = registry(describe_images=NotFound("ImageNotFoundException"))
    assert AskedImage(exists=False) == asked_image(absent, IMAGE, THERE)


def test_a_copy_in_the_own_region_is_asked_for_in_the_own_registry(door):
    """
    It takes a call only for an image that is there, in another Region.
    """
    answer = {"imageDetails": [{"imageDigest": "sha256:a", "imageStatus": "ACTIVE"}]}
    here = WorkloadAccount(door({"describe_images": answer}, "222233334444", "us-east-1"))
    there = AskedImage(True, "sha256:a", "ACTIVE")

    assert ImageCopy() == image_copy(here, IMAGE, AskedImage(exists=False))
    near = split(f"{HOST.replace('eu-west-1', 'us-east-1')}/my-app:v1", "app")
    assert ImageCopy() == image_copy(here, near, there)
    assert ImageCopy() == image_copy(here, split("redis:7", "app"), there)
    assert [] == here.door.asked
    assert ImageCopy("sha256:a", "ACTIVE") == image_copy(here, IMAGE, there)
    asked = here.door.asked[0].params
    assert ("222233334444", "my-app") == (asked["registryId"], asked["repositoryName"])
    none = WorkloadAccount(door({"describe_images": NotFound("RepositoryNotFoundException")}))
    assert ImageCopy() == image_copy(none, IMAGE, there)


def test_tags_come_newest_first_and_not_without_end(registry):
    """
    ECR lists in no order; at most the newest thousand are kept.
    """
    details = [
        {
            "imageDigest": f"sha256:{i}",
            "imageTags": [f"v{i}"],
            "imagePushedAt": AT + timedelta(hours=i % 700),
        }
        for i in range(1200)
    ] + [{"imageDigest": "sha256:untagged", "imagePushedAt": AT}]
    found = tags(registry(describe_images={"imageDetails": details}), THERE)

    assert (1000, "v699") == (len(found.items), found.names[0])
    assert list(found.items) == sorted(found.items, key=lambda t: t.pushed_at, reverse=True)


@pytest.fixture
def visiting(door):
    """A visit to places of which some have repositories and some cannot be read."""

    def visit(places):
        def read(account, region):
            found = places[account, region]
            if isinstance(found, CannotTell):
                raise found
            arn = f"arn:aws:ecr:{region}:{account}:repository/"

            def described(params):
                (name,) = params["repositoryNames"]
                if name not in found:
                    raise NotFound("RepositoryNotFoundException")
                return {"repositories": [{"repositoryArn": arn + name}]}

            return door({"describe_repositories": described}, account, region)

        return SimpleNamespace(read=read)

    return visit


PLACES = {
    ("222233334444", "eu-west-1"): {"shop"},
    ("222233334444", "us-east-1"): {"my-app"},
    ("333344445555", "eu-west-1"): CannotTell("denied ecr:DescribeRepositories"),
    ("333344445555", "us-east-1"): set(),
}


def test_a_missing_repository_is_looked_for_elsewhere(visiting):
    """
    Places that cannot be read are said, because the repository may be there.
    """
    found = repositories_elsewhere(
        IMAGE, GONE, KnownRegistries(tuple(PLACES)), visiting(PLACES), CacheRules()
    )

    assert ("arn:aws:ecr:us-east-1:222233334444:repository/my-app",) == found.arns
    assert ("333344445555/eu-west-1",) == found.unseen


def test_a_repository_that_exists_is_not_looked_for(visiting):
    """
    Nobody is asked without need.
    """
    known = KnownRegistries(tuple(PLACES))

    assert () == repositories_elsewhere(IMAGE, THERE, known, visiting({}), CacheRules()).unseen


def test_what_a_cache_has_yet_to_bring_is_not_looked_for(visiting):
    """
    A repository under the prefix of a cache is made by the first pull.
    """
    rules = CacheRules((CacheRule("ROOT", "docker-hub", "registry-1.docker.io"),))

    found = repositories_elsewhere(
        IMAGE, GONE, KnownRegistries(tuple(PLACES)), visiting(PLACES), rules
    )

    assert ((), ()) == (found.arns, found.unseen)


def test_namesakes_of_an_image_without_a_registry(door, visiting):
    """
    ``shop`` may mean the ECR repository of that name; ``team/shop`` is Docker Hub's.
    """
    here = WorkloadAccount(door({}, "222233334444", "eu-west-1"))
    known = KnownRegistries(tuple(PLACES))

    def found(written):
        return namesakes(split(written, "app"), here, known, visiting(PLACES)).arns

    assert ("arn:aws:ecr:eu-west-1:222233334444:repository/shop",) == found("shop:v1")
    assert () == found("team/shop:v1")
    assert () == found(f"{HOST}/shop:v1")
