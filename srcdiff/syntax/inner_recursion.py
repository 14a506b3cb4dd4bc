"""Functions inside a function that call themselves: they become functions of their own.

Takes a call of one. Gives the call of a function beside the outer one, which takes what it sees of
that one by keyword. Refuses those that change what they see, or that aren't only called.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import Call, Const, Expression, Read, UserFunction
from srcdiff.syntax.closures import Closure, Static, in_module, is_static, with_default
from srcdiff.syntax.lifting import MakingScope, block_of, free_names
from srcdiff.syntax.statements import called_names, changes_arguments, outer_names, parts

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader


@runtime_checkable
class Beside(Protocol):
    """Names to which functions can be added that stand beside a function."""

    def beside(self, name: str, text: str, line: int, known: dict[str, Any]) -> UserFunction | None:
        """Give the function that a text defines, which sees what the module's functions see."""


def calls_itself(closure: Closure) -> bool:
    """Whether a function inside the function calls itself by its name."""
    node = closure.definition
    if not isinstance(node, cst.FunctionDef) or closure.owner is not None:
        return False
    known = closure.inner.get(node.name.value)
    own = isinstance(known, Closure) and known.definition is node
    return own and node.name.value in called_names(node.body)


class InnerRecursion:
    """Makes functions of their own of the functions inside one function.

    Parameters
    ----------
    expressions
        Reads expressions, and knows the names.
    """

    def __init__(self, expressions: ExpressionReader) -> None:
        self.expressions = expressions

    def call(
        self,
        closure: Closure,
        given: dict[str, Expression | Static],
        node: cst.CSTNode,
        span: Span,
        *,
        alone: bool,
    ) -> Expression:
        """Give the call of a function of its own; `given` has the arguments by parameters."""
        definition = cst.ensure_type(closure.definition, cst.FunctionDef)
        name = definition.name.value
        if alone:
            raise self._refuse(name, "for what it changes", node)
        if outer_names(definition):
            raise self._refuse(name, "and changes a variable of the function around it", node)
        if any(map(is_static, given.values())):
            raise self._refuse(name, "and gets functions or objects as arguments", node)
        parameters = definition.params
        if isinstance(parameters.star_arg, cst.Param) or parameters.star_kwarg is not None:
            raise self._refuse(name, "and has starred parameters", node)
        if not all(_is_plain(parameter.default) for parameter in with_default(definition)):
            raise self._refuse(name, "and has computed defaults", node)
        found = _Seen()
        self._see(closure, name, found, node)
        made = self._made(closure, name, found, node)
        by_keyword = {p.name.value for p in parameters.kwonly_params}
        values: Any = given
        positional = tuple(
            values[p.name.value] for p in (*parameters.posonly_params, *parameters.params)
        )
        keywords = (*((n, v) for n, v in values.items() if n in by_keyword), *found.values.items())
        self.expressions.rewritten.add(self.expressions.place)
        return Call(made, positional, keywords, "function", span)

    def _refuse(self, name: str, why: str, node: cst.CSTNode) -> Refusal:
        return self.expressions.refuse(
            "SD103",
            f"{name} calls itself {why}, which isn't supported inside a function.",
            "Define it at the top of the file, and pass what it needs.",
            node,
        )

    def _see(self, closure: Closure, name: str, found: _Seen, node: cst.CSTNode) -> None:
        """Find what a function sees of the function around it."""
        for read in free_names(closure.definition):
            known = closure.inner.get(read)
            if read == name:
                continue
            if read in closure.variables:
                self._note(found, read, closure.variables[read], name, node)
                found.values[read] = Read(closure.variables[read])
            elif isinstance(known, Const) and _is_named(known):
                self._note(found, read, known.value, name, node)
                found.functions[read] = known
            elif isinstance(known, Closure) and _may_be_beside(known):
                self._note(found, read, known.definition, name, node)
                if all(helper.name.value != read for helper in found.helpers):
                    self._see(known, name, found, node)
                    found.helpers.append(_defined(read, known.definition))
            elif known is not None:
                raise self._refuse(name, f"and sees {read}, which is made here", node)
            elif read in closure.assigned:
                raise self.expressions.refuse(
                    "SD104", f"{read} is read before it has a value.", "", node
                )
            else:
                self._note(found, read, None, name, node)
                with in_module(self.expressions):
                    self.expressions.name(read, closure.definition)  # which refuses unknown ones

    def _note(self, found: _Seen, read: str, meaning: object, name: str, node: cst.CSTNode) -> None:
        if found.meanings.setdefault(read, meaning) is not meaning:
            raise self._refuse(name, f"and calls what knows another {read}", node)

    def _made(
        self,
        closure: Closure,
        name: str,
        found: _Seen,
        node: cst.CSTNode,
    ) -> UserFunction:
        """Give the function of its own."""
        scope, definition = self.expressions.scope, closure.definition
        assert isinstance(definition, cst.FunctionDef)
        own = f"{name}_inside"
        seen = tuple(found.values)
        known = {n: self._live(scope, c) for n, c in found.functions.items()}
        live = isinstance(scope, MakingScope)
        names = {} if live else {n: c.text for n, c in found.functions.items() if n != c.text}
        block = block_of(definition)
        block = block.with_changes(body=(*found.helpers, *block.body))
        if not names.keys().isdisjoint(_parameter_names(block)):
            raise self._refuse(name, "and calls what knows another function", node)
        inside = _Inside(name, own, seen, names)
        body = block.visit(inside)
        assert isinstance(body, cst.IndentedBlock)
        if inside.reads:
            raise self._refuse(name, "and is used as a value", node)
        written = [n for n in seen if _changes(n, body)]
        if written:
            raise self._refuse(name, f"and writes into {', '.join(written)}", node)
        whole = cst.FunctionDef(cst.Name(own), _parameters(definition.params, seen), body)
        line = self.expressions.positions.span(definition).line
        text = cst.Module([whole]).code
        made = scope.beside(own, text, line, known) if isinstance(scope, Beside) else None
        if made is None:
            raise self._refuse(name, "where its text isn't known", node)
        return made

    @staticmethod
    def _live(scope: object, known: Const) -> Any:
        """Give the function itself that a constant is, in a live program."""
        if isinstance(scope, MakingScope) and isinstance(known.value, UserFunction):
            return scope.value(known.text)
        return known.value


@dataclass(slots=True)
class _Seen:
    """What a function sees of the function around it.

    Parameters
    ----------
    values
        The variables, which are passed along.
    functions
        The functions that have a name in the module, by the names here.
    helpers
        Functions inside the function that it calls, to stand in it.
    meanings
        What each name means; for two functions it must be the same.
    """

    values: dict[str, Expression] = field(default_factory=dict)
    functions: dict[str, Const] = field(default_factory=dict)
    helpers: list[cst.FunctionDef] = field(default_factory=list)
    meanings: dict[str, object] = field(default_factory=dict)


def _is_named(known: Const) -> bool:
    """Whether a constant is a function that has a name in the module."""
    function = callable(known.value) or isinstance(known.value, UserFunction)
    return function and all(map(str.isidentifier, known.text.split(".")))


def _changes(name: str, body: cst.IndentedBlock) -> bool:
    """Whether a body has statements that write into what a name stands for."""
    given = cst.Parameters([cst.Param(cst.Name(name))])
    return changes_arguments(cst.FunctionDef(cst.Name("f"), given, body))


def _may_be_beside(known: Closure) -> bool:
    """Whether a function can stand in another one that calls it."""
    changes = outer_names(known.definition)
    return known.owner is None and not changes and not calls_itself(known)


def _parameter_names(node: cst.CSTNode) -> set[str]:
    """Give the names of the parameters of the functions in a block."""
    own = {node.name.value} if isinstance(node, cst.Param) else set()
    return own.union(*map(_parameter_names, parts(node)))


def _defined(name: str, node: cst.FunctionDef | cst.Lambda) -> cst.FunctionDef:
    """Give a function under a name, also a lambda."""
    default = cst.MaybeSentinel.DEFAULT
    given = [parameter.with_changes(comma=default) for parameter in node.params.params]
    return cst.FunctionDef(cst.Name(name), node.params.with_changes(params=given), block_of(node))


def _parameters(given: cst.Parameters, seen: tuple[str, ...]) -> cst.Parameters:
    """Give a function's parameters with what it sees, by keyword."""
    default = cst.MaybeSentinel.DEFAULT

    def plain(parameters: Any) -> list[cst.Param]:
        return [p.with_changes(comma=default) for p in parameters]

    alone = [*plain(given.kwonly_params), *(cst.Param(cst.Name(name)) for name in seen)]
    return cst.Parameters(
        posonly_params=plain(given.posonly_params),
        params=plain(given.params),
        star_arg=cst.ParamStar() if alone else default,
        kwonly_params=alone,
    )


def _is_plain(node: cst.BaseExpression | None) -> bool:
    """Whether a default is the same wherever it is written."""
    if isinstance(node, cst.UnaryOperation):
        return _is_plain(node.expression)
    constant = isinstance(node, cst.Name) and node.value in ("None", "True", "False")
    return constant or node is None or isinstance(node, (cst.BaseNumber, cst.SimpleString))


class _Inside(cst.CSTTransformer):
    """Lets calls of a function by itself be calls of what it becomes.

    Attributes
    ----------
    reads
        How often its name is read elsewhere than where it is called.
    """

    def __init__(self, name: str, own: str, seen: tuple[str, ...], renamed: dict[str, str]) -> None:
        super().__init__()
        self.name = name
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        self.seen = [cst.Arg(cst.Name(n), keyword=cst.Name(n), equal=equal) for n in seen]
        self.names = {**renamed, name: own}
        self.reads = 0

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Give a name that means a function the one that it has beside the outer function."""
        self.reads += original_node.value == self.name
        own = self.names.get(original_node.value)
        return updated_node if own is None else cst.parse_expression(own)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        """Leave the name of an attribute as it is."""
        self.reads -= original_node.attr.value == self.name
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Leave the name of a keyword as it is."""
        if original_node.keyword is not None:
            self.reads -= original_node.keyword.value == self.name
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Pass on what the function sees."""
        called = original_node.func
        if not isinstance(called, cst.Name) or called.value != self.name:
            return updated_node
        self.reads -= 1
        default = cst.MaybeSentinel.DEFAULT
        given = [argument.with_changes(comma=default) for argument in updated_node.args]
        return updated_node.with_changes(args=[*given, *self.seen])
