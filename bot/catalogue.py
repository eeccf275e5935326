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
from bot.causes.registry import (
    docker_hub_rate_limited,
    docker_library_prefix_missing,
    ecr_throttled,
    public_registry_unreachable,
    pull_through_cache_credential_invalid,
    pull_through_cache_denied,
    pull_through_cache_needs_internet,
    registry_abuse_limited,
    registry_credentials_rejected,
    registry_credentials_unset,
    registry_policy_denies,
    registry_secret_malformed,
    registry_secret_unreadable,
    repository_policy_denies,
    upstream_image_missing,
)
from bot.causes.role import (
    execution_role_lacks_ecr_login,
    execution_role_lacks_image_read,
    execution_role_missing,
    execution_role_unset,
    execution_role_untrusted,
    permission_on_task_role,
)
from bot.model import Cause

CAUSES: tuple[Cause, ...] = (
    execution_role_unset.CAUSE,
    execution_role_missing.CAUSE,
    execution_role_untrusted.CAUSE,
    permission_on_task_role.CAUSE,
    execution_role_lacks_ecr_login.CAUSE,
    execution_role_lacks_image_read.CAUSE,
    pull_through_cache_credential_invalid.CAUSE,
    docker_library_prefix_missing.CAUSE,
    pull_through_cache_denied.CAUSE,
    pull_through_cache_needs_internet.CAUSE,
    repository_policy_denies.CAUSE,
    registry_policy_denies.CAUSE,
    docker_hub_rate_limited.CAUSE,
    registry_abuse_limited.CAUSE,
    ecr_throttled.CAUSE,
    registry_host_forgotten.CAUSE,
    image_digest_missing.CAUSE,
    image_tag_missing.CAUSE,
    image_in_other_region.CAUSE,
    repository_missing.CAUSE,
    upstream_image_missing.CAUSE,
    registry_secret_malformed.CAUSE,
    registry_secret_unreadable.CAUSE,
    registry_credentials_unset.CAUSE,
    registry_credentials_rejected.CAUSE,
    public_ip_missing.CAUSE,
    s3_route_missing.CAUSE,
    endpoint_missing.CAUSE,
    public_registry_unreachable.CAUSE,
    no_route_to_registry.CAUSE,
)
