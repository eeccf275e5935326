"""Find out which service a question is about, without ever guessing an account."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace

from bot.aws import listing
from bot.aws.accounts import Visit
from bot.config import Account, Accounts, ChannelDefault
from bot.facts import Subject
from bot.model import CannotTell
from bot.question import Impossible, Question, arns, same_failure
from bot.symptom import Symptom, parse

MATCHES = 100


def account_of(question: Question, accounts: Accounts) -> Account | None:
    """Return the account that is named, in words or by the channel; raises where it may not be seen."""
    seen = accounts.seen_in(question.channel)
    if question.account is None:
        default = accounts.channels.get(question.channel or "", ChannelDefault()).account
        found = accounts.find(default) if default else None
        if found in seen:  # a default is no way around the account's own list of channels
            return found
        return seen[0] if len(seen) == 1 and found is None else None
    found = accounts.find(question.account)
    if found is None or found not in seen:  # a stranger and a hidden account sound the same
        if not seen:
            raise Impossible("no_accounts")
        known = ", ".join(a.alias for a in seen)
        raise Impossible("account_unknown", account=question.account, known=known)
    return found


def named(question: Question, accounts: Accounts) -> Subject | None:
    """Return the subject where the question names enough, else None.

    In this order: what the person named, the ARNs in the text, the channel's default.
    """
    asked = question if question.names_something else _from_text(question, accounts)
    if not asked.names_something:
        return None
    default = accounts.channels.get(question.channel or "", ChannelDefault())
    account = account_of(asked, accounts)
    if account is None:
        return None
    if asked.region and asked.region not in account.regions:
        raise Impossible(
            "region_unknown",
            account=account.alias,
            region=asked.region,
            regions=list(account.regions),
        )
    ours = accounts.find(default.account) == account if default.account else False
    region = asked.region or (default.region if ours else None)
    region = region or (account.regions[0] if len(account.regions) == 1 else None)
    cluster = asked.cluster or (default.cluster if ours else None)
    if region is None:
        return None
    if cluster is None and asked.service:
        cluster = "default"
    return Subject(account.id, region, cluster, asked.service, asked.task, asked.task_definition)


def _from_text(question: Question, accounts: Accounts) -> Question:
    """Return *question* with what the ARNs in its text name, where those accounts may be seen."""
    for found in arns(question.text):
        account = accounts.find(found.account)
        if account and account.visible_in(question.channel) and found.names_something:
            return replace(found, text=question.text, channel=question.channel)
    return question


def matching(
    question: Question, symptom: Symptom, accounts: Accounts, visit: Visit, pool: Executor
) -> list[Subject]:
    """Return the services whose stopped tasks say the same as the text, one subject for each.

    Looks into the named or default account, else into every account that the channel may see.
    Accounts and Regions that cannot be read are passed over: a match is evidence, a miss is not.
    """
    one = account_of(question, accounts)
    places = [
        (a.id, r)
        for a in ([one] if one else accounts.seen_in(question.channel))
        for r in ([question.region] if question.region in a.regions else a.regions)
        if r
    ]
    found = pool.map(lambda place: _matches(place, question.cluster, symptom, visit), places)
    subjects = [s for each in found for s in each]
    return list(dict.fromkeys(subjects))[:MATCHES]


def _matches(
    place: tuple[str, str], cluster: str | None, symptom: Symptom, visit: Visit
) -> list[Subject]:
    account, region = place
    try:
        door = visit.read(account, region)
        names = [cluster] if cluster else listing.clusters(door)
        return [
            s
            for c in names
            for s in _in_cluster(account, region, c, listing.tasks(door, c, ["STOPPED"]), symptom)
        ]
    except CannotTell:
        return []


def _in_cluster(
    account: str, region: str, cluster: str, tasks: Iterable[listing.Started], symptom: Symptom
) -> list[Subject]:
    found: dict[str, Subject] = {}
    for task in tasks:
        if not any(same_failure(symptom, parse(text)) for text in task.texts):
            continue
        group = task.group or ""
        service = group.removeprefix("service:") if group.startswith("service:") else None
        subject = Subject(account, region, cluster, service, None if service else task.arn)
        found.setdefault(service or task.arn, subject)
    return list(found.values())
