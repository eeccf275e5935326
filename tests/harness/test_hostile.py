"""Hostile names in accounts and texts, through the whole diagnosis: nothing pings, links or breaks."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from bot.aws.reference import split
from bot.catalogue import CAUSES
from bot.diagnosis import suspects
from bot.facts import Subject
from bot.question import Impossible, Question
from bot.render import preview, terminal, thread, views
from bot.service import BY_ID
from playground import scenarios
from playground.scenarios.places import CLUSTER, REGISTRY, TOKYO, WORKLOAD
from tests.harness.bench import ACCOUNTS, ALICE
from tests.harness.table import Case
from tests.support.hostile import HIDDEN, HOSTILE, message_harm, view_harm

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

HOST = f"{WORKLOAD}.dkr.ecr.{TOKYO}.amazonaws.com"
DIRTY = (
    *HOSTILE,
    "<@U02BORA> <!subteam^S01PLATFORM> <#C01SHOP>",
    "{{ 7*7 }} {% raw %} ${jndi:ldap://x} %(x)s {0} {{ self.__init__ }}",
    '"}]},{"type":"section","text":{"type":"mrkdwn","text":"<!channel>"}}',
    '\\u003c!channel\\u003e\\n\\"',
    "\u061c\u2067gnp.elif\u2069\ufeff\u202e",
    "😀" * 400,
    "../../../etc/passwd%00",
    "arn:aws:iam::222233334444:role/x:::::/",
    "sha256:" + "0" * 4000,
)
LOOK_ALIKES = (
    f"{HOST}.evil.example", f"evil.example.{HOST}", f"evil-{HOST}",
    f"{HOST}.", f"{HOST}x", f"{HOST}%2eevil.example", f"{HOST}\\.evil.example",
    f"1{HOST}", HOST.replace("dkr", "dkr.evil"), HOST.replace("amazonaws", "amazonavvs"),
    HOST.replace("amazonaws", "amazonawſ"), HOST.replace("dkr", "d\u212ar"),
    HOST.replace(WORKLOAD, "２２２２３３３３４４４４"), HOST.replace("amazonaws", "аmazonaws"),
    HOST.replace(".com", ".com.evil"), HOST.replace(".com", ".com\u200b"), f"{HOST}#.evil.example",
)  # fmt: skip
ECR = "ecr:"
LANGUAGES = ("ja",)  # tests/render soils every message in every language
NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
CASE = Case("repository-policy-denies")
MODEL = Case("image-tag-missing")  # of its service, shop-web, the others have role and network


def harm_of(found):
    """What is wrong with anything that is said of a report, in Slack and in a terminal."""
    account, problems = ACCOUNTS.find(WORKLOAD), []
    for language in LANGUAGES:
        said = thread.report(found, language, key="C01SHOP:1.0", account=account, now=NOW)
        problems += message_harm(said) + view_harm(views.details(found, language))
        out = io.StringIO()
        terminal.diagnose(terminal.console(out), found, language, NOW)
        problems += HIDDEN.findall(out.getvalue().replace("\n", ""))
    return problems


def harm_of_text(symptom):
    """What is wrong with what the text alone is answered with."""
    problems = []
    for language in LANGUAGES:
        said = [
            thread.first(symptom, suspects(symptom, CAUSES), language, "…"),
            thread.text_only(symptom, (), language, key="C01SHOP:1.0", matches=2),
            thread.near_miss(symptom, language),
        ]
        problems += [harm for message in said for harm in message_harm(message)]
    return problems


@pytest.fixture(scope="module", autouse=True)
def case(lasting_bench):
    lasting_bench.break_anew(CASE, MODEL)


@pytest.fixture(scope="module")
def ecs(lasting_bench, case):
    return lasting_bench.estate.client("ecs", WORKLOAD, TOKYO)


def run(bench, ecs, image, *, name="hostile", container="app", role="shop-web-execution"):
    """Let a service run *image*, broken or not; return it."""
    like = ecs.describe_services(cluster=CLUSTER, services=["shop-web"])["services"][0]
    made = ecs.register_task_definition(
        family="hostile", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
        memory="512", executionRoleArn=f"arn:aws:iam::{WORKLOAD}:role/{role}",
        containerDefinitions=[{"name": container, "image": image, "essential": True}],
    )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
    ecs.create_service(
        cluster=CLUSTER, serviceName=name, taskDefinition=made, desiredCount=1,
        launchType="FARGATE", networkConfiguration=like["networkConfiguration"],
    )  # fmt: skip
    bench.estate.tick()
    bench.estate.calls.clear()
    return Subject(WORKLOAD, TOKYO, CLUSTER, name)


@pytest.mark.parametrize("dirt", DIRTY, ids=range(len(DIRTY)))
@pytest.mark.parametrize("where", ["names", "image"])
def test_hostile_names_in_an_account_stay_inert(bench, ecs, where, dirt, request):
    """
    As a tag and the names of service, container and role; as a repository, or as a whole image.
    """
    dirt = dirt.replace("\ud800", "\ufffd")  # AWS answers in UTF-8, which has no half characters
    number = request.node.callspec.id
    if where == "names":
        names = {"name": f"{dirt[:200]}{number}".replace("/", "-"), "container": dirt, "role": dirt}
        subject = run(bench, ecs, f"{HOST}/shop-web:{dirt}", **names)
    else:
        whole = dirt if DIRTY.index(request.node.callspec.params["dirt"]) % 2 else None
        subject = run(bench, ecs, whole or f"{HOST}/{dirt}:v1", name=f"image-{number}")
    try:
        symptom = bench.service.explain(error_of(ecs, subject))
        assert [] == harm_of(bench.service.diagnose(subject, symptom))
        assert [] == harm_of_text(symptom)
    finally:
        ecs.delete_service(cluster=CLUSTER, service=subject.service, force=True)
    assert [] == bench.writes()


def error_of(ecs, subject):
    """Return what ECS recorded."""
    there = {"cluster": CLUSTER}
    arns = ecs.list_tasks(**there, serviceName=subject.service, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(**there, tasks=arns)["tasks"] if arns else []
    return tasks[0].get("stoppedReason", "") if tasks else ""


@pytest.mark.parametrize("dirt", DIRTY, ids=range(len(DIRTY)))
def test_hostile_texts_stay_inert(bench, dirt):
    """
    Pasted anywhere in an error, and typed as a question: explained, diagnosed, shown, inert.
    """
    error = scenarios.sample_error(bench.estate, CASE.scenario)
    found = CASE.scenario
    subject = Subject(found.account, found.region, found.cluster, found.service)
    texts = [
        dirt,
        f"{dirt}\n{error}\n{dirt}",
        error.replace(CASE.scenario.service, dirt),
    ]
    for text in texts:
        symptom = bench.service.explain(text)
        assert [] == harm_of_text(symptom)
    for text in texts[1:]:
        report = bench.service.diagnose(subject, bench.service.explain(text), fresh=True)
        assert [] == harm_of(report)
    for asked in (Question(text=dirt), bench.service.question(dirt, "C01SHOP")):
        try:
            bench.service.locate(asked)
        except Impossible as reason:
            for language in LANGUAGES:
                assert [] == message_harm(thread.problem(reason.name, language, reason.context))
    assert [] == bench.writes()


@pytest.mark.parametrize("dirt", DIRTY, ids=range(len(DIRTY)))
def test_hostile_policies_stay_inert(bench, dirt):
    """
    In the policy of somebody else that a fix keeps: the change is shown as it is, and does nothing.
    """
    dirt = dirt.replace("\ud800", "\ufffd")
    found = CASE.scenario
    bench.see_broken(CASE)
    ecr = bench.estate.client("ecr", REGISTRY, found.region)
    theirs = {
        "Sid": dirt, "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "ecr:ListImages", "Condition": {"StringEquals": {"aws:x": dirt, dirt: "y"}},
    }  # fmt: skip
    policy = {"Version": "2012-10-17", "Statement": [theirs]}
    ecr.set_repository_policy(repositoryName=found.service, policyText=json.dumps(policy))
    try:
        fix = bench.ask(CASE)
        for language in LANGUAGES:
            shown = preview.proposed(fix, BY_ID[fix.cause], ACCOUNTS.find(WORKLOAD), language)
            assert [] == message_harm(shown)
        assert theirs in fix.plan.steps[0].after["Statement"]
        assert ALICE == fix.asked_by
    finally:
        ecr.delete_repository_policy(repositoryName=found.service)
    assert [] == bench.writes()


@pytest.mark.parametrize("host", LOOK_ALIKES)
def test_a_host_that_looks_like_a_registry_is_none(bench, ecs, host):
    """
    It is not taken for ECR: no account is read for it, no fix leads there, and no text claims one.
    """
    assert "ecr" != split(f"{host}/shop-web:v1", "app").registry
    text = f"CannotPullContainerError: failed to resolve ref {host}/shop-web:v1: not found"
    symptom = bench.service.explain(text)
    assert [] == harm_of_text(symptom)
    if host.isprintable():  # a text is read as its reader sees it
        assert symptom.entities.account_id is None

    subject = run(bench, ecs, f"{host}/shop-web:v1", name=f"alike-{LOOK_ALIKES.index(host)}")
    try:
        report = bench.service.diagnose(subject, symptom)
    finally:
        ecs.delete_service(cluster=CLUSTER, service=subject.service, force=True)

    assert [] == harm_of(report)
    found = {e.id for e in report.confirmed if e.finding.cause.group in ("image", "role")}
    assert found <= {"image-reference-malformed"}  # no engine takes some of them for a host at all
    assert all(e.offer is None for e in report.confirmed)
    assert [] == [e.id for e in report.confirmed if e.offer]
    assert [] == [c for c in bench.estate.calls if c.action.startswith(ECR)]
