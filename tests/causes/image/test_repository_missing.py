from dataclasses import replace

from bot.causes.image.repository_missing import advise, decide, plan
from bot.facts import CacheRules, RepositoriesElsewhere
from bot.model import Call, Confirmed, RuledOut
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

NOWHERE = RepositoriesElsewhere(())
TOKYO = RepositoriesElsewhere((f"arn:aws:ecr:ap-northeast-1:{ACCOUNT}:repository/team/shop",))
OTHER = RepositoriesElsewhere((f"arn:aws:ecr:{REGION}:333344445555:repository/team/shop",))


def test_repository_that_is_there():
    """
    A repository that ECR knows is not missing.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, NOWHERE, CacheRules()), RuledOut)


def test_image_of_docker_hub():
    """
    An image outside ECR has no repository in ECR, and needs none.
    """
    assert isinstance(decide(HUB, GONE, NOWHERE, CacheRules()), RuledOut)


def test_wrong_region_is_another_cause():
    """
    A repository found in another Region of the account is not missing, but elsewhere.
    """
    assert isinstance(decide(IMAGE, GONE, TOKYO, CacheRules()), RuledOut)


def test_nowhere_to_be_found():
    """
    A name that no registry knows is confirmed, with the places that could not be read.
    """
    verdict = decide(
        IMAGE, GONE, replace(NOWHERE, unseen=("333344445555/eu-west-1",)), CacheRules()
    )

    assert isinstance(verdict, Confirmed)
    assert ["333344445555/eu-west-1"] == verdict.proof["unseen"]
    assert [] == verdict.proof["found"]


def test_wrong_account():
    """
    The same name in another account is told, as the reference to use.
    """
    verdict = decide(IMAGE, GONE, OTHER, CacheRules())

    assert isinstance(verdict, Confirmed)
    assert [f"333344445555.dkr.ecr.{REGION}.amazonaws.com/team/shop:v1.0.0"] == verdict.proof[
        "found"
    ]


def test_advice_lists_the_names_that_are_there():
    """
    Without a better place, the person looks for the right name in the same registry.
    """
    assert (Call("ecr", "describe_repositories", {"registryId": ACCOUNT}),) == advise(
        IMAGE, NOWHERE
    )


def test_advice_looks_for_the_image_in_the_other_account():
    """
    Before the account is corrected, the image is looked for there, by digest where there is one.
    """
    by_tag, by_digest = advise(IMAGE, OTHER), advise(replace(IMAGE, digest="sha256:0"), OTHER)

    assert [{"imageTag": "v1.0.0"}] == by_tag[0].params["imageIds"]
    assert [{"imageDigest": "sha256:0"}] == by_digest[0].params["imageIds"]
    assert "333344445555" == by_tag[0].params["registryId"]


def test_no_plan_without_one_place_and_a_service():
    """
    Nowhere leaves nothing to name, two places leave the choice to a person.
    """
    two = RepositoriesElsewhere((*OTHER.arns, OTHER.arns[0].replace("3333", "5555")))

    assert None is plan(SERVICE, definition(), IMAGE, NOWHERE)
    assert None is plan(SERVICE, definition(), IMAGE, two)
    assert None is plan(NO_SERVICE, definition(), IMAGE, OTHER)


def test_plan_makes_the_verdict_ruled_out():
    """
    The new revision names the account that has the repository, and can be taken back.
    """
    made = plan(SERVICE, definition(), IMAGE, OTHER)
    image = made.steps[0].after["containers"]["app"]["image"]
    there = replace(IMAGE, account=image[:12])

    assert "333344445555" == there.account
    assert made == plan(SERVICE, definition(), IMAGE, OTHER)
    assert all(s.undo for s in made.steps)
    assert isinstance(decide(there, REPOSITORY, NOWHERE, CacheRules()), RuledOut)
