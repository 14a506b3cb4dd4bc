"""Starred parameters as so many single ones, for calls whose arguments are counted.

Takes a function and the arguments of a call. Gives the same function, whose reader names each
argument: `def f(x, *rest)`, called with three arguments, is read as `def f(x, rest_0, rest_1)`
that begins with `rest = (rest_0, rest_1)`. A function that wraps another is what it does itself.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator
from inspect import Parameter

import libcst as cst

from srcdiff.syntax.positions import Positions, parse
from srcdiff.syntax.statements import docstring_node

STARRED = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
Numbered = dict[str, tuple[str, ...]]
"""The names of the arguments that a starred parameter stands for, by its own name."""


@functools.lru_cache(maxsize=512)
def numbered(
    function: types.FunctionType, count: int, keywords: tuple[str, ...]
) -> types.FunctionType:
    """Give the function for calls with so many arguments by position, and these by keyword.

    Without starred parameters, it is the function itself; a wrapper's copy no longer says what it
    wraps, so that its own text is found.
    """
    signature = inspect.signature(function, follow_wrapped=False)
    parameters = list(signature.parameters.values())
    if not any(p.kind in STARRED for p in parameters) and not hasattr(function, "__wrapped__"):
        return function
    taken = {*function.__code__.co_varnames, *function.__code__.co_freevars}
    taken |= {*function.__code__.co_names, *function.__code__.co_cellvars}
    single = [p for p in parameters if p.kind not in STARRED]
    places = sum(p.kind is not p.KEYWORD_ONLY for p in single)
    names: Numbered = {}
    found: list[Parameter] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            own = [_free(f"{parameter.name}_{n}", taken) for n in range(count - places)]
            # What stands before numbered arguments is given by position, so has no default.
            found = [p.replace(default=p.empty) for p in found] if own else found
            found += [Parameter(name, parameter.POSITIONAL_OR_KEYWORD) for name in own]
        elif parameter.kind is parameter.VAR_KEYWORD:
            own = [k for k in keywords if k not in {p.name for p in single}]
            found += [Parameter(name, parameter.KEYWORD_ONLY) for name in own]
        else:
            found.append(parameter)
            continue
        names[parameter.name] = tuple(own)
    made = types.FunctionType(
        function.__code__,
        function.__globals__,
        function.__code__.co_name,  # which its text has, whatever it wraps
        function.__defaults__,
        function.__closure__,
    )
    made.__kwdefaults__ = function.__kwdefaults__
    made.__module__ = function.__module__
    made.__qualname__ = function.__qualname__
    made.__signature__ = signature.replace(parameters=found)  # type: ignore[attr-defined]
    made.__dict__["__numbered__"] = names
    return made


def numbers_of(function: types.FunctionType) -> Numbered:
    """Give what the starred parameters of a function stand for; empty if that isn't known."""
    found: Numbered = function.__dict__.get("__numbered__", {})
    return found


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)


def with_numbers(
    positions: Positions, node: cst.FunctionDef, numbers: Numbered
) -> tuple[Positions, cst.FunctionDef, int, int]:
    """Give a definition whose starred parameters are single ones, in a text of its own.

    With it come two lines: where the statements of the source begin in that text, and where they
    began before.
    """
    place = int(docstring_node(node.body) is not None)
    suite = node.body
    first: cst.CSTNode = suite
    if isinstance(suite, cst.SimpleStatementSuite):
        suite = cst.IndentedBlock([cst.SimpleStatementLine(suite.body)])
    elif len(suite.body) > place:
        first = suite.body[place]
    made = cst.SimpleStatementLine(list(_assignments(node.params, numbers)))
    block = [*suite.body[:place], made, *suite.body[place:]]
    own = node.with_changes(
        params=_singly(node.params, numbers),
        body=suite.with_changes(body=block),
        decorators=(),
        leading_lines=(),
    )
    found = parse(cst.Module([own]).code)
    definition = found.module.body[0]
    assert isinstance(definition, cst.FunctionDef)
    rest = definition.body.body[place + 1 :]
    return found, definition, found.span(rest[0]).line if rest else 0, positions.span(first).line


def _assignments(node: cst.Parameters, numbers: Numbered) -> Iterator[cst.Assign]:
    """Give the tuple and the dict that the starred parameters are."""
    if isinstance(node.star_arg, cst.Param):
        name = node.star_arg.name.value
        items = [cst.Element(cst.Name(own)) for own in numbers[name]]
        yield cst.Assign([cst.AssignTarget(cst.Name(name))], cst.Tuple(items))
    if node.star_kwarg is not None:
        name = node.star_kwarg.name.value
        entries = [
            cst.DictElement(cst.SimpleString(f'"{own}"'), cst.Name(own)) for own in numbers[name]
        ]
        yield cst.Assign([cst.AssignTarget(cst.Name(name))], cst.Dict(entries))


def _singly(node: cst.Parameters, numbers: Numbered) -> cst.Parameters:
    """Give the parameters, starred ones as what they stand for."""
    params, alone = list(node.params), list(node.kwonly_params)
    positional = list(node.posonly_params)
    if isinstance(node.star_arg, cst.Param):
        own = numbers[node.star_arg.name.value]
        if own:
            params = [p.with_changes(default=None, equal="") for p in params]
            positional = [p.with_changes(default=None, equal="") for p in positional]
        params += [cst.Param(cst.Name(name)) for name in own]
    if node.star_kwarg is not None:
        alone += [cst.Param(cst.Name(name)) for name in numbers[node.star_kwarg.name.value]]
    default = cst.MaybeSentinel.DEFAULT
    plain = [p.with_changes(comma=default) for p in params]
    return node.with_changes(
        posonly_params=positional,
        params=plain,
        star_arg=cst.ParamStar() if alone else default,
        kwonly_params=[p.with_changes(comma=default) for p in alone],
        star_kwarg=None,
    )
