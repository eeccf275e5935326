"""Does the customer's KMS key of a secret or parameter decrypt for the execution role? Pure.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.facts import (
    DescribedParameters,
    DescribedSecrets,
    ExecutionRole,
    KeyPermissions,
    KeyPolicies,
    Recorded,
    RegistrySecret,
    SecretKeys,
    WantedSecret,
    WantedSecrets,
)
from bot.facts.secret import Place
from bot.model import Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.pulling import Shortfall
from bot.secret.references import key_arn, once
from bot.secret.rights import (
    DECRYPT,
    Judged,
    by_policy,
    described,
    granted,
    is_open,
    kms_context,
    lacked,
    open_question,
    parameter,
    seen,
)

USABLE = ("Enabled", "PendingReplicaDeletion", None)


@dataclass(frozen=True, slots=True)
class Decrypting:
    """Who decrypts, and all that tells whether it may; *account* is that of the task."""

    account: str
    role: ExecutionRole
    keys: SecretKeys | Unknown
    permissions: KeyPermissions | Unknown
    policies: KeyPolicies | Unknown
    said: Recorded | Unknown


def encrypted(
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    parameters: DescribedParameters | Unknown,
    registry: RegistrySecret | Unknown,
) -> Iterator[tuple[WantedSecret, str | Unknown]]:
    """Yield each secret and parameter that is encrypted with a key of its own, and that key's ARN.

    One that could not be described may have such a key: it comes with what is unknown of it.
    """
    for w in once(asked.of("secretsmanager")):
        secret = described(secrets, w)
        if isinstance(secret, Unknown):
            yield w, secret
        elif secret.arn and (key := key_arn(secret.kms_key, secret.arn)):
            yield replace(w, arn=secret.arn), key
    for w in once(asked.of("ssm")):
        found = parameter(parameters, w)
        if isinstance(found, Unknown):
            yield w, found
        elif found.type == "SecureString" and (key := key_arn(found.kms_key, w.arn)):
            yield w, key
    if isinstance(registry, Unknown):
        yield _credentials(""), registry
    elif registry.arn and (key := key_arn(registry.kms_key, registry.arn)):
        yield _credentials(registry.arn), key


def _credentials(arn: str) -> WantedSecret:
    _, _, _, region, account, _, name, *_ = f"{arn}::::::".split(":")
    where = (account, region, name, arn)
    variable: tuple[Place, str] = ("repositoryCredentials", "credentialsParameter")
    return WantedSecret("", *variable, arn, "secretsmanager", *where)


def judged(
    decrypting: Decrypting, those: Iterator[tuple[WantedSecret, str | Unknown]]
) -> list[Judged]:
    """Return the verdict on each secret that needs a key of the customer."""
    return [(w, _one(decrypting, w, key)) for w, key in those]


def _one(d: Decrypting, wanted: WantedSecret, asked: str | Unknown) -> Verdict:
    if isinstance(asked, Unknown):
        return Undecided((asked,))
    key = d.keys if isinstance(d.keys, Unknown) else d.keys.of(asked)
    if isinstance(key, Unknown):
        return Undecided((key,))
    if not key.customer or key.arn is None:
        return RuledOut()
    proof = seen(wanted, key=key.arn, role=d.role.name, via=list(key.via), state=key.state)
    if key.state not in USABLE:
        return Confirmed({**proof, "kind": "unusable", "how": "described"})
    return _may(d, key.arn, {**proof, "owner": wanted.arn})


def _may(d: Decrypting, arn: str, proof: dict[str, object]) -> Verdict:
    """Weigh the role's own policies and the key's: in one account the key's may do alone."""
    short = lacked(d.role, d.permissions, d.said, DECRYPT, arn)
    proof = {**proof, "how": short.how}
    if short.stopped:
        return Confirmed({**proof, "kind": "stopped"})
    document = d.policies if isinstance(d.policies, Unknown) else d.policies.of(arn)
    if isinstance(document, Unknown):
        return Undecided((document,))
    context = kms_context(str(proof["owner"]), d.account)
    admits = by_policy(d.role, DECRYPT, arn, document, alone=False, context=context)
    if is_open(admits):
        return Undecided((open_question("KeyPolicies", admits),))
    if not granted(admits):
        return Confirmed({**proof, "kind": "key-policy"})
    opens = granted(by_policy(d.role, DECRYPT, arn, document, alone=True, context=context))
    return RuledOut() if opens else _own(short, proof)


def _own(short: Shortfall, proof: dict[str, object]) -> Verdict:
    """Judge the role's own policies, where the key leaves it to them."""
    if short.lacked:
        return Confirmed({**proof, "kind": "denied"})
    return Undecided(short.unknown) if short.unknown else RuledOut()
