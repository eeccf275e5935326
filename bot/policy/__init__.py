"""Evaluate and extend IAM policy documents, without asking AWS. Pure.

The answer is one of four: what depends on a condition key nobody told us the value of, or on a
document we cannot read, is undecided, never guessed.
"""

from bot.facts import Document
from bot.policy.deciding import (
    UNREAD,
    Decision,
    Ruling,
    assuming,
    decide,
    identity,
    missing,
    resource,
    trusts,
)
from bot.policy.granting import PULL_ACTIONS, allowing, joined, login_and_read
from bot.policy.hurdles import (
    ANYTHING,
    Conditional,
    Hurdle,
    conditional,
    denies,
    grants,
    keys,
    meeting,
    silent,
)
from bot.policy.statements import Request

__all__ = [
    "ANYTHING",
    "PULL_ACTIONS",
    "UNREAD",
    "Conditional",
    "Decision",
    "Document",
    "Hurdle",
    "Request",
    "Ruling",
    "allowing",
    "assuming",
    "conditional",
    "decide",
    "denies",
    "grants",
    "identity",
    "joined",
    "keys",
    "login_and_read",
    "meeting",
    "missing",
    "resource",
    "silent",
    "trusts",
]
