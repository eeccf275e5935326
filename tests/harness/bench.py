"""One estate on which every fix is tried, and the bot that tries it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.accounts_file import accounts_from
from bot.actions import FIX_ROLE
from bot.aws.accounts import Doors
from bot.facts import Subject
from bot.fix import Fix
from bot.model import Plan
from bot.permissions import action
from bot.service import Service
from bot.store import Store
from playground import scenarios
from playground.estate.server import Estate
from tests.harness.mortal import Life, MortalDoors, MortalStore
from tests.harness.table import LOGIN, Case
from tests.support.estate import estate, session
from tests.support.sealing import SEAL

ALICE, BORA = "U01ALICE", "U02BORA"
READS = ("Describe", "List", "Lookup", "Get", "Simulate", "Validate", "AssumeRole", "BatchGet")
ACCOUNTS = accounts_from(scenarios.accounts_yaml())
HEALTHY = tuple(s.name for s in scenarios.SCENARIOS if not s.cause)


@dataclass(slots=True)
class Bench:
    """The estate with the services that a fix is tried on, and the bot."""

    estate: Estate
    redis_url: str
    pool: Executor
    service: Service
    mortal_doors: MortalDoors | None = None

    def break_anew(self, *cases: Case) -> None:
        """Build the services of *cases* anew, beside the healthy ones; nothing is recorded."""
        self.estate.reset()
        scenarios.build(self.estate, {*HEALTHY, *(c.cause for c in cases)})
        self.service.doors, self.mortal_doors = self.doors(), None
        self.estate.calls.clear()

    def see_broken(self, case: Case) -> None:
        """See to it that the service of *case* is broken, after a fix was taken back, say."""
        self.estate.tick()
        if scenarios.health(self.estate, case.scenario) == "running":
            self.break_anew(case)
        self.estate.calls.clear()

    def doors(self, kind: type[Doors] = Doors) -> Any:
        return kind(ACCOUNTS, endpoint_url=self.estate.url, session=session(self.estate))

    def mortal(self, life: Life, pool: Executor | None = None) -> Service:
        """Return a bot that dies when *life* says so."""
        doors = self.mortal_doors = self.mortal_doors or self.doors(MortalDoors)
        store = MortalStore.at(self.redis_url, SEAL)
        doors.life = store.life = life
        return Service(ACCOUNTS, doors, store, pool or self.pool)

    def ask(self, case: Case) -> Fix:
        """Paste the error, and ask for the fix in the way that is wanted."""
        symptom = self.service.explain(scenarios.sample_error(self.estate, case.scenario))
        fix = self.service.propose(
            subject(case), symptom, case.cause,
            asked_by=ALICE, channel="C01SHOP", thread="1.0", report="1.1",
        )  # fmt: skip
        return self.service.choose(fix.id, case.choice, ALICE) if case.choice else fix

    def approve(self, fix: Fix) -> Fix:
        return self.service.approve(fix.id, user=BORA, groups=(), shown=fix.hash[:16])

    def apply(self, fix: Fix, service: Service | None = None) -> Any:
        """Carry an approved fix out, with a login where it asks for one."""
        bot = service or self.service
        if fix.plan.asking and bot.fix(fix.id).status in ("approved", "applying"):
            bot.enter(fix.id, LOGIN)
        return bot.apply(fix.id)

    def purge(self, plan: Plan) -> None:
        """Delete for good what a fix made and took back: until then its name is taken."""
        for step in (s for s in plan.steps if s.asks):
            secrets = self.estate.client("secretsmanager", step.account, step.region)
            secrets.delete_secret(SecretId=step.do.params["Name"], ForceDeleteWithoutRecovery=True)

    def undo(self, fix: Fix) -> Any:
        self.service.request_undo(fix.id, user=BORA, groups=())
        return self.service.undo(fix.id)

    def health(self, case: Case) -> str:
        """Return how the service is after two rounds of ECS."""
        self.estate.tick(case.scenario.service)
        self.estate.tick(case.scenario.service)
        return scenarios.health(self.estate, case.scenario)

    def writes(self) -> list[str]:
        """Return the changes that AWS was asked for since, in order; only the fix role asks."""
        found = [c for c in self.estate.calls if not c.action.partition(":")[2].startswith(READS)]
        assert {True} >= {FIX_ROLE in c.principal for c in found}
        self.estate.calls.clear()
        return [c.action for c in found]

    def audited(self, fix: Fix) -> list[dict[str, Any]]:
        """Return what the audit stream has of *fix*."""
        return [e for e in self.service.store.audit_since(count=100_000) if e.get("fix") == fix.id]


def subject(case: Case) -> Subject:
    found = case.scenario
    return Subject(found.account, found.region, found.cluster, found.service)


def done(plan: Plan) -> list[str]:
    """Return the actions that *plan* takes, in order."""
    return [action(s.do) for s in plan.steps]


def undone(plan: Plan) -> list[str]:
    """Return the actions that take *plan* back, in order."""
    return [action(s.undo) for s in reversed(plan.steps) if s.undo]


@contextmanager
def bench(redis_url: str) -> Iterator[Bench]:
    """Run a bench."""
    with estate(()) as made, ThreadPoolExecutor(24) as pool:
        doors = Doors(ACCOUNTS, endpoint_url=made.url, session=session(made))
        yield Bench(
            made, redis_url, pool, Service(ACCOUNTS, doors, Store.at(redis_url, SEAL), pool)
        )
