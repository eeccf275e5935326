"""Values that try to break out of a message, and what a message must be in spite of them."""

from __future__ import annotations

import re

from playground.workspace.blockkit import message_problems, view_problems

HOSTILE = (
    "<!channel>",
    "<https://evil.example|click>",
    "`; rm -rf ~ #`",
    "```\n<!here>\n```",
    "*_~bold~_*",
    "a\x1b[31m\x07\x00b\nc",
    "abc\u202egnp.exe\u2066\u200b",
    "&lt;!channel&gt;",
    "\ud800",
    "x" * 3000,
    "`" * 3000,
    "&" * 3000,
)
WORST = (" ".join(HOSTILE[:9]), *HOSTILE[9:])  # the same, where many payloads are built
OURS = re.compile(
    r"<!date\^\d+\^[^|<>]+\|[^|<>]+>|<@[A-Z0-9]+>|<!subteam\^[A-Z0-9]+>|<#[A-Z0-9]+>|<https://docs\.[^<>|]+>"
)
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff]"
)


def texts(value):
    """Every text of a payload that Slack reads as markup."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def harm(said):
    """What Slack would act upon in *said*, or nobody would see, beside our own dates and mentions."""
    found = [f"angle: {m}" for m in re.findall(r"<.{0,40}", OURS.sub("", said))]
    found += [f"hidden: {m!r}" for m in HIDDEN.findall(said)]
    fences = said.split("```")
    if len(fences) % 2 == 0:
        found.append("open code block")
    for line in " ".join(fences[::2]).splitlines():
        if line.count("`") % 2:
            found.append(f"open code span: {line[:80]}")
    return found


def message_harm(message):
    """What Slack would refuse, or act upon, in *message*."""
    said = [message["text"], *texts(message["blocks"])]
    return [*message_problems(message["blocks"]), *(h for text in said for h in harm(text))]


def view_harm(view):
    """What Slack would refuse, or act upon, in *view*."""
    return [*view_problems(view), *(h for text in texts(view) for h in harm(text))]


def soiled(value, dirt):
    """*value* with *dirt* in place of every text in it."""
    if isinstance(value, str):
        return dirt
    if isinstance(value, dict):
        return {k: soiled(v, dirt) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [soiled(v, dirt) for v in value]
    return value
