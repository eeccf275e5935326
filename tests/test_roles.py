"""The roles to deploy: whom they trust, what stands in the files, and that they are the code's."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import yaml
from cfnlint.api import lint_all

from bot.permissions import fix_policy, read_policy
from bot.roles import NAMES, cloudformation, terraform, trust
from deploy.__main__ import drifted, files

BOT = "arn:aws:iam::111122223333:role/ecs-pull-bot"
KINDS = (("read",), ("fix",), ("read", "fix"))
SENT = {
    "AWS::AccountId": "222233334444", "AWS::Partition": "aws", "BotPrincipalArn": BOT,
    "ExternalId": "7f3c-secret-of-two", "RoleName": "ecs-pull",
}  # fmt: skip


def resolved(value, sent=SENT):
    """What CloudFormation makes of a value with Ref and Fn::Sub."""
    if isinstance(value, dict):
        if "Ref" in value:
            return sent[value["Ref"]]
        if "Fn::Sub" in value:
            return re.sub(r"\$\{([^}]+)\}", lambda m: sent[m[1]], value["Fn::Sub"])
        return {k: resolved(v, sent) for k, v in value.items()}
    return [resolved(v, sent) for v in value] if isinstance(value, list) else value


def roles_of(text):
    """The properties of every role in a template, by its logical name."""
    return {n: resolved(r["Properties"]) for n, r in yaml.safe_load(text)["Resources"].items()}


def test_what_is_deployed_is_what_the_code_says():
    """
    Nobody edits the generated files by hand, and nobody forgets to write them anew.
    """
    assert [] == drifted()


def test_drift_is_seen():
    """
    The check ends with 0 on what is there, and names what differs.
    """
    asked = [sys.executable, "-m", "deploy", "--check"]

    assert 0 == subprocess.run(asked, check=False).returncode
    assert {"ecs-pull-roles.yaml", "main.tf", "variables.tf", "outputs.tf"} == {
        p.name for p in files()
    }


@pytest.mark.parametrize("kind", NAMES)
def test_only_the_exact_principal_is_trusted_and_only_with_the_external_id(kind):
    """
    No account, no wildcard; whoever assumes the role knows the external id.
    """
    statements = trust(kind, BOT, "the-id")["Statement"]

    assert [{"AWS": BOT}] * len(statements) == [s["Principal"] for s in statements]
    (assuming,) = [s for s in statements if s["Action"] == "sts:AssumeRole"]
    assert {"sts:ExternalId": "the-id"} == assuming["Condition"]["StringEquals"]


def test_the_fix_role_opens_in_the_name_of_a_person_only():
    """
    Without a user id of Slack as source identity, and a plan as a tag, nobody gets in.
    """
    statements = {s["Action"]: s["Condition"] for s in trust("fix", BOT, "x")["Statement"]}

    assert {"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"} == set(statements)
    for name in ("sts:AssumeRole", "sts:SetSourceIdentity"):
        assert ["U*", "W*"] == statements[name]["StringLike"]["sts:SourceIdentity"]
    assert "?*" == statements["sts:TagSession"]["StringLike"]["aws:RequestTag/plan"]
    assert ["sts:AssumeRole"] == [s["Action"] for s in trust("read", BOT, "x")["Statement"]]


@pytest.mark.parametrize("kinds", KINDS)
def test_the_template_is_valid(kinds):
    """
    AWS's own linter finds no error and warns of nothing.
    """
    found = lint_all(cloudformation.template(kinds))

    assert [] == [str(m) for m in found if not m.rule.id.startswith("I")]


def test_the_template_holds_the_policies_of_the_account():
    """
    Filled in, both roles are exactly what the policies of this account are.
    """
    made = roles_of(cloudformation.template())

    assert {"ecs-pull-read", "ecs-pull-fix"} == {r["RoleName"] for r in made.values()}
    assert {3600} == {r["MaxSessionDuration"] for r in made.values()}
    for name, kind, expected in (
        ("ReadRole", "read", read_policy("222233334444")),
        ("FixRole", "fix", fix_policy("222233334444")),
    ):
        (inline,) = made[name]["Policies"]
        assert expected == inline["PolicyDocument"]
        assert trust(kind, BOT, SENT["ExternalId"]) == made[name]["AssumeRolePolicyDocument"]
        assert len(json.dumps(inline["PolicyDocument"])) < 10_240  # all that IAM takes inline
        assert len(json.dumps(made[name]["AssumeRolePolicyDocument"])) < 2_048


def test_one_role_alone_has_the_name_that_it_is_given():
    """
    Where both stand the parameter begins their names; alone it is the name.
    """
    alone = yaml.safe_load(cloudformation.template(["fix"]))

    assert "ecs-pull-fix" == alone["Parameters"]["RoleName"]["Default"]
    assert {"Ref": "RoleName"} == alone["Resources"]["FixRole"]["Properties"]["RoleName"]
    assert "Conditions" not in alone


@pytest.mark.parametrize("principal", ["*", "111122223333", "arn:aws:iam::111122223333:root",
                                       "arn:aws:iam::111122223333:role/*"])  # fmt: skip
def test_a_template_takes_no_whole_account(principal):
    """
    Both languages refuse to trust more than one role or user.
    """
    asked = yaml.safe_load(cloudformation.template())["Parameters"]["BotPrincipalArn"]
    pattern = asked["AllowedPattern"]

    assert re.fullmatch(pattern, BOT)
    assert not re.fullmatch(pattern, principal)
    assert json.dumps(pattern) in terraform.module()["variables.tf"]


@pytest.mark.parametrize("kinds", KINDS)
def test_the_module_holds_the_same_policies(kinds):
    """
    What Terraform would encode, read back as JSON, is the policy and the trust of the template.
    """
    main = terraform.module(kinds)["main.tf"]
    made = roles_of(cloudformation.template(kinds))

    for role in made.values():
        for document in (role["AssumeRolePolicyDocument"], role["Policies"][0]["PolicyDocument"]):
            assert document in [read_back(text) for text in re.findall(ENCODED, main, re.DOTALL)]


ENCODED = r"jsonencode\((\{\n.*?\n  \})\)"
TERRAFORM = {
    "var.bot_principal_arn": BOT, "var.external_id": SENT["ExternalId"],
    "local.account": SENT["AWS::AccountId"], "local.partition": "aws", "var.role_name": "ecs-pull",
}  # fmt: skip


def read_back(text):
    """The value of an HCL object in which each field stands on a line of its own."""
    for name, value in TERRAFORM.items():
        text = text.replace(f"${{{name}}}", value).replace(f"= {name}\n", f'= "{value}"\n')
    text = re.sub(r'^(\s*)"?([\w:/-]+)"?\s+= ', r'\1"\2": ', text, flags=re.MULTILINE)
    text = re.sub(r'([}\]"])\n(\s*")', r"\1,\n\2", text)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", text))
