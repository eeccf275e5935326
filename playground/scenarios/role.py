"""Services whose execution role may not pull, or is not there."""

from __future__ import annotations

from playground.scenarios.documents import LOG_ACTIONS, PULL_ACTIONS, allow
from playground.scenarios.lab import PULL_POLICY, Lab
from playground.scenarios.places import TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import Scenario, own_image, scenario


@scenario(
    "execution-role-lacks-ecr-login",
    "search",
    TOKYO,
    "The login is granted on the repository alone",
)
def _lacks_login(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s)
    arn = f"arn:aws:ecr:{s.region}:{WORKLOAD}:repository/{s.service}"
    inline = allow(["ecr:GetAuthorizationToken", *PULL_ACTIONS], arn)
    role = lab.role(f"{s.service}-execution", inline=inline)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "execution-role-lacks-image-read", "checkout", TOKYO, "The role may log in but not read images"
)
def _lacks_read(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s)
    inline = allow(["ecr:GetAuthorizationToken", *LOG_ACTIONS])
    role = lab.role(f"{s.service}-execution", inline=inline)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario("permission-on-task-role", "mailer", TOKYO, "The permission went to the task role")
def _on_task_role(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s)
    task_role = lab.role(f"{s.service}-task", managed=[PULL_POLICY])
    role = lab.role(f"{s.service}-execution", inline=allow(LOG_ACTIONS))
    lab.service(
        s.service, image, lab.network(s.region), region=s.region, role=role, task_role=task_role
    )


@scenario("execution-role-unset", "cart", TOKYO, "The task definition names no execution role")
def _role_unset(lab: Lab, s: Scenario) -> None:
    lab.pulling_role(s.service)  # it is there, only nobody named it
    image = own_image(lab, s)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=None)


@scenario("execution-role-missing", "ledger", VIRGINIA, "The execution role was deleted")
def _role_missing(lab: Lab, s: Scenario) -> None:
    role = f"arn:aws:iam::{WORKLOAD}:role/{s.service}-execution"
    image = own_image(lab, s)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario("execution-role-untrusted", "invoice", TOKYO, "The role trusts EC2 in place of ECS tasks")
def _role_untrusted(lab: Lab, s: Scenario) -> None:
    role = lab.role(f"{s.service}-execution", trusts="ec2.amazonaws.com", managed=[PULL_POLICY])
    image = own_image(lab, s)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)
