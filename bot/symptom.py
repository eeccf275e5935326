"""Understand a pasted error: is it a failed image pull, which one, and what does it name?

The text alone decides here. It is unwrapped, matched once against the table of wordings,
and judged: first whether it is an incident, then which wording names the fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot import kinds
from bot.entities import Entities, codes, entities
from bot.patterns import NEAR, Found, Row, found
from bot.redact import redact
from bot.wrapping import LIMIT, Pasted, flatten, unwrap

__all__ = ["EMPTY", "LIMIT", "Denial", "Entities", "Symptom", "parse"]

Kind = Literal["pull", "near-miss", "negative"]
TRUNCATED = "unknown:message-truncated"


@dataclass(frozen=True, slots=True)
class Denial:
    """An AccessDenied sentence taken apart."""

    principal: str | None
    action: str
    resource: str | None
    policy: str | None
    explicit: bool


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a text says about a failed start of a task."""

    kind: Kind
    family: str | None
    alternatives: tuple[str, ...]
    stage: str | None
    entities: Entities
    target: str | None
    errors: tuple[str, ...]
    denial: Denial | None
    address: str | None
    platform: str | None
    truncated: bool
    cut: bool

    @property
    def recognised(self) -> bool:
        return self.kind == "pull"


EMPTY = Symptom("negative", None, (), None, Entities(), None, (), None, None, None, False, False)

_DENIED = re.compile(
    r"(?:User: (?P<who>[^\s\"']{1,300}) )?is not authorized to perform: ?(?P<action>[\w-]{1,40}:\w{1,80})"
    r"(?: on resource: ?(?P<what>[^\s\"']{1,400}))?(?P<tail>.{0,300})",
    re.I,
)
_BECAUSE = re.compile(
    r"no (?P<kind>identity-based|resource-based|session|permissions? boundary|service control|resource control|VPC endpoint)"
    r" ?(?:policy|policies)? ?allows? ?the (?P<action>[\w-]{1,40}:\w{1,80})|explicit deny in an? (?P<deny>[\w -]{4,40})",
    re.I,
)
_POLICIES = (
    ("identity", "identity"), ("resource-based", "resource"), ("session", "session"),
    ("boundary", "boundary"), ("service control", "scp"), ("resource control", "rcp"),
    ("endpoint", "vpc-endpoint"),
)  # fmt: skip
_ADDRESS = re.compile(
    r"(proxyconnect tcp: )?dial (?:tcp|udp)[46]? (?:\[([0-9a-f:]{2,45})\]|(\d{1,3}(?:\.\d{1,3}){3})):\d|->(\d{1,3}(?:\.\d{1,3}){3}):\d",
    re.I,
)
_PLATFORM = re.compile(
    r"(?:platform|manifest for) ['\"]?((?:linux|windows)/[\w]{2,10}(?:/v\d)?)|\b((?:linux|windows)/(?:amd64|arm64|arm|386|s390x|ppc64le)(?:/v\d)?)\b",
    re.I,
)
_S3_ADDRESS = re.compile(r"^(?:52\.21[6-9]\.|3\.5\.|52\.92\.|54\.231\.)")
_PULL_STAGE = re.compile(
    r"unable to pull (?:secrets|image)|ecr registry auth|registry auth from|secrets? from (?:asm|ssm|secrets manager|aws)|fetch secret|execution resource retrieval|GetAuthorizationToken|did not contain json key|ssm parameters|cannot pull|can't pull",
    re.I,
)


def parse(text: str) -> Symptom:
    """Return what *text* says; it never raises, and takes time linear in the length read."""
    pasted = unwrap(text)
    if not pasted.flat:
        return EMPTY
    lines, dropped = kinds.without_code(pasted.lines)
    if dropped:
        pasted = Pasted(pasted.raw, lines, flatten(lines), pasted.cut)
    seen = found(pasted.flat)
    named = codes(pasted.flat)
    kind, family = _kind(pasted, seen, named)
    if kind == "negative":
        return _negative(family or (dropped and "negative:" + dropped), cut=pasted.cut)
    known = entities(pasted, named)
    denial = _denial(pasted.flat)
    if kind == "near-miss":
        stage = next((row.stage for row in NEAR if row.family == family), None)
        return Symptom(
            kind,
            family,
            (),
            stage,
            known,
            None,
            _errors(pasted, named),
            denial,
            _address(pasted.flat),
            None,
            truncated=False,
            cut=pasted.cut,
        )
    families, stage = _families(pasted.flat, seen, known, denial)
    target = _target(pasted.flat, known, denial)
    return Symptom(
        "pull", families[0], tuple(families[1:]), _stage(pasted.flat, families[0], stage, target), known, target,
        _errors(pasted, named), denial, _address(pasted.flat), _platform(pasted.flat),
        truncated=families[0] == TRUNCATED, cut=pasted.cut,
    )  # fmt: skip


def _negative(family: str | None, *, cut: bool) -> Symptom:
    return Symptom(
        "negative",
        family,
        (),
        None,
        Entities(),
        None,
        (),
        None,
        None,
        None,
        truncated=False,
        cut=cut,
    )


def _kind(pasted: Pasted, seen: Found, named: list[tuple[int, str]]) -> tuple[Kind, str | None]:
    flat = pasted.flat
    pulls = [code for _, code in named if "Pull" in code]
    staged = _PULL_STAGE.search(flat) is not None
    near = _near(seen, [code for _, code in named])
    if (
        not pulls
        and near
        and not (staged and near not in ("not-pull:logger", "not-pull:env-file"))
        and (
            near not in _WEAK_NEAR
            or not seen.pull
            or not ({"engine"} & seen.context or "denial" in seen.context)
        )
    ):
        if around := kinds.surroundings(pasted.lines, seen, ecs=bool(named)):
            return "negative", around
        return "near-miss", near
    ecs = (
        bool(pulls)
        or bool(named and staged)
        or ("ecs" in seen.context and (staged or bool(seen.pull)))
    )
    if (
        not ecs
        and not ({"engine", "denial"} & seen.context and seen.pull)
        and not _bare(flat, seen)
    ):
        return "negative", "negative:mention" if seen.pull or seen.context else None
    if around := kinds.surroundings(pasted.lines, seen, ecs=bool(pulls) or "ecs" in seen.context):
        return "negative", around
    if kinds.talk(flat, cause=bool(seen.pull)):
        return "negative", "negative:mention"
    return "pull", None


_WEAK_NEAR = frozenset(
    {
        "not-pull:container-exited",
        "not-pull:deployment",
        "not-pull:agent-error",
        "not-pull:registration",
        "not-pull:agent-disconnected",
        "not-pull:placement",
        "not-pull:capacity",
        "not-pull:health-check",
    }
)


def _bare(flat: str, seen: Found) -> bool:
    """Tell whether a text without any frame is itself an error that only a pull gives."""
    starts = re.match(
        r"\W{0,6}(?:RequestError|AccessDenied|UnableToGet|error[: ]|.{0,40}`AccessDenied)",
        flat,
        re.I,
    )
    return bool(seen.pull) and starts is not None and "." not in flat[: starts.end() - 5]


def _near(seen: Found, named: list[str]) -> str | None:
    families = [row.family for row in seen.near]
    for code in named:
        family = _NEAR_CODES.get(code)
        if family in families:
            return family
    return families[0] if families else None


_NEAR_CODES = {
    "CannotCreateContainerError": "not-pull:container-create",
    "CannotStartContainerError": "not-pull:container-start",
    "CannotInspectContainerError": "not-pull:container-inspect",
    "CannotStopContainerError": "not-pull:container-stop",
    "CannotCreateVolumeError": "not-pull:volume",
    "DockerTimeoutError": "not-pull:docker-timeout",
    "ContainerRuntimeTimeoutError": "not-pull:docker-timeout",
    "OutOfMemoryError": "not-pull:oom",
}


def _denial(flat: str) -> Denial | None:
    said = _DENIED.search(flat)
    because = _BECAUSE.search(flat)
    if not said and not (because and because["action"]):
        return None
    tail = said["tail"] if said else flat
    reason = _BECAUSE.search(tail)
    words = ((reason["kind"] or reason["deny"]) if reason else "").lower()
    policy = next((name for word, name in _POLICIES if word in words), None)
    action = said["action"] if said else (because["action"] if because else "")
    what = said["what"].rstrip(".,;") if said and said["what"] else None
    return Denial(
        said["who"] if said else None, action, what, policy, bool(reason and reason["deny"])
    )


def _denied_families(denial: Denial) -> list[str]:
    service, _, verb = denial.action.partition(":")
    by_policy = {
        "boundary": "permissions-boundary-denied",
        "scp": "scp-denied",
        "rcp": "scp-denied",
        "vpc-endpoint": "vpc-endpoint-policy-denied",
    }
    if denial.policy in by_policy:
        return [by_policy[denial.policy]]
    if service.lower() in ("secretsmanager", "ssm"):
        return ["secret-access-denied"]
    if service.lower() == "kms":
        return ["kms-denied"]
    if denial.policy == "resource":
        return ["repository-policy-denied"]
    if denial.policy in ("identity", "session") or verb.lower() == "getauthorizationtoken":
        return ["ecr-auth-permission"]
    return ["ecr-auth-permission", "repository-policy-denied"]


def _families(
    flat: str, seen: Found, known: Entities, denial: Denial | None
) -> tuple[list[str], str | None]:
    if denial and denial.action.partition(":")[0].lower() in (
        "ecr",
        "ecr-public",
        "secretsmanager",
        "ssm",
        "kms",
    ):
        return _denied_families(denial), None
    for row in seen.pull:
        if families := _resolved(row, flat, known):
            return families, row.stage
    return [TRUNCATED], None


def _resolved(row: Row, flat: str, known: Entities) -> list[str]:
    host = " ".join(h for h in (known.registry, known.endpoint_host) if h).lower()
    ecr = ".ecr" in host or ".dkr" in host
    hub = "docker.io" in host
    match row.family:
        case "rate-limit":
            return [
                "dockerhub-rate-limit"
                if hub
                else "ecr-rate-limit"
                if ecr or "public.ecr.aws" in host
                else "registry-rate-limit"
            ]
        case "pull-access-denied":
            if ecr:
                return ["ecr-auth-permission", "repository-not-found"]
            return ["repository-not-found", "registry-credentials-invalid"]
        case "no-basic-auth" | "401" | "401-image":
            if ecr:
                return ["ecr-auth-permission", "registry-credentials-invalid"]
            return ["registry-credentials-invalid"]
        case "403":
            return (
                ["registry-credentials-invalid"]
                if host and not ecr
                else ["ecr-auth-permission", "repository-policy-denied"]
            )
        case "bare-access-denied":
            return ["ecr-auth-permission", "repository-policy-denied"]
        case families:
            return families.split("|")


def _target(flat: str, known: Entities, denial: Denial | None) -> str | None:
    low = flat.lower()
    host = (known.endpoint_host or "").lower()
    service, _, verb = (denial.action if denial else "").lower().partition(":")
    if service in ("secretsmanager", "ssm"):
        return service
    if service == "ecr":
        return "ecr-api" if verb == "getauthorizationtoken" else "ecr-dkr"
    by_host = (
        ("starport", "s3-layers"), (".s3.", "s3-layers"), ("api.ecr", "ecr-api"), (".dkr.ecr", "ecr-dkr"), (".dkr-ecr", "ecr-dkr"),
        ("public.ecr.aws", "ecr-public"), ("docker.io", "dockerhub"), ("docker.com", "dockerhub"), ("secretsmanager.", "secretsmanager"), ("ssm.", "ssm"),
        ("ecr.", "ecr-api"),
    )  # fmt: skip
    if found_host := next((target for mark, target in by_host if mark in host), None):
        return found_host
    address = _address(flat) or ""
    if (
        _S3_ADDRESS.match(address)
        or "error parsing http 403" in low
        or ("seeker" in low and "dial tcp" in low)
    ):
        return "s3-layers"
    by_words = (
        ("secretsmanager:", "secretsmanager"), ("secrets from ssm", "ssm"), ("parameter store", "ssm"), ("ssm parameters", "ssm"), ("operation error ssm", "ssm"),
        ("from asm", "secretsmanager"), ("secrets manager", "secretsmanager"), ("kms is not allowed", "secretsmanager"), ("ecr registry auth", "ecr-api"),
        ("registry auth from amazon ecr", "ecr-api"), ("getauthorizationtoken", "ecr-api"),
    )  # fmt: skip
    return next((target for words, target in by_words if words in low), None)


_TARGET_STAGE = {
    "secretsmanager": "S2",
    "ssm": "S2",
    "ecr-api": "S3",
    "ecr-dkr": "S4",
    "s3-layers": "S5",
    "dockerhub": "S4",
    "ecr-public": "S4",
}


def _stage(flat: str, family: str, stage: str | None, target: str | None) -> str | None:
    low = flat.lower()
    if "registry auth from asm" in low:
        return "S3"
    if stage and stage != "S4":
        return stage
    if "seeker" in low or "failed to copy" in low or "/blobs/" in low:
        return "S5" if "/manifests/" not in low else "S4"
    if stage:
        return stage
    if target:
        return _TARGET_STAGE.get(target)
    if "unable to pull secrets" in low and family != TRUNCATED:
        return "S3"
    return "S4" if "cannotpull" in low and family != TRUNCATED else None


def _address(flat: str) -> str | None:
    for m in _ADDRESS.finditer(flat):
        if not m[1]:
            return m[2] or m[3] or m[4]
    return None


def _platform(flat: str) -> str | None:
    m = _PLATFORM.search(flat)
    return (m[1] or m[2]).lower() if m else None


def _errors(pasted: Pasted, named: list[tuple[int, str]]) -> tuple[str, ...]:
    """Return the errors of the paste, one for each code, as short redacted excerpts."""
    starts = [place for place, _ in named[:8]] or [0]
    ends = [*starts[1:], len(pasted.flat)]
    excerpts = (pasted.flat[a : min(b, a + 400)] for a, b in zip(starts, ends, strict=True))
    return tuple(dict.fromkeys(redact(e.strip())[:300] for e in excerpts if e.strip()))
