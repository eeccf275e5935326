"""Judge every cause on the same evidence, and tell what blocks now from what will block next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bot.evidence import Facts, ask, needs, unknowns
from bot.facts import Recorded
from bot.model import Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.symptom import Symptom

When = Literal["now", "next"]
NOT_ASKED = "not asked"  # because the texts leave no need for it


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause, what the evidence says about it, and whether the text pointed at it.

    *when* tells for a confirmed cause whether it blocks this pull or will block the next one.
    """

    cause: Cause
    verdict: Verdict
    signalled: bool
    when: When | None = None


def suspects(symptom: Symptom, causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return the causes that the text points at, likeliest first."""
    named = _families(symptom)
    pointed = [c for c in causes if set(named) & set(c.families)]

    def likelihood(cause: Cause) -> tuple[bool, int, bool, int, bool, bool, bool]:
        elsewhere = _elsewhere(cause, symptom)
        best = min(named.index(f) for f in cause.families if f in named)
        place = min(cause.families.index(f) for f in cause.families if f in named)
        said = _denies(symptom) == ("explicitly" in cause.id.split("-"))
        covers = _covers(cause, symptom.stage)
        return (
            elsewhere,
            best,
            not said,
            place,
            not covers,
            _unspoken(cause, symptom),
            cause.seldom,
        )

    return tuple(sorted(pointed, key=likelihood))


def likely(symptom: Symptom, causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return the suspects to name: none that is about another kind of registry than the text."""
    return tuple(c for c in suspects(symptom, causes) if not _elsewhere(c, symptom))


def relevant(symptoms: Iterable[Symptom], causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return the causes that the stages reached do not rule out.

    A pull that got as far as the manifest has passed the role and the login. Where several
    texts are at hand the earliest stage counts, because it rules out least.
    """
    stages = [s.stage for s in symptoms if s.recognised]
    reached = min((s or "S0" for s in stages), default="S0")
    return tuple(c for c in causes if (c.until or c.stage) >= reached)


def wanted(causes: Iterable[Cause]) -> set[type]:
    """Return every fact needed to judge *causes*."""
    return {fact for cause in causes for fact in needs(cause.decide)}


def diagnose(symptom: Symptom, causes: Iterable[Cause], facts: Facts) -> tuple[Finding, ...]:
    """Judge *causes* on *facts*: confirmed ones first, what blocks now before what blocks next."""
    causes = tuple(causes)
    pointed = {c.id for c in suspects(symptom, causes)}
    findings = [Finding(c, judge(c, facts), c.id in pointed) for c in causes]
    findings = [_beside(f, findings, facts) if f.cause.alone else f for f in findings]
    timed = _timed(findings, symptom)
    return tuple(sorted(timed, key=_rank))


def judge(cause: Cause, facts: Facts) -> Verdict:
    """Return the verdict on *cause*, undecided where a fact it needs is unknown."""
    missing = unknowns(cause.decide, facts)
    return Undecided(missing) if missing else ask(cause.decide, facts)


def _beside(finding: Finding, findings: Iterable[Finding], facts: Facts) -> Finding:
    """Return *finding* as it is beside the others, where it holds only without them."""
    if isinstance(finding.verdict, RuledOut):
        return finding
    others = [f for f in findings if f is not finding]
    holding = [f.cause.id for f in others if isinstance(f.verdict, Confirmed)]
    if holding:
        return replace(finding, verdict=RuledOut({"instead": holding}))
    if isinstance(finding.verdict, Undecided):
        return finding
    open_ = tuple(dict.fromkeys(_open(others, facts.get(Recorded))))
    return replace(finding, verdict=Undecided(open_)) if open_ else finding


def _open(findings: Iterable[Finding], said: object) -> Iterator[Unknown]:
    """Yield what is unknown of the causes that the texts point at, or of such as are like them.

    What hides a cause may hide its likes, which then have nothing to judge.
    """
    findings = list(findings)
    named = (
        suspects(said.symptom, [f.cause for f in findings]) if isinstance(said, Recorded) else ()
    )
    pointed = [f.cause for f in findings if f.signalled or f.cause in named]
    groups = {c.group for c in pointed}
    for f in findings:
        if isinstance(f.verdict, Undecided) and f.cause.group in groups:
            known = f.cause in pointed
            yield from (u for u in f.verdict.missing if known or u.because != NOT_ASKED)


def _timed(findings: Iterable[Finding], symptom: Symptom) -> list[Finding]:
    findings = list(findings)
    confirmed = [f for f in findings if isinstance(f.verdict, Confirmed)]
    here = [f for f in confirmed if _covers(f.cause, symptom.stage)]
    blocking = [f for f in here if f.signalled] or here
    if not blocking and confirmed:
        earliest = min(f.cause.stage for f in confirmed)
        blocking = [f for f in confirmed if f.cause.stage == earliest]
    return [
        Finding(f.cause, f.verdict, f.signalled, "now" if f in blocking else "next")
        if f in confirmed
        else f
        for f in findings
    ]


def _rank(finding: Finding) -> tuple[int, bool, str, bool]:
    order = {Confirmed: 0, Undecided: 2}.get(type(finding.verdict), 4)
    later = order + (finding.when == "next")
    return (later, not finding.signalled, finding.cause.stage, not finding.cause.explains)


def _families(symptom: Symptom) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f for f in (symptom.family, *symptom.alternatives) if f))


def _unspoken(cause: Cause, symptom: Symptom) -> bool:
    """Tell whether the text lacks what *cause* is about, a digest, or names the role that it is without."""
    words, named = set(cause.id.split("-")), symptom.entities
    return ("digest" in words and named.digest is None) or (
        {"role", "unset"} <= words and named.role_arn is not None
    )


def _elsewhere(cause: Cause, symptom: Symptom) -> bool:
    """Tell whether the text names an image at another kind of registry than *cause* is about."""
    named = symptom.registry
    return bool(named and cause.registries) and named not in cause.registries


def _denies(symptom: Symptom) -> bool:
    """Tell whether the text says that a policy of the role denies, and not only that none allows."""
    said = symptom.denial
    return said is not None and said.explicit and said.policy == "identity"


def _covers(cause: Cause, stage: str | None) -> bool:
    """Tell whether *cause* can break a pull at *stage*."""
    return stage is not None and cause.stage <= stage <= (cause.until or cause.stage)
