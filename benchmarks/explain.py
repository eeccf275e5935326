"""How many pasted errors a second parse() reads, and how long the worst 64 kB take.

Run from the project root: PYTHONPATH=. .venv/bin/python benchmarks/explain.py
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

from bot.symptom import parse

ERRORS = Path(__file__).parents[1] / "tests" / "errors"
SECONDS = 2.0
WORST = (
    "CannotPullContainerError: ", "failed to resolve ref x", "arn:aws:ecs:", "\\", "<", "image: ",
    "asm secret ", "| a | b |\n", "https://", "service a ", "1.dkr.ecr.us-east-1.amazonaws.com/x:1 ",
    "sha256:", "docker pull x\n", "a.b(", "失敗", "[a](", "&amp;", "lookup a ", "\n", " ",
    "a.com/" * 130 + "!:\n", "http://" * 110 + "!:\n", "/a.b" * 30 + " ", "x-" * 400 + "/\n",
)  # fmt: skip


def ordinary() -> tuple[float, float]:
    """Return texts a second over the varied mix of the fixtures, and their mean length."""
    texts = [
        json.loads(line)["text"]
        for file in sorted(ERRORS.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    parse(texts[0])
    began, read = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        for text in texts:
            parse(text)
        read += len(texts)
    return read / (time.perf_counter() - began), statistics.mean(map(len, texts))


def worst() -> list[tuple[float, str]]:
    """Return the milliseconds that 64 kB of each unit take, slowest first."""
    times = []
    for unit in WORST:
        text = ("CannotPullContainerError: " + unit * 65_536)[:65_536]
        runs = []
        for _ in range(5):
            began = time.perf_counter()
            parse(text)
            runs.append(time.perf_counter() - began)
        times.append((1000 * min(runs), unit))
    return sorted(times, reverse=True)


def main() -> None:
    """Print the figures."""
    rate, length = ordinary()
    print(f"ordinary texts: {rate:,.0f} a second (mean {length:.0f} characters)")
    for ms, unit in worst()[:5]:
        print(f"64 kB of {unit[:30]!r}: {ms:.1f} ms")


if __name__ == "__main__":
    main()
