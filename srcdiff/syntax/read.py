"""A function's text as a tree of statements.

Takes a libcst function definition and a scope. Gives a `Function`. Refuses, at its line, what
isn't supported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import libcst as cst

from srcdiff.diagnostics import DerivationError, Refusal, Section, Span
from srcdiff.ir.jumps import with_one_return, without_jumps
from srcdiff.ir.live import live_into, read_in
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Const,
    Expression,
    Function,
    Jump,
    Kind,
    Node,
    Output,
    Parameter,
    Read,
    Statement,
    UserFunction,
    Variable,
)
from srcdiff.ir.records import RecordClass
from srcdiff.ir.returned import gives_one, outputs_of, returns
from srcdiff.ir.source import Source
from srcdiff.syntax.asked import NOTHING, stays_nothing
from srcdiff.syntax.attributes import own_names
from srcdiff.syntax.bindings import Nesting
from srcdiff.syntax.blocks import BlockReader
from srcdiff.syntax.closures import NotStraight, Static, default_function, passed_as
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.instance import Again, Notes
from srcdiff.syntax.instances import Instances
from srcdiff.syntax.kinds import Kinds
from srcdiff.syntax.known_kinds import KnownKinds
from srcdiff.syntax.outside_objects import OutsideObjects
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.scope import Scope
from srcdiff.syntax.statements import (
    bound_names,
    called_names,
    is_straight,
    outer_names,
    parts,
    single_names,
)
from srcdiff.syntax.targets import AssignmentReader

MOST_READINGS = 100
"""How often a function is read before its objects are given up."""


class FunctionReader:
    """Reads one function.

    Parameters
    ----------
    positions
        The parsed text.
    scope
        Where free names are looked up.
    filename, first_line
        Where the text comes from.
    method
        Whether the first parameter is the object.
    methods
        The methods of the object's class, for calls such as self.activation(x).
    attributes
        The object's attributes as variables, shared between its methods.
    defaults
        Defaults of parameters whose values are known, whatever their text says.
    functions
        The scope's names for arguments that are functions, by the parameters.
    definitions
        The methods whose statements may be written out where they are called; None where the
        attributes are constants.
    classes
        The classes of arguments by the parameters, and whether they are of what these hold.
    kinds
        Which arguments are lists or tuples, and what these hold; None where that isn't known.
    elsewhere
        The sections of the text that are of other files.
    levels
        The methods that the object's class defines itself, and each class above it.
    """

    def __init__(
        self,
        positions: Positions,
        scope: Scope,
        filename: str,
        first_line: int = 1,
        *,
        method: bool = False,
        methods: dict[str, UserFunction] | None = None,
        attributes: dict[str, Variable] | None = None,
        defaults: dict[str, Const] | None = None,
        functions: dict[str, str] | None = None,
        definitions: dict[str, cst.FunctionDef] | None = None,
        classes: dict[str, tuple[type, bool]] | None = None,
        kinds: dict[str, Nesting] | None = None,
        elsewhere: tuple[Section, ...] = (),
        levels: tuple[dict[str, cst.FunctionDef], ...] = (),
    ) -> None:
        self.positions = positions
        self.scope = scope
        self.source = Source(positions.text, filename, first_line, elsewhere)
        self.problems = self.source.problems()
        self.method = method
        self.methods = methods or {}
        self.attributes = attributes if attributes is not None else {}
        self.defaults = defaults or {}
        self.functions = functions or {}
        self.definitions = definitions
        self.classes = classes or {}
        self.kinds = kinds
        self.levels = levels

    def read(self, node: cst.FunctionDef) -> Function:
        """Read a function definition.

        Raises
        ------
        DerivationError
            Something in it isn't supported; every such place is told.
        """
        notes = Notes(slots=not is_straight(node.body))
        for _ in range(MOST_READINGS):
            try:
                return self._read(node, notes)
            except NotStraight:
                notes.slots = True
            except Again:
                pass
            self.problems = self.source.problems()
        with self.problems.within(self.positions.span(node.name)):
            raise Refusal(
                "SD109",
                "the objects of this function can't be told apart.",
                "Keep each object under a name of its own, or objects of one class in a list.",
            )
        raise DerivationError(self.problems.found)

    def _read(self, node: cst.FunctionDef, notes: Notes) -> Function:
        slots = notes.slots
        self.body = node.body
        names = frozenset(bound_names(node.body))
        self.expressions = ExpressionReader(self.positions, self.scope, names)
        self.expressions.slots = slots
        self.expressions.notes = notes
        self.expressions.objects = Instances(self.expressions)
        class_named = self.expressions.objects.class_named
        self.expressions.kinds = Kinds(class_named)
        self.outside = OutsideObjects(self.scope, class_named)
        self.expressions.kinds.outside = self.outside
        self.expressions.single = single_names(node)
        self.changing = names | outer_names(node)
        self.expressions.forms = KnownKinds(self.expressions, node, self.kinds)
        self.expressions.methods = self.methods
        self.expressions.definitions = self.definitions or {}
        self.expressions.of_class = self.definitions is not None
        self.expressions.levels = self.levels
        self.expressions.definition = node
        self.expressions.attributes = self.attributes
        self._note_own(node, slots=slots)
        targets = AssignmentReader(self.expressions, method=self.method)
        with self.problems.within(self.positions.span(node.name)):
            self.check(node)
        parameters = self._parameters(node)
        blocks = BlockReader(self.expressions, targets, self.problems)
        nodes = blocks.body(node.body)
        body: tuple[Node, ...] = ()
        outputs: tuple[Output, ...] = ()
        name = self.positions.span(node.name)
        with self.problems.within(name):
            nodes = self._settled(nodes)
            body, outputs, result = self._ended(nodes, name)
            outputs = _as_written(outputs, node)
            start = self.positions.between(name.start, name.start)
            body = (*self._at_entry(body, outputs, start), *body)
        self.problems.raise_if_any()
        return Function(
            node.name.value,
            parameters,
            body,
            outputs,
            result,
            self.source,
            self.positions.span(node),
            blocks.docstring,
            self.expressions.reads,
            {**blocks.annotations, **self.expressions.stated},
            self.method,
            name,
            self.expressions.attributes,
            rewritten=frozenset(self.expressions.rewritten),
            records=self._records([p.annotation for p in parameters]),
            gives_one=gives_one(nodes),
            asks_class=bool(self.expressions.kinds.asked),
        )

    def _settled(self, nodes: list[Node]) -> list[Node]:
        """Give the statements without objects, each variable of one class all the time."""
        objects, kinds = self.expressions.objects, self.expressions.kinds
        try:
            kinds.check(nodes)
        except Refusal:
            if kinds.undecided <= self.expressions.notes.numbers:
                raise
            self.expressions.notes.numbers |= kinds.undecided
            raise Again from None
        if not objects.by_token:
            return nodes
        return objects.without_tokens(nodes)

    def _note_own(self, node: cst.FunctionDef, *, slots: bool) -> None:
        """Let attributes that are read and assigned be variables, where statements may repeat."""
        given = (*node.params.posonly_params, *node.params.params)
        if self.definitions is None or not given:
            return
        above: dict[str, list[cst.CSTNode]] = {}
        for level in self.levels[1:]:
            for name, method in level.items():
                above.setdefault(name, []).append(method.body)
        own = own_names(node, given[0].name.value, self.definitions, above)
        self.expressions.own_names = own
        if slots:
            self.expressions.changed = {name: Variable(name) for name in sorted(own.read)}

    def _at_entry(self, body: tuple[Node, ...], outputs: tuple[Output, ...], span: Span) -> Block:
        """Give the assignments of the values that attributes have when forward begins."""
        ends = read_in(output.value for output in outputs)
        live = live_into(body, ends) if self.expressions.changed else set()
        entries = [(n, v) for n, v in self.expressions.changed.items() if v in live]
        self.expressions.changed = {}
        found: list[Node] = []
        for attribute, variable in entries:
            value = Read(self.expressions.own_attribute(attribute))
            found.append(Statement((Bind(variable, value),), span, form="made"))
        return tuple(found)

    def check(self, node: cst.FunctionDef) -> None:
        """Refuse what no function to be differentiated may be."""
        if node.asynchronous is not None:
            raise Refusal("SD101", "an async function can't be differentiated.")

    def _parameters(self, node: cst.FunctionDef) -> tuple[Parameter, ...]:
        given = node.params
        found: list[Parameter] = []
        kinds: list[tuple[Kind, Sequence[cst.Param]]] = [
            ("positional", given.posonly_params),
            ("either", given.params),
            ("star", [given.star_arg] if isinstance(given.star_arg, cst.Param) else []),
            ("keyword", given.kwonly_params),
            ("stars", [given.star_kwarg] if given.star_kwarg is not None else []),
        ]
        for kind, parameters in kinds:
            for parameter in parameters:
                if self.method and kind in ("star", "stars"):
                    with self.problems.within(self.positions.span(parameter)):
                        raise Refusal(
                            "SD101",
                            "a method with starred parameters can't be differentiated yet.",
                            "Name each parameter.",
                        )
                found.append(self._parameter(parameter, kind))
        if self.method and found:
            first = found[0].variable
            first.role = "object"
            self.expressions.self_name = first.wish
        return tuple(found)

    def _parameter(self, node: cst.Param, kind: Kind) -> Parameter:
        name = node.name.value
        default: Expression | None = self.defaults.get(name)
        named = node.default is not None and name not in self.functions
        if named and default is None:
            assert node.default is not None
            with self.problems.within(self.positions.span(node.default)):
                if isinstance(node.default, cst.Lambda):
                    raise Refusal(
                        "SD132",
                        f"{name} is a lambda by default; derived code can't tell it from another.",
                        "Define it with def, under a name of its own.",
                    )
                default = self.expressions.read(node.default)
        variable = Variable(name, "parameter")
        passed = self._passed(node)
        if passed is None:
            self.expressions.variables[name] = variable
        else:
            self.expressions.inner[name] = passed
        said = node.annotation.annotation if node.annotation is not None else None
        self.expressions.kinds.note_annotation(variable, said)
        if name in self.classes:
            cls, many = self.classes[name]
            self.expressions.kinds.note_class(variable, self.outside.named(cls, many=many))
        if name not in self.changing:
            self.expressions.steady.add(variable)
        annotation = self.positions.text_at(node.annotation.annotation) if node.annotation else ""
        text = self.positions.text_with_parentheses(node.default) if node.default else ""
        if isinstance(default, Const) and name in self.defaults:
            text = default.text
        fixed = passed is not None and name not in self.functions
        return Parameter(variable, kind, annotation, text, default, fixed=fixed)

    def _passed(self, node: cst.Param) -> Static | None:
        """Give the function that a parameter stands for: an argument, or else the default."""
        own = self.functions.get(node.name.value)
        if own is not None:
            return passed_as(self.expressions, own)
        if node.default is None or self.method:
            return None
        if isinstance(node.default, cst.Name) and node.default.value == "None":
            called = node.name.value in called_names(self.body)
            return NOTHING if called and stays_nothing(self.body, node.name.value) else None
        return default_function(self.expressions, node.default) if not self.functions else None

    def _records(self, annotations: Iterable[str]) -> dict[str, RecordClass]:
        """Give the classes of records that annotations name, and those that their fields do."""
        found: dict[str, RecordClass] = {}
        pending = list(annotations)
        while pending:
            for name in re.findall(r"[A-Za-z_]\w*", pending.pop()):
                known = self.scope.lookup(name) if name not in found else None
                if isinstance(known, RecordClass):
                    found[name] = known
                    pending += known.annotations
        return found

    def _ended(
        self, body: list[Node], name: Span
    ) -> tuple[tuple[Node, ...], tuple[Output, ...], Statement]:
        """Give the body without its returns, the outputs, and the statement that gives them."""
        last = body[-1] if body else None
        single = isinstance(last, Jump) and last.kind == "return" and not returns(body[:-1])
        if single and isinstance(last, Jump) and last.values is not None:
            block = without_jumps(tuple(body[:-1]))
            return block, outputs_of(last.values, last.header), last.header
        if returns(body):
            return with_one_return(tuple(body), Statement((), name))
        return without_jumps(tuple(body)), (), Statement((), name)


def _as_written(outputs: tuple[Output, ...], node: cst.FunctionDef) -> tuple[Output, ...]:
    """Let outputs that the text gives no name have none, whatever a function calls them inside."""
    rows: list[list[cst.BaseExpression]] = []
    several = False
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        if isinstance(inner, cst.Return) and inner.value is not None:
            tree = inner.value
            several = isinstance(tree, cst.Tuple)
            rows.append([e.value for e in tree.elements] if isinstance(tree, cst.Tuple) else [tree])
        if not isinstance(inner, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            pending += parts(inner)
    if any(len(row) != len(outputs) for row in rows):
        return outputs
    named = [all(isinstance(row[i], cst.Name) for row in rows) for i in range(len(outputs))]
    return tuple(
        output if own else replace(output, name=f"out{place}" if several else "out")
        for place, (output, own) in enumerate(zip(outputs, named, strict=True))
    )
