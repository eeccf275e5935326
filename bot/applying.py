"""Carry an approved fix out, verify it by the rule that found the cause, watch it, take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from bot import fixing
from bot.aws.accounts import NoFixRole
from bot.aws.client import Refused
from bot.catalogue import CAUSES
from bot.config import Accounts
from bot.diagnosing import Look, repaired
from bot.facts import Subject
from bot.fix import Fix, fix_to_json, with_plan
from bot.logins import Login
from bot.model import CannotTell, Confirmed, Plan, RuledOut
from bot.opening import Opening
from bot.question import Impossible
from bot.records import Applied, Records
from bot.snapshots import remembering
from bot.symptom import EMPTY, Symptom
from bot.watching import Watched, since

BY_ID = {c.id: c for c in CAUSES}


class Applying(Records):
    """The use cases after a decision. Safe to share between threads."""

    def look(
        self, subject: Subject, symptom: Symptom = EMPTY, *, channel: str | None = None,
        settled: bool = False, shared: bool = False,
    ) -> Look:  # fmt: skip
        """Return a fresh look at *subject*, and at no account that *channel* may not see.

        *settled*: at what it will run from now on. *shared*: at its network as another look saw
        it seconds ago. Raises Impossible("not_visible").
        """
        seen = self.seen_by(channel, subject)
        state = self.store.state_of if shared else None
        visit = self.doors.visit({a.id for a in seen.items}, state)
        remember = remembering(self.store)
        return Look(subject, symptom, visit, seen, self.pool, self.clock(), remember, settled)

    def seen_by(self, channel: str | None, subject: Subject) -> Accounts:
        """Return the accounts as *channel* knows them; raises where *subject* is in none of them."""
        seen = self.accounts.open_to(channel)
        if channel is not None and seen.find(subject.account) is None:
            raise Impossible("not_visible")
        return seen

    def apply(self, fix_id: str) -> Applied:
        """Apply an approved fix, or finish one that a killed worker began; then verify it."""
        with self._alone(fix_id) as (fix, alone):
            return self._apply(fix) if alone else Applied("busy", fix)

    def enter(self, fix_id: str, login: Login) -> Applied:
        """Begin an approved fix with the one step that waits for *login*; a job does the rest."""
        with self._alone(fix_id) as (fix, alone):
            if not alone:
                return Applied("busy", fix)
            ready = self._ready(fix)
            if isinstance(ready, Applied) or ready.status != "applying":
                return ready if isinstance(ready, Applied) else Applied("idle", ready)
            made = self._done(ready, partial(fixing.enter, login=login), "applied")
            return made if isinstance(made, Applied) else Applied("entered", ready)

    def undo(self, fix_id: str) -> Applied:
        """Take every change of a fix back, newest first, where nobody has changed it since."""
        with self._alone(fix_id) as (fix, alone):
            if not alone:
                return Applied("busy", fix)
            if fix.status != "undoing":
                return Applied("undone" if fix.status == "undone" else "idle", fix)
            begun = any(e["phase"].startswith("undo") for e in self._journal(fix))
            if not begun and self._late(fix.outcome.get("undo_at")):
                return self.give_back(fix.id, "expired")
            return self._run(fix, fixing.undo, "undone")

    def verify(self, fix: Fix) -> Applied:
        """Decide the cause of an applied fix again, where AWS needed time to carry it out."""
        return self._verify(fix) if fix.status == "applied" else Applied("verified", fix)

    def watch(self, fix: Fix) -> Watched:
        """Return what the service has done since *fix* was applied. Raises CannotTell."""
        door = self.doors.visit().read(fix.subject.account, fix.subject.region)
        return since(fix, self.after(fix).task_definition, door)

    def after(self, fix: Fix) -> Subject:
        """Return the subject as it is after *fix*."""
        return repaired(fix.subject, fix.plan, fix.outcome.get("answers", ()))

    def _apply(self, fix: Fix) -> Applied:
        ready = self._ready(fix)
        if isinstance(ready, Applied):
            return ready
        fix = ready
        if fix.status == "applying":
            return self._run(fix, fixing.resume, "applied")
        if fix.status == "applied":
            return self._verify(fix)  # by a worker that was killed before it told
        return Applied("verified" if fix.status == "verified" else "idle", fix)

    def _ready(self, fix: Fix) -> Fix | Applied:
        """Return *fix* as begun, where it was approved and is still what would be done."""
        if fix.status != "approved":
            return fix
        if self._late(fix.decided_at):
            return self.lapse(fix.id, "expired")
        try:
            now = self.look(fix.subject, channel=fix.channel).plan(BY_ID[fix.cause], fix.choice)
        except (Impossible, CannotTell) as reason:
            self._audit("unread", fix, fix.decided_by or "")
            return Applied("unread", self.keep(replace(fix, status="expired")), why=reason)
        return self._begun(fix) if now == fix.plan else self._stale(fix, now)

    def _begun(self, fix: Fix) -> Fix:
        """Return *fix* as it is to be carried out, or as somebody else has ended it meanwhile."""
        began = {**fix.outcome, "applied_at": self.clock().isoformat()}
        begun = replace(fix, status="applying", outcome=began)
        claimed = self.store.claim_fix(fix.id, "approved", fix_to_json(begun))
        return begun if claimed else self.fix(fix.id)

    @contextmanager
    def _alone(self, fix_id: str) -> Iterator[tuple[Fix, bool]]:
        """Hold every resource that a fix changes, and give the fix as it is since then.

        One fix of a resource at a time; no store, no fix.
        """
        before = self.fix(fix_id)
        resources = {f"fix:{s.resource}" for s in before.plan.steps}
        with self.store.lock(resources, fixing.SECONDS) as alone:
            fix = self.fix(fix_id)  # whoever held it until now may have ended it
            yield fix, alone and fix.plan == before.plan

    def _stale(self, fix: Fix, now: Plan | None) -> Applied:
        self._audit("stale", fix, fix.decided_by or "")
        if now is None:
            gone = self.keep(replace(fix, status="stale"))
            return Applied("stale", gone)
        anew = self.keep(with_plan(fix, now))
        self._audit("shown", anew, fix.decided_by or "")
        return Applied("stale", anew, live="new")

    def _run(self, fix: Fix, how: Callable[..., fixing.Outcome], event: str) -> Applied:
        outcome = self._done(fix, how, event)
        if isinstance(outcome, Applied):
            return outcome
        for account in self.accounts_of(fix):
            self.store.forget_reports(account.id if account else fix.subject.account)
        kept = {**fix.outcome, "answers": outcome.answers, "calls": outcome.calls}
        approver = (fix.undone_by if event == "undone" else fix.decided_by) or ""
        self._audit(event, fix, approver, calls=outcome.calls)
        fix = self.keep(replace(fix, status=event, outcome=kept))
        return Applied("undone", fix) if event == "undone" else self._verify(fix)

    def _done(
        self, fix: Fix, how: Callable[..., fixing.Outcome], event: str
    ) -> fixing.Outcome | Applied:
        """Do what *how* does of a fix; where it comes to a stop the fix ends with that."""
        journal = self.store.journal_of(fix.id)
        approver = (fix.undone_by if event == "undone" else fix.decided_by) or ""

        door = Opening(self.doors, fix.plan, approver, fix.id)
        try:
            return how(fix.plan, door, journal)
        except fixing.Unentered as waits:
            self._audit("unentered", fix, approver)
            return Applied("unentered", self.keep(replace(fix, status="expired")), waits.step)
        except fixing.Stopped as stopped:
            self._audit("stopped", fix, approver, calls=_made(journal, event))
            return Applied(
                "stopped", self.keep(replace(fix, status="failed")), stopped.step, stopped.live
            )
        except (Refused, NoFixRole) as refused:
            code = refused.code if isinstance(refused, Refused) else "NoFixRole"
            self._audit("refused", fix, approver, calls=_made(journal, event), code=code)
            done = len({e["step"] for e in journal.entries() if e["phase"] == "after"})
            return Applied("refused", self.keep(replace(fix, status="failed")), done, code=code)

    def _verify(self, fix: Fix) -> Applied:
        """Decide the cause again by the same rule, on the account as it is now."""
        try:
            verdict = self.look(self.after(fix), channel=fix.channel, settled=True).verdict(
                BY_ID[fix.cause]
            )
        except (Impossible, CannotTell):
            return Applied("unknown", fix)
        if isinstance(verdict, RuledOut):
            self._audit("verified", fix, fix.decided_by or "")
            return Applied("verified", self.keep(replace(fix, status="verified")))
        if isinstance(verdict, Confirmed) and verdict.mending:
            at_it = {**fix.outcome, "mending": True}
            return Applied("mending", self.keep(replace(fix, outcome=at_it)))
        return Applied("unverified" if isinstance(verdict, Confirmed) else "unknown", fix)


def _made(journal: fixing.Journal, event: str) -> list[Any]:
    """Return the calls that were made before a fix, or its undo, came to a stop."""
    phase = "undo-after" if event == "undone" else "after"
    return [e["call"] for e in journal.entries() if e["phase"] == phase and e.get("call")]
