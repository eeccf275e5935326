from bot.causes.secret.log_group_missing import CAUSE, advise, decide, plan
from bot.facts import LogGroup, LogGroups
from bot.model import Confirmed, RuledOut
from tests.causes.facts import ACCOUNT, NO_SERVICE, REGION, SERVICE, SUBJECT, well_worded

ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/shop:*"
GONE = LogGroup("/ecs/shop", "app", REGION, ARN)
THERE = LogGroup("/ecs/other", "sidecar", REGION, ARN.replace("shop", "other"), exists=True)


def test_no_group_has_to_be_there():
    """
    Another log driver, or one that makes its group, misses none.
    """
    assert isinstance(decide(LogGroups()), RuledOut)
    assert plan(SUBJECT, SERVICE, LogGroups()) is None


def test_a_group_that_is_there():
    """
    What exists is not missing.
    """
    assert isinstance(decide(LogGroups((THERE,))), RuledOut)


def test_a_missing_group():
    """
    Every one that is missing is named.
    """
    second = LogGroup("/ecs/third", "third", REGION, ARN.replace("shop", "third"))
    verdict = decide(LogGroups((THERE, GONE, second)))

    assert isinstance(verdict, Confirmed)
    assert ("/ecs/shop", ["/ecs/third"]) == (verdict.proof["group"], verdict.proof["others"])
    assert well_worded(CAUSE, verdict)
    assert ["create_log_group"] == [c.operation for c in advise(LogGroups((THERE, GONE)))]


def test_plan_makes_the_verdict_ruled_out():
    """
    The group is made where the container looks for it, and deleted again while it is empty.
    """
    make, deploy = plan(SUBJECT, SERVICE, LogGroups((THERE, GONE))).steps

    assert (ARN, None, {"logGroupName": "/ecs/shop", "logStreams": False}) == (
        make.resource, make.before, make.after,
    )  # fmt: skip
    assert "delete_log_group" == make.undo.operation
    assert "service-deployment" == deploy.kind
    assert 1 == len(plan(SUBJECT, NO_SERVICE, LogGroups((GONE,))).steps)
    assert isinstance(decide(LogGroups((THERE,))), RuledOut)
