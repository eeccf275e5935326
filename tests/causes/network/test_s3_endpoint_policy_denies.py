from bot.causes.network.s3_endpoint_policy_denies import decide, plan
from bot.evidence import ask
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import REDIS, case, with_endpoint
from tests.cases.healthy import ACCOUNT, HEALTHY
from tests.cases.network import ALL, GUARDED, OWN, PRIVATE, policy

BUCKET = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket"


def s3(document):
    return case(with_endpoint(PRIVATE, "vpce-s3", policy=document))


def test_policies_that_let_layers_through():
    """
    None, the one that allows all, and one for ECR's bucket without conditions.
    """
    for document in (
        None,
        policy(ALL),
        policy({**ALL, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}),
        policy(
            OWN["Statement"][0], {**ALL, "Action": "s3:Get*", "Resource": "arn:aws:s3:::prod-*"}
        ),
    ):
        assert isinstance(ask(decide, s3(document)), RuledOut)


def test_layers_that_come_another_way():
    """
    Without the endpoint, and for other registries, its policy says nothing.
    """
    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case(PRIVATE) | s3(OWN) | REDIS), RuledOut)


def test_buckets_of_accounts_that_we_do_not_know():
    """
    Whose account the bucket is in, AWS does not say; one of those named may be it.
    """
    named = {"StringEquals": {"aws:ResourceAccount": [ACCOUNT, "999900001111"]}}
    own = {"StringEquals": {"aws:ResourceAccount": [ACCOUNT]}}

    assert isinstance(ask(decide, s3(policy({**ALL, "Condition": named}))), Undecided)
    assert isinstance(ask(decide, s3(policy({**ALL, "Condition": own}))), Confirmed)


def test_conditions_that_never_fit():
    """
    ECR's own account signs, so what is kept to ours is kept from the layers.
    """
    for condition in (
        {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}},
        {"StringEquals": {"aws:ResourceOrgID": "o-ours"}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
    ):
        verdict = ask(decide, s3(policy({**ALL, "Condition": condition})))

        assert isinstance(verdict, Confirmed), condition
        assert (["vpce-s3"], BUCKET) == (verdict.proof["endpoints"], verdict.proof["bucket"])


def test_principals_and_buckets_of_our_own():
    """
    A policy that names our roles or our buckets leaves ECR's out.
    """
    ours = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}

    assert isinstance(ask(decide, s3(policy({**ALL, "Principal": ours}))), Confirmed)
    assert isinstance(
        ask(decide, s3(policy({**ALL, "Resource": "arn:aws:s3:::shop-*"}))), Confirmed
    )


def test_plan_makes_the_verdict_ruled_out():
    """
    One statement for the bucket; the rest stays, and the undo restores it.
    """
    step, _ = ask(plan, s3(OWN)).steps
    old, new = step.after["Statement"]

    assert (OWN, OWN["Statement"][0]) == (step.before, old)
    assert ("*", f"{BUCKET}/*") == (new["Principal"], new["Resource"])
    assert isinstance(ask(decide, s3(step.after)), RuledOut)


def test_a_deny_stays():
    """
    The organization's guard is there on purpose: a person leaves the bucket out of it.
    """
    proof = ask(decide, s3(GUARDED)).proof

    assert (True, False) == (proof["denies"], proof["fixable"])
    assert ask(plan, s3(GUARDED)) is None
