"""What the commands do. Each imports what it needs, so that ``explain`` starts fast."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import IO

from bot import cli_accounts
from bot.asking import (
    DONE,
    FAILED,
    NOTHING,
    USAGE,
    Wrong,
    own_settings,
    stream_of,
    text_of,
    written,
)
from bot.catalogue import CAUSES
from bot.diagnosis import likely
from bot.report import explained
from bot.symptom import parse


def run(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    """Run the command that *args* names; returns the exit status."""
    from bot.config import ConfigError

    if isinstance(
        stdout, TextIOWrapper
    ):  # whatever the locale; half a character is written as JSON has it
        stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    commands: Mapping[str, Callable[[Namespace, IO[str], IO[str], IO[str]], int]] = {
        "explain": _explain, "diagnose": cli_accounts.diagnose, "plan": cli_accounts.plan, "scan": cli_accounts.scan,
        "causes": _causes, "policy": _policy,
        "audit": _audit,
    }  # fmt: skip
    try:
        return commands[args.command](args, stdin, stdout, stderr)
    except ConfigError as error:
        for problem in error.problems:
            print(f"ecs-pull: {problem}", file=stderr)
    except Wrong as error:
        from bot.render import words

        language = getattr(args, "lang", words.LANGUAGES[0])
        text = words.message(error.name, language, "terminal", **error.context)
        print(f"ecs-pull: {text}", file=stderr)
    return USAGE


def _explain(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    if args.jsonl:
        return _lines(stream_of(args.file, stdin), stdout, stderr)
    symptom = parse(text_of(args.file, stdin))
    if args.json:
        written(stdout, explained(symptom, CAUSES))
    else:
        from bot.render import terminal

        pointed = likely(symptom, CAUSES) if symptom.recognised else ()
        terminal.explain(terminal.console(stdout), symptom, pointed, args.lang)
    return DONE if symptom.recognised else NOTHING


def _lines(stream: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not (isinstance(row, dict) and "id" in row and isinstance(row.get("text"), str)):
            print(
                f'ecs-pull: line {number}: one JSON object with "id" and "text" is needed',
                file=stderr,
            )
            return USAGE
        result = {"id": row["id"], **explained(parse(row["text"]), CAUSES)}
        stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return DONE


def _causes(args: Namespace, _stdin: IO[str], stdout: IO[str], _stderr: IO[str]) -> int:
    if args.json:
        written(stdout, [
            {"id": c.id, "group": c.group, "stage": c.stage, "until": c.until or c.stage,
             "families": list(c.families), "fix": c.plan is not None}
            for c in CAUSES
        ])  # fmt: skip
        return DONE
    from bot.render import terminal

    terminal.causes(terminal.console(stdout), CAUSES, args.lang)
    return DONE


def _policy(args: Namespace, _stdin: IO[str], stdout: IO[str], _stderr: IO[str]) -> int:
    from bot import roles

    if args.format == "json":
        written(stdout, roles.policy(args.role, args.account or "*"))
        return DONE
    if args.account:
        raise Wrong("cli_policy_account")
    from bot.roles import cloudformation, terraform

    if args.format == "cloudformation":
        stdout.write(cloudformation.template([args.role]))
    else:
        stdout.write("\n".join(terraform.module([args.role]).values()))
    return DONE


def _audit(args: Namespace, _stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    from bot import auditing
    from bot.sealing import Seal
    from bot.store import Store, StoreAway

    url = own_settings().redis_url
    if url is None:
        raise Wrong("cli_no_redis")
    try:
        begin = auditing.start(args.since, datetime.now(UTC)) if args.since else "-"
    except ValueError as error:
        raise Wrong("cli_since", when=args.since) from error
    try:
        events = [*auditing.events(Store.at(url, Seal.of(None)), begin)]
    except StoreAway:
        print("ecs-pull: the Redis at REDIS_URL does not answer", file=stderr)
        return FAILED
    if args.json:
        written(stdout, events)
    else:
        stdout.writelines(f"{line}\n" for event in events for line in auditing.lines(event))
    return DONE
