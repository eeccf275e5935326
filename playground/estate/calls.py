"""One signed call to the estate, taken apart: who signs, which action, on which resources."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

Environ = dict[str, Any]

# Services whose actions in IAM are not named as they sign.
PREFIXES = {"monitoring": "cloudwatch"}


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call that the estate answered, for tests to look at. *account* is the caller's."""

    action: str
    account: str
    principal: str
    allowed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A signed call. *fields* are its parameters, from a JSON body or a form alike."""

    environ: Environ
    body: bytes
    headers: Mapping[str, str]
    key: str
    region: str
    service: str
    action: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    signed_as: str = ""

    @property
    def protocol(self) -> str:
        """Return how errors are shaped: ``json``, ``ec2`` or ``query``."""
        if "x-amz-target" in self.headers:
            return "json"
        return "ec2" if self.service == "ec2" else "query"

    def text(self, name: str) -> str | None:
        """Return a single parameter."""
        value = self.fields.get(name)
        return None if value is None else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a parameter that may hold several values, whatever the protocol."""
        value = self.fields.get(name)
        if isinstance(value, list):
            return tuple(str(v) for v in value)
        if value is not None:
            return (str(value),)
        members = re.compile(rf"{re.escape(name)}\.(?:member\.)?\d+")
        return tuple(str(v) for k, v in self.fields.items() if members.fullmatch(k))

    def pairs(self, name: str, key: str, value: str) -> dict[str, str]:
        """Return a list of key-value structures of the query protocol, as a dictionary."""
        found = re.compile(rf"({re.escape(name)}\.member\.\d+\.){re.escape(key)}")
        starts = [(m[1], v) for k, v in self.fields.items() if (m := found.fullmatch(k))]
        return {
            str(v): str(self.fields.get(s + value, self.fields.get(f"{s}{value}.member.1", "")))
            for s, v in starts
        }


def read(environ: Environ, body: bytes) -> Request | None:
    """Take a call apart; None where nobody signed it."""
    headers = {
        k[5:].replace("_", "-").lower(): str(v)
        for k, v in environ.items()
        if k.startswith("HTTP_") and isinstance(v, str)
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    headers["content-length"] = environ.get("CONTENT_LENGTH", "")
    scope = re.search(
        r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request", headers.get("authorization", "")
    )
    if not scope:
        return None
    key, region, signed_as = scope.groups()
    fields = _fields(environ, headers, body)
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    of_path = environ["PATH_INFO"].partition("/operation/")[2]  # the newer protocols
    operation = target or fields.get("Action") or of_path or "Unknown"
    service = PREFIXES.get(signed_as, signed_as)
    return Request(
        environ, body, headers, key, region, service, f"{service}:{operation}", fields, signed_as
    )


def _fields(environ: Environ, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if "x-amz-target" in headers:
        said = json.loads(body or b"{}")
        return said if isinstance(said, dict) else {}
    form = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if "form" in headers["content-type"]:
        form |= parse_qs(body.decode("latin1"), keep_blank_values=True)
    return {k: v[0] for k, v in form.items()}
