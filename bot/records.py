"""The records of fixes: kept, ended where nothing has come of a decision, and audited."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from bot.aws.accounts import Doors
from bot.config import Account, Accounts
from bot.fix import LIFETIME, Fix, fix_from_json, fix_to_json
from bot.model import CannotTell
from bot.question import Impossible
from bot.store import Store

Ended = Literal["busy", "expired", "unentered"]  # why nothing came of a decision


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of applying a fix.

    *state*: verified, mending (AWS is at it, only time is left), unverified (the cause is still
    there), unknown (could not be read again), stale, stopped, refused, undone; entered (the rest is to
    come); not begun: busy (somebody else is at it), expired (the decision is too old), unread (see
    *why*), unentered (the login that it waits for was lost); idle: there was nothing to do. *fix* is
    the record as it is now.
    """

    state: Literal[
        "verified", "mending", "unverified", "unknown", "stale", "stopped", "refused", "undone",
        "busy", "expired", "unread", "idle", "entered", "unentered",
    ]  # fmt: skip
    fix: Fix
    step: int = 0
    live: Any = None
    code: str = ""
    why: Impossible | CannotTell | None = None


class Records:
    """What is known of fixes. Safe to share between threads."""

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

    def accounts_of(self, fix: Fix) -> list[Account | None]:
        """Return every account that *fix* changes: each has a say in it."""
        ids = dict.fromkeys((fix.subject.account, *(s.account for s in fix.plan.steps)))
        return [self.accounts.find(i) for i in ids]

    def lapse(self, fix_id: str, state: Ended) -> Applied:
        """End an approval that nothing has come of, so that nothing comes of it later."""
        fix = self.fix(fix_id)
        ended = replace(fix, status="expired")
        if not self.store.claim_fix(fix.id, "approved", fix_to_json(ended)):
            return Applied("idle", self.fix(fix_id))
        self._audit("expired", ended, fix.decided_by or "", reason=state)
        return Applied(state, ended)

    def give_back(self, fix_id: str, state: Ended) -> Applied:
        """End a request to undo that nothing has come of: the fix stands as before."""
        fix = self.fix(fix_id)
        stands = replace(fix, status=fix.outcome.get("stood") or "applied")
        if not self.store.claim_fix(fix.id, "undoing", fix_to_json(stands)):
            return Applied("idle", self.fix(fix_id))
        self._audit("undo-expired", stands, fix.undone_by or "", reason=state)
        return Applied(state, stands)

    def broken(self, fix_id: str) -> Fix | None:
        """End a fix whose job broke for good; None where it was through with its changes."""
        fix = self.fix(fix_id)
        if fix.status not in ("approved", "applying", "undoing"):
            return None
        ended = replace(fix, status="failed")
        if not self.store.claim_fix(fix.id, fix.status, fix_to_json(ended)):
            return None
        self._audit("broke", ended, fix.decided_by or "")
        return ended

    def standing(self, fix: Fix) -> bool:
        """Tell whether anything of *fix* is done that can be taken back."""
        done, back = (
            {e["step"] for e in self._journal(fix) if e["phase"] == phase}
            for phase in ("after", "undo-after")
        )
        return any(fix.plan.steps[n].undo for n in done - back)

    def overdue(self, fix: Fix) -> bool:
        """Tell whether *fix* was approved too long ago to be begun now."""
        return self._late(fix.decided_at)

    def _late(self, since: datetime | str | None) -> bool:
        """Tell whether what was decided then is too old to be begun now."""
        then = datetime.fromisoformat(since) if isinstance(since, str) else since
        return then is None or self.clock() >= then + LIFETIME

    def _journal(self, fix: Fix) -> list[dict[str, Any]]:
        return self.store.journal_of(fix.id).entries()

    def _audit(self, event: str, fix: Fix, who: str, **more: Any) -> None:
        self.store.audit(
            {
                "event": event, "fix": fix.id, "cause": fix.cause, "who": who, "hash": fix.hash,
                "account": fix.subject.account, "channel": fix.channel,
                "where": "/".join(filter(None, (fix.subject.cluster, fix.subject.service))), **more,
            }
        )  # fmt: skip
