"""The text of a lambda, as that of a function whose one statement returns its value.

Takes a live lambda and the text of its file. Gives the definition with the positions that the
lambda has in its file. Several lambdas on one line are told apart by their code.
"""

from __future__ import annotations

import ast
import functools
import types
import warnings
from collections.abc import Iterator

import libcst as cst

from srcdiff.syntax.positions import Positions

NAME = "f"
"""What a lambda is called in derived code."""


def definition_of_lambda(
    function: types.FunctionType, text: str
) -> tuple[Positions, cst.FunctionDef, int] | None:
    """Give a lambda as a definition, its positions, and the line where their text begins.

    Nothing comes back if the text doesn't have the lambda, or has several that can't be told
    apart.
    """
    found = _place(function, text)
    if found is None:
        return None
    lines = [line + "\n" for line in text.split("\n")]
    whole = "".join(lines[found.lineno - 1 : found.end_lineno])
    # ast counts columns in bytes.
    start = len(lines[found.lineno - 1].encode()[: found.col_offset].decode())
    last = lines[(found.end_lineno or found.lineno) - 1]
    cut = len(last) - len(last.encode()[: found.end_col_offset].decode())
    segment = whole[start : len(whole) - cut]
    module = cst.parse_module(f"({segment})\n")
    line = module.body[0]
    assert isinstance(line, cst.SimpleStatementLine)
    expression = line.body[0]
    assert isinstance(expression, cst.Expr)
    node = expression.value
    assert isinstance(node, cst.Lambda)
    result = cst.Return(node.body)
    statement = cst.SimpleStatementLine([result])
    block = cst.IndentedBlock([statement])
    name = cst.Name(NAME)
    definition = cst.FunctionDef(name, node.params, block)
    positions = Positions(module)
    stands_for: dict[cst.CSTNode, cst.CSTNode] = {result: node.body, statement: node.body}
    stands_for |= {block: node.body, name: node, definition: node}
    positions.move(whole, start - len("("), stands_for)
    return positions, definition, found.lineno


def _place(function: types.FunctionType, text: str) -> ast.Lambda | None:
    """Give the lambda's own expression."""
    line = function.__code__.co_firstlineno
    candidates = [node for node in _lambdas(text) if node.lineno == line]
    fitting = [node for node in candidates if _fits(node, function.__code__)]
    if len({ast.dump(node) for node in fitting}) > 1 and hasattr(types.CodeType, "co_positions"):
        fitting = [node for node in fitting if _holds(node, function.__code__)]
    if len({ast.dump(node) for node in fitting}) != 1:
        return None
    return fitting[0]


@functools.lru_cache(maxsize=32)
def _lambdas(text: str) -> tuple[ast.Lambda, ...]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Lambda))


def _fits(node: ast.Lambda, code: types.CodeType) -> bool:
    """Whether a lambda's text compiles to this code, but for where its names are found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            outer = compile(ast.Expression(node), "<lambda>", "eval", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    own = next(inner for inner in outer.co_consts if isinstance(inner, types.CodeType))
    return _summary(own) == _summary(code)


def _summary(code: types.CodeType) -> tuple[object, ...]:
    """Give what of a code doesn't depend on the functions around it."""
    names = {*code.co_names, *code.co_freevars}
    constants = [
        _summary(value) if isinstance(value, types.CodeType) else (type(value), repr(value))
        for value in code.co_consts
    ]
    given = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & 12)
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return (given, parameters, frozenset(names), tuple(constants))


def _holds(node: ast.Lambda, code: types.CodeType) -> bool:
    """Whether a code was compiled from the text at a lambda's place."""
    body = node.body
    places = list(_positions(code))
    return bool(places) and all(
        (body.lineno, body.col_offset) <= (line, column)
        and (end_line, end_column) <= (body.end_lineno, body.end_col_offset)
        for line, end_line, column, end_column in places
    )


def _positions(code: types.CodeType) -> Iterator[tuple[int, int, int, int]]:
    """Give the places of a code's instructions, but for those that begin and end it."""
    for line, end_line, column, end_column in code.co_positions():
        known = line is not None and end_line is not None
        if known and column is not None and end_column is not None and column != end_column:
            yield line, end_line, column, end_column  # type: ignore[misc]  # none is None
