"""What the doctor sees: all well first, then each thing that people get wrong."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from bot.aws.examining import Identity
from bot.doctor import examine
from bot.render import checks as shown
from bot.render.terminal import console
from bot.store.base import connect
from handlers.doctor import main, slack
from playground import scenarios
from playground.workspace import BOT_TOKEN, SIGNING_SECRET, Workspace
from tests.support.estate import estate, session

ROOT = Path(__file__).parent.parent
MANIFEST = json.loads((ROOT / "manifest.json").read_text("utf-8"))
WORKLOAD = "222233334444"
NO_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
    '{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


@pytest.fixture(scope="module")
def lasting():
    with estate(()) as made:
        yield made


@pytest.fixture
def world(lasting):
    yield lasting
    lasting.allow_all()


@pytest.fixture
def changed(lasting):
    """The estate, to be changed and built anew afterwards."""
    yield lasting
    lasting.reset()
    scenarios.grant(lasting)


@pytest.fixture(scope="module")
def workspace():
    with Workspace(manifest=ROOT / "manifest.json") as made:
        yield made


@pytest.fixture
def environ(lasting, workspace, empty_redis, tmp_path):
    file = tmp_path / "accounts.yaml"
    file.write_text(scenarios.accounts_yaml())
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SIGNING_SECRET, "SLACK_API_URL": workspace.api_url,
        "REDIS_URL": empty_redis, "ECS_PULL_ACCOUNTS": str(file),
        "AWS_ENDPOINT_URL": lasting.url,
    }  # fmt: skip


def checked(environ, world):
    return {c.id: c for c in examine(environ, slack, session(world))}


def ill(environ, world):
    """The checks that are not well, with what was said."""
    return {i: c for i, c in checked(environ, world).items() if c.ok is not True}


def accounts_in(environ, text):
    Path(environ["ECS_PULL_ACCOUNTS"]).write_text(text)


def read_policy(world, change):
    """Replace the read role's policy of the workload account by what *change* makes of it."""
    iam = world.client("iam", WORKLOAD, "us-east-1")
    named = {"RoleName": "ecs-pull-read", "PolicyName": "ecs-pull-read"}
    policy = iam.get_role_policy(**named)["PolicyDocument"]
    iam.put_role_policy(**named, PolicyDocument=json.dumps(change(policy)))


def test_nothing_is_wrong_where_all_is_set_up(environ, world):
    """
    The playground's own estate and workspace pass every check, and nothing is written.
    """
    world.calls.clear()

    found = checked(environ, world)

    assert {} == {i: c.words for i, c in found.items() if c.ok is not True}
    assert {"slack-scopes", "redis", "jobs", "aws-identity"} <= set(found)
    assert {
        f"{c}:prod"
        for c in ("read-role", "read-actions", "no-secrets", "fix-role", "fix-actions", "approvers")
    } <= set(found)
    verbs = {c.action.partition(":")[2] for c in world.calls}
    assert verbs <= {"AssumeRole", "GetCallerIdentity", "SimulatePrincipalPolicy"}


def test_what_is_not_set_is_not_wrong(environ, world):
    """
    Without Slack and Redis the bot starts those of its own.
    """
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "REDIS_URL"):
        del environ[name]

    assert {"slack": None, "redis": None} == {i: c.ok for i, c in ill(environ, world).items()}


def test_an_account_for_diagnosis_only_is_well(environ, world):
    """
    No fix role is a choice, and then nobody need approve.
    """
    text = scenarios.accounts_yaml()
    accounts_in(environ, re.sub(r"    (fix_role|approvers): .*\n", "", text))

    assert {} == ill(environ, world)


def test_a_missing_scope_is_named(environ, world):
    """
    Each scope of the manifest that Slack did not grant.
    """
    scopes = [s for s in MANIFEST["oauth_config"]["scopes"]["bot"] if s != "files:read"]
    less = MANIFEST | {"oauth_config": {"scopes": {"bot": scopes}}}
    with Workspace(manifest=less) as other:
        found = ill({**environ, "SLACK_API_URL": other.api_url}, world)

    assert ["slack-scopes"] == list(found)
    assert ["files:read"] == found["slack-scopes"].context["ids"]


def test_a_wrong_token_and_an_absent_slack(environ, world):
    """
    Slack's own word for it, or its address.
    """
    refused = ill({**environ, "SLACK_BOT_TOKEN": "xoxb-wrong"}, world)
    away = ill({**environ, "SLACK_API_URL": "http://127.0.0.1:9/api/"}, world)

    assert "invalid_auth" == refused["slack"].context["because"]
    assert "slack_away" == away["slack"].words


def test_an_app_token_that_opens_no_socket(environ, world):
    """
    Slack says why it gives no address to connect to.
    """
    found = ill({**environ, "SLACK_APP_TOKEN": "xapp-1-doctor"}, world)

    assert "invalid_auth" == found["slack-socket"].context["because"]


def test_redis_away(environ, world):
    """
    One check is wrong; the others are made all the same.
    """
    found = ill({**environ, "REDIS_URL": "redis://127.0.0.1:9/0"}, world)

    assert {"redis": False} == {i: c.ok for i, c in found.items()}


def test_jobs_that_were_given_up_are_counted(environ, world):
    """
    Dead letters of every queue, the scan's too.
    """
    with connect(environ["REDIS_URL"], database=1) as queue:
        queue.zadd("ecs-pull-jobs:scan.XQ", {"one": 1})
        queue.zadd("ecs-pull-jobs:interactive.XQ", {"two": 1})

    assert 2 == ill(environ, world)["jobs"].context["count"]


def test_wrong_settings_and_accounts_are_told_beside_the_rest(environ, world):
    """
    Every problem is a check of its own, and what can be checked is.
    """
    accounts_in(environ, "accounts:\n  - {id: '12', regions: []}\n")

    found = [c for c in examine({**environ, "PORT": "x"}, slack, session(world)) if c.ok is False]

    assert ["settings", "accounts", "accounts"] == [c.id for c in found]
    assert "PORT" in found[0].context["problem"]
    assert ":2:" in found[1].context["problem"]


def test_an_endpoint_that_is_none_is_not_asked(environ, world):
    """
    Told once, and no account is blamed for it.
    """
    found = ill({**environ, "AWS_ENDPOINT_URL": "nonsense"}, world)

    assert {"settings": False, "aws-identity": None} == {i: c.ok for i, c in found.items()}


def test_a_profile_that_is_none_is_told(environ, world, monkeypatch):
    """
    boto3's usual chain ends before it begins.
    """
    monkeypatch.setenv("AWS_PROFILE", "nosuch")
    found = {c.id: c for c in examine(environ, slack)}

    assert "nosuch" in found["aws-identity"].context["problem"]


def test_wrong_slack_settings_keep_slack_unchecked(environ, world):
    """
    A token that is none is not sent anywhere.
    """
    found = ill({**environ, "SLACK_BOT_TOKEN": "xoxp-1"}, world)

    assert {"settings": False, "slack": None} == {i: c.ok for i, c in found.items()}


def test_what_the_read_role_lacks_is_named(environ, changed):
    """
    Two actions were taken out of its policy.
    """
    gone = {"ecr:DescribeImages", "ec2:DescribeSubnets"}

    def less(policy):
        for statement in policy["Statement"]:
            statement["Action"] = [a for a in statement["Action"] if a not in gone]
        return policy

    read_policy(changed, less)
    found = ill(environ, changed)

    assert ["read-actions:prod"] == list(found)
    assert sorted(gone) == found["read-actions:prod"].context["ids"]


def test_a_role_that_may_not_be_judged_is_not_judged(environ, world):
    """
    Without the simulation it could not be checked, which is neither well nor wrong.
    """
    world.deny("ecs-pull-read", "iam:SimulatePrincipalPolicy")
    found = ill(environ, world)

    assert {None} == {c.ok for c in found.values()}
    assert {"read-actions:prod", "no-secrets:prod", "fix-actions:prod"} <= set(found)
    assert "denied iam:SimulatePrincipalPolicy" == found["no-secrets:prod"].context["because"]


def test_a_role_that_reads_secrets_is_wrong(environ, changed):
    """
    Allowed by its owner's own statement where the Deny is gone.
    """

    def open_up(policy):
        kept = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
        more = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
        return {**policy, "Statement": [*kept, more]}

    read_policy(changed, open_up)
    found = ill(environ, changed)

    assert ["no-secrets:prod"] == list(found)
    assert ["secretsmanager:GetSecretValue"] == found["no-secrets:prod"].context["ids"]


def test_a_role_that_nothing_guards_is_well_with_a_word_of_advice(environ, world):
    """
    Without the Deny it reads no secret today.
    """
    read_policy(
        world, lambda p: {**p, "Statement": [s for s in p["Statement"] if s["Effect"] == "Allow"]}
    )
    found = checked(environ, world)["no-secrets:prod"]

    assert (True, "secrets_unguarded") == (found.ok, found.words)
    assert "Deny" in shown.advice(found, "en")


@pytest.mark.parametrize(
    ("role", "check"), [("ecs-pull-read", "read-role"), ("ecs-pull-fix", "fix-role")]
)
def test_a_role_that_cannot_be_assumed_is_wrong(environ, changed, role, check):
    """
    Its trust policy names somebody else.
    """
    iam = changed.client("iam", WORKLOAD, "us-east-1")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=NO_TRUST)
    found = ill(environ, changed)

    assert [f"{check}:prod"] == list(found)
    assert "user/ecs-pull-bot" in shown.advice(found[f"{check}:prod"], "en")


def test_a_wrong_external_id_shuts_both_roles(environ, world):
    """
    The accounts file and the trust policy must say the same.
    """
    accounts_in(environ, scenarios.accounts_yaml().replace("-playground", "-mistyped"))
    found = ill(environ, world)

    assert {f"{c}-role:{a}" for c in ("read", "fix") for a in ("tools", "prod", "images")} == set(
        found
    )


def test_an_account_that_nobody_may_repair_is_wrong(environ, world):
    """
    A fix role without approvers is never used.
    """
    accounts_in(environ, re.sub(r"    approvers: .*\n", "", scenarios.accounts_yaml(), count=1))

    assert ["approvers:tools"] == list(ill(environ, world))


def test_an_account_without_a_read_role_must_be_the_bots_own(environ, world):
    """
    The bot's own credentials read one account alone.
    """
    accounts_in(environ, re.sub(r"    read_role: .*\n", "", scenarios.accounts_yaml()))
    found = checked(environ, world)

    assert (True, False) == (found["read-role:tools"].ok, found["read-role:prod"].ok)
    assert "111122223333" == found["read-role:prod"].context["other"]


def test_a_session_is_traced_to_its_role():
    """
    What is trusted and carries policies is the role; a user is itself.
    """
    session_arn = "arn:aws-cn:sts::222233334444:assumed-role/bot/i-1"

    assert "arn:aws-cn:iam::222233334444:role/bot" == Identity(session_arn, WORKLOAD).principal
    assert "arn:aws:iam::1:user/x" == Identity("arn:aws:iam::1:user/x", "1").principal


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_check_says_what_was_found_and_what_to_do(environ, world, language):
    """
    One line each in 80 columns; advice for all that is not well.
    """
    world.deny("ecs-pull-bot", "sts:AssumeRole")
    found = examine({**environ, "REDIS_URL": "redis://127.0.0.1:9/0"}, slack, session(world))
    out = io.StringIO()

    shown.show(console(out), found, language)

    assert all(shown.about(c, language) for c in found)
    assert all(shown.advice(c, language) for c in found if c.ok is not True)
    assert max(map(width, out.getvalue().splitlines())) <= 80


def width(line):
    """Columns of *line*: a Japanese character takes two."""
    return len(line) + len(re.findall(r"[\u3000-\u9fff\uff00-\uffef]", line))


@pytest.mark.parametrize(("more", "status"), [({}, 0), ({"PORT": "x"}, 1)])
def test_the_command_prints_json_and_tells_by_its_status(
    environ, world, monkeypatch, capsys, more, status
):
    """
    One document; 1 if anything is wrong.
    """
    for name, value in scenarios.credentials(world).items():
        monkeypatch.setenv(name, value)

    assert status == main(["--json"], {**environ, **more})

    said = json.loads(capsys.readouterr().out)
    assert (status == 0) is said["ok"]
    assert {"id", "ok", "about", "advice"} == set(said["checks"][0])
