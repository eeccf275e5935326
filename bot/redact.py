"""Take secrets out of a text, and leave everything that a diagnosis needs.

ARNs, image references, digests, request ids and hosts stay. Each rule is bounded, so the
time is linear; what is redacted is never matched again, so doing it twice changes nothing.
"""

from __future__ import annotations

import re

GONE = "[redacted]"
_KEEP = r"(?!\[redacted\])"
_NAMES = r"(?:password|passwd|passphrase|token|secret|secret_?access_?key|session_?token|api_?key|client_?secret)"
# A text with none of these in it has nothing that a rule takes out, and most texts have none.
_WORDS = ("passw", "passphrase", "token", "secret", "api_key", "apikey")
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = tuple(
    (words, re.compile(pattern), instead)
    for words, pattern, instead in (
        # Private keys, with or without their end.
        (
            ("private key-----",),
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?)?",
            GONE,
        ),
        # JSON web tokens; keys of AWS, Slack, GitHub, GitLab and Docker Hub; session tokens.
        (("eyj",), r"\beyJ[\w-]{8,4000}\.[\w-]{8,8000}(?:\.[\w-]{0,4000})?", GONE),
        (("akia", "asia", "abia", "acca"), r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", GONE),
        (("xox", "xapp-"), r"\bxox[a-z]-[\w-]{8,400}|\bxapp-[\w-]{8,400}", GONE),
        (
            ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "dckr_pat_"),
            r"\bgh[pousr]_\w{20,255}|\bglpat-[\w-]{16,99}|\bdckr_pat_[\w-]{16,99}",
            GONE,
        ),
        (("iqoj", "fwog", "fqog"), r"\b(?:IQoJ|FwoG|FQoG)[\w/+=%-]{60,8000}", GONE),
        # Presigned URLs and signed requests.
        (
            ("signature=", "x-amz-credential=", "x-amz-security-token="),
            r"(?i)(\bX-Amz-(?:Signature|Credential|Security-Token)=|\bSignature=)"
            + _KEEP
            + r"[^&\s\"'<>,]{1,8000}",
            r"\1" + GONE,
        ),
        # Headers. "may require authorization: server message" is no header.
        (
            ("authorization",),
            r"(?i)(\bauthorization[\"']{0,2} ?[:=] ?[\"']?(?:bearer|basic|aws4-hmac-sha256) )"
            + _KEEP
            + r"[^\s\"',;]{4,8000}",
            r"\1" + GONE,
        ),
        (
            ("authorization",),
            r"(?i)(\bauthorization id ?: ?)" + _KEEP + r"[^\s\"',;)]{4,400}",
            r"\1" + GONE,
        ),
        (
            ("bearer ", "basic "),
            r"(?i)(\b(?:bearer|basic) )" + _KEEP + r"(?=[\w+/=.~-]{0,40}\d)[\w+/=.~-]{16,8000}",
            r"\1" + GONE,
        ),
        # user:password@ of a URL.
        (
            ("://",),
            r"(\b[a-z][a-z0-9+.-]{1,15}://[^\s/:@\"'<>]{0,200}:)"
            + _KEEP
            + r"[^\s/@\"'<>]{1,400}(?=@)",
            r"\1" + GONE,
        ),
        # Docker's auth configuration and other JSON; name=value.
        (
            ("auth", *_WORDS),
            r"(?i)(\"(?:auth|identitytoken|registrytoken|secretaccesskey|sessiontoken|"
            + _NAMES
            + r")\" ?: ?\")"
            + _KEEP
            + r"(?!arn:aws)[^\"\s]{1,8000}",
            r"\1" + GONE,
        ),
        (
            _WORDS,
            r"(?i)(\b(?:[a-z0-9-]{0,60}_){0,4}"
            + _NAMES
            + r"[\"']? ?= ?[\"']?)"
            + _KEEP
            + r"(?!arn:aws)[^\s\"'&,;]{1,4000}",
            r"\1" + GONE,
        ),
        (
            ("password:",),
            r"(?i)(\bpassword: ?[\"']?)" + _KEEP + r"(?!AuthorizationData is )[^\s\"',;]{4,400}",
            r"\1" + GONE,
        ),
        # A secret access key on its own: forty characters of three kinds.
        (
            ("",),
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
    folded = _folded(text)
    for words, pattern, instead in _RULES:
        if any(word in folded for word in words):
            after = pattern.sub(instead, text)
            if after != text:
                text, folded = after, _folded(after)
    return text


def _folded(text: str) -> str:
    """Return *text* as a pattern reads it that takes small letters for capital ones."""
    return text.casefold().replace("ı", "i")
