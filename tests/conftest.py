"""What many tests share: one Redis for the whole run, and one bot with everything around it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis

from bot import redis_server

# The same cases on every machine and no clock: a slow machine is no failure of ours.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=(HealthCheck.too_slow,)
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def redis_url():
    server = redis_server.start()
    yield server.url
    server.stop()


@pytest.fixture
def empty_redis(redis_url):
    with Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url


@pytest.fixture(scope="session")
def lasting_bot():
    from tests.support.bot import running  # takes seconds to import
    from tests.support.estate import estate

    with estate() as made, running(made) as found:
        yield found
        refusals, late = found.refusals(), [a for a in found.workspace.acks if a.late]
    assert [] == refusals
    assert [] == late


@pytest.fixture
def bot(lasting_bot):
    lasting_bot.reset()
    yield lasting_bot
    lasting_bot.quiet()


@pytest.fixture
def terminal(bot, monkeypatch, tmp_path):
    """A terminal whose environment names the estate."""
    from playground import scenarios  # takes seconds to import

    (tmp_path / "accounts.yaml").write_text(scenarios.accounts_yaml())
    monkeypatch.chdir(tmp_path)
    for name, value in scenarios.credentials(bot.estate).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def pytest_collection_modifyitems(items):
    """Mark the tests that share the lasting bot: moto's state is the process's own.

    They run in processes of their own, away from modules that build an estate for themselves.
    """
    for item in items:
        if "lasting_bot" in getattr(item, "fixturenames", ()):
            item.add_marker("lasting")
