"""Which service a question names, in words or in its text, without ever guessing an account. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.config import Account, Accounts, ChannelDefault
from bot.facts import Subject
from bot.question import Impossible, Question, arns
from bot.symptom import Symptom

ROLE = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):", re.ASCII)


def account_of(question: Question, accounts: Accounts) -> Account | None:
    """Return the account that is named, in words or by the channel; raises where it may not be seen."""
    seen = accounts.seen_in(question.channel)
    if question.account is None:
        default = usual(question, accounts).account
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
    default = usual(question, accounts)
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


def told(question: Question, symptom: Symptom, accounts: Accounts) -> Question:
    """Return *question* with the service that its text tells of, as the events of ECS do.

    An execution role is in the account of its task. Where that account may not be seen nothing
    is told, because a service of this name elsewhere is another one.
    """
    said = symptom.entities
    role = ROLE.match(said.role_arn or "")
    account = question.account or (role[1] if role else None)
    found = accounts.find(account) if account else None
    if said.service is None or (account and found not in accounts.seen_in(question.channel)):
        return question
    cluster = question.cluster or said.cluster
    return replace(question, account=account, cluster=cluster, service=said.service)


def usual(question: Question, accounts: Accounts) -> ChannelDefault:
    """Return what the channel means when nobody says more."""
    return accounts.channels.get(question.channel or "", ChannelDefault())


def _from_text(question: Question, accounts: Accounts) -> Question:
    """Return *question* with what the ARNs in its text name, where those accounts may be seen."""
    for found in arns(question.text):
        account = accounts.find(found.account)
        if account and account.visible_in(question.channel) and found.names_something:
            return replace(found, text=question.text, channel=question.channel)
    return question
