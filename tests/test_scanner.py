"""Every service of the estate at once, by API and as a command."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot import scanner
from bot.accounts_file import accounts_from
from bot.aws.accounts import Doors
from bot.question import Impossible
from bot.render import scans
from bot.render.terminal import console
from bot.service import Service
from bot.store import Store
from playground import scenarios
from tests.support.estate import estate, session
from tests.support.hostile import message_harm
from tests.support.sealing import SEAL

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

NAMES = ("image-tag-missing", "execution-role-missing", "console", "storefront")
BROKEN = {"image-tag-missing": ("shop-web",), "execution-role-missing": ("ledger",)}
BOOK = accounts_from(scenarios.accounts_yaml())
PROD = ("222233334444",)


@pytest.fixture(scope="module")
def world():
    with estate(NAMES) as made:
        yield made


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(24) as made:
        yield made


@pytest.fixture
def service(world, empty_redis, pool):
    world.allow_all()
    world.calls.clear()
    doors = Doors(BOOK, endpoint_url=world.url, session=session(world))
    return Service(BOOK, doors, Store.at(empty_redis, SEAL), pool)


def scan(service, names=(), regions=()):
    return scanner.scan(service, scanner.places(BOOK, names, regions))


def by_cause(found):
    return {c: tuple(j.failing.subject.service for j in ones) for c, ones in found.causes.items()}


@pytest.mark.parametrize(
    ("names", "regions", "problem"),
    [(["nobody"], [], "account_unknown"), (["prod"], ["eu-west-9"], "region_unknown")],
)
def test_a_place_that_is_not_ours_is_refused(names, regions, problem):
    """
    A mistyped account or Region is told, not passed over.
    """
    with pytest.raises(Impossible) as refused:
        scanner.places(BOOK, names, regions)

    assert problem == refused.value.name


def test_accounts_without_services_are_fine(service):
    """
    Nothing fails where nothing runs.
    """
    found = scan(service, ["tools", "images"])

    assert ((), (), 0) == (found.judged, found.unread, found.checked)
    assert "None of 0" in scans.title(found, "en")


def test_every_broken_service_is_found_and_no_other(service):
    """
    Also the one of which no task ever existed.
    """
    found = scan(service)

    assert by_cause(found) == BROKEN
    assert 4 == found.checked
    assert () == found.unread


def test_a_second_scan_takes_what_is_known(service):
    """
    Only the lists are read again.
    """
    first = scan(service, PROD)

    again = scan(service, PROD)

    assert by_cause(first) == by_cause(again)
    assert again.calls <= 12 < first.calls


def test_one_region_alone(service):
    """
    What is elsewhere is not looked at.
    """
    assert {"execution-role-missing": ("ledger",)} == by_cause(scan(service, PROD, ["us-east-1"]))


def test_an_account_that_cannot_be_entered_is_named(service, world):
    """
    The others are read all the same.
    """
    world.deny("ecs-pull-bot", "sts:AssumeRole")

    found = scan(service)

    assert found.dark
    assert 6 == len(found.unread)
    assert all("could not be assumed" in u.because for u in found.unread)


@pytest.mark.parametrize(
    ("action", "left"),
    [
        ("ecs:ListTasks", {"ledger"}),
        ("ecs:DescribeServices", set()),
        ("ecs:ListServices", {"shop-web"}),
        ("ecs:ListClusters", set()),
    ],
)
def test_what_could_not_be_read_is_named_with_its_grant(service, world, action, left):
    """
    Half of the evidence still finds its half of the faults.
    """
    world.deny("ecs-pull-read", action)

    found = scan(service, PROD)

    assert left <= {j.failing.subject.service for j in found.judged}
    assert {action} == {u.grant for u in found.unread}


def test_json_is_what_the_contract_says(service):
    """
    Causes with their services, and nothing that JSON cannot hold.
    """
    said = json.loads(json.dumps(scans.published(scan(service, PROD), "en")))

    assert {"causes", "unexplained", "unread", "checked", "calls", "elapsed_ms"} == set(said)
    shop = next(c for c in said["causes"] if c["cause"] == "image-tag-missing")["services"]
    assert [("222233334444", "ap-northeast-1", "main", "shop-web")] == [
        (s["account"], s["region"], s["cluster"], s["service"]) for s in shop
    ]
    assert "is not in repository" in shop[0]["headline"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_people_read_it_in_eighty_columns(service, world, language):
    """
    On a terminal and in Slack, with what could not be read.
    """
    world.deny("ecs-pull-read", "ecs:ListTasks")
    found = scan(service)
    out = io.StringIO()

    scans.show(console(out), found, BOOK, language)

    assert max(map(width, out.getvalue().splitlines())) <= 80
    assert "ledger" in out.getvalue()
    assert "ecs:ListTasks" in out.getvalue()
    for said in (scans.message(found, BOOK, language), *scans.details(found, BOOK, language)):
        assert [] == message_harm(said)


def width(line):
    """Columns of *line*: a Japanese character takes two."""
    return len(line) + len(re.findall(r"[\u3000-\u9fff\uff00-\uffef]", line))
