"""The container names credentials for its registry, and the registry does not take them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

import re

from bot.facts import ImageReference, Recorded, RegistrySecret, Service, StoppedTask
from bot.logins import FILE
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.recordings import recorded_text

REJECTED = "registry-credentials-invalid"
# A number counts as a word: a digest may hold it, too.
KINDS = {
    "wrong": re.compile(
        r"\b401\b|unauthorized|incorrect username|invalid username|bad credentials"
    ),
    "forbidden": re.compile(r"\b403\b|access forbidden|denied: denied"),
}
AMBIGUOUS = "the registry does not tell a private repository from a missing one"


def decide(
    image: ImageReference,
    secret: RegistrySecret,
    recorded: Recorded,
    task: StoppedTask | Unknown,
) -> Verdict:
    seen = {"image": image.written, "registry": image.host, "container": image.container}
    readable = secret.exists and secret.deleted_at is None
    if image.registry not in ("docker-hub", "other") or not secret.written or not readable:
        return RuledOut(seen)
    families = (recorded.symptom.family, *recorded.symptom.alternatives)
    if REJECTED not in families:
        return RuledOut(seen)
    said = recorded_text(recorded, task)
    kind = next((k for k, words in KINDS.items() if words.search(said)), None)
    if recorded.symptom.family != REJECTED or kind is None:
        return Undecided((Unknown("Recorded", AMBIGUOUS),))
    changed = secret.changed_at.date().isoformat() if secret.changed_at else None
    name = (secret.arn or secret.written).rpartition(":")[2]
    told = {"kind": kind, "secret": name, "changed": changed, "rotates": secret.rotates}
    return Confirmed({**seen, **told})


def advise(secret: RegistrySecret, service: Service | Unknown) -> tuple[Call, ...]:
    """Renew what is in the secret, and have ECS read it again."""
    put = {"SecretId": secret.arn or secret.written, "SecretString": FILE}
    calls = (Call("secretsmanager", "put_secret_value", put),)
    if isinstance(service, Unknown) or not service.exists:
        return calls
    named = {"cluster": service.cluster, "service": service.name, "forceNewDeployment": True}
    return (*calls, Call("ecs", "update_service", named))


CAUSE = Cause(
    id="registry-credentials-rejected",
    group="registry",
    stage="S4",
    families=("registry-credentials-invalid", "repository-not-found"),
    registries=("docker-hub", "other"),
    decide=decide,
    advise=advise,
)
