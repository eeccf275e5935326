from dataclasses import replace

from bot.aws.reference import split
from bot.causes.network.endpoint_missing import advise, decide, plan
from bot.evidence import ask
from bot.facts import (
    Container,
    ImageReference,
    NetworkAcls,
    Platform,
    PullInterface,
    SecretReference,
    Service,
    Subnets,
    TaskDefinition,
    Vpc,
    VpcEndpoints,
)
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import case, endpoints, with_groups
from tests.cases.healthy import HEALTHY, URI, network

ALL = ("ecr.api", "ecr.dkr", "s3")


def asking(*secrets, log=None, credentials=None):
    """A task definition that asks for *secrets* and logs with driver *log*."""
    references = tuple(SecretReference(f"S{i}", v) for i, v in enumerate(secrets))
    only = Container("app", URI, credentials=credentials, secrets=references, log_driver=log)
    return {TaskDefinition: replace(HEALTHY[TaskDefinition], containers=(only,))}


def missing(facts):
    """The short names of the endpoints that are missing."""
    return [m.removeprefix("com.amazonaws.eu-west-1.") for m in ask(decide, facts).proof["missing"]]


def test_internet_makes_endpoints_optional():
    """
    With a NAT gateway or an address no endpoint is needed.
    """
    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case(network(public=True, default="igw-1"))), RuledOut)


def test_complete_endpoints():
    """
    Nothing is missing where all are there, FIPS endpoints included.
    """
    assert isinstance(ask(decide, case(endpoints(*ALL))), RuledOut)
    assert isinstance(ask(decide, case(endpoints("ecr-fips.api", "ecr-fips.dkr", "s3"))), RuledOut)


def test_no_endpoints_at_all_is_another_cause():
    """
    A VPC without interface endpoints was never meant to work by them.
    """
    assert isinstance(ask(decide, case(network(public=False, default=None))), RuledOut)
    assert isinstance(ask(decide, case(endpoints("s3"))), RuledOut)


def test_missing_layers_are_another_cause():
    """
    With both endpoints of ECR, only S3 is missing.
    """
    assert isinstance(ask(decide, case(endpoints("ecr.api", "ecr.dkr"))), RuledOut)


def test_old_fargate_logs_in_elsewhere():
    """
    Up to platform version 1.3.0 the login needs no endpoint; Windows 1.0.0 and EC2 do.
    """
    facts = case(endpoints("ecr.dkr", "s3"))

    assert isinstance(ask(decide, facts | {Platform: Platform("FARGATE", "1.3.0")}), RuledOut)
    for platform in (Platform("FARGATE", "1.0.0"), Platform("FARGATE", "1.4.0"), Platform("EC2")):
        assert ["ecr.api"] == missing(facts | {Platform: platform})


def test_registry_of_another_region():
    """
    Endpoints of this Region are not missing for another one; what others serve stays open.
    """
    far = split(URI.replace("eu-west-1", "us-east-1"), "app")
    facts = case(endpoints(*ALL), {ImageReference: far})
    there = replace(facts[VpcEndpoints].items[0], service="com.amazonaws.us-east-1.ecr.dkr")

    assert isinstance(ask(decide, facts), RuledOut)
    assert isinstance(ask(decide, facts | {VpcEndpoints: VpcEndpoints((there,))}), Undecided)


def test_endpoint_that_failed_is_missing():
    """
    An endpoint that is deleted or failed serves nobody.
    """
    facts = case(endpoints(*ALL))
    items = facts[VpcEndpoints].items
    failed = VpcEndpoints((replace(items[0], state="failed"), *items[1:]))

    assert ["ecr.api"] == missing(facts | {VpcEndpoints: failed})


def test_each_endpoint_of_the_registry():
    """
    The proof names exactly what is missing, and S3 beside it.
    """
    assert isinstance(ask(decide, case(endpoints("ecr.dkr", "s3"))), Confirmed)
    assert ["ecr.api"] == missing(case(endpoints("ecr.dkr", "s3")))
    assert ["ecr.dkr"] == missing(case(endpoints("ecr.api", "s3")))
    assert ["ecr.dkr", "s3"] == missing(case(endpoints("ecr.api")))


def test_what_the_containers_ask_for():
    """
    Secrets, parameters, a private registry's credentials and logs have endpoints of their own.
    """
    secret = "arn:aws:secretsmanager:eu-west-1:222233334444:secret:db-AbCdEf"
    far = "arn:aws:secretsmanager:us-east-1:222233334444:secret:db-AbCdEf"
    facts = case(endpoints(*ALL))

    assert ["secretsmanager"] == missing(facts | asking(secret))
    assert ["secretsmanager"] == missing(facts | asking(credentials=secret))
    assert ["ssm"] == missing(facts | asking("/shop/db"))
    assert ["logs"] == missing(facts | asking(log="awslogs"))
    assert isinstance(ask(decide, facts | asking(far, log="fluentd")), RuledOut)


def test_advice_creates_what_is_missing():
    """
    The call is ready but for the security group, and has private DNS.
    """
    (call,) = ask(advise, case(endpoints("ecr.api", "s3")))

    assert "com.amazonaws.eu-west-1.ecr.dkr" == call.params["ServiceName"]
    assert call.params["PrivateDnsEnabled"]
    assert ["<group that lets 443 in from the task>"] == call.params["SecurityGroupIds"]


def test_plan_makes_the_verdict_ruled_out():
    """
    The endpoint is as those that are there: their group, private DNS, one subnet of each zone.
    """
    step, _ = ask(plan, case(endpoints("ecr.api", "s3"))).steps

    assert ("com.amazonaws.eu-west-1.ecr.dkr", True) == (
        step.after["ServiceName"],
        step.after["PrivateDnsEnabled"],
    )
    assert (["subnet-a", "subnet-b"], ["sg-endpoint"]) == (
        step.after["SubnetIds"],
        step.after["SecurityGroupIds"],
    )
    assert {"VpcEndpointIds": [{"$answer": [0, "VpcEndpoint.VpcEndpointId"]}]} == step.undo.params
    assert isinstance(ask(decide, case(endpoints(*ALL))), RuledOut)


def test_plan_for_the_layers_beside_it():
    """
    What S3 lacks as well is part of it: the gateway that is there, or a new one.
    """
    elsewhere = ask(plan, case(endpoints("ecr.api", "s3", tables=("rtb-main",))))
    new = ask(plan, case(endpoints("ecr.api")))

    assert ["vpc-endpoint", "vpc-endpoint-routes", "service-deployment"] == [
        s.kind for s in elsewhere.steps
    ]
    assert ["Interface", "Gateway"] == [s.do.params["VpcEndpointType"] for s in new.steps[:-1]]
    assert {"$answer": [1, "VpcEndpoint.VpcEndpointId"]} == new.steps[1].undo.params[
        "VpcEndpointIds"
    ][0]


def test_no_plan_that_would_not_help():
    """
    Where no group lets the task in, or DNS is off, another thing has to be mended as well.
    """
    broken = case(endpoints("ecr.api", "s3"))

    assert ask(plan, broken | with_groups(endpoint=())) is None
    assert ask(plan, broken | with_groups(task=())) is None
    assert ask(plan, broken | {Vpc: replace(HEALTHY[Vpc], dns_hostnames=False)}) is None
    assert ask(plan, HEALTHY) is None


def test_the_token_is_of_this_deployment():
    """
    Planned twice it is one endpoint; after an undo, which deploys anew, it is another.
    """
    facts = case(endpoints("ecr.api", "s3"))
    later = {Service: replace(HEALTHY[Service], deployments=())}
    first, again, other = (
        ask(plan, f).steps[0].do.params["ClientToken"] for f in (facts, facts, facts | later)
    )

    assert first == again != other
    assert len(first) <= 64
    assert 15 == ask(decide, facts).proof["cost"]


def with_other(facts, **change):
    """*facts* of a start in subnet-a, beside the service's subnet-b with something else."""
    first, second = facts[Subnets].items
    narrow = replace(facts[PullInterface], subnets=("subnet-a",), others=("subnet-b",))
    return facts | {
        PullInterface: narrow, Subnets: Subnets((first,), others=(replace(second, **change),))
    }  # fmt: skip


def test_an_other_subnet_with_trouble_of_its_own_is_left_out():
    """
    Its ACL is shut: the endpoint is made for the subnet of the start alone.
    """
    facts = with_other(case(endpoints("ecr.dkr", "s3")))
    both = ask(plan, facts).steps[0].do.params["SubnetIds"]
    (acl,) = facts[NetworkAcls].items
    shut = replace(acl, id="acl-shut", subnets=("subnet-b",), entries=())
    apart = replace(acl, subnets=tuple(s for s in acl.subnets if s != "subnet-b"))
    alone = ask(plan, facts | {NetworkAcls: NetworkAcls((apart, shut))})

    assert ["subnet-a", "subnet-b"] == both
    assert ["subnet-a"] == alone.steps[0].do.params["SubnetIds"]


def test_a_vpc_that_an_other_subnet_shows_to_be_shared_is_not_changed():
    """
    Its owner may be told by the service's other subnet alone.
    """
    facts = with_other(case(endpoints("ecr.dkr", "s3")), owner="999988887777")

    assert isinstance(ask(decide, facts), Confirmed)
    assert None is ask(plan, facts)
