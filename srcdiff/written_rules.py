"""Rules that a file's text registers: `@srcdiff.rule(f)` is read there, and never run.

The registry knows functions by identity. Here a function of the user's is a stand-in that is never
called, and a rule is its definition alone, run without decorators, annotations or anything of the
user's that it reads. So a rule has one form, wherever it comes from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from srcdiff.custom import Rules, check_parameters, check_rule, rule
from srcdiff.diagnostics import DerivationError, Problems, Refusal
from srcdiff.ir.nodes import UserFunction
from srcdiff.rules import registry
from srcdiff.syntax.libraries import Library
from srcdiff.syntax.made import written
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.scope import OPAQUE, FileScope, Foreign

WORDS = {
    Rules.elementwise: registry.elementwise,
    Rules.linear: registry.linear,
    Rules.bilinear: registry.bilinear,
}
HINT = "Name functions: @srcdiff.rule(f)."


@dataclass(slots=True)
class WrittenRules:
    """The rules of a file.

    Parameters
    ----------
    scope, positions, filename
        The file.

    Attributes
    ----------
    names
        The functions of the file that have rules, and those that are rules.

    Raises
    ------
    DerivationError
        A rule isn't in the form of one.
    """

    scope: FileScope
    positions: Positions
    filename: str
    names: set[str] = field(default_factory=set)
    _rules: list[tuple[Any, tuple[Any, ...], Any]] = field(default_factory=list)
    _flat: list[Any] = field(default_factory=list)
    _stand_ins: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = list(self._found())
        if not found:
            return
        registry.load()
        problems = Problems(self.positions.text, self.filename)
        operands: list[tuple[Any, ...]] = []
        for _, call, _ in found:
            with problems.within(self.positions.span(call)):
                given = call.args if isinstance(call, cst.Call) else ()
                operands.append(tuple(self._operand(argument.value) for argument in given))
        problems.raise_if_any()
        for (word, call, definition), functions in zip(found, operands, strict=True):
            with problems.within(self.positions.span(call)):
                self._register(word, functions, definition)
        problems.raise_if_any()

    @contextmanager
    def registered(self) -> Iterator[None]:
        """Let the registry have these rules."""
        tables: tuple[dict[Any, Any], ...] = (registry.RULES, registry.FLAT, registry.RARE)
        before = [dict(table) for table in tables] if self._rules or self._flat else []
        try:
            for word, functions, backward in self._rules:
                for function in functions:
                    registry.FLAT.pop(function, None)
                    registry.RARE.pop(function, None)
                word(*functions)(backward)
            for function in self._flat:
                registry.RULES.pop(function, None)
                registry.flat(function, shape=Rules.shape)
            yield
        finally:
            for table, kept in zip(tables, before, strict=False):
                table.clear()
                table.update(kept)

    def _found(self) -> Iterator[tuple[Any, cst.BaseExpression, cst.FunctionDef | None]]:
        """Give each use of `srcdiff.rule`: its word, the call or name, the definition."""
        for statement in self.scope.body:
            if isinstance(statement, cst.FunctionDef):
                for decorator in statement.decorators:
                    call = decorator.decorator
                    word = self._word(call.func if isinstance(call, cst.Call) else call)
                    if word is not None:
                        yield word, call, statement
            elif isinstance(statement, cst.SimpleStatementLine):
                yield from self._in_line(statement)

    def _in_line(
        self, line: cst.SimpleStatementLine
    ) -> Iterator[tuple[Any, cst.Call, cst.FunctionDef | None]]:
        """Give `rule.flat(f)` and `rule(f)(f_backward)`."""
        for small in line.body:
            match small:
                case cst.Expr(value=cst.Call(func=cst.Call() as call, args=[argument])):
                    word = self._word(call.func)
                    if word is not None and isinstance(argument.value, cst.Name):
                        yield word, call, self.scope.functions.get(argument.value.value)
                case cst.Expr(value=cst.Call() as call):
                    word = self._word(call.func)
                    if word is not None:
                        yield word, call, None

    def _word(self, node: cst.BaseExpression) -> Any:
        """Give what registers a rule, if an expression names `srcdiff.rule` or a word of it."""
        found = self.scope.library_value(node)
        value: Any = found.value if found is not None else None
        if value is rule:
            return registry.rule
        if getattr(value, "__self__", None) is rule:
            return WORDS.get(value.__func__, registry.flat)
        return None

    def _operand(self, node: cst.BaseExpression) -> Any:
        """Give what stands for a function that a rule is of."""
        text = cst.Module([]).code_for_node(node)
        if text in self._stand_ins:
            return self._stand_ins[text]
        found = self.scope.library_value(node)
        if found is not None:
            if not callable(found.value):
                raise Refusal("SD118", f"{text} isn't a function.", HINT)
            value = found.value
        elif not isinstance(node, (cst.Name, cst.Attribute)):
            raise Refusal("SD118", f"{text} isn't the name of a function.", HINT)
        elif isinstance(self.scope.lookup(text.split(".")[0]), (UserFunction, Foreign)):
            value = self._stand_in(text)
        else:
            raise Refusal("SD104", f"nothing defines a function {text}.", HINT)
        self._stand_ins[text] = value
        self._name(text, value)
        return value

    def _stand_in(self, text: str) -> Any:
        """Make a function that has the name and the parameters of the user's."""
        name = text.rpartition(".")[2]
        definition = self.scope.functions.get(text)
        parameters = "*args, **kwargs" if definition is None else _names_in(definition.params)
        made = written(f"def {name}({parameters}):\n    raise NotImplementedError\n", name, {})
        made.__module__ = "__main__"
        return made

    def _name(self, text: str, value: Any) -> None:
        """Let a text stand for a function that is called, and never read."""
        OPAQUE[id(value)] = value
        if "." in text:
            self.scope.dotted[text] = value
            return
        self.scope.entities[text] = Library(value)
        self.names.add(text)

    def _register(
        self, word: Any, functions: tuple[Any, ...], definition: cst.FunctionDef | None
    ) -> None:
        if not functions:
            raise Refusal("SD118", "rule names no function.", HINT)
        if word is registry.flat:
            self._flat += functions
            return
        if definition is None:
            raise Refusal(
                "SD118", "srcdiff.rule stands above no function.", "Write @srcdiff.rule(f)."
            )
        name = definition.name.value
        if name not in self._stand_ins:
            self._stand_ins[name] = self._backward(definition)
            self._name(name, self._stand_ins[name])
        backward = self._stand_ins[name]
        texts = {id(value): text for text, value in self._stand_ins.items()}
        try:
            own = check_rule(backward)
            for function in functions:
                unread = self.scope.functions.get(texts[id(function)]) is None
                if not unread or self._is_known(texts[id(function)]):
                    check_parameters(function, name, own)
        except DerivationError as error:
            (told,) = error.diagnostics
            raise Refusal(told.code, told.message, told.hint) from None
        self._rules.append((word, functions, backward))

    def _is_known(self, text: str) -> bool:
        """Whether a function is a library's, and no stand-in."""
        return str(self._stand_ins[text].__module__) != "__main__"

    def _backward(self, definition: cst.FunctionDef) -> Any:
        """Run a rule's definition, and nothing else."""
        text = self.positions.text_at(definition)
        tree = ast.parse(text).body[0]
        if not isinstance(tree, ast.FunctionDef):
            raise Refusal("SD118", "a rule is a plain function.", "Use def.")
        for default in (*tree.args.defaults, *tree.args.kw_defaults):
            self._check_default(default)
        lines = text.splitlines(keepends=True)[tree.lineno - 1 :]
        read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names = {name: self._value(name) for name in read if self.scope.lookup(name) is not None}
        head = "from __future__ import annotations\n"
        return written(head + "".join(lines).rstrip() + "\n", tree.name, names)

    def _check_default(self, default: ast.expr | None) -> None:
        if default is None:
            return
        try:
            ast.literal_eval(default)
        except ValueError:
            raise Refusal(
                "SD118",
                f"the default {ast.unparse(default)} of a rule isn't written out.",
                "Write a number, or None.",
            ) from None

    def _value(self, name: str) -> Any:
        """Give what a name in a rule stands for; of the user's only that it is something."""
        if name in self._stand_ins:
            return self._stand_ins[name]
        found = self.scope.lookup(name)
        return found.value if isinstance(found, Library) else object()


def _names_in(parameters: cst.Parameters) -> str:
    """Give parameters without annotations and defaults: nothing of the user's is run."""
    names = [p.name.value for p in (*parameters.posonly_params, *parameters.params)]
    keywords = [p.name.value for p in parameters.kwonly_params]
    if isinstance(parameters.star_arg, cst.Param):
        names.append(f"*{parameters.star_arg.name.value}")
    elif keywords:
        names.append("*")
    if parameters.star_kwarg is not None:
        keywords.append(f"**{parameters.star_kwarg.name.value}")
    return ", ".join([*names, *keywords])
