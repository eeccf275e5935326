"""Who and what is in the workspace when it opens."""

from __future__ import annotations

from dataclasses import dataclass, field

TEAM, TEAM_DOMAIN, TEAM_NAME = "T01", "playground", "Playground"
APP, BOT_USER, BOT_ID = "A00", "U00BOT", "B00BOT"
BOT_TOKEN, APP_TOKEN = "xoxb-playground", "xapp-playground"
SIGNING_SECRET = "playground-signing-secret"
VERIFICATION = "playground-verification"  # the old token, still inside every payload
SLACKBOT = "USLACKBOT"  # who tells a person that the bot did not answer


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the bot's own user."""

    id: str
    name: str
    title: str
    locale: str = "en-US"
    is_bot: bool = False

    @property
    def shown(self) -> str:
        """Return the name with what the person does."""
        return f"{self.name}, {self.title}" if self.title else self.name


@dataclass(slots=True)
class Channel:
    """A channel, or a direct conversation with the bot."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    direct: bool = False
    topic: str = ""


USERS = (
    User("U01ALICE", "Alice", "developer"),
    User("U02BORA", "Bora", "approver"),
    User("U03MALLORY", "Mallory", "outsider"),
    User("U04YUKI", "Yuki", "developer", "ja-JP"),
)
GROUPS = {"S01PLATFORM": ("platform", ("U02BORA",))}
CHANNELS = (
    ("C01SHOP", "shop", "Deployments of the shop"),
    ("C02SHOPJA", "shop-ja", "ショップのデプロイ"),
    ("C03RANDOM", "random", "Everything else"),
    ("C09AUDIT", "ecs-pull-audit", "What the bot was asked to change, and what it did"),
)


def direct(user: str) -> str:
    """Return the id of the conversation between *user* and the bot."""
    return "D" + user[1:]


def channels() -> dict[str, Channel]:
    """Return the channels of a new workspace; everyone and the bot are in all of them."""
    everyone = {u.id for u in USERS} | {BOT_USER}
    found = {i: Channel(i, name, set(everyone), topic=topic) for i, name, topic in CHANNELS}
    for user in USERS:
        found[direct(user.id)] = Channel(direct(user.id), user.id, {user.id, BOT_USER}, direct=True)
    return found
