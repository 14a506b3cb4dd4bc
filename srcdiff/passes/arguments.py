"""A library call's arguments as its rule names them.

Takes the call of a function with a rule, or of one without a derivative. Gives it with positional
and keyword arguments where the rule has them, and without those that say what holds anyway.
Refuses nothing: what the rule doesn't know is refused where the rule is applied.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.ir.nodes import Call, Const, Expression
from srcdiff.rules import registry
from srcdiff.rules.registry import AnyFunction

RENAMED: dict[AnyFunction, dict[str, str]] = {
    np.clip: {"min": "a_min", "max": "a_max"},
    np.var: {"correction": "ddof"},
    np.std: {"correction": "ddof"},
}
"""Other names that NumPy has for the same arguments."""
SYNONYMS: dict[AnyFunction, AnyFunction] = {
    np.add.reduce: np.sum,
    np.multiply.reduce: np.prod,
    np.maximum.reduce: np.max,
    np.minimum.reduce: np.min,
    np.logical_and.reduce: np.all,
    np.logical_or.reduce: np.any,
    np.add.accumulate: np.cumsum,
    np.multiply.accumulate: np.cumprod,
}
"""Methods of ufuncs, which go along the first axis, and the functions that they are."""
OF_UFUNCS: dict[str, Any] = {
    "out": None,
    "where": True,
    "casting": "same_kind",
    "order": "K",
    "dtype": None,
    "subok": True,
}
NEW_ARRAYS: frozenset[Any] = frozenset(
    [np.zeros, np.zeros_like, np.ones, np.ones_like, np.full, np.full_like, np.empty, np.empty_like]
)
"""What makes an array that nobody else looks at."""
IDLE = frozenset(["casting", "order", "subok", "dtype"])
"""What a ufunc takes that doesn't change its derivative; a dtype may, and is looked at apart."""
UNNAMED = frozenset([inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD])


@dataclass(frozen=True, slots=True)
class Own:
    """The parameters that a rule has: positional ones with their defaults, keyword-only ones."""

    positional: dict[str, Any]
    keyword: tuple[str, ...] = ()
    extra: bool = False

    def fit(self, node: Call) -> bool:
        """Whether a call has these parameters alone."""
        return (self.extra or len(node.arguments) <= len(self.positional)) and all(
            name in self.positional or name in self.keyword for name, _ in node.keywords
        )


def arranged(node: Call) -> Call:
    """Arrange a call's arguments as the function's rule has them."""
    if node.function in SYNONYMS:
        node = _along_first(node)
    if isinstance(node.function, np.ufunc) and len(node.keywords) > 1:
        node = _into_new(node)
    if not node.keywords and len(node.arguments) < 2:
        return node
    choices = _choices(node.function)
    renamed = RENAMED.get(node.function, {})
    if any(name in renamed for name, _ in node.keywords):
        keywords = tuple((renamed.get(name, name), value) for name, value in node.keywords)
        node = Call(node.function, node.arguments, keywords, node.spelling, node.span)
        if node.function is np.clip:  # older versions of NumPy want both by position
            own = choices[0].positional
            return _placed(node, choices[0], own, (*keywords, ("a_max", Const(None))))
    if not choices or any(own.fit(node) for own in choices):
        return node
    theirs = their_parameters(node.function)
    telling = tuple(k for k in node.keywords if not _says_nothing(*k, theirs))
    shorter = Call(node.function, node.arguments, telling, node.spelling, node.span)
    found = [shorter if own.extra else _placed(shorter, own, theirs) for own in choices]
    return next((f for f, own in zip(found, choices, strict=True) if own.fit(f)), found[-1])


def _along_first(node: Call) -> Call:
    """Call the function that a ufunc's method is, with the axis said."""
    keywords = node.keywords
    if len(node.arguments) < 2 and "axis" not in dict(keywords):
        keywords = (("axis", Const(0)), *keywords)
    return Call(SYNONYMS[node.function], node.arguments, keywords, "function", node.span)


def _into_new(node: Call) -> Call:
    """Call np.where for a ufunc that writes some entries of an array made for it."""
    keywords = dict(node.keywords)
    new, chosen = keywords.pop("out", None), keywords.pop("where", None)
    if chosen is None or not isinstance(new, Call) or new.function not in NEW_ARRAYS:
        return node
    if keywords or len(node.arguments) != node.function.nin:
        return node
    computed = Call(node.function, node.arguments, (), node.spelling, node.span)
    return Call(np.where, (chosen, computed, new), (), "function", node.span)


def _choices(function: AnyFunction) -> list[Own]:
    """Give the parameters of each rule that a function has."""
    rules = [table.get(function) for table in (registry.RULES, registry.RARE)]
    found = [_own_parameters(rule) for rule in rules if rule is not None]
    flat = registry.FLAT.get(function)
    return [*found, Own(dict.fromkeys(flat.signature))] if flat is not None else found


@functools.cache
def _own_parameters(rule: registry.Rule) -> Own:
    parameters = registry.forward_parameters(rule)
    keyword = inspect.Parameter.KEYWORD_ONLY
    return Own(
        {p.name: p.default for p in parameters if p.kind is not keyword},
        tuple(p.name for p in parameters if p.kind is keyword),
        bool(registry.extra_arguments(rule)),
    )


@functools.cache
def their_parameters(function: AnyFunction) -> dict[str, Any]:
    """Give the parameters of the library's function with their defaults, in order."""
    if isinstance(function, np.ufunc):
        operands = [f"x{i + 1}" for i in range(function.nin)]
        return dict.fromkeys(operands, inspect.Parameter.empty) | OF_UFUNCS
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {p.name: p.default for p in parameters if p.kind not in UNNAMED}


@functools.cache
def takes_any_number(function: AnyFunction) -> bool:
    """Whether a library's function takes any number of arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)


def _says_nothing(name: str, value: Expression, theirs: dict[str, Any]) -> bool:
    """Whether an argument is the default."""
    return isinstance(value, Const) and name in theirs and value.value is theirs[name]


def _placed(
    node: Call,
    own: Own,
    theirs: dict[str, Any],
    moved: tuple[tuple[str, Expression], ...] | None = None,
) -> Call:
    """Give the call with what has another name in the rule at its position there.

    Parameters
    ----------
    moved
        What is to be given by position; None for what has another name.
    """
    names, others = list(own.positional), list(theirs)
    count = len(names)
    if len(node.arguments) > count and takes_any_number(node.function):
        return node
    if len(node.arguments) > max(count, len(others)):
        return node
    rest = zip(others[count:], node.arguments[count:], strict=False)
    named = {name: value for name, value in rest if not _says_nothing(name, value, theirs)}
    keywords = dict(node.keywords)
    strange = [name for name in keywords if name not in own.positional and name in others[:count]]
    last = max((others.index(name) for name in dict(moved or ()) or strange), default=-1)
    placed = list(node.arguments[:count])
    for place in range(len(placed), last + 1):
        found = [name for name in (names[place], *others[place : place + 1]) if name in keywords]
        default = own.positional[names[place]]
        if not found and default is inspect.Parameter.empty:
            return node
        placed.append(keywords.pop(found[0]) if found else Const(default))
    given = tuple((named | keywords).items())
    return Call(node.function, tuple(placed), given, node.spelling, node.span)
