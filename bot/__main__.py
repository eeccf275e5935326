"""The command line: ``python -m bot COMMAND``; every command has ``--help`` with an example."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TypeAlias

DONE, FAILED, USAGE, NOTHING = 0, 1, 2, 3

LANGUAGES = ("en", "ja")


class Parser(argparse.ArgumentParser):
    """Tells a wrong usage in one line."""

    def error(self, message: str) -> None:  # type: ignore[override]  # argparse's NoReturn: exit raises
        self.exit(USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - it has no other name


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(
        prog="python -m bot",
        description="Explain failed Amazon ECS image pulls, and plan their repair.",
    )
    commands = top.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=Parser
    )
    for add in (_explain, _diagnose, _plan, _scan, _doctor, _causes, _policy, _audit, _running):
        add(commands)
    return top


def _explain(commands: Commands) -> None:
    explain = _command(commands, "explain", "what a pasted error says, from its text alone",
                       "pbpaste | python -m bot explain")  # fmt: skip
    explain.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="a text file; standard input without it",
    )
    form = explain.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON document")
    form.add_argument(
        "--jsonl", action="store_true", help='one {"id", "text"} a line in, one result a line out'
    )
    _language(explain)


def _diagnose(commands: Commands) -> None:
    diagnose = _command(commands, "diagnose", "why a pull failed, with the evidence read from the account",
                        "python -m bot diagnose --account prod --cluster main --service shop")  # fmt: skip
    _subject(diagnose)
    diagnose.add_argument("--json", action="store_true", help="one JSON document")
    diagnose.add_argument("--fresh", action="store_true", help="look again, without the cache")
    diagnose.add_argument(
        "--picture", metavar="FILE", help="draw the way to the registry, hop by hop: .svg or .png"
    )
    _language(diagnose)


def _plan(commands: Commands) -> None:
    plan = _command(commands, "plan", "what a fix would do; changes nothing",
                    "python -m bot plan --cause image-tag-missing --account prod --cluster main --service shop")  # fmt: skip
    plan.add_argument(
        "--cause", required=True, metavar="ID", help="a cause id of `python -m bot causes`"
    )
    plan.add_argument(
        "--choice", metavar="NAME", help="a variant of the fix, such as a tag or inline-policy"
    )
    plan.add_argument(
        "--format",
        choices=("diff", "aws-cli", "terraform", "cloudformation", "json"),
        default="diff",
    )
    _subject(plan)
    _language(plan)


def _scan(commands: Commands) -> None:
    scan = _command(commands, "scan", "every service with failing pulls, grouped by cause",
                    "python -m bot scan --account prod --region eu-west-1")  # fmt: skip
    scan.add_argument("--account", action="append", default=[], metavar="ID|ALIAS",
                      help="only this account; may be repeated")  # fmt: skip
    scan.add_argument("--region", action="append", default=[], metavar="R",
                      help="only this Region; may be repeated")  # fmt: skip
    scan.add_argument("--json", action="store_true", help="one JSON document")
    _language(scan)


def _doctor(commands: Commands) -> None:
    doctor = _command(commands, "doctor", "what is wrong with the tokens, Redis, the accounts and their roles",
                      "python -m bot doctor")  # fmt: skip
    doctor.add_argument("--json", action="store_true", help="one JSON document")
    _language(doctor)


def _causes(commands: Commands) -> None:
    causes = _command(
        commands, "causes", "the causes that are known", "python -m bot causes --json"
    )
    causes.add_argument("--json", action="store_true", help="one JSON document")
    _language(causes)


def _policy(commands: Commands) -> None:
    policy = _command(commands, "policy", "the least-privilege policy of a role, computed from the code",
                      "python -m bot policy read --format cloudformation > read-role.yaml")  # fmt: skip
    policy.add_argument("role", choices=("read", "fix"))
    policy.add_argument(
        "--format", choices=("json", "cloudformation", "terraform"), default="json",
        help="the policy alone, or a whole role with whom it trusts (default: json)",
    )  # fmt: skip
    policy.add_argument(
        "--account",
        type=_account,
        metavar="ID",
        help="json: limit the resources to this account (12 digits)",
    )


def _audit(commands: Commands) -> None:
    audit = _command(commands, "audit", "who asked, approved and changed what, with the request id of each call",
                     "python -m bot audit --since 2h")  # fmt: skip
    audit.add_argument(
        "--since", metavar="WHEN", help="30m, 2h, 3d, or a time such as 2026-01-31T09:00Z"
    )
    audit.add_argument("--json", action="store_true", help="one JSON document")


def _running(commands: Commands) -> None:
    _command(
        commands,
        "run",
        "start the bot; the playground where no Slack settings are there",
        "python -m bot run",
    )
    playground = _command(commands, "playground", "a workspace and an AWS estate on this machine",
                          "python -m bot playground --port 3000")  # fmt: skip
    playground.add_argument(
        "--port", type=_port, default=None, metavar="PORT", help="default: PORT, else 3000"
    )
    playground.add_argument(
        "--scenario",
        metavar="NAME",
        action="append",
        help="only this broken service; may be repeated",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    args = parser().parse_args(argv)
    if args.command in ("run", "playground"):
        return _start(args)
    if args.command == "doctor":  # outside, because it speaks to Slack
        words = ["--lang", args.lang, *(["--json"] if args.json else [])]
        return os.execv(sys.executable, [sys.executable, "-m", "handlers.doctor", *words])  # noqa: S606 - no shell
    from bot import cli

    try:
        status = cli.run(args, sys.stdin, sys.stdout, sys.stderr)
        sys.stdout.flush()  # here, where a closed pipe is not an error
    except BrokenPipeError:  # somebody closed the pipe: `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:  # the disk is full, say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"ecs-pull: cannot read or write: {error.strerror}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return status


def _start(args: argparse.Namespace) -> int:
    """Become the bot, or the playground where no Slack settings are there; returns only to refuse."""
    from pathlib import Path

    from bot.config import ConfigError, read_env_file, settings

    environ = {**read_env_file(Path(".env")), **os.environ}
    try:
        found = settings(environ)
    except ConfigError as error:
        for problem in error.problems:
            print(f"ecs-pull: {problem}", file=sys.stderr)
        return USAGE
    real = args.command == "run" and found.slack_bot_token
    words = [sys.executable, "-m", "handlers" if real else "playground"]
    if not real:
        port = getattr(args, "port", None) or found.port
        words += ["--port", str(port)]
        words += [w for name in getattr(args, "scenario", None) or () for w in ("--scenario", name)]
    sys.stdout.flush()
    return os.execve(sys.executable, words, environ)  # noqa: S606 - the same interpreter, no shell


def _command(commands: Commands, name: str, does: str, example: str) -> Parser:
    return commands.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".",
                               epilog=f"example: {example}")  # fmt: skip


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"a number from 1 to 65535 is needed, not {text}")


def _account(text: str) -> str:
    if text.isascii() and text.isdigit() and len(text) == 12:
        return text
    raise argparse.ArgumentTypeError(f"an account id of 12 digits is needed, not {text}")


def _subject(command: Parser) -> None:
    group = command.add_argument_group("subject", "what is not given is found")
    group.add_argument("--account", metavar="ID|ALIAS")
    group.add_argument("--region", metavar="R")
    group.add_argument("--cluster", metavar="C")
    what = group.add_mutually_exclusive_group()
    what.add_argument("--service", metavar="S")
    what.add_argument("--task", metavar="T", help="a task id or ARN")
    what.add_argument("--task-definition", metavar="TD", help="family, family:revision or ARN")
    group.add_argument(
        "--error", metavar="FILE|-", help="the error as a text file, or - for standard input"
    )


def _language(command: Parser) -> None:
    command.add_argument(
        "--lang", choices=LANGUAGES, default="en", help="language of the words (default: en)"
    )


if __name__ == "__main__":
    sys.exit(main())
