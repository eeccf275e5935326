"""Settings from the environment, and what the accounts file holds; every wrong value is named at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

LANGUAGES = ("en", "ja")


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
    redis_url: str | None = None
    accounts_file: Path = Path("accounts.yaml")
    aws_endpoint_url: str | None = None
    port: int = 3000


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


def settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises ConfigError naming every missing or wrong one."""
    said = {k: v.strip() for k, v in environ.items() if v.strip()}
    problems = []
    token, app = said.get("SLACK_BOT_TOKEN"), said.get("SLACK_APP_TOKEN")
    secret = said.get("SLACK_SIGNING_SECRET")
    if token and not token.startswith("xoxb-"):
        problems.append("SLACK_BOT_TOKEN: a bot token starts with xoxb-")
    if app and not app.startswith("xapp-"):
        problems.append("SLACK_APP_TOKEN: an app-level token starts with xapp-")
    if (app or secret) and not token:
        problems.append("SLACK_BOT_TOKEN: missing, although other Slack settings are there")
    if token and not (app or secret):
        problems.append(
            "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: one of them is needed with SLACK_BOT_TOKEN"
        )
    if (url := said.get("SLACK_API_URL")) and not re.fullmatch(r"https?://\S+/api/", url):
        problems.append("SLACK_API_URL: a URL that ends in /api/ is needed")
    if (url := said.get("REDIS_URL")) and not _is_redis(url):
        problems.append("REDIS_URL: a URL such as redis://localhost:6379/0 is needed")
    if (url := said.get("AWS_ENDPOINT_URL")) and not re.fullmatch(r"https?://[\w.\[\]:-]+/?", url):
        problems.append("AWS_ENDPOINT_URL: a URL such as http://localhost:4566 is needed")
    port = said.get("PORT", "3000")
    if not (port.isdigit() and 0 < int(port) < 65536):
        problems.append("PORT: a number from 1 to 65535 is needed")
    if problems:
        raise ConfigError(problems)
    return Settings(
        slack_bot_token=token,
        slack_app_token=app,
        slack_signing_secret=secret,
        slack_api_url=said.get("SLACK_API_URL"),
        redis_url=said.get("REDIS_URL"),
        accounts_file=Path(said.get("ECS_PULL_ACCOUNTS", "accounts.yaml")),
        aws_endpoint_url=said.get("AWS_ENDPOINT_URL"),
        port=int(port),
    )


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
