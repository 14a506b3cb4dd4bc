"""Which names in a text mean something of the module, and not of a function in it.

Takes Python's own tree of a module or of a statement. Gives the nodes that read or bind a name of
the module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def global_names(nodes: Iterable[ast.AST]) -> tuple[list[ast.Name], set[str]]:
    """Give the nodes that stand for names of the module, and all names that functions bind."""
    walk = _Walk()
    for node in nodes:
        walk.visit(node)
    return walk.found, walk.bound


def bound_in(body: Iterable[ast.AST]) -> set[str]:
    """Give the names that statements bind in their own scope."""
    found: set[str] = set()
    outer: set[str] = set()
    pending = list(body)
    while pending:
        node = pending.pop()
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                found.add(node.id)
            case ast.Import() | ast.ImportFrom():
                found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                found.add(name)
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                found.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                outer |= set(names)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif not isinstance(node, (ast.Lambda, Comprehension)):
            pending += ast.iter_child_nodes(node)
    return found - outer


class _Walk(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found: list[ast.Name] = []
        self.bound: set[str] = set()
        self.scopes: list[set[str]] = []

    def generic_visit(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name):
                if not any(name in scope for scope in self.scopes):
                    self.found.append(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.Lambda(args=arguments, body=body):
                self._arguments(arguments)
                self._inside({a.arg for a in ast.walk(arguments) if isinstance(a, ast.arg)}, [body])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                targets = bound_in(loop.target for loop in node.generators)
                self._inside(targets, list(ast.iter_child_nodes(node)))
            case ast.ClassDef(bases=bases, keywords=keywords, decorator_list=decorators, body=body):
                for part in (*decorators, *bases, *keywords):
                    self.visit(part)
                self._inside(bound_in(body), body)
            case _:
                super().generic_visit(node)

    def _function(self, node: Function) -> None:
        for part in (*node.decorator_list, *([node.returns] if node.returns else [])):
            self.visit(part)
        self._arguments(node.args)
        own = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        self._inside(own | bound_in(node.body), node.body)

    def _arguments(self, arguments: ast.arguments) -> None:
        """Look at defaults and annotations, which stand outside."""
        for part in ast.iter_child_nodes(arguments):
            self.visit(part)

    def _inside(self, own: set[str], parts: Iterable[ast.AST]) -> None:
        self.bound |= own
        self.scopes.append(own)
        for part in parts:
            self.visit(part)
        self.scopes.pop()


def names_bound(text: str) -> set[str]:
    """Give all names that a text binds somewhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found
