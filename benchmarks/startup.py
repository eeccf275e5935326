"""How soon the command line and the playground are there.

Run: python -m benchmarks.startup
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import time

from benchmarks.estate_process import ROOT

TEXT = "CannotPullContainerError: manifest unknown"
RUNS = 5
# Python keeps the bytecode of a first start, unless a machine says otherwise.
ENVIRON = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Print the figures."""
    imports = [_imports() for _ in range(RUNS)]
    print(
        f"imports of `python -m bot explain`: {statistics.median(imports):.0f} ms (must be <= 300)"
    )
    whole = [_timed() for _ in range(RUNS)]
    print(f"`python -m bot explain` as a whole: {statistics.median(whole):.0f} ms")
    starts = [_playground() for _ in range(3)]
    print(f"playground, a second start: {statistics.median(starts):.1f} s (must be < 5)")


def _imports() -> float:
    """Return the milliseconds of all imports, as the interpreter itself counts them."""
    command = [sys.executable, "-X", "importtime", "-m", "bot", "explain", "--json"]
    run = subprocess.run(
        command, cwd=ROOT, env=ENVIRON, input=TEXT, capture_output=True, text=True, check=False
    )
    own = (re.match(r"import time:\s+(\d+) \|", line) for line in run.stderr.splitlines())
    return sum(int(m[1]) for m in own if m) / 1000


def _timed() -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "bot", "explain", "--json"]
    subprocess.run(
        command, cwd=ROOT, env=ENVIRON, input=TEXT, capture_output=True, text=True, check=False
    )
    return (time.perf_counter() - began) * 1000


def _playground() -> float:
    """Return the seconds from the command to the address it prints; then stop it."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "bot", "playground", "--port", "3999"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=ENVIRON, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        process.stdout.readline()
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


if __name__ == "__main__":
    main()
