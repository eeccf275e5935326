"""Evaluate and extend IAM policy documents, without asking AWS. Pure.

The answer is one of four: what depends on a condition key nobody told us the value of, or on a
document we cannot read, is undecided, never guessed.
"""

from bot.facts import Document
from bot.policy.deciding import (
    UNREAD,
    Decision,
    Ruling,
    decide,
    identity,
    missing,
    resource,
    trusts,
)
from bot.policy.granting import PULL_ACTIONS, allowing, joined, login_and_read
from bot.policy.statements import Request

__all__ = [
    "PULL_ACTIONS",
    "UNREAD",
    "Decision",
    "Document",
    "Request",
    "Ruling",
    "allowing",
    "decide",
    "identity",
    "joined",
    "login_and_read",
    "missing",
    "resource",
    "trusts",
]
