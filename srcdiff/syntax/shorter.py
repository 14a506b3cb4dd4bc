"""A statement that no layout suits at all widths is written in steps.

Takes a statement as pieces, and the names that mean something. Gives lines, the first of which give
names to parts of the statement. The parts are evaluated in the order in which they were: what acts,
such as `stack.pop()`, changes its place with nothing.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from srcdiff.syntax.layout import NARROW, STEP, Piece, begun, broken, chained

WISHES = {
    "+": "total",
    "-": "difference",
    "*": "product",
    "/": "ratio",
    "@": "product",
    "else": "chosen",
    "array": "values",
    "dot": "product",
    "matmul": "product",
    "max": "largest",
    "min": "smallest",
    "maximum": "larger",
    "minimum": "smaller",
    "reshape": "reshaped",
    "sum": "total",
    "transpose": "transposed",
    "where": "chosen",
}
"""What is said of the values of operators and functions."""
RESERVED = frozenset(keyword.kwlist) | frozenset(dir(builtins))
LAZY = frozenset(["if", "else", "and", "or"])
"""Operators that don't always evaluate all operands."""
SHORTEST = 12
"""A part with fewer letters needs no name."""
VALUES = frozenset(["abs", "float", "int", "len", "list", "max", "min", "range", "sum", "tuple"])
"""Builtins that give a value and do nothing else."""
METHODS = frozenset(["astype", "copy", "dot", "max", "mean", "min", "reshape", "std", "sum", "var"])
"""Methods of arrays that give a value and do nothing else."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a statement that may get a name.

    Parameters
    ----------
    piece
        The part.
    before
        What is evaluated before it.
    around
        Gives the statement with a name in the part's place.
    """

    piece: Piece
    before: str
    around: Callable[[str], Piece]


def stated(
    prefix: str, piece: Piece, indent: str, taken: frozenset[str], acts: Callable[[str], bool]
) -> list[str]:
    """Give the lines of a statement, `prefix` and a piece.

    Parameters
    ----------
    prefix
        The target, or the word return.
    piece
        The value.
    indent
        Before each line.
    taken
        Names that mean something in the function.
    acts
        Whether a text may do more than give a value.
    """
    lines = broken(prefix, piece, indent)
    if lines is not None:
        return lines
    if len(piece.operands) == 3 and piece.operands[1][0] == "if" and prefix.endswith(" "):
        return _in_branches(prefix, piece, indent, taken, acts)
    found = [part for part in parts(piece) if _may_be_first(part, taken, acts)]
    if not found:
        return broken(prefix, piece, indent, most=NARROW) or []

    def cost(part: Part) -> tuple[int, int, int]:
        name = fresh(part.piece, taken)
        written = [(f"{name} = ", part.piece), (prefix, part.around(name))]
        layouts = [broken(start, rest, indent) for start, rest in written]
        count = sum(len(lines or ()) for lines in layouts)
        return layouts.count(None), count, max(len(a + b.text) for a, b in written)

    best = min(found, key=cost)
    name = fresh(best.piece, taken)
    taken |= {name}
    return [
        *stated(f"{name} = ", best.piece, indent, taken, acts),
        *stated(prefix, best.around(name), indent, taken, acts),
    ]


def assigned(
    target: Piece,
    sign: str,
    piece: Piece,
    indent: str,
    taken: frozenset[str],
    acts: Callable[[str], bool],
) -> list[str]:
    """Give the lines of an assignment to a part, whose index may be long."""
    lines = stated(f"{target.text} {sign} ", piece, indent, taken, acts)
    if not target.items or all(len(line) <= NARROW for line in lines):
        return lines
    name, before = piece.text, []
    if len(name) > SHORTEST and not acts(target.text):
        name = fresh(piece, taken)
        before = stated(f"{name} = ", piece, indent, taken | {name}, acts)
    return [*before, *(broken("", target, indent, f" {sign} {name}") or lines)]


def _in_branches(
    prefix: str, piece: Piece, indent: str, taken: frozenset[str], acts: Callable[[str], bool]
) -> list[str]:
    """Give the lines of a conditional expression, written as a statement."""
    (_, then), (_, test), (_, otherwise) = piece.operands
    return [
        f"{indent}if {test.text}:",
        *stated(prefix, then, indent + STEP, taken, acts),
        f"{indent}else:",
        *stated(prefix, otherwise, indent + STEP, taken, acts),
    ]


def _may_be_first(part: Part, taken: frozenset[str], acts: Callable[[str], bool]) -> bool:
    """Whether a part is worth a name, and may be evaluated before all others."""
    text = part.piece.text
    if re.fullmatch(r"[\w.]*", text) or len(text) <= max(SHORTEST, len(fresh(part.piece, taken))):
        return False
    return not acts(part.before) and not (part.before and acts(text))


def parts(piece: Piece) -> Iterator[Part]:
    """Give the parts of a piece that are evaluated whenever it is."""
    if piece.value is not None:
        yield from _of_value(piece, piece.value)
        return
    before = ""
    if piece.owner is not None:
        yield from _of_owner(piece, piece.owner)
        before = piece.owner.text
    if piece.owner is None or piece.head.startswith(piece.owner.text):
        for index, item in enumerate(piece.items):
            yield from _of_item(piece, index, item, before)
            before += f"{item.text}, "
    if any(symbol in LAZY for symbol, _ in piece.operands):
        return
    before = ""
    for index, (symbol, operand) in enumerate(piece.operands):
        yield from _of_operand(piece, index, operand, before)
        before += f"{symbol} {operand.text}"


def _of_value(piece: Piece, value: Piece) -> Iterator[Part]:
    start = piece.text[: len(piece.text) - len(value.text)]
    yield Part(opened(value), "", lambda name: begun(start, Piece(name)))
    for part in parts(value):
        yield _within(part, lambda inner: begun(start, inner))


def _of_owner(piece: Piece, owner: Piece) -> Iterator[Part]:
    def around(inner: Piece) -> Piece:
        rest = piece.text[len(owner.text) :]
        if piece.head.startswith(owner.text):
            head = inner.text + piece.head[len(owner.text) :]
            return replace(piece, text=inner.text + rest, head=head, owner=inner)
        return Piece(inner.text + rest, owner=inner)

    yield Part(opened(owner), "", lambda name: around(Piece(name)))
    for part in parts(owner):
        yield _within(part, around)


def _of_item(piece: Piece, index: int, item: Piece, before: str) -> Iterator[Part]:
    def around(inner: Piece) -> Piece:
        if piece.joined and inner.text.isidentifier():
            return Piece(f"{piece.head[:-1]}{inner.text}{piece.tail[1:]}")
        items = (*piece.items[:index], inner, *piece.items[index + 1 :])
        text = ", ".join(item.text for item in items)
        comma = "," if piece.text.endswith(",)") and len(items) == 1 else ""
        return replace(piece, text=f"{piece.head}{text}{comma}{piece.tail}", items=items)

    if item.text.startswith("*") or _has_colon(item.text):
        return
    if not re.match(r"[A-Za-z_]\w*=(?!=)", item.text):
        yield Part(opened(item), before, lambda name: around(Piece(name)))
    for part in parts(item):
        yield _within(replace(part, before=before + part.before), around)


def _has_colon(text: str) -> bool:
    """Whether a text is a slice or an entry of a dict, which are no values."""
    before = ""
    while before != text:
        before, text = text, re.sub(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}", "", text)
    return ":" in text


def _of_operand(piece: Piece, index: int, operand: Piece, before: str) -> Iterator[Part]:
    operands = piece.operands

    def around(inner: Piece) -> Piece:
        changed = (operands[index][0], inner)
        return chained([*operands[:index], changed, *operands[index + 1 :]])

    yield Part(opened(operand), before, lambda name: around(Piece(name)))
    if 0 < index < len(operands) - 1:
        head = chained(list(operands[: index + 1]))
        rest = list(operands[index + 1 :])
        yield Part(head, "", lambda name: chained([("", Piece(name)), *rest]))
    for part in parts(operand):
        yield _within(replace(part, before=before + part.before), around)


def _within(part: Part, around: Callable[[Piece], Piece]) -> Part:
    return replace(part, around=lambda name: around(part.around(name)))


def opened(piece: Piece) -> Piece:
    """Give what brackets hold together without them."""
    return piece.items[0] if piece.joined and piece.tail == ")" and piece.head == "(" else piece


def fresh(piece: Piece, taken: frozenset[str]) -> str:
    """Give a name for a value that means nothing else."""
    wish, number = _wish(piece), 2
    name = f"{wish}_" if wish in RESERVED else wish
    while name in taken or name == _called(piece):
        name = f"{wish}_{number}"
        number += 1
    return name


def _called(piece: Piece) -> str:
    """Give the name of the function that a piece is a call of."""
    call = re.match(r"(?:[\w.]*\.)?(\w+)\($", piece.head)
    return call[1] if call is not None and piece.tail == ")" else ""


def _wish(piece: Piece) -> str:
    """Give the name that a value would like to have: it says what the value is."""
    if piece.operands:
        return WISHES.get(piece.operands[-1][0], "value")
    name = _called(piece)
    if name:
        own = "gradient" if name.endswith("_backward") else name
        return WISHES.get(name, own)
    item = re.match(r"(?:\w+\.)*(\w+)\[", piece.text)
    if item is not None and piece.owner is not None:
        return f"{item[1]}_item"
    return "parts" if piece.head in ("(", "[", "{") and not piece.joined else "value"


def takes_away(text: str) -> bool:
    """Whether generated code takes something off a stack."""
    return ".pop(" in text


def may_act(text: str) -> bool:
    """Whether the user's code may do more than give a value."""
    for call in re.findall(r"([\w.\])]+)\(", text):
        owner, _, name = call.rpartition(".")
        library = owner.split(".")[0] in ("np", "numpy", "math") and ".random" not in owner
        method = owner and name in METHODS and "random" not in owner
        if not (library or method or (not owner and name in VALUES)):
            return True
    return False
