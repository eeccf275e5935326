"""Name the fault of a failed pull: its family, its stage, the endpoint, the address.

The tail of a message decides: everything before it reads alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.entities import Entities
from bot.model import Registry
from bot.patterns import Found, Row

TRUNCATED = "unknown:message-truncated"


@dataclass(frozen=True, slots=True)
class Denial:
    """An AccessDenied sentence taken apart.

    *policy* is identity, resource, session, boundary, scp, rcp or vpc-endpoint, and None
    when the text does not say whose policy refused; *arn* is its ARN, where the text has it.
    """

    principal: str | None
    action: str
    resource: str | None
    policy: str | None
    explicit: bool
    arn: str | None = None


_DENIED = re.compile(
    r"(?:User: (?P<who>[^\s\"']{1,300}) )?is not authorized to perform: ?(?P<action>[\w-]{1,40}:\w{1,80})"
    r"(?: on resource: ?(?P<what>[^\s\"']{1,400}))?(?P<tail>.{0,300})",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"no (?P<kind>identity-based|resource-based|session|permissions? boundary|service control|resource control|VPC endpoint)"
    r" ?(?:policy|policies)? ?allows? ?the (?P<action>[\w-]{1,40}:\w{1,80})"
    r"|explicit deny in an? (?P<deny>[\w -]{4,40})",
    re.IGNORECASE,
)
_POLICY_ARN = re.compile(
    r"polic(?:y|ies): ?(arn:[\w-]{1,20}:(?:iam|organizations)::[\w-]{1,20}:policy/[\w+=,.@/-]{1,200})",
    re.IGNORECASE,
)
_POLICIES = (
    ("identity", "identity"), ("resource-based", "resource"), ("session", "session"),
    ("boundary", "boundary"), ("service control", "scp"), ("resource control", "rcp"),
    ("endpoint", "vpc-endpoint"),
)  # fmt: skip
_BY_POLICY = {
    "boundary": "permissions-boundary-denied", "scp": "scp-denied", "rcp": "scp-denied",
    "vpc-endpoint": "vpc-endpoint-policy-denied",
}  # fmt: skip
_BY_SERVICE = {
    "secretsmanager": "secret-access-denied", "ssm": "secret-access-denied", "kms": "kms-denied",
}  # fmt: skip
_ADDRESS = re.compile(
    r"(proxyconnect tcp: )?dial (?:tcp|udp)[46]? (?:\[([0-9a-f:]{2,45})\]|(\d{1,3}(?:\.\d{1,3}){3})):\d"
    r"|->(?:\[([0-9a-f:]{2,45})\]|(\d{1,3}(?:\.\d{1,3}){3})):\d",
    re.IGNORECASE,
)
_PLATFORM = re.compile(r"\b((?:linux|windows)/\w{2,10}(?:/v\d)?)", re.IGNORECASE)
_S3_ADDRESS = re.compile(r"52\.21[6-9]\.|3\.5\.|52\.92\.|54\.231\.")
_HOSTS = (
    ("starport", "s3-layers"), (".s3.", "s3-layers"), ("api.ecr", "ecr-api"),
    (".dkr.ecr", "ecr-dkr"), (".dkr-ecr", "ecr-dkr"), ("public.ecr.aws", "ecr-public"),
    ("ecr.", "ecr-api"), ("docker.io", "dockerhub"), ("cloudflare.docker.com", "dockerhub"),
    ("secretsmanager.", "secretsmanager"), ("ssm.", "ssm"),
)  # fmt: skip
_WORDS = (
    ("pull through cache", "ecr-dkr"), ("secrets from ssm", "ssm"), ("parameter store", "ssm"),
    ("ssm parameters", "ssm"), ("operation error ssm", "ssm"), ("from asm", "secretsmanager"),
    ("secrets manager", "secretsmanager"), ("fetch secret", "secretsmanager"),
    ("kms is not allowed", "secretsmanager"), ("ecr registry auth", "ecr-api"),
    ("registry auth from amazon ecr", "ecr-api"), ("getauthorizationtoken", "ecr-api"),
)  # fmt: skip
_REGISTRIES: tuple[tuple[str, Registry], ...] = (
    (".dkr.", "ecr"), (".dkr-ecr", "ecr"), ("api.ecr", "ecr"), ("public.ecr", "ecr-public"),
    ("docker.io", "docker-hub"),
)  # fmt: skip
_ASKED: dict[str, Registry] = {
    "ecr-api": "ecr", "ecr-dkr": "ecr", "ecr-public": "ecr-public", "dockerhub": "docker-hub",
}  # fmt: skip
# What a wording of the table means at which registry, where that makes a difference.
BY_REGISTRY = {
    ("rate-limit", "docker-hub"): "dockerhub-rate-limit",
    ("rate-limit", "ecr"): "ecr-rate-limit",
    ("rate-limit", "ecr-public"): "ecr-rate-limit",
    ("rate-limit", "other"): "registry-rate-limit",
    ("pull-access-denied", "ecr"): "ecr-auth-permission|repository-not-found",
    ("pull-access-denied", "other"): "repository-not-found|registry-credentials-invalid",
    ("unauthorized", "ecr"): "ecr-auth-permission|registry-credentials-invalid",
    ("unauthorized", "other"): "registry-credentials-invalid",
    ("forbidden", "ecr"): "ecr-auth-permission|repository-policy-denied",
    ("forbidden", "other"): "registry-credentials-invalid",
}
_UNPACKING = ("register layer", "extract layer", "failed to unpack")
_LAYERS = ("seeker", "failed to copy", "/blobs/", "error pulling image conf")
_STAGES = {
    "secretsmanager": "S2", "ssm": "S2", "ecr-api": "S3", "ecr-dkr": "S4", "s3-layers": "S5",
    "dockerhub": "S4", "ecr-public": "S4",
}  # fmt: skip


def denial(flat: str) -> Denial | None:
    """Return the first AccessDenied sentence of *flat*."""
    if "authorized to" not in flat and "allow" not in flat:
        return None
    said = _DENIED.search(flat)
    reason = _BECAUSE.search(said["tail"] if said else flat)
    action = (said and said["action"]) or (reason and reason["action"])
    if not action:
        return None
    words = ((reason["kind"] or reason["deny"]) if reason else "").lower()
    named = _POLICY_ARN.search(said["tail"] if said else flat)
    return Denial(
        said["who"] if said else None,
        action,
        said["what"].rstrip(".,;)") if said and said["what"] else None,
        next((name for word, name in _POLICIES if word in words), None),
        explicit=bool(reason and reason["deny"]),
        arn=named[1].rstrip(".,") if named else None,
    )


def families(flat: str, seen: Found, known: Entities) -> tuple[tuple[str, ...], str | None]:
    """Return the families that *flat* supports, likeliest first, and the stage it speaks of."""
    refused = denial(flat)
    if refused and (named := _refused(refused)):
        return named, None
    for row in seen.pull:
        return _resolved(row, known), row.stage
    return (TRUNCATED,), None


def _refused(said: Denial) -> tuple[str, ...]:
    service, _, verb = said.action.lower().partition(":")
    if service not in ("ecr", "ecr-public", "sts", *_BY_SERVICE):
        return ()
    if said.policy in _BY_POLICY:
        return (_BY_POLICY[said.policy],)
    if service in _BY_SERVICE:
        return (_BY_SERVICE[service],)
    if said.policy == "resource":
        return ("repository-policy-denied",)
    # No repository policy stands behind the login: it is the caller's own policy.
    if said.policy in ("identity", "session") or verb == "getauthorizationtoken":
        return ("ecr-auth-permission",)
    return ("ecr-auth-permission", "repository-policy-denied")


def _resolved(row: Row, known: Entities) -> tuple[str, ...]:
    """Return the families of *row*; some wordings mean another thing at another registry."""
    host = f"{known.registry} {known.endpoint_host}".lower()
    kind = next((kind for mark, kind in _REGISTRIES if mark in host), "other")
    if row.family == "forbidden" and not known.registry:
        kind = "ecr"
    named = BY_REGISTRY.get((row.family, kind)) or BY_REGISTRY.get((row.family, "other"))
    return tuple((named or row.family).split("|"))


def target(flat: str, known: Entities, said: Denial | None) -> str | None:
    """Return the kind of endpoint that *flat* is about."""
    service, _, verb = (said.action if said else "").lower().partition(":")
    if service in ("secretsmanager", "ssm"):
        return service
    if service == "ecr":
        return "ecr-api" if verb == "getauthorizationtoken" else "ecr-dkr"
    host = (known.endpoint_host or "").lower()
    if ("ecr" not in host or "amazonaws.com" in host or "aws" in host.rsplit(".", 1)[-1]) and (
        named := next((kind for mark, kind in _HOSTS if mark in host), None)
    ):
        return named
    low = flat.lower()
    if _S3_ADDRESS.match(address(flat) or "") or "parsing http 403" in low:
        return "s3-layers"
    if "seeker" in low and "dial tcp" in low:
        return "s3-layers"
    return next((kind for words, kind in _WORDS if words in low), None)


def registry(known: Entities, where: str | None) -> Registry | None:
    """Return the kind of registry whose image the text names; None where it is about a secret."""
    if where in ("secretsmanager", "ssm"):
        return None
    if host := (known.registry or "").lower():
        return next((kind for mark, kind in _REGISTRIES if mark in host), "other")
    return _ASKED.get(where or "")


def stage(flat: str, spoken: str | None, where: str | None, *, known: bool) -> str | None:
    """Return S2 to S6 for a pull whose wording speaks of *spoken* at the endpoint *where*."""
    low = flat.lower()
    if "registry auth from asm" in low:
        return "S3"
    if any(words in low for words in _UNPACKING):
        return "S6"
    if spoken not in (None, "S4"):
        return spoken
    if "/manifests/" not in low and any(words in low for words in _LAYERS):
        return "S5"
    if spoken or where:
        return spoken or _STAGES.get(where or "")
    return "S4" if known and "cannotpull" in low else None


def address(flat: str) -> str | None:
    """Return the address that did not answer, never a proxy's."""
    for m in _ADDRESS.finditer(flat) if "dial " in flat or "->" in flat else ():
        if not m[1]:
            return m[m.lastindex or 0]
    return None


def platform(flat: str) -> str | None:
    """Return the platform that *flat* names, as linux/amd64."""
    m = _PLATFORM.search(flat) if "platform" in flat or "manifest for" in flat else None
    return m[1].lower() if m else None
