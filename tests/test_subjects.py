"""Which account a question is about: never one that its channel may not see."""

from __future__ import annotations

from bot.config import Account, Accounts, ChannelDefault
from bot.question import Question
from bot.subjects import named

PROD = Account("222233334444", "prod", ("us-east-1",), channels=("C01GEN",))
BOOK = Accounts((PROD,), {c: ChannelDefault("prod", "us-east-1") for c in ("C01GEN", "C02OTHER")})


def test_a_default_does_not_open_an_account_to_a_channel():
    """
    The account's own list of channels decides, whatever the channel's default says.
    """
    question = Question(cluster="main", service="shop", channel="C02OTHER")

    assert named(question, BOOK) is None


def test_a_default_is_used_where_the_account_is_open():
    """
    In a channel of its list the default says which account is meant.
    """
    found = named(Question(cluster="main", service="shop", channel="C01GEN"), BOOK)

    assert found is not None
    assert "222233334444" == found.account
