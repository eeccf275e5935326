"""``make bench``: every figure of the README in this folder, one after another."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.estate_process import ROOT

PARTS = ("startup", "explain", "policy_agreement", "diagnose", "picture", "slack")


def main() -> int:
    """Run each part in a process of its own, so that none disturbs the next."""
    failed = 0
    for part in PARTS:
        print(f"\n== {part}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{part}"]
        failed += subprocess.run(command, cwd=ROOT, check=False).returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
