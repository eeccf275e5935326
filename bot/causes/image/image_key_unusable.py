"""The repository is encrypted with a KMS key that ECR cannot use.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
"""

from __future__ import annotations

from bot.facts import ImageReference, KeyGrants, Recorded, Repository, RepositoryKey
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict

UNUSABLE = ("Disabled", "PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable")
MISSING, REVOKED = "Missing", "Revoked"
FAMILIES = ("layer-store-denied", "kms-denied")


def decide(
    image: ImageReference,
    repository: Repository,
    key: RepositoryKey,
    grants: KeyGrants | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    seen = {"repository": repository.name, "key": key.arn, "state": key.state}
    if key.arn is None:
        return RuledOut(seen)
    proof = {
        **seen,
        "container": image.container,
        "account": image.account,
        "region": image.region,
        "until": key.deleted_at and key.deleted_at.date().isoformat(),
    }
    if key.state in UNUSABLE:
        return Confirmed(proof)
    if key.state != MISSING and isinstance(grants, Unknown):
        return Undecided((grants,))
    held = isinstance(grants, KeyGrants) and grants.held
    if key.state != MISSING and held:
        return RuledOut(seen)
    if not _refused(recorded):  # then what is not there may be elsewhere: layers did come
        return Undecided((Unknown("RepositoryKey", f"whether ECR can use {key.arn} is not known"),))
    return Confirmed({**proof, "state": MISSING if key.state == MISSING else REVOKED})


def advise(key: RepositoryKey) -> tuple[Call, ...]:
    """Give the key back to those who use it; that is its owner's decision."""
    named = {"KeyId": key.arn}
    enable = Call("kms", "enable_key", named)
    if key.state == "PendingDeletion":
        return (Call("kms", "cancel_key_deletion", named), enable)
    return (enable,) if key.state == "Disabled" else (Call("kms", "describe_key", named),)


def _refused(recorded: Recorded | Unknown) -> bool:
    if isinstance(recorded, Unknown):
        return False
    return bool({recorded.symptom.family, *recorded.symptom.alternatives} & set(FAMILIES))


CAUSE = Cause(
    id="image-key-unusable",
    group="image",
    stage="S4",
    until="S5",
    families=FAMILIES,
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
