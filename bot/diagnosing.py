"""Diagnose one subject: gather what its likely causes need, judge them, and say what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any

from bot.aws import COLLECTORS
from bot.aws.accounts import Visit
from bot.catalogue import CAUSES
from bot.config import Accounts
from bot.diagnosis import Finding, diagnose, judge, relevant, suspects, wanted
from bot.egress import FILTERING, REFUSING
from bot.egress.journey import Journey, chosen, journeys
from bot.evidence import ask, gather, needs, unknowns
from bot.facts import (
    Choice,
    ImageReference,
    KnownRegistries,
    NetworkAcls,
    Now,
    PrefixLists,
    Recorded,
    SecurityGroups,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
    Vpc,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Unknown, Verdict
from bot.question import Impossible
from bot.report import Entry, Offer, Report
from bot.symptom import Symptom

FIRST = (StoppedTask, Service, TaskDefinition, ImageReference, Recorded)
# What a packet passes on its way. Where the registry answered, only the routes of later stages matter.
FILTERS = (Vpc, SecurityGroups, NetworkAcls, PrefixLists)
Remember = Callable[[Subject, StoppedTask], StoppedTask]


@dataclass(slots=True)
class Look:
    """One look at a subject: the facts so far, and the doors to gather more.

    *remember* keeps a stopped task that AWS still knows and gives one that it has forgotten.
    *settled* looks at what the service will run from now on, and not at what failed before.
    """

    subject: Subject
    symptom: Symptom
    visit: Visit
    accounts: Accounts
    pool: Executor
    now: datetime
    remember: Remember
    settled: bool = False
    facts: dict[type, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = [(a.id, r) for a in self.accounts.items for r in a.regions]
        self.facts = {
            Subject: self.subject,
            Symptom: self.symptom,
            Visit: self.visit,
            Now: Now(self.now),
            KnownRegistries: KnownRegistries(tuple(places)),
            Choice: Choice(),
        }
        self._learn({StoppedTask, Service})
        stopped, service = self.facts[StoppedTask], self.facts[Service]
        if self.settled:
            # Its hosts stay what they were.
            last = stopped.container_instance if isinstance(stopped, StoppedTask) else None
            self.facts[StoppedTask] = StoppedTask(container_instance=last, settled=True)
            if isinstance(service, Service):
                primary = tuple(d for d in service.deployments if d.status == "PRIMARY")
                self.facts[Service] = replace(service, deployments=primary, events=())
        elif isinstance(stopped, StoppedTask):
            self.facts[StoppedTask] = self.remember(self.subject, stopped)
        self._check()
        self._learn({Recorded})  # read from what is known now, without a call

    def report(self, began: float) -> Report:
        """Judge every cause; *began* is the monotonic time of the question, in seconds."""
        symptom, findings = self._findings()
        entries = tuple(map(self._entry, findings))
        return Report(
            self.subject, symptom, entries, self.now, calls=self.visit.calls,
            elapsed_ms=round((monotonic() - began) * 1000), journey=self._journey(findings),
            **self._seen(),
        )  # fmt: skip

    def _findings(self) -> tuple[Symptom, list[Finding]]:
        """Return what is looked into, and the verdict on every cause."""
        recorded = self.facts[Recorded]
        said = [recorded.symptom] if isinstance(recorded, Recorded) else []
        symptom = self.symptom if self.symptom.recognised else next(iter(said), self.symptom)
        causes = relevant([self.symptom, *said], CAUSES)
        if _answered([s for s in (self.symptom, *said) if _told(s)], causes):
            kept = {Vpc} if _refused(symptom, causes) else set()
            left = [f for f in FILTERS if f not in kept]
            skipped: dict[type, object] = {f: Unknown(f.__name__, "not asked") for f in left}
            self.facts = {**skipped, **self.facts}
            causes = tuple(c for c in causes if c.id not in FILTERING)
        self._learn({*FIRST, *wanted(causes), *_likely(symptom, causes)})
        findings = list(diagnose(symptom, causes, self.facts))
        passed = RuledOut({"passed": symptom.stage})
        findings += [Finding(c, passed, signalled=False) for c in CAUSES if c not in causes]
        return symptom, findings

    def plan(self, cause: Cause, choice: str | None = None) -> Plan | None:
        """Return what the fix of *cause* would do now; None where it does not apply or is unknown."""
        if cause.plan is None:
            return None
        self._learn(needs(cause.plan))
        facts = {**self.facts, Choice: Choice(choice)}
        return None if unknowns(cause.plan, facts) else ask(cause.plan, facts)

    def choices(self, cause: Cause) -> tuple[str, ...]:
        """Return the variants of the fix of *cause*, the default first."""
        if cause.choices is None:
            return ()
        self._learn(needs(cause.choices))
        return () if unknowns(cause.choices, self.facts) else ask(cause.choices, self.facts)

    def verdict(self, cause: Cause) -> Verdict:
        """Return the verdict on one cause, fetching only what it needs: where it holds alone, all."""
        self._learn(needs(cause.decide))
        verdict = judge(cause, self.facts)
        if not (cause.alone and isinstance(verdict, Confirmed)):
            return verdict
        return next(f.verdict for f in self._findings()[1] if f.cause is cause)

    def _journey(self, findings: Iterable[Finding]) -> Journey | None:
        """Return the way of the packets, where what was read for the causes tells it."""
        if not self.facts.keys() >= set(needs(journeys)) or unknowns(journeys, self.facts):
            return None
        ours = [f for f in findings if f.cause.group == "network"]
        proofs = {f.cause.id: v.proof for f in ours if isinstance(v := f.verdict, Confirmed)}
        return chosen(ask(journeys, self.facts), proofs)

    def _entry(self, finding: Finding) -> Entry:
        if not isinstance(finding.verdict, Confirmed):
            return Entry(finding)
        cause = finding.cause
        plan = self.plan(cause)
        choices = self.choices(cause) if plan else ()
        offer = Offer(len(plan.steps), plan.risk, choices, bool(plan.asking)) if plan else None
        return Entry(finding, offer, self._advice(cause))

    def _advice(self, cause: Cause) -> tuple[Call, ...]:
        if cause.advise is None:
            return ()
        self._learn(needs(cause.advise))
        return () if unknowns(cause.advise, self.facts) else ask(cause.advise, self.facts)

    def _learn(self, facts: Iterable[type]) -> None:
        missing = [f for f in facts if f not in self.facts]
        if missing:
            self.facts = gather(missing, self.facts, COLLECTORS, pool=self.pool)

    def _check(self) -> None:
        """Say at once what no evidence can make up for: nobody there, no way in."""
        service, stopped = self.facts[Service], self.facts[StoppedTask]
        for fact in (service, stopped):
            if isinstance(fact, Unknown):
                _refuse(fact, self.subject, self.accounts)
        subject = self.subject
        if subject.service and isinstance(service, Service) and not service.exists:
            where = {
                "cluster": subject.cluster,
                "account": subject.account,
                "region": subject.region,
            }
            if service.cluster is None:
                raise Impossible("cluster_missing", **where)
            raise Impossible("service_missing", service=subject.service, **where)
        forgotten = isinstance(stopped, StoppedTask) and stopped.arn is None
        if subject.task and forgotten:
            raise Impossible("task_forgotten", task=subject.task.rpartition("/")[2])

    def _seen(self) -> Mapping[str, Any]:
        stopped, service, image = (self.facts[t] for t in (StoppedTask, Service, ImageReference))
        seen: dict[str, Any] = {}
        if isinstance(stopped, StoppedTask):
            seen |= {
                "task": stopped.arn,
                "stopped_at": stopped.stopped_at,
                "remembered": stopped.remembered,
            }
        if isinstance(service, Service) and service.exists:
            seen |= {"running": service.running, "desired": service.desired}
        if isinstance(image, ImageReference):
            seen["image"] = image.written
        return seen


def _told(symptom: Symptom) -> bool:
    """Tell whether a text says what broke: the pull, or the role before it."""
    return symptom.recognised or symptom.family == "not-pull:role-assume"


def _answered(symptoms: Sequence[Symptom], causes: Iterable[Cause]) -> bool:
    """Tell whether the registry answered this pull: then no filter on the way to it is closed."""
    pointed = [c for s in symptoms for c in suspects(s, causes)]
    return bool(symptoms) and all(c.group != "network" or c.id in REFUSING for c in pointed)


def _refused(symptom: Symptom, causes: Iterable[Cause]) -> bool:
    """Tell whether a VPC endpoint may have refused the pull: then it counts where names lead."""
    return any(c.id in REFUSING for c in suspects(symptom, causes))


def _likely(symptom: Symptom, causes: Iterable[Cause]) -> set[type]:
    """Return what the fixes of the causes that the text points at will need: fetched on the way."""
    functions = (f for c in suspects(symptom, causes) for f in (c.plan, c.choices, c.advise))
    return {fact for function in functions if function for fact in needs(function)}


def repaired(subject: Subject, plan: Plan, answers: Sequence[Mapping[str, Any]]) -> Subject:
    """Return *subject* as it is after *plan*: on the new revision, where the plan made one."""
    for step, given in zip(plan.steps, answers, strict=False):
        if step.kind == "task-definition-revision" and given:
            definition = given.get("taskDefinition", {})
            return replace(subject, task=None, task_definition=definition.get("taskDefinitionArn"))
    return replace(subject, task=None)


def _refuse(unknown: Unknown, subject: Subject, accounts: Accounts) -> None:
    because = unknown.because
    if because.startswith("throttled "):
        raise Impossible("throttled", because=because)
    if because.startswith("no answer") or because == "no credentials":
        raise Impossible("aws_away", because=because)
    if because.endswith("could not be assumed"):
        account = accounts.find(subject.account)
        role = because.removeprefix("role ").removesuffix(" could not be assumed")
        raise Impossible("role_not_assumed", account=account.alias if account else "", role=role)
