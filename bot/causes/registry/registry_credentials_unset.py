"""A private image outside of AWS, and the container names no credentials for its registry.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

import json

from bot.facts import (
    Choice,
    ExecutionRole,
    GrantedBefore,
    ImageReference,
    KeptSecretPermissions,
    KeptSecrets,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.logins import FILE, NEW
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.new_logins import READ, capped, credentials, may_be_made, readable, with_new_login
from bot.references import alike
from bot.remedies import registered
from bot.steps import revision

LOGIN_ASKED = "registry-credentials-invalid"
ASKING = ("401", "unauthorized", "authentication required", "no basic auth", "anonymous token")
AMBIGUOUS = "the registry does not tell a private repository from a missing one"


def decide(
    image: ImageReference,
    definition: TaskDefinition,
    recorded: Recorded,
    task: StoppedTask | Unknown,
) -> Verdict:
    seen = {"image": image.written, "registry": image.host, "container": image.container}
    credentials = [c.credentials for c in definition.containers if c.name == image.container]
    official = image.registry == "docker-hub" and image.repository.startswith("library/")
    if image.registry not in ("docker-hub", "other") or official or any(credentials):
        return RuledOut(seen)
    said = recorded.symptom
    texts = said.errors if isinstance(task, Unknown) else (*said.errors, *task.texts)
    if said.family == LOGIN_ASKED and _asks_for_a_login(" ".join(texts).lower()):
        return Confirmed(seen)
    if LOGIN_ASKED in (said.family, *said.alternatives):
        return Undecided((Unknown("Recorded", AMBIGUOUS),))
    if not said.recognised:
        return Undecided((Unknown("Recorded", "ECS has recorded nothing about this pull"),))
    return RuledOut(seen)


def _asks_for_a_login(said: str) -> bool:
    """Tell whether the registry wants a login; a bare 403 is also said of images that are missing."""
    return any(words in said for words in ASKING) and ("401" in said or "403" not in said)


def choices(
    subject: Subject, kept: KeptSecrets, permissions: KeptSecretPermissions
) -> tuple[str, ...]:
    """Return the secrets that may hold the credentials, and a new one, less those kept from the role."""
    closed = capped(permissions)
    names = tuple(s.name for s in kept.items if s.arn not in closed)
    return (*names, NEW) if may_be_made(subject, kept, permissions) else names


def plan(
    subject: Subject,
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    role: ExecutionRole,
    kept: KeptSecrets,
    permissions: KeptSecretPermissions,
    before: GrantedBefore,
    choice: Choice,
) -> Plan | None:
    """Name the secret in a new revision; let the role read that one secret, if it may not yet."""
    names = choices(subject, kept, permissions)
    picked = choice.name or next(iter(names), None)
    bare = {c.name for c in definition.containers if not c.credentials}
    those = tuple(name for name in alike(image, definition) if name in bare)
    if picked not in names or not role.exists:
        return None
    if picked == NEW and kept.free:
        return with_new_login(subject, service, definition, role, before, those, kept.free)
    secret = next(s for s in kept.items if s.name == picked)
    steps = revision(service, definition, dict.fromkeys(those, credentials(secret.arn)))
    if not steps:
        return None
    may = any(p.resource == secret.arn and p.decision == "allowed" for p in permissions.items)
    grant = None if may else readable(subject, role, before, secret.arn)
    # Later steps name the revision by the number of its step, so that comes first.
    return Plan(steps if grant is None else (steps[0], grant, *steps[1:]), "medium")


def advise(image: ImageReference, role: ExecutionRole | Unknown) -> tuple[Call, ...]:
    """Keep the credentials, let the execution role read them, and name them in a new revision."""
    name = isinstance(role, ExecutionRole) and role.name
    secret = {"Name": "<name of the secret>", "SecretString": FILE}
    allowed = {"Effect": "Allow", "Action": READ, "Resource": "<arn of the secret>"}
    granted = {
        "RoleName": name or "<execution role>",
        "PolicyName": "RegistryCredentials-<name of the secret>",
        "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    }
    return (
        Call("secretsmanager", "create_secret", secret),
        Call("iam", "put_role_policy", granted),
        *registered("<family>", f"repositoryCredentials of {image.container}"),
    )


CAUSE = Cause(
    id="registry-credentials-unset",
    group="registry",
    stage="S4",
    families=("registry-credentials-invalid", "repository-not-found"),
    registries=("docker-hub", "other"),
    decide=decide,
    plan=plan,
    choices=choices,
    advise=advise,
)
