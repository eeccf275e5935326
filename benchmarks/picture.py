"""How long a picture of the path takes, how large it is, and what it costs in memory.

Run: python -m benchmarks.picture
"""

from __future__ import annotations

import hashlib
import resource
import time
from dataclasses import replace

import psutil

from bot.egress.journey import journeys
from bot.evidence import ask
from bot.facts import SecretReference, TaskDefinition
from bot.render.picture import Picture, picture
from bot.render.words import LANGUAGES
from bot.report import Report
from tests.cases.building import SECRET, case, endpoints
from tests.support.reports import report_of

CASES = (
    "public-ip-missing", "no-route-to-registry", "endpoint-missing/api", "s3-route-missing/table",
    "nat",
)  # fmt: skip
RUNS = 9
MB = 2**20


def main() -> None:
    """Print the figures of each picture, and the worst."""
    reports = {name: real(report_of(name)) for name in CASES} | {"six targets": real(longest())}
    process, times, sizes = psutil.Process(), [], []
    before = process.memory_info().rss
    for name, report in reports.items():
        for language in LANGUAGES:
            drawn, took, size = measured(report, language)
            times.append(took)
            sizes.append(size)
            print(
                f"{name:24} {language}  {took:4.0f} ms  {size / 1000:4.0f} kB  alt {len(drawn.alt)}"
            )
    after, peak = process.memory_info().rss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"worst: {max(times):.0f} ms of processor (must be <= 200), "
          f"{max(sizes) / 1000:.0f} kB (must be <= 150)")  # fmt: skip
    print(
        f"memory: +{(after - before) / MB:.0f} MB kept, +{peak / 1024 - before / MB:.0f} MB at most"
    )


def measured(report: Report, language: str) -> tuple[Picture, float, int]:
    """Return a picture, the least milliseconds of processor that it took, and its bytes."""
    found = []
    for _ in range(RUNS):
        began = time.process_time()
        drawn = picture(report, language)
        assert drawn is not None
        png = drawn.png
        found.append((time.process_time() - began) * 1000)
    return drawn, min(found), len(png)


def real(report: Report) -> Report:
    """Return *report* with ids as long as those of AWS."""
    assert report.journey is not None
    ways = tuple(
        replace(w, hops=tuple(replace(h, id=named(h.id)) for h in w.hops))
        for w in report.journey.ways
    )
    return replace(report, journey=replace(report.journey, ways=ways))


def named(short: str | None) -> str | None:
    """Return an id such as AWS makes them, always the same for *short*."""
    kind = (short or "").partition("-")[0]
    return short and f"{kind}-{hashlib.sha256(short.encode()).hexdigest()[:17]}"


def longest() -> Report:
    """Return a start that needs six targets, each by an endpoint of its own, of which one lacks."""
    facts = case(endpoints("ecr.dkr", "s3", "logs", "ssm", "secretsmanager"))
    definition = facts[TaskDefinition]
    assert isinstance(definition, TaskDefinition)
    only = replace(
        definition.containers[0],
        secrets=(SecretReference("A", SECRET), SecretReference("B", "/shop/b")),
        log_driver="awslogs",
    )
    facts[TaskDefinition] = replace(definition, containers=(only,))
    return replace(report_of("endpoint-missing/api"), journey=ask(journeys, facts)[0])


if __name__ == "__main__":
    main()
