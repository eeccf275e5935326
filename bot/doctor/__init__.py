"""Is everything set up? Each check is ok, wrong, or could not be made. Slack's are the handlers'."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot import queue
from bot.accounts_file import accounts
from bot.aws.accounts import Doors
from bot.aws.client import together
from bot.config import Accounts, ConfigError, Settings, settings
from bot.doctor import access
from bot.doctor.check import Check, unclear, well, wrong
from bot.jobs import Queue
from bot.sealing import Seal
from bot.store.base import StoreAway
from bot.store.examining import version

OLDEST = (6, 2)  # Redis, as the store's and the queue's scripts need it

Ask = Callable[[Settings], list[Check]]


def examine(environ: Mapping[str, str], slack: Ask, session: Any = None) -> list[Check]:
    """Check everything; *slack* checks Slack, *session* is the bot's own identity in AWS."""
    checks, found = _settings(environ)
    more, book = _accounts(found.accounts_file)

    def aws() -> list[Check]:
        if environ.get("AWS_ENDPOINT_URL", "").strip() and not found.aws_endpoint_url:
            return [unclear("aws-identity", "aws_unasked")]  # boto3 reads the wrong one by itself
        try:
            doors = Doors(book, endpoint_url=found.aws_endpoint_url, session=session)
        except ConfigError as error:
            return [wrong("aws-identity", "settings_wrong", {"problem": str(error)})]
        return access.checks(book, doors)

    parts = together(lambda: slack(found), lambda: _redis(found.redis_url), aws)
    return [*checks, *more, *(c for part in parts for c in part)]


def _settings(environ: Mapping[str, str]) -> tuple[list[Check], Settings]:
    """Return the checks, and the settings without those that are wrong."""
    try:
        return [well("settings", "settings_ok")], settings(environ)
    except ConfigError as error:
        bad = {n for p in error.problems for n in re.findall(r"[A-Z_]{4,}", p.partition(":")[0])}
        left = {
            name: value
            for name, value in environ.items()
            if name not in bad
            and not (name.startswith("SLACK_") and any("SLACK" in w for w in bad))
        }
        checks = [wrong("settings", "settings_wrong", {"problem": p}) for p in error.problems]
        return checks, settings(left)


def _accounts(path: Path) -> tuple[list[Check], Accounts]:
    try:
        found = accounts(path)
    except ConfigError as error:
        return [
            wrong("accounts", "accounts_wrong", {"problem": p}) for p in error.problems
        ], Accounts()
    context = {"file": str(path), "count": len(found.items)}
    return [well("accounts", "accounts_ok", context)], found


def _redis(url: str | None) -> list[Check]:
    if url is None:
        return [unclear("redis", "redis_unset")]
    try:
        said = version(url)
    except StoreAway as away:
        return [wrong("redis", "redis_away", {"because": str(away)})]
    checks = [well("redis", "redis_ok")]
    if said is None:
        checks.append(unclear("redis-version", "redis_version_unknown"))
    else:
        number = tuple(int(n) for n in re.findall(r"\d+", said)[:2])
        new = number >= OLDEST
        words = "redis_version_ok" if new else "redis_version_old"
        checks.append(Check("redis-version", new, words, {"version": said}))
    dead = queue.dead_letters(Queue(queue.broker(url), Seal.of(None)).broker)
    if dead is None:
        return [*checks, unclear("jobs", "jobs_unknown")]
    given_up = sum(dead.values())
    words = "jobs_dead" if given_up else "jobs_ok"
    return [*checks, Check("jobs", not given_up, words, {"count": given_up})]
