"""Read ``accounts.yaml``: all keys checked, a wrong file refused with the line and the key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.config import LANGUAGES, Account, Accounts, ChannelDefault, ConfigError

ACCOUNT_ID = re.compile(r"\d{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
SLACK_ID = re.compile(r"[CDGSUW][A-Z0-9]{2,}")


def accounts(path: Path) -> Accounts:
    """Read the accounts file; raises ConfigError with the line and the key of all that is wrong."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(
            [f"{path}: {error.strerror}; copy accounts.example.yaml and fill it in"]
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: not UTF-8: {error.reason} at byte {error.start}"]) from error
    return accounts_from(text, str(path))


def accounts_from(text: str, name: str = "accounts.yaml") -> Accounts:
    """Return the accounts that *text* describes."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{name}:{mark.line + 1}" if mark else name
        raise ConfigError([f"{line}: not YAML: {getattr(error, 'problem', error)}"]) from error
    reader = _Reader(name)
    found = reader.document(root)
    if reader.problems:
        raise ConfigError(reader.problems)
    return found


@dataclass(slots=True)
class _Reader:
    """Walks the nodes of the file, because only nodes know their lines."""

    name: str
    problems: list[str] = field(default_factory=list)

    def document(self, root: yaml.Node | None) -> Accounts:
        top = self._mapping(root, "the file", {"accounts", "channels", "audit_channel"})
        items = tuple(
            self._account(n, i)
            for i, n in enumerate(self._sequence(top.get("accounts"), "accounts"))
        )
        if not items:
            self._wrong(root, "accounts", "at least one account is needed")
        for key in ("id", "alias"):
            values = [getattr(a, key) for a in items]
            for value in {v for v in values if v and values.count(v) > 1}:
                self._wrong(root, f"accounts.{key}", f"{value} stands there twice")
        if "audit_channel" not in top and any(a.break_glass for a in items):
            self._wrong(root, "audit_channel", "missing; accounts with break_glass need one")
        channels = self._channels(top.get("channels"), {n for a in items for n in (a.id, a.alias)})
        return Accounts(
            items,
            channels,
            self._text(top, "audit_channel", "audit_channel", SLACK_ID, "a channel id"),
        )

    def _account(self, node: yaml.Node, number: int) -> Account:
        where = f"accounts[{number}]"
        keys = set(Account.__dataclass_fields__)
        got = self._mapping(node, where, keys)

        def text(
            key: str, pattern: re.Pattern[str] | None, words: str, *, needed: bool = False
        ) -> str | None:
            if needed and key not in got:
                self._wrong(node, f"{where}.{key}", f"missing; {words} is needed")
            return self._text(got, key, f"{where}.{key}", pattern, words)

        def texts(key: str, pattern: re.Pattern[str] | None, words: str) -> tuple[str, ...] | None:
            if key not in got:
                return None
            listed = self._sequence(got[key], f"{where}.{key}")
            return tuple(self._scalar(n, f"{where}.{key}", pattern, words) or "" for n in listed)

        account = text("id", ACCOUNT_ID, "an account id of 12 digits in quotes", needed=True) or ""
        regions = texts("regions", REGION, "a Region such as eu-west-1") or ()
        if not regions:
            self._wrong(node, f"{where}.regions", "missing; at least one Region is needed")
        return Account(
            id=account,
            alias=text("alias", re.compile(r"[\w.-]{1,40}"), "a short name") or account,
            regions=regions,
            read_role=text("read_role", ROLE_ARN, "the ARN of a role"),
            fix_role=text("fix_role", ROLE_ARN, "the ARN of a role"),
            external_id=text(
                "external_id", re.compile(r"[\w+=,.@:/-]{2,1224}"), "2 to 1224 characters"
            ),
            channels=texts("channels", SLACK_ID, "a channel id such as C01GEN"),
            approvers=texts("approvers", SLACK_ID, "a user id or user group id") or (),
            second_person=self._flag(got, "second_person", where),
            break_glass=self._flag(got, "break_glass", where),
            fixes=texts("fixes", re.compile(r"[a-z][a-z0-9-]+"), "a cause id"),
        )

    def _channels(self, node: yaml.Node | None, known: set[str]) -> dict[str, ChannelDefault]:
        found = {}
        for channel, value in self._pairs(node, "channels"):
            where = f"channels.{channel}"
            if not SLACK_ID.fullmatch(channel):
                self._wrong(value, where, "a channel id such as C01GEN is needed")
            got = self._mapping(value, where, set(ChannelDefault.__dataclass_fields__))
            account = self._text(got, "account", f"{where}.account", None, "")
            if account and account not in known:
                self._wrong(
                    got["account"], f"{where}.account", f"{account} is no account of this file"
                )
            language = self._text(got, "language", f"{where}.language", None, "")
            if language and language not in LANGUAGES:
                self._wrong(
                    got["language"], f"{where}.language", f"one of {', '.join(LANGUAGES)} is needed"
                )
            found[channel] = ChannelDefault(
                account,
                self._text(got, "region", f"{where}.region", REGION, "a Region such as eu-west-1"),
                self._text(got, "cluster", f"{where}.cluster", None, ""),
                language,
            )
        return found

    def _pairs(self, node: yaml.Node | None, where: str) -> Iterator[tuple[str, yaml.Node]]:
        if node is None or (isinstance(node, yaml.ScalarNode) and node.value in ("", "null", "~")):
            return
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, where, "a mapping (key: value) is needed")
            return
        for key, value in node.value:
            yield str(getattr(key, "value", "")), value

    def _mapping(self, node: yaml.Node | None, where: str, keys: set[str]) -> dict[str, yaml.Node]:
        got: dict[str, yaml.Node] = {}
        for key, value in self._pairs(node, where):
            if key not in keys:
                self._wrong(
                    value, f"{where}.{key}", f"no such key; there are {', '.join(sorted(keys))}"
                )
            elif key in got:
                self._wrong(value, f"{where}.{key}", "stands there twice")
            got[key] = value
        return got

    def _sequence(self, node: yaml.Node | None, where: str) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, where, "a list is needed")
            return []
        return list(node.value)

    def _text(
        self,
        got: Mapping[str, yaml.Node],
        key: str,
        where: str,
        pattern: re.Pattern[str] | None,
        words: str,
    ) -> str | None:
        return self._scalar(got[key], where, pattern, words) if key in got else None

    def _scalar(
        self, node: yaml.Node, where: str, pattern: re.Pattern[str] | None, words: str
    ) -> str | None:
        value = node.value if isinstance(node, yaml.ScalarNode) else None
        if value is None or (pattern and not pattern.fullmatch(value)):
            self._wrong(node, where, f"{words} is needed")
            return None
        return str(value)

    def _flag(self, got: Mapping[str, yaml.Node], key: str, where: str) -> bool:
        if key not in got:
            return False
        value = getattr(got[key], "value", None)
        if value not in ("true", "false"):
            self._wrong(got[key], f"{where}.{key}", "true or false is needed")
        return value == "true"

    def _wrong(self, node: yaml.Node | None, where: str, words: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.problems.append(f"{self.name}:{line}: {where}: {words}")
