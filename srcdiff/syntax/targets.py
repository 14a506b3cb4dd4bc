"""Assignments: which variables they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.expressions import BINARY, ExpressionReader


class AssignmentReader:
    """Reads the assignments of one function.

    Parameters
    ----------
    expressions
        Reads the values, and knows the variables so far.
    method
        Whether the function's first parameter is the object.
    """

    def __init__(self, expressions: ExpressionReader, *, method: bool) -> None:
        self.expressions = expressions
        self.method = method

    def assign(
        self,
        targets: Sequence[cst.BaseExpression],
        node: cst.BaseExpression,
        span: Span,
        comment: str,
        leading: tuple[str, ...],
    ) -> Statement:
        """Read `a = b = value`.

        Raises
        ------
        Refusal
            A target is neither a name, nor an attribute of self, nor several of these.
        """
        value = self.expressions.read(node)
        binds: list[Bind] = []
        stores: list[tuple[str, Variable]] = []
        form: Literal["chain", "swap", "unpack"] = "chain"
        for target in targets:
            match target:
                case cst.Tuple(elements=elements) | cst.List(elements=elements):
                    if len(targets) > 1:
                        raise Refusal(
                            "SD102",
                            "a chained assignment to a tuple isn't supported yet.",
                            "Write two statements.",
                            span,
                        )
                    form = self._unpack(elements, value, binds, stores)
                case _:
                    bound = self._target(target, value, binds, stores)
                    value = Read(bound)
        return Statement(tuple(binds), span, comment, leading, tuple(stores), form)

    def _unpack(
        self,
        elements: object,
        value: Expression,
        binds: list[Bind],
        stores: list[tuple[str, Variable]],
    ) -> Literal["swap", "unpack"]:
        nodes = [element.value for element in elements]  # type: ignore[attr-defined]  # sequence
        for element in elements:  # type: ignore[attr-defined]  # a sequence of elements
            if isinstance(element, cst.StarredElement):
                raise self.expressions.refuse(
                    "SD102", "a starred target isn't supported yet.", "Name each item.", element
                )
        if isinstance(value, Group) and value.kind in ("tuple", "list"):
            if len(value.items) != len(nodes):
                raise Refusal(
                    "SD107",
                    f"{len(value.items)} values are unpacked into {len(nodes)} names.",
                    "",
                    value.span,
                )
            for node, item in zip(nodes, value.items, strict=True):
                self._target(node, item, binds, stores)
            return "swap"
        if not isinstance(value, Read):
            whole = Variable("", "staged")
            binds.append(Bind(whole, value))
            value = Read(whole)
        for index, node in enumerate(nodes):
            self._target(node, Item(value, Const(index)), binds, stores)
        return "unpack"

    def _target(
        self,
        target: cst.BaseExpression,
        value: Expression,
        binds: list[Bind],
        stores: list[tuple[str, Variable]],
    ) -> Variable:
        match target:
            case cst.Name(value=name):
                variable = Variable(name)
                self.expressions.variables[name] = variable
                binds.append(Bind(variable, value))
                return variable
            case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)) if (
                self.method and owner == self.expressions.self_name
            ):
                known = self.expressions.attributes.get(name)
                if known is not None and known.role == "attribute":
                    raise self.expressions.refuse(
                        "SD101",
                        f"forward reads self.{name} and then overwrites it; backward would need "
                        "the value at entry.",
                        "Give the new value another name.",
                        target,
                    )
                if isinstance(value, Read) and value.variable.role in ("local", "parameter"):
                    variable = value.variable
                else:
                    variable = Variable(name)
                    binds.append(Bind(variable, value))
                self.expressions.attributes[name] = variable
                stores.append((name, variable))
                return variable
            case cst.Tuple(elements=elements) | cst.List(elements=elements) if isinstance(
                value, Group
            ):
                self._unpack(elements, value, binds, stores)
                return binds[-1].variable
            case cst.Subscript():
                raise self.expressions.refuse(
                    "SD101",
                    "an assignment to a part of an array can't be differentiated yet.",
                    "Build the array in one expression: np.array, np.stack, np.concatenate, "
                    "np.where.",
                    target,
                )
        raise self.expressions.refuse(
            "SD101",
            "an assignment to this target can't be differentiated.",
            "Assign to a name.",
            target,
        )

    def update(
        self, node: cst.AugAssign, span: Span, comment: str, leading: tuple[str, ...]
    ) -> Statement:
        """Read `a += value`.

        Raises
        ------
        Refusal
            The target isn't a name.
        """
        if not isinstance(node.target, cst.Name):
            raise self.expressions.refuse(
                "SD101",
                "an update of a part or an attribute can't be differentiated yet.",
                "Assign the new value to a name.",
                node.target,
            )
        name = node.target.value
        old = self.expressions.name(name, node.target)
        symbol = type(node.operator).__name__.removesuffix("Assign")
        function = BINARY[getattr(cst, symbol)]
        value = Call(function, (old, self.expressions.read(node.value)), (), "operator", span)
        variable = Variable(name)
        self.expressions.variables[name] = variable
        return Statement((Bind(variable, value),), span, comment, leading, (), "update")
