"""What goes wrong on purpose: throttles, server errors, refusals, delays, calls that hang."""

from __future__ import annotations

import json
import random
import re
import threading
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from playground.estate.calls import Request

Answer = tuple[int, dict[str, str], bytes]
Mode = Literal["throttle", "500", "503", "denied", "latency", "hang"]

WORDS = {
    "throttle": ("ThrottlingException", 400, "Rate exceeded"),
    "500": ("InternalFailure", 500, "The request processing has failed."),
    "503": ("ServiceUnavailable", 503, "The service is not available."),
    "denied": ("AccessDeniedException", 400, "Access denied by a test"),
}


@dataclass(slots=True)
class Fault:
    """What to do to the next *count* calls whose action matches *action*.

    ``latency`` waits *delay* seconds and goes on; ``hang`` never answers, or after *delay*.
    """

    action: str
    mode: Mode
    count: int = 1
    delay: float = 0.0
    probability: float = 1.0
    principal: str = ""

    def strikes(self, action: str, principal: str) -> bool:
        """Tell whether this call is hit, and count it."""
        hit = (
            self.count > 0
            and re.search(self.action, action) is not None
            and re.search(self.principal, principal) is not None
            and random.random() <= self.probability
        )
        self.count -= hit
        return hit


def answer(fault: Fault, request: Request, stopped: threading.Event) -> Answer | None:
    """Return the error that *fault* makes; None lets the call pass."""
    stopped.wait(fault.delay or (600.0 if fault.mode == "hang" else 0.0))
    if fault.mode == "latency":
        return None
    code, status, message = WORDS.get(fault.mode, WORDS["503"])
    if fault.mode == "throttle" and request.protocol == "ec2":
        code, status = "RequestLimitExceeded", 503
    elif fault.mode == "throttle" and request.protocol == "query":
        code = "Throttling"
    elif fault.mode == "denied" and request.protocol != "json":
        code = "UnauthorizedOperation" if request.protocol == "ec2" else "AccessDenied"
        status = 403
    return error(request.protocol, status, code, message)


def error(protocol: str, status: int, code: str, message: str) -> Answer:
    """Return an error in the shape of the service's protocol."""
    if protocol == "json":
        body = json.dumps({"__type": code, "message": message, "Message": message})
        return status, {"Content-Type": "application/x-amz-json-1.1"}, body.encode()
    words = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        body = (
            f"<Response><Errors><Error>{words}</Error></Errors><RequestID>0</RequestID></Response>"
        )
    else:
        body = f"<ErrorResponse><Error><Type>Sender</Type>{words}</Error><RequestId>0</RequestId></ErrorResponse>"
    return status, {"Content-Type": "text/xml"}, body.encode()
