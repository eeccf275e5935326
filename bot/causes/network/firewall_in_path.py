"""Everything up to a firewall or an appliance is open, and what goes into it does not come back.

https://docs.aws.amazon.com/network-firewall/latest/developerguide/troubleshooting-general-issues.html
"""

from __future__ import annotations

from ipaddress import ip_address

from bot.egress import Situation, exits, situated
from bot.model import JSON, Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.network import Hop, Path

# A firewall's endpoint, an appliance's interface, and what leads to a hub where one may stand.
INSPECTING = ("vpce-", "eni-", "i-", "tgw-", "vgw-", "lgw-", "arn:")
UNSEEN = ("target-not-judged", "endpoints-may-be-shared")
SILENT = ("network-unreachable", "certificate-invalid")


@situated
def decide(at: Situation) -> Verdict:
    behind = [(p, hop) for w in exits(at) for p in w.ways if (hop := _hidden(p))]
    devices = list(dict.fromkeys(str(h.why["target"]) for _, h in behind))
    seen: dict[str, JSON] = {
        "devices": devices,
        "tables": list(dict.fromkeys(str(h.id) for _, h in behind if h.id)),
        "closed": list(dict.fromkeys(p.source for p, _ in behind)),
        "address": at.said.address,
        "host": at.said.entities.endpoint_host or at.image.host,
        "tls": at.said.family == "certificate-invalid",
    }
    if not behind:
        return RuledOut(seen)
    about = [p for p, _ in behind if at.said.target in (p.target, None)]
    if _heard(at) and any(map(_clear, about)):
        return Confirmed(seen)
    unseen = (Unknown("RouteTables", f"what lies behind {d} is not known") for d in devices)
    return Undecided(tuple(unseen))


def _hidden(path: Path) -> Hop | None:
    """Return the hop of *path* that leads where nobody here can see."""
    hops = (h for h in path.hops if h.why.get("reason") in UNSEEN)
    return next((h for h in hops if str(h.why["target"]).startswith(INSPECTING)), None)


def _clear(path: Path) -> bool:
    """Tell whether *path* is open up to where nobody can see, and all of it leads there."""
    hidden = _hidden(path)
    surely = hidden is not None and hidden.why["reason"] == UNSEEN[0]
    return surely and all(h.state == "open" for h in path.hops if h is not hidden)


def _heard(at: Situation) -> bool:
    """Tell whether ECS recorded that a public address gave no answer, or a stranger's certificate."""
    said = at.said
    public = said.address is not None and ip_address(said.address).is_global
    return said.family in SILENT and (public or said.family == "certificate-invalid")


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Look at the device as far as EC2 tells; the rest only its owner sees."""
    hops = (hop for w in exits(at) for p in w.ways if (hop := _hidden(p)))
    devices = dict.fromkeys(str(h.why["target"]) for h in hops)
    return tuple(map(_look, devices))


def _look(device: str) -> Call:
    if device.startswith("vpce-"):
        return Call("network-firewall", "list_firewalls", {})
    if device.startswith("eni-"):
        asked = {"NetworkInterfaceId": device, "Attribute": "sourceDestCheck"}
        return Call("ec2", "describe_network_interface_attribute", asked)
    if device.startswith("i-"):
        asked = {"InstanceId": device, "Attribute": "sourceDestCheck"}
        return Call("ec2", "describe_instance_attribute", asked)
    by = {"Filters": [{"Name": "transit-gateway-id", "Values": [device]}]}
    hub = Call("ec2", "describe_transit_gateway_route_tables", by)
    return hub if device.startswith("tgw-") else Call("ec2", "describe_route_tables", {})


CAUSE = Cause(
    id="firewall-in-path",
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "certificate-invalid", "pull-cancelled"),
    decide=decide,
    advise=advise,
)
