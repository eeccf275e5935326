"""A plan as files says the same to a shell, to Terraform and to CloudFormation, whatever it holds."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.cloudformation import RESOURCES, template
from bot.model import Call, Plan
from bot.takehome import files, without_secrets
from tests.support.doors import PLANS, inline_step, repository_step, revision_steps
from tests.support.hostile import HOSTILE, soiled
from tests.support.reports import FIXABLE, fix_of

ACTED_UPON = ("{{resolve:secretsmanager:x}}", "a {{resolve:ssm:b}} c")
ANY = [fix_of(n).plan for n in FIXABLE] + list(PLANS.values())
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


def resources(text):
    """The resources of a template, as CloudFormation would read them."""
    return yaml.safe_load(text)["Resources"]


def balanced(hcl):
    """Whether brackets and quotes of *hcl* are closed, comments and escapes left aside."""
    lines = "\n".join(x for x in hcl.split("\n") if not x.lstrip().startswith("#"))
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"', "", lines)
    return '"' not in bare and all(bare.count(a) == bare.count(b) for a, b in ("{}", "()", "[]"))


def with_document(value):
    """Plans that hold *value* in a document, a container and a call."""
    policy = replace(repository_step(), after={"Sid": value, "Statement": []})
    register, deploy = revision_steps()
    params = {**register.do.params, "containerDefinitions": [{"name": value, "command": [value]}]}
    register = replace(register, do=Call("ecs", register.do.operation, params))
    call = replace(inline_step(), kind="unheard-of", do=Call("iam", "x", {"PolicyName": value}))
    return Plan((policy, register, deploy, call), "low")


@pytest.mark.parametrize("value", [*HOSTILE[:-4], "#", "'", '"', "$(id)", "!Ref x", "a: b", "- x"])
def test_no_value_breaks_out_of_a_file(value):
    """
    What is hostile to Slack is text to everything else too.
    """
    _whole(with_document(value))


@given(TEXT)
def test_no_value_at_all_breaks_out_of_a_file(value):
    """
    Whatever a name or a document holds, every file stays whole.
    """
    _whole(with_document(value))


def _whole(plan):
    found = files(plan)
    assert shlex.split(found["fix.sh"].replace("\x00", ""), comments=True)
    assert balanced(found["fix.tf"])
    assert isinstance(yaml.safe_load(found["fix.yaml"]), dict)


@given(TEXT)
def test_a_template_gives_back_the_value(value):
    """
    CloudFormation reads exactly what the plan says.
    """
    made = resources(template(with_document(value)))
    policy = made["RepositoryShop"]["Properties"]["RepositoryPolicyText"]
    container = made["TaskDefinitionShop"]["Properties"]["ContainerDefinitions"][0]

    assert value == policy["Sid"] == container["Name"] == container["Command"][0]


@pytest.mark.parametrize("value", ACTED_UPON)
def test_what_cloudformation_would_act_upon_is_no_value(value):
    """
    A dynamic reference cannot be escaped: such a step, and what refers to it, is a comment.
    """
    text = template(with_document(value))

    assert not resources(text)
    assert "aws ecr set-repository-policy" in text


def test_a_document_that_looks_like_a_function_is_no_value():
    """
    Labels are free text, so one may be called as a function is.
    """
    for label in ({"Ref": "AWS::AccountId"}, {"Fn::Sub": "${AWS::AccountId}"}):
        plan = Plan((replace(repository_step(), after={"Statement": [label]}),), "low")

        assert not resources(template(plan))


@pytest.mark.parametrize("plan", ANY)
def test_every_fix_can_be_taken_home(plan):
    """
    Each setting that a plan changes stands in each file; the rest is said in a comment.
    """
    found = files(plan)
    kinds = [s.kind for s in plan.steps]

    assert len(plan.steps) == sum(len(re.findall(r"aws [a-z0-9]+ [a-z]+-", line)) > 0
                                  for line in found["fix.sh"].splitlines())  # fmt: skip
    assert len([k for k in kinds if k in RESOURCES]) == len(resources(found["fix.yaml"]) or {})
    assert balanced(found["fix.tf"])
    for text in found.values():
        assert all(s.account in text for s in plan.steps) or text == found["fix.tf"]


def test_a_service_runs_what_the_template_registers():
    """
    The revision is referred to, since it has no name yet; keys are CloudFormation's.
    """
    made = resources(template(PLANS["revision"]))

    assert {"Ref": "TaskDefinitionShop"} == made["ServiceShop"]["Properties"]["TaskDefinition"]
    (container,) = made["TaskDefinitionShop"]["Properties"]["ContainerDefinitions"]
    assert {"Name": "app", "Image": "shop:v2", "Essential": True} == container


def test_names_of_properties_are_cloudformations():
    """
    Most start with a capital letter; the exceptions and the team's own words are kept.
    """
    register = revision_steps()[0]
    params = {
        "family": "shop",
        "volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
        "proxyConfiguration": {"type": "APPMESH", "properties": [{"name": "a", "value": "b"}]},
        "containerDefinitions": [{"dockerLabels": {"com.example": "x"}, "environment": []}],
    }
    register = replace(register, do=Call("ecs", "register_task_definition", params))
    made = resources(template(Plan((register,), "low")))["TaskDefinitionShop"]["Properties"]

    assert "fs-1" == made["Volumes"][0]["EFSVolumeConfiguration"]["FilesystemId"]
    assert [{"Name": "a", "Value": "b"}] == made["ProxyConfiguration"][
        "ProxyConfigurationProperties"
    ]
    assert {"com.example": "x"} == made["ContainerDefinitions"][0]["DockerLabels"]


@pytest.mark.parametrize("name", ["DB_PASSWORD", "API_TOKEN", "SESSION"])
def test_no_secret_leaves_with_a_file(name):
    """
    An environment is part of a task definition, and its secrets are none of a channel's business.
    """
    value = "eyJhbGciOiJI.eyJzdWIiOiJx.abc" if name == "SESSION" else "hunter2hunter2"
    register, deploy = revision_steps()
    container = {"name": "app", "environment": [{"name": name, "value": value},
                                                {"name": "STAGE", "value": "prod"}]}  # fmt: skip
    do = Call("ecs", register.do.operation, {"family": "shop", "containerDefinitions": [container]})
    plan = Plan((replace(register, do=do), deploy), "low")

    for text in files(plan).values():
        assert value not in text
        assert "[redacted]" in text
        assert "prod" in text
        assert "left out" in text
    assert json.dumps(value) in json.dumps(plan.steps[0].do.params)


@pytest.mark.parametrize("name", FIXABLE)
def test_a_plan_without_secrets_is_left_as_it_is(name):
    """
    Nothing that a fix needs looks like a secret.
    """
    plan = fix_of(name).plan

    assert plan.hash == without_secrets(plan).hash
    assert "left out" not in files(plan)["fix.sh"]


def test_a_soiled_plan_is_still_a_file():
    """
    Even what AWS would never answer.
    """
    for dirt in HOSTILE:
        _whole(Plan(tuple(replace(s, do=Call("ecr", "x", soiled(dict(s.do.params), dirt)))
                          for s in PLANS["repository"].steps), "low"))  # fmt: skip
