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
    cross_region_image_unreachable,
    custom_dns_server,
    endpoint_missing,
    endpoint_policy_denies,
    endpoint_private_dns_off,
    endpoint_security_group_closed,
    endpoint_unavailable,
    firewall_in_path,
    internet_gateway_missing,
    ipv6_only_subnet,
    nat_gateway_broken,
    network_acl_blocks,
    no_route_to_registry,
    public_ip_missing,
    s3_endpoint_policy_denies,
    s3_route_missing,
    subnet_addresses_exhausted,
    task_security_group_closed,
    vpc_dns_off,
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
from bot.model import Cause

CAUSES: tuple[Cause, ...] = (
    execution_role_unset.CAUSE,
    execution_role_missing.CAUSE,
    execution_role_untrusted.CAUSE,
    permission_on_task_role.CAUSE,
    execution_role_lacks_ecr_login.CAUSE,
    execution_role_lacks_image_read.CAUSE,
    repository_policy_denies.CAUSE,
    endpoint_policy_denies.CAUSE,
    s3_endpoint_policy_denies.CAUSE,
    docker_hub_rate_limited.CAUSE,
    registry_host_forgotten.CAUSE,
    image_digest_missing.CAUSE,
    image_tag_missing.CAUSE,
    image_in_other_region.CAUSE,
    repository_missing.CAUSE,
    registry_secret_unreadable.CAUSE,
    registry_credentials_unset.CAUSE,
    public_ip_missing.CAUSE,
    s3_route_missing.CAUSE,
    endpoint_missing.CAUSE,
    endpoint_security_group_closed.CAUSE,
    task_security_group_closed.CAUSE,
    nat_gateway_broken.CAUSE,
    internet_gateway_missing.CAUSE,
    endpoint_private_dns_off.CAUSE,
    vpc_dns_off.CAUSE,
    network_acl_blocks.CAUSE,
    endpoint_unavailable.CAUSE,
    cross_region_image_unreachable.CAUSE,
    ipv6_only_subnet.CAUSE,
    subnet_addresses_exhausted.CAUSE,
    custom_dns_server.CAUSE,
    firewall_in_path.CAUSE,
    no_route_to_registry.CAUSE,
)
