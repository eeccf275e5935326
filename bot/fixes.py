"""Everything that may happen to a fix: shown, decided, applied, verified, watched, taken back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from bot import fixing
from bot.aws.accounts import Doors, NoFixRole
from bot.aws.client import Refused
from bot.catalogue import CAUSES
from bot.config import Account, Accounts
from bot.diagnosing import Look, repaired
from bot.facts import Subject
from bot.fix import (
    Fix,
    alone,
    authorisation,
    fix_from_json,
    fix_to_json,
    may_decline,
    may_undo,
    with_plan,
)
from bot.model import CannotTell, Cause, Confirmed, Plan, RuledOut
from bot.opening import Opening
from bot.question import Impossible
from bot.redact import redact
from bot.snapshots import remembering
from bot.store import Store
from bot.symptom import EMPTY, Symptom
from bot.watching import Watched, since

BY_ID = {c.id: c for c in CAUSES}
REASON = 500  # characters of the reason of a decision


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of applying a fix.

    *state*: verified, unverified (the cause is still there), unknown (could not be read again),
    stale, stopped, refused, locked. *fix* is the record as it is now.
    """

    state: Literal[
        "verified", "unverified", "unknown", "stale", "stopped", "refused", "busy", "undone"
    ]
    fix: Fix
    step: int = 0
    live: Any = None
    code: str = ""


class Fixes:
    """The use cases of fixes. Safe to share between threads."""

    def __init__(
        self,
        accounts: Accounts,
        doors: Doors,
        store: Store,
        pool: Executor,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.accounts = accounts
        self.doors = doors
        self.store = store
        self.pool = pool
        self.clock = clock

    def look(self, subject: Subject, symptom: Symptom = EMPTY, *, settled: bool = False) -> Look:
        """Return a fresh look at *subject*; *settled*: at what it will run from now on."""
        visit, remember = self.doors.visit(), remembering(self.store)
        return Look(
            subject, symptom, visit, self.accounts, self.pool, self.clock(), remember, settled
        )

    def propose(self, subject: Subject, symptom: Symptom, cause_id: str, **who: Any) -> Fix:
        """Plan the fix of *cause_id* on fresh evidence and keep it; changes nothing in AWS.

        *who*: asked_by, channel, thread, report, language. Raises Impossible("no_fix").
        """
        cause = self._fixable(cause_id, subject)
        look = self.look(subject, symptom)
        verdict = look.verdict(cause)
        if isinstance(verdict, RuledOut):
            raise Impossible("no_fix", because="gone")
        choices = look.choices(cause)
        choice = choices[0] if choices else None
        plan = look.plan(cause, choice)
        if plan is None or not isinstance(verdict, Confirmed):
            raise Impossible("no_fix", because="unread")
        self._repairable(cause_id, subject, plan)
        fix = Fix(
            secrets.token_urlsafe(9), cause.id, subject, plan, asked_at=self.clock(),
            choice=choice, choices=choices, proof=verdict.proof, **who,
        )  # fmt: skip
        self.store.create_fix(fix.id, fix_to_json(fix))
        self._audit("shown", fix, fix.asked_by)
        return fix

    def fix(self, fix_id: str) -> Fix:
        """Return the record of a fix; raises Impossible("forgotten")."""
        data = self.store.fix(fix_id)
        if data is None:
            raise Impossible("forgotten")
        return fix_from_json(data)

    def keep(self, fix: Fix) -> Fix:
        """Store *fix* as it is now."""
        self.store.update_fix(fix.id, fix_to_json(fix))
        return fix

    def choose(self, fix_id: str, choice: str) -> Fix:
        """Plan an undecided fix again with another variant."""
        fix = self.fix(fix_id)
        if fix.status != "shown" or choice not in fix.choices:
            return fix
        plan = self.look(fix.subject, EMPTY).plan(BY_ID[fix.cause], choice)
        if plan is None:
            return fix
        chosen = with_plan(fix, plan, choice)
        return (
            chosen
            if self.store.claim_fix(fix.id, "shown", fix_to_json(chosen))
            else self.fix(fix_id)
        )

    def approve(
        self, fix_id: str, *, user: str, groups: Collection[str], shown: str, because: str = ""
    ) -> Fix:
        """Take the one approval that a fix may get; raises Impossible with the reason why not.

        *because* breaks the glass: it stands in for the second person where that is allowed.
        """
        fix, now, said = self.fix(fix_id), self.clock(), _reason(because)
        accounts = self.accounts_of(fix)
        for account in accounts:
            reason = authorisation(
                fix, account, user=user, groups=groups, now=now, shown=shown, because=said
            )
            if reason:
                self._audit("not-approved", fix, user, reason=reason)
                raise self._refusal(reason, fix, account)
        broke = any(alone(fix, account, user) for account in accounts)
        decided = replace(
            fix, status="approved", decided_by=user, decided_at=now,
            break_glass=broke, reason=said if broke else "",
        )  # fmt: skip
        self._claim(decided)
        if broke:
            self._audit("break-glass", decided, user, reason=said)
        self._audit("approved", decided, user)
        return decided

    def waiting(self) -> list[Fix]:
        """Return the fixes that wait for a decision and may still get one, newest first."""
        found = (fix_from_json(data) for data in self.store.open_fixes())
        return [f for f in found if f.status == "shown" and self.clock() < f.expires_at]

    def dismiss(self, fix_id: str, user: str) -> Fix:
        """Put an undecided fix away; anyone may."""
        fix = self.fix(fix_id)
        away = replace(fix, status="dismissed", decided_by=user, decided_at=self.clock())
        self._claim(away)
        self._audit("dismissed", away, user)
        return away

    def taken_home(self, fix_id: str, user: str) -> Fix:
        """Return a fix whose plan *user* takes away as files."""
        fix = self.fix(fix_id)
        self._audit("taken-home", fix, user)
        return fix

    def decline(self, fix_id: str, *, user: str, groups: Collection[str], because: str = "") -> Fix:
        """Decide against a fix, as an approver of any account that it changes would."""
        fix, said = self.fix(fix_id), _reason(because)
        accounts = self.accounts_of(fix)
        reasons = [may_decline(fix, a, user=user, groups=groups) for a in accounts]
        if None not in reasons:
            raise self._refusal(reasons[0] or "decided", fix, accounts[0])
        declined = replace(
            fix, status="declined", decided_by=user, decided_at=self.clock(), reason=said
        )
        self._claim(declined)
        self._audit("declined", declined, user, reason=said)
        return declined

    def apply(self, fix_id: str) -> Applied:
        """Apply an approved fix, or finish one that a killed worker began; then verify it."""
        fix = self.fix(fix_id)
        with self._alone(fix) as alone:
            if not alone:
                return Applied("busy", fix)
            if fix.status == "approved":
                now = self.look(fix.subject, EMPTY).plan(BY_ID[fix.cause], fix.choice)
                if now != fix.plan:
                    return self._stale(fix, now)
                began = {**fix.outcome, "applied_at": self.clock().isoformat()}
                fix = self.keep(replace(fix, status="applying", outcome=began))
            if fix.status != "applying":
                return Applied("verified" if fix.status == "verified" else "unverified", fix)
            return self._run(fix, fixing.resume, "applied")

    def request_undo(self, fix_id: str, *, user: str, groups: Collection[str]) -> Fix:
        """Take the one request to undo an applied fix; raises Impossible with the reason why not."""
        fix = self.fix(fix_id)
        for account in self.accounts_of(fix):
            reason = may_undo(fix, account, user=user, groups=groups, now=self.clock())
            if reason:
                raise self._refusal(reason, fix, account)
        undoing = replace(fix, status="undoing", undone_by=user)
        if not self.store.claim_fix(fix.id, fix.status, fix_to_json(undoing)):
            raise self._refusal("decided", self.fix(fix_id), None)
        self._audit("undo-approved", undoing, user)
        return undoing

    def undo(self, fix_id: str) -> Applied:
        """Take every change of a fix back, newest first, where nobody has changed it since."""
        fix = self.fix(fix_id)
        with self._alone(fix) as alone:
            if not alone:
                return Applied("busy", fix)
            if fix.status != "undoing":
                return Applied("undone" if fix.status == "undone" else "unverified", fix)
            return self._run(fix, fixing.undo, "undone")

    def watch(self, fix: Fix) -> Watched:
        """Return what the service has done since *fix* was applied. Raises CannotTell."""
        door = self.doors.visit().read(fix.subject.account, fix.subject.region)
        return since(fix, self.after(fix).task_definition, door)

    def after(self, fix: Fix) -> Subject:
        """Return the subject as it is after *fix*."""
        return repaired(fix.subject, fix.plan, fix.outcome.get("answers", ()))

    def accounts_of(self, fix: Fix) -> list[Account | None]:
        """Return every account that *fix* changes: each has a say in it."""
        ids = dict.fromkeys((fix.subject.account, *(s.account for s in fix.plan.steps)))
        return [self.accounts.find(i) for i in ids]

    def _fixable(self, cause_id: str, subject: Subject) -> Cause:
        cause = BY_ID.get(cause_id)
        if cause is None or cause.plan is None:
            raise Impossible("no_fix", because="plan")
        self._repairable(cause_id, subject, None)
        return cause

    def _repairable(self, cause_id: str, subject: Subject, plan: Plan | None) -> None:
        """Raise where an account has no fix role, or does not list this fix."""
        ids = {subject.account, *(s.account for s in plan.steps)} if plan else {subject.account}
        for account in map(self.accounts.find, ids):
            if account is None or not account.fix_role:
                raise Impossible("no_fix", because="role")
            if not account.may_fix(cause_id):
                raise Impossible("no_fix", because="listed")

    def _claim(self, decided: Fix) -> None:
        """Keep the one decision on a fix; raises where somebody else was first."""
        if not self.store.claim_fix(decided.id, "shown", fix_to_json(decided)):
            raise self._refusal("decided", self.fix(decided.id), None)

    def _refusal(self, reason: str, fix: Fix, account: Account | None) -> Impossible:
        return Impossible(
            reason,
            account=account.alias if account else fix.subject.account,
            approvers=account.approvers if account else (),
            status=fix.status,
            by=fix.decided_by,
            because="listed",
        )

    def _alone(self, fix: Fix) -> AbstractContextManager[bool]:
        """Hold every resource that *fix* changes: one fix of a resource at a time; no store, no fix."""
        return self.store.lock({f"fix:{s.resource}" for s in fix.plan.steps}, fixing.SECONDS)

    def _stale(self, fix: Fix, now: Plan | None) -> Applied:
        if now is None:
            gone = self.keep(replace(fix, status="stale"))
            return Applied("stale", gone)
        return Applied("stale", self.keep(with_plan(fix, now)), live="new")

    def _run(self, fix: Fix, how: Callable[..., fixing.Outcome], event: str) -> Applied:
        journal = self.store.journal_of(fix.id)
        approver = (fix.undone_by if event == "undone" else fix.decided_by) or ""

        door = Opening(self.doors, fix.plan, approver, fix.id)
        try:
            outcome = how(fix.plan, door, journal)
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
        for account in self.accounts_of(fix):
            self.store.forget_reports(account.id if account else fix.subject.account)
        kept = {**fix.outcome, "answers": outcome.answers, "calls": outcome.calls}
        self._audit(event, fix, approver, calls=outcome.calls)
        fix = self.keep(replace(fix, status=event, outcome=kept))
        return Applied("undone", fix) if event == "undone" else self._verify(fix)

    def _verify(self, fix: Fix) -> Applied:
        """Decide the cause again by the same rule, on the account as it is now."""
        try:
            verdict = self.look(self.after(fix), EMPTY, settled=True).verdict(BY_ID[fix.cause])
        except (Impossible, CannotTell):
            return Applied("unknown", fix)
        if isinstance(verdict, RuledOut):
            self._audit("verified", fix, fix.decided_by or "")
            return Applied("verified", self.keep(replace(fix, status="verified")))
        return Applied("unverified" if isinstance(verdict, Confirmed) else "unknown", fix)

    def _audit(self, event: str, fix: Fix, who: str, **more: Any) -> None:
        self.store.audit(
            {
                "event": event, "fix": fix.id, "cause": fix.cause, "who": who, "hash": fix.hash,
                "account": fix.subject.account, "channel": fix.channel,
                "where": "/".join(filter(None, (fix.subject.cluster, fix.subject.service))), **more,
            }
        )  # fmt: skip


def _reason(said: str) -> str:
    """Return what a person typed as it is kept: on one line, without secrets, not endless."""
    return redact(" ".join(said.split()))[:REASON]


def _made(journal: fixing.Journal, event: str) -> list[Any]:
    """Return the calls that were made before a fix, or its undo, came to a stop."""
    phase = "undo-after" if event == "undone" else "after"
    return [e["call"] for e in journal.entries() if e["phase"] == phase and e.get("call")]
