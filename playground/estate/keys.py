"""Whether a KMS key decrypts for somebody: the key's own policy comes first.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from typing import Any

from playground.estate import authority, policy
from playground.estate.authority import Principal
from playground.estate.policy import Asked

DECRYPT = "kms:Decrypt"


def decrypts(who: Principal, named: str | None, service: str, about: str, owner: str) -> bool:
    """Tell whether *service* may decrypt *owner*, an ARN, with the key *named* for *who*.

    *about* names the encryption context that the ARN is handed over in.
    """
    _, _, _, region, account, *_ = owner.split(":")
    if not named or "alias/aws/" in named:
        return account == who.account  # a key of AWS's own lets in all of its account
    key = find_key(named, account, region)
    if key is None or key.key_state != "Enabled":
        return False
    context = {
        "kms:viaservice": (f"{service}.{region}.amazonaws.com",),
        "kms:calleraccount": (who.account,),
        f"kms:encryptioncontext:{about.lower()}": (owner,),
    }
    document, known = policy.parse(key.policy), {**who.context, **context}
    admitted = Asked(DECRYPT, key.arn, (*who.names, *who.delegates), known)
    if policy.evaluate([document], admitted) != "Allow":
        return False
    why = authority.refusal(who, DECRYPT, key.arn, context)
    direct = policy.evaluate([document], Asked(DECRYPT, key.arn, who.names, known)) == "Allow"
    alone = direct and account == who.account
    return why is None or (alone and "explicit deny" not in why)


def find_key(named: str, account: str, region: str) -> Any:
    """Return moto's key by its id, its ARN, or the name or ARN of an alias."""
    from moto.kms.models import kms_backends

    if named.startswith("arn:"):
        _, _, _, region, account, named = named.split(":", 5)
    keys = kms_backends[account][region].keys
    if named.startswith("alias/"):
        return next((k for k in keys.values() if named in k.aliases), None)
    return keys.get(named.removeprefix("key/"))
