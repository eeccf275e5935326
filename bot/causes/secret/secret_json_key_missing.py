"""A secret has no such JSON key as the task asks for, or is not JSON; ECS recorded it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

from __future__ import annotations

import re

from bot.facts import Recorded, StoppedTask, TaskDefinition, WantedSecret, WantedSecrets
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.remedies import registered
from bot.secret.rights import recorded_words, seen, speaks_of

# Nobody reads the value, so only what ECS recorded can confirm.
NO_KEY = re.compile(r"did not contain json key (?P<key>\S+)", re.IGNORECASE)
NOT_JSON = re.compile(
    r"invalid character .{1,40}looking for|unexpected end of JSON|cannot unmarshal"
)


def decide(asked: WantedSecrets, said: Recorded | Unknown, task: StoppedTask | Unknown) -> Verdict:
    wanted = [w for w in asked.of("secretsmanager") if w.json_key]
    if not wanted:
        return RuledOut()
    if isinstance(said, Unknown):
        return Undecided((said,))
    if said.symptom.family != "secret-malformed":
        return RuledOut({"checked": [w.written for w in wanted]})
    words = recorded_words(said, task)
    if key := NO_KEY.search(words):
        return _named(wanted, key["key"].strip(".,;:\"'`"))
    about = [w for w in wanted if speaks_of(said, w.arn)]
    if not NOT_JSON.search(words) or not about:
        return RuledOut()
    others = [w.written for w in about[1:]]
    return Confirmed(seen(about[0], kind="not-json", key=about[0].json_key, others=others))


def _named(wanted: list[WantedSecret], key: str) -> Verdict:
    """Return the verdict on what asks for *key*; the revision may have changed since the record."""
    about = [w for w in wanted if w.json_key == key]
    if not about:
        return RuledOut({"key": key})
    others = [w.written for w in about[1:]]
    return Confirmed(seen(about[0], kind="no-key", key=key, others=others))


def advise(definition: TaskDefinition, asked: WantedSecrets) -> tuple[Call, ...]:
    """Register the revision with a key that the secret has; only who may read it knows which."""
    named = next((w for w in asked.of("secretsmanager") if w.json_key), None)
    if named is None:
        return ()
    return registered(definition.family, f"{named.variable} from {named.arn}:(json key)::")


CAUSE = Cause(
    id="secret-json-key-missing",
    group="secret",
    stage="S2",
    families=("secret-malformed",),
    decide=decide,
    advise=advise,
)
