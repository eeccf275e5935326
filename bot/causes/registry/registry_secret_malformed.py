"""The secret with the registry's credentials is not the JSON object with username and password.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

from bot.facts import (
    ExecutionRole,
    GrantedBefore,
    ImageReference,
    KeptSecretPermissions,
    KeptSecrets,
    Recorded,
    RegistrySecret,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.logins import FILE
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Unknown, Verdict
from bot.new_logins import may_be_made, with_new_login
from bot.recordings import recorded_text
from bot.references import alike

MALFORMED = "secret-malformed"
# What the agent says of the value that it read; nobody else has to read it.
KINDS = {
    "schema": "invalid schema",
    "username": "fetching username",
    "password": "fetching password",
    "empty": "empty secret",
}
CACHES = "ecr-pullthroughcache/"


def decide(
    image: ImageReference,
    secret: RegistrySecret,
    recorded: Recorded,
    task: StoppedTask | Unknown,
) -> Verdict:
    seen = {"container": image.container, "registry": image.host}
    if not secret.written or not secret.exists or recorded.symptom.family != MALFORMED:
        return RuledOut(seen)
    said = recorded_text(recorded, task)
    kind = next((k for k, words in KINDS.items() if words in said), None)
    if kind is None or ("asm" not in said and "secret" not in said):
        return RuledOut(seen)
    name = (secret.arn or secret.written).split(":", 6)[-1]
    # A habit of people, not a finding: secrets of caches have other keys.
    return Confirmed({**seen, "kind": kind, "secret": name, "cache": name.startswith(CACHES)})


def plan(
    subject: Subject,
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    role: ExecutionRole,
    kept: KeptSecrets,
    permissions: KeptSecretPermissions,
    before: GrantedBefore,
) -> Plan | None:
    """Pull with a new secret: others may use this one, and nobody here reads or changes its value."""
    if kept.free is None or not may_be_made(subject, kept, permissions):
        return None
    named = {c.name: c.credentials for c in definition.containers}
    bad = named.get(image.container)
    those = tuple(c for c in alike(image, definition) if bad and named[c] == bad)
    return with_new_login(subject, service, definition, role, before, those, kept.free)


def advise(secret: RegistrySecret) -> tuple[Call, ...]:
    """Write the value anew, with the two keys that ECS reads."""
    put = {"SecretId": secret.arn or secret.written, "SecretString": FILE}
    return (Call("secretsmanager", "put_secret_value", put),)


CAUSE = Cause(
    id="registry-secret-malformed",
    group="registry",
    stage="S3",
    families=("secret-malformed",),
    registries=("docker-hub", "other"),
    decide=decide,
    plan=plan,
    advise=advise,
)
