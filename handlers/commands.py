"""``/ecs-pull``: a form, an ARN, ``cluster/service``, a pasted error, or one of a few words."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.config import Accounts
from bot.jobs import Enqueue
from bot.render import blocks, thread, words
from bot.render.blocks import Message
from handlers import access
from handlers.views import open_form


def register(app: App, accounts: Accounts, enqueue: Enqueue) -> None:
    def asked(ack: Ack, command: dict[str, Any], client: WebClient) -> None:
        where = access.of_command(command)
        language = where.language(accounts)
        text = (command.get("text") or "").strip()
        question = {
            "user": where.user, "channel": where.channel, "url": command["response_url"],
            "source": command["trigger_id"],
        }  # fmt: skip
        match text.lower():
            case "":
                url = command["response_url"]
                problem = open_form(
                    client, accounts, command["trigger_id"], where, language, url=url
                )
                ack(**_private(problem)) if problem else ack()
            case "help":
                ack(**_private(_said(words.message("help", language))))
            case "accounts":
                ack(**_private(_accounts(accounts, where.channel, language)))
            case "history":
                enqueue(
                    "history", channel=where.channel, user=where.user, url=command["response_url"]
                )
                ack()
            case "scan":
                enqueue("scan", asked=question)
                ack()
            case _:
                enqueue("answer", asked=question, text=text)
                ack()

    app.command("/ecs-pull")(asked)


def _accounts(accounts: Accounts, channel: str, language: str) -> Message:
    seen = accounts.seen_in(channel)
    if not seen:
        return thread.problem("no_accounts", language, {})
    lines = [f"• *{words.inert(a.alias)}* `{a.id}` {', '.join(a.regions)}" for a in seen]
    return _said(f"*{words.message('accounts_title', language)}*\n" + "\n".join(lines))


def _said(text: str) -> Message:
    return blocks.message(text, [blocks.section(text)])


def _private(message: Message) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": message["text"], "blocks": message["blocks"]}
