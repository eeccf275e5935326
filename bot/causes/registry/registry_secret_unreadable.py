"""The secret with the registry's credentials is missing, deleted, or closed to the execution role.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

from bot.facts import (
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    Recorded,
    RegistrySecret,
    Subject,
)
from bot.model import JSON, Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.pulling import shortfall
from bot.remedies import by_policy

READ = "secretsmanager:GetSecretValue"
DENIED = "secret-access-denied"
OWN_POLICY = "the secret's own policy, which may let the role in, is not read"
SHUT = "the secret's own policy, which may keep the role out, is not read"


def decide(
    subject: Subject,
    image: ImageReference,
    secret: RegistrySecret,
    role: ExecutionRole | Unknown,
    permissions: ExecutionRolePermissions | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    seen = {
        "secret": _name(secret.written or ""),
        "written": secret.written,
        "container": image.container,
        "region": subject.region,
        "role": None if isinstance(role, Unknown) else role.name,
    }
    if secret.written is None:
        return RuledOut(seen)
    if not secret.exists:
        bare = not secret.written.startswith("arn:")
        return Confirmed({**seen, "kind": "bare" if bare else "missing"})
    if secret.deleted_at is not None:
        return Confirmed({**seen, "kind": "deleted", "since": secret.deleted_at.date().isoformat()})
    if isinstance(role, Unknown):
        return Undecided((role,))
    about = recorded if _about(recorded, secret) else Unknown("Recorded", "another secret")
    return _readable(seen, subject, secret, role, permissions, about)


def _readable(
    seen: dict[str, JSON],
    subject: Subject,
    secret: RegistrySecret,
    role: ExecutionRole,
    permissions: ExecutionRolePermissions | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    """Judge what the role may; in one account the secret's own policy could let it in, too."""
    if not role.exists:
        return RuledOut(seen)
    found = shortfall(role, permissions, recorded, (READ,))
    if found.stopped:
        return Confirmed({**seen, "kind": "stopped"})
    if not found.lacked:
        by_its_own = not found.unknown and _unexplained(recorded)
        left = (Unknown("RegistrySecret", SHUT),) if by_its_own else found.unknown
        return Undecided(left) if left else RuledOut(seen)
    foreign = (secret.arn or "").split(":")[4:5] != [subject.account]
    if foreign or isinstance(recorded, Recorded):
        return Confirmed({**seen, "kind": "denied"})
    return Undecided((Unknown("RegistrySecret", OWN_POLICY),))


def _unexplained(recorded: Recorded | Unknown) -> bool:
    """Tell whether ECS recorded a refusal, and not one by what the role has or lacks itself."""
    said = None if isinstance(recorded, Unknown) else recorded.symptom.denial
    policy = said.policy if said else None
    return isinstance(recorded, Recorded) and policy in (None, "resource")


def _about(recorded: Recorded | Unknown, secret: RegistrySecret) -> bool:
    """Tell whether ECS recorded a refusal of this secret, or at least of no other one."""
    if isinstance(recorded, Unknown) or recorded.symptom.family != DENIED:
        return False
    said = recorded.symptom.denial
    return said is None or said.resource in (None, secret.arn, secret.written)


def _name(written: str) -> str:
    return written.rpartition(":")[2]


def advise(secret: RegistrySecret, role: ExecutionRole | Unknown) -> tuple[Call, ...]:
    """Restore the secret, look for the right one, or let the role read it."""
    if secret.written is None:
        return ()
    if secret.deleted_at is not None:
        return (Call("secretsmanager", "restore_secret", {"SecretId": secret.arn}),)
    if not secret.exists:
        named = {"Filters": [{"Key": "name", "Values": ["<part of the name>"]}]}
        return (Call("secretsmanager", "list_secrets", named),)
    statement = {"Effect": "Allow", "Action": READ, "Resource": secret.arn}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    name = None if isinstance(role, Unknown) else role.name
    return (by_policy(name, "RegistryCredentials", document),)


CAUSE = Cause(
    id="registry-secret-unreadable",
    group="registry",
    stage="S2",
    until="S3",
    families=("secret-access-denied", "secret-not-found", "registry-credentials-invalid"),
    registries=("docker-hub", "other"),
    decide=decide,
    advise=advise,
)
