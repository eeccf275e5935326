"""One recorded service for each way to break it: what was learned, and what must be confirmed."""

from __future__ import annotations

from bot.facts import Namesakes, Platform
from tests.cases import host as of_host
from tests.cases import image as of_image
from tests.cases import network as of_network
from tests.cases import registry as of_registry
from tests.cases import role as of_role
from tests.cases import secret as of_secret
from tests.cases.building import REDIS, Facts, case, endpoints, host, image
from tests.cases.healthy import ACCOUNT, HEALTHY, OLD, REGION, URI, network

HEALTHY_CASES: dict[str, Facts] = {
    "nat": HEALTHY,
    "public": case(network(public=True, default="igw-1")),
    "endpoints": case(endpoints("ecr.api", "ecr.dkr", "s3")),
    "old-fargate-endpoints": case(
        endpoints("ecr.dkr", "s3"), {Platform: Platform("FARGATE", "1.3.0")}
    ),
    "docker-hub": case(REDIS),
    "docker-hub-mirrored": case(
        REDIS, {Namesakes: Namesakes((f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/redis",))}
    ),
    "ec2": case(host(network(public=True, default="igw-1"))),
    "transit-gateway": case(network(public=False, default="tgw-1")),
    "firewall": case(network(public=False, default="vpce-firewall")),
    "pinned": case(image(f"{URI}@{OLD}")),
    **of_secret.HEALTHY_SECRETS,
    **of_host.HEALTHY_HOSTS,
}

# Each case confirms exactly the cause that it is named after; a suffix tells the variants.
BROKEN_CASES: dict[str, Facts] = {
    **of_role.CASES,
    **of_image.CASES,
    **of_registry.CASES,
    **of_secret.CASES,
    **of_network.CASES,
    **of_host.CASES,
}

# What holds as well: a misplaced permission is also one that the right role lacks, and what a
# rule removed is missing.
ALSO: dict[str, tuple[str, ...]] = {
    "image-expired": ("image-tag-missing",),
    "image-not-replicated": ("image-tag-missing",),
    "permission-on-task-role": (
        "execution-role-lacks-ecr-login",
        "execution-role-lacks-image-read",
    ),
}
