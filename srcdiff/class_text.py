"""A class whose forward keeps what backward needs, as text.

Takes the text of a class. Gives it with the lines of forward that store values and with a method
backward below it. Refuses classes without a forward method that can be differentiated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import libcst as cst

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.emit import Emitter
from srcdiff.ir.annotations import from_annotation
from srcdiff.ir.nodes import Bind, Call, Function, Member, Read, UserFunction, Variable
from srcdiff.ir.types import Type
from srcdiff.ir.walk import walk
from srcdiff.passes.forward_nodes import forward_lines
from srcdiff.pipeline import Derivation, Request, derive
from srcdiff.syntax.layout import STEP, WIDTH, Piece, bracketed
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.scope import Scope
from srcdiff.syntax.splice import MARK
from srcdiff.syntax.vocabulary import Vocabulary


@dataclass(slots=True)
class ClassSource:
    """A class as read.

    Parameters
    ----------
    node
        Its definition.
    positions, scope, filename, first_line
        Where it comes from and what its names stand for.
    """

    node: cst.ClassDef
    positions: Positions
    scope: Scope
    filename: str
    first_line: int = 1
    attributes: dict[str, Variable] = field(default_factory=dict)

    def methods(self) -> dict[str, cst.FunctionDef]:
        """Give the methods by name."""
        body = self.node.body.body
        return {n.name.value: n for n in body if isinstance(n, cst.FunctionDef)}

    def read(self, name: str = "forward") -> Function:
        """Read a method.

        Raises
        ------
        DerivationError
            There is no such method, or it can't be read.
        """
        methods = self.methods()
        if name not in methods:
            problems = Problems(self.positions.text, self.filename, self.first_line)
            refusal = Refusal(
                "SD118",
                f"the class {self.node.name.value} has no method {name}.",
                "derive_backward takes a function, or a class with a forward method.",
            )
            problems.add(refusal, self.positions.span(self.node.name))
            problems.raise_if_any()
        node = methods[name]
        if node.decorators or not (node.params.params or node.params.posonly_params):
            problems = Problems(self.positions.text, self.filename, self.first_line)
            message = f"the method {name} is decorated, or has no parameter for the object."
            problems.add(
                Refusal("SD118", message, "Write it as def forward(self, x)."),
                self.positions.span(node.name),
            )
            problems.raise_if_any()
        others = {n: UserFunction(n, self._reader(n)) for n in methods if n not in HOOKS}
        reader = FunctionReader(
            self.positions,
            self.scope,
            self.filename,
            self.first_line,
            method=True,
            methods=others,
            attributes=self.attributes,
        )
        return reader.read(methods[name])

    def _reader(self, name: str) -> _MethodReader:
        return _MethodReader(self, name)

    def stated_types(self) -> dict[str, Type]:
        """Give the types of attributes that the class body annotates."""
        found: dict[str, Type] = {}
        for line in self.node.body.body:
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                    start, end = self.positions.offsets(small.annotation.annotation)
                    text = self.positions.text[start:end]
                    stated = from_annotation(text, small.target.value)
                    if stated is not None:
                        found[small.target.value] = stated
        return found


HOOKS = frozenset(["forward", "backward", "__init__"])


@dataclass(frozen=True, slots=True)
class _MethodReader:
    source: ClassSource
    name: str

    def __call__(self) -> Function:
        return self.source.read(self.name)


@dataclass(frozen=True, slots=True)
class ClassText:
    """The derived parts of a class.

    Parameters
    ----------
    forward
        The method that keeps what backward needs, indented as in the class.
    backward
        The derived method, indented by one step.
    derivation
        What they were written from.
    """

    forward: str
    backward: str
    derivation: Derivation


def derive_class_text(source: ClassSource, vocabulary: Vocabulary) -> ClassText:
    """Derive the backward method of a class.

    Raises
    ------
    DerivationError
        Its forward can't be differentiated correctly.
    """
    function = source.read()
    derivation = derive(Request(function, None, "method", None, source.stated_types()))
    emitter = MethodEmitter(derivation, vocabulary, _used_attributes(source))
    forward = emitter.edited_forward(source.methods()["forward"], source.positions)
    return ClassText(forward, "\n".join(emitter.backward()), derivation)


def _used_attributes(source: ClassSource) -> set[str]:
    """Give the attributes of self that the class uses anywhere."""
    start, end = source.positions.offsets(source.node)
    return set(re.findall(r"\bself\s*\.\s*(\w+)", source.positions.text[start:end]))


class MethodEmitter(Emitter):
    """Writes the methods of one class.

    Parameters
    ----------
    derivation, vocabulary
        As for a function.
    used
        The attributes that the class uses already.
    """

    def __init__(self, derivation: Derivation, vocabulary: Vocabulary, used: set[str]) -> None:
        self.used = used
        super().__init__(derivation, vocabulary)
        self.local_names = dict(self.names)
        self.kept = self._kept()
        for variable, attribute in self.kept.items():
            self.names[variable] = f"{self._self_name()}.{attribute}"
        for variable, adjoint in derivation.attributes:
            self.names[adjoint] = f"{self._self_name()}.d{variable.wish}"

    def _kept(self) -> dict[Variable, str]:
        """Give the variables that backward reads, with the attributes that keep them."""
        stored = {
            variable: name
            for statement in self.function.statements
            for name, variable in statement.stores
        }
        found: dict[Variable, str] = {}
        for variable in self.cached_variables():
            if variable.role in ("attribute", "object"):
                continue
            if variable in stored:
                found[variable] = stored[variable]
                continue
            name = self.local_names[variable]
            own = {v.wish for v in self.function.attributes}
            while name in own | set(stored.values()) | set(found.values()):
                name += "_"
            found[variable] = name
        return found

    def edited_forward(self, node: cst.FunctionDef, positions: Positions) -> str:
        """Give forward's own text with stores before its return."""
        start, end = positions.offsets(node)
        text = positions.text
        begin = text.rfind("\n", 0, start) + 1
        indent = text[begin:start]
        edits: list[tuple[int, int, list[str]]] = []
        names, self.names = self.names, self.local_names
        self.writer.names = self.names
        edits += self._statement_edits()
        edits.append(self._return_edit())
        self.names = names
        self.writer.names = names
        if isinstance(node.body, cst.SimpleStatementSuite):
            return self._opened(node, positions, indent, edits)
        for first, last, lines in sorted(edits, reverse=True):
            begin = text.rfind("\n", 0, first) + 1
            inner = text[begin:first]
            inner = inner if not inner.strip() else indent + STEP
            new = f"\n{inner}".join(line[len(STEP) :] for line in lines)
            text = text[:first] + new + text[last:]
            end += len(new) - (last - first)
        return indent + text[start:end].rstrip()

    @staticmethod
    def _opened(
        node: cst.FunctionDef,
        positions: Positions,
        indent: str,
        edits: list[tuple[int, int, list[str]]],
    ) -> str:
        """Give a forward that stands on one line, on several."""
        start, _ = positions.offsets(node)
        changed = {first: lines for first, _, lines in edits}
        lines = []
        for small in node.body.body:
            first, last = positions.offsets(small)
            lines += changed.get(first, [STEP + positions.text[first:last]])
        head = positions.text[start : positions.offsets(node.body.body[0])[0]].rstrip()
        return "\n".join([indent + head, *(indent + line for line in lines)])

    def _statement_edits(self) -> list[tuple[int, int, list[str]]]:
        """Give the statements that don't stay as they are."""
        by_statement: dict[int, list[str]] = {}
        spans: dict[int, tuple[int, int]] = {}
        changed: set[int] = set()
        for line in forward_lines(self.derivation.forward):
            if line.statement is self.function.result:
                continue
            key = id(line.statement)
            span = line.statement.span
            spans[key] = (span.start, span.end)
            kept = all(self.names[v] == v.wish for b in line.binds for v in [b.variable] if v.wish)
            if not (line.verbatim and kept):
                changed.add(key)
            by_statement.setdefault(key, []).extend(self._plain_line(line.binds))
        return [(*spans[key], by_statement[key]) for key in changed]

    def _plain_line(self, binds: tuple[Bind, ...]) -> list[str]:
        self.writer.generated = False
        lines = [text for bind in binds for text in self.writer.line(bind, STEP)]
        self.writer.generated = True
        return lines

    def _return_edit(self) -> tuple[int, int, list[str]]:
        result = self.function.result
        lines: list[str] = []
        for line in forward_lines(self.derivation.forward):
            if line.statement is result:
                lines += self._plain_line(line.binds)
        stored = {v for s in self.function.statements for _, v in s.stores}
        for variable, attribute in self.kept.items():
            if variable not in stored:
                name = self.local_names[variable]
                lines.append(f"{STEP}{self._self_name()}.{attribute} = {name}")
        if any(line.statement is result for line in forward_lines(self.derivation.forward)):
            lines.append(f"{STEP}return {self._outputs()}")
        else:
            lines.append(STEP + self.function.source.at(result.span))
        return result.span.start, result.span.end, lines

    def backward(self) -> list[str]:
        """Give the lines of the method backward, indented by one step."""
        parameters = [Piece(self._self_name())]
        for upstream, output in zip(self.upstreams, self.function.outputs, strict=True):
            known = self.derivation.types.of(output.value)
            single = len(self.upstreams) == 1
            default = "=1.0" if single and (known.shape == () or self._from_object(output)) else ""
            parameters.append(Piece(upstream + default))
        body = [*self._distinct_parts(), *self._backward_section(), *self._result()]
        opening = "def backward("
        line = opening + ", ".join(p.text for p in parameters) + "):"
        head = [line] if len(line) <= 84 else bracketed(opening, tuple(parameters), "):", "")
        body = [line for line in body if line != f"{STEP}# backward pass"]
        return [STEP + line if line else line for line in [*head, *self._docstring(), *body]]

    def _distinct_parts(self) -> list[str]:
        """Give a check that the objects called are distinct: each keeps one call's values."""
        parts = self._parts()
        if len(parts) < 2:
            return []
        names = tuple(Piece(f"{self._self_name()}.{part}") for part in parts)
        listed = Piece(f"[{', '.join(name.text for name in names)}]", "[", names, "]")
        # The method stands one step deeper in its class than it is written here.
        width = len(f"{STEP * 2}parts = {listed.text}")
        assigned = [f"{STEP}parts = {listed.text}"]
        if width > WIDTH:
            assigned = bracketed("parts = [", names, "]", STEP)
        return [
            *assigned,
            f"{STEP}if len(set(map(id, parts))) < len(parts):",
            f'{STEP * 2}raise RuntimeError("an object called twice keeps only its last call")',
        ]

    def _parts(self) -> list[str]:
        """Give the attributes whose forward is called."""
        trees = [b.value for s in self.function.statements for b in s.binds]
        trees += [output.value for output in self.function.outputs]
        calls = [node for tree in trees for node in walk(tree) if isinstance(node, Call)]
        found = [c.arguments[0] for c in calls if isinstance(c.function, Member)]
        wishes = [r.variable.wish for r in found if isinstance(r, Read)]
        return list(dict.fromkeys(wishes))

    def _from_object(self, output: object) -> bool:
        """Whether an output is what another object's forward gave: its own business."""
        value = getattr(output, "value", None)
        definitions = {b.variable: b.value for s in self.function.statements for b in s.binds}
        value = definitions.get(getattr(value, "variable", None), value)  # type: ignore[arg-type]  # None is in no table
        return type(getattr(value, "function", None)).__name__ == "Member"


def spliced_class(source: ClassSource, text: ClassText, *, mark: str = "") -> str:
    """Give a class's text with its derived methods; an old backward makes way."""
    positions = source.positions
    methods = source.methods()
    start, end = positions.offsets(source.node)
    whole = positions.text
    edits: list[tuple[int, int, str]] = []
    forward = methods["forward"]
    first, last = positions.offsets(forward)
    begin = whole.rfind("\n", 0, first) + 1
    marked = f"{STEP}{mark}\n" if mark else ""
    new = text.forward + "\n\n" + marked + text.backward
    old = methods.get("backward")
    stop = last
    if old is not None:
        old_start, old_end = positions.offsets(old)
        line = whole.rfind("\n", 0, old_start) + 1
        while True:
            before = whole.rfind("\n", 0, line - 1) + 1
            above = whole[before : line - 1].strip()
            if line == 0 or (above and not above.startswith(MARK)):
                break
            line = before
        edits.append((max(line - 1, last), old_end, ""))
    edits.append((begin, stop, new))
    for first, last, replacement in sorted(edits, reverse=True):
        whole = whole[:first] + replacement + whole[last:]
        end += len(replacement) - (last - first)
    return whole[start:end]
