"""Where the picture of the path goes: below the words that found a network fault, or into a file."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from bot.catalogue import CAUSES
from bot.render import picture
from bot.report import Report, report_from_json
from bot.service import Service
from bot.speaking import Attachment, NotInChannel, Speaker

log = logging.getLogger(__name__)

UPLOADING = 30.0  # seconds after which another job may try, where one died


class Picturing:
    """One job: it may run twice, and posts each picture of an answer once."""

    def __init__(self, service: Service, say: Speaker) -> None:
        self.service = service
        self.say = say

    def show(self, channel: str, message: str) -> None:
        """Post the picture of the answer *message*, unless this very picture was posted for it."""
        store = self.service.store
        with store.lock(f"picture:{channel}:{message}", UPLOADING) as ours:
            kept = store.thread(channel, message) if ours else None
            report = report_from_json(kept["report"], CAUSES) if kept and kept["report"] else None
            if kept is None or report is None or not picture.wanted(report):
                return
            drawn = picture.picture(report, kept["language"])
            posted = store.thread(channel, f"picture:{message}")
            if drawn is None or posted == (mark := {"drawn": _mark(drawn.svg)}):
                return
            file = Attachment("path.png", drawn.png, drawn.title, drawn.alt)
            try:
                self.say.upload(channel, [file], drawn.comment, kept["thread"])
            except NotInChannel:
                log.warning("no picture", extra={"channel": channel})
                return
            store.put_thread(channel, f"picture:{message}", mark)


def write(report: Report, target: Path, language: str) -> bool:
    """Write the picture to *target*; False where nobody looked at the way."""
    drawn = picture.picture(report, language)
    if drawn is None:
        return False
    target.write_bytes(drawn.png if target.suffix.lower() == ".png" else drawn.svg.encode())
    return True


def _mark(svg: str) -> str:
    return hashlib.sha256(svg.encode("utf-8", "replace")).hexdigest()[:16]
