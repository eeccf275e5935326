"""What a function of ours may ask AWS, read from its code and that of all it uses."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType

from bot.model import Call

Function = Callable[..., object]


def actions(functions: Iterable[Function], known: Iterable[str]) -> list[str]:
    """Return those of the *known* IAM actions whose operation is named in *functions*."""
    written = {text for f in reached(functions) for text in _texts(f.__code__)}
    return sorted(a for a in known if _operation(a) in written)


def commands(function: Function) -> list[str]:
    """Return each ``aws`` command that *function* makes a call for, in the order of the code."""
    found = [pair for f in reached([function]) for pair in _calls(f)]
    return list(dict.fromkeys(f"aws {s} {o.replace('_', '-')}" for s, o in found))


def reached(functions: Iterable[Function]) -> tuple[FunctionType, ...]:
    """Return *functions* and every function of the product that they use, each once."""
    found: dict[FunctionType, None] = {}
    waiting = [f for f in functions if isinstance(f, FunctionType)]
    while waiting:
        function = waiting.pop(0)
        if function not in found and function.__module__.startswith("bot."):
            found[function] = None
            waiting += _used(function)
    return tuple(found)


@cache
def _used(function: FunctionType) -> tuple[FunctionType, ...]:
    """Return the functions that *function* names or closes over."""
    names = list(_names(function.__code__))
    held = [c.cell_contents for c in function.__closure__ or ()]
    near = [function.__globals__[n] for n in names if n in function.__globals__]
    modules = [m for m in near if isinstance(m, ModuleType) and m.__name__.startswith("bot.")]
    far = [getattr(m, n) for m in modules for n in names if hasattr(m, n)]
    return tuple(f for f in (*held, *near, *far) if isinstance(f, FunctionType))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _texts(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _texts(constant)
        elif isinstance(constant, str):
            yield constant


def _calls(function: FunctionType) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        match node:
            case ast.Call(
                func=ast.Name(Call.__name__),
                args=[ast.Constant(str(service)), ast.Constant(str(operation)), *_],
            ):
                yield service, operation


def _operation(action: str) -> str:
    """Return boto3's name of the operation behind *action*."""
    name = action.partition(":")[2]
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
