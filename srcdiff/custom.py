"""Rules of users' own, in the form of srcdiff's: `@rule(f) def f_backward(x, *, dy): ...`."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Callable
from typing import Any, TypeVar

from srcdiff.ir.operators import stop_gradient
from srcdiff.ir.types import Type, unknown
from srcdiff.rules import registry
from srcdiff.signatures import wrong
from srcdiff.syntax.read_rule import read_rule
from srcdiff.syntax.scope import OPAQUE

__all__ = ["rule", "stop_gradient"]

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)


class Rules:
    """Registers the derivatives of functions that srcdiff can't read, or shouldn't.

    `@rule(f)` above a backward function says that it gives the gradients of `f`. Its parameters are
    those of `f`; then, keyword-only, the upstream gradient, named `d` and a name for the output. It
    returns gradients by name: `dx` for `x`. A call `y = f(x)` in it stands for the value that the
    forward pass gave. What it returns none for is constant.

    `rule.elementwise(f)` is for functions whose operands broadcast: the gradients are summed over
    the axes along which an operand was repeated. `rule.linear` and `rule.bilinear` are for
    functions that are linear in their first operand, or in each of their first two. `rule.flat(f)`
    says that nothing of `f` has a derivative.
    """

    def __call__(self, *functions: Function) -> Callable[[F], F]:
        """Register a rule that gives each gradient in the shape of its operand."""
        return _adder(functions, registry.rule)

    def elementwise(self, *functions: Function) -> Callable[[F], F]:
        """Register a rule of functions whose operands broadcast."""
        return _adder(functions, registry.elementwise)

    def linear(self, *functions: Function) -> Callable[[F], F]:
        """Register a rule of functions that are linear in their first operand."""
        return _adder(functions, registry.linear)

    def bilinear(self, *functions: Function) -> Callable[[F], F]:
        """Register a rule of functions that are linear in each of their first two operands."""
        return _adder(functions, registry.bilinear)

    def flat(self, *functions: Function) -> None:
        """Register functions whose results are constants for the gradient."""
        _check_functions(functions)
        registry.load()
        for function in functions:
            OPAQUE[id(function)] = function
            registry.flat(function, shape=self.shape)

    @staticmethod
    def shape(operands: registry.Operands) -> Type:
        """Give the type of a result of which nothing is known."""
        del operands
        return unknown()


rule = Rules()


def _adder(
    functions: tuple[Function, ...], register: Callable[..., Callable[[F], F]]
) -> Callable[[F], F]:
    _check_functions(functions)

    def add(backward: F) -> F:
        registry.load()
        own = check_rule(backward)
        for function in functions:
            check_parameters(function, backward.__name__, own)
        for function in functions:
            OPAQUE[id(function)] = function
        return register(*functions)(backward)

    return add


def _check_functions(functions: tuple[Function, ...]) -> None:
    """Refuse what is no function; a decorator without parentheses gives its own function."""
    if not functions:
        raise wrong(
            "SD118", "rule names no function.", "Write @rule(f) above its backward function."
        )
    for function in functions:
        if not callable(function):
            raise wrong("SD118", f"{function!r} isn't a function.", "Write @rule(f).")


def check_rule(backward: Any) -> list[str]:
    """Give a rule's own parameters.

    Raises
    ------
    DerivationError
        Its form isn't that of a rule.
    """
    if not isinstance(backward, types.FunctionType):
        raise wrong("SD118", f"a rule is a function with text, not {backward!r}.", "Use def.")
    name = backward.__name__
    parameters = list(inspect.signature(backward).parameters.values())
    last = parameters[-1] if parameters else None
    if last is None or last.kind is not inspect.Parameter.KEYWORD_ONLY or last.name[:1] != "d":
        raise wrong(
            "SD118",
            f"{name} has no upstream gradient: a last parameter, keyword-only, such as dy.",
            f"Write def {name}(x, *, dy).",
        )
    try:
        text = textwrap.dedent(inspect.getsource(backward))
        (definition,) = ast.parse(text).body
        returned = read_rule(backward).returned
    except (OSError, SyntaxError, ValueError):
        raise wrong("SD119", f"the source text of {name} isn't to be had.", "Use def.") from None
    assert isinstance(definition, ast.FunctionDef)
    if definition.body[0].lineno == definition.lineno:
        raise wrong("SD118", f"{name} stands on one line.", "Put its statements below its name.")
    own = [p.name for p in parameters[:-1]]
    unknown = [gradient for gradient in returned if gradient[1:] not in own]
    if not returned or unknown:
        raise wrong(
            "SD118",
            f"{name} must return gradients by name, such as dx for x, of its parameters.",
            "Write dx = ... and return dx, or return dx, dy.",
        )
    return own


def check_parameters(function: Function, name: str, own: list[str]) -> None:
    """Refuse a rule whose parameters aren't the function's.

    Raises
    ------
    DerivationError
        They are others, or in another order.
    """
    try:
        given = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return  # a function that doesn't say
    if given[: len(own)] != own:
        raise wrong(
            "SD118",
            f"{name} takes {', '.join(own) or 'nothing'}, but the function {', '.join(given)}.",
            "Give the rule the function's parameters, under the same names and in that order.",
        )
