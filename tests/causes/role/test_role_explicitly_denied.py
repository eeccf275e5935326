from dataclasses import replace

import pytest

from bot.causes.role.role_explicitly_denied import CAUSE, advise
from bot.facts import Circumstances, Seen
from bot.model import Confirmed, RuledOut, Undecided
from bot.pulling import LOGIN
from tests.causes.facts import HUB, because, unknown, well_worded
from tests.causes.role.facts_policies import (
    BOUNDED,
    HOSTS,
    SESSION,
    WHO,
    allow,
    asked,
    carrying,
    deny,
    document,
    pull,
    refusal,
    simulated,
)

ALL = document(allow())
UNREAD = unknown("ExecutionRolePermissions")
DENIES = "with an explicit deny in an identity-based policy"
FAR = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}


def judged(permissions, **more):
    return asked(CAUSE.decide, pull(permissions, **more))


def test_nothing_denies():
    """
    A role that is allowed, and one that only lacks an Allow, are not denied.
    """
    assert isinstance(judged(simulated()), RuledOut)
    assert isinstance(judged(simulated("ecr:BatchGetImage")), RuledOut)
    assert isinstance(judged(carrying(ALL)), RuledOut)


def test_a_deny_of_something_else():
    """
    A Deny of pushing, or of another repository, stops no pull.
    """
    other = deny(Resource="arn:aws:ecr:eu-west-1:222233334444:repository/other")

    assert isinstance(judged(carrying(ALL, document(deny("ecr:PutImage"), other))), RuledOut)


def test_a_deny_whose_condition_is_not_met():
    """
    Where the pull stays in the Region that the Deny spares, it is spared.
    """
    here = Seen({"aws:RequestedRegion": "eu-west-1"})

    permissions = carrying(ALL, document(deny("*", Condition=FAR)))
    assert isinstance(judged(permissions, seen=Circumstances(here, here)), RuledOut)


@pytest.mark.parametrize("by", ["boundary", "scp"])
def test_a_deny_of_somebody_else(by):
    """
    What a boundary or the organization denies is another cause.
    """
    denied = simulated("ecr:BatchGetImage", decision="explicit-deny", by=by)

    assert isinstance(judged(denied), RuledOut)
    everything = document(allow("*"), deny("*"))
    assert isinstance(judged(carrying(ALL, boundary=everything), role=BOUNDED), RuledOut)


def test_nobody_pulls():
    """
    Docker Hub asks no role, and a role that is gone is denied nothing.
    """
    permissions = carrying(document(allow(), deny()))

    assert isinstance(judged(permissions, image=HUB), RuledOut)
    assert isinstance(judged(permissions, role=replace(WHO, exists=False)), RuledOut)


def test_unknown_permissions_leave_it_open():
    """
    What nobody may read is not decided, nor is a condition on what nobody can see.
    """
    assert Undecided((UNREAD,)) == judged(UNREAD)
    condition = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
    verdict = judged(carrying(ALL, document(deny(Condition=condition))))
    assert "aws:SourceVpce" in because(verdict)


def test_a_refusal_of_another_role_says_nothing():
    """
    ECS recorded the refusal of another role.
    """
    said = refusal(DENIES, who=SESSION.replace("shop-execution", "other"))

    assert isinstance(judged(UNREAD, said=said), Undecided)


def test_the_statement_is_named():
    """
    Policy and statement stand in the proof, for whoever owns them.
    """
    arn = "arn:aws:iam::222233334444:policy/guardrail"
    verdict = judged(carrying(document(deny()), ALL, names=(arn,)))

    assert isinstance(verdict, Confirmed)
    assert (arn, "NoPulls", "evaluated") == tuple(
        verdict.proof[k] for k in ("policy", "statement", "how")
    )
    assert ["ecr:BatchGetImage"] == verdict.proof["actions"]
    assert well_worded(CAUSE, verdict)


def test_the_login_is_denied():
    """
    A Deny of everything names every action; that the role allows nothing else does not matter.
    """
    verdict = judged(carrying(document(deny("*"))))

    assert isinstance(verdict, Confirmed)
    assert LOGIN == verdict.proof["actions"][0]


def test_the_simulation_speaks_where_no_policy_is_read():
    """
    Then the statement has no name, and nothing else is claimed.
    """
    verdict = judged(simulated("ecr:BatchGetImage", decision="explicit-deny"))

    assert isinstance(verdict, Confirmed)
    assert (None, "simulated") == (verdict.proof["policy"], verdict.proof["how"])
    assert well_worded(CAUSE, verdict)


def test_the_recorded_refusal_speaks_where_nobody_else_may():
    """
    ECS recorded an explicit Deny, with the ARN of the policy where it gives it.
    """
    arn = "arn:aws:iam::222233334444:policy/guardrail"
    for why, named in ((DENIES, None), (f"{DENIES}: {arn}", arn)):
        verdict = judged(UNREAD, said=refusal(why))

        assert isinstance(verdict, Confirmed)
        assert (named, "recorded") == (verdict.proof["policy"], verdict.proof["how"])
        assert well_worded(CAUSE, verdict)


def test_a_simulation_that_misses_a_value_does_not_outweigh_the_record():
    """
    IAM allows it for want of a value that a Deny looks at; ECS recorded that the Deny held.
    """
    free = simulated()
    missing = replace(free, items=tuple(replace(p, keys=("aws:SourceVpce",)) for p in free.items))

    assert isinstance(judged(missing, said=refusal(DENIES)), Confirmed)
    assert isinstance(judged(missing), RuledOut)
    assert isinstance(judged(free, said=refusal(DENIES)), RuledOut)


def test_the_hosts_are_denied():
    """
    Where the instance role pulls, it is the one that is judged.
    """
    verdict = judged(carrying(document(allow(), deny())), role=HOSTS)

    assert isinstance(verdict, Confirmed)
    assert "hosts" == verdict.proof["role"]


def test_a_deny_is_left_to_its_owner():
    """
    There is no plan; the ready calls only read.
    """
    assert CAUSE.plan is None
    assert all(c.operation.startswith("list_") for c in advise(WHO))
    assert () == advise(unknown("PullingRole"))
