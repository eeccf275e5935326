"""Logs are lines of JSON, and no secret gets into one."""

from __future__ import annotations

import json
import logging

import pytest

from bot.logs import Lines

KEY = "AKIA" + "IOSFODNN7EXAMPLE"
SECRETS = [
    KEY,
    "xoxb-" + "1234567890-abcdefghij",
    "password=hunter2",
    "https://u:hunter2@example.com/",
]


def line(message, *args, extra=None, exc_info=None):
    record = logging.LogRecord("bot.x", logging.WARNING, "x.py", 1, message, args, exc_info)
    vars(record).update(extra or {})
    return Lines().format(record)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_logged(secret):
    """
    Not in the message, not in its arguments, not beside it.
    """
    said = line(f"a {secret}") + line("b %s", secret) + line("c", extra={"text": secret})

    assert "hunter2" not in said
    assert secret not in said


def test_no_secret_is_logged_by_its_name():
    """
    A value called a token is one, whatever it looks like.
    """
    said = json.loads(
        line(
            "x",
            extra={"token": "hunter2", "password": "a b", "client_secret": "c", "cluster": "main"},
        )
    )

    assert {"[redacted]"} == {said["token"], said["password"], said["client_secret"]}
    assert "main" == said["cluster"]


def test_no_secret_is_logged_in_a_stack():
    """
    An exception may quote what it was given.
    """
    try:
        int(KEY)
    except ValueError as error:
        said = line("broke", exc_info=(type(error), error, error.__traceback__))

    assert KEY not in said
    assert "ValueError" in json.loads(said)["stack"]


def test_a_record_is_one_line():
    """
    Nobody forges a second line.
    """
    assert 1 == len(line('a\n{"level": "info"}').splitlines())
