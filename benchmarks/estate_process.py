"""An estate in a process of its own, so that it does not share the bot's interpreter.

Run by the other benchmarks; prints one JSON line with its address and credentials, obeys
``latency SECONDS``, ``calls`` and ``errors`` on standard input, and ends with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ROOT = __file__.rpartition("/benchmarks/")[0]


class Remote:
    """The estate as its parent sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.environ: dict[str, str] = self.ask("")

    def ask(self, line: str) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        if line:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def elsewhere() -> Iterator[Remote]:
    """Start the estate with every scenario, and end it."""
    command = [sys.executable, "-m", "benchmarks.estate_process"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Remote(process)
    finally:
        process.stdin.close()
        process.wait(20)


def main() -> None:
    from playground import scenarios
    from playground.estate.server import Estate

    estate = Estate()
    estate.serve()
    scenarios.build(estate)
    print(json.dumps(scenarios.credentials(estate)), flush=True)
    for line in sys.stdin:
        verb, _, value = line.strip().partition(" ")
        answer: Any = True
        if verb == "latency":
            estate.latency = float(value)
        elif verb == "calls":
            answer = len(estate.calls)
            estate.calls.clear()
        elif verb == "errors":
            answer = {
                s.name: scenarios.sample_error(estate, s) for s in scenarios.SCENARIOS if s.cause
            }
        print(json.dumps(answer), flush=True)
    estate.stop()


if __name__ == "__main__":
    main()
