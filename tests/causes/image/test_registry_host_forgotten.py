from dataclasses import replace

import pytest

from bot.causes.image.registry_host_forgotten import choices, decide, plan
from bot.facts import Choice, Namesakes
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts_image_network import (
    ACCOUNT,
    HOST,
    HUB,
    IMAGE,
    NO_SERVICE,
    NOTHING_RECORDED,
    REGION,
    SERVICE,
    SUBJECT,
    definition,
    recorded,
)

OURS = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop"
THEIRS = "arn:aws:ecr:us-east-1:333344445555:repository/shop"
ONE, TWO = Namesakes((OURS,)), Namesakes((THEIRS, OURS))
BARE = definition("shop:v1.0.0")
REFUSED = recorded(
    "CannotPullContainerError: pull access denied for nginx, repository does not exist "
    "or may require 'docker login': denied: requested access to the resource is denied"
)


def test_image_of_ecr():
    """
    A reference with a registry host forgot nothing.
    """
    assert isinstance(decide(IMAGE, ONE, NOTHING_RECORDED), RuledOut)


def test_no_namesake():
    """
    A name that ECR does not know was not meant to be there.
    """
    assert isinstance(decide(HUB, Namesakes(()), REFUSED), RuledOut)


@pytest.mark.parametrize("name", ["library/nginx", "nginx", "bitnami/redis"])
def test_image_that_docker_hub_may_have(name):
    """
    A copy in ECR proves nothing about an image that Docker Hub has too.
    """
    image = replace(HUB, repository=name)

    assert isinstance(decide(image, ONE, NOTHING_RECORDED), RuledOut)


@pytest.mark.parametrize("name", ["library/nginx", "bitnami/redis"])
def test_refused_image_that_docker_hub_may_have(name):
    """
    Refused by Docker Hub, such a name stays open: only Docker Hub can tell.
    """
    image = replace(HUB, repository=name)

    assert isinstance(decide(image, ONE, REFUSED), Undecided)


def test_name_that_only_ecr_has():
    """
    Nobody but Docker Hub fills its library, so the name was meant for ECR.
    """
    verdict = decide(HUB, ONE, NOTHING_RECORDED)

    assert isinstance(verdict, Confirmed)
    assert ("shop", [f"{HOST}/shop"]) == (verdict.proof["name"], verdict.proof["found"])


def test_own_registry_comes_first():
    """
    Of several namesakes the one of the service's own account and Region is the default.
    """
    found = choices(SUBJECT, TWO)

    assert (f"{HOST}/shop", "333344445555.dkr.ecr.us-east-1.amazonaws.com/shop") == found


def test_no_plan_without_a_service_or_for_a_stranger():
    """
    A task that no service runs is a person's, and so is a registry that was never found.
    """
    assert None is plan(SUBJECT, NO_SERVICE, BARE, HUB, ONE, Choice())
    assert None is plan(SUBJECT, SERVICE, BARE, HUB, ONE, Choice("evil.example.com/shop"))


def test_plan_makes_the_verdict_ruled_out():
    """
    The new revision names the registry and keeps the tag; the old one can be had back.
    """
    made = plan(SUBJECT, SERVICE, BARE, HUB, ONE, Choice())
    image = made.steps[0].after["containers"]["app"]["image"]

    assert f"{HOST}/shop:v1.0.0" == image
    assert made == plan(SUBJECT, SERVICE, BARE, HUB, ONE, Choice())
    assert all(s.undo for s in made.steps)
    assert isinstance(decide(replace(HUB, registry="ecr", host=HOST), ONE, REFUSED), RuledOut)


def test_the_other_registry_can_be_picked():
    """
    Another namesake is a choice, not a guess.
    """
    made = plan(SUBJECT, SERVICE, BARE, HUB, TWO, Choice(choices(SUBJECT, TWO)[1]))

    assert made.steps[0].after["containers"]["app"]["image"].startswith("333344445555.")
