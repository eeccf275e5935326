"""Logs as one JSON object a line, redacted: no secret and no pasted text gets there."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from bot.redact import GONE, redact

OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
QUIET = ("slack_bolt", "slack_sdk", "botocore", "urllib3", "dramatiq", "werkzeug")


class Lines(logging.Formatter):
    """One JSON object a line: time, level, where, what, and what was passed as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": redact(record.getMessage()),
            **{k: _safe(k, str(v)) for k, v in vars(record).items() if k not in OWN},
        }
        if record.exc_info:
            said["stack"] = redact(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


def _safe(name: str, value: str) -> str:
    """Return *value* redacted, as a whole where *name* says that it is a secret."""
    return GONE if redact(f"{name}=value") != f"{name}=value" else redact(value)


def configure(level: int = logging.INFO) -> None:
    """Send all logs to standard error as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Bolt sets this logger's level itself, and warns of a token that we do not mean it to use.
    logging.getLogger("slack_bolt.App").addFilter(lambda r: "`client`" not in r.getMessage())
    logging.getLogger("botocore.credentials").setLevel(logging.ERROR)  # told to whoever asked
