"""The attributes of self that a method both reads and assigns.

Takes definitions of methods. Gives names, which are variables of the method where statements may
run several times or not at all: which value a read gives is then for the passes to see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from srcdiff.ir.nodes import Bind, Expression, Read, Variable
from srcdiff.syntax.statements import parts

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader


@dataclass(frozen=True, slots=True)
class OwnNames:
    """Attributes of self that a method, or one that it calls, assigns.

    Parameters
    ----------
    assigned, read
        All of them; those that are read as well.
    counted
        Those that one update alone names, such as a count of calls.
    """

    assigned: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()


def own_names(
    node: cst.FunctionDef,
    owner: str,
    others: Mapping[str, cst.FunctionDef],
    above: Mapping[str, list[cst.CSTNode]],
) -> OwnNames:
    """Find the attributes that a method assigns; `above` are the bodies of methods above."""
    above = dict(above)
    named: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    updates: set[str] = set()
    called: set[str] = set()
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        pending += parts(inner)
        match inner:
            case cst.AssignTarget(target=target) | cst.AnnAssign(target=target):
                targets.update(_attributes(target, owner))
            case cst.AugAssign(target=target):
                updates |= set(_attributes(target, owner)[:1])
            case cst.Attribute(value=cst.Call(func=cst.Name(value="super")), attr=attr):
                pending += above.pop(attr.value, [])
            case cst.Attribute(value=cst.Name(value=name), attr=attr) if name == owner:
                named[attr.value] += 1
                if attr.value in others and attr.value not in called:
                    called.add(attr.value)
                    pending.append(others[attr.value].body)
    counted = {name for name in updates if named[name] == 1}
    both = {name for name, count in targets.items() if named[name] > count}
    return OwnNames(frozenset(targets) | updates, frozenset(both), frozenset(counted))


def _attributes(target: cst.BaseExpression, owner: str) -> list[str]:
    """Give the attributes that a target assigns."""
    match target:
        case cst.Attribute(value=cst.Name(value=name), attr=attr) if name == owner:
            return [attr.value]
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return [name for e in elements for name in _attributes(e.value, owner)]
    return []


def stored(
    reader: ExpressionReader,
    target: cst.Attribute,
    value: Expression,
    binds: list[Bind],
    stores: list[tuple[str, Variable]],
) -> Variable:
    """Assign an attribute of self; give its variable.

    Raises
    ------
    Refusal
        The method reads the attribute before, and is no method of a class that is derived.
    """
    name = target.attr.value
    changed = reader.changed.get(name)
    if changed is not None:
        binds.append(Bind(changed, value))
        stores.append((name, changed))
        return changed
    known = reader.attributes.get(name)
    if known is not None and known.role == "attribute":
        if not reader.of_class:
            raise reader.refuse(
                "SD101",
                f"the method reads self.{name} and then overwrites it; backward would "
                "need the value at entry.",
                "Give the new value another name.",
                target,
            )
        reader.attributes[f"{name} at entry"] = known
    if isinstance(value, Read) and value.variable.role in ("local", "parameter"):
        variable = value.variable
    else:
        variable = Variable(name)
        binds.append(Bind(variable, value))
    reader.attributes[name] = variable
    stores.append((name, variable))
    return variable
