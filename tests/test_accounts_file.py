"""accounts.yaml: a wrong file is refused with the line and the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts_file import accounts, accounts_from
from bot.config import Account, ChannelDefault, ConfigError

GOOD = """\
accounts:
  - id: "123456789012"
    alias: prod
    regions: [ap-northeast-1]
    read_role: arn:aws:iam::123456789012:role/ecs-pull-read
    fix_role: arn:aws:iam::123456789012:role/ecs-pull-fix
    external_id: 7f3c-a
    channels: [C01GEN]
    approvers: [U01ALICE, S01PLATFORM]
    second_person: true
    fixes: [image-tag-missing]
channels:
  C01GEN: {account: prod, region: ap-northeast-1, cluster: main, language: ja}
audit_channel: C09AUDIT
"""


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        (changed('"123456789012"', "12345"), 2, "accounts[0].id"),
        (changed("alias: prod", "alais: prod"), 3, "accounts[0].alais"),
        (changed("[ap-northeast-1]", "[tokyo]"), 4, "accounts[0].regions"),
        (changed("    regions: [ap-northeast-1]\n", ""), 2, "accounts[0].regions"),
        (changed("role/ecs-pull-read", "user/me"), 5, "accounts[0].read_role"),
        (changed("[U01ALICE, S01PLATFORM]", "alice"), 9, "accounts[0].approvers"),
        (changed("[U01ALICE, S01PLATFORM]", "[alice]"), 9, "accounts[0].approvers"),
        (changed("second_person: true", "second_person: maybe"), 10, "accounts[0].second_person"),
        (changed("second_person: true", "break_glass: 1"), 10, "accounts[0].break_glass"),
        (
            changed("second_person: true", "break_glass: true").replace(
                "audit_channel: C09AUDIT\n", ""
            ),
            1,
            "audit_channel",
        ),
        (changed("account: prod", "account: prd"), 13, "channels.C01GEN.account"),
        (changed("language: ja", "language: fr"), 13, "channels.C01GEN.language"),
        (changed("C01GEN: {", "general: {"), 13, "channels.general"),
        (changed("C09AUDIT", "audit"), 14, "audit_channel"),
        (GOOD + "extra: 1\n", 15, "the file.extra"),
        ("", 1, "accounts"),
        ("[1, 2]", 1, "the file"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_key(text, line, key):
    """
    The person sees where to look.
    """
    with pytest.raises(ConfigError) as error:
        accounts_from(text)

    assert any(p.startswith(f"accounts.yaml:{line}: {key}") for p in error.value.problems)


def test_two_accounts_with_one_id_are_refused():
    """
    An id names one account.
    """
    twice = GOOD.replace(
        "channels:\n  C01GEN",
        '  - id: "123456789012"\n    regions: [us-east-1]\nchannels:\n  C01GEN',
    )

    with pytest.raises(ConfigError, match="stands there twice"):
        accounts_from(twice)


def test_broken_yaml_and_a_missing_file_are_one_clear_line(tmp_path: Path):
    """
    No traceback for a typing mistake.
    """
    with pytest.raises(ConfigError, match=r"accounts.yaml:2: not YAML"):
        accounts_from("accounts:\n  - [}\n")
    with pytest.raises(ConfigError, match=r"accounts.example.yaml"):
        accounts(tmp_path / "none.yaml")
    other = tmp_path / "other.yaml"
    other.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        accounts(other)


def test_the_example_of_the_repository_is_right():
    """
    What people copy is valid.
    """
    found = accounts(Path(__file__).parent.parent / "accounts.example.yaml")

    assert found.items


def test_everything_is_read():
    """
    Each key arrives where it belongs.
    """
    found = accounts_from(GOOD)

    expected = Account(
        id="123456789012",
        alias="prod",
        regions=("ap-northeast-1",),
        read_role="arn:aws:iam::123456789012:role/ecs-pull-read",
        fix_role="arn:aws:iam::123456789012:role/ecs-pull-fix",
        external_id="7f3c-a",
        channels=("C01GEN",),
        approvers=("U01ALICE", "S01PLATFORM"),
        second_person=True,
        fixes=("image-tag-missing",),
    )
    assert (expected,) == found.items
    assert {"C01GEN": ChannelDefault("prod", "ap-northeast-1", "main", "ja")} == found.channels
    assert "C09AUDIT" == found.audit_channel


def test_an_account_is_seen_only_where_its_channels_say():
    """
    No channels named means all; other channels see nothing.
    """
    account = accounts_from(GOOD).items[0]

    assert not account.visible_in("C02OTHER")
    assert account.visible_in("C01GEN")
    assert account.visible_in(None)


def test_only_listed_fixes_are_offered_and_only_with_a_fix_role():
    """
    No fix role means diagnosis only.
    """
    account = accounts_from(GOOD).items[0]
    without = accounts_from(
        changed("    fix_role: arn:aws:iam::123456789012:role/ecs-pull-fix\n", "")
    ).items[0]

    assert not account.may_fix("repository-policy-denies")
    assert not without.may_fix("image-tag-missing")
    assert account.may_fix("image-tag-missing")


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text):
    """
    No input makes the reader break.
    """
    try:
        accounts_from(text)
    except ConfigError as error:
        assert error.problems
