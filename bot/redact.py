"""Take secrets out of a text, and leave everything that a diagnosis needs.

ARNs, image references, digests, request ids and hosts stay. Each rule is bounded, so the
time is linear; what is redacted is never matched again, so doing it twice changes nothing.
"""

from __future__ import annotations

import re

GONE = "[redacted]"
_KEEP = r"(?!\[redacted\])"
_NAMES = r"(?:password|passwd|passphrase|token|secret|secret_?access_?key|session_?token|api_?key|client_?secret)"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        # Private keys, with or without their end.
        (
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?)?",
            GONE,
        ),
        # JSON web tokens; keys of AWS, Slack, GitHub, GitLab and Docker Hub; session tokens.
        (r"\beyJ[\w-]{8,4000}\.[\w-]{8,8000}(?:\.[\w-]{0,4000})?", GONE),
        (r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", GONE),
        (r"\bxox[a-z]-[\w-]{8,400}|\bxapp-[\w-]{8,400}", GONE),
        (r"\bgh[pousr]_\w{20,255}|\bglpat-[\w-]{16,99}|\bdckr_pat_[\w-]{16,99}", GONE),
        (r"\b(?:IQoJ|FwoG|FQoG)[\w/+=%-]{60,8000}", GONE),
        # Presigned URLs and signed requests.
        (
            r"(?i)(\bX-Amz-(?:Signature|Credential|Security-Token)=|\bSignature=)"
            + _KEEP
            + r"[^&\s\"'<>,]{1,8000}",
            r"\1" + GONE,
        ),
        # Headers. "may require authorization: server message" is no header.
        (
            r"(?i)(\bauthorization[\"']{0,2} ?[:=] ?[\"']?(?:bearer|basic|aws4-hmac-sha256) )"
            + _KEEP
            + r"[^\s\"',;]{4,8000}",
            r"\1" + GONE,
        ),
        (r"(?i)(\bauthorization id ?: ?)" + _KEEP + r"[^\s\"',;)]{4,400}", r"\1" + GONE),
        (
            r"(?i)(\b(?:bearer|basic) )" + _KEEP + r"(?=[\w+/=.~-]{0,40}\d)[\w+/=.~-]{16,8000}",
            r"\1" + GONE,
        ),
        # user:password@ of a URL.
        (
            r"(\b[a-z][a-z0-9+.-]{1,15}://[^\s/:@\"'<>]{0,200}:)"
            + _KEEP
            + r"[^\s/@\"'<>]{1,400}(?=@)",
            r"\1" + GONE,
        ),
        # Docker's auth configuration and other JSON; name=value.
        (
            r"(?i)(\"(?:auth|identitytoken|registrytoken|secretaccesskey|sessiontoken|"
            + _NAMES
            + r")\" ?: ?\")"
            + _KEEP
            + r"(?!arn:aws)[^\"\s]{1,8000}",
            r"\1" + GONE,
        ),
        (
            r"(?i)(\b(?:[a-z0-9-]{0,60}_){0,4}"
            + _NAMES
            + r"[\"']? ?= ?[\"']?)"
            + _KEEP
            + r"(?!arn:aws)[^\s\"'&,;]{1,4000}",
            r"\1" + GONE,
        ),
        (r"(?i)(\bpassword: ?[\"']?)" + _KEEP + r"[^\s\"',;]{4,400}", r"\1" + GONE),
        # A secret access key on its own: forty characters of three kinds.
        (
            (
                r"(?<![A-Za-z0-9/+=:_.-])(?=[A-Za-z0-9/+]{0,39}\d)(?=[A-Za-z0-9/+]{0,39}[a-z])"
                r"(?=[A-Za-z0-9/+]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])"
            ),
            GONE,
        ),
    )
)


def redact(text: str) -> str:
    """Return *text* without keys, tokens and passwords."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
