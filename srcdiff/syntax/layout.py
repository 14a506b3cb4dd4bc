"""Lines too long for the formatter's width are broken as it breaks them."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 88
STEP = "    "


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
    """

    text: str
    head: str = ""
    items: tuple[Piece, ...] = ()
    tail: str = ""
    operands: tuple[tuple[str, Piece], ...] = ()


def broken(prefix: str, piece: Piece, indent: str, suffix: str = "") -> list[str]:
    """Give the lines of `prefix` and a piece, within the width where possible."""
    line = f"{indent}{prefix}{piece.text}{suffix}"
    if len(line) <= WIDTH and "\n" not in piece.text:
        return [line]
    if piece.items:
        return bracketed(f"{prefix}{piece.head}", piece.items, piece.tail + suffix, indent)
    if piece.operands:
        inner = indent + STEP
        lines = [f"{indent}{prefix}("]
        if len(inner + piece.text) <= WIDTH:
            lines.append(inner + piece.text)
        else:
            for symbol, operand in piece.operands:
                lines += broken(f"{symbol} " if symbol else "", operand, inner)
        return [*lines, f"{indent}){suffix}"]
    return [line]


def bracketed(opening: str, items: tuple[Piece, ...], closing: str, indent: str) -> list[str]:
    """Give the lines of a bracket: its items on one line, or a line each."""
    inner = indent + STEP
    together = inner + ", ".join(item.text for item in items)
    if len(together) <= WIDTH:
        return [indent + opening, together, indent + closing]
    lines = [indent + opening]
    for item in items:
        lines += broken("", item, inner, ",")
    return [*lines, indent + closing]
