from dataclasses import replace

from bot.aws.reference import split
from bot.causes.network.endpoint_missing import advise, decide
from bot.evidence import ask
from bot.facts import (
    Container,
    ImageReference,
    Platform,
    SecretReference,
    TaskDefinition,
    VpcEndpoints,
)
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import case, endpoints
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
