"""Every fix that there is, in every way that it may be chosen: what is listed here is put to the test.

A cause that gets a plan is listed by being in the catalogue. Where its fix can be chosen in
several ways, and where something may stand there before it, it gets a line below.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.catalogue import CAUSES
from bot.logins import NEW, Login
from bot.policy import login_and_read
from bot.policy_steps import INLINE_NAME
from playground import scenarios
from playground.estate.server import Estate
from playground.scenarios.documents import PULL_ACTIONS, allow, document
from playground.scenarios.places import REGISTRY

Given = Callable[[Estate, scenarios.Scenario], None]
LOGIN = Login("robot", "PLANTEDlogin")
GRANTS = ("managed-policy", "inline-policy")

# cause -> the ways to choose from, the default first; a cause that is not here has one way
CHOICES = {
    "image-tag-missing": ("v1.0.1", "v0.9.7", "v0.9.8", "v0.9.9"),
    "execution-role-lacks-ecr-login": GRANTS,
    "execution-role-lacks-image-read": GRANTS,
    "permission-on-task-role": GRANTS,
    "instance-role-lacks-image-read": GRANTS,
    "registry-credentials-unset": ("registry/ghcr-reports", NEW),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One fix in one way. *given* puts something there before."""

    cause: str
    choice: str | None = None
    given: Given | None = None

    @property
    def scenario(self) -> scenarios.Scenario:
        return scenarios.named(self.cause)

    def __str__(self) -> str:
        said = (self.cause, self.choice, self.given and self.given.__name__)
        return "+".join(filter(None, said))


def policy_of_somebody_else(estate: Estate, found: scenarios.Scenario) -> None:
    """Let the repository be shared with another account already."""
    ecr, name = estate.client("ecr", REGISTRY, found.region), {"repositoryName": found.service}
    shared = allow(PULL_ACTIONS, principal={"AWS": "arn:aws:iam::123456789012:root"}, Sid="Theirs")
    ecr.set_repository_policy(**name, policyText=document(shared))


def grant_of_another_image(estate: Estate, found: scenarios.Scenario) -> None:
    """Let the role have the bot's own policy already, from the fix of another image."""
    iam = estate.client("iam", found.account, "us-east-1")
    named = {"RoleName": f"{found.service}-execution", "PolicyName": INLINE_NAME}
    other = login_and_read(f"arn:aws:ecr:{found.region}:{found.account}:repository/another")
    iam.put_role_policy(**named, PolicyDocument=json.dumps(other))


PLANNED = tuple(cause.id for cause in CAUSES if cause.plan)
FIXES = (
    *(Case(cause, choice) for cause in PLANNED for choice in CHOICES.get(cause, (None,))),
    Case("repository-policy-denies", given=policy_of_somebody_else),
    Case("execution-role-lacks-image-read", "inline-policy", grant_of_another_image),
)
# kind of step -> a fix that has it, and as which step; each of another service
KINDS = {
    "task-definition-revision": (Case("image-tag-missing"), 0),
    "service-task-definition": (Case("repository-missing"), 1),
    "role-policy-attachment": (Case("execution-role-lacks-ecr-login"), 0),
    "service-deployment": (Case("execution-role-lacks-image-read"), 1),
    "role-inline-policy": (Case("permission-on-task-role", "inline-policy"), 0),
    "role-trust-policy": (Case("execution-role-untrusted"), 0),
    "repository-policy": (Case("repository-policy-denies"), 0),
    "image-storage-class": (Case("image-archived"), 0),
    "container-instance-status": (Case("disk-full"), 0),
    "container-agent": (Case("agent-outdated"), 0),
    "service-network": (Case("public-ip-missing"), 0),
    "secret-deletion": (Case("secret-pending-deletion"), 0),
    "log-group": (Case("log-group-missing"), 0),
    "registry-login": (Case("registry-credentials-unset", NEW), 0),
    "security-group-rule": (Case("endpoint-security-group-closed"), 0),
    "vpc-attribute": (Case("vpc-dns-off"), 0),
    "vpc-endpoint-private-dns": (Case("endpoint-private-dns-off"), 0),
    "vpc-endpoint-routes": (Case("s3-route-missing"), 0),
    "vpc-endpoint": (Case("endpoint-missing"), 0),
    "vpc-endpoint-policy": (Case("endpoint-policy-denies"), 0),
}
