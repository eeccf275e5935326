"""Which KMS keys the secrets of a task need, and what the execution role may do with secrets and keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.aws.accounts import Visit, WorkloadAccount
from bot.aws.client import Door, NotFound
from bot.aws.secret_store import door_to, each
from bot.aws.simulating import Asked
from bot.aws.weighing import permissions
from bot.facts import (
    DescribedParameters,
    DescribedSecrets,
    Document,
    ExecutionRole,
    KeyPermissions,
    KeyPolicies,
    RegistrySecret,
    SecretKey,
    SecretKeys,
    SecretPermissions,
    WantedSecrets,
)
from bot.model import Call, Unknown
from bot.secret.references import key_arn, looks_complete, once
from bot.secret.rights import ABOUT, DECRYPT, READ, READ_PARAMETER, READ_PARAMETERS, via

Use = tuple[str, str]  # ARN of the key as it is written, ARN of what it encrypts


def secret_keys(
    here: WorkloadAccount,
    visit: Visit,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    parameters: DescribedParameters | Unknown,
    registry: RegistrySecret | Unknown,
) -> SecretKeys:
    uses: dict[str, list[str]] = {}
    for key, owner in _uses(asked, secrets, parameters, registry):
        uses.setdefault(key, []).append(owner)
    found, unseen = each(
        {k: (k, owners) for k, owners in uses.items()},
        "SecretKeys",
        lambda use: _key(_door(here, visit, use[0]), *use),
    )
    return SecretKeys(tuple(found.values()), unseen)


def _uses(
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    parameters: DescribedParameters | Unknown,
    registry: RegistrySecret | Unknown,
) -> Iterator[Use]:
    for w in once(asked.of("secretsmanager")):
        secret = secrets if isinstance(secrets, Unknown) else secrets.of(w.arn)
        if isinstance(secret, Unknown) or secret.arn is None:
            continue
        if key := key_arn(secret.kms_key, secret.arn):
            yield key, secret.arn
    for w in once(asked.of("ssm")):
        parameter = parameters if isinstance(parameters, Unknown) else parameters.of(w.arn)
        if isinstance(parameter, Unknown) or parameter.type != "SecureString":
            continue
        if key := key_arn(parameter.kms_key, w.arn):
            yield key, w.arn
    if isinstance(registry, Unknown) or registry.arn is None:
        return
    if key := key_arn(registry.kms_key, registry.arn):
        yield key, registry.arn


def _door(here: WorkloadAccount, visit: Visit, key: str) -> Door:
    _, _, _, region, account, *_ = key.split(":")
    return door_to(here, visit, account, region)


def _key(door: Door, asked: str, owners: list[str]) -> SecretKey:
    services = tuple(dict.fromkeys(host for o in owners for host in via(o)))
    about: dict[str, tuple[str, ...]] = {}
    for owner in owners:
        name = ABOUT[owner.split(":")[2]]
        about[name] = (*about.get(name, ()), owner)
    try:
        found = door.call(Call("kms", "describe_key", {"KeyId": asked}))["KeyMetadata"]
    except NotFound:
        return SecretKey(asked, via=services, about=about)
    own = found.get("KeyManager", "CUSTOMER") == "CUSTOMER"
    return SecretKey(asked, found["Arn"], own, found.get("KeyState"), services, about)


def key_policies(here: WorkloadAccount, visit: Visit, keys: SecretKeys) -> KeyPolicies:
    """The policies of the customer's own keys: AWS's default ones let in all of their account."""

    def policy(arn: str) -> Document:
        call = Call("kms", "get_key_policy", {"KeyId": arn, "PolicyName": "default"})
        document: Document = json.loads(_door(here, visit, arn).call(call)["Policy"])
        return document

    arns = {k.arn: k.arn for k in keys.items if k.customer and k.arn}
    return KeyPolicies(*each(arns, "KeyPolicies", policy))


def secret_permissions(
    here: WorkloadAccount,
    role: ExecutionRole,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    parameters: DescribedParameters | Unknown,
) -> SecretPermissions:
    """The execution role's right to each secret and parameter that is there, or may be."""
    if not asked.items or not role.exists or role.arn is None:
        return SecretPermissions()
    wanted: list[Asked] = []
    contexts: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for w in once(asked.of("secretsmanager")):
        found = secrets if isinstance(secrets, Unknown) else secrets.of(w.arn)
        if not isinstance(found, Unknown) and found.arn:
            wanted.append((READ, found.arn))
            contexts[found.arn] = _tagged(found.tags)
        elif isinstance(found, Unknown) and looks_complete(w):
            wanted.append((READ, w.arn))
    for w in once(asked.of("ssm")):
        there = parameters if isinstance(parameters, Unknown) else parameters.of(w.arn)
        if isinstance(there, Unknown) or there.exists:
            wanted += [(READ_PARAMETERS, w.arn), (READ_PARAMETER, w.arn)]
    return SecretPermissions(*permissions(here, role.arn, tuple(wanted), contexts)[:2])


def _tagged(tags: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    kinds = ("aws:ResourceTag", "secretsmanager:ResourceTag")
    return {f"{kind}/{name}": (value,) for kind in kinds for name, value in tags.items()}


def key_permissions(here: WorkloadAccount, role: ExecutionRole, keys: SecretKeys) -> KeyPermissions:
    """The execution role's right to decrypt, asked as the services ask KMS for it."""
    own = [k for k in keys.items if k.customer and k.arn]
    if not own or not role.exists or role.arn is None:
        return KeyPermissions()
    contexts = {k.arn or "": _context(k, here.account) for k in own}
    return KeyPermissions(
        *permissions(here, role.arn, tuple((DECRYPT, a) for a in contexts), contexts)[:2]
    )


def _context(key: SecretKey, account: str) -> dict[str, tuple[str, ...]]:
    """Return the condition keys of all that is decrypted with *key*, together."""
    about = {f"kms:EncryptionContext:{name}": arns for name, arns in key.about.items()}
    return {"kms:ViaService": key.via, "kms:CallerAccount": (account,), **about}


COLLECTORS: Iterable[Callable[..., object]] = (
    secret_keys,
    key_policies,
    secret_permissions,
    key_permissions,
)
