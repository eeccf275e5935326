"""A deployment that ECS has given up, with its fault repaired and with its fault still there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.accounts_file import accounts_from
from bot.aws.accounts import Doors
from bot.facts import Subject
from bot.model import Confirmed
from bot.question import Impossible
from bot.service import Service
from bot.store import Store
from bot.symptom import EMPTY
from playground import scenarios
from playground.scenarios.lab import Lab
from tests.support.estate import estate, session
from tests.support.sealing import SEAL

CAUSE = "deployment-stalled"
HERE = scenarios.named(CAUSE)
SUBJECT = Subject(HERE.account, HERE.region, HERE.cluster, HERE.service)
ACCOUNTS = accounts_from(scenarios.accounts_yaml())
ASKED = {"asked_by": "U01ALICE", "channel": "C01SHOP", "thread": "1.0", "report": "1.1"}


@pytest.fixture(scope="module")
def world():
    with estate([CAUSE]) as made:
        yield made


@pytest.fixture
def service(world, redis_url):
    with ThreadPoolExecutor(24) as pool:
        doors = Doors(ACCOUNTS, endpoint_url=world.url, session=session(world))
        yield Service(ACCOUNTS, doors, Store.at(redis_url, SEAL), pool)


@pytest.fixture
def gone(world):
    """Let the image be missing again for a while."""
    ecr = world.client("ecr", HERE.account, HERE.region)
    ecr.batch_delete_image(repositoryName=HERE.service, imageIds=[{"imageTag": "v1.0.0"}])
    yield
    Lab(world).push(HERE.service, "v1.0.0", account=HERE.account, region=HERE.region, number=0)


def leading(service):
    found = service.diagnose(SUBJECT, fresh=True).entries[0].finding
    assert isinstance(found.verdict, Confirmed)
    return found.cause.id


def test_a_fault_that_is_there_again_comes_first(service, gone):
    """
    The image is missing: nothing is repaired, and no deployment is offered that would fail.
    """
    assert "image-tag-missing" == leading(service)
    with pytest.raises(Impossible, match="no_fix") as refused:
        service.propose(SUBJECT, EMPTY, CAUSE, **ASKED)
    assert "gone" == refused.value.context["because"]


def test_a_fault_that_is_repaired_leaves_the_deployment(service):
    """
    Looked at as a whole, and on its own, where it takes all the others to be ruled out.
    """
    assert CAUSE == leading(service)
    fix = service.propose(SUBJECT, EMPTY, CAUSE, **ASKED)
    assert ["service-deployment"] == [s.kind for s in fix.plan.steps]


def test_what_cannot_be_read_is_not_repaired(service, world):
    """
    Whoever may not look into the registry does not know that the image is there now.
    """
    world.deny("ecs-pull-read", "ecr:DescribeImages")
    try:
        found = service.diagnose(SUBJECT, fresh=True)
    finally:
        world.allow_all()

    assert not [e for e in found.entries if isinstance(e.finding.verdict, Confirmed)]
