"""A secret has no value yet, or not the version or stage that the task asks for.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

from __future__ import annotations

from bot.facts import (
    DescribedSecret,
    DescribedSecrets,
    Recorded,
    StoppedTask,
    WantedSecret,
    WantedSecrets,
)
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.secret.references import CURRENT, has_version
from bot.secret.rights import seen, summed_up, told

NOT_FOUND = ("specified secret value for", "staging label")
UNLABELLED = "a version without a stage is not listed, although it may be there"


def decide(
    asked: WantedSecrets,
    secrets: DescribedSecrets,
    said: Recorded | Unknown,
    task: StoppedTask | Unknown,
) -> Verdict:
    return summed_up((w, _one(w, secrets, said, task)) for w in asked.of("secretsmanager"))


def _one(
    wanted: WantedSecret,
    secrets: DescribedSecrets,
    said: Recorded | Unknown,
    task: StoppedTask | Unknown,
) -> Verdict:
    found = secrets.of(wanted.arn)
    if isinstance(found, Unknown):
        return Undecided((found,))
    if not found.exists or found.deleted_at or (wanted.stage and wanted.version):
        return RuledOut()
    there = has_version(wanted, found)
    if there:
        return RuledOut()
    if there is None and not told(said, task, wanted.arn, *NOT_FOUND):
        return Undecided((Unknown("DescribedSecrets", UNLABELLED),))
    stages = sorted({s for labels in found.versions.values() for s in labels})
    return Confirmed(
        seen(
            wanted,
            kind=_kind(wanted, found),
            stage=wanted.stage or CURRENT,
            version=wanted.version,
            stages=stages,
            resource=found.arn,
        )
    )


def _kind(wanted: WantedSecret, found: DescribedSecret) -> str:
    if not found.versions:
        return "empty"
    return "version" if wanted.version else "stage"


def advise(asked: WantedSecrets, secrets: DescribedSecrets) -> tuple[Call, ...]:
    """See which versions there are, and put a value into the secret or a stage on a version."""
    for wanted in asked.of("secretsmanager"):
        found = secrets.of(wanted.arn)
        if isinstance(found, Unknown) or not found.exists or has_version(wanted, found):
            continue
        named = {"SecretId": found.arn}
        if not found.versions:
            value = {**named, "SecretString": "<value>"}
            return (Call("secretsmanager", "put_secret_value", value),)
        stage = wanted.stage or CURRENT
        moved = {**named, "VersionStage": stage, "MoveToVersionId": "<version id>"}
        return (
            Call("secretsmanager", "list_secret_version_ids", {**named, "IncludeDeprecated": True}),
            Call("secretsmanager", "update_secret_version_stage", moved),
        )
    return ()


CAUSE = Cause(
    id="secret-version-missing",
    group="secret",
    stage="S2",
    families=("secret-not-found",),
    decide=decide,
    advise=advise,
)
