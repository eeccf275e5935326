"""What a function of ours may ask AWS, read from its code and that of all it uses."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType

from bot.model import Call

Function = Callable[..., object]


def actions(functions: Iterable[Function], known: Iterable[str]) -> list[str]:
    """Return those of the *known* IAM actions whose operation is named in *functions*.

    Where two services have an operation of one name, the service stands beside it.
    """
    known = tuple(known)
    written = [set(_texts(f)) for f in reached(functions)]
    shared = Counter(map(_operation, dict.fromkeys(known)))

    def asked(action: str, texts: set[str]) -> bool:
        alone = shared[_operation(action)] == 1 or action.partition(":")[0] in texts
        return alone and _operation(action) in texts

    return sorted(a for a in known if any(asked(a, texts) for texts in written))


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
    """Return the functions that *function* names, by themselves or in a module, or closes over."""
    read = [i for code in _codes(function.__code__) for i in dis.get_instructions(code)]
    held = [c.cell_contents for c in function.__closure__ or ()]
    near = [function.__globals__.get(i.argval) for i in read if i.opname == "LOAD_GLOBAL"]
    modules = [m for m in near if isinstance(m, ModuleType) and m.__name__.startswith("bot.")]
    parts = [i.argval for i in read if i.opname in ("LOAD_ATTR", "LOAD_METHOD")]
    far = [getattr(m, p) for m in modules for p in parts if hasattr(m, p)]
    return tuple(f for f in (*held, *near, *far) if isinstance(f, FunctionType))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _texts(function: FunctionType) -> Iterator[str]:
    for code in _codes(function.__code__):
        yield from (c for c in code.co_consts if isinstance(c, str))


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
