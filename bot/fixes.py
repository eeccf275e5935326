"""Everything that people decide about a fix: shown, chosen, approved, declined, dismissed, undone."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.applying import BY_ID, Applying
from bot.config import Account
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
from bot.model import Cause, Confirmed, Plan, RuledOut
from bot.question import Impossible
from bot.redact import redact
from bot.symptom import Symptom

REASON = 500  # characters of the reason of a decision


class Fixes(Applying):
    """The use cases of people and their decisions. Safe to share between threads."""

    def propose(self, subject: Subject, symptom: Symptom, cause_id: str, **who: Any) -> Fix:
        """Plan the fix of *cause_id* on fresh evidence and keep it; changes nothing in AWS.

        *who*: asked_by, channel, thread, report, language. Raises Impossible("no_fix").
        """
        self.seen_by(who["channel"], subject)
        cause = self._fixable(cause_id, subject)
        look = self.look(subject, symptom, channel=who["channel"])
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

    def choose(self, fix_id: str, choice: str, user: str = "") -> Fix:
        """Plan an undecided fix again with another variant, for *user* and all who look."""
        fix = self.fix(fix_id)
        if fix.status != "shown" or choice not in fix.choices:
            return fix
        plan = self.look(fix.subject, channel=fix.channel).plan(BY_ID[fix.cause], choice)
        if plan is None:
            return fix
        chosen = with_plan(fix, plan, choice)
        if not self.store.claim_fix(fix.id, "shown", fix_to_json(chosen)):
            return self.fix(fix_id)
        self._audit("shown", chosen, user)
        return chosen

    def approve(
        self, fix_id: str, *, user: str, groups: Collection[str], shown: str, because: str = ""
    ) -> Fix:
        """Take the one approval that a fix may get; raises Impossible with the reason why not.

        *because* breaks the glass: it stands in for the second person where that is allowed.
        """
        fix, now, said = self.fix(fix_id), self.clock(), _reason(because)
        accounts = self.accounts_of(fix)
        found = self.against(fix, user=user, groups=groups, shown=shown, because=said)
        if found:
            self._audit("not-approved", fix, user, reason=found.name)
            raise found
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

    def against(
        self, fix: Fix, *, user: str, groups: Collection[str], shown: str, because: str = ""
    ) -> Impossible | None:
        """Return what speaks against an approval of *fix* by *user* now, None where nothing does."""
        now = self.clock()
        for account in self.accounts_of(fix):
            reason = authorisation(
                fix, account, user=user, groups=groups, now=now, shown=shown, because=because
            )
            if reason:
                return self._refusal(reason, fix, account)
        return None

    def against_declining(
        self, fix: Fix, *, user: str, groups: Collection[str]
    ) -> Impossible | None:
        """Return what speaks against *user* deciding against *fix*; any account's approver may."""
        accounts = self.accounts_of(fix)
        reasons = [may_decline(fix, a, user=user, groups=groups) for a in accounts]
        if None in reasons:
            return None
        return self._refusal(reasons[0] or "decided", fix, accounts[0])

    def remember_shown(self, fix: Fix) -> None:
        """Remember which fix of its cause was shown for an answer."""
        kept = {"fix": fix.id, "question": {"text": ""}}
        self.store.put_thread(fix.channel, f"fix:{fix.report}:{fix.cause}", kept)

    def shown_before(self, channel: str, report: str, cause_id: str) -> Fix | None:
        """Return the fix that was shown last for this answer, None where there was none."""
        kept = self.store.thread(channel, f"fix:{report}:{cause_id}")
        data = self.store.fix(kept["fix"]) if kept else None
        return fix_from_json(data) if data else None

    def close_undecided(self, fix: Fix) -> Fix | None:
        """End a proposal that nobody can decide on any more; None where it can still be."""
        if fix.status != "shown" or self.clock() < fix.expires_at:
            return None
        ended = replace(fix, status="expired")
        if not self.store.claim_fix(fix.id, "shown", fix_to_json(ended)):
            return None
        self._audit("expired", ended, "", reason="undecided")
        return ended

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
        if found := self.against_declining(fix, user=user, groups=groups):
            raise found
        declined = replace(
            fix, status="declined", decided_by=user, decided_at=self.clock(), reason=said
        )
        self._claim(declined)
        self._audit("declined", declined, user, reason=said)
        return declined

    def request_undo(
        self, fix_id: str, *, user: str, groups: Collection[str], because: str = ""
    ) -> Fix:
        """Take the one request to undo an applied fix; raises Impossible with the reason why not.

        *because* breaks the glass, as for an approval.
        """
        fix, now, said = self.fix(fix_id), self.clock(), _reason(because)
        accounts = self.accounts_of(fix)
        for account in accounts:
            reason = may_undo(fix, account, user=user, groups=groups, now=now, because=said)
            if reason:
                self._audit("undo-not-approved", fix, user, reason=reason)
                raise self._refusal(reason, fix, account)
        broke = said if any(alone(fix, account, user) for account in accounts) else ""
        kept = {**fix.outcome, "stood": fix.status, "undo_at": now.isoformat(), "undo_alone": broke}
        undoing = replace(fix, status="undoing", undone_by=user, outcome=kept)
        if not self.store.claim_fix(fix.id, fix.status, fix_to_json(undoing)):
            raise self._refusal("decided", self.fix(fix_id), None)
        if broke:
            self._audit("undo-break-glass", undoing, user, reason=broke)
        self._audit("undo-approved", undoing, user)
        return undoing

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


def _reason(said: str) -> str:
    """Return what a person typed as it is kept: on one line, without secrets, not endless."""
    return redact(" ".join(said.split()))[:REASON]
