"""moto without the work that it repeats for every call. What it answers stays the same."""

from __future__ import annotations

import copy
import functools
import importlib
import random
from collections.abc import Callable
from typing import Any, cast

from moto import backends
from moto.core import responses, serialize
from moto.core.constants import MISSING
from moto.core.request import Request
from moto.core.utils import get_value
from moto.iam.models import IAMBackend, ManagedPolicy, iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException

from playground.estate.calls import Environ

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]

# Services whose every call is a POST to "/": one function of moto's answers them all.
PLAIN = frozenset({"ec2", "ecr", "ecs", "iam", "kms", "logs", "secretsmanager", "ssm", "sts"})
NAMES_KEPT = 50_000


class Iam(IAMBackend):  # type: ignore[misc]
    """IAM of one account, with the policies of AWS read once for the process: nobody changes them."""

    __module__ = IAMBackend.__module__

    def _init_aws_policies(self) -> list[ManagedPolicy]:
        if self.region_name not in _OF_AWS:
            _OF_AWS[self.region_name] = super()._init_aws_policies()
        # How often a policy is attached is kept in it: each account has its own.
        found = [copy.copy(p) for p in _OF_AWS[self.region_name]]
        for policy in found:
            policy.account_id = self.account_id
        return found


_OF_AWS: dict[str, list[ManagedPolicy]] = {}


class Direct(Request):  # type: ignore[misc]
    """A request that comes over HTTP."""

    from_wsgi_server = True


@functools.cache
def moto() -> Any:
    """Return moto's application; its state is the process's, so one is enough."""
    return DomainDispatcherApplication(create_backend_app)


def ask(environ: Environ, service: str) -> Answer:
    """Let moto answer, without its web framework where one function does."""
    if service in PLAIN and environ["PATH_INFO"] == "/":
        return _direct(environ, service)
    head: list[Any] = []

    def started(status: str, headers: Headers, *_: Any) -> None:
        head[:] = [status, headers]

    content = b"".join(moto()(environ, started))
    return head[0], head[1], content


def _direct(environ: Environ, service: str) -> Answer:
    request = Direct(environ)
    try:
        url = f"http://{environ['HTTP_HOST']}/"
        status, headers, body = _handler(service)(request, url, dict(request.headers))
    except HTTPException as error:
        found = error.get_response(environ)
        return found.status, list(found.headers), found.get_data()
    content = body.encode() if isinstance(body, str) else body
    return f"{status} -", [(k, str(v)) for k, v in headers.items()], content


@functools.cache
def _handler(service: str) -> Callable[..., Any]:
    (found,) = importlib.import_module(f"moto.{service}.urls").url_paths.values()
    return cast("Callable[..., Any]", found)


def _value(serializer: Any, value: Any, key: str, shape: Any) -> Any:
    """Return an attribute of *value*, under whichever name moto keeps it."""
    keyed = hasattr(value, "__getitem__")
    for name, plain in _names(serializer, value, key, shape):
        if not plain:
            found = get_value(value, name, MISSING)
        elif keyed:
            try:
                found = value[name]
            except (KeyError, IndexError, TypeError, AttributeError):
                continue
        else:
            found = getattr(value, name, MISSING)
        if found is not MISSING:
            break
    else:
        found = None
    if transforms := serializer._value_picker.response_transformers:
        path = ".".join((*serializer.path, key))
        if path.endswith(tuple(transforms)):
            return next(t for end, t in transforms.items() if path.endswith(end))(found)
    return found


def _names(serializer: Any, value: Any, key: str, shape: Any) -> tuple[tuple[str, bool], ...]:
    """Return the names that an attribute may have, and whether each is no path; found out once."""
    kind = (shape, key, type(value))
    if (found := _NAMES.get(kind)) is None:
        if len(_NAMES) > NAMES_KEPT:  # the shape of an error is new each time
            _NAMES.clear()
        context = serialize.AttributePickerContext(obj=value, key=key, shape=shape)
        names = dict.fromkeys(serializer._value_picker.get_possible_keys(context))
        found = _NAMES[kind] = tuple((name, "." not in name) for name in names)
    return found


_NAMES: dict[tuple[Any, str, type], tuple[tuple[str, bool], ...]] = {}


def _request_id(headers: dict[str, Any] | None = None) -> str:
    found = f"{random.getrandbits(208):052X}"
    if headers is not None:
        headers["x-amzn-requestid"] = found
    return found


@functools.cache
def install() -> None:
    """Make moto quicker, once per process."""
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    responses.camelcase_to_underscores = functools.cache(responses.camelcase_to_underscores)
    responses.gen_amzn_requestid_long = _request_id
    serialize.ResponseSerializer.get_value = _value
    iam_backends.backend = Iam
