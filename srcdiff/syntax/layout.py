"""Lines too long for the formatter's width are broken as it breaks them.

People format at one width or another, so lines are broken in a way that stays as it is at all
widths from `NARROW` to `WIDE`: what fits at `WIDE` alone gets a comma after its last item, which
keeps the items apart. Operators have no such comma; where a chain of them fits at `WIDE` alone
there is no layout, and `shorter` writes the statement in steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NARROW = 88
WIDE = 100
STEP = "    "
SHORT = 12
"""What brackets hold is broken off from a line if it is longer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that may be broken.

    Parameters
    ----------
    text
        On one line.
    head, items, tail
        A call or a group: what stands before the bracket, the items, the closing bracket.
    operands
        A chain of operators of equal precedence: each operand with the operator before it.
    joined
        Whether the brackets only hold one expression together.
    owner
        What the text begins with, if it is a part, an attribute or a method's call of something.
    value
        What the text ends with, if a sign or the name of an argument is before it.
    """

    text: str
    head: str = ""
    items: tuple[Piece, ...] = ()
    tail: str = ""
    operands: tuple[tuple[str, Piece], ...] = ()
    joined: bool = False
    owner: Piece | None = None
    value: Piece | None = None


def attribute(owner: Piece, name: str) -> Piece:
    """Give an attribute of something, which may be broken where its owner may be."""
    return ended(owner, f".{name}")


def ended(owner: Piece, end: str) -> Piece:
    """Give something with a text behind it, an attribute or an index."""
    text = owner.text + end
    if owner.items:
        return Piece(text, owner.head, owner.items, owner.tail + end, (), owner.joined, owner)
    return Piece(text, owner=owner)


def begun(start: str, piece: Piece) -> Piece:
    """Give something with a text before it, a sign or a keyword."""
    text = start + piece.text
    if piece.items:
        head = start + piece.head
        return Piece(text, head, piece.items, piece.tail, joined=piece.joined, value=piece)
    return Piece(text, value=piece)


def chained(pieces: list[tuple[str, Piece]]) -> Piece:
    """Give operands with the operators before them."""
    text = " ".join(f"{sign} {piece.text}" if sign else piece.text for sign, piece in pieces)
    return Piece(text, operands=tuple(pieces))


def called(head: str, items: tuple[Piece, ...], owner: Piece | None = None) -> Piece:
    """Give a call."""
    text = ", ".join(item.text for item in items)
    return Piece(f"{head}({text})", f"{head}(", items, ")", owner=owner)


def grouped(items: tuple[Piece, ...], left: str = "(", right: str = ")") -> Piece:
    """Give a tuple, or what other brackets stand for."""
    comma = "," if len(items) == 1 and left == "(" else ""
    text = ", ".join(item.text for item in items)
    return Piece(f"{left}{text}{comma}{right}", left, items, right)


def bare(items: tuple[Piece, ...]) -> Piece:
    """Give a tuple that needs brackets only over several lines."""
    return Piece(", ".join(item.text for item in items), "(", items, ")")


def broken(
    prefix: str,
    piece: Piece,
    indent: str,
    suffix: str = "",
    *,
    inside: bool = False,
    most: int = WIDE,
) -> list[str] | None:
    """Give the lines of `prefix` and a piece; None if they wouldn't stay as they are.

    Inside brackets, a chain of operators is broken without brackets of its own. `most` is the
    widest of the widths at which the lines are to stay.
    """
    line = f"{indent}{prefix}{piece.text}{suffix}"
    if len(line) <= NARROW:
        return [line]
    wide = len(line) > most
    if piece.items:
        opening = f"{prefix}{piece.head}"
        if len(indent + opening) > NARROW and most == WIDE:
            return None
        if not piece.joined:
            closing = piece.tail + suffix
            return bracketed(opening, piece.items, closing, indent, wide=wide, most=most)
        inner = broken("", piece.items[0], indent + STEP, inside=True, most=most)
        return _around(inner if wide else None, indent, opening, piece.tail + suffix)
    if not piece.operands:
        return [line] if most == NARROW else None
    if inside:
        return _operands(prefix, piece, indent, suffix, most) if wide else None
    if len(piece.operands) == 2:
        before, last = _last_bracket(piece)
        if last is not None and len(f"{indent}{prefix}{before}{last.head}") <= NARROW:
            return broken(prefix + before, last, indent, suffix, most=most)
        if most == WIDE:  # which of the brackets is broken depends on more than their widths
            return None
    inner = broken("", piece, indent + STEP, inside=True, most=most)
    return _around(inner if wide else None, indent, f"{prefix}(", f"){suffix}")


def _around(inner: list[str] | None, indent: str, opening: str, closing: str) -> list[str] | None:
    return None if inner is None else [indent + opening, *inner, indent + closing]


def _last_bracket(piece: Piece) -> tuple[str, Piece | None]:
    """Give the call or group that a text ends with, and the text before it."""
    if piece.items and piece.tail == ")" and len(piece.text) - len(piece.head) > SHORT:
        return "", piece
    if not piece.operands:
        return "", None
    symbol, operand = piece.operands[-1]
    before, last = _last_bracket(operand)
    texts = [f"{s} {p.text}" if s else p.text for s, p in piece.operands[:-1]]
    return " ".join([*texts, symbol, ""]) + before, last


def _operands(prefix: str, piece: Piece, indent: str, suffix: str, most: int) -> list[str] | None:
    """Give a chain of operators, one operand a line."""
    lines: list[str] = []
    for index, (symbol, operand) in enumerate(piece.operands):
        before = f"{symbol} " if symbol else ""
        after = suffix if index + 1 == len(piece.operands) else ""
        first = prefix if index == 0 else ""
        found = broken(first + before, operand, indent, after, inside=True, most=most)
        if found is None:
            return None
        lines += found
    return lines


def bracketed(
    opening: str,
    items: tuple[Piece, ...],
    closing: str,
    indent: str,
    *,
    wide: bool,
    most: int = WIDE,
) -> list[str] | None:
    """Give the lines of a bracket: its items on one line if that is wide, or a line each."""
    inner = indent + STEP
    together = inner + ", ".join(item.text for item in items)
    is_call = re.search(r"[\w\])]\($", opening) is not None
    if wide and is_call and len(items) == 1:
        content = broken("", items[0], inner, inside=True, most=most)
        return _around(content, indent, opening, closing)
    if wide and is_call and len(together) <= NARROW:
        return [indent + opening, together, indent + closing]
    lines: list[str] = []
    for item in items:
        found = broken("", item, inner, ",", inside=True, most=most)
        if found is None:
            return None
        lines += found
    return _around(lines, indent, opening, closing)


def headed(opening: str, items: tuple[Piece, ...], closing: str, indent: str = "") -> list[str]:
    """Give the lines of a bracket around names, parameters or targets."""
    text = ", ".join(item.text for item in items)
    length = len(indent + opening + text + closing)
    if length <= NARROW and not opening.startswith("("):
        return [indent + opening + text + closing]
    lines = bracketed(opening, items, closing, indent, wide=length > WIDE)
    return lines or [indent + opening + text + closing]
