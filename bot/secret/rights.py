"""What the execution role may do with a secret, a parameter or a key, and how to sum up several. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot import policy
from bot.facts import (
    DescribedParameters,
    DescribedSecret,
    DescribedSecrets,
    ExecutionRole,
    ExecutionRolePermissions,
    KeyPermissions,
    Recorded,
    SecretPermissions,
    StoppedTask,
    WantedSecret,
)
from bot.facts.secret import DescribedParameter
from bot.model import Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Decision, Request, Ruling
from bot.pulling import ANYTHING, Shortfall, shortfall

JSON = Any
Judged = tuple[WantedSecret, Verdict]

REST = re.compile(r"(-[A-Za-z0-9]{6})?(:.*)?", re.DOTALL)
READ = "secretsmanager:GetSecretValue"
READ_PARAMETERS, READ_PARAMETER = "ssm:GetParameters", "ssm:GetParameter"
DECRYPT = "kms:Decrypt"
# The name of the encryption context in which each service hands the ARN of what it decrypts.
ABOUT = {"secretsmanager": "SecretARN", "ssm": "PARAMETER_ARN"}


def lacked(
    role: ExecutionRole,
    found: SecretPermissions | KeyPermissions | Unknown,
    said: Recorded | Unknown,
    action: str,
    resource: str,
) -> Shortfall:
    """Return what *role* lacks of *action* on *resource*; only a record about it counts."""
    about = said if speaks_of(said, resource) else Unknown("Recorded", "another secret")
    if isinstance(found, Unknown):
        return shortfall(role, found, about, (action,))
    own = tuple(p for p in found.items if p.resource == resource)
    return shortfall(role, ExecutionRolePermissions(own, found.how), about, (action,))


def speaks_of(said: Recorded | Unknown, *names: str) -> bool:
    """Tell whether ECS recorded a fault of what goes by one of *names*, or of no other one."""
    if isinstance(said, Unknown) or not said.symptom.recognised:
        return False
    denial, entities = said.symptom.denial, said.symptom.entities
    named = (denial.resource if denial else None) or entities.secret_arn
    return named is None or any(_same(named, n) for n in names if n)


def refused_by_owner(said: Recorded | Unknown, arn: str) -> bool:
    """Tell whether ECS recorded that this secret's own policy refused."""
    denial = None if isinstance(said, Unknown) else said.symptom.denial
    return denial is not None and denial.policy == "resource" and speaks_of(said, arn)


def recorded_words(said: Recorded | Unknown, task: StoppedTask | Unknown) -> str:
    """Return all that ECS recorded; of what is no task's any more only the beginning is kept."""
    texts = () if isinstance(task, Unknown) else task.texts
    errors = () if isinstance(said, Unknown) else said.symptom.errors
    return " ".join((*texts, *errors)).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def told(said: Recorded | Unknown, task: StoppedTask | Unknown, arn: str, *words: str) -> bool:
    """Tell whether ECS recorded one of *words* about this very secret."""
    if isinstance(said, Unknown) or said.symptom.entities.secret_arn is None:
        return False
    text = recorded_words(said, task).lower()
    return any(w in text for w in words) and speaks_of(said, arn)


def _same(one: str, other: str) -> bool:
    """Tell whether two ARNs are of one secret: with its key and version, or less its last characters."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and REST.fullmatch(long[len(short) :]) is not None


def by_policy(
    role: ExecutionRole,
    action: str,
    resource: str,
    document: JSON,
    *,
    alone: bool,
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> Ruling:
    """Return what *document*, a resource's policy, decides: *alone*, or if the role's own allow all."""
    keys = {"aws:SecureTransport": "true", "aws:RequestedRegion": resource.split(":")[3]}
    known = {k: v[0] if len(v) == 1 else v for k, v in (context or {}).items()}
    asked = Request(role.arn or "", action, resource, {**keys, **known})
    has = document is not None
    given = [] if alone else [ANYTHING]
    return policy.decide(asked, identity=given, resource_policy=document, has_resource_policy=has)


def open_question(fact: str, ruling: Ruling) -> Unknown:
    """Return why a policy of a resource leaves it open whether the role may."""
    keys = ", ".join(ruling.keys)
    because = f"condition key {keys} unknown" if keys else "its policy cannot be read in full"
    return Unknown(fact, because)


def granted(ruling: Ruling) -> bool:
    return ruling.decision is Decision.ALLOWED


def is_open(ruling: Ruling) -> bool:
    return ruling.decision is Decision.UNDECIDED


def kms_context(owner: str, account: str) -> dict[str, tuple[str, ...]]:
    """Return the condition keys with which a service decrypts *owner*, a secret's or parameter's ARN.

    It does so for a role of *account*.
    """
    name = ABOUT[owner.split(":")[2]]
    return {
        "kms:ViaService": via(owner),
        "kms:CallerAccount": (account,),
        f"kms:EncryptionContext:{name}": (owner,),
    }


def via(owner: str) -> tuple[str, ...]:
    """Return the names under which the service of *owner* calls KMS; in China there may be two."""
    _, part, service, region, *_ = owner.split(":")
    host = f"{service}.{region}.amazonaws.com"
    return (host, f"{host}.cn") if part == "aws-cn" else (host,)


def described(
    secrets: DescribedSecrets | Unknown, wanted: WantedSecret
) -> DescribedSecret | Unknown:
    return secrets if isinstance(secrets, Unknown) else secrets.of(wanted.arn)


def parameter(
    parameters: DescribedParameters | Unknown, wanted: WantedSecret
) -> DescribedParameter | Unknown:
    return parameters if isinstance(parameters, Unknown) else parameters.of(wanted.arn)


def seen(wanted: WantedSecret, **more: JSON) -> dict[str, JSON]:
    """Return what every proof about *wanted* tells."""
    return {
        "secret": wanted.name or wanted.written,
        "written": wanted.written,
        "container": wanted.container,
        "variable": wanted.variable,
        "account": wanted.account,
        "region": wanted.region,
        "arn": wanted.arn,
        **more,
    }


def summed_up(judged: Iterable[Judged]) -> Verdict:
    """Return one verdict on all: the first that is confirmed, with the *others* that are as well."""
    judged = tuple(judged)
    proofs = [(w, v.proof) for w, v in judged if isinstance(v, Confirmed)]
    if proofs:
        others = [w.written for w, _ in proofs[1:]]
        return Confirmed({**proofs[0][1], "others": others})
    missing = (u for _, v in judged if isinstance(v, Undecided) for u in v.missing)
    if unknown := tuple(dict.fromkeys(missing)):
        return Undecided(unknown)
    return RuledOut({"checked": [w.written for w, _ in judged]})


def of_kind(judged: Iterable[Judged], *kinds: str) -> list[tuple[WantedSecret, Mapping[str, JSON]]]:
    """Return what is confirmed as one of *kinds*, with its proof."""
    return [
        (w, v.proof) for w, v in judged if isinstance(v, Confirmed) and v.proof.get("kind") in kinds
    ]
