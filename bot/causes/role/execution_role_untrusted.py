"""The execution role exists, but its trust policy does not let ECS tasks assume it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
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
    ruling = trust.ruling(subject, role.trust)
    denied = ruling.decision is Decision.EXPLICIT_DENY
    if ruling.decision is Decision.ALLOWED or (not denied and trust.unmet(subject, role.trust)):
        return RuledOut(seen)
    if ruling.decision is Decision.UNDECIDED:
        keys = ", ".join(ruling.keys)
        because = f"condition key {keys} unknown" if keys else "its trust policy is not readable"
        return Undecided((Unknown("ExecutionRole", because),))
    trusted = sorted(set(trust.services(role.trust)))
    agreed = trust.agreed(role)
    return Confirmed({**seen, "trusted": trusted, "denied": denied, "agreed": agreed})


def plan(subject: Subject, service: Service, role: ExecutionRole) -> Plan | None:
    """Add a statement, and nothing else; no Allow helps against a Deny."""
    if not _lacking(subject, role) or role.trust is None:
        return None
    step = trust.step(subject, role, trust.letting_in(subject, role.trust))
    return Plan(then_redeploy(step, service=service), "medium") if step else None


def advise(subject: Subject, role: ExecutionRole) -> tuple[Call, ...]:
    """Add a statement; the call replaces the whole trust policy, so the others are repeated."""
    if not _lacking(subject, role) or role.trust is None:
        return ()
    return (trust.call(role, trust.letting_in(subject, role.trust)),)


def _lacking(subject: Subject, role: ExecutionRole) -> bool:
    verdict = decide(subject, role)
    return isinstance(verdict, Confirmed) and not verdict.proof["denied"]


CAUSE = Cause(
    id="execution-role-untrusted",
    group="role",
    stage="S1",
    families=("not-pull:role-assume", "ecr-auth-permission"),
    decide=decide,
    plan=plan,
    advise=advise,
)
