"""Types of expressions, inferred when asked for.

Takes the types of the variables. Gives the type of any expression over them, forward or backward.
Refuses calls whose operands are known not to fit.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Attribute,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Group,
    Item,
    Member,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.parts import REARRANGING
from srcdiff.ir.records import Field
from srcdiff.ir.types import (
    BOOLEAN,
    COMPLEX,
    INTEGER,
    OTHER,
    SCALAR,
    Dim,
    Form,
    Kind,
    Shape,
    Type,
    array,
    as_complex,
    broadcast,
    joined,
    unknown,
)
from srcdiff.passes.helper_types import helper_type
from srcdiff.passes.indexed import dict_type, has_slice, indexed, names_one
from srcdiff.passes.number_kinds import elementwise_kind, stated_kind
from srcdiff.passes.slots import (
    Slot,
    check_owner,
    entry_of,
    field_type,
    item_form,
    joined_lists,
    of_foreign,
    one_of,
    part_of,
)
from srcdiff.rules import registry
from srcdiff.rules.conversion import kind_of
from srcdiff.rules.draws import drawn_type
from srcdiff.rules.helpers import HELPERS
from srcdiff.rules.shapes import of_kind


class Types:
    """The types of one derivation.

    Parameters
    ----------
    variables, expansions
        Types of variables; more are added as passes make them. What the calls of the user's own
        functions compute.
    has_records, asks
        Whether there are records, or fields of something are read; whether the function asks which
        of its values are containers.

    Attributes
    ----------
    given, unsteady, rewritten, constants, sure
        What is known of the parameters when the function begins. Variables whose values may differ
        in shape; containers with the keys of the entries that are written, None for any; variables
        that depend on no parameter's value; values of which the code makes sure that they are
        numbers.
    nested, nests, mixed
        Containers that hold lists and dicts only; whether a container is put into another one;
        whether what is taken for complex may be real.
    """

    def __init__(
        self,
        variables: dict[Variable, Type],
        expansions: dict[Expression, Expression] | None = None,
        *,
        has_records: bool = False,
        asks: bool = False,
    ) -> None:
        self.variables = variables
        self.given = dict(variables)
        self.expansions = expansions if expansions is not None else {}
        self.unsteady: set[Variable] = set()
        self.rewritten: dict[Variable, set[Hashable] | None] = {}
        self.constants: set[Variable] = set()
        self.sure: set[Expression] = set()
        self.nested = frozenset[Variable]()
        self.nests = self.mixed = False
        self.has_records = has_records
        self.asks = asks
        self._known: dict[Expression, Type] = {}
        self._numbers: set[Hashable] = set()

    def of(self, node: Expression) -> Type:
        """Give the type of an expression."""
        found = self._known.get(node)
        if found is None:
            found = self._narrowed(self._infer(node))
            found = Type("scalar", found.kind, ()) if node in self.sure else found
            if type(node) is not Read:  # a variable's type may become better known
                self._known[node] = found
        return found

    def guess(self, node: Expression) -> Type:
        """Give the type of an expression; an unknown one where its operands don't fit.

        What doesn't fit is refused where the value is differentiated.
        """
        try:
            return self.of(node)
        except Refusal:
            return unknown()

    def _narrowed(self, known: Type) -> Type:
        """Give a type without the origins that are known to be plain numbers."""
        shape = known.shape
        if not self._numbers or isinstance(shape, tuple) or self._numbers.isdisjoint(shape):
            return known
        rest = shape - self._numbers
        if rest:
            return replace(known, shape=rest)
        form: Form = "scalar" if known.form in ("any", "number") else known.form
        return Type(form, known.kind, ())

    def demand_number(self, node: Expression) -> None:
        """Note that an expression's value is a plain number, and so all that it broadcasts."""
        shape = self.of(node).shape
        if isinstance(shape, frozenset) and not shape <= self._numbers:
            self._numbers |= shape
            self._known.clear()
            self.variables.update({v: self._narrowed(t) for v, t in self.variables.items()})

    def renew(self, variables: dict[Variable, Type]) -> None:
        """Take other types of the variables, and forget what was inferred from the old ones."""
        self.variables.clear()
        self.variables.update(variables)
        self._known.clear()

    def assume(self, variable: Variable, known: Type) -> None:
        """Take a type for a variable while the types of all are being found."""
        if self.variables.get(variable) != known:
            self.variables[variable] = known
            self._known.clear()

    def note(self, node: Expression, known: Type) -> None:
        """Record the type of an expression that can't be inferred from its parts."""
        self._known[node] = known

    def _infer(self, node: Expression) -> Type:
        match node:
            case Read(variable=variable):
                if variable not in self.variables:
                    self.variables[variable] = unknown(variable)
                known = self.variables[variable]
                if variable in self.unsteady:  # each value may have a shape of its own
                    return replace(known, shape=unknown().shape)
                return known
            case Forward(node=inner):
                return self.of(inner)
            case Const(value=value):
                return of_value(value)
            case Group():
                return self._group(node)
            case Item():
                return self._item(node)
            case Choice(then=then, otherwise=otherwise):
                return self._either(self.of(then), self.of(otherwise))
            case Attribute():
                return unknown()
        return self._call(node)

    def _either(self, then: Type, otherwise: Type) -> Type:
        if then == otherwise:
            return then
        form, kind = joined([then, otherwise])
        if then.shape == otherwise.shape:
            return Type(form, kind, then.shape)
        return unknown(form="number").of_kind(kind)

    def _group(self, node: Group) -> Type:
        if node.kind == "dict":
            return dict_type(node, self.of)
        if node.kind == "slice":
            return OTHER
        items = tuple(self.of(item) for item in node.items)
        kind = joined(items)[1] if items else "float"
        shape: Shape = frozenset([node])
        if all(item.shape == items[0].shape for item in items) and items:
            inner = items[0].shape
            if isinstance(inner, tuple) and all(item.form != "other" for item in items):
                shape = (len(items), *inner)
        return Type(node.kind, kind, shape, items, record=node.record)

    def _item(self, node: Item) -> Type:
        value = self.of(node.value)
        index = node.index.node if isinstance(node.index, Forward) else node.index
        if isinstance(node.value, Call) and node.value.function is np.shape:
            return self._size_of(node.value.arguments[0], index)
        if isinstance(index, Const) and isinstance(index.value, Field):
            return field_type(node, value, unsteady=self._is_unsteady(node.value))
        one = one_of(value.items or (), index, self.of)
        if one is not None:
            return one
        if value.form == "other":
            return INTEGER if value.kind == "int" else OTHER
        if isinstance(index, Const) and isinstance(index.value, str):
            known = dict(value.fields or ()).get(index.value)
            if known is not None:
                return entry_of(known, node)
        if value.form == "dict":
            return Type("any", value.kind, self._slot(node))
        if value.form == "array" and value.rank is None and has_slice(index):
            return Type("array", value.kind, self._slot(node))
        if not isinstance(value.shape, tuple) or value.form == "any":
            listed = value.form in ("list", "tuple") and not has_slice(index)
            sole = (listed or isinstance(index, (Const, Read))) and names_one(index, self.of(index))
            form = "any" if sole and value.form in ("any", "list", "tuple") else "number"
            return Type(form, value.kind, self._slot(node))  # type: ignore[arg-type]
        shape = indexed(value.shape, index, self.of)
        if shape is None:
            return Type("number", value.kind, unknown().shape)
        if value.form in ("list", "tuple") and shape != ():
            return Type(item_form(value, index), value.kind, shape, part_of(value.items, index))
        return of_kind(value, shape)

    def _slot(self, node: Item) -> Shape:
        """Give the shape of an item: the same each time, unless something writes there."""
        holder, index = node.value, node.index
        if isinstance(holder, Read) and holder.variable in self.rewritten:
            keys = self.rewritten[holder.variable]
            steady = keys is not None and isinstance(index, Const) and index.value not in keys
            return frozenset([Slot(node, steady=steady)])
        return frozenset([Slot(node)])

    def _is_unsteady(self, node: Expression) -> bool:
        return isinstance(node, Read) and node.variable in self.unsteady

    def _size_of(self, operand: Expression, index: Expression) -> Type:
        shape = self.of(operand).shape
        if isinstance(index, Group):
            return OTHER
        if isinstance(shape, tuple) and isinstance(index, Const) and isinstance(index.value, int):
            if -len(shape) <= index.value < len(shape):
                return Type("scalar", "int", (), None, shape[index.value])
        return INTEGER

    def _call(self, node: Call) -> Type:
        expansion = self.expansions.get(node)
        if isinstance(node.function, UserFunction) and expansion is not None:
            return self.of(expansion)
        try:
            operands = tuple(self.of(argument) for argument in node.arguments)
            check_owner(node, operands)
            foreign = isinstance(node.function, (UserFunction, Member))
            known = of_foreign(node) if foreign else self._library(node, operands)
            if known.form == "other":
                return known
            if node.function in REARRANGING and operands[0].form == "array":
                known = replace(known, form="array") if known.form == "number" else known
            stated = stated_kind(node, self.of)
            if self._gives_complex(node, known, stated):
                return as_complex(known, registry.REAL_RESULTS.get(node.function, ()))
            if stated != "any" and known.form in ("array", "number", "scalar"):
                return known.of_kind(stated)
            if known.kind == "complex":
                return known.of_kind("float")
        except Refusal as refusal:
            refusal.span = refusal.span or node.span
            raise
        return known

    def _gives_complex(self, node: Call, known: Type, stated: Kind) -> bool:
        """Whether a call's result may be complex: wherever nothing says that it is real."""
        if stated != "any":
            return stated == "complex"
        if node.function in registry.GIVES_REAL or known.kind in ("int", "bool"):
            return False
        if node.function in registry.REAL_RESULTS and known.items is None:
            return False
        return node.function in registry.GIVES_COMPLEX or self.takes_complex(node)

    def takes_complex(self, node: Call) -> bool:
        """Whether an operand of a call may be complex."""
        of = self.of
        for operand in node.arguments:
            if of(operand).kind == "complex":
                return True
        return any(of(operand).kind == "complex" for _, operand in node.keywords)

    def rule(self, node: Call) -> registry.Rule | None:
        """Give the rule of the function that is called, for operands like these."""
        return registry.rule_of(node, of_complex=self.takes_complex(node))

    def _library(self, node: Call, operands: tuple[Type, ...]) -> Type:
        function = node.function
        name = getattr(function, "__name__", "")
        if HELPERS.get(name) is function:
            return helper_type(name, node, self.of, nests=self.nests)
        if function in (operators.both, operators.either):
            return self._either(*operands)
        if function in (operator.add, operator.mul) and any(
            operand.form in ("list", "tuple") for operand in operands
        ):
            return joined_lists(node, operands)
        if function is np.where and len(operands) == 3:
            return self._elementwise(function, operands, operands[1:])
        entry = registry.rule_of(node)
        flat = registry.FLAT.get(function)
        dtype = dict(node.keywords).get("dtype", Const(None))
        if function in (np.array, np.asarray) and not isinstance(dtype, Const):
            return unknown()
        shape = entry.shape if entry is not None else flat.shape if flat is not None else None
        if entry is None and flat is None:
            return drawn_type(function)
        if shape is not None:
            if entry is not None:
                bound = registry.positional_arguments(entry, node)
                needed = registry.needed(entry)
            else:
                names = flat.signature if flat is not None else ()
                bound = dict(zip(names, node.arguments, strict=False))
                needed = set(names[:1])
            bound |= dict(node.keywords)
            if needed - bound.keys():
                return unknown(form="number")
            return shape(registry.Operands(bound, self.of))
        if entry is not None and entry.family != "elementwise":
            return unknown(form="number")
        named = [self.of(value) for _, value in node.keywords]
        given = (*operands, *(known for known in named if known.form != "other"))
        return self._elementwise(function, given, given)

    def _elementwise(
        self, function: Any, operands: tuple[Type, ...], values: tuple[Type, ...]
    ) -> Type:
        form, kind = joined(values)
        shape = broadcast(operand.shape for operand in operands)
        kind = elementwise_kind(function, kind, form)
        if getattr(function, "__module__", "") == "math":
            return Type("scalar", kind, ())
        if form == "scalar" and shape != ():
            form = "number"
        if isinstance(function, np.ufunc) or function is np.where:
            return (
                of_kind(SCALAR, shape, kind)
                if isinstance(shape, tuple)
                else Type("array" if form == "array" else "number", kind, shape)
            )
        value = self._whole(function, operands) if shape == () and kind == "int" else None
        return Type(form, kind, shape, None, value)

    @staticmethod
    def _whole(function: Any, operands: tuple[Type, ...]) -> Dim | None:
        """Compute sizes: n - 1 where n is known."""
        values = [operand.value for operand in operands]
        if len(values) == 2 and all(isinstance(value, int) for value in values):
            if function in (operator.add, operator.sub, operator.mul):
                return function(*values)  # type: ignore[no-any-return]  # ints give an int
        return None


def of_value(value: Any) -> Type:
    """Give the type of a constant."""
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        return Type("scalar", "int", (), None, value)
    if isinstance(value, float):
        return SCALAR
    if isinstance(value, complex):
        return COMPLEX
    if value is np.mgrid or value is np.ogrid:
        return unknown(form="array")
    if isinstance(value, np.ndarray):
        return array(value.shape, kind_of(value.dtype))
    return OTHER
