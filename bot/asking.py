"""What the commands of the command line share: texts, questions, subjects, settings and JSON."""

from __future__ import annotations

import json
from argparse import Namespace
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bot.symptom import LIMIT

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.facts import Subject
    from bot.question import Question
    from bot.service import Service

DONE, FAILED, USAGE, NOTHING = 0, 1, 2, 3
AWAY = {"aws_away", "throttled", "role_not_assumed", "store_away"}
WRONG = {"account_missing", "account_unknown", "region_unknown", "no_accounts", "nothing_named"}


class Wrong(Exception):  # noqa: N818 - how it was called
    """The command was called with something that cannot be; told in one line, the block *name*."""

    def __init__(self, name: str, **context: Any) -> None:
        super().__init__(name)
        self.name = name
        self.context = context


def question_of(args: Namespace, stdin: IO[str]) -> Question:
    from bot.question import ARN, Question, from_words

    text = text_of(args.error, stdin) if args.error else ""
    named = args.service or args.task or args.task_definition or ""
    if ARN.fullmatch(named):  # an ARN names its account, Region and cluster too
        found = from_words(named, None)
        return Question(text, args.account or found.account, args.region or found.region,
                        args.cluster or found.cluster, found.service, found.task, found.task_definition)  # fmt: skip
    if not (text or named):
        raise Wrong("problem_nothing_named")
    return Question(
        text, args.account, args.region, args.cluster, args.service, args.task, args.task_definition
    )


def located(service: Service, question: Question) -> Subject:
    from bot.question import Impossible

    found = service.locate(question)
    if found.only:
        return found.only
    if not found.subjects:
        raise Impossible("same_nowhere")
    places = [
        f"{s.account} {s.region} {s.cluster}/{s.service or s.task}" for s in found.subjects[:10]
    ]
    raise Wrong("cli_several", places=places)


def picture_of(name: str | None) -> Path | None:
    """Return where a picture goes; its ending tells the format."""
    found = Path(name) if name else None
    if found and found.suffix.lower() not in (".svg", ".png"):
        raise Wrong("cli_picture_ending", file=name)
    return found


def text_of(name: str, stdin: IO[str] | None) -> str:
    """Return a text, no more than can be read: a line past the limit tells that it was cut."""
    stream = stream_of(name, stdin)
    try:
        return stream.read(LIMIT + 1)
    finally:
        if stream is not stdin:
            stream.close()


def stream_of(name: str, stdin: IO[str] | None) -> IO[str]:
    if name == "-":
        if stdin is None:
            raise Wrong("cli_stdin_closed")
        if isinstance(stdin, TextIOWrapper):
            stdin.reconfigure(encoding="utf-8-sig", errors="replace")
        return stdin
    try:
        return Path(name).open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise Wrong("cli_unreadable", file=name, because=error.strerror) from error


def written(stdout: IO[str], value: Any) -> None:
    """Write one JSON document."""
    stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def own_settings() -> Settings:
    """Return the settings of the environment and of ``.env``."""
    import os

    from bot.config import read_env_file, settings

    return settings({**read_env_file(Path(".env")), **os.environ})
