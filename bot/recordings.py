"""What ECS recorded says beyond its family: which limit, and where a layer was looked for. Pure.

https://docs.docker.com/docker-hub/usage/
"""

from __future__ import annotations

import re
from typing import Literal

from bot.facts import Recorded, StoppedTask
from bot.model import Unknown

LIMITS = {"dockerhub-rate-limit", "registry-rate-limit"}
# Docker Hub's pull limit explains itself and has a link; its limit on abuse has the number alone.
EXPLAINED = ("pull rate limit", "increase-rate-limit")
BODY = ("server message", "toomanyrequests: ")
BARE = ("toomanyrequests: too many requests",)
URL_HOST = re.compile(r"https?://([a-z0-9.-]+)")
AWS = (".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".on.amazonwebservices.com.cn")


def recorded_text(recorded: Recorded, task: StoppedTask | Unknown) -> str:
    """Return all that ECS recorded, in lower case; the symptom keeps only the beginning of it."""
    whole = () if isinstance(task, Unknown) else task.texts
    return " ".join((*recorded.symptom.errors, *whole)).lower()


def limit(recorded: Recorded, task: StoppedTask | Unknown) -> Literal["pulls", "abuse"] | None:
    """Return which limit was reached; a body that was cut off is that of the pull limit."""
    if recorded.symptom.family not in LIMITS:
        return None
    said = recorded_text(recorded, task)
    if any(words in said for words in EXPLAINED):
        return "pulls"
    explains = any(words in said for words in BODY) and not any(words in said for words in BARE)
    return "pulls" if explains else "abuse"


def far_layer(recorded: Recorded | Unknown, task: StoppedTask | Unknown) -> str | None:
    """Return the host outside of AWS that did not give a layer, None where ECS recorded none."""
    if isinstance(recorded, Unknown):
        return None
    said = recorded.symptom
    if said.family != "network-unreachable" or said.stage != "S5":
        return None
    hosts = URL_HOST.findall(recorded_text(recorded, task))
    return next((h for h in hosts if not h.endswith(AWS)), None)
