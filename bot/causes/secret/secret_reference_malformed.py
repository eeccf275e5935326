"""The task definition writes a secret or parameter in a form that ECS or Secrets Manager misreads.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

from __future__ import annotations

from bot.facts import (
    DescribedSecrets,
    Service,
    TaskDefinition,
    WantedSecret,
    WantedSecrets,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.remedies import registered
from bot.secret.references import has_version, rewritten
from bot.secret.remedies import with_references
from bot.secret.rights import described, seen, summed_up

# *arn*: the secret, json-key, version-stage, version-id
FORM = "valueFrom as secret arn:json key:version stage:version id, all colons kept"


def decide(asked: WantedSecrets, secrets: DescribedSecrets | Unknown) -> Verdict:
    return summed_up((w, _one(w, secrets)) for w in asked.items)


def _one(wanted: WantedSecret, secrets: DescribedSecrets | Unknown) -> Verdict:
    proof = seen(wanted, repaired=wanted.repaired, stage=wanted.stage)
    if wanted.fault:
        return Confirmed({**proof, "kind": wanted.fault})
    if wanted.store != "secretsmanager":
        return RuledOut()
    found = described(secrets, wanted)
    if wanted.stage and wanted.version:
        if isinstance(found, Unknown):
            return Undecided((found,))
        fits = found.exists and has_version(wanted, found)
        return RuledOut() if fits else Confirmed({**proof, "kind": "both"})
    if isinstance(found, Unknown) or not found.whole:  # nothing hangs on what stays unknown here
        return RuledOut()
    return Confirmed({**proof, "kind": "whole", "repaired": rewritten(wanted, found.whole)})


def plan(
    service: Service,
    definition: TaskDefinition,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
) -> Plan | None:
    """Write each reference in the one form that it can have been meant in."""
    verdicts = {w: _one(w, secrets) for w in asked.items}
    proofs = {w: v.proof for w, v in verdicts.items() if isinstance(v, Confirmed)}
    named = {w: str(p["repaired"]) for w, p in proofs.items() if p["repaired"]}
    return with_references(service, definition, named) if named else None


def advise(definition: TaskDefinition) -> tuple[Call, ...]:
    """Register the revision with the reference in its right form."""
    return registered(definition.family, FORM)


CAUSE = Cause(
    id="secret-reference-malformed",
    group="secret",
    stage="S2",
    families=("secret-malformed", "secret-access-denied", "secret-not-found"),
    decide=decide,
    plan=plan,
    advise=advise,
)
