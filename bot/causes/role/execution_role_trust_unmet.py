"""The trust policy of the execution role lets ECS tasks in, but under conditions that they never meet.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from __future__ import annotations

from bot import trust
from bot.facts import ExecutionRole, Service, Subject
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Decision
from bot.steps import then_redeploy
from bot.trust import TASKS


def decide(subject: Subject, role: ExecutionRole) -> Verdict:
    seen = {"role": role.name, "arn": role.arn, "principal": TASKS}
    if not role.exists:
        return RuledOut(seen)
    if role.trust is None:
        return Undecided((Unknown("ExecutionRole", "its trust policy is not known"),))
    ruling, found = trust.ruling(subject, role.trust), trust.unmet(subject, role.trust)
    if not found or ruling.decision in (Decision.ALLOWED, Decision.EXPLICIT_DENY):
        return RuledOut(seen)
    if ruling.decision is Decision.UNDECIDED:
        keys = ", ".join(ruling.keys)
        because = f"condition key {keys} unknown" if keys else "its trust policy is not readable"
        return Undecided((Unknown("ExecutionRole", because),))
    hurdle = next(h for c in found for h in c.hurdles if h.met is False)
    given = [hurdle.given] if isinstance(hurdle.given, str) else list(hurdle.given or ())
    told = {"key": hurdle.key, "wanted": list(hurdle.wanted), "given": given}
    seen |= {"statement": found[0].label, "account": subject.account}
    return Confirmed({**seen, **told, "agreed": trust.agreed(role)})


def plan(subject: Subject, service: Service, role: ExecutionRole) -> Plan | None:
    """Let the conditions take this account and Region too; where none could, add a statement."""
    if role.trust is None or not isinstance(decide(subject, role), Confirmed):
        return None
    step = trust.step(subject, role, trust.widened(subject, role.trust))
    return Plan(then_redeploy(step, service=service), "medium") if step else None


def advise(subject: Subject, role: ExecutionRole) -> tuple[Call, ...]:
    """Make the call of the plan by hand; it replaces the whole trust policy."""
    if role.trust is None or not isinstance(decide(subject, role), Confirmed):
        return ()
    return (trust.call(role, trust.widened(subject, role.trust)),)


CAUSE = Cause(
    id="execution-role-trust-unmet",
    group="role",
    stage="S1",
    families=("not-pull:role-assume", "ecr-auth-permission"),
    decide=decide,
    plan=plan,
    advise=advise,
)
