"""The conversation about a fix: shown, decided, applied, verified, watched, taken back.

Each method is one job. A job may run twice, or end with its worker: everything that must
happen once is guarded in the service, and what is told here is told again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot import takehome
from bot.awscli import command
from bot.config import ChannelDefault
from bot.conversation import Conversation, NotInChannel, Speaker
from bot.facts import Subject
from bot.fix import Fix
from bot.model import Call, CannotTell
from bot.question import Impossible
from bot.render import blocks, outcomes, preview, thread, words
from bot.report import symptom_from_json
from bot.service import BY_ID, Applied, Service, Watched

log = logging.getLogger(__name__)

Later = Callable[[str, int, float], None]  # fix id, attempt, delay in seconds
Announce = Callable[[str, str, str], None]  # what happened, fix id, who did it

PATIENCE = timedelta(minutes=15)  # how long a service is watched
SETTLING = timedelta(seconds=20)  # IAM needs a moment to spread a change
FIRST_LOOK, SLOWEST_LOOK = 2.0, 20.0  # seconds between looks, growing
NOT_ALLOWED = ("not_approver", "second_person", "no_approvers")


class Repairing:
    """The jobs that repair."""

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
        self.announce("shown", fix.id, user)

    def choose(self, fix_id: str, choice: str, user: str, channel: str) -> None:
        """Show the change in another variant."""
        try:
            fix = self.service.choose(fix_id, choice)
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return
        self._update(fix, self._proposal(fix))

    def approve(self, fix_id: str, shown: str, user: str, channel: str, because: str = "") -> bool:
        """Take an approval; True when the fix is to be applied now.

        *because* is the reason of whoever breaks the glass.
        """
        under = None
        try:
            fix = self.service.fix(fix_id)
            under = fix.thread
            self._visible(fix.subject.account, channel)
            if fix.status in ("approved", "applying") and fix.decided_by == user:
                self._alarm(fix)
                return True  # this very approval, whose job was interrupted
            groups = self.say.groups(user, self._approvers(fix))
            fix = self.service.approve(
                fix_id, user=user, groups=groups, shown=shown, because=because
            )
        except (Impossible, CannotTell) as reason:
            glass = f"{fix_id}:{shown}" if self._breakable(fix_id, reason) else ""
            language = self.talk.language(user, channel)
            self._refuse(channel, user, reason, language, under, glass)
            if isinstance(reason, Impossible) and reason.name in NOT_ALLOWED:
                self.announce("refused", fix_id, user)
            return False
        self._alarm(fix)
        self.announce("approved", fix.id, user)
        self._progress(fix, "title_applying", block="fix_applying")
        return True

    def apply(self, fix_id: str, *, patient: bool) -> bool:
        """Apply an approved fix and tell what came of it; False where it must wait its turn.

        *patient*: somebody else's fix of the same resource, or a worker that died with this
        one, is waited for and not told.
        """
        applied = self.service.apply(fix_id)
        fix = applied.fix
        if applied.state == "busy" and patient:
            return False
        if applied.state == "stale":
            self._stale(applied)
            return True
        if applied.state in ("stopped", "refused", "busy"):
            self._failed(applied)
            return True
        fix = self.service.keep(self._stamped(fix))
        self.announce(
            "verified" if fix.status == "verified" else "applied", fix.id, fix.decided_by or ""
        )
        self._tell(fix, applied)
        if fix.subject.service:
            self.watch_later(fix.id, 0, FIRST_LOOK)
        return True

    def dismiss(self, fix_id: str, user: str, channel: str) -> None:
        """Put a fix away."""
        try:
            fix = self.service.dismiss(fix_id, user)
        except Impossible as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return
        self.announce("dismissed", fix.id, user)
        self._progress(fix, "title_dismissed")

    def decline(self, fix_id: str, because: str, user: str, channel: str) -> None:
        """Decide against a fix, with a reason where there is one."""
        under = None
        try:
            fix = self.service.fix(fix_id)
            under = fix.thread
            self._visible(fix.subject.account, channel)
            groups = self.say.groups(user, self._approvers(fix))
            fix = self.service.decline(fix_id, user=user, groups=groups, because=because)
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), under)
            return
        self.announce("declined", fix.id, user)
        self._progress(fix, "title_declined")

    def take_home(self, fix_id: str, user: str, channel: str) -> None:
        """Post the plan as files in the thread, for who changes the account only through code."""
        try:
            self._visible(self.service.fix(fix_id).subject.account, channel)
            fix = self.service.taken_home(fix_id, user)
        except Impossible as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return
        text = words.message("taken_home", fix.language, user=blocks.user(user))
        self.say.upload(fix.channel, takehome.files(fix.plan), text, fix.thread)
        self.announce("taken_home", fix.id, user)

    def request_undo(self, fix_id: str, user: str, channel: str) -> bool:
        """Take a request to undo; True when it is to be done now."""
        under = None
        try:
            fix = self.service.fix(fix_id)
            under = fix.thread
            self._visible(fix.subject.account, channel)
            if fix.status == "undoing" and fix.undone_by == user:
                return True
            groups = self.say.groups(user, self._approvers(fix))
            fix = self.service.request_undo(fix_id, user=user, groups=groups)
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), under)
            return False
        self._progress(fix, "title_undoing", block="fix_undoing")
        return True

    def undo(self, fix_id: str) -> None:
        """Take a fix back and tell what came of it."""
        applied = self.service.undo(fix_id)
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
        elif applied.state == "stopped":
            self._failed(applied, "title_not_undone", "fix_undo_stopped")
        else:
            self._failed(applied, "title_not_undone")

    def watch(self, fix_id: str, attempt: int) -> None:
        """Look at the service once more: a task runs, the next error came, or wait on."""
        try:
            fix = self.service.fix(fix_id)
        except Impossible:
            return  # forgotten meanwhile
        if fix.status not in ("applied", "verified"):
            return  # taken back meanwhile
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

    # --- inside --------------------------------------------------------------------------

    def _alarm(self, fix: Fix) -> None:
        """Tell the audit channel of a broken glass, before anything is changed."""
        accounts = self.service.accounts
        channel = accounts.audit_channel
        if not fix.break_glass or channel is None:
            return
        language = words.language_of(accounts.channels.get(channel, ChannelDefault()).language)
        self._post_audit(channel, outcomes.alarm(fix, sorted(self._approvers(fix)), language))

    def _post_audit(self, channel: str, message: blocks.Message) -> None:
        try:
            self.say.post(channel, message)
        except NotInChannel:
            log.warning("not in the audit channel", extra={"channel": channel})

    def _breakable(self, fix_id: str, reason: Impossible | CannotTell) -> bool:
        """Tell whether a reason would stand in for the second person who is missing."""
        if not isinstance(reason, Impossible) or reason.name != "second_person":
            return False
        found = [a for a in self.service.accounts_of(self.service.fix(fix_id)) if a]
        return all(a.break_glass for a in found if a.second_person)

    def _approvers(self, fix: Fix) -> set[str]:
        accounts = self.service.accounts_of(fix)
        return {who for account in accounts if account for who in account.approvers}

    def _visible(self, account_id: str, channel: str) -> None:
        account = self.service.accounts.find(account_id)
        if account is None or not account.visible_in(channel):
            raise Impossible("not_visible")

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

    def _stamped(self, fix: Fix) -> Fix:
        at = fix.outcome.get("applied_at") or self.service.clock().isoformat()
        return replace(fix, outcome={**fix.outcome, "applied_at": at})

    def _tell(self, fix: Fix, applied: Applied) -> None:
        """Tell that a fix was applied, whether it helped, and that the service is watched."""
        known = applied.state in ("verified", "unverified")
        state = applied.state if known else "unknown"
        icon = ":white_check_mark:" if state == "verified" else ":warning:"
        steps = words.message("fix_applied", fix.language, steps=len(fix.plan.steps))
        proved = words.message(f"fix_{state}", fix.language, cause=fix.cause)
        lines = [*outcomes.history(fix), f":white_check_mark: {steps}", f"{icon} {proved}"]
        self.service.keep(replace(fix, outcome={**fix.outcome, "lines": lines}))
        if fix.subject.service:
            watching = words.message("watching", fix.language, minutes=_minutes())
            lines.append(f":hourglass_flowing_sand: {watching}")
        self._settle(fix, f"title_{state}", lines)

    def _stalled(self, fix: Fix, seen: Watched) -> None:
        """Tell that ECS holds the service back, why, and what to do: once for each fix."""
        after = self.service.after(fix)
        again = {"cluster": after.cluster, "service": after.service, "forceNewDeployment": True}
        ready = command(Call("ecs", "update_service", again), after.region)
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

    def _settle(self, fix: Fix, title: str, lines: list[str]) -> None:
        message = preview.settled(fix, BY_ID[fix.cause], fix.language, lines, undo=_undoable(fix))
        self._update(fix, outcomes.titled(message, fix, title))

    def _progress(self, fix: Fix, title: str, *, block: str = "", line: str = "") -> None:
        if block:
            line = ":hourglass_flowing_sand: " + words.message(block, fix.language)
        lines = [*(fix.outcome.get("lines") or outcomes.history(fix)), line]
        message = preview.progress(fix, BY_ID[fix.cause], fix.language, lines)
        self._update(fix, outcomes.titled(message, fix, title))

    def _stale(self, applied: Applied) -> None:
        fix = applied.fix
        if applied.live == "new":
            message = self._proposal(fix)
            note = words.message("fix_stale", fix.language)
            message["blocks"].insert(0, blocks.section(f":warning: {note}"))
            self._update(fix, message | {"text": note})
        else:
            note = words.message("fix_stale_gone", fix.language)
            self._progress(fix, "title_failed", line=f":warning: {note}")

    def _failed(self, applied: Applied, title: str = "title_failed", block: str = "") -> None:
        fix = applied.fix
        if applied.state != "busy":
            self.announce("failed", fix.id, fix.decided_by or "")
        names = {"stopped": "fix_stopped", "refused": "fix_refused", "busy": "fix_busy"}
        step = min(applied.step, len(fix.plan.steps) - 1)
        text = words.message(
            block or names[applied.state], fix.language, step=step + 1, steps=len(fix.plan.steps),
            resource=fix.plan.steps[step].resource, code=applied.code, done=applied.step,
        )  # fmt: skip
        lines = [*(fix.outcome.get("lines") or outcomes.history(fix)), f":warning: {text}"]
        undo = applied.state == "refused" and applied.step > 0
        message = preview.settled(fix, BY_ID[fix.cause], fix.language, lines, undo=undo)
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
        if isinstance(reason, CannotTell):
            said = thread.problem("aws_away", language, {"because": reason.because})
        else:
            said = thread.problem(reason.name, language, self._worded(reason.context, language))
        if glass:
            said["blocks"] += preview.breakable(glass, language)
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


def _minutes() -> int:
    return int(PATIENCE.total_seconds() // 60)


def _undoable(fix: Fix) -> bool:
    return any(step.undo for step in fix.plan.steps)


def _subject_of(kept: dict[str, Any] | None) -> Subject:
    if kept is None or not kept["subject"]:
        raise Impossible("forgotten")
    return Subject(**kept["subject"])
