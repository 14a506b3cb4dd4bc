"""Additions to parts of gradients that are made where a test holds, as if statements.

Takes lines of a backward pass. Gives them as text: `if test:` around what adds nothing otherwise,
because the part may not even be there then. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import replace

from srcdiff.ir.nodes import Bind, Call, Choice, Expression, Read, Unpack, Write
from srcdiff.ir.walk import same
from srcdiff.syntax.layout import STEP
from srcdiff.syntax.operands import is_zero
from srcdiff.syntax.write import Writer

Line = Bind | Write | Unpack


def guarded_lines(writer: Writer, lines: list[Line], indent: str) -> list[str]:
    """Give the text of lines; those that one test guards, next to each other, together."""
    found: list[str] = []
    place = 0
    while place < len(lines):
        test = _test(lines[place])
        end = place + 1
        if test is None:
            found += writer.line(lines[place], indent)
        else:
            while end < len(lines) and _is_alike(_test(lines[end]), test):
                end += 1
            found += _branch(writer, lines[place:end], test, indent)
        place = end
    return found


def _is_alike(test: Expression | None, other: Expression) -> bool:
    return test is not None and same(test, other)


def _test(line: Line) -> Expression | None:
    """Give the test without which, or with which, a line does nothing."""
    if isinstance(line, Write) and line.path and isinstance(line.value, Choice):
        if is_zero(line.value.then) or is_zero(line.value.otherwise):
            return line.value.test
    return None


def _branch(writer: Writer, lines: list[Line], test: Expression, indent: str) -> list[str]:
    then: list[Line] = []
    otherwise: list[Line] = []
    for line in lines:
        assert isinstance(line, Write)
        assert isinstance(line.value, Choice)
        if is_zero(line.value.otherwise):
            then.append(replace(line, value=line.value.then))
        else:
            otherwise.append(replace(line, value=line.value.otherwise))
    text = writer.text(test)
    inner = guarded_lines(writer, otherwise, indent + STEP)
    if not then:
        return [f"{indent}if {negated(text, test)}:", *inner]
    found = [f"{indent}if {text}:", *guarded_lines(writer, then, indent + STEP)]
    return [*found, f"{indent}else:", *inner] if inner else found


def negated(test: str, node: Expression) -> str:
    """Give the text of the contrary of a test."""
    simple = isinstance(node, Read) or (isinstance(node, Call) and node.spelling != "operator")
    return f"not {test}" if simple else f"not ({test})"
