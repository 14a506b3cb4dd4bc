"""Central differences of the language programs, independent of srcdiff; structures of numbers."""

from __future__ import annotations

import ast
import copy
import dataclasses
import functools
import importlib
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from language_points import PROGRAMS
from language_points.program import Program

STEPS = (1e-3, 1e-4, 1e-5, 1e-6)


def function_of(name: str) -> Callable[..., Any]:
    return getattr(importlib.import_module(f"language_programs.{PROGRAMS[name][0]}"), name)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def is_record(value: Any) -> bool:
    own = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return own or isinstance(value, types.SimpleNamespace)


def leaves(value: Any) -> list[Any]:
    """Give the numbers and arrays in a structure, in order."""
    if is_number(value) or isinstance(value, np.ndarray):
        return [value]
    return [leaf for item in items(value) for leaf in leaves(item)]


def items(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if is_record(value):
        return list(vars(value).values())
    return []


def rebuilt(value: Any, new: Iterator[Any]) -> Any:
    """Give the structure with other leaves."""
    if is_number(value) or isinstance(value, np.ndarray):
        return next(new)
    inner = [rebuilt(item, new) for item in items(value)]
    if isinstance(value, list):
        return inner
    if isinstance(value, tuple):
        return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
    if isinstance(value, dict):
        return dict(zip(value, inner, strict=True))
    if is_record(value):
        new = copy.copy(value)
        for name, item in zip(vars(value), inner, strict=True):
            object.__setattr__(new, name, item)  # a frozen one too
        return new
    return value


class Call:
    """One program at one point: how to call it, and what comes out.

    Attributes
    ----------
    upstream_names
        The names of the upstream gradients; None where the returns don't agree on them.
    """

    def __init__(self, name: str, index: int) -> None:
        self.name = name
        self.program: Program = PROGRAMS[name][1]
        self.function = function_of(name)
        given = self.program.points[index]
        keywords = given[-1] if self.program.keywords else {}
        given = given[:-1] if self.program.keywords else given
        self.bound = inspect.signature(self.function).bind(*given, **keywords)
        self.bound.apply_defaults()
        self.arguments: dict[str, Any] = dict(self.bound.arguments)
        self.upstream_names = upstream_names(self.function, self.program)
        draws = np.random.default_rng(11)
        values = self.values(self.arguments)
        self.single = len(values) == 1
        self.upstreams = [
            rebuilt(v, (weight(leaf, draws) for leaf in leaves(v))) for v in copy.deepcopy(values)
        ]

    def bind(self, arguments: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Give copies of arguments as a call takes them."""
        bound = copy.copy(self.bound)
        bound.arguments = copy.deepcopy(arguments)
        return bound.args, bound.kwargs

    def values(self, arguments: dict[str, Any]) -> tuple[Any, ...]:
        """Run the program on copies; give its outputs."""
        bound = inspect.BoundArguments(self.bound.signature, copy.deepcopy(arguments))
        result = self.function(*bound.args, **bound.kwargs)
        if self.program.outputs:
            assert result is None
            return tuple(bound.arguments[name] for name in self.program.outputs)
        assert result is not None
        if self.upstream_names == ["out"] or not isinstance(result, tuple):
            return (result,)
        return result

    def total(self, arguments: dict[str, Any]) -> float:
        """Give the outputs' sum, weighted with the upstream gradients."""
        values = leaves(self.values(arguments))
        weights = leaves(self.upstreams)
        return float(sum(np.sum(v * w) for v, w in zip(values, weights, strict=True)))

    def moved(self, parameter: str, place: int, at: tuple[int, ...], h: float) -> float:
        """Give the total with one number of one leaf moved."""
        value = self.arguments[parameter]
        new = list(leaves(value))
        if isinstance(new[place], np.ndarray):
            array = np.array(new[place], dtype=float)
            array[at] += h
            new[place] = array
        else:
            new[place] = new[place] + h
        return self.total({**self.arguments, parameter: rebuilt(value, iter(new))})

    def estimates(self, parameter: str) -> Any:
        """Give, for each leaf of a parameter, central differences at all step sizes."""
        found = []
        for place, leaf in enumerate(leaves(self.arguments[parameter])):
            table = np.zeros((len(STEPS), *np.shape(leaf)))
            for step, h in enumerate(STEPS):
                for at in np.ndindex(np.shape(leaf)):
                    high, low = (self.moved(parameter, place, at, s * h) for s in (1, -1))
                    table[(step, *at)] = (high - low) / (2 * h)
            found.append(table)
        return found

    def reference(self) -> dict[str, list[np.ndarray]]:
        """Give the estimates for all differentiable parameters."""
        return {name: self.estimates(name) for name in self.program.differentiable}


@functools.cache
def call(name: str, index: int) -> Call:
    return Call(name, index)


@functools.cache
def reference(name: str, index: int) -> dict[str, list[np.ndarray]]:
    return call(name, index).reference()


def weight(leaf: Any, draws: np.random.Generator) -> Any:
    return (
        draws.uniform(0.5, 1.5, np.shape(leaf)) if np.ndim(leaf) else float(draws.uniform(0.5, 1.5))
    )


def upstream_names(function: Callable[..., Any], program: Program) -> list[str] | None:
    """Give the outputs' names: the arguments written, or what the returns say if they agree."""
    if program.outputs:
        return list(program.outputs)
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    found = []
    for value in returned(node):
        if isinstance(value, ast.Tuple):
            found.append(
                [e.id if isinstance(e, ast.Name) else f"out{i}" for i, e in enumerate(value.elts)]
            )
        else:
            found.append([value.id if isinstance(value, ast.Name) else "out"])
    return found[0] if all(names == found[0] for names in found) else None


def returned(node: ast.AST) -> Iterator[ast.expr]:
    """Give what a function's own return statements return."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Return):
            assert child.value is not None
            yield child.value
        elif not isinstance(child, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            yield from returned(child)


def converged(table: np.ndarray) -> np.ndarray:
    """Give the smallest relative disagreement of neighbouring step sizes, number by number."""
    scale = 1 + np.abs(table[1:])
    return np.min(np.abs(np.diff(table, axis=0)) / scale, axis=0)


def error(mine: Any, table: np.ndarray) -> np.ndarray:
    """Give the relative distance from the nearest of the estimates that agree with a neighbour."""
    change = np.abs(np.diff(table, axis=0))
    best = np.argmin(change, axis=0)
    pair = np.stack([np.take_along_axis(table, (best + k)[None], axis=0)[0] for k in (0, 1)])
    return np.min(np.abs(mine - pair), axis=0) / (1 + np.abs(mine))
