"""What people ask, and how it can be impossible to answer. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bot.facts import Subject
from bot.symptom import Symptom

ARN = re.compile(
    r"arn:aws[a-z-]*:ecs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):"
    r"(?P<kind>task-definition|task|service|cluster|container-instance)/(?P<rest>[\w:/.-]+)"
)
SLASHED = re.compile(r"(?P<cluster>[A-Za-z][\w-]{0,254})/(?P<service>[A-Za-z][\w-]{0,254})")


class Impossible(Exception):  # noqa: N818 - an answer to a person
    """What was asked cannot be done; *name* and *context* choose the sentence that says why."""

    def __init__(self, name: str, **context: Any) -> None:
        super().__init__(name)
        self.name = name
        self.context = context


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was asked. *account* may be an alias; *channel* is None on the command line."""

    text: str = ""
    account: str | None = None
    region: str | None = None
    cluster: str | None = None
    service: str | None = None
    task: str | None = None
    task_definition: str | None = None
    channel: str | None = None

    @property
    def names_something(self) -> bool:
        return bool(self.service or self.task or self.task_definition)


def from_words(text: str, channel: str | None) -> Question:
    """Return what a person means who types *text* after ``/ecs-pull``: an ARN, cluster/service, or an error."""
    said = text.strip().strip("`<>").strip()
    if (found := ARN.fullmatch(said)) is not None:
        return _of_arn(found, channel)
    if found := SLASHED.fullmatch(said):
        return Question(cluster=found["cluster"], service=found["service"], channel=channel)
    return Question(text=text, channel=channel)


def arns(text: str) -> list[Question]:
    """Return what the ARNs of *text* name, the most telling first."""
    order = ("task", "service", "task-definition", "cluster")
    found = [m for m in ARN.finditer(text[:65_536]) if m["kind"] in order]
    return [_of_arn(m, None) for m in sorted(found, key=lambda m: order.index(m["kind"]))]


def fingerprint(subject: Subject, symptom: Symptom, seen: Iterable[str] = ()) -> str:
    """Return one key for equal questions: the same subject with a text that says the same.

    *seen* are the accounts that whoever asks may see, because the answer may be of any of them.
    """
    said = {
        "subject": asdict(subject),
        "family": symptom.family,
        "stage": symptom.stage,
        "image": symptom.entities.image,
        "kind": symptom.kind,
        "seen": sorted(seen),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def same_failure(ours: Symptom, theirs: Symptom) -> bool:
    """Tell whether two texts speak of one failure: same family, and no entity that differs."""
    if not theirs.recognised or ours.family != theirs.family:
        return False
    names = ("image", "repository", "tag", "digest", "role_arn", "secret_arn", "endpoint_host")
    pairs = [(getattr(ours.entities, n), getattr(theirs.entities, n)) for n in names]
    told = [(_stem(a), _stem(b)) for a, b in pairs if a and b]
    return bool(told) and all(a == b for a, b in told)


def _stem(value: str) -> str:
    """Return an assumed role without its session, which differs from task to task."""
    return value.rpartition("/")[0] if ":assumed-role/" in value else value


def _of_arn(found: re.Match[str], channel: str | None) -> Question:
    account, region = found["account"], found["region"]
    arn, rest = found[0].rstrip("/.:"), found["rest"].strip("/.:")  # a sentence ends after an ARN
    first, _, second = rest.partition("/")
    match found["kind"]:
        case "task":
            cluster = first if second else None
            return Question(
                account=account, region=region, cluster=cluster, task=arn, channel=channel
            )
        case "service":
            return Question(
                account=account,
                region=region,
                cluster=first if second else "default",
                service=second or first,
                channel=channel,
            )
        case "task-definition":
            return Question(account=account, region=region, task_definition=arn, channel=channel)
        case "container-instance":
            cluster = first if second else None
            return Question(account=account, region=region, cluster=cluster, channel=channel)
    return Question(account=account, region=region, cluster=first, channel=channel)
