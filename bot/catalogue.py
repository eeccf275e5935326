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
    registry_credentials_unset,
    registry_secret_unreadable,
    repository_policy_denies,
)
from bot.causes.role import (
    execution_role_lacks_ecr_login,
    execution_role_lacks_image_read,
    execution_role_missing,
    execution_role_unset,
    execution_role_untrusted,
    permission_on_task_role,
)
from bot.causes.secret import (
    execution_role_lacks_decrypt,
    execution_role_lacks_parameter_read,
    execution_role_lacks_secret_read,
    log_group_missing,
    parameter_missing,
    secret_in_other_account,
    secret_json_key_missing,
    secret_missing,
    secret_pending_deletion,
    secret_reference_malformed,
    secret_version_missing,
)
from bot.model import Cause

CAUSES: tuple[Cause, ...] = (
    execution_role_unset.CAUSE,
    execution_role_missing.CAUSE,
    execution_role_untrusted.CAUSE,
    permission_on_task_role.CAUSE,
    execution_role_lacks_ecr_login.CAUSE,
    execution_role_lacks_image_read.CAUSE,
    repository_policy_denies.CAUSE,
    docker_hub_rate_limited.CAUSE,
    registry_host_forgotten.CAUSE,
    image_digest_missing.CAUSE,
    image_tag_missing.CAUSE,
    image_in_other_region.CAUSE,
    repository_missing.CAUSE,
    registry_secret_unreadable.CAUSE,
    registry_credentials_unset.CAUSE,
    execution_role_lacks_secret_read.CAUSE,
    execution_role_lacks_parameter_read.CAUSE,
    execution_role_lacks_decrypt.CAUSE,
    secret_pending_deletion.CAUSE,
    secret_reference_malformed.CAUSE,
    secret_missing.CAUSE,
    parameter_missing.CAUSE,
    secret_version_missing.CAUSE,
    secret_json_key_missing.CAUSE,
    secret_in_other_account.CAUSE,
    log_group_missing.CAUSE,
    public_ip_missing.CAUSE,
    s3_route_missing.CAUSE,
    endpoint_missing.CAUSE,
    no_route_to_registry.CAUSE,
)
