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
    joined
        Whether the brackets only hold one expression together.
    """

    text: str
    head: str = ""
    items: tuple[Piece, ...] = ()
    tail: str = ""
    operands: tuple[tuple[str, Piece], ...] = ()
    joined: bool = False


def attribute(owner: Piece, name: str) -> Piece:
    """Give an attribute of something, which may be broken where its owner may be."""
    tail = f"{owner.tail}.{name}" if owner.items else ""
    text = f"{owner.text}.{name}"
    return Piece(text, owner.head, owner.items, tail, joined=owner.joined)


def chained(pieces: list[tuple[str, Piece]]) -> Piece:
    """Give operands with the operators before them."""
    text = " ".join(f"{sign} {piece.text}" if sign else piece.text for sign, piece in pieces)
    return Piece(text, operands=tuple(pieces))


def called(head: str, items: tuple[Piece, ...]) -> Piece:
    """Give a call."""
    text = ", ".join(item.text for item in items)
    return Piece(f"{head}({text})", f"{head}(", items, ")")


def broken(
    prefix: str, piece: Piece, indent: str, suffix: str = "", *, inside: bool = False
) -> list[str]:
    """Give the lines of `prefix` and a piece, within the width where possible.

    Inside brackets, a chain of operators is broken without brackets of its own.
    """
    line = f"{indent}{prefix}{piece.text}{suffix}"
    if len(line) <= WIDTH:
        return [line]
    if piece.items:
        opening = f"{prefix}{piece.head}"
        if piece.joined:
            content = broken("", piece.items[0], indent + STEP, inside=True)
            return [indent + opening, *content, f"{indent}{piece.tail}{suffix}"]
        return bracketed(opening, piece.items, piece.tail + suffix, indent)
    if not piece.operands:
        return [line]
    if inside:
        return _operands(prefix, piece, indent, suffix)
    if len(piece.operands) == 2:
        before, last = _last_bracket(piece)
        if last is not None and len(f"{indent}{prefix}{before}{last.head}") <= WIDTH:
            return broken(prefix + before, last, indent, suffix)
    inner = indent + STEP
    whole = inner + piece.text
    lines = [whole] if len(whole) <= WIDTH else _operands("", piece, inner, "")
    return [f"{indent}{prefix}(", *lines, f"{indent}){suffix}"]


def _last_bracket(piece: Piece) -> tuple[str, Piece | None]:
    """Give the call or group that a text ends with, and the text before it."""
    if piece.items:
        return "", piece
    if not piece.operands:
        return "", None
    symbol, operand = piece.operands[-1]
    before, last = _last_bracket(operand)
    texts = [f"{s} {p.text}" if s else p.text for s, p in piece.operands[:-1]]
    return " ".join([*texts, symbol, ""]) + before, last


def _operands(prefix: str, piece: Piece, indent: str, suffix: str) -> list[str]:
    """Give a chain of operators, one operand a line."""
    lines: list[str] = []
    for index, (symbol, operand) in enumerate(piece.operands):
        before = f"{symbol} " if symbol else ""
        after = suffix if index + 1 == len(piece.operands) else ""
        first = prefix if index == 0 else ""
        lines += broken(first + before, operand, indent, after, inside=True)
    return lines


def bracketed(opening: str, items: tuple[Piece, ...], closing: str, indent: str) -> list[str]:
    """Give the lines of a bracket: its items on one line, or a line each."""
    inner = indent + STEP
    together = inner + ", ".join(item.text for item in items)
    if len(together) <= WIDTH:
        return [indent + opening, together, indent + closing]
    if len(items) == 1:
        return [indent + opening, *broken("", items[0], inner, inside=True), indent + closing]
    lines = [indent + opening]
    for item in items:
        lines += broken("", item, inner, ",", inside=True)
    return [*lines, indent + closing]
