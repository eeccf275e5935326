from dataclasses import replace

import pytest

from bot.causes.registry.registry_secret_malformed import CAUSE, advise, decide, plan
from bot.facts import (
    Container,
    GrantedBefore,
    KeptSecretPermissions,
    KeptSecrets,
    Permission,
    RegistrySecret,
)
from bot.logins import FILE, asked_as
from bot.model import Confirmed, RuledOut
from tests.cases.building import CACHE_SECRET, MALFORMED, PRIVATE, SECRET
from tests.causes.facts import (
    ACCOUNT,
    GHCR,
    NO_SERVICE,
    NOTHING_RECORDED,
    REGION,
    ROLE,
    SERVICE,
    SUBJECT,
    definition,
    recorded,
    unknown,
    well_worded,
)

KEPT = RegistrySecret(SECRET, SECRET, exists=True)
TEXTS = {
    "schema": "authorization data: unable to unmarshal secret value, invalid schema",
    "empty": "authorization data: empty secrets value",
    "username": "username: AuthorizationData is malformed, empty field",
    "password": "password: AuthorizationData is malformed, empty field",
}
OF_CONTAINER = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 "
    "time(s): retrieved secret from Secrets Manager did not contain json key password"
)


def judged(text, secret=KEPT):
    return decide(GHCR, secret, recorded(text), unknown("StoppedTask"))


def test_container_without_credentials():
    """
    A secret of the application is another one.
    """
    assert isinstance(judged(MALFORMED.format(TEXTS["schema"]), RegistrySecret(None)), RuledOut)
    assert isinstance(judged(OF_CONTAINER), RuledOut)


def test_secret_that_is_not_there():
    """
    What is missing has no form.
    """
    gone = replace(KEPT, exists=False)

    assert isinstance(judged(MALFORMED.format(TEXTS["schema"]), gone), RuledOut)


def test_another_error_or_none():
    """
    Only the agent has read the value, and says so.
    """
    assert isinstance(judged(PRIVATE), RuledOut)
    assert isinstance(decide(GHCR, KEPT, NOTHING_RECORDED, unknown("StoppedTask")), RuledOut)


@pytest.mark.parametrize("kind", TEXTS)
def test_each_form_that_the_agent_refuses(kind):
    """
    What it said of the value is told, and the value is read by nobody.
    """
    verdict = judged(MALFORMED.format(TEXTS[kind]))

    assert isinstance(verdict, Confirmed)
    assert kind == verdict.proof["kind"]
    assert not verdict.proof["cache"]
    assert well_worded(CAUSE, verdict)


def test_secret_of_a_cache():
    """
    Its name tells how the keys were mixed up.
    """
    verdict = judged(MALFORMED.format(TEXTS["password"]), replace(KEPT, arn=CACHE_SECRET))

    assert verdict.proof["cache"]
    assert well_worded(CAUSE, verdict)


def test_ready_call():
    """
    Both keys, and values that only a person knows.
    """
    (put,) = advise(KEPT)

    assert FILE == put.params["SecretString"]


# --- the fix -------------------------------------------------------------------------------

FREE = "ecs-pull/ghcr.io/login"
NAMES = ("app", "side", "other")
CREDENTIALS = dict(zip(NAMES, (SECRET, SECRET, "another"), strict=True))
TASK = replace(
    definition(*(Container(n, GHCR.written, credentials=c) for n, c in CREDENTIALS.items())),
    raw={"containerDefinitions": [{"name": n, "image": GHCR.written} for n in NAMES]},
)


def planned(free=FREE, permissions=(), service=SERVICE, role=ROLE):
    return plan(
        SUBJECT, service, TASK, GHCR, role, KeptSecrets((), free),
        KeptSecretPermissions(permissions), GrantedBefore(),
    )  # fmt: skip


def test_nothing_is_made_that_nobody_could_use():
    """
    No name, no service, no role, or a role that is kept from it.
    """
    resource = asked_as(ACCOUNT, REGION, FREE)
    denied = Permission("secretsmanager:GetSecretValue", resource, "explicit-deny", "identity")

    assert planned(free=None) is None
    assert planned(service=NO_SERVICE) is None
    assert planned(role=replace(ROLE, exists=False)) is None
    assert planned(permissions=(denied,)) is None


def test_the_containers_that_share_the_secret_get_a_new_one_and_it_is_left_alone():
    """
    Others may use it: nothing of it is read or changed.
    """
    made = planned()
    secret, register = made.steps[:2]

    assert secret == made.asking
    assert {"app", "side"} == set(register.after["containers"])
    assert FREE in str(register.after)
    touched = {s.do.operation for s in made.steps} | {s.undo.operation for s in made.steps}
    assert not {"put_secret_value", "get_secret_value", "update_secret"} & touched
    assert SECRET not in {s.resource for s in made.steps}
    assert isinstance(decide(GHCR, KEPT, NOTHING_RECORDED, unknown("StoppedTask")), RuledOut)
