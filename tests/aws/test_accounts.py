"""Whose credentials open which door."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.aws.accounts import NoFixRole, WorkloadAccount, registry_account, workload_account
from bot.aws.client import Refused
from bot.aws.reference import split
from bot.config import Account
from bot.facts import Subject
from bot.model import Call, CannotTell, Plan, Step

READ_ROLE = "arn:aws:iam::222233334444:role/ecs-pull-read"
FIX_ROLE = "arn:aws:iam::222233334444:role/ecs-pull-fix"
SHOP = Account("222233334444", "shop", ("eu-west-1",), READ_ROLE, FIX_ROLE, "7f3c-external")
OWN = Account("111122223333", "tools", ("eu-west-1",))
DESCRIBE = Call("ecr", "describe_images", {"repositoryName": "my-app"})
SERVICE = "arn:aws:ecs:eu-west-1:222233334444:service/main/web"
REPOSITORY = "arn:aws:ecr:eu-west-1:333344445555:repository/my-app"


def step(account, resource, kind, do, undo=None):
    return Step(kind, account, "eu-west-1", resource, None, None, do, undo)


PLAN = Plan(
    (
        step(
            "333344445555",
            REPOSITORY,
            "repository-policy",
            Call("ecr", "set_repository_policy", {"repositoryName": "my-app", "policyText": "{}"}),
            Call("ecr", "delete_repository_policy", {"repositoryName": "my-app"}),
        ),
        step(
            "222233334444",
            SERVICE,
            "service-deployment",
            Call("ecs", "update_service", {"service": "web", "forceNewDeployment": True}),
        ),
    ),
    "low",
)


def test_an_unknown_account_is_not_entered(doors, wire):
    """
    The bot goes nowhere that the accounts file does not name.
    """
    with pytest.raises(CannotTell, match=r"^account 999988887777 is not configured$"):
        doors(SHOP).visit().read("999988887777", "eu-west-1")
    assert [] == wire.asked


def test_without_a_read_role_the_bot_reads_itself(doors, wire, say):
    """
    An account without a read role is read with the bot's own credentials.
    """
    wire.says("DescribeImages", say.ok({"imageDetails": []}))
    doors(OWN).visit().read(OWN.id, "eu-west-1").call(DESCRIBE)

    assert [("DescribeImages", "AKIABOT")] == [(a.action, a.key) for a in wire.asked]


def test_the_read_role_is_assumed_with_its_external_id(doors, wire, say):
    """
    The account sees who comes, and that it is the one it gave the external id to.
    """
    wire.says("AssumeRole", say.session_for("ASIAREAD"))
    wire.says("DescribeImages", say.ok({"imageDetails": []}))
    doors(SHOP).visit().read(SHOP.id, "eu-west-1").call(DESCRIBE)
    (asked,) = wire.params("AssumeRole")

    assert (READ_ROLE, "ecs-pull-read", "7f3c-external") == (
        asked["RoleArn"],
        asked["RoleSessionName"],
        asked["ExternalId"],
    )
    assert "ASIAREAD" == wire.asked[-1].key


def test_a_role_is_assumed_once_for_all_threads_and_visits(doors, wire, say):
    """
    Credentials are cached in the process, and whoever comes first fetches them for all.
    """
    gate = threading.Semaphore(0)
    wire.hold = lambda action: action == "AssumeRole" and gate.acquire(timeout=5)
    wire.says("AssumeRole", say.session_for())
    opened = doors(SHOP)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(lambda: opened.visit().read(SHOP.id, "eu-west-1")) for _ in range(8)]
        gate.release(8)
        [w.result() for w in waiting]

    assert 1 == len(wire.params("AssumeRole"))


def test_credentials_are_fetched_again_before_they_expire(doors, wire, say):
    """
    A session with a few minutes left is not trusted with a diagnosis.
    """
    wire.says(
        "AssumeRole", say.session_for("ASIAOLD", timedelta(minutes=2)), say.session_for("ASIANEW")
    )
    wire.says("DescribeImages", say.ok({"imageDetails": []}))
    door = doors(SHOP).visit().read(SHOP.id, "eu-west-1")
    door.call(DESCRIBE)

    assert "ASIANEW" == wire.asked[-1].key


def test_a_role_that_cannot_be_assumed_is_asked_for_once(doors, wire, say):
    """
    One refusal answers everybody in the same diagnosis, and names what to grant.
    """
    wire.says("AssumeRole", say.query_refusal("AccessDenied"))
    visit = doors(SHOP).visit()

    for _ in range(3):
        with pytest.raises(CannotTell) as told:
            visit.read(SHOP.id, "eu-west-1")
        assert f"role {READ_ROLE} could not be assumed" == told.value.because
        assert "sts:AssumeRole" == told.value.grant
    assert 1 == len(wire.params("AssumeRole"))


def test_a_later_diagnosis_tries_the_role_again(doors, wire, say):
    """
    A role that was mended is found mended.
    """
    wire.says("AssumeRole", say.query_refusal("AccessDenied"), say.session_for())
    opened = doors(SHOP)
    with pytest.raises(CannotTell):
        opened.visit().read(SHOP.id, "eu-west-1")

    assert SHOP.id == opened.visit().read(SHOP.id, "eu-west-1").account


def test_sts_that_throttles_is_not_a_missing_grant(doors, wire, say):
    """
    Throttling and bad credentials of the bot are said as what they are.
    """
    wire.says("AssumeRole", say.query_refusal("ExpiredToken"))

    with pytest.raises(CannotTell, match=r"^no credentials$"):
        doors(SHOP).visit().read(SHOP.id, "eu-west-1")


def test_the_registry_is_the_account_that_the_image_names(doors, wire, say):
    """
    ECR is asked in the account and Region of the image's host, with that account's own role.
    """
    visit = doors(OWN, Account("333344445555", "registry", ("us-east-1",))).visit()
    here = workload_account(Subject(OWN.id, "eu-west-1"), visit)

    def there(image):
        found = registry_account(split(image, "app"), here, visit)
        return found.account, found.region

    host = "dkr.ecr.us-east-1.amazonaws.com"
    assert ("333344445555", "us-east-1") == there(f"333344445555.{host}/my-app:v1")
    assert (OWN.id, "us-east-1") == there(f"{OWN.id}.{host}/my-app:v1")
    assert (OWN.id, "eu-west-1") == there("nginx")
    with pytest.raises(CannotTell, match="999988887777 is not configured"):
        there(f"999988887777.{host}/my-app:v1")


def test_workload_account_is_a_door(door):
    """
    The fact can do what a door can.
    """
    here = WorkloadAccount(door({"list_tasks": {"taskArns": ["a"]}}))

    assert ["a"] == here.pages(Call("ecs", "list_tasks", {}), "taskArns")
    assert "us-east-1" == here.at("us-east-1").region


def fix(opened, account="222233334444", plan=PLAN, approver="U01ALICE"):
    return opened.fix(account, "eu-west-1", approver=approver, plan=plan, reference="fix 42")


def test_no_fix_role_no_fix(doors, wire):
    """
    An account without a fix role is there for diagnosis only.
    """
    for account in ("111122223333", "999988887777"):
        with pytest.raises(NoFixRole):
            fix(doors(OWN), account)
    assert [] == wire.asked


def test_a_fix_is_signed_by_its_approver(doors, wire, say):
    """
    CloudTrail shows who approved what; the session is short and fits the plan's part only.
    """
    wire.says("AssumeRole", say.session_for("ASIAFIX"))
    wire.says("UpdateService", say.ok({"service": {}}))
    door = fix(doors(SHOP))
    door.call(PLAN.steps[1].do)
    (asked,) = wire.params("AssumeRole")
    tags = {asked[f"Tags.member.{i}.Key"]: asked[f"Tags.member.{i}.Value"] for i in (1, 2, 3)}
    policy = json.loads(asked["Policy"])

    assert (FIX_ROLE, f"ecs-pull-fix-{PLAN.hash[:8]}", "7f3c-external", "900", "U01ALICE") == (
        asked["RoleArn"],
        asked["RoleSessionName"],
        asked["ExternalId"],
        asked["DurationSeconds"],
        asked["SourceIdentity"],
    )
    assert {"plan": PLAN.hash[:16], "approver": "U01ALICE", "reference": "fix-42"} == tags
    assert SERVICE in json.dumps(policy)
    assert REPOSITORY not in json.dumps(policy)
    assert "ASIAFIX" == wire.asked[-1].key


def test_a_fix_role_that_refuses_is_a_refusal(doors, wire, say):
    """
    A fix that cannot begin is told as refused, with what AWS said.
    """
    wire.says("AssumeRole", say.query_refusal("AccessDenied", 403, "not you"))

    with pytest.raises(Refused) as told:
        fix(doors(SHOP))
    assert ("AccessDenied", "not you", False) == (
        told.value.code,
        told.value.message,
        told.value.retryable,
    )


def test_writes_tell_refused_from_try_again(doors, wire, say):
    """
    A denied write is final, a throttled one may be tried again.
    """
    wire.says("AssumeRole", say.session_for())
    door = fix(doors(SHOP))
    for code, again in (("AccessDeniedException", False), ("ThrottlingException", True)):
        wire.says("UpdateService", say.refusal(code))
        with pytest.raises(Refused) as told:
            door.call(PLAN.steps[1].do)
        assert (code, again) == (told.value.code, told.value.retryable)
