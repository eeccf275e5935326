"""The bench, once for each module, and each listed fix on it."""

from __future__ import annotations

import pytest
from redis import Redis

from tests.harness.bench import bench as running


@pytest.fixture(scope="module")
def lasting_bench(redis_url):
    with Redis.from_url(redis_url) as client:
        client.flushall()
    with running(redis_url) as found:
        yield found


@pytest.fixture
def bench(lasting_bench):
    yield lasting_bench
    lasting_bench.estate.allow_all()


@pytest.fixture
def broken(bench, request):
    """The case, once its service is broken and what it is given stands there."""
    case = request.param
    bench.break_anew(case)
    takes_away = case.given(bench.estate, case.scenario) if case.given else None
    yield case
    if takes_away:
        takes_away()
