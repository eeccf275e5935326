"""How long a diagnosis takes when every AWS call takes 60 ms, against its longest chain of calls.

Run: python -m benchmarks.diagnose

The floor of a scenario is its longest chain of dependent calls x 60 ms. The chain is computed, not
assumed: each collector is timed alone under a latency far above its own work, which gives how many
calls it makes one after another; the longest path through the facts that the scenario needed is
the chain.
"""

from __future__ import annotations

import atexit
import functools
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.estate_process import Remote, elsewhere

LATENCY, SLOW, RUNS = 0.06, 0.25, 5


def main() -> None:
    """Print a row for each scenario, and the figures that must hold."""
    with elsewhere() as estate, tempfile.TemporaryDirectory() as home:
        service = _service(estate, Path(home))
        errors = estate.ask("errors")
        rows = [_row(service, estate, name, text) for name, text in errors.items()]
    print(f"{'cause':34} calls chain  floor ms  wall ms  ratio  again: calls ms")
    for name, calls, chain, wall, again_calls, again in rows:
        floor = chain * LATENCY * 1000
        print(
            f"{name:34} {calls:5} {chain:5} {floor:9.0f} {wall:8.0f} {wall / floor:6.2f}"
            f" {again_calls:12} {again:4.1f}"
        )
    ratios = [r[3] / (r[2] * LATENCY * 1000) for r in rows]
    print(
        f"ratio: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f} (must be <= 1.35)"
    )
    print(f"calls: most {max(r[1] for r in rows)} (must be <= 30)")
    print(
        f"again: calls {max(r[4] for r in rows)}, worst {max(r[5] for r in rows):.1f} ms (must be 0 and <= 20)"
    )


def _service(estate: Remote, home: Path) -> Any:
    from bot import redis_server
    from bot.accounts_file import accounts_from
    from bot.assembly import service
    from bot.config import settings
    from playground.scenarios import accounts_yaml

    file = home / "accounts.yaml"
    file.write_text(accounts_yaml())
    accounts_from(file.read_text())
    os.environ.update(estate.environ)
    redis = redis_server.start()
    atexit.register(redis.stop)
    found = service(
        settings({**estate.environ, "ECS_PULL_ACCOUNTS": str(file), "REDIS_URL": redis.url})
    )
    for account in found.accounts.items:
        found.warm(account)
    return found


def _row(
    service: Any, estate: Remote, name: str, text: str
) -> tuple[str, int, int, float, int, float]:
    from bot.facts import Subject
    from playground import scenarios

    scenario = scenarios.named(name)
    subject = Subject(scenario.account, scenario.region, scenario.cluster, scenario.service)
    symptom = service.explain(text)
    chain = _chain(service, estate, subject, symptom)
    estate.ask(f"latency {LATENCY}")
    service.diagnose(subject, symptom, fresh=True)
    estate.ask("calls")
    walls, calls = [], 0
    for _ in range(RUNS):
        began = time.perf_counter()
        calls = service.diagnose(subject, symptom, fresh=True).calls
        walls.append((time.perf_counter() - began) * 1000)
    estate.ask("calls")
    again = []
    for _ in range(RUNS):
        began = time.perf_counter()
        service.diagnose(subject, symptom)
        again.append((time.perf_counter() - began) * 1000)
    again_calls = estate.ask("calls")
    estate.ask("latency 0")
    return name, calls, chain, statistics.median(walls), again_calls, statistics.median(again)


def _chain(service: Any, estate: Remote, subject: Any, symptom: Any) -> int:
    """Return the longest chain of dependent calls of this diagnosis."""
    from bot import diagnosing
    from bot.evidence import needs, produces

    depth: dict[type, int] = {}
    lock = threading.Lock()

    def timed(collector: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(collector)
        def run(*args: Any) -> Any:
            began = time.perf_counter()
            try:
                return collector(*args)
            finally:
                with lock:
                    depth[produces(collector)] = round((time.perf_counter() - began) / SLOW)

        return run

    original = diagnosing.COLLECTORS
    estate.ask(f"latency {SLOW}")
    diagnosing.COLLECTORS = tuple(map(timed, original))
    try:
        service.look(subject, symptom).report(time.monotonic())
    finally:
        diagnosing.COLLECTORS = original
    by_fact = {produces(c): c for c in original}

    @functools.cache
    def longest(fact: type) -> int:
        if fact not in depth:
            return 0
        return depth[fact] + max((longest(n) for n in needs(by_fact[fact])), default=0)

    return max(longest(fact) for fact in depth)


if __name__ == "__main__":
    main()
