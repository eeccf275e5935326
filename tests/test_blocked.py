"""A way that is closed for a reason no cause speaks of is told, and is no all-clear."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from bot.accounts_file import accounts_from
from bot.aws.accounts import Doors
from bot.facts import Subject
from bot.render import thread
from bot.service import Service
from bot.store import Forgetful
from playground import scenarios
from tests.support.estate import estate, session

NAME = "storefront"


@pytest.fixture(scope="module")
def world():
    with estate([NAME]) as made:
        yield made


@pytest.fixture
def service(world):
    accounts = accounts_from(scenarios.accounts_yaml())
    doors = Doors(accounts, endpoint_url=world.url, session=session(world))
    with ThreadPoolExecutor(24) as pool:
        yield Service(accounts, doors, Forgetful(), pool)


@pytest.fixture
def report(service, world):
    """The healthy private service, after somebody took its way out."""
    scenario = scenarios.named(NAME)
    before = service.diagnose(_subject(scenario))
    assert before.blocked is None
    ec2 = world.client("ec2", scenario.account, scenario.region)
    ecs = world.client("ecs", scenario.account, scenario.region)
    described = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])
    network = described["services"][0]["networkConfiguration"]["awsvpcConfiguration"]
    group = ec2.describe_security_groups(GroupIds=network["securityGroups"])["SecurityGroups"][0]
    ec2.revoke_security_group_egress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"]
    )
    yield service.diagnose(_subject(scenario)), group["GroupId"]
    ec2.authorize_security_group_egress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"]
    )


def _subject(scenario):
    return Subject(scenario.account, scenario.region, scenario.cluster, scenario.service)


def test_no_cause_is_confirmed_by_it(report):
    """
    None of the causes speaks of security groups, so none is confirmed.
    """
    found, _ = report

    assert () == found.confirmed


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_first_line_names_what_is_closed(report, language):
    """
    Not "nothing blocks its pulls": the group stands in the first line and in the reason.
    """
    found, group = report
    said = thread.report(found, language, key="C1:1", account=None, now=datetime.now(UTC))

    assert group in said["text"]
    assert f"`{group}`" in said["blocks"][1]["text"]["text"]
