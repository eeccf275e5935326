"""Ask an independent evaluator of IAM policies the questions that bot/policy.py answers.

It is a program of its own under another licence: run beside the tests, never imported.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.policy import Decision
from tests.oracle.generate import EVERYTHING, Case

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
CI = (
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
)
SAYS = {
    "Allowed": Decision.ALLOWED,
    "ImplicitlyDenied": Decision.IMPLICIT_DENY,
    "ExplicitlyDenied": Decision.EXPLICIT_DENY,
}


class Unavailable(Exception):  # noqa: N818 - an outcome, not a bug
    """The oracle could not be installed or run."""


def install() -> None:
    """Install the oracle at its exact version, once, next to this file."""
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (HERE / "node_modules" / ".package-lock.json").exists():
            return
        code, _, said = _run([str(BIN / "npm"), *CI], "", 180)
        if code:
            raise Unavailable(f"npm ci failed in {HERE}: {said.strip()[-400:]}")


def decisions(cases: Sequence[Case]) -> list[Decision]:
    """Return what the oracle decides on each of *cases*."""
    lines = "\n".join(json.dumps(_simulation(c)) for c in cases)
    code, out, said = _run([str(BIN / "node"), "simulate.mjs"], lines, 120)
    answers = [json.loads(line) for line in out.splitlines()]
    if code or len(answers) != len(cases):
        raise Unavailable(f"the oracle stopped after {len(answers)} cases: {said.strip()[-400:]}")
    strange = [a for a in answers if not isinstance(a, str)]
    if strange:
        raise Unavailable(f"the oracle refused a case: {json.dumps(strange[0])[:400]}")
    return [SAYS[a] for a in answers]


def _run(command: list[str], text: str, seconds: float) -> tuple[int, str, str]:
    """Run *command* in a session of its own: node's launcher has a child, which must end too."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    if not Path(command[0]).exists():
        raise Unavailable(f"{command[0]} is missing: install requirements-dev.txt")
    process = subprocess.Popen(
        command, cwd=HERE, env={**os.environ, "PATH": path}, start_new_session=True, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        out, said = process.communicate(text, timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, said = process.communicate()
    return process.returncode, out, said


def _simulation(case: Case) -> dict[str, object]:
    request = case.request
    known = {k: list(v) if isinstance(v, tuple) else v for k, v in request.known.items() if v}
    levels = case.scps or [[EVERYTHING]]
    simulation: dict[str, object] = {
        "request": {
            "principal": request.principal,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": request.owner},
            "contextVariables": known,
        },
        "identityPolicies": _named(case.identity),
        "serviceControlPolicies": [
            {"orgIdentifier": f"o-{n}", "policies": _named(level)} for n, level in enumerate(levels)
        ],
        "resourceControlPolicies": [],
    }
    optional = {
        "resourcePolicy": case.resource_policy,
        "permissionBoundaryPolicies": case.boundary and _named([case.boundary]),
        "sessionPolicy": case.session,
    }
    return simulation | {name: value for name, value in optional.items() if value}


def _named(documents: Sequence[object]) -> list[dict[str, object]]:
    return [{"name": str(n), "policy": d} for n, d in enumerate(documents)]
