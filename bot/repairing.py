"""The conversation about a fix: shown, decided, applied, verified, watched, taken back.

Each method is one job. A job may run twice, or end with its worker: everything that must
happen once is guarded in the service, and what is told here is told again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversation import Conversation, Speaker
from bot.facts import Subject
from bot.fix import Fix
from bot.model import CannotTell
from bot.question import Impossible
from bot.render import blocks, preview, thread, words
from bot.report import symptom_from_json
from bot.service import BY_ID, Applied, Service

Later = Callable[[str, int, float], None]  # fix id, attempt, delay in seconds

PATIENCE = timedelta(minutes=15)  # how long a service is watched
SETTLING = timedelta(seconds=20)  # IAM needs a moment to spread a change
FIRST_LOOK, SLOWEST_LOOK = 2.0, 20.0  # seconds between looks, growing


class Repairing:
    """The jobs that repair."""

    def __init__(
        self, service: Service, say: Speaker, talk: Conversation, watch_later: Later
    ) -> None:
        self.service = service
        self.say = say
        self.talk = talk
        self.watch_later = watch_later

    def show(self, channel: str, message: str, cause: str, user: str) -> None:
        """Show the exact change that would repair *cause*, with its risk and its way back."""
        kept = self.service.store.thread(channel, message)
        language = kept["language"] if kept else self.talk.language(user, channel)
        try:
            subject = _subject_of(kept)
            self._visible(subject.account, channel)
            fix = self.service.propose(
                subject, symptom_from_json((kept or {})["symptom"]), cause,
                asked_by=user, channel=channel, thread=(kept or {})["thread"],
                report=message, language=language,
            )  # fmt: skip
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, language, kept["thread"] if kept else None)
            return
        posted = self.say.post(channel, self._proposal(fix), fix.thread)
        self.service.keep(replace(fix, message=posted))

    def choose(self, fix_id: str, choice: str, user: str, channel: str) -> None:
        """Show the change in another variant."""
        try:
            fix = self.service.choose(fix_id, choice)
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return
        self._update(fix, self._proposal(fix))

    def approve(self, fix_id: str, shown: str, user: str, channel: str) -> bool:
        """Take an approval; True when the fix is to be applied now."""
        try:
            fix = self.service.fix(fix_id)
            self._visible(fix.subject.account, channel)
            if fix.status in ("approved", "applying") and fix.decided_by == user:
                return True  # this very approval, whose job was interrupted
            account = self.service.accounts.find(fix.subject.account)
            groups = self.say.groups(user, account.approvers if account else ())
            fix = self.service.approve(fix_id, user=user, groups=groups, shown=shown)
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return False
        self._progress(fix, "fix_applying")
        return True

    def apply(self, fix_id: str) -> None:
        """Apply an approved fix and tell what came of it."""
        applied = self.service.apply(fix_id)
        fix = applied.fix
        if applied.state == "stale":
            self._stale(applied)
            return
        if applied.state in ("stopped", "refused", "busy"):
            self._failed(applied)
            return
        fix = self.service.keep(self._stamped(fix))
        self._tell(fix, applied, self._watching(fix))
        if fix.subject.service:
            self.watch_later(fix.id, 0, FIRST_LOOK)

    def dismiss(self, fix_id: str, user: str, channel: str) -> None:
        """Put a fix away."""
        try:
            fix = self.service.dismiss(fix_id, user)
        except Impossible as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return
        self._progress(fix)

    def request_undo(self, fix_id: str, user: str, channel: str) -> bool:
        """Take a request to undo; True when it is to be done now."""
        try:
            fix = self.service.fix(fix_id)
            self._visible(fix.subject.account, channel)
            if fix.status == "undoing" and fix.undone_by == user:
                return True
            account = self.service.accounts.find(fix.subject.account)
            groups = self.say.groups(user, account.approvers if account else ())
            fix = self.service.request_undo(fix_id, user=user, groups=groups)
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return False
        self._progress(fix, "fix_undoing")
        return True

    def undo(self, fix_id: str) -> None:
        """Take a fix back and tell what came of it."""
        applied = self.service.undo(fix_id)
        fix, language = applied.fix, applied.fix.language
        if applied.state == "undone":
            who, when = blocks.user(fix.undone_by or ""), blocks.date(self.service.clock())
            self._progress(
                fix,
                line=":leftwards_arrow_with_hook: "
                + words.message("fix_undone", language, user=who, date=when),
            )
        elif applied.state == "stopped":
            self._failed(applied, "fix_undo_stopped")
        else:
            self._failed(applied)

    def watch(self, fix_id: str, attempt: int) -> None:
        """Look at the service once more: a task runs, the next error came, or wait on."""
        fix = self.service.fix(fix_id)
        if fix.status not in ("applied", "verified"):
            return  # taken back meanwhile
        applied_at = datetime.fromisoformat(fix.outcome["applied_at"])
        waited = self.service.clock() - applied_at
        try:
            seen = self.service.watch(fix)
        except CannotTell:
            seen = None
        if seen and seen.state == "running":
            said = words.message(
                "watch_success", fix.language, task=seen.task, service=fix.subject.service
            )
            self._told(fix, f":tada: {said}")
        elif seen and seen.state == "failed" and waited > SETTLING:
            self._told(
                fix,
                ":x: " + words.message("watch_failed", fix.language, service=fix.subject.service),
            )
            subject = self.service.after(fix)
            self.talk.diagnosed(
                fix.channel, fix.thread, subject, seen.text, fix.language, fix.asked_by
            )
        elif waited > PATIENCE:
            minutes = int(PATIENCE.total_seconds() // 60)
            said = words.message(
                "watch_timeout", fix.language, service=fix.subject.service, minutes=minutes
            )
            more = words.message("watch_timeout_next", fix.language)
            self._told(fix, f":hourglass: {said}. {more}")
        else:
            self.watch_later(fix.id, attempt + 1, min(FIRST_LOOK * 1.5**attempt, SLOWEST_LOOK))

    # --- inside --------------------------------------------------------------------------

    def _visible(self, account_id: str, channel: str) -> None:
        account = self.service.accounts.find(account_id)
        if account is None or not account.visible_in(channel):
            raise Impossible("not_visible")

    def _proposal(self, fix: Fix) -> blocks.Message:
        account = self.service.accounts.find(fix.subject.account)
        if account is None:
            raise Impossible("no_fix", because="role")
        return preview.proposed(fix, BY_ID[fix.cause], account, fix.language)

    def _stamped(self, fix: Fix) -> Fix:
        at = fix.outcome.get("applied_at") or self.service.clock().isoformat()
        return replace(fix, outcome={**fix.outcome, "applied_at": at})

    def _watching(self, fix: Fix) -> str:
        if not fix.subject.service:
            return ""
        return ":hourglass_flowing_sand: " + words.message("watching", fix.language)

    def _tell(self, fix: Fix, applied: Applied, last: str) -> None:
        steps = len(fix.plan.steps)
        verified = {"verified": "fix_verified", "unverified": "fix_unverified"}
        icon = ":white_check_mark:" if applied.state == "verified" else ":warning:"
        lines = [
            preview.decided(fix, fix.language),
            ":white_check_mark: " + words.message("fix_applied", fix.language, steps=steps),
            f"{icon} "
            + words.message(
                verified.get(applied.state, "fix_unknown"), fix.language, cause=fix.cause
            ),
        ]
        self.service.keep(replace(fix, outcome={**fix.outcome, "lines": lines}))
        self._update(
            fix,
            preview.settled(
                fix, BY_ID[fix.cause], fix.language, [*lines, last], undo=_undoable(fix)
            ),
        )

    def _told(self, fix: Fix, last: str) -> None:
        lines = [*fix.outcome.get("lines", ()), last]
        self._update(
            fix, preview.settled(fix, BY_ID[fix.cause], fix.language, lines, undo=_undoable(fix))
        )

    def _progress(self, fix: Fix, block: str | None = None, *, line: str = "") -> None:
        said = words.message(block, fix.language) if block else line
        icon = ":hourglass_flowing_sand: " if block else ""
        lines = [
            *(fix.outcome.get("lines") or [preview.decided(fix, fix.language)]),
            icon + said if said else "",
        ]
        self._update(fix, preview.progress(fix, BY_ID[fix.cause], fix.language, lines))

    def _stale(self, applied: Applied) -> None:
        fix = applied.fix
        if applied.live == "new":
            message = self._proposal(fix)
            note = words.message("fix_stale", fix.language)
            message["blocks"].insert(0, blocks.section(f":warning: {note}"))
            self._update(fix, message | {"text": note})
        else:
            note = words.message("fix_stale_gone", fix.language)
            self._progress(fix, line=f":warning: {note}")

    def _failed(self, applied: Applied, block: str | None = None) -> None:
        fix = applied.fix
        names = {"stopped": "fix_stopped", "refused": "fix_refused", "busy": "fix_busy"}
        step = min(applied.step, len(fix.plan.steps) - 1)
        text = words.message(
            block or names[applied.state], fix.language, step=step + 1, steps=len(fix.plan.steps),
            resource=fix.plan.steps[step].resource, code=applied.code, done=applied.step,
        )  # fmt: skip
        lines = [preview.decided(fix, fix.language), f":warning: {text}"]
        undo = applied.state == "refused" and applied.step > 0
        message = preview.settled(fix, BY_ID[fix.cause], fix.language, lines, undo=undo)
        if applied.live is not None:
            message["blocks"] += preview.live(applied.live, fix.language)
        self._update(fix, message)

    def _update(self, fix: Fix, message: blocks.Message) -> None:
        if fix.message is None:
            self.say.post(fix.channel, message, fix.thread)
        else:
            self.say.update(fix.channel, fix.message, message)

    def _refuse(
        self,
        channel: str,
        user: str,
        reason: Impossible | CannotTell,
        language: str,
        under: str | None,
    ) -> None:
        if isinstance(reason, CannotTell):
            said = thread.problem("aws_away", language, {"because": reason.because})
        else:
            said = thread.problem(reason.name, language, self._worded(reason.context, language))
        self.say.whisper(channel, user, said, under)

    def _worded(self, context: dict[str, Any], language: str) -> dict[str, Any]:
        """Return the values of a refusal as people read them: mentions, and words for states."""
        found = dict(context)
        if "approvers" in found:
            found["approvers"] = blocks.users(found["approvers"])
        if found.get("status"):
            found["status"] = words.message(f"status_{found['status']}", language)
        if found.get("by"):
            found["by"] = blocks.user(found["by"])
        if found.get("because") in ("role", "listed", "plan", "gone", "unread"):
            found["because"] = words.message(f"no_fix_{found['because']}", language)
        return found


def _undoable(fix: Fix) -> bool:
    return any(step.undo for step in fix.plan.steps)


def _subject_of(kept: dict[str, Any] | None) -> Subject:
    if kept is None or not kept["subject"]:
        raise Impossible("forgotten")
    return Subject(**kept["subject"])
