"""Expressions and lines as text: the one place where parentheses and spaces are decided.

Takes the tree, the names of variables and of functions. Gives lines as the formatter leaves them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Group,
    Item,
    Member,
    Read,
    Unpack,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.parts import is_flat, part
from srcdiff.ir.records import Field
from srcdiff.ir.types import Type
from srcdiff.syntax.layout import Piece, attribute, begun, called, chained, ended, grouped
from srcdiff.syntax.operands import computing, factors, is_plain, is_truth, over_places
from srcdiff.syntax.shorter import assigned, may_act, stated, takes_away
from srcdiff.syntax.vocabulary import ATTRIBUTE_NAMES, METHOD_NAMES, RULE_MODULES, Vocabulary

UNARY_PRECEDENCE = 13
POWER = 14


class Writer:
    """Writes the expressions of one function.

    Parameters
    ----------
    names
        Of the variables.
    vocabulary
        Of the functions.
    type_of
        Decides between `x.sum()` and `np.sum(x)` in generated code.
    add_at
        The helper that updates a part of a container of unknown kind.
    instead
        Helpers to be called instead of others.
    """

    def __init__(
        self,
        names: dict[Variable, str],
        vocabulary: Vocabulary,
        type_of: Callable[[Expression], Type],
        add_at: Callable[..., Any],
        instead: dict[Any, Any],
    ) -> None:
        self.names = names
        self.vocabulary = vocabulary
        self.type_of = type_of
        self.add_at = add_at
        self.instead = instead
        self.generated = True
        self.taken: frozenset[str] = frozenset()
        self.margin = ""

    def line(self, line: Bind | Write | Unpack, indent: str) -> list[str]:
        """Give the lines of a statement."""
        match line:
            case Bind():
                prefix = f"{self.names[line.variable]} = "
            case Unpack():
                targets = [self.names[v] if v is not None else "_" for v in line.variables]
                prefix = f"{', '.join(targets)} = "
            case Write():
                return self._write(line, indent)
        return self.stated(prefix, self.piece(line.value), indent)

    def stated(self, prefix: str, piece: Piece, indent: str) -> list[str]:
        """Give the lines of a statement, in steps where it is too long to stay as it is."""
        acts = takes_away if self.generated else may_act
        lines = stated(prefix, piece, self.margin + indent, self._taken(), acts)
        return [line.removeprefix(self.margin) for line in lines]

    def _taken(self) -> frozenset[str]:
        return self.taken | self.vocabulary.helpers.keys()

    def _write(self, line: Write, indent: str) -> list[str]:
        if line.mode == "add.at":
            whole = self.piece(part(Read(line.variable), line.path[:-1]))
            known = self.type_of(Read(line.variable)).form == "array"
            name = (
                f"{self.vocabulary.module('numpy')}.add.at"
                if known
                else self.vocabulary.helper(self.add_at)
            )
            items = (whole, self._index_piece(line.path[-1]), self.piece(line.value))
            return self.stated("", called(name, items), indent)
        target = self.piece(part(Read(line.variable), line.path))
        if line.mode == "set":
            return self._assigned(target, "=", line.value, indent)
        if line.mode == "append":
            place = () if line.at is None else (Piece(str(line.at)),)
            method = f"{target.text}.{'insert' if place else 'append'}"
            return self.stated("", called(method, (*place, self.piece(line.value))), indent)
        if line.mode == "del":
            return [f"{indent}del {target.text}"]
        if line.mode == "pop":
            return [f"{indent}{target.text}.pop({'' if line.at is None else line.at})"]
        value = line.value
        if isinstance(value, Call) and value.function is operator.neg:
            return self._assigned(target, "-=", value.arguments[0], indent)
        return self._assigned(target, "+=", value, indent)

    def _assigned(self, target: Piece, sign: str, value: Expression, indent: str) -> list[str]:
        acts = takes_away if self.generated else may_act
        own = self.margin + indent
        lines = assigned(target, sign, self.piece(value), own, self._taken(), acts)
        return [line.removeprefix(self.margin) for line in lines]

    def _index_piece(self, index: Expression) -> Piece:
        if isinstance(index, Group) and index.kind == "slice":
            return Piece(f"slice({', '.join(self.text(item) for item in index.items)})")
        if isinstance(index, Group) and index.kind == "tuple":
            return grouped(tuple(map(self._index_piece, index.items)))
        return self.piece(index)

    def text(self, node: Expression) -> str:
        """Give an expression on one line."""
        return self.piece(node).text

    def piece(self, node: Expression) -> Piece:
        """Give an expression as something that may be broken over lines."""
        match node:
            case Read(variable=variable):
                return Piece(self.names[variable])
            case Const():
                return Piece(self._const(node))
            case Forward(node=inner):
                return self.piece(inner)
            case Item(index=Const(value=Field() as name)):
                return attribute(self._within_piece(node.value, 16), name)
            case Item(value=Call() as value) if is_flat(value):
                array = self._within(value.arguments[0], 16)
                return Piece(f"{array}.flat[{self._index(node.index)}]")
            case Item():
                return self._item(self._within_piece(node.value, 16), node.index)
            case Attribute():
                return attribute(self._within_piece(node.value, 16), node.name)
            case Group():
                return self._group(node)
            case Choice():
                least = operators.CHOICE_PRECEDENCE
                operands = [("", self._within_piece(node.then, least + 1))]
                operands += [("if", self._within_piece(node.test, least + 1))]
                return chained([*operands, ("else", self._within_piece(node.otherwise, least))])
        return self._call(node)

    def _const(self, node: Const) -> str:
        value = node.value
        if isinstance(value, float) and not node.text:
            if math.isinf(value) or math.isnan(value):
                sign = "-" if value < 0 else ""
                name = "nan" if math.isnan(value) else "inf"
                return f"{sign}{self.vocabulary.module('numpy')}.{name}"
            return repr(value)
        module, _, name = node.text.lstrip("-").partition(".")
        if self.generated and module in RULE_MODULES and name.isidentifier():
            sign = "-" if node.text.startswith("-") else ""
            return f"{sign}{self.vocabulary.module(RULE_MODULES[module])}.{name}"
        if node.text:
            return node.text
        if value is ...:
            return "..."
        if callable(value):
            return self.vocabulary.function(value)
        return f'"{value}"' if isinstance(value, str) and value.isalpha() else repr(value)

    def precedence(self, node: Expression) -> int:
        """Give how tightly an expression's outermost operator binds."""
        match node:
            case Forward(node=inner):
                return self.precedence(inner)
            case Call(function=operators.stop_gradient, arguments=(inner,)):
                return 16 if self.vocabulary.stops else self.precedence(inner)
            case Const():
                return UNARY_PRECEDENCE if self._const(node).startswith("-") else 16
            case Choice():
                return operators.CHOICE_PRECEDENCE
            case Group(kind="tuple"):
                return 0
            case Call(function=function, spelling="operator"):
                found = operators.BINARY.get(function) or operators.UNARY.get(function)
                assert found is not None
                if function is operator.neg:
                    return max(UNARY_PRECEDENCE if self._hugs(node) else 12, 12)
                return found[1]
        return 16

    @staticmethod
    def _hugs(node: Call) -> bool:
        """Whether a minus sign belongs to its operand alone, and not to a whole product."""
        operand = node.arguments[0]
        return not (
            isinstance(operand, Call)
            and operand.spelling == "operator"
            and operand.function in (operator.mul, operator.truediv)
        )

    def _within(self, node: Expression, least: int) -> str:
        text = self.text(node)
        if isinstance(node, Group) and node.kind == "tuple":
            return text
        return f"({text})" if self.precedence(node) < least else text

    def _within_piece(self, node: Expression, least: int) -> Piece:
        piece = self.piece(node)
        if isinstance(node, Group) or self.precedence(node) >= least:
            return piece
        return Piece(f"({piece.text})", "(", (piece,), ")", joined=True)

    def _group(self, node: Group) -> Piece:
        if node.record is not None:
            return called(node.record.name, tuple(map(self._index_piece, node.items)))
        if node.kind == "tuple":
            return self._index_piece(node)
        if node.kind == "slice":
            return Piece(self._slice(node))
        items = tuple(self.piece(item) for item in node.items)
        left, right = "[", "]"
        if node.kind == "dict":
            left, right = "{", "}"
            texts = [item.text for item in items]
            items = tuple(map(Piece, map(": ".join, zip(texts[::2], texts[1::2], strict=True))))
        return grouped(items, left, right)

    def _item(self, owner: Piece, index: Expression) -> Piece:
        if isinstance(index, Group) and index.kind == "tuple" and len(index.items) > 1:
            items = tuple(map(self.piece, index.items))
            text = f"{owner.text}[{self._index(index)}]"
            return Piece(text, f"{owner.text}[", items, "]", owner=owner)
        return ended(owner, f"[{self._index(index)}]")

    def _index(self, index: Expression) -> str:
        if isinstance(index, Group) and index.kind == "tuple" and index.items:
            comma = "," if len(index.items) == 1 else ""
            return ", ".join(self.text(item) for item in index.items) + comma
        return self.text(index)

    def _slice(self, node: Group) -> str:
        empty = [isinstance(item, Const) and item.value is None for item in node.items]
        texts = ["" if e else self.text(i) for e, i in zip(empty, node.items, strict=True)]
        simple = all(e or is_plain(i) for e, i in zip(empty, node.items, strict=True))
        colon = ":" if simple else " : "
        lower, upper, step = texts
        if step and not (upper or simple):
            return f"{lower} :: {step}".strip()
        text = (f"{lower}{colon}{upper}").strip()
        return text + (f"{colon.rstrip() if not step else colon}{step}" if step else "")

    # Calls.

    def _call(self, node: Call) -> Piece:
        function: Any = node.function
        if node.spelling == "operator":
            if function in operators.UNARY:
                return self._unary(node)
            return self._binary(node)
        if function is operators.stop_gradient and not self.vocabulary.stops:
            return self.piece(node.arguments[0])
        shorter = self._as_member(node) if self.generated and node.spelling == "function" else None
        if shorter is not None:
            return shorter
        if is_flat(node):  # parts of which are copies
            return Piece(f"{self._within(node.arguments[0], 16)}.flatten()")
        if node.spelling == "attribute":
            name = ATTRIBUTE_NAMES[function]
            return attribute(self._within_piece(node.arguments[0], 16), name)
        arguments = node.arguments
        if function in operators.INDEXERS and isinstance(arguments[0], Group):
            inner = ", ".join(self.text(item) for item in arguments[0].items)
            module = self.vocabulary.module("numpy")
            return Piece(f"{module}.{operators.INDEXERS[function]}[{inner}]")
        if function in operators.BY_KEYS:
            return self._call(over_places(node, self.type_of))
        owner: Piece | None = None
        if node.spelling == "method":
            owner = self._within_piece(arguments[0], 16)
            own = function.name if isinstance(function, UserFunction) else self._member(node)
            head = f"{owner.text}.{own}"
            arguments = arguments[1:]
        elif isinstance(function, UserFunction):
            head = function.name
        else:
            head = self.vocabulary.function(self.instead.get(function, function))
        items = [self._index_piece(argument) for argument in arguments]
        items += [self._keyword(name, value) for name, value in node.keywords]
        return called(head, tuple(items), owner)

    def _member(self, node: Call) -> str:
        if isinstance(node.function, Member):
            return node.function.name
        if node.function is np.ravel:
            return "ravel"
        return str(node.function.__name__)

    def _keyword(self, name: str, value: Expression) -> Piece:
        return begun(f"{name}=", self.piece(value))

    def _as_member(self, node: Call) -> Piece | None:
        """Write np.sum(x, axis=0) as x.sum(axis=0), where x is known to be an array with axes."""
        known = self.type_of(node.arguments[0]) if node.arguments else None
        if known is None or known.form != "array" or known.shape == ():  # or a Python number
            return None
        value, *rest = node.arguments
        name = ATTRIBUTE_NAMES.get(node.function)
        if name is not None and not rest and not node.keywords:
            return attribute(self._within_piece(value, 16), name)
        name = METHOD_NAMES.get(node.function)
        if name is None or "shape" in dict(node.keywords):  # the method reshape has no such name
            return None
        items = [*map(self.piece, rest), *(self._keyword(*keyed) for keyed in node.keywords)]
        owner = self._within_piece(value, 16)
        return called(f"{owner.text}.{name}", tuple(items), owner)

    def _unary(self, node: Call) -> Piece:
        symbol, _ = operators.UNARY[node.function]
        operand = self._operands(node)[0]
        if node.function is operator.neg and not self._hugs(node):
            return self._negated_product(operand)
        if node.function is operator.not_:
            return Piece(f"not {self._within(operand, 5)}")
        power = isinstance(operand, Call) and operand.function is operator.pow
        inner = self._within_piece(operand, 15 if power else UNARY_PRECEDENCE)
        return begun(symbol, inner)

    def _negated_product(self, operand: Expression) -> Piece:
        """Write -(a * b / c) as -a * b / c; -(a // b) would be another number.

        NumPy negates no truth values, so that -((x > 0) * dy) is (x > 0) * -dy.
        """
        chain = factors(operand)
        place = next(
            (i for i, (_, factor) in enumerate(chain) if not is_truth(factor, self.type_of)), 0
        )
        pieces: list[tuple[str, Piece]] = []
        for index, (symbol, factor) in enumerate(chain):
            if index == place:
                negated = Call(operator.neg, (factor,), (), "operator")
                pieces.append((symbol, self._unary(negated)))
            else:
                pieces.append((symbol, self._within_piece(factor, 12 if index == 0 else 13)))
        return chained(pieces)

    def _operands(self, node: Call) -> list[Expression]:
        if not self.generated:
            return list(node.arguments)
        return [computing(node, operand, self.type_of) for operand in node.arguments]

    def _chain(self, node: Expression, precedence: int) -> list[tuple[str, Expression]]:
        """Give the operands of a chain of operators of one precedence, from the left."""
        if isinstance(node, Call) and node.spelling == "operator":
            found = operators.BINARY.get(node.function)
            if found is not None and found[1] == precedence and precedence not in (6, POWER):
                left, right = self._operands(node)
                return [*self._chain(left, precedence), (found[0], right)]
        return [("", node)]

    def _binary(self, node: Call) -> Piece:
        symbol, precedence = operators.BINARY[node.function]
        left, right = self._operands(node)
        if precedence == POWER:
            base = self._within(left, POWER + 1)
            exponent = self._within(right, UNARY_PRECEDENCE)
            hug = is_plain(left) and is_plain(right) and not base.startswith("(")
            return Piece(f"{base}**{exponent}" if hug else f"{base} ** {exponent}")
        if precedence == 6:
            comparison = [
                ("", self._within_piece(left, 7)),
                (symbol, self._within_piece(right, 7)),
            ]
            return chained(comparison)
        chain = self._chain(node, precedence)
        pieces: list[tuple[str, Piece]] = []
        for index, (sign, operand) in enumerate(chain):
            least = precedence if index == 0 else precedence + 1
            pieces.append((sign, self._within_piece(operand, least)))
        return chained(pieces)
