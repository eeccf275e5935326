"""A proposed fix from the moment it is shown to the moment it is verified or taken back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.config import Account
from bot.facts import Subject
from bot.model import Plan, plain, plan_from_json, plan_to_json

JSON = Any
LIFETIME = timedelta(hours=1)
UNDO_LIFETIME = timedelta(days=1)
HASH_SHOWN = 16  # digits of the hash that a button carries


@dataclass(frozen=True, slots=True)
class Fix:
    """One plan shown to people. Buttons carry its *id* alone; all else is in the store.

    *hash* is that of *plan*: an approval is for this hash and no other. *proof* is the
    evidence that was shown with it. *outcome* collects what applying it gave. *reason* is why
    somebody declined it, or, with *break_glass*, approved it alone.
    """

    id: str
    cause: str
    subject: Subject
    plan: Plan
    asked_by: str
    asked_at: datetime
    channel: str
    thread: str
    report: str
    language: str = "en"
    status: str = "shown"
    message: str | None = None
    choice: str | None = None
    choices: tuple[str, ...] = ()
    proof: Mapping[str, JSON] = field(default_factory=dict)
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    break_glass: bool = False
    undone_by: str | None = None
    outcome: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        return self.plan.hash

    @property
    def expires_at(self) -> datetime:
        return self.asked_at + LIFETIME


def authorisation(
    fix: Fix,
    account: Account | None,
    *,
    user: str,
    groups: Collection[str],
    now: datetime,
    shown: str,
    because: str = "",
) -> str | None:
    """Return None when *user* may approve *fix* now, else the id of the reason why not.

    *groups* are the user groups that *user* is in; *shown* is the hash that the person saw.
    Nothing is applied unless this returns None: allowed approver, unused, unexpired, same plan.
    *because* stands in for the second person where the account allows that, and for nothing else.
    """
    if account is None or not account.may_fix(fix.cause):
        return "no_fix"
    reasons = {
        "no_approvers": not account.approvers,
        "not_approver": not {user, *groups} & set(account.approvers),
        "second_person": alone(fix, account, user)
        and not (account.break_glass and because.strip()),
        "decided": fix.status != "shown",
        "expired": now >= fix.expires_at,
        "changed": shown != fix.hash[: len(shown)] or len(shown) < HASH_SHOWN,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def alone(fix: Fix, account: Account | None, user: str) -> bool:
    """Tell whether *account* asks for a second person, and *user* is the first."""
    return account is not None and account.second_person and user == fix.asked_by


def may_decline(
    fix: Fix, account: Account | None, *, user: str, groups: Collection[str]
) -> str | None:
    """Return None when *user* may decline *fix* for *account*, else the id of the reason why not."""
    if account is None or not {user, *groups} & set(account.approvers):
        return "not_approver"
    return None if fix.status == "shown" else "decided"


def may_undo(
    fix: Fix, account: Account | None, *, user: str, groups: Collection[str], now: datetime,
    because: str = "",
) -> str | None:  # fmt: skip
    """Return None when *user* may take *fix* back now, else the id of the reason why not.

    Whoever asked for the fix is no second person for its undo; *because* is as for an approval.
    """
    if account is None or not account.may_fix(fix.cause):
        return "no_fix"
    if not {user, *groups} & set(account.approvers):
        return "not_approver"
    if alone(fix, account, user) and not (account.break_glass and because.strip()):
        return "second_person"
    if fix.status not in ("applied", "verified", "failed"):
        return "decided"
    if fix.decided_at is None or now >= fix.decided_at + UNDO_LIFETIME:
        return "expired"
    return None


def fix_to_json(fix: Fix) -> dict[str, JSON]:
    """Return *fix* as JSON; :func:`fix_from_json` is its inverse."""
    flat = {name: getattr(fix, name) for name in Fix.__dataclass_fields__}
    return {
        **flat,
        "subject": asdict(fix.subject),
        "plan": plan_to_json(fix.plan),
        "hash": fix.hash,
        "asked_at": fix.asked_at.isoformat(),
        "decided_at": fix.decided_at and fix.decided_at.isoformat(),
        "choices": list(fix.choices),
        "proof": plain(fix.proof),
        "outcome": plain(fix.outcome),
    }


def fix_from_json(data: Mapping[str, JSON]) -> Fix:
    """Return the fix that :func:`fix_to_json` was given."""
    known = {k: v for k, v in data.items() if k in Fix.__dataclass_fields__}
    return Fix(
        **{
            **known,
            "subject": Subject(**data["subject"]),
            "plan": plan_from_json(data["plan"]),
            "asked_at": datetime.fromisoformat(data["asked_at"]),
            "decided_at": data["decided_at"] and datetime.fromisoformat(data["decided_at"]),
            "choices": tuple(data["choices"]),
        }
    )


def with_plan(fix: Fix, plan: Plan, choice: str | None = None) -> Fix:
    """Return *fix* with another plan: whoever approved the old one has not approved this."""
    return replace(
        fix,
        plan=plan,
        choice=choice or fix.choice,
        status="shown",
        decided_by=None,
        decided_at=None,
        reason="",
        break_glass=False,
    )
