"""The bot's own identity in the playground, the roles it assumes, and its accounts file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot import roles
from playground.estate.server import Estate
from playground.scenarios.documents import allow, document
from playground.scenarios.lab import Lab
from playground.scenarios.places import (
    BOT_USER,
    EXTERNAL_ID,
    FIX_ROLE,
    READ_ROLE,
    REGISTRY,
    TOKYO,
    TOOLS,
    VIRGINIA,
    WORKLOAD,
)

ACCOUNTS = {"tools": TOOLS, "prod": WORKLOAD, "images": REGISTRY}
STS = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]


def build_access(lab: Lab, read_policy: Mapping[str, Any], fix_policy: Mapping[str, Any]) -> None:
    """Make the bot's user, who may assume roles and nothing else, and those roles."""
    iam = lab.aws("iam", TOOLS, VIRGINIA)
    bot = iam.create_user(UserName=BOT_USER)["User"]["Arn"]
    iam.create_access_key(UserName=BOT_USER)
    assumed = [
        f"arn:aws:iam::{a}:role/{r}" for a in ACCOUNTS.values() for r in (READ_ROLE, FIX_ROLE)
    ]
    iam.put_user_policy(
        UserName=BOT_USER, PolicyName="assume", PolicyDocument=document(allow(STS, assumed))
    )
    for account in ACCOUNTS.values():
        there = lab.aws("iam", account, VIRGINIA)
        for kind, name, policy in (("read", READ_ROLE, read_policy), ("fix", FIX_ROLE, fix_policy)):
            trust = json.dumps(roles.trust(kind, bot, EXTERNAL_ID))
            there.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
            there.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=json.dumps(policy))


def credentials(estate: Estate) -> dict[str, str]:
    """Return the environment of the bot: its own identity, and where the estate listens."""
    from moto.iam.models import iam_backends

    key = iam_backends[TOOLS]["aws"].users[BOT_USER].access_keys[0]
    return {
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_DEFAULT_REGION": TOKYO,
        "AWS_ENDPOINT_URL": estate.url,
    }


def accounts_yaml(approvers: tuple[str, ...] = ("U02BORA", "S01PLATFORM")) -> str:
    """Return the accounts file that goes with the playground."""
    entries = "".join(_entry(alias, number, approvers) for alias, number in ACCOUNTS.items())
    default = f"account: prod, region: {TOKYO}, cluster: main"
    return (
        f"accounts:\n{entries}channels:\n"
        f"  C01SHOP: {{{default}, language: en}}\n"
        f"  C02SHOPJA: {{{default}, language: ja}}\n"
        "audit_channel: C09AUDIT\n"
    )


def _entry(alias: str, account: str, approvers: tuple[str, ...]) -> str:
    role = f"arn:aws:iam::{account}:role"
    return (
        f'  - id: "{account}"\n'
        f"    alias: {alias}\n"
        f"    regions: [{TOKYO}, {VIRGINIA}]\n"
        f"    read_role: {role}/{READ_ROLE}\n"
        f"    fix_role: {role}/{FIX_ROLE}\n"
        f"    external_id: {EXTERNAL_ID}\n"
        f"    approvers: [{', '.join(approvers)}]\n"
        "    second_person: false\n"
    )
