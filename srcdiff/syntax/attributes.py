"""The attributes of self that a method both reads and assigns.

Takes definitions of methods. Gives names, which are variables of the method where statements may
run several times or not at all: which value a read gives is then for the passes to see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import libcst as cst

from srcdiff.syntax.statements import parts


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


def own_names(node: cst.FunctionDef, owner: str, others: Mapping[str, cst.FunctionDef]) -> OwnNames:
    """Find the attributes that a method assigns."""
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
