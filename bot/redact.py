"""Take secrets out of a text, and leave everything a diagnosis needs."""

from __future__ import annotations

import re

GONE = "[redacted]"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?)?"
        ),
        GONE,
    ),
    (re.compile(r"\beyJ[\w-]{8,4000}\.[\w-]{8,8000}(?:\.[\w-]{0,4000})?"), GONE),
    (re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"), GONE),
    (
        re.compile(
            r"\bxox[a-z]-[\w-]{8,400}|\bxapp-[\w-]{8,400}|\bgh[pousr]_\w{20,255}|\bglpat-[\w-]{16,99}|\bdckr_pat_[\w-]{16,99}"
        ),
        GONE,
    ),
    (
        re.compile(
            r"(?i)(\bX-Amz-(?:Signature|Credential|Security-Token)=)(?!\[redacted\])[^&\s\"'<>]{1,4000}"
        ),
        r"\1" + GONE,
    ),
    (
        re.compile(
            r"(?i)(\bauthorization\"?'? ?[:=] ?\"?'?(?:(?:bearer|basic|aws4-hmac-sha256) )?)(?!\[redacted\]|bearer |basic |aws4)[^\s\"',;]{6,8000}"
        ),
        r"\1" + GONE,
    ),
    (re.compile(r"(?i)(\bauthorization id ?: ?)(?!\[redacted\])[^\s\"',;)]{4,400}"), r"\1" + GONE),
    (
        re.compile(
            r"(?i)(\b(?:bearer|basic) )(?!\[redacted\])(?=[\w+/=.~-]{0,200}[\d+/=])[\w+/=.~-]{16,8000}"
        ),
        r"\1" + GONE,
    ),
    (
        re.compile(
            r"(\b[a-z][a-z0-9+.-]{1,15}://[^\s/:@\"'<>]{0,200}:)(?!\[redacted\])[^\s/@\"'<>]{1,400}(?=@)"
        ),
        r"\1" + GONE,
    ),
    (
        re.compile(
            r"(?i)(\"(?:auth|identitytoken|registrytoken|password|secret|token|secretaccesskey|sessiontoken)\" ?: ?\")(?!\[redacted\])[^\"\s]{1,8000}"
        ),
        r"\1" + GONE,
    ),
    (
        re.compile(
            r"(?i)(\b(?:[\w-]{0,60}[_-])?(?:password|passwd|pwd|token|secret|secret_?access_?key|session_?token|api_?key|client_?secret)['\"]? ?= ?['\"]?)(?!\[redacted\])[^\s\"'&,;]{1,4000}"
        ),
        r"\1" + GONE,
    ),
    (
        re.compile(
            r"(?<![A-Za-z0-9/+=:_.-])(?=[A-Za-z0-9/+]{0,39}\d)(?=[A-Za-z0-9/+]{0,39}[a-z])(?=[A-Za-z0-9/+]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])"
        ),
        GONE,
    ),
)


def redact(text: str) -> str:
    """Return *text* without keys, tokens and passwords."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
