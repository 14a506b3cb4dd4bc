"""Calls that aren't written out: a companion of the callee gives the gradients.

Takes a call of a user's function, or of an object's `forward`. Adds the line that calls the
companion, or the object's `backward`. Refuses what has no such companion.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from srcdiff.diagnostics import DerivationError, Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Forward,
    Function,
    Member,
    Read,
    Unpack,
    UserFunction,
    Variable,
)
from srcdiff.ir.types import Kind, Type
from srcdiff.passes.backward import Guard
from srcdiff.passes.calls import bind_arguments
from srcdiff.passes.companion_kinds import check_records, check_results, of_kinds, types_given
from srcdiff.passes.infer import Types
from srcdiff.passes.inner import Part
from srcdiff.passes.lists import operand as operand_of
from srcdiff.passes.object_calls import ObjectCalls
from srcdiff.passes.recursion import calls_itself, joins_parts
from srcdiff.passes.reverse import Reverser
from srcdiff.passes.suggest import suggest
from srcdiff.passes.tangent import Tangents
from srcdiff.passes.wanted import tangent_names, upstream_names
from srcdiff.passes.webs import webs

ENDINGS = {"joint": ("backward", "gradients"), "jvp": ("jvp", "tangent")}
"""How companions are called, and how they are beside a main function of that name."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is assumed of a companion while it is being derived, for calls of the function itself.

    Parameters
    ----------
    function
        Resolved.
    wanted
        The parameters whose gradients it gives.
    types, gradients
        Not known yet.
    """

    function: Function
    wanted: tuple[Variable, ...]
    types: None = None
    gradients: tuple[Expression, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether the one gradient is returned without a tuple."""
        return len(self.wanted) == 1

    def upstream_names(self) -> list[str]:
        """Give the names of the tangents that it takes in forward mode."""
        return tangent_names(self.function, list(self.wanted))


class Companions:
    """The companions that one derivation needs.

    Parameters
    ----------
    derive
        Derives a companion; gives what the pipeline gives.
    mode
        Of the derivation, and so of its companions.
    main
        The function whose own derived text has the usual name, though it gives other gradients
        than a companion of it would.
    parts
        What is known of the objects that self has, by their attributes.
    typed
        Whether the arguments' types are known, as those of a call are.
    """

    def __init__(
        self,
        derive: Callable[[UserFunction, Companions], Any],
        mode: Any = "joint",
        main: str = "",
        parts: Mapping[str, Part] | None = None,
        *,
        typed: bool = False,
    ) -> None:
        self.derive = derive
        self.mode: Literal["jvp", "joint"] = "jvp" if mode == "jvp" else "joint"
        self.main = main
        self.objects = ObjectCalls(parts or {})
        self.of_class = mode == "method"
        self.unfinished: dict[str, Unfinished] = {}
        self.known: dict[str, Any] = {}
        self.used: list[Any] = []
        self.pending: list[str] = []
        self.names: dict[str, str] = {}
        self.complex_parameters: dict[str, frozenset[str]] = {}
        self.typed = typed
        self.given: dict[str, dict[str, Type]] = {}

    def call(
        self,
        reverser: Reverser,
        node: Call,
        upstreams: tuple[Expression, ...],
        guards: tuple[Guard, ...],
    ) -> None:
        """Add the lines that differentiate a call, from the gradients of its results."""
        masked = [reverser.masked(upstream, guards) for upstream in upstreams]
        upstreams, guards = tuple(upstream for upstream, _ in masked), masked[0][1]
        if isinstance(node.function, Member):
            self._object(reverser, node, upstreams[0], guards)
        else:
            self._function(reverser, node, upstreams, guards)

    def _function(
        self,
        reverser: Reverser,
        node: Call,
        upstreams: tuple[Expression, ...],
        guards: tuple[Guard, ...],
    ) -> None:
        function: UserFunction = node.function
        if self.of_class and node.spelling == "method":
            raise Refusal(
                "SD103",
                f"the method {function.name} can't be differentiated here by itself: what it reads "
                "of the object has gradients too.",
                "Call it in a statement of its own, or make it a function of plain arguments.",
                node.span,
            )
        self._note_complex(function, node, reverser.types)
        own = self.text_name(function.name, reverser.function)
        self._check_free(own, reverser.function, node)
        derived = self._companion(function, node, reverser.types)
        callee = derived.function
        if len(callee.outputs) != len(upstreams):
            raise Refusal(
                "SD103",
                f"{function.name} returns several values, which are used as a whole here.",
                "Give each of them a name of its own.",
                node.span,
            )
        upstreams = of_kinds(derived, node, upstreams, reverser.types)
        bound = bind_arguments(node, callee)
        if not derived.wanted:
            return
        check_records(derived, node)
        given = zip(upstream_names(callee), upstreams, strict=True)
        arguments = tuple(_forward(argument) for argument in node.arguments)
        keywords = tuple((name, _forward(value)) for name, value in node.keywords)
        call = Call(
            UserFunction(own, function.read),
            arguments,
            (*keywords, *((name, reverser.simplifier.simplify(value)) for name, value in given)),
        )
        operands = [bound[variable] for variable in derived.wanted]
        of_complex = self.complex_parameters[function.name]
        kinds: list[Kind] = [
            "complex" if variable.wish in of_complex else "float" for variable in derived.wanted
        ]
        reverser.types.mixed |= bool(of_complex)
        self._add(reverser, operands, call, guards, bare=derived.bare, kinds=kinds)

    def text_name(self, name: str, caller: Function | None = None) -> str:
        """Give the name of a function's companion, another one than the first caller uses."""
        if name not in self.names:
            usual, other = ENDINGS[self.mode]
            numbers = "complex_" if self.complex_parameters[name] else ""
            wish = own = f"{name}_{numbers}{other if name == self.main else usual}"
            count = 2
            while caller is not None and _uses(caller, own):
                own, count = f"{wish}_{count}", count + 1
            self.names[name] = own
        return self.names[name]

    def _note_complex(self, function: UserFunction, node: Call, types: Types) -> None:
        """Note which parameters of a companion are complex: those of its first call."""
        name = function.name
        bound = bind_arguments(node, webs(function.read())) if types.takes_complex(node) else {}
        given = frozenset(v.wish for v, a in bound.items() if types.of(a).kind == "complex")
        if given and (
            calls_itself(function) or not given <= self.complex_parameters.get(name, given)
        ):
            raise Refusal(
                "SD108",
                f"{name} is called with complex numbers, and not written out here.",
                "Write its steps out here.",
                node.span,
            )
        self.complex_parameters.setdefault(name, given)

    def _companion(self, function: UserFunction, node: Call, types: Types) -> Any:
        name = function.name
        if name in self.pending:
            return self.unfinished[name]
        if name not in self.known:
            self.pending.append(name)
            try:
                derived = self._for_types(function, node, types)
            finally:
                self.pending.remove(name)
            self.known[name] = derived
            self.used.append(derived)
        elif self.known[name].function.origin is not function.read().origin:
            raise Refusal(
                "SD120",
                f"{name} is the name of two functions.",
                "Give one of them another name.",
                node.span,
            )
        elif name in self.given and types_given(node, types) != self.given[name]:
            raise Refusal(
                "SD103",
                f"{name} is called with arguments of other types, and not written out here.",
                "Write its steps out here, or copy the function under another name.",
                node.span,
            )
        return self.known[name]

    def _for_types(self, function: UserFunction, node: Call, types: Types) -> Any:
        """Derive a companion for any types, or for those of the call where that isn't possible."""
        given = None
        if self.typed and not calls_itself(function) and not types.takes_complex(node):
            given = types_given(node, types)
        known, used = dict(self.known), list(self.used)
        try:
            derived = self._settled(function, node)
            if given is None or not derived.assumed.anything:
                return derived
        except DerivationError:
            if given is None:
                raise
        self.known, self.used[:] = known, used
        self.given[function.name] = given
        return self._settled(function, node)

    def _settled(self, function: UserFunction, node: Call) -> Any:
        """Derive a companion; one that calls itself until it gives what its calls take."""
        name = function.name
        wanted: tuple[str, ...] = ()
        if calls_itself(function) and joins_parts(function.read()):
            raise Refusal(
                "SD103",
                f"{name} calls itself and adds slices, which may be lists.",
                "Build the list item by item, or write the steps as a loop.",
                node.span,
            )
        while True:
            callee = webs(function.read())
            by_name = {p.variable.wish: p.variable for p in callee.parameters}
            self.unfinished[name] = Unfinished(callee, tuple(by_name[n] for n in wanted))
            known, used = dict(self.known), list(self.used)
            derived = self.derive(function, self)
            given = tuple(v.wish for v in derived.wanted)
            if given == wanted or not calls_itself(function):
                return derived
            wanted = given
            self.known, self.used[:] = known, used

    def tangent(self, tangents: Tangents, node: Call) -> tuple[Call, bool]:
        """Give the call of a companion that gives both a call's value and its tangent."""
        function: UserFunction = node.function
        self._note_complex(function, node, tangents.types)
        own = self.text_name(function.name, tangents.function)
        self._check_free(own, tangents.function, node)
        derived = self._companion(function, node, tangents.types)
        check_results(derived, node, tangents.types)
        bound = bind_arguments(node, derived.function)
        arguments = tuple(map(operand_of, node.arguments))
        keywords = [(name, operand_of(value)) for name, value in node.keywords]
        names = derived.upstream_names()
        for name, variable in zip(names, derived.wanted, strict=True):
            keywords.append((name, tangents.needed(bound[variable])))
        companion = UserFunction(own, function.read)
        return Call(companion, arguments, tuple(keywords)), derived.bare

    @staticmethod
    def _check_free(own: str, caller: Function, node: Call) -> None:
        """Refuse a companion whose name the function itself uses."""
        if _uses(caller, own):
            raise Refusal(
                "SD120",
                f"{own} is a name of the function's own, and of what "
                f"{node.function.name} would get.",
                "Give it another name.",
                node.span,
            )

    def _object(
        self, reverser: Reverser, node: Call, upstream: Expression, guards: tuple[Guard, ...]
    ) -> None:
        """Differentiate `self.layer.forward(x)` by `self.layer.backward(dz)`."""
        operands, call = self.objects.backward(reverser, node, upstream)
        bare = len(operands) == 1
        kinds: list[Kind] = ["float"] * len(operands)
        self._add(reverser, operands, call, guards, bare=bare, kinds=kinds)

    def _add(
        self,
        reverser: Reverser,
        operands: Sequence[Expression | None],
        call: Call,
        guards: tuple[Guard, ...],
        *,
        bare: bool,
        kinds: Sequence[Kind],
    ) -> None:
        targets: list[Variable | None] = []
        for operand, kind in zip(operands, kinds, strict=True):
            if operand is None or not reverser.activity.is_active(operand):
                targets.append(None)
                continue
            variable = Variable("d" + suggest(operand), "adjoint")
            known = reverser.types.of(operand)
            reverser.types.variables[variable] = Type(known.form, kind, known.shape)
            reverser.gradients.given.add(variable)
            targets.append(variable)
        line: Bind | Unpack = Unpack(tuple(targets), call)
        if bare and targets[0] is not None:
            line = Bind(targets[0], call)
        if bare and targets[0] is None:
            line = Bind(Variable("_", "adjoint"), call)
        reverser.emit([line], guards)
        for operand, target in zip(operands, targets, strict=True):
            if target is not None and operand is not None:
                given: Expression = Read(target)
                if reverser.types.of(given).kind == "complex":  # it may be real all the same
                    given = Call(operator.add, (given, Const(0j)), (), "operator")
                reverser.push(operand, given, guards)


def _forward(node: Expression) -> Expression:
    return Forward(node)


def _uses(caller: Function, name: str) -> bool:
    """Whether a name stands in a function's text."""
    return re.search(rf"\b{name}\b", caller.source.at(caller.span)) is not None
