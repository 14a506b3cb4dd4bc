"""How the backward pass gets at the value that a variable had.

Takes a function over variables. Says of each variable whether its value is still there, is bound
anew by a backward loop, can be computed again, is kept once a round, or is restored when what
overwrote it is run backwards. Refuses nothing.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Literal

from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Function,
    Group,
    If,
    Item,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
    leaves,
)
from srcdiff.ir.walk import variables
from srcdiff.passes.homes import Homes, Path

Kind = Literal["steady", "index", "replayed", "local", "restored"]
LIGHT = frozenset([len, range, abs, int, float, min, max, round, bool])


@dataclass(frozen=True, slots=True)
class Definition:
    """A place where a variable gets a value."""

    statement: Statement
    bind: Bind
    path: Path


class Kinds:
    """The kinds of one function's variables.

    Parameters
    ----------
    function, homes
        The function, and the blocks that its variables belong to.
    written
        The variables whose values writes in place change.
    """

    def __init__(self, function: Function, homes: Homes, written: set[Variable]) -> None:
        self.function = function
        self.homes = homes
        self.definitions: dict[Variable, list[Definition]] = {}
        self.written = written
        self.indices: dict[Variable, Loop] = {}
        self.blocks: dict[Path, Block] = {(): function.body}
        self.loops: set[Path] = set()
        self.paths: dict[Statement, Path] = {}
        self._known: dict[Variable, Kind] = {}
        self._collect(function.body, ())

    def _collect(self, block: Block, path: Path) -> None:
        for node in block:
            match node:
                case Statement():
                    self._statement(node, path)
                case If():
                    self.paths[node.header] = path
                    for arm, inner in (("then", node.then), ("otherwise", node.otherwise)):
                        own = (*path, (id(node), arm))
                        self.blocks[own] = inner
                        self._collect(inner, own)
                case Loop():
                    own = (*path, (id(node), "body"))
                    self.blocks[own] = (node.header, *node.body)
                    self.loops.add(own)
                    if node.index is not None:
                        self.indices[node.index] = node
                    self._collect(self.blocks[own], own)

    def _statement(self, statement: Statement, path: Path) -> None:
        self.paths[statement] = path
        for bind in statement.binds:
            found = self.definitions.setdefault(bind.variable, [])
            found.append(Definition(statement, bind, path))

    def looped(self, path: Path) -> bool:
        """Whether a block may run several times."""
        return any(path[: i + 1] in self.loops for i in range(len(path)))

    def of(self, variable: Variable) -> Kind:
        """Say how the value of a variable is got at."""
        found = self._known.get(variable)
        if found is None:
            self._known[variable] = "restored"  # while its own definition is looked at
            found = self._known[variable] = self._of(variable)
        return found

    def _of(self, variable: Variable) -> Kind:
        if variable in self.indices:
            return "index"
        places = self.definitions.get(variable, [])
        if variable not in self.function.changing:
            return "steady"
        home = self.homes.paths.get(variable, ())
        if not self.looped(home):
            return "restored"
        if len(places) == 1 and places[0].path == home and variable not in self.written:
            if self.is_light(places[0].bind.value):
                return "replayed"
        return "local" if self._is_local(variable, home, places) else "restored"

    def is_fixed(self, variable: Variable) -> bool:
        """Whether a variable has one value a round, which nothing overwrites."""
        single = len(self.definitions.get(variable, ())) == 1 and variable not in self.written
        return single and self.of(variable) in ("local", "replayed", "index")

    def _is_local(self, variable: Variable, home: Path, places: list[Definition]) -> bool:
        """Whether all definitions lie in one node of the home block, and all else behind it."""
        block = self.blocks[home]
        inside = {id(place.statement) for place in places}
        holders = [i for i, node in enumerate(block) if inside & _statements(node)]
        if len(holders) != 1:
            return False
        holder = block[holders[0]]
        if isinstance(holder, Statement):
            return True
        return all(_assigns(holder, variable))

    def holder(self, variable: Variable) -> Node:
        """Give the node of the home block that assigns a local variable."""
        block = self.blocks[self.homes.paths[variable]]
        inside = {id(place.statement) for place in self.definitions[variable]}
        return next(node for node in block if inside & _statements(node))

    def is_light(self, node: Expression) -> bool:
        """Whether an expression is quickly computed again, from values that are still there."""
        match node:
            case Read(variable=variable):
                return variable not in self.written and self.of(variable) in (
                    "steady",
                    "index",
                    "replayed",
                )
            case Const():
                return True
            case Item():
                return self.is_light(node.value) and self.is_light(node.index)
            case Group():
                return all(map(self.is_light, node.items))
            case Call():
                return self._is_light_call(node)
        return False

    def _is_light_call(self, node: Call) -> bool:
        function = node.function
        if node.spelling == "operator":
            light = function is not operator.matmul
        else:
            module = getattr(function, "__module__", "")
            light = module == math.__name__ or function in LIGHT or node.spelling == "attribute"
        operands = (*node.arguments, *(value for _, value in node.keywords))
        return light and all(map(self.is_light, operands))

    def is_there(self, node: Expression) -> bool:
        """Whether an expression has the same value whenever backward computes it."""
        return all(
            variable not in self.written and self.of(variable) in ("steady", "index", "replayed")
            for variable in variables(node)
        )


def _statements(node: Node) -> set[int]:
    return {id(statement) for statement in leaves((node,))}


def _assigns(node: Node, variable: Variable) -> list[bool]:
    """Whether each way through a node assigns a variable, and none reads it before."""
    if not isinstance(node, If):
        return [False]
    found = []
    for arm in (node.then, node.otherwise):
        if arm and isinstance(arm[-1], Jump) and arm[-1].kind == "raise":
            continue
        last = [n for n in arm if isinstance(n, (Statement, If))]
        here = any(
            isinstance(n, Statement) and any(b.variable is variable for b in n.binds) for n in last
        )
        inner = any(isinstance(n, If) and all(_assigns(n, variable)) for n in last)
        found.append(here or inner)
    return found
