"""The arguments of a call that is written out, by the parameters of the function.

Takes a call and a definition. Gives what each parameter stands for. Refuses arguments that don't
fit, and starred ones of unknown number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import libcst as cst

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Choice, Const, Expression, Group, Item
from srcdiff.syntax.closures import Closure, Static, Table, is_static
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.statements import single_parameters

Given = Expression | Static


@dataclass(frozen=True, slots=True)
class Starred:
    """Arguments whose number isn't known: those of `*values`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call, read.

    Parameters
    ----------
    positional, keywords
        In the order of the call.
    rest
        A dict whose entries aren't known, which has what is left.
    """

    positional: tuple[Given | Starred, ...]
    keywords: tuple[tuple[str, Given], ...] = ()
    rest: Expression | None = None


class ArgumentReader:
    """Reads the arguments of calls.

    Parameters
    ----------
    expressions
        Reads values.
    static
        Gives the function that an expression stands for.
    known
        Gives the items of a starred value, where they are known.
    """

    def __init__(
        self,
        expressions: ExpressionReader,
        static: Callable[[cst.BaseExpression], Static | None],
        known: Callable[[Expression], Expression],
    ) -> None:
        self.expressions = expressions
        self.static = static
        self.known = known

    def read(self, node: cst.Call) -> Arguments:
        """Read the arguments of a call."""
        positional: list[Given | Starred] = []
        keywords: list[tuple[str, Given]] = []
        rest: Expression | None = None
        for argument in node.args:
            if argument.keyword is not None:
                keywords.append((argument.keyword.value, self.given(argument.value)))
            elif argument.star == "**":
                value = self.known(self.expressions.read(argument.value))
                entries = _entries(value)
                if entries is not None:
                    keywords += entries
                    continue
                if rest is not None or isinstance(value, Group):
                    raise self._unknown(argument)
                rest = self.expressions.simple(value)
            elif argument.star:
                value = self.known(self.expressions.read(argument.value))
                if isinstance(value, Group) and value.kind != "dict":
                    positional += value.items
                else:
                    positional.append(Starred(self.expressions.simple(value)))
            else:
                positional.append(self.given(argument.value))
        return Arguments(tuple(positional), tuple(keywords), rest)

    def given(self, node: cst.BaseExpression) -> Given:
        """Read one argument: a value, or a function."""
        if not isinstance(node, (cst.Tuple, cst.List, cst.Dict, cst.Subscript)):
            found = self.static(node)
            if found is not None:
                return found
        value = self.expressions.read(node)
        return self.expressions.objects.of(value) or value

    def _unknown(self, argument: cst.Arg) -> Refusal:
        return self.expressions.refuse(
            "SD102", "which arguments this stands for isn't known.", "Write them out.", argument
        )


def _entries(value: Expression) -> list[tuple[str, Given]] | None:
    """Give the entries of a dict written out, named by texts."""
    if not isinstance(value, Group) or value.kind != "dict":
        return None
    keys = value.items[::2]
    named = [key.value for key in keys if isinstance(key, Const) and isinstance(key.value, str)]
    if len(named) < len(keys):
        return None
    return list(zip(named, value.items[1::2], strict=True))


class Binder:
    """Finds what the parameters of one function stand for in one call."""

    def __init__(self, name: str, closure: Closure, refuse: Callable[[str, str], Refusal]) -> None:
        self.name = name
        self.closure = closure
        self.refuse = refuse
        self.found: dict[str, Given] = {}

    def bind(self, arguments: Arguments) -> dict[str, Given]:
        """Give the arguments by the parameters."""
        given = self.closure.definition.params
        places = [p.name.value for p in (*given.posonly_params, *given.params)]
        star = given.star_arg.name.value if isinstance(given.star_arg, cst.Param) else ""
        rest = self._positional(places, list(arguments.positional), star, arguments)
        named = {p.name.value for p in (*given.params, *given.kwonly_params)}
        extra: list[Expression] = []
        for keyword, value in arguments.keywords:
            if keyword in named and keyword not in self.found:
                self.found[keyword] = value
            elif given.star_kwarg is not None and keyword not in named and not is_static(value):
                extra += [Const(keyword), value]  # type: ignore[list-item]  # no function
            else:
                raise self.refuse(f"{self.name} can't be called with {keyword} here.", "")
        if star:
            self.found[star] = rest
        if given.star_kwarg is not None:
            if arguments.rest is not None:
                raise self.refuse("which arguments this call has isn't known.", "Write them out.")
            self.found[given.star_kwarg.name.value] = Group("dict", tuple(extra))
        for parameter in single_parameters(given):
            own = parameter.name.value
            if own in self.found:
                continue
            default = self.closure.defaults.get(own)
            if arguments.rest is not None and own in named:
                self.found[own] = self._entry(own, arguments.rest, default)
            elif default is not None:
                self.found[own] = default
            else:
                raise self.refuse(f"{self.name} is called without its argument {own}.", "")
        return self.found

    def _entry(self, name: str, rest: Expression, default: Given | None) -> Given:
        """Give what a dict has for a parameter, or the default."""
        key = Const(name, f'"{name}"')
        entry = Item(rest, key)
        if default is None:
            return entry
        if is_static(default):
            raise self.refuse(f"whether {name} is among these arguments isn't known.", "")
        test = Call(operators.within, (key, rest), (), "operator")
        return Choice(test, entry, default)  # type: ignore[arg-type]  # no function

    def _positional(
        self, places: list[str], values: list[Given | Starred], star: str, arguments: Arguments
    ) -> Given:
        """Give the parameters their positional arguments; what is left is for the starred one."""
        named = {name for name, _ in arguments.keywords}
        while places and values:
            value = values.pop(0)
            if isinstance(value, Starred):
                self._spread(places, value, named, star)
                break
            self.found[places.pop(0)] = value
        if any(isinstance(value, Starred) for value in values):
            if star and len(values) == 1 and isinstance(values[0], Starred):
                return values[0].value
            raise self._uncounted()
        if values and not star:
            raise self.refuse(f"{self.name} is called with too many arguments.", "")
        if values and all(is_static(value) for value in values):
            return Table("sequence", (), tuple(values))  # type: ignore[arg-type]  # all functions
        if any(is_static(value) for value in values):
            raise self.refuse("functions among starred arguments are not supported.", "")
        return Group("tuple", tuple(values))  # type: ignore[arg-type]  # expressions only

    def _spread(self, places: list[str], value: Starred, named: set[str], star: str) -> None:
        """Give all parameters that are left the items of a starred argument."""
        left = [place for place in places if place not in named]
        if star or any(place in self.closure.defaults for place in left):
            raise self._uncounted()
        for index, place in enumerate(left):
            self.found[place] = Item(value.value, Const(index))

    def _uncounted(self) -> Refusal:
        return self.refuse(
            "how many arguments this starred one stands for isn't known.", "Write them out."
        )


def with_first(arguments: Arguments, values: tuple[Given, ...]) -> Arguments:
    """Give arguments with others before them."""
    return replace(arguments, positional=(*values, *arguments.positional))
