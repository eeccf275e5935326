"""``diagnose --picture``: the way to the registry as a file, or one clear line why there is none."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from bot import picturing
from playground import scenarios
from tests.support.commands import run
from tests.support.reports import report_of

NETWORK = "endpoint-missing"
BROKEN = "image-tag-missing"


def there(name):
    s = scenarios.named(name)
    place = ("--account", s.account, "--region", s.region, "--cluster", s.cluster)
    return ("diagnose", *place, "--service", s.service)


@pytest.mark.parametrize("name", [NETWORK, "healthy"])
def test_a_picture_is_written_beside_the_words(terminal, name):
    """
    As an SVG and as a PNG; of a service that works, too.
    """
    name = name if name == NETWORK else next(s.name for s in scenarios.SCENARIOS if not s.cause)
    status, said, wrong = run(*there(name), "--picture", "way.svg", "--json")
    again, *_ = run(*there(name), "--picture", "way.PNG", "--lang", "ja")

    assert (0, 0, "") == (status, again, wrong)
    assert json.loads(said)["headline"]
    assert "svg" in ET.parse(terminal / "way.svg").getroot().tag
    assert (terminal / "way.PNG").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("name", ["way.jpg", "way", "way.svg.txt", ".png"])
def test_another_ending_is_wrong_usage(monkeypatch, tmp_path, name):
    """
    Told before anything is read.
    """
    monkeypatch.chdir(tmp_path)
    status, said, wrong = run("diagnose", "--service", "shop", "--picture", name)

    assert (2, "") == (status, said)
    assert "must end in .svg or .png" in wrong
    assert 1 == len(wrong.splitlines())


def test_where_nobody_looked_at_the_way_there_is_none(tmp_path):
    """
    Another registry on the customer's own machine, say: no file, and not a wrong one.
    """
    found = report_of("nat", journey=None)

    assert not picturing.write(found, tmp_path / "way.svg", "en")
    assert [] == list(tmp_path.iterdir())


def test_a_diagnosis_without_a_way_is_nothing_found(terminal, bot):
    """
    The words are printed, one line says why there is no picture, and the status tells scripts.
    """
    bot.estate.deny("*", "ec2:DescribeSubnets")
    status, said, wrong = run(*there(NETWORK), "--picture", "way.svg")

    assert 3 == status
    assert said
    assert "There is no picture" in wrong
    assert not (terminal / "way.svg").exists()
