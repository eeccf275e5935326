"""Reports and fixes made of the recorded cases, without any account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from bot.catalogue import CAUSES
from bot.config import Account
from bot.diagnosis import diagnose
from bot.egress.journey import chosen, journeys
from bot.evidence import ask, needs, unknowns
from bot.facts import Choice, Service, Subject
from bot.fix import Fix
from bot.model import Confirmed, Plan, Undecided, Unknown
from bot.report import Entry, Offer, Report
from bot.symptom import Symptom
from tests.cases.broken import BROKEN_CASES, HEALTHY_CASES
from tests.support.hostile import soiled

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
BY_ID = {cause.id: cause for cause in CAUSES}
SUBJECT = Subject("222233334444", "eu-west-1", "main", "shop")
ALICE, BOB = "U01ALICE", "U02BOB"
ACCOUNT = Account(
    "222233334444", "staging", ("eu-west-1",), fix_role="arn:aws:iam::222233334444:role/fix",
    approvers=(ALICE, "S01PLATFORM"),
)  # fmt: skip
CASES = BROKEN_CASES | HEALTHY_CASES


def planned(cause, facts):
    """The plan of *cause* on *facts*, the default one, and what may be chosen."""
    choices = ask(cause.choices, facts) if cause.choices else ()
    chosen = {**facts, Choice: Choice(next(iter(choices), None))}
    plan = ask(cause.plan, chosen) if cause.plan and set(needs(cause.plan)) <= set(chosen) else None
    return plan, choices


def journey_of(facts, proofs):
    """The journey to show; none where the network could not be read."""
    return None if unknowns(journeys, facts) else chosen(ask(journeys, facts), proofs)


def entry(finding, facts):
    """A finding with what can be done about it."""
    if not isinstance(finding.verdict, Confirmed):
        return Entry(finding)
    plan, choices = planned(finding.cause, facts)
    advice = ask(finding.cause.advise, facts) if finding.cause.advise else ()
    return Entry(
        finding,
        Offer(len(plan.steps), plan.risk, choices, bool(plan.asking)) if plan else None,
        advice,
    )


def report_of(name, **changes):
    """The report on the recorded case *name*."""
    return replace(_report(name), **changes)


@cache
def _report(name):
    facts = CASES[name]
    entries = tuple(entry(f, facts) for f in diagnose(facts[Symptom], CAUSES, facts))
    service = facts[Service]
    ours = [e for e in entries if e.finding.cause.group == "network"]
    proofs = {e.id: v.proof for e in ours if isinstance(v := e.finding.verdict, Confirmed)}
    return Report(
        SUBJECT, facts[Symptom], entries, NOW, image="example/shop:1", calls=17, elapsed_ms=412,
        running=0, desired=service.desired, journey=journey_of(facts, proofs),
    )  # fmt: skip


def dark_report(**changes):
    """A report on an account that lets nobody read."""
    healthy = report_of("nat", **changes)
    unknown = Unknown("VpcEndpoints", "denied ec2:DescribeVpcEndpoints", "ec2:DescribeVpcEndpoints")
    entries = [
        replace(e, finding=replace(e.finding, verdict=Undecided((unknown,))))
        for e in healthy.entries[:2]
    ]
    return replace(healthy, entries=(*entries, *healthy.entries[2:]))


def skipping(name):
    """The report on *name* with one cause that needed no look, and one that could not be read."""
    found = report_of(name)
    why = ("not asked", None), ("denied x:Read", "x:Read")
    open_ = [Undecided((Unknown("Vpc", because, grant),)) for because, grant in why]
    left = [
        replace(e, finding=replace(e.finding, verdict=v))
        for e, v in zip(found.ruled_out, open_, strict=False)
    ]
    return replace(found, entries=(*found.confirmed, *left, *found.ruled_out[2:]))


def fix_of(name, **changes):
    """The fix of the recorded case *name*, as it was shown to Alice."""
    first = report_of(name).confirmed[0]
    plan, choices = planned(first.finding.cause, CASES[name])
    made = Fix(
        "fx1", first.id, SUBJECT, plan or Plan((), "low"), ALICE, NOW, "C01GEN", "1.2", "r1",
        proof=first.finding.verdict.proof, choices=choices,
    )  # fmt: skip
    return replace(made, **changes)


FIXABLE = [n for n in BROKEN_CASES if report_of(n).confirmed[0].offer]


def soiled_report(name, dirt):
    """The report on *name* with *dirt* in place of each text of its proofs and names."""
    found = report_of(name)
    entries = [
        replace(
            e,
            finding=replace(
                e.finding, verdict=Confirmed(_kinds_kept(e.finding.verdict.proof, dirt))
            ),
            advice=tuple(replace(c, params=soiled(dict(c.params), dirt)) for c in e.advice),
        )
        for e in found.confirmed
    ]
    unknown = Undecided((Unknown(dirt, f"denied {dirt}", dirt), Unknown(dirt, dirt)))
    others = [replace(e, finding=replace(e.finding, verdict=unknown)) for e in found.ruled_out[:1]]
    symptom = replace(found.symptom, errors=(dirt, dirt))
    subject = Subject(dirt, dirt, dirt, dirt)
    return replace(
        found, subject=subject, symptom=symptom, entries=(*entries, *others, *found.ruled_out[1:])
    )


def _kinds_kept(proof, dirt):
    """*proof* soiled, but for the words that templates compare."""
    words = {"kind", "how", "owner", "stage"}
    return {k: v if k in words else soiled(v, dirt) for k, v in proof.items()}
