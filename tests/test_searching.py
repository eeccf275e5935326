"""A service is searched for, and taken only where it can be no other one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from bot.config import Account, Accounts, ChannelDefault
from bot.facts import Subject
from bot.model import CannotTell
from bot.question import Impossible, Question
from bot.searching import Found, Search
from bot.subjects import told
from bot.symptom import parse

PROD, STAGE, HIDDEN = "222233334444", "333344445555", "444455556666"
BOOK = Accounts(
    (
        Account(PROD, "prod", ("us-east-1", "eu-west-1")),
        Account(STAGE, "stage", ("us-east-1",)),
        Account(HIDDEN, "hidden", ("us-east-1",), channels=("C09OPS",)),
    ),
    {"C01PROD": ChannelDefault("prod", "us-east-1", "main")},
)
LOGGER = "ResourceInitializationError: failed to validate logger args: create stream: {} : exit 1"
TASK = {
    "lastStatus": "STOPPED", "createdAt": 0, "taskDefinitionArn": "td/shop:1", "containers": [],
}  # fmt: skip


@dataclass
class World:
    """The services of each place, and what their stopped tasks say: ``{place: {"main/shop": text}}``."""

    kept: dict[tuple[str, str], dict[str, str]]
    shut: set[tuple[str, str]] = field(default_factory=set)

    def read(self, account, region):
        if (account, region) in self.shut:
            raise CannotTell("role could not be assumed")
        return Place(account, region, self.kept.get((account, region), {}))


@dataclass
class Place:
    account: str
    region: str
    kept: dict[str, str]

    def of(self, call):
        cluster = call.params.get("cluster")
        return {n.partition("/")[2]: t for n, t in self.kept.items() if n.startswith(f"{cluster}/")}

    def pages(self, call, key):
        if key == "clusterArns":
            return sorted({f"cluster/{n.partition('/')[0]}" for n in self.kept})
        return [f"task/{name}" for name in self.of(call)]

    def call(self, call):
        there = self.of(call)
        if call.operation == "describe_services":
            names = [n for n in call.params["services"] if n in there]
            return {"services": [{"serviceName": n, "serviceArn": f"service/{n}"} for n in names]}
        return {
            "tasks": [
                TASK | {"taskArn": f"task/{n}", "group": f"service:{n}", "stoppedReason": text}
                for n, text in there.items()
            ]
        }


def search(world, **question):
    asked = Question(**{"channel": "C02OTHER", **question})
    with ThreadPoolExecutor(2) as pool:
        return Search(BOOK, world, pool).found(asked, parse(asked.text))


def test_a_name_in_two_places_is_not_guessed():
    """
    Both are named, and that this channel has no account of its own.
    """
    world = World({(PROD, "us-east-1"): {"main/shop": ""}, (STAGE, "us-east-1"): {"main/shop": ""}})

    with pytest.raises(Impossible) as refused:
        search(world, cluster="main", service="shop")

    said = refused.value
    assert ("account_missing", "main/shop", None) == (
        said.name,
        said.context["what"],
        said.context["default"],
    )
    assert ["prod us-east-1", "stage us-east-1"] == said.context["places"]


def test_a_place_that_was_not_looked_into_may_have_it_too():
    """
    Unknown is not absent: the one that was seen need not be the only one.
    """
    world = World({(PROD, "us-east-1"): {"main/shop": ""}}, shut={(STAGE, "us-east-1")})

    with pytest.raises(Impossible) as refused:
        search(world, cluster="main", service="shop")

    assert "account_missing" == refused.value.name
    assert ["stage us-east-1"] == refused.value.context["unread"]
    with pytest.raises(Impossible) as refused:
        search(world, cluster="main", service="elsewhere")
    assert "account_missing" == refused.value.name  # not: nowhere


def test_an_account_that_the_channel_does_not_see_is_not_searched():
    """
    What stands there alone is nowhere, in words and by the role of a text.
    """
    world = World({(HIDDEN, "us-east-1"): {"main/shop": ""}})
    role = (
        f"(service shop) failed: ECS was unable to assume the role 'arn:aws:iam::{HIDDEN}:role/x'"
    )

    with pytest.raises(Impossible) as refused:
        search(world, cluster="main", service="shop")
    assert "service_nowhere" == refused.value.name
    assert Found((), "alike") == search(world, text=role)
    assert search(world, channel="C09OPS", text=role).only


def test_the_one_service_of_a_name_is_taken():
    """
    Every place was looked into, and one has it.
    """
    world = World({(PROD, "eu-west-1"): {"main/shop": ""}, (STAGE, "us-east-1"): {"side/shop": ""}})

    found = search(world, cluster="main", service="shop")

    assert Found((Subject(PROD, "eu-west-1", "main", "shop"),), "standing") == found


def test_the_usual_place_comes_first():
    """
    A text that names a service means that of the channel, where there is one.
    """
    world = World(
        {
            (PROD, "us-east-1"): {"main/shop": "", "side/shop": ""},
            (PROD, "eu-west-1"): {"main/shop": ""},
        }
    )
    text = "(service shop) failed: ECS was unable to assume the role 'arn:aws:iam::1:role/x'"

    found = search(world, channel="C01PROD", text=text)

    assert Subject(PROD, "us-east-1", "main", "shop") == found.only
    with pytest.raises(Impossible):
        search(world, text=text)


def test_the_role_of_a_text_tells_the_account():
    """
    An execution role is in the account of its task; an image may be anywhere.
    """
    world = World({(PROD, "us-east-1"): {"main/shop": ""}, (STAGE, "us-east-1"): {"main/shop": ""}})
    text = f"(service shop) failed: ECS was unable to assume the role 'arn:aws:iam::{STAGE}:role/x'"

    assert Subject(STAGE, "us-east-1", "main", "shop") == search(world, text=text).only
    assert (
        Subject(STAGE, "us-east-1", "main", "shop")
        == search(world, channel="C01PROD", text=text).only
    )


def test_a_cluster_in_the_text_is_the_one():
    """
    Of two services of a name the text tells which cluster has it.
    """
    world = World({(STAGE, "us-east-1"): {"main/shop": "", "side/shop": ""}})
    text = "(service shop) failed: ECS was unable to assume the role of the task\n--cluster side"

    assert Subject(STAGE, "us-east-1", "side", "shop") == search(world, text=text).only


def test_a_name_that_two_have_is_told_apart_by_what_they_recorded():
    """
    The text is evidence where the name is not enough.
    """
    text = LOGGER.format("the group is gone")
    world = World(
        {(PROD, "us-east-1"): {"main/shop": text}, (STAGE, "us-east-1"): {"main/shop": "fine"}}
    )

    found = search(world, service="shop", cluster="main", text=text)

    assert (Subject(PROD, "us-east-1", "main", "shop"), "same") == (found.only, found.how)


def test_the_very_words_tell_one_of_several():
    """
    Where one alone recorded the text as it is, it is that one; where two did, a person says which.
    """
    text = LOGGER.format("the group is gone")
    other = LOGGER.format("access denied")
    world = World({(PROD, "us-east-1"): {"main/shop": text, "main/cart": other}})

    found = search(world, text=f"> {text}\nany idea?")
    assert (Subject(PROD, "us-east-1", "main", "shop"), "same") == (found.only, found.how)

    world.kept[STAGE, "us-east-1"] = {"main/mail": text}
    found = search(world, text=text)
    assert found.only is None
    assert ["shop", "mail"] == [s.service for s in found.subjects]


def test_a_text_without_a_service_stays_as_it_is():
    """
    What it does not tell is not made up.
    """
    asked = Question(text="CannotPullContainerError: x", channel="C02OTHER")

    assert asked == told(asked, parse(asked.text), BOOK)
