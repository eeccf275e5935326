"""Approvals that take a registry's login: it goes from the form to Secrets Manager, and nowhere else.

No job may carry it, so here alone something goes on after the ack: a thread of this process, for
the seconds that one call to AWS takes. The job that would find it dead is queued before.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.entering import GRACE, Entering
from bot.jobs import Enqueue, QueueAway
from bot.logins import Login
from bot.render import reasons, words
from handlers import access

log = logging.getLogger(__name__)

JSON = dict[str, Any]
THREADS = 4


@dataclass(slots=True)
class Logins:
    """Takes logins out of forms to AWS, on threads of its own."""

    fixes: Entering
    enqueue: Enqueue
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, "login")
    )

    def take(self, decided: JSON, login: Login) -> None:
        """Have *login* brought to AWS for what was *decided*; raises QueueAway, and nothing is done."""
        self.enqueue("settle_login", delay=GRACE, fix=decided["fix"])
        self.threads.submit(self._bring, decided, login)

    def _bring(self, decided: JSON, login: Login) -> None:
        fix, because = decided["fix"], decided.get("reason", "")
        channel, user = decided["channel"], decided["user"]
        if not self.fixes.enter(fix, decided["shown"], user, channel, login, because):
            return
        try:
            self.enqueue("apply_fix", fix=fix)
        except QueueAway:  # the job that was queued before goes on with it
            log.warning("not queued", extra={"fix": fix})


def register(app: App, logins: Logins, enqueue: Enqueue) -> None:
    accounts = logins.fixes.service.accounts

    def approve_fix(ack: Ack, body: JSON, action: JSON, client: WebClient) -> None:
        """Ask for the login where the fix takes one; else a job takes the approval, or refuses it."""
        where = access.of_action(body)
        fix, _, shown = action["value"].partition(":")
        secret = logins.fixes.wants_login(fix, shown, where.user, where.channel)
        if secret:
            kept = json.dumps({"channel": where.channel, "fix": fix, "shown": shown})
            view = reasons.login(where.language(accounts), kept, secret)
            client.views_open(trigger_id=body["trigger_id"], view=view)
        else:
            enqueue("approve_fix", channel=where.channel, user=where.user, fix=fix, shown=shown)
        ack()

    def entered(ack: Ack, body: JSON) -> None:
        view = body["view"]
        decided = {**json.loads(view["private_metadata"]), "user": body["user"]["id"]}
        language = access.Where("", decided["channel"]).language(accounts)
        accept(ack, logins, view, decided, language)

    app.action("approve_fix")(approve_fix)
    app.view("login_form")(entered)


def asks(view: JSON) -> bool:
    """Tell whether *view* has the fields of a login."""
    return reasons.PASSWORD in view["state"]["values"]


def accept(ack: Ack, logins: Logins, view: JSON, decided: JSON, language: str) -> None:
    """Take the login of *view* to AWS; what is wrong with it is said beside its field."""
    typed, wrong = {}, {}
    limits = {reasons.USER: reasons.LONGEST_USER, reasons.PASSWORD: reasons.LONGEST_PASSWORD}
    for name, longest in limits.items():
        typed[name] = (view["state"]["values"][name][name].get("value") or "").strip()
        if problem := _problem(typed[name], longest):
            wrong[name] = words.message(problem, language, longest=longest)
    if not wrong:
        try:
            logins.take(decided, Login(**typed))
        except QueueAway:
            wrong[reasons.PASSWORD] = words.message("problem_queue_away", language)
    ack(response_action="errors", errors=wrong) if wrong else ack()


def _problem(typed: str, longest: int) -> str | None:
    """Return the name of the sentence that says what is wrong with a field, None where nothing is."""
    if not typed:
        return "login_missing"
    if len(typed) > longest:
        return "login_long"
    return None if typed.isprintable() else "login_lines"
