"""A secret that the task asks for does not exist under the ARN that is written.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

from __future__ import annotations

from bot.facts import (
    DescribedSecrets,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
    WantedSecret,
    WantedSecrets,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.secret.references import once, rewritten
from bot.secret.remedies import with_references
from bot.secret.rights import described, seen, summed_up, told

# Secrets Manager's own words, and those of newer agents.
GONE = ("can't find the specified secret.", "can't retrieve the secret with arn")


def decide(
    subject: Subject,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    said: Recorded | Unknown,
    task: StoppedTask | Unknown,
) -> Verdict:
    return summed_up(
        (w, _one(subject, w, secrets, said, task)) for w in once(asked.of("secretsmanager"))
    )


def _one(
    subject: Subject,
    wanted: WantedSecret,
    secrets: DescribedSecrets | Unknown,
    said: Recorded | Unknown,
    task: StoppedTask | Unknown,
) -> Verdict:
    found = described(secrets, wanted)
    proof = seen(wanted, foreign=wanted.account != subject.account)
    if isinstance(found, Unknown):
        if told(said, task, wanted.arn, *GONE):
            return Confirmed({**proof, "kind": "recorded"})
        return Undecided((found,))
    if found.exists or found.whole:
        return RuledOut()
    return Confirmed({**proof, "kind": "anew" if found.anew else "missing", "anew": found.anew})


def plan(
    service: Service, definition: TaskDefinition, asked: WantedSecrets, secrets: DescribedSecrets
) -> Plan | None:
    """Name the secret that bears the name now, wherever the one that is gone is written."""
    new = {w: secrets.of(w.arn) for w in asked.of("secretsmanager")}
    named = {
        w: rewritten(w, found.anew)
        for w, found in new.items()
        if not isinstance(found, Unknown) and found.anew and not found.whole
    }
    return with_references(service, definition, named) if named else None


def advise(asked: WantedSecrets) -> tuple[Call, ...]:
    """Look for the secret that was meant."""
    if not asked.of("secretsmanager"):
        return ()
    named = {"Filters": [{"Key": "name", "Values": ["<part of the name>"]}]}
    return (Call("secretsmanager", "list_secrets", named),)


CAUSE = Cause(
    id="secret-missing",
    group="secret",
    stage="S2",
    families=("secret-not-found", "secret-access-denied"),
    decide=decide,
    plan=plan,
    advise=advise,
)
