"""What a template asks of its values, and what follows from supposing an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import nodes

Known = Mapping[str, object]


def holds(test: nodes.Node, known: Known) -> bool | None:
    """Tell whether *test* is true where *known* is supposed; None where that is open."""
    match test:
        case nodes.Not(node=inner):
            said = holds(inner, known)
            return None if said is None else not said
        case nodes.And(left=left, right=right):
            both = {holds(left, known), holds(right, known)}
            return False if False in both else None if None in both else True
        case nodes.Or(left=left, right=right):
            either = {holds(left, known), holds(right, known)}
            return True if True in either else None if None in either else False
    if (pair := _equality(test)) and f"={pair[0]}" in known:
        return known[f"={pair[0]}"] == pair[1]
    said_before = known.get(repr(test))
    return said_before if isinstance(said_before, bool) else None


def supposing(test: nodes.Node, known: Known, *, true: bool) -> dict[str, object]:
    """Return *known* and what *test* being *true*, or not, tells beyond it."""
    match test:
        case nodes.Not(node=inner):
            return supposing(inner, known, true=not true)
        case nodes.And(left=left, right=right) if true:
            return supposing(right, supposing(left, known, true=True), true=True)
        case nodes.Or(left=left, right=right) if not true:
            return supposing(right, supposing(left, known, true=False), true=False)
    pair = _equality(test)
    if pair and true:
        return {**known, f"={pair[0]}": pair[1], repr(test): True}
    return {**known, repr(test): true}


def atoms(test: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the single questions that *test* is made of."""
    match test:
        case nodes.Not(node=inner):
            yield from atoms(inner)
        case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
            yield from atoms(left)
            yield from atoms(right)
        case _:
            yield test


def values(node: nodes.Node) -> set[str]:
    """Return the names of the values that *node* looks at."""
    own = {node.name} if isinstance(node, nodes.Name) else set()
    return own | {n.name for n in node.find_all(nodes.Name)}


def kind(test: nodes.Node) -> bool:
    """Tell whether *test* asks which of several words a value is."""
    pair = _equality(test)
    return pair is not None and isinstance(pair[1], str)


def _equality(test: nodes.Node) -> tuple[str, object] | None:
    match test:
        case nodes.Compare(expr=expr, ops=[nodes.Operand(op="eq", expr=nodes.Const(value=value))]):
            return repr(expr), value
    return None
