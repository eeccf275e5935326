"""Wait for what another thread or process does, and no longer than it takes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

PATIENCE = 15.0  # seconds that a test waits at most


def until(condition: Callable[[], object]) -> None:
    """Return once *condition* holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def in_a_process(work: Callable[[], object]) -> int:
    """Run *work* in a process of its own and return its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child
