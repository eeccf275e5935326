"""What follows a decision: the fix is applied, verified, watched, taken back, and told to the audit channel."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.awscli import command
from bot.config import ChannelDefault
from bot.conversation import NotInChannel
from bot.fix import Fix
from bot.model import Call, CannotTell
from bot.question import Impossible
from bot.records import Ended
from bot.render import blocks, outcomes, words
from bot.service import Applied, Watched
from bot.telling import NOT_DONE, NOT_UNDONE, Telling

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=15)  # how long a service is watched
SETTLING = timedelta(seconds=20)  # IAM needs a moment to spread a change
FIRST_LOOK, SLOWEST_LOOK = 2.0, 20.0  # seconds between looks, growing
MENDING = timedelta(hours=1)  # how long AWS may be at it; an archived image takes up to 20 minutes
ICONS = {
    "verified": ":white_check_mark:",
    "mending": ":hourglass_flowing_sand:",
    "unverified": ":warning:",
}


class Following(Telling):
    """The jobs that carry a decision out. Each may run twice."""

    def apply(self, fix_id: str, *, patient: bool) -> bool:
        """Apply an approved fix and tell what came of it; False where it must wait its turn.

        *patient*: somebody else's fix of the same resource, or a worker that died with this
        one, is waited for and not told.
        """
        applied = self.service.apply(fix_id)
        if applied.state == "busy":
            if not patient:
                self.ended(fix_id, undo=False)
            return not patient
        fix = applied.fix
        if self._over(applied):
            return True
        fix = self.service.keep(self._stamped(fix))
        self.announce(
            "verified" if fix.status == "verified" else "applied", fix.id, fix.decided_by or ""
        )
        self._tell(fix, applied)
        if fix.subject.service:
            self.watch_later(fix.id, 0, FIRST_LOOK)
        return True

    def _over(self, applied: Applied) -> bool:
        """Tell why a fix ended before it was carried out; False where it goes on."""
        if applied.state == "stale":
            self._stale(applied)
        elif applied.state in NOT_DONE:
            self._failed(applied)
        elif applied.state != "idle":  # else ended, and told, by somebody else
            return False
        return True

    def undo(self, fix_id: str, *, patient: bool) -> bool:
        """Take a fix back and tell what came of it; False where it must wait its turn."""
        applied = self.service.undo(fix_id)
        if applied.state == "busy":
            if not patient:
                self.ended(fix_id, undo=True)
            return not patient
        fix, language = applied.fix, applied.fix.language
        if applied.state == "undone":
            who, when = blocks.user(fix.undone_by or ""), blocks.date(self.service.clock())
            self.announce("undone", fix.id, fix.undone_by or "")
            self._progress(
                fix,
                "title_undone",
                line=":leftwards_arrow_with_hook: "
                + words.message("fix_undone", language, user=who, date=when)
                + outcomes.taken_back(fix, self._made(fix)),
            )
            self.talk.mark(fix.channel, fix.report, "")
        elif applied.state in NOT_UNDONE:
            self._failed(applied, undo=True)
        return True

    def ended(self, fix_id: str, *, undo: bool, state: Ended = "busy") -> None:
        """End a decision that cannot be carried out now, and tell so."""
        applied = (self.service.give_back if undo else self.service.lapse)(fix_id, state)
        if applied.state != "idle":
            self._failed(applied, undo=undo)

    def broke(self, fix_id: str, reference: str) -> None:
        """Tell that what was decided broke on our side, and offer to take back what was done."""
        if fix := self.service.broken(fix_id):
            self.announce("failed", fix.id, fix.decided_by or "")
            text = words.message("fix_broke", fix.language, reference=reference)
            lines = [*(fix.outcome.get("lines") or outcomes.history(fix)), f":warning: {text}"]
            self._settle(fix, "title_failed", lines)

    def watch(self, fix_id: str, attempt: int) -> None:
        """Look at the service once more: a task runs, the next error came, or wait on."""
        try:
            fix = self.service.fix(fix_id)
        except Impossible:
            return  # forgotten meanwhile
        if fix.status not in ("applied", "verified"):
            return  # taken back meanwhile
        if fix.outcome.get("mending"):
            self._mended(fix, attempt)
            return
        waited = self.service.clock() - datetime.fromisoformat(fix.outcome["applied_at"])
        try:
            seen = self.service.watch(fix)
        except CannotTell:
            seen = Watched("waiting")
        if seen.state == "running":
            self._told(fix, "title_running", ":tada:", "watch_success", task=seen.task)
        elif seen.state == "failed" and waited > SETTLING:
            self._told(fix, "title_failed_again", ":x:", "watch_failed")
            self.talk.diagnosed(
                fix.channel, fix.thread, self.service.after(fix), seen.text, fix.language,
                fix.asked_by,
            )  # fmt: skip
        elif seen.state == "stalled" and seen.gave_up:
            self._stalled(fix, seen)
        elif waited > PATIENCE:
            more = words.message("watch_timeout_next", fix.language)
            self._told(
                fix, "title_timeout", ":hourglass:", "watch_timeout", minutes=_minutes(), more=more
            )
        else:
            if seen.state == "stalled" and not fix.outcome.get("stalled"):
                self._stalled(fix, seen)
            self.watch_later(fix.id, attempt + 1, min(FIRST_LOOK * 1.5**attempt, SLOWEST_LOOK))

    def audit(self, event: str, fix_id: str, who: str) -> None:
        """Tell the audit channel in one line what was decided or done."""
        accounts = self.service.accounts
        channel = accounts.audit_channel
        if channel is None:
            return
        fix = self.service.fix(fix_id)
        language = words.language_of(accounts.channels.get(channel, ChannelDefault()).language)
        text = words.message(
            "audit_line", language, event=words.message(f"audit_{event}", language),
            who=blocks.user(who), cause=fix.cause, where=outcomes.where(fix), account=fix.subject.account,
            reference=fix.id,
        )  # fmt: skip
        if event == "declined" and fix.reason:
            text += " · " + words.message("audit_reason", language, reason=fix.reason)
        self._post_audit(channel, blocks.message(text, [blocks.section(text)]))

    def _made(self, fix: Fix) -> set[int]:
        """Return the numbers of the steps that were begun."""
        return {e["step"] for e in self.service.store.journal_of(fix.id).entries()}

    def _alarm(self, fix: Fix) -> None:
        """Tell the audit channel of a broken glass, before anything is changed."""
        accounts = self.service.accounts
        channel = accounts.audit_channel
        undo = fix.status == "undoing"
        broke = fix.outcome.get("undo_alone") if undo else fix.break_glass
        if not broke or channel is None:
            return
        language = words.language_of(accounts.channels.get(channel, ChannelDefault()).language)
        self._post_audit(channel, outcomes.alarm(fix, sorted(self._approvers(fix)), language))

    def _post_audit(self, channel: str, message: blocks.Message) -> None:
        try:
            self.say.post(channel, message)
        except NotInChannel:
            log.warning("not in the audit channel", extra={"channel": channel})

    def _stamped(self, fix: Fix) -> Fix:
        at = fix.outcome.get("applied_at") or self.service.clock().isoformat()
        return replace(fix, outcome={**fix.outcome, "applied_at": at})

    def _tell(self, fix: Fix, applied: Applied) -> None:
        """Tell that a fix was applied, whether it helped, and that the service is watched."""
        known = applied.state in ICONS
        state = applied.state if known else "unknown"
        icon = ICONS.get(state, ":warning:")
        steps = words.message("fix_applied", fix.language, steps=len(fix.plan.steps))
        proved = words.message(f"fix_{state}", fix.language, cause=fix.cause)
        lines = [*outcomes.history(fix), f":white_check_mark: {steps}", f"{icon} {proved}"]
        self.service.keep(replace(fix, outcome={**fix.outcome, "lines": lines}))
        if fix.subject.service and state != "mending":
            watching = words.message("watching", fix.language, minutes=_minutes())
            lines.append(f":hourglass_flowing_sand: {watching}")
        self._settle(fix, f"title_{state}", lines)

    def _mended(self, fix: Fix, attempt: int) -> None:
        """Look whether AWS is done with what it was asked for; from then on the service is watched."""
        began, now = datetime.fromisoformat(fix.outcome["applied_at"]), self.service.clock()
        applied = self.service.verify(fix)
        if applied.state in ("mending", "unknown") and now - began < MENDING:
            self.watch_later(fix.id, attempt + 1, SLOWEST_LOOK)
            return
        done = {**applied.fix.outcome, "applied_at": now.isoformat(), "mending": False}
        fix = self.service.keep(replace(applied.fix, outcome=done))
        if applied.state != "verified":
            self._told(fix, "title_unverified", ":warning:", "fix_unverified")
            return
        self.announce("verified", fix.id, fix.decided_by or "")
        more = words.message("watch_stalled_next", fix.language, command=self._again(fix))
        self._told(fix, "title_verified", ICONS["verified"], "fix_verified", more, cause=fix.cause)
        self.watch_later(fix.id, 0, FIRST_LOOK)

    def _again(self, fix: Fix) -> str:
        """Return the command that makes ECS try at once."""
        after = self.service.after(fix)
        again = {"cluster": after.cluster, "service": after.service, "forceNewDeployment": True}
        return command(Call("ecs", "update_service", again), after.region)

    def _stalled(self, fix: Fix, seen: Watched) -> None:
        """Tell that ECS holds the service back, why, and what to do: once for each fix."""
        ready = self._again(fix)
        kept = replace(fix, outcome={**fix.outcome, "stalled": seen.text})
        if seen.gave_up:
            more = words.message("watch_gave_up_next", fix.language, command=ready)
            self._told(kept, "title_gave_up", ":x:", "watch_gave_up", said=seen.text, more=more)
        else:
            more = words.message("watch_stalled_next", fix.language, command=ready)
            self._told(
                kept, "title_stalled", ":hourglass:", "watch_stalled", said=seen.text, more=more
            )

    def _told(
        self, fix: Fix, title: str, icon: str, block: str, more: str = "", **said: Any
    ) -> None:
        """Tell what the watched service did, and keep it with the fix."""
        text = words.message(block, fix.language, service=fix.subject.service, **said)
        last = f"{icon} {text}" + (f". {more}" if more else "")
        lines = [*(fix.outcome.get("lines") or outcomes.history(fix)), last]
        kept = self.service.keep(replace(fix, outcome={**fix.outcome, "lines": lines}))
        self._settle(kept, title, lines)


def _minutes() -> int:
    return int(PATIENCE.total_seconds() // 60)
