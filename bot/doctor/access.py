"""Does AWS let the bot in, and may its roles do what they should and no more?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import CHANGES, READS
from bot.aws.accounts import Doors
from bot.aws.client import Door, Refused, together
from bot.aws.examining import SECRETS, Decided, Identity, decisions, identity
from bot.config import Account, Accounts
from bot.doctor.check import Check, unclear, well, wrong
from bot.model import CannotTell

ANYWHERE = "us-east-1"
Context = Mapping[str, Any]
May = Mapping[str, Decided] | CannotTell


def checks(book: Accounts, doors: Doors) -> list[Check]:
    """Check the bot's own identity, then all accounts side by side."""
    region = next((r for a in book.items for r in a.regions), ANYWHERE)
    who: Identity | None = None
    try:
        who = identity(doors.own(region))
        first = well("aws-identity", "identity_ok", {"arn": who.arn})
    except CannotTell as reason:
        first = wrong("aws-identity", "identity_unknown", {"because": reason.because})
    parts = together(*(lambda a=account: _account(a, doors, who) for account in book.items))
    return [first, *(c for part in parts for c in part)]


def _account(account: Account, doors: Doors, who: Identity | None) -> list[Check]:
    """Check both roles of one account, and who may approve."""
    about = {"account": account.alias, "identity": who.principal if who else "–"}
    door, entered = _entered(account, doors, who, about)
    reads = account.read_role or (who.principal if who else None)
    return [
        entered,
        *(_reading(account.alias, door, reads, about) if door and reads else ()),
        *_fixing(account, doors, door, about),
    ]


def _entered(
    account: Account, doors: Doors, who: Identity | None, about: Context
) -> tuple[Door | None, Check]:
    """Return the door of the read role, None where it does not open."""
    name, role = f"read-role:{account.alias}", account.read_role
    if role is None and who and who.account != account.id:
        return None, wrong(name, "read_role_absent", {**about, "other": who.account})
    context = {**about, "role": role or about["identity"]}
    try:
        door = doors.visit().read(account.id, account.regions[0])
    except CannotTell as reason:
        if reason.because.endswith("could not be assumed"):
            return None, wrong(name, "read_role_shut", context)
        unknown = {**context, "because": reason.because}
        return None, unclear(name, "read_role_unknown", unknown)
    return door, well(name, "read_role_ok" if role else "read_role_own", context)


def _reading(alias: str, door: Door, principal: str, about: Context) -> list[Check]:
    context = {**about, "role": principal}
    may, secrets = together(
        lambda: _may(door, principal, READS), lambda: _may(door, principal, SECRETS)
    )
    return [
        _sufficient(f"read-actions:{alias}", "read_actions", may, context),
        _harmless(f"no-secrets:{alias}", secrets, context),
    ]


def _fixing(account: Account, doors: Doors, door: Door | None, about: Context) -> list[Check]:
    alias, role = account.alias, account.fix_role
    if role is None:
        return [well(f"fix-role:{alias}", "fix_role_absent", about)]
    context = {**about, "role": role}
    found = [_fix_role(account, doors, context)]
    if door is not None:
        may = _may(door, role, CHANGES)
        found.append(_sufficient(f"fix-actions:{alias}", "fix_actions", may, context))
    number = len(account.approvers)
    words = "approvers_ok" if number else "approvers_absent"
    return [*found, Check(f"approvers:{alias}", bool(number), words, {**about, "count": number})]


def _fix_role(account: Account, doors: Doors, context: Context) -> Check:
    """Try to assume the fix role, with a session that may do nothing."""
    name = f"fix-role:{account.alias}"
    try:
        doors.try_fix(account.id, account.regions[0])
    except Refused as refused:
        because = {**context, "because": refused.code}
        if refused.retryable or refused.code == "NoAnswer":
            return unclear(name, "fix_role_unknown", because)
        return wrong(name, "fix_role_shut", because)
    return well(name, "fix_role_ok", context)


def _may(door: Door, principal: str, table: Mapping[str, tuple[str, ...]]) -> May:
    try:
        return decisions(door, principal, table)
    except CannotTell as reason:
        return reason


def _sufficient(name: str, words: str, may: May, about: Context) -> Check:
    """Return whether a role may do all that it should."""
    if isinstance(may, CannotTell):
        return unclear(name, f"{words}_unknown", {**about, "because": may.because})
    if lacking := [*_all(may, "denied"), *_all(may, "forbidden")]:
        return wrong(name, f"{words}_lacking", {**about, "ids": sorted(lacking)})
    if doubtful := _all(may, "undecided"):
        return unclear(name, f"{words}_doubtful", {**about, "ids": doubtful})
    return well(name, f"{words}_ok", {**about, "count": len(may)})


def _harmless(name: str, may: May, about: Context) -> Check:
    """Return whether a role is kept from reading secrets."""
    if isinstance(may, CannotTell):
        return unclear(name, "secrets_unknown", {**about, "because": may.because})
    if allowed := _all(may, "allowed"):
        return wrong(name, "secrets_open", {**about, "ids": allowed})
    if doubtful := _all(may, "undecided"):
        return unclear(name, "secrets_doubtful", {**about, "ids": doubtful})
    if unguarded := _all(may, "denied"):
        return well(name, "secrets_unguarded", {**about, "ids": unguarded})
    return well(name, "secrets_ok", about)


def _all(may: Mapping[str, Decided], decision: Decided) -> list[str]:
    return sorted(a for a, d in may.items() if d == decision)
