"""Settings from the environment, and what the accounts file holds; every wrong value is named at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

LANGUAGES = ("en", "ja")
API_URL = re.compile(r"https?://\S+/api/")
ENDPOINT_URL = re.compile(r"https?://[\w.\[\]:-]+/?")
SECRET = re.compile(r".{32,}")


class ConfigError(Exception):
    """The settings or the accounts file are wrong; *problems* has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. Without *slack_bot_token* there is only the playground."""

    slack_bot_token: str | None = None
    slack_app_token: str | None = None
    slack_signing_secret: str | None = None
    slack_api_url: str | None = None
    own_secret: str | None = None
    redis_url: str | None = None
    accounts_file: Path = Path("accounts.yaml")
    aws_endpoint_url: str | None = None
    port: int = 3000

    @property
    def secret(self) -> str | None:
        """What seals the records of fixes: the same in every process, and not in Redis."""
        return self.own_secret or self.slack_bot_token


@dataclass(frozen=True, slots=True)
class Account:
    """One AWS account the bot looks after. *channels* and *fixes* are None where all are meant."""

    id: str
    alias: str
    regions: tuple[str, ...]
    read_role: str | None = None
    fix_role: str | None = None
    external_id: str | None = None
    channels: tuple[str, ...] | None = None
    approvers: tuple[str, ...] = ()
    second_person: bool = False
    break_glass: bool = False
    fixes: tuple[str, ...] | None = None

    def visible_in(self, channel: str | None) -> bool:
        """Tell whether people in *channel* may see this account; None is the command line."""
        return channel is None or self.channels is None or channel in self.channels

    def may_fix(self, cause: str) -> bool:
        """Tell whether the bot may offer the fix of *cause* here."""
        return self.fix_role is not None and (self.fixes is None or cause in self.fixes)


@dataclass(frozen=True, slots=True)
class ChannelDefault:
    """What a channel means when nobody says more."""

    account: str | None = None
    region: str | None = None
    cluster: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts file."""

    items: tuple[Account, ...] = ()
    channels: Mapping[str, ChannelDefault] = field(default_factory=dict)
    audit_channel: str | None = None

    def find(self, name: str | None) -> Account | None:
        """Return the account with this id or alias."""
        return next((a for a in self.items if name in (a.id, a.alias)), None)

    def seen_in(self, channel: str | None) -> tuple[Account, ...]:
        """Return the accounts that people in *channel* may see."""
        return tuple(a for a in self.items if a.visible_in(channel))

    def open_to(self, channel: str | None) -> Accounts:
        """Return the file as it is for *channel*: the accounts that it may not see are not there."""
        return replace(self, items=self.seen_in(channel))


def settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises ConfigError naming every missing or wrong one."""
    said = {k: v.strip() for k, v in environ.items() if v.strip()}
    problems = [*_slack_problems(said), *_form_problems(said)]
    if problems:
        raise ConfigError(problems)
    return Settings(
        slack_bot_token=said.get("SLACK_BOT_TOKEN"),
        slack_app_token=said.get("SLACK_APP_TOKEN"),
        slack_signing_secret=said.get("SLACK_SIGNING_SECRET"),
        slack_api_url=said.get("SLACK_API_URL"),
        own_secret=said.get("ECS_PULL_SECRET"),
        redis_url=said.get("REDIS_URL"),
        accounts_file=Path(said.get("ECS_PULL_ACCOUNTS", "accounts.yaml")),
        aws_endpoint_url=said.get("AWS_ENDPOINT_URL"),
        port=int(said.get("PORT", "3000")),
    )


def _slack_problems(said: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the settings for Slack, together."""
    token, app = said.get("SLACK_BOT_TOKEN"), said.get("SLACK_APP_TOKEN")
    secret = said.get("SLACK_SIGNING_SECRET")
    if token and not token.startswith("xoxb-"):
        yield "SLACK_BOT_TOKEN: a bot token starts with xoxb-"
    if app and not app.startswith("xapp-"):
        yield "SLACK_APP_TOKEN: an app-level token starts with xapp-"
    if (app or secret) and not token:
        yield "SLACK_BOT_TOKEN: missing, although other Slack settings are there"
    if token and not (app or secret):
        yield "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: one of them is needed with SLACK_BOT_TOKEN"


def _form_problems(said: Mapping[str, str]) -> Iterator[str]:
    """Yield each setting whose value has not its form."""
    forms: tuple[tuple[str, Callable[[str], object], str], ...] = (
        ("SLACK_API_URL", API_URL.fullmatch, "a URL that ends in /api/ is needed"),
        ("ECS_PULL_SECRET", SECRET.fullmatch, "32 random characters or more are needed, such as those of `openssl rand -hex 32`"),
        ("REDIS_URL", _is_redis, "a URL such as redis://localhost:6379/0 is needed"),
        ("AWS_ENDPOINT_URL", ENDPOINT_URL.fullmatch, "a URL such as http://localhost:4566 is needed"),
        ("PORT", _is_port, "a number from 1 to 65535 is needed"),
    )  # fmt: skip
    for name, fits, needed in forms:
        if name in said and not fits(said[name]):
            yield f"{name}: {needed}"


def _is_port(text: str) -> bool:
    return text.isdigit() and 0 < int(text) < 65536


def _is_redis(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("redis", "rediss", "unix") and urlsplit(url).port != 0
    except ValueError:  # a port that is none
        return False


def read_env_file(path: Path) -> dict[str, str]:
    """Return the settings in a ``.env`` file; an absent file has none."""
    if not path.is_file():
        return {}
    pairs = (
        line.partition("=")
        for line in path.read_text("utf-8").splitlines()
        if not line.lstrip().startswith("#")
    )
    return {
        name.removeprefix("export ").strip(): value.strip().strip("'\"")
        for name, equals, value in pairs
        if equals
    }
