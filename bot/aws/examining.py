"""Who we are in AWS, which doors open, and what a role may do: what setting up gets wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.aws.client import Door, NotFound, together
from bot.model import Call, CannotTell
from bot.permissions import partition

Decided = Literal["allowed", "denied", "forbidden", "undecided"]
DECISIONS: Mapping[str, Decided] = {
    "allowed": "allowed",
    "implicitDeny": "denied",
    "explicitDeny": "forbidden",
}
SAMPLE = "doctor"  # the name of what is asked about; it need not exist

# What shows a secret's value, or reads what is none of the bot's business.
SECRETS: Mapping[str, tuple[str, ...]] = {
    "secretsmanager:GetSecretValue": ("arn:{partition}:secretsmanager:*:{account}:secret:*",),
    "ssm:GetParameter": ("arn:{partition}:ssm:*:{account}:parameter/*",),
    "ssm:GetParameters": ("arn:{partition}:ssm:*:{account}:parameter/*",),
    "ssm:GetParametersByPath": ("arn:{partition}:ssm:*:{account}:parameter/*",),
    "kms:Decrypt": ("arn:{partition}:kms:*:{account}:key/*",),
    "logs:GetLogEvents": ("arn:{partition}:logs:*:{account}:log-group:*",),
    "ecr:GetAuthorizationToken": ("*",),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes the calls of a door."""

    arn: str
    account: str

    @property
    def principal(self) -> str:
        """The role behind a session, or the user: what carries policies and is trusted."""
        head, session, rest = self.arn.partition(":assumed-role/")
        if not session:
            return self.arn
        return f"{head.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}"


def identity(door: Door) -> Identity:
    """Return who we are behind *door*; everybody may ask."""
    said = door.call(Call("sts", "get_caller_identity", {}))
    return Identity(said["Arn"], said["Account"])


def decisions(door: Door, principal: str, table: Mapping[str, Iterable[str]]) -> dict[str, Decided]:
    """Return what *principal* may do of *table* (action -> resources), by IAM's simulation.

    Where an action has several resources, the worst decision counts. Raises CannotTell.
    """
    by_resource: dict[str, list[str]] = {}
    for action, resources in table.items():
        for resource in resources:
            by_resource.setdefault(_sample(resource, door), []).append(action)

    def about(resource: str) -> list[Any]:
        params = {
            "PolicySourceArn": principal,
            "ActionNames": by_resource[resource],
            "ResourceArns": [resource],
        }
        return door.pages(Call("iam", "simulate_principal_policy", params), "EvaluationResults")

    try:
        answers = together(*(lambda r=resource: about(r) for resource in by_resource))
    except NotFound:
        raise CannotTell(f"{principal} does not exist") from None
    worst: dict[str, Decided] = {}
    order = ("forbidden", "denied", "undecided", "allowed")
    for said in (one for answer in answers for one in answer):
        name, found = said["EvalActionName"], _decision(said)
        worst[name] = min(worst.get(name, found), found, key=order.index)
    return {action: worst.get(action, "undecided") for action in table}


def _decision(said: Mapping[str, Any]) -> Decided:
    found = DECISIONS.get(said["EvalDecision"], "undecided")
    if found == "denied" and said.get("MissingContextValues"):
        return "undecided"  # a condition on the request, which a simulation has not
    return found


def _sample(resource: str, door: Door) -> str:
    """Return one ARN that the pattern *resource* stands for, in the account and Region of *door*."""
    if resource == "*":
        return resource
    filled = resource.format(partition=partition(door.region), account=door.account)
    return filled.replace(":*:", f":{door.region}:").replace("*", SAMPLE)
