"""The subnet has no IPv4, and the image's host is not one that ECR answers for over IPv6.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
"""

from __future__ import annotations

from bot.egress import Situation, hop_verdict, situated
from bot.model import Cause, Verdict


@situated
def decide(at: Situation) -> Verdict:
    return hop_verdict("ipv6-only-subnet", at, host=at.image.host, dual=_dual(at), vpc=at.vpc)


def _dual(at: Situation) -> str | None:
    """Return the host of the same registry that answers over IPv6, too; ECR alone has one."""
    image = at.image
    if image.registry != "ecr" or not image.account or not image.region:
        return None
    china = image.region.startswith("cn-")
    domain = "on.amazonwebservices.com.cn" if china else "on.aws"
    return f"{image.account}.dkr-ecr.{image.region}.{domain}"


CAUSE = Cause(
    id="ipv6-only-subnet",
    group="network",
    stage="S3",
    until="S5",
    families=("network-unreachable", "pull-cancelled", "dns-failure"),
    decide=decide,
)
