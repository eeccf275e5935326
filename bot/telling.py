"""How the state of a fix is told in its thread, and how a refusal is told to one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.conversation import Conversation, Speaker
from bot.fix import Fix
from bot.model import CannotTell
from bot.question import Impossible
from bot.render import blocks, outcomes, preview, thread, words
from bot.service import BY_ID, Applied, Service

Later = Callable[[str, int, float], None]  # fix id, attempt, delay in seconds
Announce = Callable[[str, str, str], None]  # what happened, fix id, who did it

# How a decision can end without all of it being done; only the first two have changed something.
NOT_DONE = {
    "stopped": "fix_stopped", "refused": "fix_refused", "busy": "fix_busy",
    "expired": "fix_expired", "unread": "fix_unread", "unentered": "fix_unentered",
}  # fmt: skip
NOT_UNDONE = {
    "stopped": "fix_undo_stopped", "refused": "fix_undo_refused", "busy": "fix_undo_busy",
    "expired": "fix_undo_expired",
}  # fmt: skip

# What the answer that a fix was asked for in says of it, once it is no longer true as it stands.
BECAME = {
    "title_verified": "became_verified", "title_running": "became_running",
    "title_failed_again": "became_applied", "title_timeout": "became_applied",
    "title_stalled": "became_applied", "title_gave_up": "became_applied",
}  # fmt: skip


class Telling:
    """The messages about one fix, each of which replaces the one before."""

    def __init__(
        self,
        service: Service,
        say: Speaker,
        talk: Conversation,
        watch_later: Later,
        announce: Announce,
    ) -> None:
        self.service = service
        self.say = say
        self.talk = talk
        self.watch_later = watch_later
        self.announce = announce

    def _approvers(self, fix: Fix) -> set[str]:
        accounts = self.service.accounts_of(fix)
        return {who for account in accounts if account for who in account.approvers}

    def _seen(self, fix_id: str, channel: str) -> Fix:
        """Return a fix, where all that it changes may be seen in *channel*."""
        fix = self.service.fix(fix_id)
        for account in self.service.accounts_of(fix):
            if account is None or not account.visible_in(channel):
                raise Impossible("not_visible")
        return fix

    def _proposal(self, fix: Fix) -> blocks.Message:
        accounts = [a for a in self.service.accounts_of(fix) if a]
        if not accounts:
            raise Impossible("no_fix", because="role")
        common = [w for w in accounts[0].approvers if all(w in a.approvers for a in accounts)]
        shown = replace(
            accounts[0],
            approvers=tuple(common or sorted(self._approvers(fix))),
            second_person=any(a.second_person for a in accounts),
            break_glass=all(a.break_glass for a in accounts if a.second_person),
        )
        return preview.proposed(fix, BY_ID[fix.cause], shown, fix.language)

    def _settle(self, fix: Fix, title: str, lines: list[str]) -> None:
        message = preview.settled(
            fix, BY_ID[fix.cause], fix.language, lines, undo=self.service.standing(fix)
        )
        self._update(fix, outcomes.titled(message, fix, title))
        if block := BECAME.get(title):
            became = words.message(block, fix.language, what=outcomes.what(fix))
            self.talk.mark(fix.channel, fix.report, became)

    def _progress(self, fix: Fix, title: str, *, block: str = "", line: str = "") -> None:
        if block:
            line = ":hourglass_flowing_sand: " + words.message(block, fix.language)
        lines = [*(fix.outcome.get("lines") or outcomes.history(fix)), line]
        message = preview.progress(fix, BY_ID[fix.cause], fix.language, lines)
        self._update(fix, outcomes.titled(message, fix, title))

    def _stale(self, applied: Applied) -> None:
        fix = applied.fix
        self.announce("stale", fix.id, fix.decided_by or "")
        if applied.live == "new":
            message = self._proposal(fix)
            note = words.message("fix_stale", fix.language)
            message["blocks"].insert(0, blocks.section(f":warning: {note}"))
            self._update(fix, message | {"text": note})
        else:
            note = words.message("fix_stale_gone", fix.language)
            self._progress(fix, "title_failed", line=f":warning: {note}")

    def _failed(self, applied: Applied, *, undo: bool = False) -> None:
        """Tell that a fix, or its *undo*, was not carried out to its end, and what can be done."""
        fix = applied.fix
        half = applied.state in ("stopped", "refused")
        event = "failed" if half else "lapsed"
        if undo:
            self.announce(f"undo_{event}", fix.id, fix.undone_by or "")
        else:
            self.announce(event, fix.id, fix.decided_by or "")
        step = min(applied.step, len(fix.plan.steps) - 1)
        title = "title_not_undone" if undo else "title_failed"
        text = words.message(
            (NOT_UNDONE if undo else NOT_DONE)[applied.state], fix.language, step=step + 1, steps=len(fix.plan.steps),
            resource=fix.plan.steps[step].resource, code=applied.code, done=applied.step,
        )  # fmt: skip
        if applied.why:
            text += ". " + self._reason(applied.why, fix.language)
        lines = [*(fix.outcome.get("lines") or outcomes.history(fix)), f":warning: {text}"]
        standing = self.service.standing(fix)
        message = preview.settled(fix, BY_ID[fix.cause], fix.language, lines, undo=standing)
        if applied.live is not None:
            message["blocks"] += preview.live(applied.live, fix.language)
        self._update(fix, outcomes.titled(message, fix, title))

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
        glass: str = "",
    ) -> None:
        text = self._reason(reason, language)
        said = blocks.message(text, [blocks.section(f":warning: {text}")])
        if glass:
            said["blocks"] += preview.breakable(glass, language)
        self.say.whisper(channel, user, said, under)

    def _reason(self, reason: Impossible | CannotTell, language: str) -> str:
        """Return in words why something could not be done."""
        if isinstance(reason, CannotTell):
            return thread.problem_text("aws_away", language, {"because": reason.because})
        context = self._worded(reason.context, language)
        return thread.problem_text(reason.name, language, context)

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
