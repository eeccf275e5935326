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


@pytest.fixture(scope="module")
def built(lasting_bench, request):
    """The case, with its service beside the healthy ones and what it is given: once for all tests of it."""
    case = request.param
    lasting_bench.break_anew(case)
    if case.given:
        case.given(lasting_bench.estate, case.scenario)
    return case


@pytest.fixture
def broken(built, bench):
    """The case, its service broken as at first."""
    bench.see_broken(built)
    return built
