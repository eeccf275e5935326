"""The estate's evaluator and the bot's were written apart: on generated policies they agree.

NotResource is left out: with ARNs cut short, of which the pages of AWS say little, the estate
takes the missing parts as wildcards, and the bot leaves some of it open.
"""

import json

import pytest

from bot.policy import Decision
from playground.estate.authority import Attached, Principal, refusal
from tests.oracle import generate

pytestmark = pytest.mark.no_cover  # much work: tracing would double it
SEED, CASES = 20260214, 1000


def decided(case):
    """Return what the estate decides."""
    asked = case.request
    context = {
        key: value if isinstance(value, tuple) else (value,)
        for key, value in asked.known.items()
        if value is not None
    }
    caps = {"permissions boundary": case.boundary, "session policy": case.session}
    limits = [(name, (document,)) for name, document in caps.items() if document]
    limits += [("service control policy", tuple(level)) for level in case.scps]
    session = ":assumed-role/" in asked.principal
    name = asked.principal.split("/")[1]
    arn = asked.principal if session else f"{asked.principal}/session"
    names = [asked.principal, context["aws:principalarn"][0]]
    names += [f"arn:aws:iam::{asked.account}:role/{name}"] if session else []
    who = Principal(arn, asked.account, tuple(names), tuple(case.identity), tuple(limits), context)
    attached = Attached(asked.owner, case.resource_policy)
    why = refusal(who, asked.action, asked.resource, None, attached)
    if why is None:
        return Decision.ALLOWED
    return Decision.EXPLICIT_DENY if "explicit deny" in why else Decision.IMPLICIT_DENY


def test_what_both_decide_is_the_same():
    """
    Wherever the bot does not leave it open, the estate that enforces says the same.
    """
    made = generate.cases(SEED, CASES)
    cases = [c for c in made if "NotResource" not in json.dumps(_documents(c))]
    rulings = [case.ruling().decision for case in cases]
    differing = [
        (ruling, decided(case), case)
        for case, ruling in zip(cases, rulings, strict=True)
        if ruling is not Decision.UNDECIDED and ruling is not decided(case)
    ]

    assert [] == differing[:3]
    assert len([r for r in rulings if r is not Decision.UNDECIDED]) > 0.5 * CASES


def _documents(case):
    return [*case.identity, case.boundary, case.resource_policy, case.session, *case.scps]
