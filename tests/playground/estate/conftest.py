"""An empty estate, and one with all scenarios, each made once per test module."""

import pytest

from playground import scenarios
from playground.estate import Estate, running


@pytest.fixture(scope="module")
def empty():
    """An estate with no account in it."""
    estate = Estate()
    estate.serve()
    yield estate
    estate.stop()


@pytest.fixture(scope="module")
def shop():
    """An estate with every scenario."""
    with running() as estate:
        yield estate


@pytest.fixture
def named():
    """Look a scenario up by name."""
    return scenarios.named
