"""A secret belongs to another account, and its own policy or its default key keeps the task out.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
"""

from __future__ import annotations

from bot.facts import (
    DescribedSecret,
    DescribedSecrets,
    ExecutionRole,
    Recorded,
    SecretKeys,
    SecretPolicies,
    Subject,
    WantedSecret,
    WantedSecrets,
)
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.secret.references import key_arn, once
from bot.secret.remedies import shared
from bot.secret.rights import (
    READ,
    by_policy,
    described,
    granted,
    is_open,
    open_question,
    refused_by_owner,
    seen,
    summed_up,
)


def decide(
    subject: Subject,
    role: ExecutionRole,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    keys: SecretKeys | Unknown,
    policies: SecretPolicies | Unknown,
    said: Recorded | Unknown,
) -> Verdict:
    if not role.exists:
        return RuledOut({"role": role.name})
    foreign = [w for w in once(asked.of("secretsmanager")) if w.account != subject.account]
    return summed_up(
        (w, _one(w, role, described(secrets, w), keys, policies, said)) for w in foreign
    )


def _one(
    wanted: WantedSecret,
    role: ExecutionRole,
    found: DescribedSecret | Unknown,
    keys: SecretKeys | Unknown,
    policies: SecretPolicies | Unknown,
    said: Recorded | Unknown,
) -> Verdict:
    if isinstance(found, Unknown):
        refused = refused_by_owner(said, wanted.arn)
        proof = seen(wanted, role=role.name, role_arn=role.arn, kind="policy")
        return Confirmed(proof) if refused else Undecided((found,))
    if not found.exists or found.arn is None:
        return RuledOut()
    proof = seen(wanted, role=role.name, role_arn=role.arn, resource=found.arn)
    named = key_arn(found.kms_key, found.arn)
    key = None if named is None else keys if isinstance(keys, Unknown) else keys.of(named)
    if named is None or (key and not isinstance(key, Unknown) and key.arn and not key.customer):
        return Confirmed({**proof, "kind": "default-key"})
    document = policies if isinstance(policies, Unknown) else policies.of(found.arn)
    if isinstance(document, Unknown):
        return Undecided((document,))
    ruling = by_policy(role, READ, found.arn, document, alone=False)
    if is_open(ruling):
        return Undecided((open_question("SecretPolicies", ruling),))
    return RuledOut() if granted(ruling) else Confirmed({**proof, "kind": "policy"})


def advise(
    subject: Subject,
    role: ExecutionRole,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    policies: SecretPolicies | Unknown,
) -> tuple[Call, ...]:
    """What the owner does: let the role in, and leave a default key for one that can be shared."""
    foreign = [w for w in once(asked.of("secretsmanager")) if w.account != subject.account]
    if not foreign:
        return ()
    arn = foreign[0].arn
    document = policies if isinstance(policies, Unknown) else policies.of(arn)
    read = Call("secretsmanager", "get_resource_policy", {"SecretId": arn})
    found = described(secrets, foreign[0])
    default = isinstance(found, DescribedSecret) and found.exists and found.kms_key is None
    moved = {"SecretId": arn, "KmsKeyId": "<arn of a customer managed key>"}
    calls = (read, shared(arn, role, document))
    return (*calls, Call("secretsmanager", "update_secret", moved)) if default else calls


CAUSE = Cause(
    id="secret-in-other-account",
    group="secret",
    stage="S2",
    families=("secret-access-denied", "kms-denied"),
    decide=decide,
    advise=advise,
)
