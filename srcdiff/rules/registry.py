"""Where rules are registered and found.

A rule is a plain function. Its parameters are those of the function that it differentiates; then,
keyword-only, the upstream gradient, named `d` and the output's name. It returns the gradients of
some of its parameters, each named `d` and the parameter's name. A call of the function itself in
the rule's text stands for the value of the forward pass, and isn't computed again. The decorator's
word tells what the engine may assume, in one place:

elementwise
    The operands broadcast; the engine sums each gradient over the axes along which its operand
    was repeated.
linear
    Linear in its first operand.
bilinear
    Linear in each of its first two operands.
rule
    None of these.

A function with several results (`w, v = np.linalg.eigh(x)`) has an upstream gradient for each, in
order: `*, dw, dv`. One is None where its result isn't used. A name with an underscore in front
(`_dsign`) stands for a result that is piecewise constant. A function that gives a list of results
(`np.split`) has one upstream gradient, a list: `listed=True`.

Linear and bilinear rules hold for complex operands too; others where they say `takes_complex`. What
a rule gives is the gradient in the convention of JAX and autograd: of a real number f that depends
on x = a + ib it is df/da - i df/db, so that nothing is conjugated where a function is holomorphic.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

from srcdiff.ir.nodes import Call, Const, Expression, Group
from srcdiff.ir.types import Type

Family = Literal["elementwise", "linear", "bilinear", "rule"]
AnyFunction = Callable[..., Any]
F = TypeVar("F", bound=AnyFunction)


@dataclass(frozen=True, slots=True)
class Operands:
    """The operands of one call, for a shape function.

    Parameters
    ----------
    expressions
        By the rule's parameter names; those not given are absent.
    typed
        Infers the type of an expression.
    """

    expressions: dict[str, Expression]
    typed: Callable[[Expression], Type]

    def type(self, name: str) -> Type:
        """Give the type of an operand."""
        return self.typed(self.expressions[name])

    def has(self, name: str) -> bool:
        """Whether the operand was given."""
        return name in self.expressions

    def constant(self, name: str, default: Any = None) -> Any:
        """Give the value of a constant operand; `UNKNOWN` if it isn't constant."""
        if name not in self.expressions:
            return default
        return constant(self.expressions[name])


class _Unknown:
    """The mark of an operand that isn't constant."""


UNKNOWN = _Unknown()


def constant(expression: Expression) -> Any:
    """Give the value of an expression of constants; `UNKNOWN` for others."""
    if isinstance(expression, Const):
        return expression.value
    if isinstance(expression, Group) and expression.kind in ("tuple", "list"):
        values = [constant(item) for item in expression.items]
        if all(value is not UNKNOWN for value in values):
            return tuple(values) if expression.kind == "tuple" else values
    return UNKNOWN


ShapeFunction = Callable[[Operands], Type]
Reason = Callable[[Operands], str]
"""Says why a call can't be differentiated; gives an empty text where it can."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule.

    Parameters
    ----------
    family
        What the engine may assume.
    backward
        The rule's function.
    functions
        What it differentiates.
    shape
        Gives the type of the function's result; None for elementwise rules.
    sums
        Whether the rule sums an upstream gradient that is of a shape to which the function's
        result was broadcast; the engine then spares the forward pass the result's shape.
    fields
        The names of several results, where they are attributes: `np.linalg.eigh(x).eigenvalues`.
    listed
        Whether the function gives a list of results, whose gradients the rule takes as a list.
    takes_complex
        Whether the rule holds for complex operands. The engine refuses them otherwise.
    unless
        Says of a call why its arguments are none that the rule knows; None for rules that know
        all.
    fixed
        The parameters by which the derivative isn't known; the engine refuses where it is asked.
    fresh
        Whether the gradients lie in memory of their own, never in an argument's or the upstream's.
    chosen
        Of a rare rule, the parameter and its value by which a call has one result instead of
        several.
    """

    family: Family
    backward: AnyFunction
    functions: tuple[AnyFunction, ...]
    shape: ShapeFunction | None = None
    sums: bool = False
    fields: tuple[str, ...] = ()
    listed: bool = False
    takes_complex: bool = False
    unless: Reason | None = None
    fresh: bool = False
    fixed: tuple[str, ...] = ()
    chosen: tuple[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Flat:
    """A function whose derivative is zero, or whose result isn't a number.

    Parameters
    ----------
    signature
        Names its parameters, for the shape function.
    shape
        Gives the type of the result; None for elementwise functions.
    """

    signature: tuple[str, ...] = ("x", "y", "z")
    shape: ShapeFunction | None = None


RULES: dict[AnyFunction, Rule] = {}
RARE: dict[AnyFunction, Rule] = {}
"""Rules of calls with keyword arguments that the function's rule in RULES doesn't have."""
OF_COMPLEX: dict[AnyFunction, Rule] = {}
"""The rules for complex operands where those for real ones don't hold."""
FLAT: dict[AnyFunction, Flat] = {}
IDIOMS: list[AnyFunction] = []
METHODS: dict[str, AnyFunction] = {}
ATTRIBUTES: dict[str, AnyFunction] = {}
GIVES_REAL: set[AnyFunction] = set()
"""Functions whose result is real also where operands are complex."""
REAL_RESULTS: dict[AnyFunction, tuple[int, ...]] = {}
"""The places of the results that are real also where operands are complex; if one is asked for
alone, it is one of these."""
GIVES_COMPLEX: set[AnyFunction] = set()
"""Functions whose result may be complex where no operand is."""


def _register(
    family: Family,
    functions: tuple[AnyFunction, ...],
    shape: ShapeFunction | None = None,
    *,
    sums: bool = False,
    table: dict[AnyFunction, Rule] | None = None,
    fields: tuple[str, ...] = (),
    listed: bool = False,
    takes_complex: bool = False,
    unless: Reason | None = None,
    fresh: bool = False,
    fixed: tuple[str, ...] = (),
    chosen: tuple[str, Any] | None = None,
) -> Callable[[F], F]:
    def add(backward: F) -> F:
        told = (fields, listed, takes_complex, unless, fresh, fixed, chosen)
        entry = Rule(family, backward, functions, shape, sums, *told)
        for function in functions:
            (RULES if table is None else table)[function] = entry
        return backward

    return add


def elementwise(
    *functions: AnyFunction,
    shape: ShapeFunction | None = None,
    takes_complex: bool = False,
    fixed: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Register the rule of functions whose operands broadcast."""
    return _register("elementwise", functions, shape, takes_complex=takes_complex, fixed=fixed)


def linear(
    *functions: AnyFunction,
    shape: ShapeFunction | None = None,
    listed: bool = False,
    takes_complex: bool = True,
    unless: Reason | None = None,
    fresh: bool = False,
) -> Callable[[F], F]:
    """Register the rule of functions that are linear in their first operand."""
    return _register(
        "linear",
        functions,
        shape,
        listed=listed,
        takes_complex=takes_complex,
        unless=unless,
        fresh=fresh,
    )


def bilinear(
    *functions: AnyFunction, shape: ShapeFunction | None = None, sums: bool = False
) -> Callable[[F], F]:
    """Register the rule of functions that are linear in each of their first two operands."""
    return _register("bilinear", functions, shape, sums=sums, takes_complex=True)


def rule(
    *functions: AnyFunction,
    shape: ShapeFunction | None = None,
    rare: bool = False,
    fields: tuple[str, ...] = (),
    listed: bool = False,
    takes_complex: bool = False,
    unless: Reason | None = None,
    fresh: bool = False,
    chosen: tuple[str, Any] | None = None,
) -> Callable[[F], F]:
    """Register the rule of any other differentiable function.

    A rare one is for calls with arguments that the usual rule lacks, and that would spoil it; or
    for those that an argument, `chosen`, lets have one result.
    """
    return _register(
        "rule",
        functions,
        shape,
        table=RARE if rare else RULES,
        fields=fields,
        listed=listed,
        takes_complex=takes_complex,
        unless=unless,
        fresh=fresh,
        chosen=chosen,
    )


def of_complex(
    family: Family, *functions: AnyFunction, fields: tuple[str, ...] = ()
) -> Callable[[F], F]:
    """Register the rule that functions have for complex operands, beside that for real ones."""
    return _register(family, functions, takes_complex=True, table=OF_COMPLEX, fields=fields)


def flat(
    *functions: AnyFunction,
    signature: tuple[str, ...] = ("x", "y", "z"),
    shape: ShapeFunction | None = None,
) -> None:
    """Register functions whose derivative is exactly zero or doesn't exist."""
    for function in functions:
        FLAT[function] = Flat(signature, shape)


def idiom(pattern: F) -> F:
    """Register a small forward function as a pattern, recognised wherever it stands."""
    IDIOMS.append(pattern)
    return pattern


@functools.cache
def signature_of(function: AnyFunction) -> inspect.Signature:
    """Give the signature of a rule's function."""
    return inspect.signature(function)


@functools.cache
def forward_parameters(rule_: Rule) -> tuple[inspect.Parameter, ...]:
    """Give the parameters of the forward function, without the upstream gradients."""
    parameters = tuple(signature_of(rule_.backward).parameters.values())
    return parameters[: len(parameters) - len(upstream_names(rule_))]


@functools.cache
def upstream_names(rule_: Rule) -> tuple[str, ...]:
    """Give the names of the upstream gradients: the keyword-only parameters without defaults."""
    names: list[str] = []
    for parameter in reversed(list(signature_of(rule_.backward).parameters.values())):
        required = parameter.default is inspect.Parameter.empty
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or not required:
            break
        names.insert(0, parameter.name)
    return tuple(names)


def is_flat(upstream: str) -> bool:
    """Whether an upstream gradient is that of a result that is piecewise constant."""
    return upstream.startswith("_")


@functools.cache
def extra_arguments(rule_: Rule) -> str:
    """Give the name of the parameter that takes any number of arguments; empty if none does."""
    kind = inspect.Parameter.VAR_POSITIONAL
    return next((p.name for p in forward_parameters(rule_) if p.kind is kind), "")


def needed(rule_: Rule) -> set[str]:
    """Give the names of the parameters that every call of a rule's function has."""
    return {p.name for p in forward_parameters(rule_) if p.default is p.empty}


def positional_arguments(rule_: Rule, node: Call) -> dict[str, Expression]:
    """Give a call's positional arguments by the names of the rule's parameters."""
    names = [
        p.name for p in forward_parameters(rule_) if p.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    extra = extra_arguments(rule_)
    if not extra:
        return dict(zip(names, node.arguments, strict=False))
    count = names.index(extra)
    bound: dict[str, Expression] = dict(zip(names[:count], node.arguments, strict=False))
    bound[extra] = Group("tuple", node.arguments[count:], node.span)
    return bound


def rule_of(node: Call, *, of_complex: bool = False) -> Rule | None:
    """Give the rule of a call: the rare one where the usual one lacks an argument."""
    usual, rare = RULES.get(node.function), RARE.get(node.function)
    if of_complex and node.function in OF_COMPLEX:
        usual = OF_COMPLEX[node.function]
    if rare is None or usual is None:
        return usual
    parameters = forward_parameters(usual)
    if rare.chosen is not None:
        name, value = rare.chosen
        given = {**positional_arguments(usual, node), **dict(node.keywords)}
        found = constant(given[name]) if name in given else None
        return rare if found is UNKNOWN or found == value else usual
    known = {parameter.name for parameter in parameters}
    alone = sum(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters)
    few = len(node.arguments) <= len(parameters) - alone
    return usual if few and all(name in known for name, _ in node.keywords) else rare


def all_rules() -> Iterator[tuple[AnyFunction, Rule]]:
    """Give each function with each of its rules."""
    yield from RULES.items()
    yield from RARE.items()
    yield from OF_COMPLEX.items()


def numpys(names: str) -> list[AnyFunction]:
    """Give those of NumPy's functions that its version has."""
    return [getattr(np, name) for name in names.split() if hasattr(np, name)]


def load() -> None:
    """Import the families, which registers their rules; scipy's if scipy is imported."""
    from srcdiff.rules import families  # noqa: F401  # imported for what it registers

    if "scipy.special" in sys.modules:
        from srcdiff.rules import scipy_special  # noqa: F401
    if "scipy.linalg" in sys.modules:
        from srcdiff.rules import scipy_linalg  # noqa: F401
