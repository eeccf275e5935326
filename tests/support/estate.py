"""The estate with the roles exactly as the product prints their policies."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import boto3
import botocore.session

from bot.aws.client import Boto3Door, Clients
from playground import scenarios
from playground.estate.server import Estate


@contextmanager
def estate(names: Collection[str] | None = None) -> Iterator[Estate]:
    """Serve an estate with the scenarios built, and stop it at the end."""
    made = Estate()
    made.serve()
    try:
        scenarios.build(made, names)
        yield made
    finally:
        made.stop()


def session(made: Estate) -> Any:
    """Return the bot's own identity as a boto3 session."""
    said = scenarios.credentials(made)
    return boto3.Session(
        aws_access_key_id=said["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=said["AWS_SECRET_ACCESS_KEY"],
        region_name=said["AWS_DEFAULT_REGION"],
    )


def unbound(door: Boto3Door) -> Boto3Door:
    """Return *door* with every operation that AWS has: the bot's clients have those that it calls."""
    session = botocore.session.Session()
    given = door.clients._session.get_component("credential_provider")
    session.register_component("credential_provider", given)
    clients = Clients(session, door.clients._endpoint_url, threading.Lock())
    return replace(door, clients=clients)
