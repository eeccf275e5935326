"""What the commands do. Each imports what it needs, so that ``explain`` starts fast."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bot.asking import (
    AWAY,
    DONE,
    FAILED,
    NOTHING,
    USAGE,
    WRONG,
    Wrong,
    located,
    picture_of,
    question_of,
    stream_of,
    text_of,
)
from bot.catalogue import CAUSES
from bot.diagnosis import suspects
from bot.report import explained
from bot.symptom import parse

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.question import Impossible
    from bot.service import Service


def run(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    """Run the command that *args* names; returns the exit status."""
    from bot.config import ConfigError

    if isinstance(
        stdout, TextIOWrapper
    ):  # whatever the locale; half a character is written as JSON has it
        stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    commands: Mapping[str, Callable[[Namespace, IO[str], IO[str], IO[str]], int]] = {
        "explain": _explain, "diagnose": _diagnose, "plan": _plan, "scan": _scan,
        "causes": _causes, "policy": _policy,
        "audit": _audit,
    }  # fmt: skip
    try:
        return commands[args.command](args, stdin, stdout, stderr)
    except ConfigError as error:
        for problem in error.problems:
            print(f"ecs-pull: {problem}", file=stderr)
    except Wrong as error:
        print(f"ecs-pull: {error}", file=stderr)
    return USAGE


def _explain(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    if args.jsonl:
        return _lines(stream_of(args.file, stdin), stdout, stderr)
    symptom = parse(text_of(args.file, stdin))
    if args.json:
        _json(stdout, explained(symptom, CAUSES))
    else:
        from bot.render import terminal

        pointed = suspects(symptom, CAUSES) if symptom.recognised else ()
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


def _diagnose(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    from bot import picturing
    from bot.question import Impossible
    from bot.render import terminal, thread, words
    from bot.report import published

    target, service = picture_of(args.picture), _service()
    try:
        question = question_of(args, stdin)
        subject = located(service, question)
        report = service.diagnose(subject, parse(question.text), fresh=args.fresh)
    except Impossible as reason:
        return _impossible(reason, args.lang, stderr)
    if args.json:
        headline = thread.headline(report, args.lang, "terminal")
        risks = {
            e.id: thread.cause_words(e, "risk", args.lang, "terminal")
            for e in report.confirmed
            if e.offer
        }
        _json(stdout, published(report, headline, risks, CAUSES))
    else:
        terminal.diagnose(terminal.console(stdout), report, args.lang, service.clock())
    if target and not picturing.write(report, target, args.lang):
        print(f"ecs-pull: {words.message('cli_no_picture', args.lang, 'terminal')}", file=stderr)
        return NOTHING
    return DONE


def _plan(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    from bot.model import Confirmed, plan_to_json
    from bot.question import Impossible
    from bot.render import terminal, words
    from bot.takehome import without_secrets

    cause = next((c for c in CAUSES if c.id == args.cause), None)
    if cause is None:
        raise Wrong(f"there is no cause {args.cause}; see `python -m bot causes`")
    service = _service()
    try:
        question = question_of(args, stdin)
        look = service.look(located(service, question), parse(question.text))
        verdict = look.verdict(cause)
        choices = look.choices(cause)
        if args.choice and args.choice not in choices:
            raise Wrong(f"no variant {args.choice}; there are: {', '.join(choices) or 'none'}")
        found = look.plan(cause, args.choice or next(iter(choices), None))
    except Impossible as reason:
        return _impossible(reason, args.lang, stderr)
    if found is None or not isinstance(verdict, Confirmed):
        why = "no_fix_plan" if isinstance(verdict, Confirmed) else "cli_not_confirmed"
        because = words.message(why, args.lang, "terminal")
        text = words.message("cli_no_plan", args.lang, "terminal", cause=cause.id, because=because)
        print(f"ecs-pull: {text}", file=stderr)
        return NOTHING
    if args.format == "json":
        _json(
            stdout,
            {
                "cause": cause.id,
                "hash": found.hash,
                "choices": list(choices),
                **plan_to_json(without_secrets(found)),
            },
        )
    else:
        terminal.plan(terminal.console(stdout), found, args.format, args.lang)
    return DONE


def _scan(args: Namespace, _stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    from bot import scanner
    from bot.question import Impossible
    from bot.render import scans, terminal

    service = _service()
    try:
        where = scanner.places(service.accounts, args.account, args.region)
    except Impossible as reason:
        return _impossible(reason, args.lang, stderr)
    found = scanner.scan(service, where)
    if args.json:
        _json(stdout, scans.published(found, args.lang))
    else:
        scans.show(terminal.console(stdout), found, service.accounts, args.lang)
    return FAILED if found.dark else DONE


def _causes(args: Namespace, _stdin: IO[str], stdout: IO[str], _stderr: IO[str]) -> int:
    if args.json:
        _json(stdout, [
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
        _json(stdout, roles.policy(args.role, args.account or "*"))
        return DONE
    if args.account:
        raise Wrong(
            "--account is for --format json; a template takes the account that it is deployed in"
        )
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

    url = _settings().redis_url
    if url is None:
        raise Wrong("REDIS_URL is not set, and the audit is in the Redis of the bot")
    try:
        begin = auditing.start(args.since, datetime.now(UTC)) if args.since else "-"
    except ValueError as error:
        raise Wrong(str(error)) from error
    try:
        events = [*auditing.events(Store.at(url, Seal.of(None)), begin)]
    except StoreAway:
        print("ecs-pull: the Redis at REDIS_URL does not answer", file=stderr)
        return FAILED
    if args.json:
        _json(stdout, events)
    else:
        stdout.writelines(f"{line}\n" for event in events for line in auditing.lines(event))
    return DONE


def _service() -> Service:
    """Return the service as the environment describes it; without Redis it remembers nothing."""
    from bot.assembly import service

    return service(_settings(), command_line=True)


def _settings() -> Settings:
    import os

    from bot.config import read_env_file, settings

    return settings({**read_env_file(Path(".env")), **os.environ})


def _impossible(reason: Impossible, language: str, stderr: IO[str]) -> int:
    from bot.render import thread, words

    context: dict[str, Any] = dict(reason.context)
    if reason.name == "no_fix":
        context["because"] = words.message(
            f"no_fix_{context.get('because', 'plan')}", language, "terminal"
        )
    text = thread.problem_text(reason.name, language, context, "terminal")
    print(f"ecs-pull: {text}", file=stderr)
    if reason.name in AWAY:
        return FAILED
    return USAGE if reason.name in WRONG else NOTHING


def _json(stdout: IO[str], value: Any) -> None:
    stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
