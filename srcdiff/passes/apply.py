"""One rule applied to one call: the rule's text with operands and upstream gradient put in.

Takes a call, its rule, the upstream gradient and the parameters whose gradients are wanted. Gives
these gradients as expressions, and temporaries. Refuses arguments that the rule doesn't know.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import replace

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Forward,
    Group,
    Read,
    Unpack,
    Variable,
)
from srcdiff.ir.types import Kind, Type, broadcast
from srcdiff.ir.walk import rebuild
from srcdiff.passes.arguments import IDLE
from srcdiff.passes.infer import Types
from srcdiff.passes.inlining import Applied, NeedsHelper, Run
from srcdiff.passes.lists import items_of, operand
from srcdiff.passes.results import Results
from srcdiff.passes.simplify import Simplifier
from srcdiff.passes.suggest import suggest
from srcdiff.rules.registry import (
    GIVES_COMPLEX,
    Rule,
    extra_arguments,
    forward_parameters,
    is_flat,
    positional_arguments,
    upstream_names,
)
from srcdiff.syntax.read_rule import RuleText, read_rule
from srcdiff.syntax.scope import OPAQUE

MATH = {
    getattr(np, name): getattr(math, name)
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "log1p",
                 "expm1", "exp2", "trunc", "hypot", "degrees", "radians", "ldexp")
    if hasattr(math, name)
}  # fmt: skip

USUAL_REASON = "", "Leave it out, or register a rule of your own with srcdiff.rule."
LISTS = ("list", "tuple")
SEQUENCES = ("arrays", "operands", "choices")
"""The parameters of NumPy's functions that take several arrays, which may differ in shape."""
UNKNOWN_KEYWORDS = {
    "out": (", which writes into an array", "Assign the result: y[...] = np.exp(x)."),
    "where": (", which leaves the other entries without a value", "Use np.where."),
    "key": (", which is a function", "Choose with a conditional expression, or with np.where."),
}
"""Why an argument isn't supported, and what to write instead."""


def bound_arguments(node: Call, rule: Rule) -> dict[str, Expression]:
    """Give a call's arguments by the names of the rule's parameters.

    Raises
    ------
    Refusal
        The rule has no such parameter.
    """
    parameters = forward_parameters(rule)
    positional = [p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    names = {p.name for p in parameters}
    name = getattr(node.function, "__name__", "this function")
    if len(node.arguments) > len(positional) and not extra_arguments(rule):
        extra = node.arguments[len(positional)]
        raise Refusal(
            "SD103",
            f"the rule of {name} takes no argument at position {len(positional) + 1}.",
            "Name the argument, or leave it out.",
            getattr(extra, "span", None) or node.span,
        )
    bound = positional_arguments(rule, node)
    for keyword, value in node.keywords:
        if isinstance(node.function, np.ufunc) and keyword in IDLE and keyword not in names:
            continue
        if keyword not in names or keyword in bound:
            reason, hint = UNKNOWN_KEYWORDS.get(keyword, USUAL_REASON)
            raise Refusal(
                "SD103",
                f"the rule of {name} takes no argument {keyword}{reason}.",
                hint,
                getattr(value, "span", None) or node.span,
            )
        bound[keyword] = value
    for parameter in parameters:
        if parameter.default is inspect.Parameter.empty and parameter.name not in bound:
            raise Refusal(
                "SD103", f"{name} is called without its argument {parameter.name}.", "", node.span
            )
    return bound


def differentiable(rule: Rule) -> tuple[str, ...]:
    """Give the parameters whose gradients a rule returns."""
    return tuple(name[1:] for name in read_rule(rule.backward).returned)


def counted(rule: Rule, bound: dict[str, Expression], name: str) -> Expression | None:
    """Give what says which entries of an operand count that is computed within a reduction.

    The others may have been computed where that has no derivative: np.sum(np.log(x), where=x > 0).
    """
    test = bound.get("where")
    inside = isinstance(bound[name], Call) and name == forward_parameters(rule)[0].name
    return test if inside and not isinstance(test, Const) else None


class Applier:
    """Applies rules within one derivation."""

    def __init__(self, types: Types, results: Results) -> None:
        self.types = types
        self.results = results
        self.simplifier = Simplifier(types)

    def apply(
        self,
        node: Call,
        rule: Rule,
        upstreams: tuple[Expression, ...],
        wanted: set[str],
        origin: Call | None = None,
    ) -> Applied:
        """Apply a rule to a call.

        Parameters
        ----------
        node, rule, upstreams
            The call, its rule and the gradients of its results; None for those that aren't used.
        wanted
            The parameters whose gradients are wanted.
        origin
            The user's expression, where the call is an idiom that stands for it.

        Raises
        ------
        Refusal
            An argument isn't one that the rule knows.
        """
        bound = bound_arguments(node, rule)
        text = read_rule(rule.backward)
        try:
            applied = self._inlined(origin or node, rule, text, bound, upstreams, wanted)
        except NeedsHelper:
            applied = self._as_helper(node, rule, bound, upstreams, wanted)
        if takes_lists(node) and any(self.types.of(v).form in LISTS for v in bound.values()):
            self._compute_with_arrays(applied)
        if getattr(node.function, "__module__", "") == "math":
            self._spell_with_math(applied)
        return applied

    def _inlined(
        self,
        node: Call,
        rule: Rule,
        text: RuleText,
        bound: dict[str, Expression],
        upstreams: tuple[Expression, ...],
        wanted: set[str],
    ) -> Applied:
        if text.body is None:
            raise NeedsHelper
        run = Run(self.types, self.results, node, rule, text)
        for parameter in forward_parameters(rule):
            variable = text.parameters[parameter.name]
            given = bound.get(parameter.name)
            value = Const(parameter.default) if given is None else operand(given)
            if given is not None and (isinstance(value, Group) or parameter.name in SEQUENCES):
                value = self.operand(node, rule, parameter.name, given)
            run.values[variable] = value
        for name, upstream in zip(upstream_names(rule), upstreams, strict=True):
            wish = "d" + suggest(node) if len(upstreams) == 1 else name
            run.bind(text.parameters[name], upstream, wish)
        run.block(text.body)
        gradients = {
            name: run.values[text.locals["d" + name]]
            for name in differentiable(rule)
            if name in wanted
        }
        return run.finish(gradients)

    def operand(self, node: Call, rule: Rule, name: str, given: Expression) -> Expression:
        """Give what stands for an operand: a list as the array that NumPy takes it for."""
        value = operand(given)
        if takes_array(node, rule, name):
            return self._as_array(value)
        if not takes_lists(node) or name not in SEQUENCES or node.function is np.block:
            return value  # a row of blocks is no array
        items = [*map(self._as_array, items_of(value) or ())]
        if not any(map(is_conversion, items)):
            return value
        return Group("tuple" if name == extra_arguments(rule) else "list", tuple(items))

    def _as_array(self, value: Expression) -> Expression:
        """Give a value, as an array if it is a list."""
        given = value.node if isinstance(value, Forward) else value
        listed = isinstance(given, (Group, Read)) and self.types.of(given).form in LISTS
        return Call(np.asarray, (value,)) if listed else value

    def _compute_with_arrays(self, applied: Applied) -> None:
        """Let operators take lists of the user's as arrays; functions do so by themselves."""

        def mended(node: Expression) -> Expression:
            node = rebuild(node, mended)
            if isinstance(node, Call) and node.spelling == "operator":
                user = [self._as_array(a) if isinstance(a, Forward) else a for a in node.arguments]
                return replace(node, arguments=tuple(user))
            return node

        applied.gradients = {name: mended(value) for name, value in applied.gradients.items()}
        applied.temporaries = [
            Bind(b.variable, mended(b.value)) if isinstance(b, Bind) else b
            for b in applied.temporaries
        ]

    def _as_helper(
        self,
        node: Call,
        rule: Rule,
        bound: dict[str, Expression],
        upstreams: tuple[Expression, ...],
        wanted: set[str],
    ) -> Applied:
        names = zip(upstream_names(rule), upstreams, strict=True)
        arguments = [upstream for name, upstream in names if not is_flat(name)]
        keywords: list[tuple[str, Expression]] = []
        for parameter in forward_parameters(rule):
            if parameter.name not in bound:
                continue
            value = self.operand(node, rule, parameter.name, bound[parameter.name])
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                arguments += items_of(value) or ()
            elif parameter.default is inspect.Parameter.empty:
                arguments.append(value)
            elif not (isinstance(value, Const) and value.value == parameter.default):
                keywords.append((parameter.name, value))
        if id(rule.backward) in OPAQUE:  # the rule itself is called, where it stands
            own = [name for name in upstream_names(rule) if not is_flat(name)]
            keywords += zip(own, arguments, strict=False)
            keywords += [(n, Const(None)) for n in upstream_names(rule) if is_flat(n)]
            arguments = arguments[len(own) :]
        call = Call(rule.backward, tuple(arguments), tuple(keywords))
        applied = Applied()
        targets: list[Variable | None] = []
        mixed = node.function in GIVES_COMPLEX or self.types.takes_complex(node)
        mixed = mixed or self.types.takes_complex(call)
        kind: Kind = "complex" if mixed else "float"
        for name in differentiable(rule):
            if name not in wanted:
                targets.append(None)
                continue
            variable = Variable("d" + suggest(bound[name]), "adjoint")
            given = self.types.of(bound[name])
            whole = [self.types.of(u).shape for u in upstreams if not is_missing(u)]
            whole += [self.types.of(node).shape] if len(upstreams) == 1 else []
            full = broadcast(whole) if rule.family == "elementwise" else given.shape
            form = "any" if given.form in ("any", "list", "tuple", "dict") else given.form
            self.types.variables[variable] = Type(form, kind, full)
            targets.append(variable)
            applied.gradients[name] = Read(variable)
        if len(targets) == 1 and targets[0] is not None:
            applied.temporaries.append(Bind(targets[0], call))
        else:
            applied.temporaries.append(Unpack(tuple(targets), call))
        return applied

    def _spell_with_math(self, applied: Applied) -> None:
        applied.gradients = {
            name: self._with_math(value) for name, value in applied.gradients.items()
        }
        applied.temporaries = [
            Bind(b.variable, self._with_math(b.value)) if isinstance(b, Bind) else b
            for b in applied.temporaries
        ]

    def _with_math(self, node: Expression) -> Expression:
        node = rebuild(node, self._with_math)
        if isinstance(node, Call) and node.function in MATH:
            if all(self.types.of(a).is_scalar for a in node.arguments):
                return Call(MATH[node.function], node.arguments, node.keywords)
        return node


def takes_array(node: Call, rule: Rule, name: str) -> bool:
    """Whether NumPy makes an array of a list that is given for a parameter."""
    return takes_lists(node) and name not in SEQUENCES and name in differentiable(rule)


def takes_lists(node: Call) -> bool:
    """Whether it is a function of NumPy's that is called, or an operator of an array and a list."""
    function = getattr(node.function, "__self__", node.function)  # of np.minimum.accumulate
    module = str(getattr(node.function, "__module__", "")).split(".", maxsplit=1)[0]
    return isinstance(function, np.ufunc) or module == "numpy" or node.spelling == "operator"


def is_conversion(node: Expression) -> bool:
    """Whether it is a list that is made an array."""
    return isinstance(node, Call) and node.function is np.asarray


def is_missing(upstream: Expression) -> bool:
    """Whether a result isn't used, and so has no gradient."""
    return isinstance(upstream, Const) and upstream.value is None
