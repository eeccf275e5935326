import pytest

from bot.causes.network.firewall_in_path import advise, decide
from bot.evidence import ask
from bot.facts import Recorded, SecurityGroups
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from bot.symptom import EMPTY
from tests.cases.building import REDIS, case, with_acl, with_groups
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import ASKING, DENY, PRIVATE, SILENT

TLS = "tls: failed to verify certificate: x509: certificate signed by unknown authority"


def behind(device, text=ASKING + SILENT):
    return case(network(public=False, default=device), text=text)


def test_ways_without_a_device():
    """
    A gateway, endpoints, or no way at all.
    """
    for facts in (HEALTHY, PRIVATE, network(public=False, default=None)):
        assert isinstance(ask(decide, case(facts, text=ASKING + SILENT)), RuledOut)


@pytest.mark.parametrize("device", ["vpce-wall", "eni-1", "tgw-1", "vgw-1", "lgw-1"])
def test_a_device_by_itself_is_no_fault(device):
    """
    Without what ECS recorded it stays open, and so it does for what somebody pasted.
    """
    facts = behind(device) | {Recorded: Recorded(EMPTY)}
    (missing,) = ask(decide, facts).missing

    assert f"what lies behind {device} is not known" == missing.because


def test_another_hop_that_is_closed_or_unread():
    """
    Then the silence has another reason, or may have.
    """
    facts = behind("vpce-wall")
    denied = Unknown("SecurityGroups", "denied")

    for change in (with_groups(task=()), with_acl(DENY), {SecurityGroups: denied}):
        assert isinstance(ask(decide, facts | change), Undecided)


def test_an_address_of_the_vpc():
    """
    A private address was not looked for behind the device.
    """
    private = ASKING + SILENT.replace("52.46.1.2", "10.0.1.77")

    assert isinstance(ask(decide, behind("vpce-wall", private)), Undecided)


def test_another_error_is_not_its_fault():
    """
    A registry that answers was reached.
    """
    said = "CannotPullContainerError: failed to resolve ref docker.io/library/redis:7: not found"

    assert isinstance(ask(decide, behind("vpce-wall", said)), Undecided)


@pytest.mark.parametrize("device", ["vpce-wall", "eni-1", "tgw-1"])
def test_no_answer_from_behind_it(device):
    """
    All that can be seen is open, and a public address gave no answer.
    """
    verdict = ask(decide, behind(device))

    assert isinstance(verdict, Confirmed)
    assert ([device], "52.46.1.2", False) == tuple(
        verdict.proof[k] for k in ("devices", "address", "tls")
    )
    assert ["subnet-a", "subnet-b"] == verdict.proof["closed"]


def test_a_certificate_of_its_own():
    """
    Somebody between here and the registry shows one that nobody trusts.
    """
    assert ask(decide, behind("vpce-wall", ASKING + TLS)).proof["tls"]


def test_other_registries():
    """
    They are behind it as well.
    """
    said = (
        "CannotPullContainerError: failed to resolve ref docker.io/library/redis:7: failed to do "
        'request: Head "https://registry-1.docker.io/v2/library/redis/manifests/7": ' + SILENT
    )

    assert isinstance(ask(decide, behind("eni-1", said) | REDIS), Confirmed)


@pytest.mark.parametrize(
    ("device", "operation"),
    [
        ("vpce-wall", "list_firewalls"),
        ("eni-1", "describe_network_interface_attribute"),
        ("i-1", "describe_instance_attribute"),
        ("tgw-1", "describe_transit_gateway_route_tables"),
        ("vgw-1", "describe_route_tables"),
    ],
)
def test_advice_is_to_look(device, operation):
    """
    As far as EC2 tells; what an appliance does, only its owner sees.
    """
    assert [operation] == [c.operation for c in ask(advise, behind(device))]
