"""What a task definition takes from elsewhere before its image: secrets, parameters, a log group.

Nothing here holds the value of a secret or parameter; the bot could not read one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.facts.documents import Document
from bot.facts.roles import Permission
from bot.model import Unknown

Store = Literal["secretsmanager", "ssm"]
Place = Literal["secrets", "secretOptions", "repositoryCredentials"]


@dataclass(frozen=True, slots=True)
class WantedSecret:
    """One reference of the task definition, taken apart as ECS takes it apart.

    *variable* is what gets the value. *arn* is what IAM knows it by, of a secret as far as it
    is written. *fault* names what is wrong with the form; *repaired* is the form meant, where
    only one can be.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    """

    container: str
    place: Place
    variable: str
    written: str
    store: Store
    account: str = ""
    region: str = ""
    name: str = ""
    arn: str = ""
    json_key: str | None = None
    stage: str | None = None
    version: str | None = None
    fault: str | None = None
    repaired: str | None = None


@dataclass(frozen=True, slots=True)
class WantedSecrets:
    """Everything that a task's containers ask for, but not the credentials of the image that is pulled."""

    items: tuple[WantedSecret, ...] = ()

    def of(self, store: Store) -> tuple[WantedSecret, ...]:
        """Return the well-formed references to *store*."""
        return tuple(w for w in self.items if w.store == store and w.fault is None)


@dataclass(frozen=True, slots=True)
class DescribedSecret:
    """A secret of Secrets Manager, or the fact that there is none under the ARN *asked* for.

    *versions* are the stages of each version that has any. Where there is none, *whole* is the
    ARN of a secret whose very name ends like an ARN, and *anew* that of one made after it.
    """

    asked: str
    arn: str | None = None
    exists: bool = False
    deleted_at: datetime | None = None
    kms_key: str | None = None
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    whole: str | None = None
    anew: str | None = None


@dataclass(frozen=True, slots=True)
class DescribedSecrets:
    """Each secret asked for, once; *unseen* says of the others why they could not be looked at."""

    items: tuple[DescribedSecret, ...] = ()
    unseen: Mapping[str, Unknown] = field(default_factory=dict)

    def of(self, arn: str) -> DescribedSecret | Unknown:
        """Return the secret asked for as *arn*."""
        found = next((s for s in self.items if s.asked == arn), None)
        return found or self.unseen.get(arn) or Unknown("DescribedSecrets", "not asked")


@dataclass(frozen=True, slots=True)
class DescribedParameter:
    """A parameter of Systems Manager, or the fact that there is none under the ARN *asked* for.

    *similar* is one whose name differs by its leading slash alone.
    """

    asked: str
    name: str | None = None
    exists: bool = False
    type: str | None = None
    kms_key: str | None = None
    similar: str | None = None


@dataclass(frozen=True, slots=True)
class DescribedParameters:
    """Each parameter asked for, once; *unseen* says of the others why they could not be looked at."""

    items: tuple[DescribedParameter, ...] = ()
    unseen: Mapping[str, Unknown] = field(default_factory=dict)

    def of(self, arn: str) -> DescribedParameter | Unknown:
        """Return the parameter asked for as *arn*."""
        found = next((p for p in self.items if p.asked == arn), None)
        return found or self.unseen.get(arn) or Unknown("DescribedParameters", "not asked")


@dataclass(frozen=True, slots=True)
class SecretPolicies:
    """The resource policies that matter, by the ARN of the secret; None where it has none."""

    items: Mapping[str, Document | None] = field(default_factory=dict)
    unseen: Mapping[str, Unknown] = field(default_factory=dict)

    def of(self, arn: str) -> Document | Unknown | None:
        """Return the policy of the secret *arn*."""
        if arn in self.items:
            return self.items[arn]
        return self.unseen.get(arn) or Unknown("SecretPolicies", "not asked")


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The KMS key that *asked*, a key's or an alias's ARN, leads to.

    *customer*: it is the customer's own, and not AWS's for the whole account. *via* are the
    services that decrypt with it for the task, *about* the encryption contexts that they give.
    """

    asked: str
    arn: str | None = None
    customer: bool = False
    state: str | None = None
    via: tuple[str, ...] = ()
    about: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """The keys of the secrets and parameters asked for, but not AWS's default ones."""

    items: tuple[SecretKey, ...] = ()
    unseen: Mapping[str, Unknown] = field(default_factory=dict)

    def of(self, arn: str) -> SecretKey | Unknown:
        """Return the key asked for as *arn*."""
        found = next((k for k in self.items if k.asked == arn), None)
        return found or self.unseen.get(arn) or Unknown("SecretKeys", "not asked")


@dataclass(frozen=True, slots=True)
class KeyPolicies:
    """The policies of the customer's keys, by the key's ARN."""

    items: Mapping[str, Document] = field(default_factory=dict)
    unseen: Mapping[str, Unknown] = field(default_factory=dict)

    def of(self, arn: str) -> Document | Unknown:
        """Return the policy of the key *arn*."""
        unseen = self.unseen.get(arn) or Unknown("KeyPolicies", "not asked")
        return self.items.get(arn, unseen)


@dataclass(frozen=True, slots=True)
class SecretPermissions:
    """What IAM decides for the execution role on each secret and parameter asked for."""

    items: tuple[Permission, ...] = ()
    how: Literal["simulated", "evaluated"] = "simulated"


@dataclass(frozen=True, slots=True)
class KeyPermissions:
    """What IAM decides for the execution role on decrypting with each of the customer's keys."""

    items: tuple[Permission, ...] = ()
    how: Literal["simulated", "evaluated"] = "simulated"


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group that a container must find there; *arn* as its own service writes it."""

    name: str
    container: str
    region: str
    arn: str
    exists: bool = False


@dataclass(frozen=True, slots=True)
class LogGroups:
    """The log groups that nobody makes at the start of the task."""

    items: tuple[LogGroup, ...] = ()
