"""A secret that the task asks for is scheduled for deletion, and cannot be read until it is restored.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_restore-secret.html
"""

from __future__ import annotations

from bot.facts import DescribedSecrets, Now, Service, WantedSecret, WantedSecrets
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.secret.references import once
from bot.secret.remedies import restored
from bot.secret.rights import seen, summed_up
from bot.steps import then_redeploy


def decide(asked: WantedSecrets, secrets: DescribedSecrets) -> Verdict:
    return summed_up((w, _one(w, secrets)) for w in once(asked.of("secretsmanager")))


def _one(wanted: WantedSecret, secrets: DescribedSecrets) -> Verdict:
    found = secrets.of(wanted.arn)
    if isinstance(found, Unknown):
        return Undecided((found,))
    if found.deleted_at is None:
        return RuledOut()
    since = found.deleted_at.date().isoformat()
    return Confirmed(seen(wanted, since=since, owner=found.owner, resource=found.arn))


def plan(
    service: Service, asked: WantedSecrets, secrets: DescribedSecrets, now: Now
) -> Plan | None:
    """Restore each of them; one that another service of AWS manages is that service's to restore."""
    steps = [
        restored(w, found.arn, found.deleted_at, now.at)
        for w in once(asked.of("secretsmanager"))
        if not isinstance(found := secrets.of(w.arn), Unknown)
        and found.arn
        and found.deleted_at
        and not found.owner
    ]
    return Plan(then_redeploy(*steps, service=service), "low") if steps else None


def advise(asked: WantedSecrets, secrets: DescribedSecrets) -> tuple[Call, ...]:
    """Restore them."""
    found = [secrets.of(w.arn) for w in once(asked.of("secretsmanager"))]
    return tuple(
        Call("secretsmanager", "restore_secret", {"SecretId": s.arn})
        for s in found
        if not isinstance(s, Unknown) and s.deleted_at
    )


CAUSE = Cause(
    id="secret-pending-deletion",
    group="secret",
    stage="S2",
    families=("secret-not-found",),
    decide=decide,
    plan=plan,
    advise=advise,
)
