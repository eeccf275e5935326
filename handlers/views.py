"""Modals: the form with its dependent lists, and the details of a diagnosis."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.aws import listing
from bot.catalogue import CAUSES
from bot.config import Account, Accounts
from bot.jobs import Enqueue
from bot.model import CannotTell
from bot.render import blocks, thread, views
from bot.render.blocks import Message
from bot.report import report_from_json
from bot.service import Service
from handlers.access import Where

JSON = dict[str, Any]
SECONDS = 2.0  # Slack waits three for the options of a list


def register(app: App, service: Service, enqueue: Enqueue) -> None:
    accounts = service.accounts

    def changed(ack: Ack, body: JSON, client: WebClient) -> None:
        """Show the lists that belong to what was chosen."""
        view = body["view"]
        client.views_update(view_id=view["id"], hash=view["hash"], view=_followed(accounts, view))
        ack()

    def options(ack: Ack, body: JSON, payload: JSON) -> None:
        """List clusters or services while the person types."""
        view = body["view"]
        asked = json.loads(view["private_metadata"])
        account = _visible(accounts, asked["channel"], _chosen(view)["account"])
        typed = (payload.get("value") or "").lower()
        found = _in_time(service, account, view, payload["action_id"]) if account else []
        matching = [n for n in found if typed in n.lower() and blocks.fits(n)][:100]
        ack(options=[blocks.option(n, n) for n in matching])

    def submitted(ack: Ack, body: JSON) -> None:
        enqueue("answer", **_asked(body))
        ack()

    for name in ("account", "region", "cluster"):
        app.action(name)(changed)
    for name in ("cluster", "service"):
        app.options(name)(options)
    app.view("subject_form")(submitted)


def open_form(
    client: WebClient, accounts: Accounts, trigger: str, where: Where, language: str, **kept: Any
) -> Message | None:
    """Open the form; returns what to say instead where no account is open to the channel."""
    seen = accounts.seen_in(where.channel)
    if not seen:
        return thread.problem("no_accounts", language, {})
    default = accounts.channels.get(where.channel)
    account = accounts.find(default.account) if default and default.account else None
    form = views.form(
        seen,
        language,
        metadata=json.dumps({"channel": where.channel, "language": language, **kept}),
        account=account if account in seen else None,
        region=default.region if default else None,
        cluster=default.cluster if default else None,
    )
    client.views_open(trigger_id=trigger, view=form)
    return None


def open_picker(
    client: WebClient, accounts: Accounts, trigger: str, where: Where, key: str
) -> None:
    """Open the form for a message that could not tell its service; it is updated in place."""
    language = where.language(accounts)
    message = key.rpartition(":")[2]
    problem = open_form(client, accounts, trigger, where, language, message=message)
    if problem:
        client.chat_postEphemeral(
            channel=where.channel, user=where.user, text=problem["text"], blocks=problem["blocks"]
        )


def open_details(client: WebClient, service: Service, trigger: str, where: Where, key: str) -> None:
    """Open all that the thread had no room for."""
    kept = service.store.thread(where.channel, key.rpartition(":")[2])
    seen = kept and _visible(
        service.accounts, where.channel, (kept.get("subject") or {}).get("account")
    )
    if not kept or not kept["report"] or not seen:
        problem = "not_visible" if kept and kept["report"] else "forgotten"
        said = thread.problem(problem, where.language(service.accounts), {})
        client.chat_postEphemeral(
            channel=where.channel, user=where.user, text=said["text"], blocks=said["blocks"]
        )
        return
    report = report_from_json(kept["report"], CAUSES)
    client.views_open(trigger_id=trigger, view=views.details(report, kept["language"]))


def _in_time(service: Service, account: Account, view: JSON, wanted: str) -> list[str]:
    """Return the names, or none where AWS is slower than a person's form may wait."""
    try:
        return service.pool.submit(_names, service, account, view, wanted).result(SECONDS)
    except TimeoutError:
        return []


def _names(service: Service, account: Account, view: JSON, wanted: str) -> list[str]:
    chosen = _chosen(view)
    region = chosen["region"] if chosen["region"] in account.regions else account.regions[0]
    try:
        door = service.doors.visit().read(account.id, region)
        if wanted == "cluster":
            return listing.clusters(door)
        return listing.services(door, chosen["cluster"]) if chosen["cluster"] else []
    except CannotTell:
        return []


def _visible(accounts: Accounts, channel: str, account: str | None) -> Account | None:
    return next((a for a in accounts.seen_in(channel) if a.id == account), None)


def _chosen(view: JSON) -> dict[str, str | None]:
    """Return what is chosen now, by action; text too."""
    found: dict[str, str | None] = dict.fromkeys(
        ("account", "region", "cluster", "service", "text")
    )
    for block in view["state"]["values"].values():
        for action, value in block.items():
            option = value.get("selected_option")
            found[action] = option["value"] if option else value.get("value")
    return found


def _followed(accounts: Accounts, view: JSON) -> JSON:
    """Return the form as it is after the choices in *view*."""
    asked, chosen = json.loads(view["private_metadata"]), _chosen(view)
    return views.form(
        accounts.seen_in(asked["channel"]), asked["language"], metadata=view["private_metadata"],
        account=_visible(accounts, asked["channel"], chosen["account"]),
        region=chosen["region"], cluster=chosen["cluster"], text=chosen["text"] or "",
    )  # fmt: skip


def _asked(body: JSON) -> JSON:
    """Return the question of a form that was sent, and where its answer goes."""
    view = body["view"]
    asked, chosen = json.loads(view["private_metadata"]), _chosen(view)
    place = {
        "user": body["user"]["id"],
        "channel": asked["channel"],
        "thread": asked.get("thread"),
        "message": asked.get("message"),
        "url": asked.get("url"),
        "source": None if asked.get("message") else view["id"],
    }
    text = chosen.pop("text") or asked.get("text", "")
    return {"asked": place, "text": text, "question": chosen}
