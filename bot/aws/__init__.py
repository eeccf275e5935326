"""The only importer of boto3: doors to the accounts, and one small collector for each fact."""

from __future__ import annotations

from bot.aws import (
    accounts,
    ecr,
    ecs,
    firewalls,
    iam,
    pull,
    rights,
    secret_keys,
    secret_store,
    secrets,
    vpc,
)
from bot.evidence import Collector

COLLECTORS: tuple[Collector, ...] = (
    *accounts.COLLECTORS,
    *ecs.COLLECTORS,
    *pull.COLLECTORS,
    *ecr.COLLECTORS,
    *secrets.COLLECTORS,
    *secret_store.COLLECTORS,
    *secret_keys.COLLECTORS,
    *iam.COLLECTORS,
    *rights.COLLECTORS,
    *vpc.COLLECTORS,
    *firewalls.COLLECTORS,
)
