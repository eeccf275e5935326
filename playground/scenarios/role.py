"""Services whose execution role may not pull, or is not there."""

from __future__ import annotations

from playground.scenarios.documents import LOG_ACTIONS, PULL_ACTIONS, allow, document
from playground.scenarios.fleet import host, hosted
from playground.scenarios.lab import PULL_POLICY, Lab
from playground.scenarios.places import TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import Scenario, own_image, scenario

OPT_IN = {"ecs-pull": "fix"}  # whose trust policy the bot may repair


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
    role = lab.role(
        f"{s.service}-execution", trusts="ec2.amazonaws.com", managed=[PULL_POLICY], tags=OPT_IN
    )
    image = own_image(lab, s)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "execution-role-trust-unmet",
    "fulfil",
    TOKYO,
    "The role trusts tasks of one cluster by its name",
)
def _trust_unmet(lab: Lab, s: Scenario) -> None:
    cluster = f"arn:aws:ecs:{s.region}:{WORKLOAD}:cluster/{s.cluster}"
    under = {"ArnLike": {"aws:SourceArn": cluster}}
    role = lab.role(f"{s.service}-execution", under=under, managed=[PULL_POLICY], tags=OPT_IN)
    lab.service(s.service, own_image(lab, s), lab.network(s.region), region=s.region, role=role)


@scenario("role-explicitly-denied", "audit", TOKYO, "A guardrail of the role denies all of ECR")
def _explicitly_denied(lab: Lab, s: Scenario) -> None:
    deny = {"Sid": "NoRegistry", "Effect": "Deny", "Action": "ecr:*", "Resource": "*"}
    role = lab.role(f"{s.service}-execution", managed=[PULL_POLICY], inline=deny)
    lab.service(s.service, own_image(lab, s), lab.network(s.region), region=s.region, role=role)


@scenario("permissions-boundary-blocks", "ranking", TOKYO, "The role's boundary allows only logs")
def _boundary(lab: Lab, s: Scenario) -> None:
    limits = lab.aws("iam", WORKLOAD, "us-east-1").create_policy(
        PolicyName="developers-boundary", PolicyDocument=document(allow(LOG_ACTIONS))
    )["Policy"]["Arn"]
    role = lab.role(f"{s.service}-execution", managed=[PULL_POLICY], boundary=limits)
    lab.service(s.service, own_image(lab, s), lab.network(s.region), region=s.region, role=role)


@scenario(
    "organization-policy-blocks",
    "analytics",
    VIRGINIA,
    "The organization denies the role all of ECR",
)
def _organization(lab: Lab, s: Scenario) -> None:
    role = lab.pulling_role(s.service)
    named = {"ArnLike": {"aws:PrincipalArn": role}}
    deny = {"Effect": "Deny", "Action": "ecr:*", "Resource": "*", "Condition": named}
    lab.estate.add_scp(WORKLOAD, document(allow("*"), deny))
    lab.service(s.service, own_image(lab, s), lab.network(s.region), region=s.region, role=role)


@scenario(
    "role-condition-unmet", "quotes", TOKYO, "The role may pull through an endpoint that is gone"
)
def _condition_unmet(lab: Lab, s: Scenario) -> None:
    gone = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}
    inline = {"Statement": [
        allow("ecr:GetAuthorizationToken"),
        allow(PULL_ACTIONS, Sid="ThroughOurEndpoint", Condition=gone),
    ]}  # fmt: skip
    role = lab.role(f"{s.service}-execution", inline=inline)
    network = lab.network(s.region, "endpoints")
    lab.service(s.service, own_image(lab, s), network, region=s.region, role=role)


@scenario(
    "instance-role-lacks-image-read", "importer", TOKYO, "The hosts' own role may not log in to ECR"
)
def _instance_role(lab: Lab, s: Scenario) -> None:
    image = own_image(lab, s)
    agent = allow(["ecs:Poll", "ecs:RegisterContainerInstance", "ecs:SubmitTaskStateChange"])
    role = lab.role(f"{s.service}-instance", trusts="ec2.amazonaws.com", inline=agent)
    host(lab, s, role)
    hosted(lab, s, image)
