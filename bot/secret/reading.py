"""May the execution role read the secrets and parameters that a task asks for? Pure.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.facts import (
    DescribedParameters,
    DescribedSecret,
    DescribedSecrets,
    Document,
    ExecutionRole,
    Recorded,
    SecretPermissions,
    SecretPolicies,
    WantedSecret,
    WantedSecrets,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Decision
from bot.pulling import Shortfall
from bot.secret.references import once
from bot.secret.rights import (
    READ,
    READ_PARAMETER,
    READ_PARAMETERS,
    Judged,
    by_policy,
    described,
    granted,
    is_open,
    lacked,
    open_question,
    parameter,
    refused_by_owner,
    seen,
    speaks_of,
)

POLICY = "SecretPolicies"


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and all that tells whether it may; *account* is that of the task."""

    account: str
    role: ExecutionRole
    secrets: DescribedSecrets | Unknown
    permissions: SecretPermissions | Unknown
    policies: SecretPolicies | Unknown
    said: Recorded | Unknown


def judged(reading: Reading, asked: WantedSecrets) -> list[Judged]:
    """Return the verdict on each secret: whether the role's own policies keep it closed."""
    return [(w, _own(reading, w)) for w in once(asked.of("secretsmanager"))]


def _own(reading: Reading, wanted: WantedSecret) -> Verdict:
    found = described(reading.secrets, wanted)
    if not isinstance(found, Unknown) and not found.exists:
        return RuledOut()
    arn = wanted.arn if isinstance(found, Unknown) else found.arn or wanted.arn
    short = lacked(reading.role, reading.permissions, reading.said, READ, arn)
    proof = seen(wanted, resource=arn, role=reading.role.name, how=short.how)
    if short.stopped:
        return Confirmed({**proof, "kind": "stopped"})
    document = _policy(reading, found, arn)
    if wanted.account == reading.account and _shut_out(reading, arn, document):
        return Confirmed({**proof, "kind": "own-policy"})
    if short.lacked:
        denied = Confirmed({**proof, "kind": "denied"})
        other = wanted.account != reading.account
        return denied if other else _beside(reading, arn, short, document, denied)
    unclear = _unclear(reading, found, short, document, arn)
    return Undecided(unclear) if unclear else RuledOut()


def _unclear(
    reading: Reading,
    found: DescribedSecret | Unknown,
    short: Shortfall,
    document: Document | Unknown | None,
    arn: str,
) -> tuple[Unknown, ...]:
    """Return what must be known before a role that lacks nothing for sure is one that may read."""
    if short.unknown:
        weighed = not isinstance(reading.permissions, Unknown)
        return (found,) if weighed and isinstance(found, Unknown) else short.unknown
    if isinstance(document, Unknown) and _unexplained(reading, arn):
        return (document,)
    return ()


def _policy(
    reading: Reading, found: DescribedSecret | Unknown, arn: str
) -> Document | Unknown | None:
    """Return the secret's own policy; it is not asked for where the secret could not be described."""
    policies = reading.policies
    document = policies if isinstance(policies, Unknown) else policies.of(arn)
    return found if isinstance(document, Unknown) and isinstance(found, Unknown) else document


def _unexplained(reading: Reading, arn: str) -> bool:
    """Tell whether ECS recorded that this secret was refused, and not by whose policy."""
    denial = None if isinstance(reading.said, Unknown) else reading.said.symptom.denial
    return _refused(reading, arn) and (denial is None or denial.policy is None)


def _shut_out(reading: Reading, arn: str, document: Document | Unknown | None) -> bool:
    """Tell whether the secret's own policy has a Deny that meets the role; as recorded, if it is open."""
    said = reading.said
    if document is None:
        return False
    if not isinstance(document, Unknown):
        ruling = by_policy(reading.role, READ, arn, document, alone=False)
        if not is_open(ruling):
            return ruling.decision is Decision.EXPLICIT_DENY
    denial = None if isinstance(said, Unknown) else said.symptom.denial
    return denial is not None and denial.explicit and refused_by_owner(said, arn)


def _beside(
    reading: Reading,
    arn: str,
    short: Shortfall,
    document: Document | Unknown | None,
    denied: Confirmed,
) -> Verdict:
    """Judge what the role lacks in one account: there the secret's own policy can let it in."""
    recorded = short.how == "recorded" or _refused(reading, arn)
    if isinstance(document, Unknown):
        return denied if recorded else Undecided((document,))
    ruling = by_policy(reading.role, READ, arn, document, alone=True)
    if is_open(ruling) and not recorded:
        return Undecided((open_question(POLICY, ruling),))
    return RuledOut() if granted(ruling) else denied


def _refused(reading: Reading, arn: str) -> bool:
    """Tell whether ECS recorded that this secret was refused."""
    said = reading.said
    if isinstance(said, Unknown) or said.symptom.family != "secret-access-denied":
        return False
    return speaks_of(said, arn)


def judged_parameters(
    role: ExecutionRole,
    asked: WantedSecrets,
    parameters: DescribedParameters | Unknown,
    permissions: SecretPermissions | Unknown,
    said: Recorded | Unknown,
) -> list[Judged]:
    """Return the verdict on each parameter; parameters of one account have no policy of their own."""

    def one(wanted: WantedSecret) -> Verdict:
        found = parameter(parameters, wanted)
        if not isinstance(found, Unknown) and not found.exists:
            return RuledOut()
        short = lacked(role, permissions, said, READ_PARAMETERS, wanted.arn)
        proof = seen(wanted, resource=wanted.arn, role=role.name, how=short.how)
        if short.stopped:
            return Confirmed({**proof, "kind": "stopped"})
        if not short.lacked:
            return Undecided(short.unknown) if short.unknown else RuledOut()
        return Confirmed({**proof, "kind": _kind(wanted, permissions)})

    return [(w, one(w)) for w in once(asked.of("ssm"))]


def _kind(wanted: WantedSecret, permissions: SecretPermissions | Unknown) -> str:
    """Tell whether the action that ECS does not use was granted in place of the one that it does."""
    items = () if isinstance(permissions, Unknown) else permissions.items
    mixed_up = any(
        p.action == READ_PARAMETER and p.resource == wanted.arn and p.decision == "allowed"
        for p in items
    )
    return "singular" if mixed_up else "denied"
