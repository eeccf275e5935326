"""Which rule of a cache an image falls under, and what it is called upstream."""

import pytest

from bot import policy
from bot.caching import rule_of, upstream_path
from bot.facts import CacheRule, CacheRules

RULES = CacheRules(
    (
        CacheRule("docker-hub", "docker-hub", "registry-1.docker.io"),
        CacheRule("docker-hub/mirror", "quay", "quay.io"),
        CacheRule("team/", "ecr", "1.dkr.ecr.eu-west-1.amazonaws.com", None, None, "prod"),
    )
)
ROOT = CacheRule("ROOT", "ecr", "1.dkr.ecr.eu-west-1.amazonaws.com")


@pytest.mark.parametrize(
    ("repository", "prefix"),
    [
        ("docker-hub/library/nginx", "docker-hub"),
        ("docker-hub/mirror/x", "docker-hub/mirror"),
        ("team/shop", "team/"),
        ("docker-hub", None),
        ("docker-hubs/x", None),
        ("shop", None),
    ],
)
def test_the_longest_prefix_counts(repository, prefix):
    """
    A prefix ends at a slash, whether or not it is written.
    """
    found = rule_of(RULES, repository)

    assert prefix == (found.prefix if found else None)


def test_root_takes_what_no_other_rule_does():
    """
    A repository with a rule of its own is not among them.
    """
    rules = CacheRules((*RULES.items, ROOT))

    assert ROOT == rule_of(rules, "shop")
    assert "docker-hub" == rule_of(rules, "docker-hub/x").prefix


@pytest.mark.parametrize(
    ("rule", "repository", "name"),
    [
        (RULES.items[0], "docker-hub/library/nginx", "library/nginx"),
        (RULES.items[2], "team/shop", "prod/shop"),
        (ROOT, "my-app/image", "my-app/image"),
    ],
)
def test_the_name_upstream(rule, repository, name):
    """
    The prefix is taken off, and one of the upstream put before.
    """
    assert name == upstream_path(rule, repository)


def test_policies_that_speak_together():
    """
    Their statements stand side by side; one that cannot be read leaves all of it unread.
    """
    one = {"Version": "2012-10-17", "Statement": {"Sid": "a"}}
    other = {"Statement": [{"Sid": "b"}]}

    assert policy.joined(None, None) is None
    assert one == policy.joined(None, one)
    assert [{"Sid": "a"}, {"Sid": "b"}] == policy.joined(one, other)["Statement"]
    assert policy.UNREAD == policy.joined(one, {"Statement": "?"})
