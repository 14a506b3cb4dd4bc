"""Lines that restore the values that forward overwrote.

Takes a placed backward pass, and what forward keeps. Gives the backward pass with the lines that
restore. Refuses nothing.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    If,
    Loop,
    Member,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.walk import rebuild, variables
from srcdiff.passes.backward import (
    BackwardGroup,
    BackwardIf,
    BackwardLoop,
    BackwardNode,
    Line,
)
from srcdiff.passes.cleanup import changed
from srcdiff.passes.homes import Path
from srcdiff.passes.keep import Keeper, Needs
from srcdiff.passes.saves import Save, Saves


class Restorer:
    """Adds the lines that restore what is kept."""

    def __init__(self, keeper: Keeper, saves: Saves) -> None:
        self.keeper = keeper
        self.kinds = keeper.kinds
        self.types = keeper.types
        self.saves = saves

    def restored(self, nodes: list[BackwardNode]) -> list[BackwardNode]:
        """Give the backward pass with the lines that restore."""
        return self._block(self.keeper.function.body, nodes, ())

    # The backward pass with the lines that restore.

    def _block(self, block: Block, nodes: list[BackwardNode], path: Path) -> list[BackwardNode]:
        found = self._begun(path)
        rest = list(nodes)
        for node in reversed(block):
            key = id(node)
            while rest and not self._stands_for(rest[0], node) and self._is_loose(rest[0], block):
                found.append(rest.pop(0))
            match node:
                case If() | Loop() if key in self.keeper.present:
                    backward = rest.pop(0)
                    self._inner(node, backward, path)
                    found.append(backward)
                    continue
                case If() | Loop():
                    found += self._restoring(self.saves.before.get(key, []))
                    continue
                case Statement():
                    own = rest.pop(0) if rest and self._stands_for(rest[0], node) else None
                    found += self._statement(node, own)
        return [*found, *rest]

    def _inner(self, node: If | Loop, backward: BackwardNode, path: Path) -> None:
        if isinstance(backward, BackwardIf) and isinstance(node, If):
            backward.then = self._block(node.then, backward.then, (*path, (id(node), "then")))
            backward.otherwise = self._block(
                node.otherwise, backward.otherwise, (*path, (id(node), "otherwise"))
            )
        elif isinstance(backward, BackwardLoop) and isinstance(node, Loop):
            body = (node.header, *node.body)
            backward.body = self._block(body, backward.body, (*path, (id(node), "body")))

    def _stands_for(self, backward: BackwardNode, node: Node) -> bool:
        if isinstance(backward, BackwardGroup):
            return bool(backward.statements) and backward.statements[0] is node
        return backward.node is node

    def _is_loose(self, backward: BackwardNode, block: Block) -> bool:
        """Whether a group belongs to no statement of a block."""
        if not isinstance(backward, BackwardGroup) or backward.last:
            return False
        return not backward.statements or not any(backward.statements[0] is n for n in block)

    def _begun(self, path: Path) -> list[BackwardNode]:
        """Give the lines that a block's backward code begins with: values of its own."""
        if not self.kinds.looped(path):
            return []
        lines: list[Line] = []
        for saves in self.saves.after.values():
            for save in saves:
                if self.keeper.homes.paths.get(save.variable) == path:
                    lines.append(Bind(save.variable, _popped(save.store)))
        replayed = [
            v
            for v in self.kinds.definitions
            if v in self._replayed() and self.keeper.homes.paths.get(v) == path
        ]
        for variable in replayed:
            place = self.kinds.definitions[variable][0]
            lines.append(Bind(variable, place.bind.value))
        return [BackwardGroup([], lines)] if lines else []

    def _replayed(self) -> set[Variable]:
        """Give the variables that backward computes again, and what they are computed from."""
        found: set[Variable] = set()
        asked = self.keeper.needed | self.keeper.shapes
        pending = [v for v in asked if self.kinds.of(v) == "replayed"]
        while pending:
            variable = pending.pop()
            if variable in found:
                continue
            found.add(variable)
            for inner in variables(self.kinds.definitions[variable][0].bind.value):
                self.keeper.needed.add(inner)
                if self.kinds.of(inner) == "replayed":
                    pending.append(inner)
        return found

    def _statement(self, statement: Statement, group: BackwardNode | None) -> list[BackwardNode]:
        saves = self.saves.before.get(id(statement), [])
        if not isinstance(group, BackwardGroup):
            return self._restoring(saves)
        for save in saves:
            self._restore_in(group, save)
        return [group]

    def _restoring(self, saves: list[Save]) -> list[BackwardNode]:
        lines: list[Line] = [self._line(save) for save in reversed(saves)]
        return [BackwardGroup([], lines)] if lines else []

    def _line(self, save: Save) -> Line:
        if save.grown == "append":
            return Write(save.variable, save.path, Const(None), "pop", at=save.at)
        value: Expression = _popped(save.store) if save.many else Read(save.store)
        if save.grown == "pop":
            return Write(save.variable, save.path[:-1], value, "append", at=save.at)
        if not save.path:
            return Bind(save.variable, value)
        return Write(save.variable, save.path, value, "set")

    def _restore_in(self, group: BackwardGroup, save: Save) -> None:
        """Restore a variable between the lines that need its new value and those of the old."""
        variable = save.variable
        needs = [self.keeper.line_needs.get(id(line), Needs()) for line in group.lines]
        first = next((i for i, n in enumerate(needs) if variable in n.before), len(group.lines))
        late = [i for i in range(first, len(needs)) if variable in needs[i].after]
        restoring = self._line(save)
        # What the same statement keeps next was kept after this, and is taken off before it.
        self.keeper.line_needs[id(restoring)] = Needs(before={variable})
        if not late:
            last = [i for i, n in enumerate(needs) if variable in n.after]
            place = max([first if first < len(needs) else 0, *(i + 1 for i in last)])
            group.lines.insert(place, restoring)
            return
        own = Variable(f"new_{variable.wish}", "staged")
        self.types.variables[own] = self.types.variables[variable]
        for index in late:
            group.lines[index] = self._with_new(group.lines[index], variable, own)
        value: Expression = Read(variable)
        if save.path:
            value = Call(np.copy, (value,))
        group.lines[first:first] = [Bind(own, value), restoring]

    def _with_new(self, line: Line, old: Variable, new: Variable) -> Line:
        """Read the new value under another name, where the tree says that it is meant."""
        late = self.keeper.late
        roots = {id(n): v for n, v in self.keeper.bound.items() if v is old}

        def change(node: Expression) -> Expression:
            if isinstance(node, Read) and node.variable is old:
                if node in late or id(node) in roots or node in self.keeper.results:
                    return Read(new)
                return node
            return rebuild(node, change)

        needs = self.keeper.line_needs.get(id(line))
        result = changed(line, change)
        if needs is not None:
            self.keeper.line_needs[id(result)] = needs
        return result


def _popped(store: Variable) -> Call:
    return Call(Member("pop"), (Read(store),), (), "method")
