"""Turn the facts somebody needs into the facts they get.

Functions ask for facts by annotating their parameters. :func:`gather` runs the collectors
that produce those facts, in dependency order, as parallel as the order allows; :func:`ask`
calls a function with the facts it named. Neither the collectors nor the causes can tell
that there are threads.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from functools import cache
from graphlib import TopologicalSorter
from types import UnionType
from typing import TypeVar, get_args

from bot.model import CannotTell, Unknown

log = logging.getLogger(__name__)

T = TypeVar("T")
Facts = Mapping[type, object]
Collector = Callable[..., object]

WORKERS = 24


@cache
def _asked(function: Callable[..., object]) -> tuple[tuple[type, bool], ...]:
    """Return each fact *function* asks for, and whether it can do without (``Fact | Unknown``)."""
    annotations = (
        p.annotation for p in inspect.signature(function, eval_str=True).parameters.values()
    )
    return tuple(
        (get_args(a)[0], True) if isinstance(a, UnionType) else (a, False) for a in annotations
    )


@cache
def needs(function: Callable[..., object]) -> tuple[type, ...]:
    """Return the facts *function* asks for, in the order of its parameters."""
    return tuple(fact for fact, _ in _asked(function))


@cache
def produces(collector: Collector) -> type:
    """Return the fact *collector* establishes."""
    fact: type = inspect.signature(collector, eval_str=True).return_annotation
    return fact


def unknowns(function: Callable[..., object], facts: Facts) -> tuple[Unknown, ...]:
    """Return what *function* cannot do without and nobody could tell, each root reason once."""
    missing = (
        f for n, optional in _asked(function) if isinstance(f := facts[n], Unknown) and not optional
    )
    return tuple(dict.fromkeys(missing))


def ask(function: Callable[..., T], facts: Facts) -> T:
    """Call *function* with the facts it asks for."""
    return function(*(facts[need] for need in needs(function)))


def gather(
    wanted: Iterable[type],
    given: Facts,
    collectors: Iterable[Collector],
    *,
    pool: Executor | None = None,
) -> dict[type, object]:
    """Establish every *wanted* fact, starting from the *given* ones.

    A fact that cannot be established is an ``Unknown``, and so is all that needs it.
    """
    if pool is None:
        with ThreadPoolExecutor(WORKERS) as own:
            return gather(wanted, given, collectors, pool=own)
    facts: dict[type, object] = dict(given)
    by_fact = {produces(c): c for c in collectors}
    graph = TopologicalSorter(_closure(set(wanted), by_fact, facts))
    graph.prepare()
    running: dict[Future[object], type] = {}
    while graph.is_active():
        for fact in graph.get_ready():
            if fact in facts:
                graph.done(fact)
            else:
                running[pool.submit(_collect, by_fact[fact], dict(facts))] = fact
        if not running:
            continue
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            fact = running.pop(future)
            facts[fact] = future.result()
            graph.done(fact)
    return facts


def _collect(collector: Collector, facts: Facts) -> object:
    name = produces(collector).__name__
    if unmet := unknowns(collector, facts):
        return unmet[0]  # the root: what to grant is said once, not for all that hangs on it
    try:
        return ask(collector, facts)
    except CannotTell as reason:
        return Unknown(name, reason.because, reason.grant)
    except Exception:  # one broken collector must not hide what the others saw
        log.exception("collector failed", extra={"fact": name})
        return Unknown(name, "internal error")


def _closure(
    wanted: set[type], by_fact: Mapping[type, Collector], given: Facts
) -> dict[type, tuple[type, ...]]:
    graph: dict[type, tuple[type, ...]] = {}
    while wanted:
        fact = wanted.pop()
        graph[fact] = () if fact in given else needs(by_fact[fact])
        wanted |= {n for n in graph[fact] if n not in graph}
    return graph
