from dataclasses import replace

from bot.causes.network.endpoint_policy_denies import decide, plan
from bot.evidence import ask
from bot.facts import (
    ExecutionRole,
    Platform,
    PullingRole,
    Route,
    SecretReference,
    TaskDefinition,
    Vpc,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import REDIS, case, derived, endpoints, host, with_endpoint, with_route
from tests.cases.healthy import ARN, HEALTHY, ROLE
from tests.cases.network import ALL, DENYING, PRIVATE, READING, policy

ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}
BROKEN = case(with_endpoint(PRIVATE, "vpce-ecr-dkr", policy=READING))


def dkr(document):
    return case(with_endpoint(PRIVATE, "vpce-ecr-dkr", policy=document))


def test_policies_that_let_it_through():
    """
    None, the one that allows all, and one for the role, its account or the repository.
    """
    for document in (
        None,
        policy(ALL),
        policy({**ALL, "Principal": {"AWS": ROLE}}),
        policy({**ALL, "Principal": {"AWS": "222233334444"}}),
        policy({**ALL, "Action": "ecr:*", "Resource": f"{ARN}*"}),
        policy({**ALL, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}),
    ):
        assert isinstance(ask(decide, dkr(document)), RuledOut)


def test_endpoints_that_are_not_on_the_way():
    """
    What leads past an endpoint does not hear its policy.
    """
    past = with_endpoint(PRIVATE, "vpce-ecr-dkr", policy=READING, private_dns=False)
    out = with_route(case(past), "rtb-task", Route("0.0.0.0/0", "nat-1"), Route("pl-s3", "vpce-s3"))

    assert isinstance(ask(decide, out), RuledOut)
    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case(REDIS, BROKEN)), Confirmed)
    assert isinstance(ask(decide, BROKEN | REDIS), RuledOut)


def test_what_depends_on_what_nobody_told():
    """
    The organization's id is not known here, so a condition on it leaves it open.
    """
    (missing,) = ask(decide, dkr(policy({**ALL, "Condition": ORGANIZATION}))).missing

    assert "condition key aws:principalorgid unknown" == missing.because.lower()


def test_where_names_lead_is_not_known():
    """
    A VPC that nobody could read may lead past the endpoint.
    """
    denied = Unknown("Vpc", "denied", "ec2:DescribeVpcs")
    out = with_route(BROKEN, "rtb-task", Route("0.0.0.0/0", "nat-1"), Route("pl-s3", "vpce-s3"))
    shut = {Vpc: denied}

    assert isinstance(ask(decide, out), Confirmed)
    assert isinstance(ask(decide, out | shut), Confirmed | Undecided)


def test_on_a_host_nobody_knows_who_pulls():
    """
    The instance's role may be let through where the execution role is not.
    """
    unknown = {PullingRole: Unknown("PullingRole", "the host is not known")}

    assert isinstance(ask(decide, case(host(BROKEN)) | unknown), Undecided)


def test_the_registry_is_refused():
    """
    The proof names the endpoint, the actions and the role.
    """
    proof = ask(decide, BROKEN).proof

    assert (["vpce-ecr-dkr"], "shop-execution") == (proof["endpoints"], proof["role"])
    assert ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] == proof["actions"]
    assert (False, True) == (proof["denies"], proof["fixable"])


def test_the_login_is_refused():
    """
    It passes the endpoint of the API; Fargate up to 1.3.0 does not.
    """
    facts = case(with_endpoint(PRIVATE, "vpce-ecr-api", policy=READING))

    assert ["ecr:GetAuthorizationToken"] == ask(decide, facts).proof["actions"]
    assert isinstance(ask(decide, facts | {Platform: Platform("FARGATE", "1.3.0")}), RuledOut)


def test_a_secret_is_refused():
    """
    Secrets Manager has an endpoint of its own.
    """
    arn = "arn:aws:secretsmanager:eu-west-1:222233334444:secret:db-AbCdEf"
    (app,) = HEALTHY[TaskDefinition].containers
    asking = replace(app, secrets=(SecretReference("DB", f"{arn}:password::"),))
    there = endpoints("ecr.api", "ecr.dkr", "s3", "secretsmanager")
    facts = case(
        with_endpoint(there, "vpce-secretsmanager", policy=READING),
        {TaskDefinition: replace(HEALTHY[TaskDefinition], containers=(asking,))},
    )

    assert ["secretsmanager:GetSecretValue"] == ask(decide, facts).proof["actions"]
    assert arn == ask(plan, facts).steps[0].after["Statement"][-1]["Resource"]


def test_plan_adds_one_statement_for_the_role():
    """
    Every other statement stays as it is, and the undo restores the document.
    """
    step, _ = ask(plan, BROKEN).steps
    old, new = step.after["Statement"]

    assert (READING, READING["Statement"][0]) == (step.before, old)
    assert ({"AWS": ROLE}, ARN) == (new["Principal"], new["Resource"])
    assert "vpce-ecr-dkr" == step.undo.params["VpcEndpointId"]


def test_plan_makes_the_verdict_ruled_out():
    """
    What the plan leaves behind rules the cause out.
    """
    facts = with_endpoint(BROKEN, "vpce-ecr-api", policy=READING)
    after = facts
    for step in ask(plan, facts).steps[:-1]:
        after = with_endpoint(after, step.do.params["VpcEndpointId"], policy=step.after)

    assert isinstance(ask(decide, facts), Confirmed)
    assert isinstance(ask(decide, after), RuledOut)


def test_a_deny_stays():
    """
    Somebody wrote it on purpose.
    """
    facts = dkr(DENYING)

    assert (True, False) == tuple(ask(decide, facts).proof[k] for k in ("denies", "fixable"))
    assert ask(plan, facts) is None


def test_without_a_role_nobody_is_refused():
    """
    That there is none is another cause.
    """
    nobody = {ExecutionRole: ExecutionRole(None, None, exists=False)}

    assert isinstance(ask(decide, derived(BROKEN | nobody)), RuledOut)
