"""Which registry should have brought an image that is not there."""

from types import SimpleNamespace

import pytest

from bot.aws.client import NotFound
from bot.aws.reference import split
from bot.aws.replication import MOST
from bot.aws.replication import replication as collected
from bot.facts import (
    AskedImage,
    KnownRegistries,
    Replication,
    RepositoriesElsewhere,
    Repository,
)
from bot.model import CannotTell

OWN, SOURCE, THIRD = "222233334444", "333344445555", "444455556666"
HOST = f"{OWN}.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = split(f"{HOST}/team/app:v1", "app")
GONE = AskedImage(exists=False)
KNOWN = KnownRegistries(((OWN, "eu-west-1"), (SOURCE, "eu-west-1"), (THIRD, "eu-west-1")))
NO_RULES = {"replicationConfiguration": {"rules": []}}
NAMED = "team/app"


def replication(image, asked, known, visit, elsewhere=None):
    """Ask for an image of a repository that is there; or that is *elsewhere*, and not there."""
    found = Repository(NAMED, f"arn:aws:ecr:eu-west-1:{OWN}:repository/{NAMED}", elsewhere is None)
    return collected(image, found, asked, elsewhere or RepositoriesElsewhere(()), known, visit)


def rules(prefix=None, region="eu-west-1"):
    filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"}] if prefix else []
    rule = {"destinations": [{"registryId": OWN, "region": region}], "repositoryFilters": filters}
    return {"replicationConfiguration": {"rules": [rule]}}


def status(*found):
    statuses = [{"registryId": OWN, "region": r, "status": s} for r, s in found]
    return {"replicationStatuses": statuses}


@pytest.fixture
def visiting(door):
    """A visit to registries, by account; *visiting.asked* are those that were asked."""

    def visit(**registries):
        visit.asked = []

        def read(account, region):
            visit.asked.append((account, region))
            found = registries[{SOURCE: "source", THIRD: "third"}.get(account, "own")]
            if isinstance(found, CannotTell):
                raise found
            return door(found, account, region)

        return SimpleNamespace(read=read)

    return visit


@pytest.mark.parametrize(
    ("image", "asked"),
    [
        (IMAGE, AskedImage(True, "sha256:a")),
        (split("ghcr.io/o/app:v1", "app"), GONE),
        (split(f"{HOST}/Team/app:v1", "app"), GONE),
        (split(f"{HOST}/app:-v1", "app"), GONE),
    ],
)
def test_what_is_there_or_cannot_be_is_not_asked_for(visiting, image, asked):
    """
    No registry is asked without need.
    """
    assert Replication() == replication(image, asked, KNOWN, visiting())
    assert [] == visiting.asked


def test_the_source_tells_how_far_it_has_come(visiting):
    """
    Of its destinations the one that the task pulls from counts.
    """
    found = status(("us-east-1", "COMPLETE"), ("eu-west-1", "FAILED"))
    source = {"describe_registry": rules("team/"), "describe_image_replication_status": found}
    visit = visiting(source=source, third={"describe_registry": NO_RULES})

    assert Replication("FAILED", SOURCE, "eu-west-1") == replication(IMAGE, GONE, KNOWN, visit)


@pytest.mark.parametrize("said", [rules("other/"), rules(region="us-east-1"), NO_RULES, {}])
def test_rules_that_do_not_bring_it_here(visiting, said):
    """
    Another name, another Region, no rule: the status is not even asked for.
    """
    visit = visiting(source={"describe_registry": said}, third={"describe_registry": NO_RULES})

    assert Replication() == replication(IMAGE, GONE, KNOWN, visit)


def test_a_source_without_the_image(visiting):
    """
    What the source does not have cannot be on its way.
    """
    absent = NotFound("ImageNotFoundException")
    source = {"describe_registry": rules(), "describe_image_replication_status": absent}
    visit = visiting(source=source, third={"describe_registry": NO_RULES})

    assert Replication() == replication(IMAGE, GONE, KNOWN, visit)


def test_registries_that_cannot_be_read(visiting):
    """
    One that answers is enough; where none does, that is said.
    """
    shut = CannotTell("denied ecr:DescribeRegistry", "ecr:DescribeRegistry")
    one = visiting(source=shut, third={"describe_registry": NO_RULES})

    assert Replication() == replication(IMAGE, GONE, KNOWN, one)
    with pytest.raises(CannotTell, match="DescribeRegistry"):
        replication(IMAGE, GONE, KNOWN, visiting(source=shut, third=shut))


def test_a_source_that_does_not_tell_the_status(visiting):
    """
    A registry that should have brought it is not passed over.
    """
    shut = CannotTell("denied x", "ecr:DescribeImageReplicationStatus")
    source = {"describe_registry": rules(), "describe_image_replication_status": shut}
    visit = visiting(source=source, third={"describe_registry": NO_RULES})

    with pytest.raises(CannotTell, match="denied x"):
        replication(IMAGE, GONE, KNOWN, visit)


def test_not_all_registries_of_a_large_organization_are_asked(visiting):
    """
    Those of the image's own account come first.
    """
    many = tuple((SOURCE, f"eu-west-{n}") for n in range(20))
    known = KnownRegistries((*many, (OWN, "us-east-1")))
    registry = {"describe_registry": NO_RULES}
    replication(IMAGE, GONE, known, visiting(source=registry, own=registry))

    assert MOST == len(visiting.asked)
    assert (OWN, "us-east-1") in visiting.asked


def test_without_a_repository_only_those_that_have_one_of_its_name_are_asked(visiting):
    """
    A registry replicates what it has: where its repositories could not be seen, it may have it.
    """
    arn = f"arn:aws:ecr:eu-west-1:{SOURCE}:repository/{NAMED}"
    registry = {"describe_registry": NO_RULES}
    nowhere, there = RepositoriesElsewhere(()), RepositoriesElsewhere((arn,))
    unseen = RepositoriesElsewhere((), (f"{THIRD}/eu-west-1",))
    asked = []
    for elsewhere in (nowhere, there, unseen):
        visit = visiting(source=registry, third=registry)
        assert Replication() == replication(IMAGE, GONE, KNOWN, visit, elsewhere)
        asked.append(visiting.asked)

    assert [[], [(SOURCE, "eu-west-1")], [(THIRD, "eu-west-1")]] == asked


def test_a_registry_of_the_same_region_is_likelier(visiting):
    """
    Of other accounts those that share the Region come before those that share nothing.
    """
    far = tuple((SOURCE, f"eu-west-{n}") for n in range(2, 20))
    registry = {"describe_registry": NO_RULES}
    visit = visiting(source=registry, third=registry)
    replication(IMAGE, GONE, KnownRegistries((*far, (THIRD, "eu-west-1"))), visit)

    assert (THIRD, "eu-west-1") in visiting.asked
