"""What a listener's process does of a decision itself: who may decide, and the login that was typed.

A login goes from the form to Secrets Manager in one process. No job carries it, so what dies with
that process is found by a job that was queued before: it goes on from what AWS has, or tells that
the login has to be typed again.
"""

from __future__ import annotations

import logging
import secrets

from bot.logins import Login
from bot.question import Impossible
from bot.render import blocks, thread
from bot.repairing import Repairing
from bot.store import StoreAway

log = logging.getLogger(__name__)

GRACE = 30.0  # seconds in which a login has reached AWS, or never will


class Entering(Repairing):
    """Decisions that a form is opened for, and the one step that waits for what is typed there."""

    def wants_login(self, fix_id: str, shown: str, user: str, channel: str) -> str | None:
        """Return the name of the secret that *user* is to type a login for.

        None where the fix takes none, or *user* may not approve it now: the approval says why.
        """
        name = self.login_of(fix_id, channel)
        if name is None:
            return None
        fix = self.service.fix(fix_id)
        groups = self.say.groups(user, self._approvers(fix))
        against = self.service.against(fix, user=user, groups=groups, shown=shown)
        return None if against else name

    def login_of(self, fix_id: str, channel: str) -> str | None:
        """Return the name of the secret that a fix seen in *channel* makes, None where it makes none."""
        try:
            step = self._seen(fix_id, channel).plan.asking
        except Impossible:
            return None
        return str(step.do.params["Name"]) if step else None

    def may_decline(self, fix_id: str, user: str, channel: str) -> bool:
        """Tell whether *user* may decline a fix; whoever may not is told so, and nobody else."""
        under = None
        try:
            fix = self._seen(fix_id, channel)
            under = fix.thread
            groups = self.say.groups(user, self._approvers(fix))
            against = self.service.against_declining(fix, user=user, groups=groups)
        except Impossible as reason:
            against = reason
        if against:
            self._refuse(channel, user, against, self.talk.language(user, channel), under)
        return against is None

    def enter(
        self, fix_id: str, shown: str, user: str, channel: str, login: Login, because: str = ""
    ) -> bool:
        """Take an approval and make its secret; True where the rest is to be done by a job.

        Nothing of an error is said or logged but its kind: its text may hold what was typed.
        """
        try:
            if not self.approve(fix_id, shown, user, channel, because):
                return False
            applied = self.service.enter(fix_id, login)
            if applied.state == "busy":
                self.ended(fix_id, undo=False)
                return False
            return not self._over(applied)
        except StoreAway:
            self._told_alone(channel, user, "store_away")
        except Exception as error:  # noqa: BLE001 - the boundary of this thread
            reference = secrets.token_hex(4)
            why = type(error).__name__
            log.error("login not entered", extra={"reference": reference, "why": why})  # noqa: TRY400
            self._told_alone(channel, user, "internal", reference=reference)
        return False

    def settle(self, fix_id: str, *, patient: bool) -> bool:
        """End, or go on with, a fix whose login was typed a while ago; False where it must wait."""
        try:
            status = self.service.fix(fix_id).status
        except Impossible:
            return True  # forgotten meanwhile
        if status == "approved":
            self.ended(fix_id, undo=False, state="unentered")
        elif status == "applying":
            return self.apply(fix_id, patient=patient)
        return True

    def _told_alone(self, channel: str, user: str, problem: str, **context: str) -> None:
        said: blocks.Message = thread.problem(problem, self.talk.language(user, channel), context)
        self.say.whisper(channel, user, said)
