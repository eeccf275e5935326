"""What a cause's template can say, with placeholders for values: every variant, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from jinja2 import nodes

from bot.model import Cause
from bot.render import words
from docs.supposing import Known, atoms, holds, kind, supposing, values

BLOCKS = ("headline", "why", "next", "risk")
LEADING = BLOCKS[:3]  # what is told together; the risk is that of any repair
OPEN, SHUT = "\ue000", "\ue001"  # around a placeholder, until it is known what it stands in
ENDS = tuple(".!?:…。！？：")

Placeholder = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """Texts of which a reader sees one; an empty one is nothing at all."""

    options: tuple[Pieces, ...]


Pieces = tuple[str | Choice, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One paragraph, or several texts of which one is told: *optional* where it may be none."""

    texts: tuple[str, ...]
    choice: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What the bot says in one case: the blocks of a template."""

    headline: str
    why: tuple[Part, ...]
    next: tuple[Part, ...]
    risk: tuple[Part, ...]


def told(cause: Cause, language: str, placeholder: Placeholder, either: str) -> tuple[Told, ...]:
    """Return every form of what is said about *cause*, in the order of its template."""
    path = words.TEMPLATES / "causes" / f"{cause.id}.{language}.j2"
    return forms(path.read_text("utf-8"), path.name, placeholder, either)


def forms(
    source: str, name: str, placeholder: Placeholder, either: str = " / "
) -> tuple[Told, ...]:
    """Return every form of what the template *source* says."""
    tree = words.ENVIRONMENTS["terminal"].parse(source)
    blocks = {b.name: b.body for b in tree.find_all(nodes.Block)}
    writer = Writer(name, placeholder, either)
    cases = _cases([blocks[b] for b in LEADING], {})

    def tell(known: Known) -> Told:
        head, *rest = (writer.pieces(blocks.get(b, []), known) for b in BLOCKS)
        return Told(marked(_plain(head)), *(tuple(parts(p)) for p in rest))

    return tuple(dict.fromkeys(map(tell, cases)))


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the nodes of one template, *name*, with placeholders for its values.

    *either* stands between two words of which one fits.
    """

    name: str
    placeholder: Placeholder
    either: str

    def pieces(self, body: Sequence[nodes.Node], known: Known) -> Pieces:
        """Return the text of *body*, and what in it is open where *known* is supposed."""
        return tuple(piece for node in body for piece in self._node(node, known))

    def _node(self, node: nodes.Node, known: Known) -> Pieces:
        match node:
            case nodes.Output(nodes=inner):
                return tuple(piece for n in inner for piece in self._value(n, known))
            case nodes.If():
                found = [self.pieces(body, then) for body, then in branches(node, known)]
                return found[0] if len(found) == 1 else (Choice(tuple(found)),)
            case nodes.For(body=body):
                return self.pieces(body, known)
        raise self._unreadable(node)

    def _value(self, node: nodes.Node, known: Known) -> Pieces:
        match node:
            case nodes.TemplateData(data=text):
                return (escaped(text),)
            case nodes.Const(value=value):
                return (escaped(str(value)),)
            case nodes.Name(name=name) | nodes.Getattr(attr=name):
                return (f"{OPEN}{self.placeholder(name)}{SHUT}",)
            case nodes.Filter(node=inner) | nodes.Getitem(node=inner) if inner is not None:
                return self._value(inner, known)
            case nodes.Concat(nodes=inner):
                return tuple(piece for n in inner for piece in self._value(n, known))
            case nodes.CondExpr(test=test, expr1=first, expr2=second):
                return self._either(test, (first, second or nodes.Const("")), known)
        raise self._unreadable(node)

    def _either(
        self, test: nodes.Node, options: tuple[nodes.Expr, nodes.Expr], known: Known
    ) -> Pieces:
        """Return both words where a kind of thing decides, and the first where a number does."""
        said = holds(test, known)
        if said is None and kind(test) and all(isinstance(o, nodes.Const) for o in options):
            first, second = (self._value(o, known) for o in options)
            return (*first, escaped(self.either), *second)
        return self._value(options[said is False], known)

    def _unreadable(self, node: nodes.Node) -> ValueError:
        kind, line = type(node).__name__, node.lineno
        return ValueError(f"{self.name}, line {line}: docs/telling.py cannot show {kind}: add it")


def branches(node: nodes.If, known: Known) -> Iterator[tuple[list[nodes.Node], Known]]:
    """Yield the bodies of *node* that *known* leaves open, each with what it supposes."""
    for one in (node, *node.elif_):
        said = holds(one.test, known)
        if said is not False:
            yield one.body, supposing(one.test, known, true=True)
        if said:
            return
        known = supposing(one.test, known, true=False)
    yield node.else_, known


def _cases(blocks: Sequence[list[nodes.Node]], known: Known) -> Iterator[Known]:
    """Yield suppositions that leave one headline, and nothing open that two blocks ask."""
    asked = [list(_asked(body, known)) for body in blocks]
    looked = [{v for test in tests for v in values(test)} for tests in asked]
    shared = looked[0] | {v for v in set().union(*looked) if sum(v in some for some in looked) > 1}
    questions = (a for tests in asked for t in tests for a in atoms(t))
    fork = next((q for q in questions if holds(q, known) is None and values(q) & shared), None)
    if fork is None:
        yield known
        return
    for true in (True, False):
        yield from _cases(blocks, supposing(fork, known, true=true))


def _asked(body: Sequence[nodes.Node], known: Known) -> Iterator[nodes.Node]:
    """Yield every question of *body* that *known* leaves open."""
    for node in body:
        if isinstance(node, nodes.If):
            then = known
            for one in (node, *node.elif_):
                if holds(one.test, then) is None:
                    yield one.test
                then = supposing(one.test, then, true=False)
            for inner, supposed in branches(node, known):
                yield from _asked(inner, supposed)


def parts(pieces: Pieces) -> Iterator[Part]:
    """Yield the paragraphs of *pieces*, and what is told in one way or another between them."""
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        options = [t for option in piece.options for t in _ways(option)]
        said = tuple(dict.fromkeys(filter(None, (marked(o) for o in options))))
        if _ends(text) and all(map(_ends, said)):
            if paragraph := marked(text):
                yield Part((paragraph,))
            text = ""
            yield Part(said, choice=True, optional="" in map(marked, options))
        else:
            text += _within(options)
    if paragraph := marked(text):
        yield Part((paragraph,))


def _ways(pieces: Pieces) -> list[str]:
    """Return every text that *pieces* may be; a choice within a sentence is made for its first."""
    ways = [""]
    for piece in pieces:
        options = (
            [piece] if isinstance(piece, str) else [w for o in piece.options for w in _ways(o)]
        )
        if not all(_ends(t) for t in (*ways, *options)) and not isinstance(piece, str):
            options = [_within(options)]
        ways = [before + after for before, after in product(ways, options)]
    return ways


def _within(options: Sequence[str]) -> str:
    """Return which of *options* a sentence is shown with."""
    return next(filter(str.strip, options), "")


def _plain(pieces: Pieces) -> str:
    return "".join(p if isinstance(p, str) else _plain(p.options[0]) for p in pieces)


def _ends(text: str) -> bool:
    return text.strip() == "" or text.rstrip().rstrip("`)）").endswith(ENDS)


def escaped(text: str) -> str:
    """Return *text* with nothing that Markdown acts upon but its code spans."""
    spans = text.split("`")
    plain = (re.sub(r"([\\*_\[\]<>#|])", r"\\\1", s) for s in spans[::2])
    found = [s for pair in zip(plain, [*spans[1::2], ""], strict=False) for s in pair]
    return "`".join(found[: len(spans)])


def marked(text: str) -> str:
    """Return *text* on one line, with each placeholder as code."""
    spans = " ".join(text.split()).split("`")
    for n, span in enumerate(spans):
        tick = "" if n % 2 else "`"
        spans[n] = span.replace(OPEN, f"{tick}<").replace(SHUT, f">{tick}")
    return "`".join(spans)
