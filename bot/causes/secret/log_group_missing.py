"""The log group of a container does not exist, and its log driver was not told to make it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from __future__ import annotations

from bot.facts import LogGroups, Service, Subject
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Verdict
from bot.secret.remedies import created
from bot.steps import then_redeploy


def decide(groups: LogGroups) -> Verdict:
    missing = [g for g in groups.items if not g.exists]
    if not missing:
        return RuledOut({"checked": [g.name for g in groups.items]})
    first, *others = missing
    return Confirmed(
        {
            "group": first.name,
            "container": first.container,
            "region": first.region,
            "others": [g.name for g in others],
        }
    )


def plan(subject: Subject, service: Service, groups: LogGroups) -> Plan | None:
    steps = [created(subject, g) for g in groups.items if not g.exists]
    return Plan(then_redeploy(*steps, service=service), "low") if steps else None


def advise(groups: LogGroups) -> tuple[Call, ...]:
    """Make them."""
    missing = (g for g in groups.items if not g.exists)
    return tuple(Call("logs", "create_log_group", {"logGroupName": g.name}) for g in missing)


CAUSE = Cause(
    id="log-group-missing",
    group="secret",
    stage="S7",
    families=("not-pull:logger",),
    decide=decide,
    plan=plan,
    advise=advise,
)
