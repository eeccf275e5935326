from dataclasses import replace

from bot.causes.image.image_in_other_region import advise, decide, plan
from bot.facts import CacheRules, RepositoriesElsewhere
from bot.model import Confirmed, RuledOut
from tests.causes.facts_image_network import (
    ACCOUNT,
    GONE,
    HUB,
    IMAGE,
    NO_SERVICE,
    REGION,
    REPOSITORY,
    SERVICE,
    definition,
)


def found(*places, unseen=()):
    """Repositories of the same name in *places*, written ``account/region``."""
    pairs = [p.split("/") for p in places]
    return RepositoriesElsewhere(
        tuple(f"arn:aws:ecr:{r}:{a}:repository/team/shop" for a, r in pairs), unseen
    )


TOKYO = found(f"{ACCOUNT}/ap-northeast-1")
TWO = found(f"{ACCOUNT}/ap-northeast-1", f"{ACCOUNT}/us-east-1")


def test_repository_that_is_there():
    """
    A repository in the Region asked for is right, wherever else there is one.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, TOKYO, CacheRules()), RuledOut)


def test_repository_that_is_nowhere():
    """
    What is found nowhere is missing, and what could not be read is not found.
    """
    assert isinstance(decide(IMAGE, GONE, found(), CacheRules()), RuledOut)
    assert isinstance(
        decide(IMAGE, GONE, found(unseen=(f"{ACCOUNT}/us-east-1",)), CacheRules()), RuledOut
    )


def test_wrong_account_is_another_cause():
    """
    The same Region of another account means a wrong account.
    """
    assert isinstance(decide(IMAGE, GONE, found(f"333344445555/{REGION}"), CacheRules()), RuledOut)


def test_image_of_docker_hub():
    """
    Docker Hub has no Regions.
    """
    assert isinstance(decide(HUB, GONE, TOKYO, CacheRules()), RuledOut)


def test_found_in_another_region():
    """
    The proof names the reference that would be right.
    """
    verdict = decide(IMAGE, GONE, TOKYO, CacheRules())

    assert isinstance(verdict, Confirmed)
    assert ["ap-northeast-1"] == verdict.proof["regions"]
    assert [f"{ACCOUNT}.dkr.ecr.ap-northeast-1.amazonaws.com/team/shop:v1.0.0"] == verdict.proof[
        "found"
    ]


def test_found_in_another_account_and_region():
    """
    A known registry of another account counts where the own account has none.
    """
    verdict = decide(
        IMAGE,
        GONE,
        found("333344445555/us-east-1", unseen=("111122223333/us-east-1",)),
        CacheRules(),
    )

    assert isinstance(verdict, Confirmed)
    assert ["111122223333/us-east-1"] == verdict.proof["unseen"]


def test_no_plan_where_a_person_must_choose_or_start():
    """
    Two places need a person's knowledge, and a standalone task a person's start.
    """
    assert None is plan(SERVICE, definition(), IMAGE, TWO)
    assert None is plan(NO_SERVICE, definition(), IMAGE, TOKYO)


def test_advice_looks_for_the_image_in_every_place():
    """
    Whether the tag is there as well is one call for each place.
    """
    assert ["describe_images"] * 2 == [c.operation for c in advise(IMAGE, TWO)]


def test_plan_makes_the_verdict_ruled_out():
    """
    The new revision names the Region that has the repository, and can be taken back.
    """
    made = plan(SERVICE, definition(), IMAGE, TOKYO)
    image = made.steps[0].after["containers"]["app"]["image"]
    region = image.split(".")[3]

    assert made == plan(SERVICE, definition(), IMAGE, TOKYO)
    assert all(s.undo for s in made.steps)
    assert isinstance(
        decide(replace(IMAGE, region=region), REPOSITORY, found(), CacheRules()), RuledOut
    )
