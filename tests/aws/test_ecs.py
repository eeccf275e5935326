"""What ECS tells: the failed task, its service, its definition."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import symptom
from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.ecs import service, stopped_task, task_definition
from bot.facts import Deployment, Service, StoppedTask, Subject
from bot.model import CannotTell

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
IMAGE = "222233334444.dkr.ecr.eu-west-1.amazonaws.com/my-app"
WEB = Subject("222233334444", "eu-west-1", "main", "web")
NOT_FOUND = f"CannotPullContainerError: failed to resolve ref {IMAGE}:v1: {IMAGE}:v1: not found"


def task(name, reason="", code=None, age=0, image=f"{IMAGE}:v1", **more):
    return {
        "taskArn": f"arn:aws:ecs:eu-west-1:222233334444:task/main/{name}",
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:222233334444:task-definition/web:7",
        "stoppedReason": reason,
        "stopCode": code,
        "stoppedAt": AT - timedelta(minutes=age),
        "group": "service:web",
        "containers": [{"name": "app", "image": image}],
        **more,
    }


def tasks(*said):
    """The answers of a cluster with these stopped tasks."""
    by_arn = {t["taskArn"]: t for t in said}
    return {
        "list_tasks": {"taskArns": list(by_arn)},
        "describe_tasks": lambda p: {
            "tasks": [t for a, t in by_arn.items() if any(a.endswith(x) for x in p["tasks"])]
        },
    }


@pytest.fixture
def here(door):
    def make(**answers):
        return WorkloadAccount(door(answers))

    return make


def name(found):
    return found.arn and found.arn.rpartition("/")[2]


def test_what_a_person_wrote_on_stopping_a_task_is_no_failure(here):
    """
    Whoever stops a task may type any reason, an error that was copied as well.
    """
    stopped = here(**tasks(task("theirs", NOT_FOUND, "UserInitiated")))

    assert StoppedTask() == stopped_task(stopped, WEB, symptom.EMPTY)


def test_no_stopped_task_is_an_answer(here):
    """
    ECS forgets after an hour, and a cluster may be gone: there is no task then.
    """
    assert StoppedTask() == stopped_task(here(**tasks()), WEB, symptom.EMPTY)
    gone = here(list_tasks=NotFound("ClusterNotFoundException"))
    assert StoppedTask() == stopped_task(gone, WEB, symptom.EMPTY)


def test_tasks_that_were_stopped_on_purpose_are_passed_over(here):
    """
    A deployment stops tasks all the time; that is no failed pull.
    """
    said = tasks(
        task(
            "scaled",
            "Scaling activity initiated by (deployment ecs-svc/1)",
            "ServiceSchedulerInitiated",
        )
    )

    assert StoppedTask() == stopped_task(here(**said), WEB, symptom.EMPTY)


def test_the_newest_failure_counts(here):
    """
    Of several failures the last one is what people ask about.
    """
    said = tasks(
        task("older", NOT_FOUND, "TaskFailedToStart", age=9),
        task("newer", NOT_FOUND, "TaskFailedToStart", age=1),
        task("scaled", "Scaling activity initiated by x", age=0),
    )

    assert "newer" == name(stopped_task(here(**said), WEB, symptom.EMPTY))


def test_a_pull_failure_is_known_by_its_words(here):
    """
    A stop code may be missing; what ECS wrote is enough.
    """
    said = tasks(task("words", NOT_FOUND, None))

    assert "words" == name(stopped_task(here(**said), WEB, symptom.EMPTY))


def test_on_ec2_the_container_says_it(here):
    """
    The task only says that it failed to start; the container says why.
    """
    containers = [{"name": "app", "image": f"{IMAGE}:v1", "reason": NOT_FOUND}]
    said = tasks(task("ec2", "Task failed to start", "TaskFailedToStart", containers=containers))
    found = stopped_task(here(**said), WEB, symptom.EMPTY)

    assert (NOT_FOUND, "Task failed to start") == found.texts


def test_the_task_that_was_named_is_looked_at(here):
    """
    Its cluster stands in its ARN.
    """
    failed = task("t1", NOT_FOUND, "TaskFailedToStart")
    account = here(**tasks(failed, task("t2", NOT_FOUND, "TaskFailedToStart")))
    subject = Subject("222233334444", "eu-west-1", task=failed["taskArn"])

    assert "t1" == name(stopped_task(account, subject, symptom.EMPTY))
    assert "main" == account.door.asked[0].params["cluster"]


def test_in_a_cluster_the_pasted_image_chooses(here):
    """
    Where only the cluster is known, the task whose image was pasted is meant.
    """
    other = task("other", NOT_FOUND, "TaskFailedToStart", image=f"{IMAGE}-two:v1")
    said = tasks(other, task("meant", NOT_FOUND, "TaskFailedToStart", age=5))
    cluster = Subject("222233334444", "eu-west-1", "main")

    assert "meant" == name(stopped_task(here(**said), cluster, symptom.parse(NOT_FOUND)))


def test_a_revision_that_was_named_is_meant_exactly(here):
    """
    web:7 is not web:8.
    """
    said = tasks(task("seven", NOT_FOUND, "TaskFailedToStart"))

    def found(revision):
        subject = Subject("222233334444", "eu-west-1", "main", task_definition=revision)
        return name(stopped_task(here(**said), subject, symptom.EMPTY))

    assert ("seven", "seven", None) == (found("web:7"), found("web"), found("web:8"))


def test_what_ecs_tells_about_a_task(here):
    """
    Platform, subnet and host are kept, because the path depends on them.
    """
    said = task(
        "t", NOT_FOUND, "TaskFailedToStart",
        launchType="FARGATE", platformVersion="1.4.0", createdAt=AT,
        attributes=[{"name": "ecs.cpu-architecture", "value": "arm64"}],
        attachments=[{"details": [{"name": "subnetId", "value": "subnet-1"}]}],
    )  # fmt: skip
    found = stopped_task(here(**tasks(said)), WEB, symptom.EMPTY)

    assert ("FARGATE", "1.4.0", "arm64", "subnet-1") == (
        found.launch_type, found.platform_version, found.cpu_architecture, found.subnet
    )  # fmt: skip


def described(**more):
    arn = "arn:aws:ecs:eu-west-1:222233334444:service/main/web"
    return {"services": [{"serviceName": "web", "serviceArn": arn, "status": "ACTIVE", **more}]}


def test_no_service_was_meant(here):
    """
    A task that was run by hand has no service.
    """
    said = tasks(task("t", NOT_FOUND, "TaskFailedToStart", group="family:web"))
    subject = Subject("222233334444", "eu-west-1", "main")

    assert Service() == service(here(**said), subject, symptom.EMPTY)


@pytest.mark.parametrize("answer", [{"services": []}, described(status="INACTIVE")])
def test_a_service_that_is_gone(here, answer):
    """
    A deleted service is still described for a while.
    """
    found = service(here(describe_services=answer), WEB, symptom.EMPTY)

    assert ("web", False, "main") == (found.name, found.exists, found.cluster)


def test_a_cluster_that_is_gone(here):
    """
    A missing cluster is told apart from a missing service.
    """
    gone = NotFound("ClusterNotFoundException")
    found = service(here(describe_services=gone), WEB, symptom.EMPTY)

    assert (False, None) == (found.exists, found.cluster)


@pytest.mark.parametrize(
    ("said", "controller"),
    [({}, "ECS"), *(({"deploymentController": {"type": t}}, t) for t in ("ECS", "CODE_DEPLOY"))],
)
def test_who_deploys_a_service(here, said, controller):
    """
    ECS itself, where nothing else is told.
    """
    web = {"serviceName": "web", "serviceArn": "arn:web", "status": "ACTIVE", **said}
    account = here(describe_services={"services": [web]})

    assert controller == service(account, WEB, symptom.EMPTY).controller


def test_the_service_of_a_task_is_found(here):
    """
    The task says which service started it.
    """
    said = tasks(task("t", NOT_FOUND, "TaskFailedToStart"))
    subject = Subject("222233334444", "eu-west-1", "main", task="t")

    assert service(here(**said, describe_services=described()), subject, symptom.EMPTY).exists


def test_capacity_providers_of_fargate_are_fargate(here):
    """
    A service with a strategy has no launch type of its own.
    """

    def launched(*providers):
        strategy = [{"capacityProvider": p} for p in providers]
        answer = described(capacityProviderStrategy=strategy)
        return service(here(describe_services=answer), WEB, symptom.EMPTY).launch_type

    assert ("FARGATE", None) == (launched("FARGATE_SPOT", "FARGATE"), launched("my-hosts"))


DEFINITION = {
    "taskDefinition": {
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:222233334444:task-definition/web:7",
        "family": "web",
        "revision": 7,
        "registeredAt": AT,
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [
            {
                "name": "app",
                "image": f"{IMAGE}:v1",
                "repositoryCredentials": {"credentialsParameter": "hub"},
                "secrets": [{"name": "KEY", "valueFrom": "arn:s"}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}},
            }
        ],
    },
    "tags": [{"key": "team", "value": "shop"}],
}


def asked_for(here, task=StoppedTask(), owner=Service(), subject=WEB):  # noqa: B008
    account = here(describe_task_definition=DEFINITION)
    task_definition(account, subject, task, owner)
    return account.door.asked[0].params["taskDefinition"]


def test_the_revision_that_failed_is_read(here):
    """
    The task's own, else that of the deployment that fails, else what was named, else the service's.
    """
    owner = Service(
        definition="web:6",
        deployments=(
            Deployment("1", "PRIMARY", "web:6"),
            Deployment("2", "ACTIVE", "web:7", failed_tasks=2),
        ),
    )
    named = Subject("222233334444", "eu-west-1", "main", task_definition="web:5")

    assert "web:8" == asked_for(here, StoppedTask(arn="t", definition="web:8"), owner)
    assert "web:7" == asked_for(here, owner=owner)
    assert "web:5" == asked_for(here, subject=named)
    assert "web:6" == asked_for(here, owner=Service(definition="web:6"))


def test_what_the_definition_says(here):
    """
    All that ECS said is kept to copy from, as plain JSON and with its tags.
    """
    owner = Service(definition="web:7")
    account = here(describe_task_definition=DEFINITION)
    found = task_definition(account, WEB, StoppedTask(), owner)
    (app,) = found.containers

    assert ("hub", "awslogs", {"awslogs-group": "g"}) == (
        app.credentials, app.log_driver, app.log_options
    )  # fmt: skip
    assert (None, None, ("FARGATE",)) == (
        found.execution_role, found.task_role, found.compatibilities
    )  # fmt: skip
    assert ([{"key": "team", "value": "shop"}], AT.isoformat()) == (
        found.raw["tags"], found.raw["registeredAt"]
    )  # fmt: skip


def test_without_a_definition_nothing_is_told(here):
    """
    No name and a name of nothing both leave the definition unknown.
    """
    with pytest.raises(CannotTell, match="no task definition"):
        task_definition(here(), WEB, StoppedTask(), Service())
    with pytest.raises(CannotTell, match="web:9 does not exist"):
        task_definition(here(), WEB, StoppedTask(), Service(definition="web:9"))
