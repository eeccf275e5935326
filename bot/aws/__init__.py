"""The only importer of boto3: doors to the accounts, and one small collector for each fact."""

from __future__ import annotations

from bot.aws import (
    accounts,
    caches,
    ecr,
    ecs,
    firewalls,
    fleet,
    hosts,
    iam,
    images,
    keys,
    lifecycle,
    pull,
    replication,
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
    *hosts.COLLECTORS,
    *fleet.COLLECTORS,
    *pull.COLLECTORS,
    *ecr.COLLECTORS,
    *images.COLLECTORS,
    *lifecycle.COLLECTORS,
    *keys.COLLECTORS,
    *replication.COLLECTORS,
    *caches.COLLECTORS,
    *secrets.COLLECTORS,
    *secret_store.COLLECTORS,
    *secret_keys.COLLECTORS,
    *iam.COLLECTORS,
    *rights.COLLECTORS,
    *vpc.COLLECTORS,
    *firewalls.COLLECTORS,
)
