"""The causes we know, most specific first. Adding one is adding a line here."""

from __future__ import annotations

from bot.causes.image import (
    image_digest_missing,
    image_in_other_region,
    image_tag_missing,
    registry_host_forgotten,
    repository_missing,
)
from bot.causes.network import (
    endpoint_missing,
    no_route_to_registry,
    public_ip_missing,
    s3_route_missing,
)
from bot.model import Cause

CAUSES: tuple[Cause, ...] = (
    registry_host_forgotten.CAUSE,
    image_in_other_region.CAUSE,
    repository_missing.CAUSE,
    image_digest_missing.CAUSE,
    image_tag_missing.CAUSE,
    s3_route_missing.CAUSE,
    endpoint_missing.CAUSE,
    public_ip_missing.CAUSE,
    no_route_to_registry.CAUSE,
)
