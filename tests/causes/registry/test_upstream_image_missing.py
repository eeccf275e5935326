import pytest

from bot.awscli import unfilled
from bot.causes.registry.upstream_image_missing import CAUSE, advise, decide
from bot.evidence import ask
from bot.facts import (
    CacheCredential,
    ExecutionRole,
    ImageReference,
    ImportPermissions,
    Namesakes,
    Platform,
    Recorded,
)
from bot.model import Confirmed, RuledOut, Undecided
from bot.symptom import EMPTY, parse
from tests.cases.building import HUB_SHOP, NOT_FOUND, RATE, REDIS, cached, case, outside
from tests.cases.healthy import ACCOUNT, HEALTHY, HOST, REGION
from tests.cases.registry import credential
from tests.causes.facts import IMAGE, unknown, well_worded

MISSING = NOT_FOUND.format("docker.io/library/redis:7")
BROKEN = case(REDIS, text=MISSING)
TEXT = NOT_FOUND.format(f"{HOST}/docker-hub/acme/shop:v1.0.0")
CACHED = case(cached("acme/shop"), text=TEXT)
SHOP = {Namesakes: Namesakes((f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop",))}
AMBIGUOUS = (
    "CannotPullContainerError: Error response from daemon: pull access denied for acme/shop, "
    "repository does not exist or may require 'docker login'"
)
NO_NAME = (
    "CannotPullContainerError: Error response from daemon: repository quay.io/acme/shop not found: "
    "name unknown: repository not found"
)


def test_nothing_recorded_or_another_error():
    """
    No registry is asked by us, and none has said so.
    """
    for said in (EMPTY, parse(RATE)):
        assert isinstance(ask(decide, BROKEN | {Recorded: Recorded(said)}), RuledOut)


def test_image_of_ecr_is_looked_up():
    """
    Whether it is there we see ourselves: other causes.
    """
    assert isinstance(ask(decide, case(text=NOT_FOUND.format(IMAGE.written))), RuledOut)


def test_answer_that_may_ask_for_a_login():
    """
    Docker Hub does not tell a private image from a missing one.
    """
    assert isinstance(ask(decide, case(outside("acme/shop:1"), text=AMBIGUOUS)), RuledOut)


def test_image_that_lost_its_host():
    """
    It was never meant to be on Docker Hub.
    """
    text = NOT_FOUND.format("docker.io/library/shop:v1.0.0")
    lost = case(HUB_SHOP, SHOP, text=text)

    assert isinstance(ask(decide, lost), RuledOut)
    assert isinstance(ask(decide, lost | {Namesakes: unknown("Namesakes")}), Undecided)


def test_registry_that_has_no_such_tag():
    """
    What ECS recorded confirms; the role does not matter there.
    """
    for facts in (BROKEN, BROKEN | {ExecutionRole: unknown("ExecutionRole")}):
        verdict = ask(decide, facts)

        assert isinstance(verdict, Confirmed)
        assert ("tag", "docker.io") == (verdict.proof["kind"], verdict.proof["host"])
        assert well_worded(CAUSE, verdict)


def test_registry_that_has_no_such_repository():
    """
    Some say that, and not of what is private.
    """
    verdict = ask(decide, case(outside("quay.io/acme/shop:1"), text=NO_NAME))

    assert isinstance(verdict, Confirmed)
    assert "repository" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize("denied", ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"])
def test_cache_that_may_not_import(denied):
    """
    ECR says the same where the role may not bring the image in.
    """
    facts = case(cached("acme/shop", denied), text=TEXT)

    assert isinstance(ask(decide, facts), RuledOut)


def test_cache_where_the_permission_is_not_known():
    """
    Then it may be either; on EC2 another role may have pulled.
    """
    dark = {ImportPermissions: unknown("ImportPermissions")}
    assert isinstance(ask(decide, CACHED | dark), Undecided)
    assert isinstance(ask(decide, CACHED | {ExecutionRole: unknown("ExecutionRole")}), Undecided)
    assert isinstance(ask(decide, CACHED | {Platform: Platform("EC2")}), Undecided)


def test_cache_that_cannot_log_in():
    """
    Then the upstream has not been asked for the image.
    """
    assert isinstance(ask(decide, CACHED | credential(exists=False)), RuledOut)
    assert isinstance(ask(decide, CACHED | {CacheCredential: unknown("x")}), Undecided)


def test_cache_asked_in_another_way():
    """
    A name without its namespace, and a digest, are not fetched whatever the upstream has.
    """
    short = case(cached("redis"), text=NOT_FOUND.format(f"{HOST}/docker-hub/redis:v1.0.0"))
    assert isinstance(ask(decide, short), RuledOut)
    digest = CACHED[ImageReference]
    pinned = type(digest)(**{f: getattr(digest, f) for f in digest.__slots__} | {"tag": None})
    assert isinstance(ask(decide, CACHED | {ImageReference: pinned}), RuledOut)


def test_upstream_of_a_cache_that_does_not_have_it():
    """
    With the permission, AWS's page leaves only that.
    """
    verdict = ask(decide, CACHED)

    assert isinstance(verdict, Confirmed)
    assert ("registry-1.docker.io", "acme/shop") == (
        verdict.proof["host"],
        verdict.proof["path"],
    )
    assert well_worded(CAUSE, verdict)


def test_ready_call():
    """
    Which image is meant, only a person knows.
    """
    read, register = advise(HEALTHY[ImageReference])

    assert "describe_task_definition" == read.operation
    assert "register_task_definition" == register.operation
    assert unfilled(register)
