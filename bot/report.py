"""What a diagnosis says, as data that survives the way through Redis and out as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from bot.diagnosis import Finding, likely
from bot.egress.journey import Journey, journey_from_json
from bot.facts import Subject
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict, plain
from bot.symptom import Denial, Entities, Symptom

JSON = Any


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix that could be shown: how many changes, how risky, what may be chosen or is to be typed."""

    steps: int
    risk: str
    choices: tuple[str, ...] = ()
    login: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding with what can be done about it: by the bot (*offer*) or by a person (*advice*)."""

    finding: Finding
    offer: Offer | None = None
    advice: tuple[Call, ...] = ()

    @property
    def id(self) -> str:
        return self.finding.cause.id


@dataclass(frozen=True, slots=True)
class Report:
    """One diagnosis. *image* is the reference that was pulled; *elapsed_ms* in milliseconds.

    *running* and *desired* are the service's task counts; None without a service.
    *task* is the stopped task that was read, *remembered* when AWS had forgotten it already.
    *journey* is the way of its packets, None where nobody looked.
    """

    subject: Subject
    symptom: Symptom
    entries: tuple[Entry, ...]
    checked_at: datetime
    image: str | None = None
    task: str | None = None
    stopped_at: datetime | None = None
    remembered: bool = False
    running: int | None = None
    desired: int | None = None
    calls: int = 0
    elapsed_ms: int = 0
    cached: bool = False
    journey: Journey | None = None

    @property
    def confirmed(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if isinstance(e.finding.verdict, Confirmed))

    @property
    def undecided(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if isinstance(e.finding.verdict, Undecided))

    @property
    def ruled_out(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if isinstance(e.finding.verdict, RuledOut))

    @property
    def missing(self) -> tuple[Unknown, ...]:
        """What could not be checked, each reason once, those of likely causes first."""
        verdicts = (e.finding.verdict for e in self.entries)
        found = (u for v in verdicts if isinstance(v, Undecided) for u in v.missing)
        return tuple({(u.because, u.grant): u for u in found}.values())

    def entry(self, cause: str) -> Entry | None:
        """Return what was found about *cause*."""
        return next((e for e in self.entries if e.id == cause), None)


def explained(symptom: Symptom, causes: Iterable[Cause]) -> dict[str, JSON]:
    """Return what ``explain --json`` prints."""
    return {
        "recognised": symptom.recognised,
        "kind": symptom.kind,
        "family": symptom.family,
        "alternatives": list(symptom.alternatives),
        "stage": symptom.stage,
        **asdict(symptom.entities),
        "target": symptom.target,
        "errors": list(symptom.errors),
        "denial": symptom.denial and asdict(symptom.denial),
        "address": symptom.address,
        "platform": symptom.platform,
        "truncated": symptom.truncated,
        "cut": symptom.cut,
        "suspects": [c.id for c in likely(symptom, causes)] if symptom.recognised else [],
    }


def published(
    report: Report, headline: str, risks: Mapping[str, str], causes: Iterable[Cause]
) -> dict[str, JSON]:
    """Return what ``diagnose --json`` prints; *risks* words the risk of each fix by cause."""
    findings = [
        _published(e, risks.get(e.id, "")) for e in report.entries if e not in report.ruled_out
    ]
    return {
        "subject": asdict(report.subject),
        "symptom": explained(report.symptom, causes),
        "headline": headline,
        "findings": findings,
        "ruled_out": [e.id for e in report.ruled_out],
        "image": report.image,
        "task": report.task,
        "stopped_at": _iso(report.stopped_at),
        "remembered": report.remembered,
        "running": report.running,
        "desired": report.desired,
        "calls": report.calls,
        "elapsed_ms": report.elapsed_ms,
        "cached": report.cached,
        "checked_at": _iso(report.checked_at),
    }


def _published(entry: Entry, risk: str) -> dict[str, JSON]:
    finding, verdict = entry.finding, entry.finding.verdict
    return {
        "cause": finding.cause.id,
        "verdict": _VERDICTS[type(verdict)],
        "when": finding.when,
        "signalled": finding.signalled,
        "proof": {} if isinstance(verdict, Undecided) else plain(verdict.proof),
        "missing": [asdict(u) for u in verdict.missing] if isinstance(verdict, Undecided) else [],
        "fix": entry.offer and {"steps": entry.offer.steps, "risk": risk or entry.offer.risk},
    }


# --- through Redis -------------------------------------------------------------------------

_VERDICTS: Mapping[type, str] = {
    Confirmed: "confirmed",
    RuledOut: "ruled-out",
    Undecided: "undecided",
}


def report_to_json(report: Report) -> dict[str, JSON]:
    """Return *report* as JSON; :func:`report_from_json` is its inverse."""
    flat = {
        f.name: getattr(report, f.name)
        for f in fields(report)
        if f.name not in ("entries", "symptom", "subject", "checked_at", "stopped_at", "journey")
    }
    return {
        **flat,
        "journey": report.journey and plain(asdict(report.journey)),
        "subject": asdict(report.subject),
        "symptom": symptom_to_json(report.symptom),
        "checked_at": _iso(report.checked_at),
        "stopped_at": _iso(report.stopped_at),
        "entries": [_entry_to_json(e) for e in report.entries],
    }


def report_from_json(data: Mapping[str, JSON], causes: Iterable[Cause]) -> Report:
    """Return the report; findings of causes that are no longer known are left out."""
    by_id = {c.id: c for c in causes}
    entries = (_entry_from_json(e, by_id) for e in data["entries"] if e["cause"] in by_id)
    return Report(
        **{
            **data,
            "subject": Subject(**data["subject"]),
            "symptom": symptom_from_json(data["symptom"]),
            "checked_at": datetime.fromisoformat(data["checked_at"]),
            "stopped_at": data["stopped_at"] and datetime.fromisoformat(data["stopped_at"]),
            "entries": tuple(entries),
            "journey": journey_from_json(data.get("journey")),
        }
    )


def from_cache(report: Report) -> Report:
    """Return *report* as one that was not looked up anew: it cost no call."""
    return replace(report, cached=True, calls=0)


def symptom_to_json(symptom: Symptom) -> dict[str, JSON]:
    """Return *symptom* as JSON; :func:`symptom_from_json` is its inverse."""
    found: dict[str, JSON] = plain(asdict(symptom))
    return found


def symptom_from_json(data: Mapping[str, JSON]) -> Symptom:
    """Return the symptom that :func:`symptom_to_json` was given."""
    return Symptom(
        **{
            **data,
            "entities": Entities(**data["entities"]),
            "denial": data["denial"] and Denial(**data["denial"]),
            "alternatives": tuple(data["alternatives"]),
            "errors": tuple(data["errors"]),
        }
    )


def _entry_to_json(entry: Entry) -> dict[str, JSON]:
    f, verdict = entry.finding, entry.finding.verdict
    return {
        "cause": f.cause.id,
        "verdict": _VERDICTS[type(verdict)],
        "proof": None if isinstance(verdict, Undecided) else plain(verdict.proof),
        "missing": [asdict(u) for u in verdict.missing] if isinstance(verdict, Undecided) else None,
        "signalled": f.signalled,
        "when": f.when,
        "offer": entry.offer and plain(asdict(entry.offer)),
        "advice": [plain(asdict(c)) for c in entry.advice],
    }


def _entry_from_json(data: Mapping[str, JSON], by_id: Mapping[str, Cause]) -> Entry:
    verdict: Verdict
    match data["verdict"]:
        case "confirmed":
            verdict = Confirmed(data["proof"])
        case "ruled-out":
            verdict = RuledOut(data["proof"])
        case _:
            verdict = Undecided(tuple(Unknown(**u) for u in data["missing"]))
    offer = data["offer"] and Offer(**{**data["offer"], "choices": tuple(data["offer"]["choices"])})
    return Entry(
        Finding(by_id[data["cause"]], verdict, data["signalled"], data["when"]),
        offer,
        tuple(Call(**c) for c in data["advice"]),
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
