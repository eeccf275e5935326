"""Terraform says what a plan leaves behind, and interpolates nothing."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Call, Plan, Step
from bot.terraform import RESOURCES, snippet
from tests.support.reports import FIXABLE, fix_of

ARN = "arn:aws:ecr:eu-west-1:222233334444:repository/team/shop"
SERVICE = "arn:aws:ecs:eu-west-1:222233334444:service/main/shop"
ROLE = "arn:aws:iam::222233334444:role/shop-execution"
NO_SETTING = {
    "service-deployment",
    "secret-deletion",
    "image-storage-class",
    "container-instance-status",
    "container-agent",
}  # calls that leave no setting behind


def said(kind, resource, before, after, **params):
    step = Step(
        kind, "222233334444", "eu-west-1", resource, before, after, Call("x", "y", params), None
    )
    return snippet(Plan((step,), "low"))


@given(st.text(alphabet='${}%"\\/\b\f\n\t<&aé'))
def test_nothing_is_interpolated(value):
    """
    A value with Terraform's own marks stays that value.
    """
    text = said("repository-policy", ARN, None, {"Sid": value})
    body = text[text.index("jsonencode(") + len("jsonencode(") : text.rindex(")")]
    plain = body.replace("$${", "${").replace("%%{", "%{")

    assert {"Sid": value} == json.loads(plain) or "${" in value or "%{" in value
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", re.sub(r"\$\$\{|%%\{", "", body))
    assert not re.search(r"(?<!\\)(?:\\\\)*\\[bf/]", body)


def test_a_repository_policy_keeps_the_path_of_its_name():
    """
    The label is Terraform's, the name is ECR's.
    """
    text = said("repository-policy", ARN, None, {})

    assert 'resource "aws_ecr_repository_policy" "team_shop" {' in text
    assert 'repository = "team/shop"' in text


def test_an_attachment_names_role_and_policy():
    """
    Role by name, policy by ARN.
    """
    text = said("role-policy-attachment", ROLE, None, {"policyArn": "arn:aws:iam::aws:policy/X"})

    assert 'role = "shop-execution"' in text
    assert 'policy_arn = "arn:aws:iam::aws:policy/X"' in text


def test_an_inline_policy_has_its_name():
    """
    As IAM knows it.
    """
    assert 'name = "Pull"' in said("role-inline-policy", ROLE, None, {}, PolicyName="Pull")


def test_a_network_is_a_block():
    """
    Blocks have no equals sign, switches no quotes.
    """
    awsvpc = {"subnets": ["subnet-a"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}
    text = said("service-network", SERVICE, None, {"awsvpcConfiguration": awsvpc})

    assert "  network_configuration {\n" in text
    assert "assign_public_ip = true" in text


def test_a_larger_storage_is_a_block():
    """
    What a revision changes beside its containers stands in the definition.
    """
    storage = {"ephemeralStorage": {"sizeInGiB": 27}}
    family = "arn:aws:ecs:eu-west-1:222233334444:task-definition/shop"
    text = said(
        "task-definition-revision",
        family,
        {},
        {},
        family="shop",
        containerDefinitions=[],
        **storage,
    )

    assert "ephemeral_storage {" in text
    assert "size_in_gib = 27" in text


def test_a_deployment_is_no_setting():
    """
    Trying again is no configuration, but is not left out of what is to be done.
    """
    assert "# aws x y --region eu-west-1" == said("service-deployment", SERVICE, None, {})


@pytest.mark.parametrize("name", FIXABLE)
def test_every_fix_can_be_written_down(name):
    """
    Each plan has a resource for each setting that it changes, with balanced brackets.
    """
    plan = fix_of(name).plan
    text = snippet(plan)

    assert len([s for s in plan.steps if s.kind in RESOURCES]) == text.count('resource "')
    assert {s.kind for s in plan.steps if s.kind not in RESOURCES} <= NO_SETTING
    assert text.count("{") == text.count("}")
