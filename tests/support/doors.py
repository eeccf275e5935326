"""A small AWS behind the door: it keeps what it is told, in a dict or in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.archive import restored
from bot.aws.client import NotFound
from bot.facts import ImageReference, Repository
from bot.model import Call, Plan, Step, answer

ACCOUNT, REGISTRY, REGION = "222233334444", "333344445555", "eu-west-1"
SERVICE_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/main/shop"
FAMILY_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-execution"
REPOSITORY_ARN = f"arn:aws:ecr:{REGION}:{REGISTRY}:repository/shop"
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
NETWORK = {
    "awsvpcConfiguration": {
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": ["sg-1"],
        "assignPublicIp": "DISABLED",
    }
}
READS = ("describe_", "list_", "get_")


def fresh() -> dict[str, Any]:
    """Return the state of a service that pulls a tag that is not there."""
    container = {"name": "app", "image": "shop:v1", "essential": True}
    return {
        "revisions": {"7": {"containers": [container], "status": "ACTIVE"}},
        "service": {"taskDefinition": f"{FAMILY_ARN}:7", "network": NETWORK, "deployment": 1},
        "attached": [],
        "inline": {},
        "repository_policy": None,
        "image_status": "ARCHIVED",
        "gone": [],
        "writes": [],
    }


@dataclass
class Aws:
    """The state, and what happens to calls. *before* and *after* see each write."""

    path: Path | None = None
    kept: dict[str, Any] = field(default_factory=fresh)
    before: Callable[[Call], None] = lambda call: None
    after: Callable[[Call], None] = lambda call: None

    def __post_init__(self) -> None:
        if self.path and not self.path.exists():
            self.save(self.kept)

    def door(self, step: Step) -> FakeDoor:
        return FakeDoor(self, step.account, step.region)

    def load(self) -> dict[str, Any]:
        return json.loads(self.path.read_text()) if self.path else self.kept

    def save(self, state: dict[str, Any]) -> None:
        self.kept = state
        if self.path:
            written = self.path.with_suffix(".new")
            written.write_text(json.dumps(state))
            written.replace(self.path)  # a killed process leaves the old or the new one

    def settings(self) -> dict[str, Any]:
        """Return what a fix changes, without the traces of how it came about."""
        state = json.loads(json.dumps(self.load()))
        live = {n: r for n, r in state["revisions"].items() if r["status"] == "ACTIVE"}
        service = {k: v for k, v in state["service"].items() if k != "deployment"}
        return {**state, "revisions": live, "service": service, "writes": []}


@dataclass
class FakeDoor:
    """One account in one Region."""

    aws: Aws
    account: str
    region: str

    def call(self, call: Call) -> dict[str, Any]:
        state = self.aws.load()
        write = not call.operation.startswith(READS)
        if write:
            self.aws.before(call)
        found = getattr(self, f"_{call.operation}")(state, json.loads(json.dumps(call.params)))
        if write:
            state["writes"].append(call.operation)
            self.aws.save(state)
            self.aws.after(call)
        return {**(found or {}), "ResponseMetadata": {"RequestId": f"r{len(state['writes'])}"}}

    def pages(self, call: Call, key: str) -> list[Any]:
        return self.call(call)[key]

    def at(self, region: str) -> FakeDoor:
        return FakeDoor(self.aws, self.account, region)

    # --- ECS -----------------------------------------------------------------------------

    def _describe_task_definition(self, state, p):
        number = p["taskDefinition"].rpartition("/")[2].partition(":")[2]
        active = [int(n) for n, r in state["revisions"].items() if r["status"] == "ACTIVE"]
        number = number or str(max(active, default=0))
        if number not in state["revisions"]:
            raise NotFound("ClientException")
        tags = state["revisions"][number].get("tags", []) if "TAGS" in p.get("include", ()) else []
        return {"taskDefinition": self._definition(state, number), "tags": tags}

    def _definition(self, state, number):
        kept = state["revisions"][number]
        return {
            "taskDefinitionArn": f"{FAMILY_ARN}:{number}", "family": "shop",
            "revision": int(number), "containerDefinitions": kept["containers"],
            "status": kept["status"],
        }  # fmt: skip

    def _register_task_definition(self, state, p):
        number = str(max(map(int, state["revisions"])) + 1)
        containers = [{"cpu": 0, "mountPoints": [], **c} for c in p["containerDefinitions"]]
        made = {"containers": containers, "status": "ACTIVE", "tags": p.get("tags", [])}
        state["revisions"][number] = made
        return {"taskDefinition": self._definition(state, number)}

    def _deregister_task_definition(self, state, p):
        state["revisions"][p["taskDefinition"].rpartition(":")[2]]["status"] = "INACTIVE"

    def _describe_services(self, state, p):
        kept = state["service"]
        if "service" in state["gone"]:
            return {"services": [], "failures": [{"reason": "MISSING"}]}
        deployment = {"id": f"ecs-svc/{kept['deployment']}", "status": "PRIMARY"}
        return {
            "services": [
                {
                    "status": "ACTIVE", "taskDefinition": kept["taskDefinition"],
                    "networkConfiguration": kept["network"], "deployments": [deployment],
                }
            ]
        }  # fmt: skip

    def _update_service(self, state, p):
        if "service" in state["gone"]:
            raise NotFound("ServiceNotFoundException")
        kept = state["service"]
        kept["taskDefinition"] = p.get("taskDefinition", kept["taskDefinition"])
        kept["network"] = p.get("networkConfiguration", kept["network"])
        kept["deployment"] += 1

    # --- IAM and ECR ---------------------------------------------------------------------

    def _role(self, state):
        if "role" in state["gone"]:
            raise NotFound("NoSuchEntity")

    def _list_attached_role_policies(self, state, p):
        self._role(state)
        return {"AttachedPolicies": [{"PolicyArn": arn} for arn in state["attached"]]}

    def _attach_role_policy(self, state, p):
        self._role(state)
        state["attached"] = sorted({*state["attached"], p["PolicyArn"]})

    def _detach_role_policy(self, state, p):
        if p["PolicyArn"] not in state["attached"]:
            raise NotFound("NoSuchEntity")
        state["attached"].remove(p["PolicyArn"])

    def _get_role_policy(self, state, p):
        if p["PolicyName"] not in state["inline"]:
            raise NotFound("NoSuchEntity")
        return {"PolicyDocument": state["inline"][p["PolicyName"]]}

    def _put_role_policy(self, state, p):
        self._role(state)
        state["inline"][p["PolicyName"]] = json.loads(p["PolicyDocument"])

    def _delete_role_policy(self, state, p):
        state["inline"].pop(p["PolicyName"])

    def _get_repository_policy(self, state, p):
        if "repository" in state["gone"]:
            raise NotFound("RepositoryNotFoundException")
        if state["repository_policy"] is None:
            raise NotFound("RepositoryPolicyNotFoundException")
        return {"policyText": json.dumps(state["repository_policy"], indent=1)}

    def _set_repository_policy(self, state, p):
        state["repository_policy"] = json.loads(p["policyText"])

    def _delete_repository_policy(self, state, p):
        state["repository_policy"] = None

    def _describe_images(self, state, p):
        if "image" in state["gone"]:
            raise NotFound("ImageNotFoundException")
        return {"imageDetails": [{**p["imageIds"][0], "imageStatus": state["image_status"]}]}

    def _update_image_storage_class(self, state, p):
        archived = p["targetStorageClass"] == "ARCHIVE"
        state["image_status"] = "ARCHIVED" if archived else "ACTIVATING"


# --- plans ---------------------------------------------------------------------------------


def allowing(action: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}],
    }


def revision_steps() -> tuple[Step, Step]:
    made = answer(0, "taskDefinition.taskDefinitionArn")
    where = {"cluster": "main", "service": "shop"}
    container = {"name": "app", "image": "shop:v2", "essential": True}
    return (
        Step(
            "task-definition-revision", ACCOUNT, REGION, FAMILY_ARN,
            {"revision": "shop:7", "containers": {"app": {"image": "shop:v1"}}},
            {"revision": "new", "containers": {"app": {"image": "shop:v2"}}},
            Call("ecs", "register_task_definition", {"family": "shop", "containerDefinitions": [container]}),
            Call("ecs", "deregister_task_definition", {"taskDefinition": made}),
        ),
        Step(
            "service-task-definition", ACCOUNT, REGION, SERVICE_ARN,
            {"taskDefinition": f"{FAMILY_ARN}:7"}, {"taskDefinition": made},
            Call("ecs", "update_service", {**where, "taskDefinition": made}),
            Call("ecs", "update_service", {**where, "taskDefinition": f"{FAMILY_ARN}:7"}),
        ),
    )  # fmt: skip


def attachment_step() -> Step:
    named = {"RoleName": "shop-execution", "PolicyArn": MANAGED}
    return Step(
        "role-policy-attachment", ACCOUNT, REGION, ROLE_ARN, None, {"policyArn": MANAGED},
        Call("iam", "attach_role_policy", named), Call("iam", "detach_role_policy", named),
    )  # fmt: skip


def inline_step() -> Step:
    named = {"RoleName": "shop-execution", "PolicyName": "Pull"}
    document = allowing("ecr:BatchGetImage")
    return Step(
        "role-inline-policy", ACCOUNT, REGION, ROLE_ARN, None, document,
        Call("iam", "put_role_policy", {**named, "PolicyDocument": json.dumps(document)}),
        Call("iam", "delete_role_policy", named),
    )  # fmt: skip


def repository_step() -> Step:
    named, document = {"repositoryName": "shop"}, allowing("ecr:BatchGetImage")
    return Step(
        "repository-policy", REGISTRY, REGION, REPOSITORY_ARN, None, document,
        Call("ecr", "set_repository_policy", {**named, "policyText": json.dumps(document)}),
        Call("ecr", "delete_repository_policy", named),
    )  # fmt: skip


def archive_step() -> Step:
    found = Repository("shop", REPOSITORY_ARN, exists=True)
    host = f"{REGISTRY}.dkr.ecr.{REGION}.amazonaws.com"
    image = ImageReference(
        f"{host}/shop:v1", "app", "ecr", host, "shop", "v1", None, REGISTRY, REGION
    )
    return restored(image, found, "sha256:" + "a" * 64)


def network_step() -> Step:
    after = {"awsvpcConfiguration": {**NETWORK["awsvpcConfiguration"], "assignPublicIp": "ENABLED"}}
    where = {"cluster": "main", "service": "shop"}
    return Step(
        "service-network", ACCOUNT, REGION, SERVICE_ARN, NETWORK, after,
        Call("ecs", "update_service", {**where, "networkConfiguration": after}),
        Call("ecs", "update_service", {**where, "networkConfiguration": NETWORK}),
    )  # fmt: skip


def deployment_step() -> Step:
    return Step(
        "service-deployment", ACCOUNT, REGION, SERVICE_ARN,
        {"deployment": "ecs-svc/1"}, {"deployment": "new"},
        Call("ecs", "update_service", {"cluster": "main", "service": "shop", "forceNewDeployment": True}),
        None,
    )  # fmt: skip


PLANS = {
    "revision": Plan(revision_steps(), "medium"),
    "attachment": Plan((attachment_step(), deployment_step()), "low"),
    "inline": Plan((inline_step(), deployment_step()), "low"),
    "repository": Plan((repository_step(), deployment_step()), "medium"),
    "network": Plan((network_step(),), "high"),
}


@dataclass
class ListJournal:
    """A journal in memory. *before* sees each entry before it is kept."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[dict[str, Any]], None] = lambda entry: None

    def append(self, entry: Any) -> None:
        self.before(entry)
        self.kept.append(json.loads(json.dumps(entry)))

    def entries(self) -> list[dict[str, Any]]:
        return list(self.kept)
