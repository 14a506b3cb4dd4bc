"""What a function puts into a dict or a list that it knows by one name alone.

Takes the text of a function. Gives the expressions of all that a container ever holds, so that
these may be asked of which kind they are. Refuses nothing.
"""

from __future__ import annotations

import libcst as cst

from srcdiff.syntax.statements import parts, read_names

Value = cst.BaseExpression | None
GIVING = {"append": 0, "setdefault": 1, "insert": 1}
"""Methods that put an argument into their owner, and which."""
READING = frozenset(["keys", "values", "items", "get", "pop", "clear", "reverse", "sort"])


def written_out(value: Value) -> list[Value]:
    """Give what a display holds; None for what isn't said."""
    if not isinstance(value, (cst.Dict, cst.List)):
        return [None]
    return [
        None if isinstance(e, (cst.StarredElement, cst.StarredDictElement)) else e.value
        for e in value.elements
    ]


def put_into(node: cst.CSTNode, name: str) -> list[Value]:
    """Give what statements put into a container; None among it where that isn't said."""
    found = _Uses(name)
    found.visit(node)
    return [*found.put, None] if found.others else found.put


class _Uses:
    """Collects the uses of a name within a text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.put: list[Value] = []
        self.others = 0

    def visit(self, node: cst.CSTNode) -> None:
        match node:
            case cst.Assign(targets=targets, value=value):
                for target in targets:
                    self._assigned(target.target, value)
                self.visit(value)
                return
            case cst.For(target=target) | cst.CompFor(target=target) | cst.AugAssign(target=target):
                self._assigned(target, None)
            case cst.AsName(name=target) | cst.NamedExpr(target=target):
                self._assigned(target, None)
            case cst.Name(value=name):
                self.others += name == self.name
                return
        for inner in self._open(node):
            self.visit(inner)

    def _assigned(self, target: cst.BaseExpression, value: Value) -> None:
        match target:
            case cst.Name():
                return
            case cst.Subscript(value=cst.Name(value=name)) if name == self.name:
                sliced = any(isinstance(e.slice, cst.Slice) for e in target.slice)
                self.put.append(None if sliced else value)
                for element in target.slice:
                    self.visit(element)
            case cst.Subscript():
                self.visit(target)
            case _ if self.name in read_names(target):
                self.put.append(None)

    def _open(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        """Give the nodes below one, but the container where its items are only read or put."""
        match node:
            case cst.Subscript(value=cst.Name(value=name) as own, slice=[element]):
                plain = name == self.name and isinstance(element.slice, cst.Index)
            case (
                cst.For(iter=cst.Name(value=name) as own)
                | cst.Return(value=cst.Name(value=name) as own)
            ):
                plain = name == self.name
            case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=cst.Name() as own)]):
                plain = own.value == self.name
            case cst.Call(
                func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=method)),
                args=arguments,
            ) if name == self.name:
                place = GIVING.get(method)
                if place is not None and len(arguments) > place:
                    self.put.append(arguments[place].value)
                elif method not in READING:
                    self.put.append(None)
                return list(arguments)
            case _:
                return parts(node)
        if not plain:
            return parts(node)
        return [] if isinstance(node, cst.Call) else [n for n in parts(node) if n is not own]
