"""Roles, repositories and short ways to write policy documents, for the tests of policies."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.policy import (
    Decision,
    Request,
)
from tests.oracle.generate import ROLE, THEM, US, cases

ALLOWED, UNDECIDED = Decision.ALLOWED, Decision.UNDECIDED
IMPLICIT, EXPLICIT = Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY
OURS = f"arn:aws:ecr:eu-west-1:{US}:repository/web"
THEIRS = f"arn:aws:ecr:eu-west-1:{THEM}:repository/web"
PULL = Request(ROLE, "ecr:BatchGetImage", OURS)
ECS = "ecs-tasks.amazonaws.com"
VPCE = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
seeds = st.integers(0, 2**32)


def document(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def allow(**more):
    return {"Effect": "Allow", "Action": "ecr:*", **more}


def deny(**more):
    return {"Effect": "Deny", "Action": "ecr:*", **more}


def case_of(seed):
    return next(cases(seed, 1))


def short(ruling):
    return ruling.decision, ruling.by
