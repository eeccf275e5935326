"""A registry's login: typed by whoever approves, kept by Secrets Manager, and by nobody else. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bot.actions import LOGIN_STEP, LOGINS, SUFFIX
from bot.facts import Service, Subject
from bot.model import TYPED, Call, Step
from bot.permissions import partition

JSON = Any

NEW = "new:secret"  # a choice beside the names of secrets, of which none has a colon
FILE = "file://<file with username and password as JSON>"
LEAST_WINDOW = 7  # days in which a deleted secret can be restored
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9/_+=.@-]")


class Hidden(str):
    """A text that does not show what it holds where somebody prints what it is in."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>"


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A user and a password or token; lives in one process, for the seconds that it takes."""

    user: str
    password: str

    @property
    def secret(self) -> str:
        """The value as ECS reads it."""
        return Hidden(json.dumps({"username": self.user, "password": self.password}))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a login is never written down")

    def __repr__(self) -> str:
        return "Login(<hidden>)"


def entered(params: Mapping[str, JSON], login: Login | None) -> dict[str, JSON]:
    """Return *params* with *login* where they wait for one."""
    return {k: login.secret if login and v == TYPED else v for k, v in params.items()}


def free_name(host: str, taken: Collection[str]) -> str:
    """Return the name of a secret for the login at *host* that no other secret has.

    It never ends like the six characters that Secrets Manager appends.
    """
    first = f"{LOGINS}{NOT_IN_A_NAME.sub('-', host)}/login"
    names = itertools.chain([first], (f"{first}-{n}" for n in itertools.count(2)))
    return next(n for n in names if n not in taken)


def arn_of(account: str, region: str, name: str) -> str:
    """Return the pattern of the ARN of the secret called *name*, of which AWS chooses the end."""
    return f"arn:{partition(region)}:secretsmanager:{region}:{account}:secret:{name}{SUFFIX}"


def asked_as(account: str, region: str, name: str) -> str:
    """Return an ARN that the secret called *name* may get, to ask IAM about one that is not there."""
    return arn_of(account, region, name).replace(SUFFIX, "-AbCdEf")


def by_hand(step: Step) -> Call:
    """Return the call that gives the secret of *step* its value, where others make the secret."""
    named = {"SecretId": step.do.params["Name"], "SecretString": TYPED}
    return Call("secretsmanager", "put_secret_value", named)


def kept(subject: Subject, service: Service, name: str) -> Step:
    """Return the step that keeps the login in a new secret; undo lets it be deleted in a week.

    The token is the id of the secret's first version, so it tells that the secret is ours.
    """
    seen = json.dumps([subject.account, subject.region, service.arn, name])
    token = f"ecs-pull-{hashlib.sha256(seen.encode()).hexdigest()[:32]}"
    made = {"Name": name, "ClientRequestToken": token, "SecretString": TYPED}
    away = {"SecretId": name, "RecoveryWindowInDays": LEAST_WINDOW}
    return Step(
        kind=LOGIN_STEP,
        account=subject.account,
        region=subject.region,
        resource=arn_of(subject.account, subject.region, name),
        before=None,
        after={"Name": name, "SecretString": TYPED},
        do=Call("secretsmanager", "create_secret", made),
        undo=Call("secretsmanager", "delete_secret", away),
    )
