"""The causes we know, most specific first. Adding one is adding a line here."""

from __future__ import annotations

from bot.causes.image import (
    image_archived,
    image_digest_missing,
    image_expired,
    image_in_other_region,
    image_key_unusable,
    image_not_replicated,
    image_platform_mismatch,
    image_reference_malformed,
    image_tag_missing,
    not_a_container_image,
    registry_host_forgotten,
    registry_host_wrong_partition,
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
    registry_credentials_unset,
    registry_secret_unreadable,
    repository_policy_denies,
)
from bot.causes.role import (
    execution_role_lacks_ecr_login,
    execution_role_lacks_image_read,
    execution_role_missing,
    execution_role_trust_unmet,
    execution_role_unset,
    execution_role_untrusted,
    instance_role_lacks_image_read,
    organization_policy_blocks,
    permission_on_task_role,
    permissions_boundary_blocks,
    role_condition_unmet,
    role_explicitly_denied,
)
from bot.model import Cause

CAUSES: tuple[Cause, ...] = (
    execution_role_unset.CAUSE,
    execution_role_missing.CAUSE,
    execution_role_untrusted.CAUSE,
    execution_role_trust_unmet.CAUSE,
    permission_on_task_role.CAUSE,
    execution_role_lacks_ecr_login.CAUSE,
    execution_role_lacks_image_read.CAUSE,
    instance_role_lacks_image_read.CAUSE,
    role_explicitly_denied.CAUSE,
    permissions_boundary_blocks.CAUSE,
    organization_policy_blocks.CAUSE,
    role_condition_unmet.CAUSE,
    repository_policy_denies.CAUSE,
    docker_hub_rate_limited.CAUSE,
    image_reference_malformed.CAUSE,
    registry_host_wrong_partition.CAUSE,
    registry_host_forgotten.CAUSE,
    not_a_container_image.CAUSE,
    image_platform_mismatch.CAUSE,
    image_key_unusable.CAUSE,
    image_digest_missing.CAUSE,
    image_tag_missing.CAUSE,
    image_expired.CAUSE,
    image_archived.CAUSE,
    image_in_other_region.CAUSE,
    repository_missing.CAUSE,
    image_not_replicated.CAUSE,
    registry_secret_unreadable.CAUSE,
    registry_credentials_unset.CAUSE,
    public_ip_missing.CAUSE,
    s3_route_missing.CAUSE,
    endpoint_missing.CAUSE,
    no_route_to_registry.CAUSE,
)
