"""The conversation about a fix: shown, decided, applied, verified, watched, taken back.

Each method is one job. A job may run twice, or end with its worker: everything that must
happen once is guarded in the service, and what is told here is told again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import takehome
from bot.facts import Subject
from bot.fixing import SECONDS
from bot.following import Following
from bot.model import CannotTell
from bot.question import Impossible
from bot.render import blocks, words
from bot.render.reasons import UNDO
from bot.report import symptom_from_json
from bot.speaking import Attachment

NOT_ALLOWED = ("not_approver", "second_person", "no_approvers")


class Repairing(Following):
    """The jobs that repair: those that ask and decide are here."""

    def show(self, channel: str, message: str, cause: str, user: str) -> None:
        """Show the exact change that would repair *cause*, with its risk and its way back."""
        with self.service.store.lock(f"show:{channel}:{message}:{cause}", SECONDS) as alone:
            if alone:  # else another click shows it just now
                self._show(channel, message, cause, user)

    def _show(self, channel: str, message: str, cause: str, user: str) -> None:
        kept = self.service.store.thread(channel, message)
        language = kept["language"] if kept else self.talk.language(user, channel)
        try:
            subject = _subject_of(kept)
            self.service.seen_by(channel, subject)
            if self._open_already(channel, message, cause, user):
                return
            fix = self.service.propose(
                subject, symptom_from_json((kept or {})["symptom"]), cause,
                asked_by=user, channel=channel, thread=(kept or {})["thread"],
                report=message, language=language,
            )  # fmt: skip
        except (Impossible, CannotTell) as reason:
            self._refuse(channel, user, reason, language, kept["thread"] if kept else None)
            return
        posted = self.say.post(channel, self._proposal(fix), fix.thread)
        fix = self.service.keep(replace(fix, message=posted))
        self.service.remember_shown(fix)
        self.announce("shown", fix.id, user)

    def _open_already(self, channel: str, message: str, cause: str, user: str) -> bool:
        """Tell whether this fix is open in the thread, and say so: only one can be decided on."""
        before = self.service.shown_before(channel, message, cause)
        if before is None:
            return False
        if ended := self.service.close_undecided(before):
            text = words.message("fix_undecided", ended.language)
            self._progress(ended, "title_undecided", line=f":hourglass: {text}")
            return False
        if before.status not in ("shown", "approved", "applying", "undoing"):
            return False
        if before.status == "approved" and self.service.overdue(before):
            self.ended(before.id, undo=False, state="expired")
            return False
        self._refuse(channel, user, Impossible(
            "fix_open", status=before.status, by=before.asked_by, date=blocks.date(before.asked_at)
        ), before.language, before.thread)  # fmt: skip
        return True

    def choose(self, fix_id: str, choice: str, user: str, channel: str) -> None:
        """Show the change in another variant."""
        try:
            self._seen(fix_id, channel)
            fix = self.service.choose(fix_id, choice, user)
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
            fix = self._seen(fix_id, channel)
            under = fix.thread
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

    def dismiss(self, fix_id: str, user: str, channel: str) -> None:
        """Put a fix away."""
        try:
            self._seen(fix_id, channel)
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
            fix = self._seen(fix_id, channel)
            under = fix.thread
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
            self._seen(fix_id, channel)
            fix = self.service.taken_home(fix_id, user)
        except Impossible as reason:
            self._refuse(channel, user, reason, self.talk.language(user, channel), None)
            return
        text = words.message("taken_home", fix.language, user=blocks.user(user))
        files = [
            Attachment(name, inside.encode("utf-8", "replace"))
            for name, inside in takehome.files(fix.plan).items()
        ]
        self.say.upload(fix.channel, files, text, fix.thread)
        self.announce("taken_home", fix.id, user)

    def request_undo(self, fix_id: str, user: str, channel: str, because: str = "") -> bool:
        """Take a request to undo; True when it is to be done now.

        *because* is the reason of whoever breaks the glass.
        """
        under = None
        try:
            fix = self._seen(fix_id, channel)
            under = fix.thread
            if fix.status == "undoing" and fix.undone_by == user:
                self._alarm(fix)
                return True  # this very request, whose job was interrupted
            groups = self.say.groups(user, self._approvers(fix))
            fix = self.service.request_undo(fix_id, user=user, groups=groups, because=because)
        except (Impossible, CannotTell) as reason:
            glass = f"{fix_id}:{UNDO}" if self._breakable(fix_id, reason) else ""
            self._refuse(channel, user, reason, self.talk.language(user, channel), under, glass)
            if isinstance(reason, Impossible) and reason.name in NOT_ALLOWED:
                self.announce("undo_refused", fix_id, user)
            return False
        self._alarm(fix)
        self._progress(fix, "title_undoing", block="fix_undoing")
        return True

    def _breakable(self, fix_id: str, reason: Impossible | CannotTell) -> bool:
        """Tell whether a reason would stand in for the second person who is missing."""
        if not isinstance(reason, Impossible) or reason.name != "second_person":
            return False
        found = [a for a in self.service.accounts_of(self.service.fix(fix_id)) if a]
        return all(a.break_glass for a in found if a.second_person)


def _subject_of(kept: dict[str, Any] | None) -> Subject:
    if kept is None or not kept["subject"]:
        raise Impossible("forgotten")
    return Subject(**kept["subject"])
