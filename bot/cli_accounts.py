"""The commands that look into accounts. Each imports what it needs, so that others start fast."""

from __future__ import annotations

from argparse import Namespace
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
    own_settings,
    picture_of,
    question_of,
    written,
)
from bot.catalogue import CAUSES
from bot.symptom import parse

if TYPE_CHECKING:
    from bot.model import Cause
    from bot.question import Impossible
    from bot.service import Service


def diagnose(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
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
        written(stdout, published(report, headline, risks, CAUSES))
    else:
        terminal.diagnose(terminal.console(stdout), report, args.lang, service.clock())
    if target and not picturing.write(report, target, args.lang):
        print(f"ecs-pull: {words.message('cli_no_picture', args.lang, 'terminal')}", file=stderr)
        return NOTHING
    return DONE


def plan(args: Namespace, stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
    from bot.model import Confirmed, plan_to_json
    from bot.question import Impossible
    from bot.render import terminal
    from bot.takehome import without_secrets

    cause = next((c for c in CAUSES if c.id == args.cause), None)
    if cause is None:
        raise Wrong("cli_no_cause", cause=args.cause)
    service = _service()
    try:
        question = question_of(args, stdin)
        look = service.look(located(service, question), parse(question.text))
        verdict = look.verdict(cause)
        choices = look.choices(cause)
        if args.choice and args.choice not in choices:
            raise Wrong("cli_no_choice", choice=args.choice, choices=choices)
        found = look.plan(cause, args.choice or next(iter(choices), None))
    except Impossible as reason:
        return _impossible(reason, args.lang, stderr)
    if found is None or not isinstance(verdict, Confirmed):
        why = "no_fix_plan" if isinstance(verdict, Confirmed) else "cli_not_confirmed"
        return _no_plan(cause, why, args.lang, stderr)
    if args.format == "json":
        kept = plan_to_json(without_secrets(found))
        written(stdout, {"cause": cause.id, "hash": found.hash, "choices": list(choices), **kept})
    else:
        terminal.plan(terminal.console(stdout), found, args.format, args.lang)
    return DONE


def _no_plan(cause: Cause, why: str, language: str, stderr: IO[str]) -> int:
    from bot.render import words

    because = words.message(why, language, "terminal")
    text = words.message("cli_no_plan", language, "terminal", cause=cause.id, because=because)
    print(f"ecs-pull: {text}", file=stderr)
    return NOTHING


def scan(args: Namespace, _stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> int:
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
        written(stdout, scans.published(found, args.lang))
    else:
        scans.show(terminal.console(stdout), found, service.accounts, args.lang)
    return FAILED if found.dark else DONE


def _service() -> Service:
    """Return the service as the environment describes it; without Redis it remembers nothing."""
    from bot.assembly import service

    return service(own_settings(), command_line=True)


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
