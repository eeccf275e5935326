"""From a broken service to a repaired one and back, on the estate, with the product's own policies."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.accounts_file import accounts_from
from bot.aws.accounts import Doors
from bot.aws.shared import Shared
from bot.facts import Subject
from bot.model import Call
from bot.question import Impossible, Question
from bot.service import BY_ID, Service
from bot.store import Store
from bot.symptom import EMPTY
from playground import scenarios
from tests.support.estate import estate, session, unbound
from tests.support.sealing import SEAL

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

BROKEN = [s for s in scenarios.SCENARIOS if s.cause]
HEALTHY = [s for s in scenarios.SCENARIOS if not s.cause]


@pytest.fixture(scope="module")
def world():
    with estate() as made:
        yield made


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(24) as made:
        yield made


@pytest.fixture(scope="module")
def opened():
    """The doors that are open, with the clients behind them: they take a second to make."""
    return []


@pytest.fixture
def service(world, opened, empty_redis, pool):
    world.allow_all()
    world.calls.clear()
    accounts = accounts_from(scenarios.accounts_yaml())
    if not opened:
        opened.append(Doors(accounts, endpoint_url=world.url, session=session(world)))
    opened[0].shared = Shared()
    return Service(accounts, opened[0], Store.at(empty_redis, SEAL), pool)


@pytest.fixture
def anew(world, opened):
    """Build the estate anew after a test."""
    yield
    world.reset()
    scenarios.build(world)
    opened.clear()


def subject(scenario):
    return Subject(scenario.account, scenario.region, scenario.cluster, scenario.service)


def propose(service, world, name):
    scenario = scenarios.named(name)
    symptom = service.explain(scenarios.sample_error(world, scenario))
    return service.propose(
        subject(scenario), symptom, scenario.cause,
        asked_by="U01ALICE", channel="C01SHOP", thread="1.0", report="1.1",
    )  # fmt: skip


@pytest.mark.parametrize("scenario", HEALTHY, ids=lambda s: s.name)
def test_nothing_is_confirmed_where_nothing_is_wrong(service, scenario):
    """
    A healthy service confirms no cause, and nothing is left undecided.
    """
    report = service.diagnose(subject(scenario))

    assert () == report.confirmed
    assert () == report.undecided


@pytest.mark.parametrize("scenario", BROKEN, ids=lambda s: s.name)
def test_the_cause_is_named_first(service, world, scenario):
    """
    Every broken service is explained by its own cause, within 30 calls.
    """
    text = scenarios.sample_error(world, scenario)

    report = service.diagnose(subject(scenario), service.explain(text))

    assert scenario.cause == report.confirmed[0].id
    assert "now" == report.confirmed[0].finding.when
    assert report.calls <= 30


@pytest.mark.parametrize("scenario", BROKEN, ids=lambda s: s.name)
def test_the_cause_is_named_without_a_pasted_text(service, scenario):
    """
    The service alone is enough: what ECS recorded leads the way.
    """
    report = service.diagnose(subject(scenario), EMPTY)

    assert scenario.cause == report.confirmed[0].id


IN_VPC = [s for s in scenarios.SCENARIOS if s.cause and BY_ID[s.cause].group == "network"]


def asked_of_ec2(world):
    return [c for c in world.calls if c.action.startswith("ec2:")]


@pytest.mark.parametrize("scenario", IN_VPC, ids=lambda s: s.name)
def test_a_network_takes_few_calls(service, world, scenario):
    """
    The whole way of the packet is read in 14 calls at most.
    """
    service.diagnose(subject(scenario), fresh=True)

    assert 0 < len(asked_of_ec2(world)) <= 14


def test_services_of_one_vpc_share_what_is_read_of_it(service, world):
    """
    The second one asks nothing of the network that the first one has asked.
    """
    ones = [
        subject(scenarios.named(n))
        for n in ("execution-role-lacks-image-read", "image-tag-missing")
    ]
    alone = []
    for one in ones:
        world.calls.clear()
        service.look(one).report(0.0)
        alone.append(len(asked_of_ec2(world)))
    world.calls.clear()

    for one in ones:
        service.diagnose(one)

    assert 0 < min(alone)
    assert max(alone) == len(asked_of_ec2(world))


@pytest.mark.parametrize("changed", [True, False])
def test_what_is_wanted_fresh_or_was_changed_is_not_shared(service, world, changed):
    """
    After a change of ours nothing from before it counts, nor for whoever checks again.
    """
    one = subject(scenarios.named("image-tag-missing"))
    service.diagnose(one)
    asked = len(asked_of_ec2(world))
    world.calls.clear()
    if changed:
        service.store.forget_reports(one.account)

    service.diagnose(one, fresh=not changed)

    assert 0 < asked == len(asked_of_ec2(world))


def test_an_equal_question_costs_no_call(service, world):
    """
    Within the life of an answer nobody asks AWS again.
    """
    scenario = scenarios.named("image-tag-missing")
    service.diagnose(subject(scenario))
    world.calls.clear()

    again = service.diagnose(subject(scenario))

    assert again.cached
    assert 0 == again.calls
    assert [] == list(world.calls)


def test_reading_writes_nothing(service, world):
    """
    A diagnosis of everything makes no call but reads, all of them allowed.
    """
    for scenario in scenarios.SCENARIOS:
        service.diagnose(subject(scenario), fresh=True)

    verbs = {c.action.partition(":")[2] for c in world.calls}
    reads = ("BatchGet", "Describe", "List", "Lookup", "Get", "Simulate", "Validate", "AssumeRole")
    assert not {v for v in verbs if not v.startswith(reads)}
    assert not [c for c in world.calls if not c.allowed]


@pytest.mark.parametrize("name", [s.cause for s in BROKEN if not s.fixable])
def test_what_only_a_person_can_do_is_not_offered(service, world, name):
    """
    No plan, no offer, but advice with ready commands.
    """
    scenario = scenarios.named(name)
    report = service.diagnose(subject(scenario))

    assert report.confirmed[0].offer is None
    assert report.confirmed[0].advice
    with pytest.raises(Impossible) as refused:
        propose(service, world, name)
    assert "no_fix" == refused.value.name


def test_nobody_but_an_approver_approves(service, world):
    """
    Neither the developer who asked nor an outsider; a member of an approving group does.
    """
    fix = propose(service, world, "image-tag-missing")

    for user in ("U01ALICE", "U03MALLORY"):
        with pytest.raises(Impossible) as refused:
            service.approve(fix.id, user=user, groups=(), shown=fix.hash[:16])
        assert "not_approver" == refused.value.name

    assert (
        "approved"
        == service.approve(fix.id, user="U09", groups={"S01PLATFORM"}, shown=fix.hash[:16]).status
    )


def test_an_approval_works_once(service, world):
    """
    A second click is told that it was decided.
    """
    fix = propose(service, world, "image-tag-missing")
    service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])

    with pytest.raises(Impossible) as refused:
        service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])

    assert "decided" == refused.value.name


def test_an_approval_runs_out(service, world):
    """
    After an hour nobody can approve what the account was like then.
    """
    fix = propose(service, world, "image-tag-missing")
    service.clock = lambda: datetime.now(UTC) + timedelta(hours=2)

    with pytest.raises(Impossible) as refused:
        service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])

    assert "expired" == refused.value.name


def test_a_plan_that_the_account_has_overtaken_is_not_run(service, world):
    """
    Somebody else's change between approval and apply makes the plan stale, and the new one is shown.
    """
    fix = propose(service, world, "repository-policy-denies")
    service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])
    step = fix.plan.steps[0]
    admin = world.client("ecr", step.account, step.region)
    name = step.resource.partition("repository/")[2]
    other = '{"Version":"2012-10-17","Statement":[{"Sid":"Other","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"ecr:ListImages"}]}'
    admin.set_repository_policy(repositoryName=name, policyText=other)
    world.calls.clear()

    applied = service.apply(fix.id)

    assert "stale" == applied.state
    assert applied.fix.hash != fix.hash
    assert "shown" == applied.fix.status
    assert not [c for c in world.calls if "ecs-pull-fix" in c.principal]
    shown = [e["hash"] for e in service.store.audit_since() if e["event"] == "shown"]
    assert [fix.hash, applied.fix.hash] == shown
    assert ["approved", "stale"] == [
        e["event"] for e in service.store.audit_since() if e.get("who") == "U02BORA"
    ][:2]
    admin.delete_repository_policy(repositoryName=name)


def test_outside_the_plan_the_fix_role_can_do_nothing(service, world):
    """
    The session of a fix is denied another repository and another action.
    """
    fix = propose(service, world, "repository-policy-denies")
    step = fix.plan.steps[0]
    door = unbound(
        service.doors.fix(
            step.account, step.region, approver="U02BORA", plan=fix.plan, reference=fix.id
        )
    )

    for call in (
        Call(
            "ecr",
            "set_repository_policy",
            {"repositoryName": "another", "policyText": step.do.params["policyText"]},
        ),
        Call("ecr", "delete_repository", {"repositoryName": step.do.params["repositoryName"]}),
        Call("iam", "list_roles", {}),
    ):
        with pytest.raises(Exception, match="AccessDenied"):
            door.call(call)


def test_a_refused_step_leaves_a_clear_state(service, world):
    """
    AWS refuses in the middle: the fix says where it stopped, and nothing is tried blindly again.
    """
    fix = propose(service, world, "image-tag-missing")
    service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])
    world.deny("ecs-pull-fix", "ecs:UpdateService")

    applied = service.apply(fix.id)

    assert "refused" == applied.state
    assert 1 == applied.step
    assert "AccessDeniedException" == applied.code
    assert "failed" == service.fix(fix.id).status
    world.allow_all()
    service.request_undo(fix.id, user="U02BORA", groups=())
    assert "undone" == service.undo(fix.id).state


@pytest.mark.parametrize(
    ("question", "name"),
    [
        (Question(account="nobody", service="x"), "account_unknown"),
        (
            Question(account="prod", region="eu-west-1", cluster="main", service="x"),
            "region_unknown",
        ),
        (
            Question(account="prod", region="ap-northeast-1", cluster="none", service="x"),
            "cluster_missing",
        ),
        (
            Question(account="prod", region="ap-northeast-1", cluster="main", service="none"),
            "service_missing",
        ),
        (
            Question(
                account="prod",
                region="ap-northeast-1",
                cluster="main",
                task="0123456789abcdef0123456789abcdef",
            ),
            "task_forgotten",
        ),
    ],
)
def test_what_is_not_there_is_said(service, question, name):
    """
    Each impossible question has its own answer.
    """
    with pytest.raises(Impossible) as refused:
        service.diagnose(service.locate(question).only)

    assert name == refused.value.name


def test_a_role_that_cannot_be_assumed_is_said(service, world):
    """
    The trust is gone: the answer names the role.
    """
    admin = world.client("iam", "222233334444", "us-east-1")
    before = admin.get_role(RoleName="ecs-pull-read")["Role"]["AssumeRolePolicyDocument"]
    service.doors = Doors(service.accounts, endpoint_url=world.url, session=session(world))
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    admin.update_assume_role_policy(RoleName="ecs-pull-read", PolicyDocument=trust)
    scenario = scenarios.named("image-tag-missing")

    with pytest.raises(Impossible) as refused:
        service.diagnose(subject(scenario))

    assert "role_not_assumed" == refused.value.name
    assert "ecs-pull-read" in refused.value.context["role"]
    admin.update_assume_role_policy(RoleName="ecs-pull-read", PolicyDocument=json.dumps(before))


def test_a_stopped_task_is_remembered_longer_than_aws_does(service, world, anew):
    """
    After AWS has forgotten the task, the bot still explains it and says so.
    """
    scenario = scenarios.named("docker-hub-rate-limited")
    service.diagnose(subject(scenario))
    later = datetime.now(UTC) + timedelta(hours=2)
    world.set_clock(later.timestamp)
    service.clock = lambda: later

    report = service.diagnose(subject(scenario), fresh=True)

    assert report.remembered
    assert scenario.cause == report.confirmed[0].id


def test_a_pasted_text_finds_its_service(service, world):
    """
    The stopped task that says the same is the subject; nobody had to name it.
    """
    scenario = scenarios.named("image-tag-missing")
    text = scenarios.sample_error(world, scenario)

    found = service.locate(Question(text=text, channel="C01SHOP"))

    assert subject(scenario) == found.only


def test_a_failure_that_nobody_recorded_finds_nothing(service):
    """
    Of a failure before the pull as of any other: no service is guessed.
    """
    role = (
        "ECS was unable to assume the role 'arn:aws:iam::222233334444:role/{}' that was provided "
        "for this task."
    )
    for text in (
        role.format("nobodys"),
        "ResourceInitializationError: failed to validate logger args",
    ):
        found = service.locate(Question(text=text, channel="C01SHOP"))
        assert (None, ()) == (found.only, found.subjects)
    with pytest.raises(Impossible) as refused:
        service.locate(Question(text="CannotStartContainerError: no such file", channel="C01SHOP"))
    assert "nothing_named" == refused.value.name


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("execution-role-missing", "standing"),  # another Region than the channel's own
        ("execution-role-untrusted", "standing"),
        ("execution-role-trust-unmet", "standing"),
        ("log-group-missing", "same"),
        ("subnet-addresses-exhausted", "same"),
    ],
)
def test_a_failure_before_the_pull_finds_its_service(service, world, name, how):
    """
    By the name in the event of the service, else by the very words that its task recorded.
    """
    scenario = scenarios.named(name)
    text = f"Help! ```{scenarios.sample_error(world, scenario)}``` It worked yesterday."

    found = service.locate(Question(text=text, channel="C01SHOP"))

    assert (subject(scenario), how) == (found.only, found.how)


def test_a_name_is_looked_for_where_no_account_is_usual(service):
    """
    In a channel without a default the one service of the name is taken, wherever it is.
    """
    asked = Question(cluster="main", service="ledger", channel="C03RANDOM")
    found = service.locate(asked)

    assert (subject(scenarios.named("execution-role-missing")), "standing") == (
        found.only,
        found.how,
    )
    with pytest.raises(Impossible) as refused:
        service.locate(replace(asked, service="nowhere"))
    assert "service_nowhere" == refused.value.name


def test_every_account_that_a_fix_changes_has_a_say(service, world):
    """
    A policy in the registry's account is not approved by the workload's approvers alone.
    """
    text = scenarios.accounts_yaml()
    entries = text.split("  - id:")
    images = next(e for e in entries if "alias: images" in e)
    service.accounts = accounts_from(text.replace(images, images.replace("U02BORA", "U05REGISTRY")))
    fix = propose(service, world, "repository-policy-denies")

    with pytest.raises(Impossible) as refused:
        service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])

    assert "not_approver" == refused.value.name
    assert "images" == refused.value.context["account"]
    approved = service.approve(fix.id, user="U02BORA", groups={"S01PLATFORM"}, shown=fix.hash[:16])
    assert "approved" == approved.status


def test_a_fix_is_not_offered_where_one_of_its_accounts_has_no_fix_role(service, world):
    """
    The registry's account is for diagnosis only, so its policy is left to a person.
    """
    text = scenarios.accounts_yaml()
    line = next(row for row in text.splitlines() if "333344445555:role/ecs-pull-fix" in row)
    service.accounts = accounts_from(text.replace(line + "\n", ""))

    with pytest.raises(Impossible) as refused:
        propose(service, world, "repository-policy-denies")

    assert "role" == refused.value.context["because"]


def hidden(alias):
    """The accounts file with one account that only one channel may see."""
    entry = f"    alias: {alias}\n"
    return accounts_from(
        scenarios.accounts_yaml().replace(entry, entry + "    channels: [C09AUDIT]\n")
    )


def test_a_channel_learns_nothing_of_accounts_that_it_may_not_see(service):
    """
    Where else a repository is, is told where that account is seen, whoever asked first.
    """
    service.accounts = hidden("images")
    where = subject(scenarios.named("repository-missing"))
    found = "333344445555.dkr.ecr"
    told = {}
    for channel in ("C09AUDIT", "C01SHOP", None):
        report = service.diagnose(where, channel=channel)
        told[channel] = found in str(report.confirmed[0].finding.verdict)

    assert {"C09AUDIT": True, "C01SHOP": False, None: True} == told
    assert service.diagnose(where, channel="C02SHOPJA").cached


def test_a_registry_that_the_channel_may_not_see_is_not_read_for_it(service, world):
    """
    Neither is it looked at, nor is a fix of it offered: it sounds like an account nobody knows.
    """
    service.accounts = hidden("images")
    where = subject(scenarios.named("repository-policy-denies"))
    world.calls.clear()

    report = service.diagnose(where, channel="C01SHOP", fresh=True)

    assert () == report.confirmed
    assert "account 333344445555 is not configured" in {u.because for u in report.missing}
    assert not [c for c in world.calls if "333344445555" in c.principal]
    with pytest.raises(Impossible) as refused:
        propose(service, world, "repository-policy-denies")
    assert "unread" == refused.value.context["because"]


def test_a_subject_that_the_channel_may_no_longer_see_is_not_looked_at(service, world):
    """
    The accounts file changed after the answer: its buttons end there.
    """
    service.accounts = hidden("prod")
    world.calls.clear()

    for ask in (service.diagnose, service.look):
        with pytest.raises(Impossible) as refused:
            ask(subject(scenarios.named("image-tag-missing")), channel="C01SHOP")
        assert "not_visible" == refused.value.name
    assert [] == list(world.calls)


def test_a_past_diagnosis_is_listed_only_where_all_that_it_names_is_seen(service):
    """
    The finding of one channel may name an account that another one has never heard of.
    """
    service.accounts = hidden("images")
    report = service.diagnose(subject(scenarios.named("repository-missing")))
    service.note(report, "gone")

    listed = [len(service.recent(service.accounts.seen_in(c), 10)) for c in ("C09AUDIT", "C01SHOP")]

    assert [1, 0] == listed


def approved(service, world, name="image-tag-missing"):
    fix = propose(service, world, name)
    return service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])


def audited(service):
    return [e["event"] for e in service.store.audit_since()]


def test_an_approval_is_not_applied_hours_later(service, world):
    """
    The queue was down meanwhile: the approval has ended, is audited, and never comes to life.
    """
    fix = approved(service, world)
    clock, world_calls = service.clock, world.calls
    service.clock = lambda: datetime.now(UTC) + timedelta(hours=1)
    world_calls.clear()

    assert "expired" == service.apply(fix.id).state
    service.clock = clock
    assert "idle" == service.apply(fix.id).state
    assert "expired" == service.fix(fix.id).status
    assert ["shown", "approved", "expired"] == audited(service)
    assert [] == list(world_calls)


def test_what_is_begun_is_ended_however_late_it_is(service, world):
    """
    A fix that was begun in time is finished by whoever takes over.
    """
    fix = approved(service, world)
    service.keep(
        replace(fix, status="applying", outcome={"applied_at": service.clock().isoformat()})
    )
    service.clock = lambda: datetime.now(UTC) + timedelta(hours=3)

    assert "verified" == service.apply(fix.id).state
    service.clock = lambda: datetime.now(UTC)
    service.request_undo(fix.id, user="U02BORA", groups=())
    assert "undone" == service.undo(fix.id).state


def test_an_approval_ends_where_the_account_cannot_be_looked_at_again(service, world):
    """
    The service is gone meanwhile: nothing is applied, and the reason is told and audited.
    """
    fix = approved(service, world)
    service.keep(replace(fix, subject=replace(fix.subject, service="gone")))

    applied = service.apply(fix.id)

    assert ("unread", "service_missing") == (applied.state, applied.why.name)
    assert "expired" == service.fix(fix.id).status
    assert ["shown", "approved", "unread"] == audited(service)


def test_an_undo_is_not_done_hours_later(service, world):
    """
    It can be asked for again; the fix stands as it was.
    """
    fix = approved(service, world)
    service.apply(fix.id)
    service.request_undo(fix.id, user="U02BORA", groups=())
    service.clock = lambda: datetime.now(UTC) + timedelta(hours=1)

    assert "expired" == service.undo(fix.id).state
    assert "verified" == service.fix(fix.id).status
    assert "undo-expired" == audited(service)[-1]
    service.request_undo(fix.id, user="U02BORA", groups=())
    assert "undone" == service.undo(fix.id).state


def test_an_undo_that_nobody_asked_for_does_nothing(service, world):
    """
    Whatever puts such a job on the queue.
    """
    fix = propose(service, world, "image-tag-missing")

    assert "idle" == service.undo(fix.id).state
    assert "shown" == service.fix(fix.id).status
