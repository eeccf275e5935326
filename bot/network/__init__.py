"""Is there a way from this subnet to that endpoint, hop by hop. Pure.

A hop is closed only where facts say so; what was not read leaves it unknown. What is not looked
at: private hosted zones, firewalls, and the far side of peerings and transit gateways.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from bot.network.paths import KNOWN_AS, SERVICES, Path, path, paths, targets
from bot.network.view import LINUX_PORTS, WINDOWS_PORTS, Hop, Network

__all__ = [
    "KNOWN_AS",
    "LINUX_PORTS",
    "SERVICES",
    "WINDOWS_PORTS",
    "Hop",
    "Network",
    "Path",
    "path",
    "paths",
    "targets",
]
