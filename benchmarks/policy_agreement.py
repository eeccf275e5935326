"""How often bot/policy.py and an independent evaluator of IAM policies agree.

.venv/bin/python -m benchmarks.policy_agreement [CASES] [SEED]
"""

from __future__ import annotations

import sys
import time

from tests.oracle import generate, oracle


def main(count: int = 20_000, seed: int = 1) -> int:
    oracle.install()
    asked = list(generate.cases(seed, count))
    answers = oracle.decisions(asked)
    started = time.perf_counter()
    found, undecided = generate.disagreements(asked, answers)
    took = time.perf_counter() - started
    print(f"cases compared: {len(asked)}")
    print(f"disagreements: {len(found)}")
    print(f"left undecided by us: {undecided}")
    print(f"microseconds for each decision: {1e6 * took / len(asked):.0f}")
    for case, theirs in found[:5]:
        print(f"  {theirs.value} against {case.ruling()}: {case}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
