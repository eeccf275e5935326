"""The signature that a request should have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from urllib.parse import quote

from playground.estate.calls import Request

SIGNED = re.compile(r"SignedHeaders=([^,]+)")


def signature(request: Request, secret: str) -> str:
    """Return how *request* is signed with *secret*, in hexadecimal."""
    at = request.headers.get("x-amz-date", "")
    scope = f"{at[:8]}/{request.region}/{request.signed_as}/aws4_request"
    hashed = hashlib.sha256(_canonical(request).encode()).hexdigest()
    key = _key(secret, at[:8], request.region, request.signed_as)
    return _hmac(key, f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashed}").hex()


def _canonical(request: Request) -> str:
    found = SIGNED.search(request.headers["authorization"])
    names = sorted(n for n in (found[1].split(";") if found else ()) if n in request.headers)
    path, _, query = request.environ["REQUEST_URI"].partition("?")
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
    given = request.headers.get("x-amz-content-sha256")
    return "\n".join((
        request.environ["REQUEST_METHOD"],
        path if request.service == "s3" else quote(path, safe="/~"),
        "&".join(f"{name}={value}" for name, value in pairs),
        *(f"{name}:{' '.join(request.headers[name].split())}" for name in names),
        "",
        ";".join(names),
        given or hashlib.sha256(request.body).hexdigest(),
    ))  # fmt: skip


@functools.lru_cache(maxsize=1024)
def _key(secret: str, *scope: str) -> bytes:
    parts = (*scope, "aws4_request")
    return functools.reduce(_hmac, parts, f"AWS4{secret}".encode())


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
