"""What Secrets Manager, Systems Manager, KMS and CloudWatch Logs tell about what a task asks for.

Each in the account that owns it, and never a value. A task that asks for nothing costs no call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from bot.aws.accounts import Visit, WorkloadAccount
from bot.aws.client import Door, NotFound, together
from bot.facts import (
    DescribedParameter,
    DescribedParameters,
    DescribedSecret,
    DescribedSecrets,
    Document,
    ImageReference,
    LogGroup,
    LogGroups,
    Recorded,
    SecretPermissions,
    SecretPolicies,
    Subject,
    TaskDefinition,
    WantedSecret,
    WantedSecrets,
)
from bot.model import Call, CannotTell, Unknown
from bot.permissions import partition
from bot.secret.references import looks_complete, once, wanted

T = TypeVar("T")
A_CALL = 50  # parameters that one call may name


def wanted_secrets(
    subject: Subject, definition: TaskDefinition, image: ImageReference | Unknown
) -> WantedSecrets:
    pulled = None if isinstance(image, Unknown) else image
    return wanted(definition, pulled, subject.account, subject.region)


def described_secrets(
    here: WorkloadAccount, visit: Visit, asked: WantedSecrets
) -> DescribedSecrets:
    secrets = {w.arn: w for w in once(asked.of("secretsmanager"))}
    found, unseen = each(
        secrets, "DescribedSecrets", lambda w: _secret(door_to(here, visit, w.account, w.region), w)
    )
    return DescribedSecrets(tuple(found.values()), unseen)


def _secret(door: Door, asked: WantedSecret) -> DescribedSecret:
    try:
        found = door.call(Call("secretsmanager", "describe_secret", {"SecretId": asked.arn}))
    except NotFound:
        return _namesakes(door, asked)
    return DescribedSecret(
        asked.arn,
        found["ARN"],
        exists=True,
        deleted_at=found.get("DeletedDate"),
        kms_key=found.get("KmsKeyId"),
        versions={v: tuple(s) for v, s in (found.get("VersionIdsToStages") or {}).items()},
        tags={t["Key"]: t["Value"] for t in found.get("Tags") or ()},
        owner=found.get("OwningService"),
    )


def _namesakes(door: Door, asked: WantedSecret) -> DescribedSecret:
    """Look for a secret whose name ends as ARNs do, and for one that was made anew."""
    complete = looks_complete(asked)
    if complete is None:
        return DescribedSecret(asked.arn)
    whole, anew = together(lambda: _named(door, asked.name), lambda: _named(door, complete["name"]))
    return DescribedSecret(asked.arn, whole=whole, anew=anew)


def _named(door: Door, name: str) -> str | None:
    """Return the ARN of the secret called *name*; where it may not be told there is no hint."""
    try:
        found = door.call(Call("secretsmanager", "describe_secret", {"SecretId": name}))
    except (NotFound, CannotTell):
        return None
    return str(found["ARN"]) if found["Name"] == name else None


def secret_policies(
    here: WorkloadAccount,
    visit: Visit,
    asked: WantedSecrets,
    secrets: DescribedSecrets,
    permissions: SecretPermissions | Unknown,
    said: Recorded | Unknown,
) -> SecretPolicies:
    """The policies of secrets of other accounts, and of those that the role's own does not open."""
    refused = not isinstance(said, Unknown) and said.symptom.family == "secret-access-denied"
    open_ = set() if isinstance(permissions, Unknown) else {
        p.resource for p in permissions.items if p.decision == "allowed"
    }  # fmt: skip
    wanted_ones = {}
    for w in once(asked.of("secretsmanager")):
        found = secrets.of(w.arn)
        if isinstance(found, Unknown) or found.arn is None:
            continue
        if w.account != here.account or refused or found.arn not in open_:
            wanted_ones[found.arn] = w
    items, unseen = each(
        wanted_ones,
        "SecretPolicies",
        lambda w: _policy(door_to(here, visit, w.account, w.region), w.arn),
    )
    return SecretPolicies(items, unseen)


def _policy(door: Door, arn: str) -> Document | None:
    try:
        found = door.call(Call("secretsmanager", "get_resource_policy", {"SecretId": arn}))
    except NotFound:
        return None
    text = found.get("ResourcePolicy")
    document: Document | None = json.loads(text) if text else None
    return document


def described_parameters(
    here: WorkloadAccount, visit: Visit, asked: WantedSecrets
) -> DescribedParameters:
    """One call for all parameters of one account and Region."""
    by_place: dict[tuple[str, str], list[WantedSecret]] = {}
    for w in once(asked.of("ssm")):
        by_place.setdefault((w.account, w.region), []).append(w)
    parts = {
        (*place, n): those[n : n + A_CALL]
        for place, those in by_place.items()
        for n in range(0, len(those), A_CALL)
    }
    found, unseen = each(
        parts,
        "DescribedParameters",
        lambda those: _parameters(door_to(here, visit, those[0].account, those[0].region), those),
    )
    return DescribedParameters(
        tuple(p for part in found.values() for p in part),
        {w.arn: unseen[part] for part, those in parts.items() if part in unseen for w in those},
    )


def _parameters(door: Door, asked: list[WantedSecret]) -> list[DescribedParameter]:
    named = [name for w in asked for name in _spellings(w)]
    only = [{"Key": "Name", "Option": "Equals", "Values": named[i : i + A_CALL]}
            for i in range(0, len(named), A_CALL)]  # fmt: skip
    pages = together(*(lambda f=f: _listed(door, f) for f in only))
    there = {p["Name"]: p for page in pages for p in page}
    return [_parameter(w, there) for w in asked]


def _listed(door: Door, only: Mapping[str, Any]) -> list[Any]:
    params = {"ParameterFilters": [only], "MaxResults": A_CALL}
    return door.pages(Call("ssm", "describe_parameters", params), "Parameters")


def _spellings(asked: WantedSecret) -> tuple[str, str]:
    bare = asked.name.removeprefix("/")
    return bare, f"/{bare}"


def _parameter(asked: WantedSecret, there: Mapping[str, Any]) -> DescribedParameter:
    """Find a parameter; an ARN does not tell whether its name begins with a slash."""
    exact = _spellings(asked) if asked.written.startswith("arn:") else (asked.name,)
    found = next((there[n] for n in exact if n in there), None)
    if found is None:
        other = next((n for n in _spellings(asked) if n in there), None)
        return DescribedParameter(asked.arn, similar=other)
    return DescribedParameter(
        asked.arn, found["Name"], exists=True, type=found.get("Type"), kms_key=found.get("KeyId")
    )


def log_groups(here: WorkloadAccount, subject: Subject, definition: TaskDefinition) -> LogGroups:
    """The groups that awslogs does not make by itself; the exact name is the first of its prefix."""
    asked: dict[tuple[str, str], LogGroup] = {}
    for c in definition.containers:
        name, region = c.log_options.get("awslogs-group"), c.log_options.get("awslogs-region")
        makes = c.log_options.get("awslogs-create-group", "").lower() == "true"
        if c.log_driver == "awslogs" and name and not makes:
            where = region or subject.region
            of = f"arn:{partition(where)}:logs:{where}:{here.account}:log-group:{name}:*"
            asked.setdefault((name, where), LogGroup(name, c.name, where, of))

    def seen(group: LogGroup) -> LogGroup:
        call = Call("logs", "describe_log_groups", {"logGroupNamePrefix": group.name})
        found = here.at(group.region).call(call)["logGroups"]
        there = any(g["logGroupName"] == group.name for g in found)
        return LogGroup(group.name, group.container, group.region, group.arn, exists=there)

    return LogGroups(tuple(together(*(lambda g=g: seen(g) for g in asked.values()))))


def door_to(here: WorkloadAccount, visit: Visit, account: str, region: str) -> Door:
    """Return the door to what *account* owns in *region*; raises CannotTell."""
    return here.at(region) if account == here.account else visit.read(account, region)


K = TypeVar("K")
W = TypeVar("W")


def each(
    items: Mapping[K, W], fact: str, ask: Callable[[W], T]
) -> tuple[dict[K, T], dict[K, Unknown]]:
    """Ask about every one of *items* at the same time; of some it may be told and of others not.

    Raises CannotTell where nothing at all could be told.
    """

    def asked(item: W) -> T | CannotTell:
        try:
            return ask(item)
        except CannotTell as reason:
            return reason

    answers = dict(
        zip(items, together(*(lambda i=i: asked(i) for i in items.values())), strict=True)
    )
    refused = {k: a for k, a in answers.items() if isinstance(a, CannotTell)}
    if refused and len(refused) == len(answers):
        raise next(iter(refused.values()))
    told = {k: a for k, a in answers.items() if not isinstance(a, CannotTell)}
    return told, {k: Unknown(fact, r.because, r.grant) for k, r in refused.items()}


COLLECTORS: Iterable[Callable[..., object]] = (
    wanted_secrets,
    described_secrets,
    described_parameters,
    secret_policies,
    log_groups,
)
