"""Since when the audit is read, and how an event looks to people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import auditing, cli
from bot.__main__ import parser
from bot.store import Store
from tests.support.sealing import SEAL

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
CALL = {"step": 0, "service": "ecs", "operation": "update_service", "request_id": "1f2e-3d"}
EVENT = {
    "id": "1769850000000-0", "event": "applied", "fix": "F1", "cause": "image-tag-missing",
    "who": "U02BORA", "account": "222233334444", "where": "main/shop-web", "calls": [CALL],
}  # fmt: skip


@pytest.mark.parametrize("when", ["", "2", "h", "2y", "-2h", "yesterday", "2026-13-01", "1e9h"])
def test_what_is_no_time_is_refused(when):
    """
    The refusal shows what would be understood.
    """
    with pytest.raises(ValueError, match="30m, 2h, 3d"):
        auditing.start(when, NOW)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-01-30", datetime(2026, 1, 30, tzinfo=UTC)),
        ("2026-01-30T09:00", datetime(2026, 1, 30, 9, tzinfo=UTC)),
        ("2026-01-30T09:00Z", datetime(2026, 1, 30, 9, tzinfo=UTC)),
        ("2026-01-30T18:00+09:00", datetime(2026, 1, 30, 9, tzinfo=UTC)),
        ("99999d", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_ages_and_times_are_understood(when, expected):
    """
    An age counts from now; a time without a zone is UTC.
    """
    assert str(int(expected.timestamp() * 1000)) == auditing.start(when, NOW)


def test_an_event_is_a_line_and_each_call_another():
    """
    Each call has the request id by which CloudTrail knows it.
    """
    assert [
        "2026-01-31 09:00:00 applied       U02BORA     main/shop-web image-tag-missing",
        "    ecs:UpdateService                1f2e-3d",
    ] == auditing.lines(EVENT)


@given(st.dictionaries(st.sampled_from(["event", "who", "where", "cause", "account"]), st.text()))
def test_no_event_breaks_the_page(said):
    """
    Whatever names hold, a line is one line of 80 columns that steers no terminal.
    """
    for line in auditing.lines({**EVENT, **said}):
        assert len(line) <= 80
        assert line.isprintable()


def test_a_long_stream_is_read_to_its_end(empty_redis):
    """
    More events than one page holds are all there, once, in order.
    """
    store = Store.at(empty_redis, SEAL)
    for number in range(2 * auditing.PAGE + 1):
        store.audit({"event": "shown", "n": number})

    assert list(range(2 * auditing.PAGE + 1)) == [e["n"] for e in auditing.events(store)]


@pytest.fixture
def audit(monkeypatch, tmp_path):
    """Run the command where REDIS_URL is *url*; returns its status and what it says."""
    monkeypatch.chdir(tmp_path)

    def run(*words, url=None):
        for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "REDIS_URL"):
            monkeypatch.delenv(name, raising=False)
        if url:
            monkeypatch.setenv("REDIS_URL", url)
        said, wrong = tmp_path / "said", tmp_path / "wrong"
        with said.open("w") as out, wrong.open("w") as err:
            status = cli.run(parser().parse_args(["audit", *words]), None, out, err)
        return status, said.read_text(), wrong.read_text()

    return run


def test_without_a_redis_the_command_says_what_is_missing(audit):
    """
    Not set is a wrong setting, not there is a failure; each is one line.
    """
    unset, away = audit(), audit(url="redis://127.0.0.1:1/0")

    assert (2, 1) == (unset[0], away[0])
    assert all("REDIS_URL" in said[2] and said[2].count("\n") == 1 for said in (unset, away))


def test_the_command_prints_what_happened_since(audit, empty_redis):
    """
    Old events are left out; an empty list is an answer; JSON is one document with a time each.
    """
    Store.at(empty_redis, SEAL).audit({k: v for k, v in EVENT.items() if k != "id"})
    status, said, _ = audit("--json", "--since", "1h", url=empty_redis)
    _, lines, _ = audit(url=empty_redis)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    (found,) = json.loads(said)
    assert 0 == status
    assert [CALL] == found["calls"]
    assert datetime.fromisoformat(found["at"]).tzinfo
    assert "1f2e-3d" in lines
    assert (0, "[]\n", "") == audit("--json", "--since", later, url=empty_redis)
