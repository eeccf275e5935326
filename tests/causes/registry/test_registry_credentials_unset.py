from dataclasses import replace

import pytest

from bot.awscli import unfilled
from bot.causes.registry.registry_credentials_unset import (
    AMBIGUOUS,
    CAUSE,
    advise,
    choices,
    decide,
    plan,
)
from bot.facts import (
    Choice,
    Container,
    ContainerState,
    GrantedBefore,
    KeptSecret,
    KeptSecretPermissions,
    KeptSecrets,
    Permission,
    StoppedTask,
)
from bot.logins import NEW, asked_as
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    ACCOUNT,
    GHCR,
    HUB,
    IMAGE,
    NO_SERVICE,
    NOTHING_RECORDED,
    PRIVATE,
    REGION,
    ROLE,
    SERVICE,
    SUBJECT,
    because,
    definition,
    recorded,
    unknown,
    well_worded,
)

ERROR = "CannotPullContainerError: failed to resolve ref ghcr.io/acme/shop:1: failed to authorize: "
TOKEN = f"{ERROR}failed to fetch anonymous token: unexpected status from GET request to "
UNAUTHORIZED = f"{TOKEN}https://ghcr.io/token: 401 Unauthorized"
FORBIDDEN = f"{TOKEN}https://ghcr.io/token: 403 Forbidden"
DENIED = (
    "CannotPullContainerError: Error response from daemon: pull access denied for acme/shop, "
    "repository does not exist or may require 'docker login'"
)
ASKED = (
    "CannotPullContainerError: Error response from daemon: Head https://ghcr.io/v2/acme/shop"
    "/manifests/1: unauthorized: authentication required"
)
TIMEOUT = "CannotPullContainerError: dial tcp 192.0.2.1:443: i/o timeout"


def judged(image=GHCR, said=UNAUTHORIZED, credentials=None):
    container = Container("app", image.written, credentials=credentials)
    return decide(image, definition(container), recorded(said), unknown("StoppedTask"))


def test_credentials_that_are_set():
    """
    Credentials that are set may be wrong, which is another cause.
    """
    assert isinstance(judged(credentials="hub"), RuledOut)


def test_ecr_asks_for_no_credentials():
    """
    Amazon ECR is entered by a role.
    """
    assert isinstance(judged(image=IMAGE), RuledOut)


def test_official_images_are_public():
    """
    Nothing under Docker Hub's library is private.
    """
    assert isinstance(judged(image=HUB, said=DENIED), RuledOut)


def test_another_error():
    """
    Where ECS recorded another fault, the registry did not ask for a login.
    """
    assert isinstance(judged(said=TIMEOUT), RuledOut)


def test_nothing_recorded():
    """
    An image of another registry may well be public: without its answer nothing is decided.
    """
    those = definition(Container("app", GHCR.written))

    assert isinstance(decide(GHCR, those, NOTHING_RECORDED, StoppedTask()), Undecided)


@pytest.mark.parametrize(("image", "said"), [(PRIVATE, DENIED), (GHCR, FORBIDDEN)])
def test_missing_or_private(image, said):
    """
    Some answers are given for private and for missing images alike.
    """
    assert AMBIGUOUS == because(judged(image=image, said=said))


@pytest.mark.parametrize("said", [UNAUTHORIZED, ASKED])
def test_registry_that_asks_for_a_login(said):
    """
    The registry says that it wants a login, and there is none.
    """
    verdict = judged(said=said)

    assert isinstance(verdict, Confirmed)
    assert ("ghcr.io", "app") == (verdict.proof["registry"], verdict.proof["container"])
    assert well_worded(CAUSE, verdict)


def test_the_whole_text_of_the_task_counts():
    """
    What the end of a long message says is not lost.
    """
    long = UNAUTHORIZED.replace("anonymous token", "token").replace("acme/shop", "a" * 300)
    task = StoppedTask("arn", containers=(ContainerState("app", GHCR.written, long),))
    those = definition(Container("app", GHCR.written))

    assert isinstance(decide(GHCR, those, recorded(long), task), Confirmed)


def test_ready_calls():
    """
    A secret, the right to read it, and a revision that names it; the values are a person's.
    """
    secret, grant, _, revision = advise(GHCR, ROLE)

    assert secret.params["SecretString"].startswith("file://")  # never on a command line
    assert unfilled(secret)
    assert "shop-execution" == grant.params["RoleName"]
    assert "repositoryCredentials" in revision.params["cliInputJson"]
    assert unfilled(revision)
    assert "<execution role>" == advise(GHCR, unknown("Role"))[1].params["RoleName"]


# --- the fix -------------------------------------------------------------------------------

FREE = "ecs-pull/ghcr.io/login"
KEPT, ONLY_NEW = KeptSecrets((KeptSecret("arn:hub", "hub"),), FREE), KeptSecrets((), FREE)
NEW_ARN = asked_as(ACCOUNT, REGION, FREE)
BARE = replace(
    definition(Container("app", GHCR.written)),
    raw={"containerDefinitions": [{"name": "app", "image": GHCR.written}]},
)


def may(resource, decision="implicit-deny", by="identity"):
    return Permission("secretsmanager:GetSecretValue", resource, decision, by)


def planned(kept=ONLY_NEW, choice=None, permissions=(), service=SERVICE, role=ROLE, before=None):
    rights = KeptSecretPermissions(permissions)
    return plan(
        SUBJECT, service, BARE, GHCR, role, kept, rights, GrantedBefore(before), Choice(choice)
    )


def test_no_secret_is_made_that_the_role_could_not_read():
    """
    A Deny, or a boundary, would be in the way of a new one too.
    """
    for denied in (may(NEW_ARN, "explicit-deny"), may(NEW_ARN, by="boundary")):
        assert ("hub",) == choices(SUBJECT, KEPT, KeptSecretPermissions((denied,)))
        assert planned(permissions=(denied,)) is None


def test_nothing_is_made_that_nobody_would_use():
    """
    No role to read it, no service to deploy, no such variant.
    """
    assert planned(role=replace(ROLE, exists=False)) is None
    assert planned(service=NO_SERVICE) is None
    assert planned(choice="another") is None
    assert planned(KeptSecrets()) is None


def test_what_is_there_comes_first_and_a_new_one_last():
    """
    A secret that exists needs nobody to type anything.
    """
    assert ("hub", NEW) == choices(SUBJECT, KEPT, KeptSecretPermissions())
    assert planned(KEPT).asking is None
    assert planned(KEPT, NEW).asking is not None


def test_a_new_secret_is_made_granted_named_and_deployed_in_this_order():
    """
    The value is no part of the plan; what it leaves behind rules the cause out.
    """
    made = planned()
    kinds = [s.kind for s in made.steps]
    secret, register, grant, deploy = made.steps
    given = register.after["containers"]["app"]["repositoryCredentials"]["credentialsParameter"]

    assert [
        "registry-login",
        "task-definition-revision",
        "role-inline-policy",
        "service-task-definition",
    ] == kinds
    assert FREE == secret.do.params["Name"] == given
    assert [secret.resource] == [s["Resource"] for s in grant.after["Statement"]]
    revision_of = {"$answer": [1, "taskDefinition.taskDefinitionArn"]}
    assert revision_of == deploy.do.params["taskDefinition"]
    assert revision_of == register.undo.params["taskDefinition"]
    assert isinstance(judged(credentials=given), RuledOut)


def test_what_was_granted_before_is_kept():
    """
    The bot's own policy gets one resource more, and is left alone where it has it.
    """
    first = next(s for s in planned().steps if s.kind == "role-inline-policy")

    assert "role-inline-policy" not in [s.kind for s in planned(before=first.after).steps]
