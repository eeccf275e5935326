from dataclasses import replace

import pytest

from bot.causes.network.external_host_egress_blocked import advise, decide
from bot.evidence import ask
from bot.facts import ContainerHost, ImageReference, Platform, Recorded, Service
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from bot.symptom import EMPTY, parse
from tests.cases.building import REDIS, case
from tests.cases.healthy import HEALTHY, HOST
from tests.cases.network import ASKING, CASES, SILENT

OUTSIDE = CASES["external-host-egress-blocked"]


@pytest.mark.parametrize("kind", ["FARGATE", "EC2", "MANAGED_INSTANCES"])
def test_hosts_in_aws_are_judged_by_their_network(kind):
    """
    Where a VPC is on the way, other causes read it.
    """
    assert isinstance(ask(decide, OUTSIDE | {Platform: Platform(kind)}), RuledOut)


@pytest.mark.parametrize(
    "said",
    [
        f"CannotPullContainerError: failed to resolve ref {HOST}/team/shop:v1.0.0: not found",
        "CannotPullContainerError: pull access denied for shop",
        "CannotPullContainerError: failed to register layer: no space left on device",
    ],
)
def test_a_registry_that_answered_was_reached(said):
    """
    Whatever it answered, the network let it through.
    """
    assert isinstance(ask(decide, OUTSIDE | {Recorded: Recorded(parse(said))}), RuledOut)


def test_nothing_recorded_leaves_it_open():
    """
    Nothing of that network can be read, so without the error there is no evidence.
    """
    open_ = Unknown("Recorded", "ECS has recorded nothing about this pull")

    assert Undecided((open_,)) == ask(decide, OUTSIDE | {Recorded: Recorded(EMPTY)})
    assert isinstance(
        ask(decide, HEALTHY | {Platform: Platform("EXTERNAL"), Recorded: Recorded(EMPTY)}),
        Undecided,
    )


def test_the_hosts_to_open_are_named():
    """
    Of ECR three: the login, the registry and the store of the layers.
    """
    proof = ask(decide, OUTSIDE).proof

    assert isinstance(ask(decide, OUTSIDE), Confirmed)
    assert ("0123456789abcdef", "52.46.1.2", False) == (
        proof["machine"], proof["address"], proof["lost"],
    )  # fmt: skip
    assert [
        "api.ecr.eu-west-1.amazonaws.com", HOST,
        "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com",
    ] == proof["hosts"]  # fmt: skip


def test_a_region_of_china_has_hosts_of_its_own():
    """
    Both ECR and S3 end otherwise there.
    """
    here = OUTSIDE[ImageReference]
    far = replace(here, region="cn-north-1", host=HOST.replace("eu-west-1", "cn-north-1") + ".cn")

    assert all(
        h.endswith(".amazonaws.com.cn")
        for h in ask(decide, OUTSIDE | {ImageReference: far}).proof["hosts"]
    )


def test_another_registry_has_one_host():
    """
    Docker Hub, say; and a name that is not found is told apart.
    """
    lost = ASKING + f"dial tcp: lookup {HOST} on 192.168.1.1:53: no such host"
    hub = case(OUTSIDE, REDIS)
    found = ask(decide, OUTSIDE | {Recorded: Recorded(parse(lost))})

    assert [hub[ImageReference].host] == ask(decide, hub).proof["hosts"]
    assert found.proof["lost"]


def test_what_is_not_known_of_the_host_is_left_out():
    """
    The container instance may be gone; the error is proof enough.
    """
    gone = {
        ContainerHost: Unknown("ContainerHost", "the container instance is gone"),
        Service: Unknown("Service", "denied"),
    }

    assert isinstance(found := ask(decide, OUTSIDE | gone), Confirmed)
    assert (None, None) == (found.proof["machine"], found.proof["cluster"])
    assert SILENT in OUTSIDE[Recorded].symptom.errors[0]


def test_the_machine_can_be_found():
    """
    Its container instance is known, its name and its address Systems Manager tells.
    """
    ecs, ssm = ask(advise, OUTSIDE)
    unknown, _ = ask(advise, OUTSIDE | {ContainerHost: Unknown("ContainerHost", "gone")})

    assert ["0123456789abcdef"] == ecs.params["containerInstances"]
    assert ("ssm", "describe_instance_information") == (ssm.service, ssm.operation)
    assert ["<container instance>"] == unknown.params["containerInstances"]
