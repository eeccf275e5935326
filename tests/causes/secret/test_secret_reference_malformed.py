import pytest

from bot.awscli import unfilled
from bot.causes.secret.secret_reference_malformed import CAUSE, advise, decide, plan
from bot.facts import DescribedSecret, DescribedSecrets, WantedSecrets
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import SERVICE, unknown, well_worded
from tests.causes.facts_secret import PARAMETER, SECRET, asks, secret, secrets, task

DARK = unknown("DescribedSecrets")
TRAP = SECRET.replace("prod/db-AbCdEf", "db-secret")
WHOLE = secrets(DescribedSecret(TRAP, whole=f"{TRAP}-AbCdEf", anew=f"{TRAP[:-7]}-GhIjKl"))


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        f"{SECRET}:password::",
        f"{SECRET}::AWSPREVIOUS:",
        f"{SECRET}:::",
        f"{SECRET.replace('-AbCdEf', '')}",
        PARAMETER,
        "/prod/url",
        "url:3",
        SECRET.replace("arn:aws:", "arn:aws-cn:"),
    ],
)
def test_what_is_well_formed(written):
    """
    Each form that AWS documents is taken, whatever is there.
    """
    assert isinstance(decide(asks(written), DARK), RuledOut)
    assert plan(SERVICE, task(written), asks(written), DARK) is None


def test_a_task_without_secrets():
    """
    What is not written is not malformed.
    """
    assert isinstance(decide(WantedSecrets(), DescribedSecrets()), RuledOut)


@pytest.mark.parametrize(
    ("written", "kind", "repaired"),
    [
        (f"{SECRET}:password", "colons", f"{SECRET}:password::"),
        (f"{SECRET}:password:", "colons", f"{SECRET}:password::"),
        (f"{SECRET}:password:AWSCURRENT", "colons", f"{SECRET}:password:AWSCURRENT:"),
        (f" {SECRET}", "blanks", SECRET),
        (f"{SECRET}:a:b:c:d", "parts", None),
        (SECRET.replace(":222233334444:", "::"), "parts", None),
        (SECRET.replace("secretsmanager", "s3"), "parts", None),
        (SECRET.replace(":secret:", ":value:"), "parts", None),
        ("arn:aws:secretsmanager", "parts", None),
        (PARAMETER.replace("parameter/", "parameters/"), "parts", None),
    ],
)
def test_what_is_malformed(written, kind, repaired):
    """
    Without a look at the secret; repaired where only one form can be meant.
    """
    verdict = decide(asks(written), DARK)

    assert isinstance(verdict, Confirmed)
    assert (kind, repaired) == (verdict.proof["kind"], verdict.proof["repaired"])
    assert well_worded(CAUSE, verdict)


def test_a_name_that_ends_like_an_arn():
    """
    Secrets Manager takes a name's own six letters for the end of a complete ARN.
    """
    verdict = decide(asks(f"{TRAP}:password::"), WHOLE)

    assert ("whole", f"{TRAP}-AbCdEf:password::") == (
        verdict.proof["kind"],
        verdict.proof["repaired"],
    )
    assert well_worded(CAUSE, verdict)


def test_a_stage_and_a_version():
    """
    Together they are taken only where that version has that stage.
    """
    both = asks(f"{SECRET}::AWSPREVIOUS:v1")
    fitting = secrets(secret(versions={"v1": ("AWSPREVIOUS",)}))

    assert isinstance(decide(both, fitting), RuledOut)
    assert Undecided((DARK,)) == decide(both, DARK)
    verdict = decide(both, secrets())
    assert "both" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    ("written", "found"), [(f"{SECRET}:password", DARK), (f"{TRAP}:password::", WHOLE)]
)
def test_plan_makes_the_verdict_ruled_out(written, found):
    """
    The new revision writes what can be read, and the other references as they were.
    """
    made = plan(SERVICE, task("/prod/url", written), asks("/prod/url", written), found)
    values = [s["valueFrom"] for s in made.steps[0].after["containers"]["app"]["secrets"]]

    assert "/prod/url" == values[0]
    assert isinstance(decide(asks(*values), DARK), RuledOut)


def test_options_of_the_log_driver_and_credentials_are_repaired_where_they_stand():
    """
    What surrounds a reference stays as it is.
    """
    more = {"options": (f"{SECRET}:token",), "credentials": f"{SECRET} "}
    made = plan(SERVICE, task(**more), asks(**more), DARK)
    after = made.steps[0].after["containers"]["app"]

    assert {"credentialsParameter": SECRET} == after["repositoryCredentials"]
    options = [{"name": "option-1", "valueFrom": f"{SECRET}:token::"}]
    assert {"logDriver": "splunk", "secretOptions": options} == after["logConfiguration"]


def test_advice_shows_the_right_form():
    """
    A person fills in what only they know.
    """
    read, call = advise(task(SECRET))

    assert "describe_task_definition" == read.operation
    assert "register_task_definition" == call.operation
    assert unfilled(call)
