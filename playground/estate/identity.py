"""Who signed a call, whether the signature is right, and whether IAM lets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playground.estate import authority, policy
from playground.estate.authority import Attached, Principal
from playground.estate.calls import Request
from playground.estate.resources import Need, needs
from playground.estate.signing import signature
from playground.estate.world import WORLD, Session

BAD_TOKEN = "The security token included in the request is invalid."
BAD_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class Refused(Exception):  # noqa: N818 - AWS's answer, not an error of ours
    """AWS's answer to a call that it does not carry out."""

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of an access key."""

    principal: Principal
    secret: str
    token: str | None = None
    expires: datetime | None = None
    chained: bool = False


def owner(key: str) -> Owner | None:
    """Return who owns an access key, looking through every account."""
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    for account in list(iam_backends):
        for user in list(iam_backends[account]["aws"].users.values()):
            found = next((k for k in user.access_keys if k.access_key_id == key), None)
            if found and found.status == "Active":
                return Owner(_user(user, account), found.secret_access_key)
    for account in list(sts_backends):
        for session in reversed(sts_backends[account]["aws"].assumed_roles):
            if session.access_key_id == key:
                return _assumed(session, account)
    return None


def _user(user: Any, account: str) -> Principal:
    keys = {
        "aws:username": (user.name,),
        "aws:principalarn": (user.arn,),
        "aws:principalaccount": (account,),
    }
    documents = authority.documents(user, account)
    return Principal(user.arn, account, (user.arn,), documents, (), keys)


def _assumed(session: Any, account: str) -> Owner | None:
    role = authority.find_role(session.role_arn)
    if role is None:
        return None
    base = authority.role_session(role, session.session_name, account)
    given = WORLD.sessions.get(session.access_key_id, Session())
    context = dict(base.context)
    context |= {f"aws:principaltag/{k.lower()}": (v,) for k, v in given.tags.items()}
    if given.source_identity:
        context["aws:sourceidentity"] = (given.source_identity,)
    limits = base.limits
    if given.policies:
        documents = tuple(policy.parse(text) for text in given.policies)
        limits = (*limits, ("session policy", documents))
    who = Principal(base.arn, account, base.names, base.documents, limits, context)
    return Owner(
        who, session.secret_access_key, session.session_token, session.expiration, chained=True
    )


def check_signature(request: Request, found: Owner) -> None:
    """Raise Refused unless the owner of the key made this signature, and its token is alive."""
    if found.token and request.headers.get("x-amz-security-token") != found.token:
        raise Refused("InvalidClientTokenId", BAD_TOKEN)
    if found.expires and found.expires.replace(tzinfo=UTC) < datetime.now(UTC):
        raise Refused(
            "ExpiredTokenException", "The security token included in the request is expired"
        )
    ours = signature(request, found.secret)
    if not request.headers["authorization"].endswith(f"Signature={ours}"):
        raise Refused("SignatureDoesNotMatch", BAD_SIGNATURE)


def authorize(request: Request, found: Owner) -> None:
    """Raise Refused unless IAM allows the call."""
    if request.action == "sts:GetCallerIdentity":  # everybody may
        return
    if request.action == "sts:AssumeRole":
        _assume_role(request, found)
        return
    who = found.principal
    for need in needs(request, who.account):
        attached = _resource_policy(need, request.region)
        why = authority.refusal(who, need.action, need.resource, need.context, attached)
        if why:
            raise denied(request, authority.sentence(who, need.action, need.resource, why))


def denied(request: Request, message: str) -> Refused:
    """Return AccessDenied as the service's protocol names it."""
    if request.protocol == "ec2":
        return Refused(
            "UnauthorizedOperation", f"You are not authorized to perform this operation. {message}"
        )
    if request.protocol == "query":
        return Refused("AccessDenied", message)
    return Refused("AccessDeniedException", message, 400)


def _resource_policy(need: Need, region: str) -> Attached:
    """Return the policy of the resource where the service has such policies."""
    from moto.ecr.models import ecr_backends

    from playground.estate.secrets import find_secret

    text = None
    if ":repository/" in need.resource:
        name = need.resource.partition(":repository/")[2]
        repository = ecr_backends[need.owner][region].repositories.get(name)
        text = repository.policy if repository else None
    elif ":secretsmanager:" in need.resource:
        secret = find_secret(need.resource, need.owner, region)
        text = secret.policy if secret else None
    return Attached(need.owner, policy.parse(text) if text else None)


def _assume_role(request: Request, found: Owner) -> None:
    """Check both sides: the caller's own policies, and the trust policy of the role."""
    who = found.principal
    arn = request.text("RoleArn") or ""
    role = authority.find_role(arn) if arn.count(":") >= 5 else None
    for need in needs(request, who.account):
        sentence = authority.sentence(who, need.action, arn, "")
        trust = policy.parse(role.assume_role_policy_document) if role else policy.NOTHING
        if not authority.trusts(trust, who, need.action, need.context):
            raise denied(request, sentence)
        direct = any(
            authority.trusts(_only(trust, n), who, need.action, need.context) for n in who.names
        )
        why = authority.refusal(who, need.action, arn, need.context)
        implicit = why is not None and "identity-based policy allows" in why
        if why and not (implicit and direct and need.owner == who.account):
            raise denied(request, sentence)
    _check_duration(request, found, role)
    if len(request.text("Policy") or "") > 2048:
        raise Refused(
            "PackedPolicyTooLarge", "The session policy is longer than 2048 characters.", 400
        )


def _only(trust: policy.Document, name: str) -> policy.Document:
    """Return the statements of a trust policy that name exactly this principal."""
    kept = [s for s in policy.statements(trust) if name in str(s.get("Principal"))]
    return {"Statement": kept}


def _check_duration(request: Request, found: Owner, role: Any) -> None:
    seconds = int(request.text("DurationSeconds") or 3600)
    longest = int(role.max_session_duration or 3600)
    if found.chained and seconds > 3600:
        words = (
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
        raise Refused("ValidationError", words, 400)
    if seconds > longest:
        words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise Refused("ValidationError", words, 400)


def remember_session(key: str, request: Request, caller: Principal | None) -> None:
    """Keep what AssumeRole was given; a source identity lives on through chained roles."""
    account = (request.text("RoleArn") or ":::::").split(":")[4]
    arns = [
        str(v)
        for k, v in request.fields.items()
        if re.fullmatch(r"PolicyArns\.member\.\d+\.arn", k)
    ]
    texts = [t for t in (request.text("Policy"),) if t]
    texts += [authority.managed(a, account) or '{"Statement": []}' for a in arns]
    inherited = caller.context.get("aws:sourceidentity", (None,))[0] if caller else None
    WORLD.sessions[key] = Session(
        tuple(texts),
        request.pairs("Tags", "Key", "Value"),
        request.text("SourceIdentity") or inherited,
    )
