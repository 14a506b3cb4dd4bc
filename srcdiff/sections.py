"""The forward and the backward pass of one derivation as lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from srcdiff.ir import operators
from srcdiff.ir.nodes import Bind, Call, Expression, Group, Read, Statement, Unpack, Variable, Write
from srcdiff.ir.walk import variables
from srcdiff.passes.backward import (
    BackwardGroup,
    BackwardIf,
    BackwardLoop,
    BackwardNode,
    Line,
)
from srcdiff.passes.cleanup import reads
from srcdiff.passes.forward_nodes import (
    ForwardIf,
    ForwardJump,
    ForwardLoop,
    ForwardNode,
    TangentLine,
    forward_lines,
    read_by_write,
    tangent_lines,
)
from srcdiff.passes.record import ForwardLine
from srcdiff.passes.unpacking import unpacks
from srcdiff.pipeline import Derivation
from srcdiff.syntax.guarded import guarded_lines, negated
from srcdiff.syntax.layout import STEP, bare
from srcdiff.syntax.write import Writer


class Sections:
    """Writes the two passes of one derivation.

    Parameters
    ----------
    derivation
        What the passes gave.
    names
        Of the variables.
    writer
        Of expressions.
    """

    def __init__(self, derivation: Derivation, names: dict[Variable, str], writer: Writer) -> None:
        self.derivation = derivation
        self.function = derivation.function
        self.names = names
        self.writer = writer

    # Forward.

    def forward(self) -> list[str]:
        """Give the lines of the forward pass."""
        self.writer.generated = False
        lines = self._forward_nodes(self.derivation.forward, STEP)
        self.writer.generated = True
        return lines

    def _forward_nodes(self, nodes: list[ForwardNode], indent: str) -> list[str]:
        lines: list[str] = []
        for node in nodes:
            match node:
                case ForwardLine():
                    lines += self._forward_line(node, indent)
                case ForwardIf():
                    lines += self._forward_if(node, indent, "if")
                case ForwardLoop():
                    lines += self._forward_loop(node, indent)
                case ForwardJump(jump=jump):
                    own = self._own_text(jump.header, indent)
                    made = jump.header.form == "made"
                    if isinstance(jump.values, Call) and (
                        made or not self._are_kept(variables(jump.values))
                    ):
                        own = self.writer.stated("raise ", self.writer.piece(jump.values), indent)
                        own[0] = own[0].removeprefix(indent)
                    own = own if jump.kind == "raise" else [jump.kind]
                    lines += [indent + own[0], *own[1:]]
                case TangentLine(line=line):
                    lines += [] if self._says_nothing(line) else self._tangent_line(line, indent)
        return lines

    def _tangent_line(self, line: Line, indent: str) -> list[str]:
        self.writer.generated = True
        if isinstance(line, Unpack) and isinstance(line.value, Group):
            targets = ", ".join(self.names[v] for v in line.variables if v is not None)
            values = tuple(map(self.writer.piece, line.value.items))
            lines = self.writer.stated(f"{targets} = ", bare(values), indent)
        else:
            lines = self.writer.line(line, indent)
        self.writer.generated = False
        return lines

    def _own_text(self, statement: Statement, indent: str) -> list[str]:
        text = self._reindented(statement, indent).split("\n")
        text[0] = text[0][len(indent) :]
        end = f"  {statement.comment}" if statement.comment else ""
        return [*text[:-1], text[-1] + end]

    def _forward_if(self, node: ForwardIf, indent: str, word: str) -> list[str]:
        header = node.node.header
        lines = [f"{indent}{comment}" for comment in header.leading]
        kept = node.verbatim and self._are_kept(variables(node.test))
        test = self.function.source.at(header.span) if kept else self.writer.text(node.test)
        if kept:
            test = re.sub(r"^(el)?if\b", "", test).strip()
        end = f"  {header.comment}" if header.comment else ""
        then = self._forward_nodes(node.then, indent + STEP)
        otherwise = node.otherwise
        if not then and not otherwise:
            return []
        if not then and not node.node.flat:
            lines.append(f"{indent}{word} {negated(test, node.test)}:{end}")
            below = self._forward_nodes(otherwise, indent + STEP)
            return [*lines, *below] if below else []
        lines.append(f"{indent}{word} {test}:{end}")
        lines += then or [f"{indent}{STEP}pass"]
        if node.node.flat:
            return [*lines, *self._forward_nodes(otherwise, indent)]
        inner = otherwise[0] if len(otherwise) == 1 else None
        if isinstance(inner, ForwardIf) and not inner.node.header.leading:
            if self._forward_nodes([inner], indent):
                return [*lines, *self._forward_if(inner, indent, "elif")]
        below = self._forward_nodes(otherwise, indent + STEP)
        return [*lines, f"{indent}else:", *below] if below else lines

    def _forward_loop(self, node: ForwardLoop, indent: str) -> list[str]:
        loop = node.node
        header = loop.header
        lines = [f"{indent}{comment}" for comment in header.leading]
        read = [v for tree in (node.sequence, node.test) if tree for v in variables(tree)]
        bound = [bind.variable for bind in header.binds]
        bound += [loop.index] if loop.index is not None and loop.index.role != "staged" else []
        text = self.function.source.at(header.span)
        plain = text.startswith(("for ", "while ")) and "#" not in text and self._is_whole(node)
        end = f"  {header.comment}" if header.comment else ""
        body = self._forward_nodes(node.body, indent + STEP) or [f"{indent}{STEP}pass"]
        if node.verbatim and plain and self._are_kept([*read, *bound]):
            return [*lines, f"{indent}{' '.join(text.split())}:{end}", *body]
        if node.test is not None:
            return [*lines, f"{indent}while {self.writer.text(node.test)}:{end}", *body]
        assert loop.index is not None
        assert node.sequence is not None
        lines.append(
            f"{indent}for {self.names[loop.index]} in {self.writer.text(node.sequence)}:{end}"
        )
        lines += self._forward_nodes(node.first, indent + STEP)
        for bind in header.binds:
            if bind.variable in self.names:
                lines += self.writer.line(bind, indent + STEP)
        return [*lines, *body]

    def _is_whole(self, node: ForwardLoop) -> bool:
        """Whether no hidden index of the loop is read in its body."""
        index = node.node.index
        if index is None or index.role != "staged":
            return True
        if any(index in reads(line) for line in tangent_lines(node.body)):
            return False
        return not any(
            index in set(variables(tree))
            for line in forward_lines(node.body)
            for tree in (*(b.value for b in line.binds), *_written(line))
        )

    def _are_kept(self, found: Iterable[Variable]) -> bool:
        """Whether variables have the names that the source gives them."""
        return all(
            self.names.get(v, v.wish) == v.wish
            for v in found
            if v.role in ("local", "parameter", "staged") and v.wish
        )

    def _forward_line(self, line: ForwardLine, indent: str) -> list[str]:
        statement = line.statement
        own = bool(line.binds or line.writes) and statement is not self.function.result
        comments = [f"{indent}{comment}" for comment in statement.leading] if own else []
        kept = self._are_kept(v for b in line.binds for v in _own(b))
        kept = kept and self._are_kept(v for w in line.writes for v in read_by_write(w))
        updated = statement.form != "update" or statement in self.derivation.in_place
        if line.verbatim and kept and updated and not statement.stores:
            text = self._reindented(statement, indent)
            end = f"  {statement.comment}" if statement.comment else ""
            return [*comments, *(text + end).split("\n")]
        if statement.form == "guard" and own:
            parts = [b.value for b in line.binds if not isinstance(b.value, Group)]
            return [*comments, f"{indent}assert {', '.join(map(self.writer.text, parts))}"]
        result = self.changed(line, indent)
        if statement.comment and len(result) == 1 and own:
            result[0] += f"  {statement.comment}"
        return result

    def changed(self, line: ForwardLine, indent: str) -> list[str]:
        """Give a line of the forward pass that isn't the source's own text, without comments."""
        statement = line.statement
        own = statement is not self.function.result
        updated = statement.form != "update" or statement in self.derivation.in_place
        result: list[str] = []
        if statement.form == "unpack" and unpacks(line.binds):
            names = [self.names[b.variable] for b in line.binds[1:]]
            targets = ", ".join(names) + "," * (len(names) == 1)
            result = self.writer.stated(
                f"{targets} = ", self.writer.piece(line.binds[0].value), indent
            )
        elif statement.form == "swap" and len(line.binds) > 1:
            targets = ", ".join(self.names[b.variable] for b in line.binds)
            values = [self.writer.piece(b.value) for b in line.binds]
            result = self.writer.stated(f"{targets} = ", bare(tuple(values)), indent)
        elif updated and statement.form == "update" and self._is_update(line.binds[-1]):
            for bind in line.binds[:-1]:
                result += self.writer.line(bind, indent)
            result += self._update(line.binds[-1], indent)
        else:
            for bind in line.binds:
                result += [] if self._says_nothing(bind) else self.writer.line(bind, indent)
        for write in line.writes:
            result += self.writer.line(write, indent)
        bound = {bind.variable for bind in line.binds}
        owner = self.function.parameters[0].variable.wish if statement.stores else ""
        for name, variable in statement.stores if own else ():
            target = f"{owner}.{name}"
            if (variable in bound or not line.binds) and self.names[variable] != target:
                result.append(f"{indent}{target} = {self.names[variable]}")
        return result

    def _is_update(self, bind: Bind) -> bool:
        """Whether an augmented assignment still is one under the names chosen."""
        value = bind.value
        old = value.arguments[0] if isinstance(value, Call) else value
        own = isinstance(old, Read) and self.names[old.variable] == self.names[bind.variable]
        return own and isinstance(value, Call) and value.spelling == "operator"

    def _update(self, bind: Bind, indent: str) -> list[str]:
        assert isinstance(bind.value, Call)
        symbol = operators.BINARY[bind.value.function][0]
        target = self.names[bind.variable]
        value = self.writer.piece(bind.value.arguments[1])
        return self.writer.stated(f"{target} {symbol}= ", value, indent)

    def _reindented(self, statement: Statement, indent: str) -> str:
        """Give a statement's own text at another indentation."""
        source = self.function.source
        text = source.at(statement.span)
        start = source.text.rfind("\n", 0, statement.span.start) + 1
        before = source.text[start : statement.span.start]
        old = before if not before.strip() else ""
        lines = text.splitlines()
        moved = [
            indent + line[len(old) :] if old and line.startswith(old) else line
            for line in lines[1:]
        ]
        return "\n".join([indent + lines[0], *moved])

    # Backward.

    def backward(self) -> list[str]:
        """Give the lines of the backward pass."""
        lines = [f"{STEP}# backward pass"]
        for bind in self.derivation.prologue:
            lines += self.writer.line(bind, STEP)
        lines += self._backward_nodes(self.derivation.groups, STEP)
        return lines if len(lines) > 1 else []

    def _backward_nodes(self, nodes: list[BackwardNode], indent: str) -> list[str]:
        lines: list[str] = []
        title: list[str] = []
        for node in nodes:
            match node:
                case BackwardGroup():
                    said = [s for s in node.statements if s.span.start < s.span.end]
                    titles = [f"{indent}# backprop {self._title(s)}" for s in said]
                    own = [line for line in node.lines if not self._says_nothing(line)]
                    if not own:
                        continue
                    lines += titles if titles != title else []
                    title = titles
                    lines += guarded_lines(self.writer, own, indent)
                case BackwardIf():
                    lines += self._backward_if(node, indent)
                    title = []
                case BackwardLoop():
                    body = self._backward_nodes(node.body, indent + STEP)
                    lines += [self._backward_header(node, indent), *body] if body else []
                    title = []
        return lines

    def _backward_if(self, node: BackwardIf, indent: str, word: str = "if") -> list[str]:
        assert node.test is not None
        test = self.writer.text(node.test)
        then = self._backward_nodes(node.then, indent + STEP)
        otherwise = self._backward_nodes(node.otherwise, indent + STEP)
        if not then and not otherwise:
            return []
        if not then:
            return [f"{indent}{word} {negated(test, node.test)}:", *otherwise]
        lines = [f"{indent}{word} {test}:", *then]
        inner = node.otherwise[0] if len(node.otherwise) == 1 else None
        if isinstance(inner, BackwardIf):
            return [*lines, *self._backward_if(inner, indent, "elif")]
        return [*lines, f"{indent}else:", *otherwise] if otherwise else lines

    def _backward_header(self, node: BackwardLoop, indent: str) -> str:
        assert node.sequence is not None
        counted = node.index is not None and node.index.wish == "_"
        read = node.index in _read_in(node.body)
        index = self.names[node.index] if (counted or read) and node.index is not None else "_"
        if read or index != "_" or node.index is None:
            return f"{indent}for {index} in {self.writer.text(node.sequence)}:"
        rounds = node.node.rounds
        if rounds is not None:
            return f"{indent}for _ in range({self.names[rounds]}):"
        return f"{indent}for _ in {self.writer.text(_uncut(node.sequence))}:"

    def _says_nothing(self, line: Bind | Write | Unpack) -> bool:
        """Whether a line binds a value to the name that it has already."""
        if not isinstance(line, Bind) or not isinstance(line.value, Read):
            return False
        return self.names[line.variable] == self.names[line.value.variable]

    def _title(self, statement: Statement) -> str:
        text = " ".join(self.function.source.at(statement.span).split())
        if text.startswith("return "):
            outputs = self.function.outputs
            if len(outputs) == 1 and not (
                statement is self.function.result and isinstance(outputs[0].value, Read)
            ):
                return f"{outputs[0].name} = {text.removeprefix('return').strip()}"
        return text


def _read_in(nodes: list[BackwardNode]) -> set[Variable]:
    """Give all variables that backward code reads, in headers too."""
    found: set[Variable] = set()
    for node in nodes:
        match node:
            case BackwardGroup():
                found.update(v for line in node.lines for v in reads(line))
            case BackwardIf():
                found |= _read_in(node.then) | _read_in(node.otherwise)
                found.update(variables(node.test) if node.test is not None else ())
            case BackwardLoop():
                found |= _read_in(node.body)
                found.update(variables(node.sequence) if node.sequence is not None else ())
    return found


def _uncut(sequence: Expression) -> Expression:
    """Give what a loop without an index counts, forwards: it is as long."""
    if isinstance(sequence, Call) and sequence.function is reversed:
        return sequence.arguments[0]
    return sequence


def _own(bind: Bind) -> Iterator[Variable]:
    """Give the variables of a line whose names must be the user's for its text to stand."""
    yield bind.variable
    for variable in variables(bind.value):
        if variable.role in ("local", "parameter"):
            yield variable


def _written(line: ForwardLine) -> Iterator[Expression]:
    for write in line.writes:
        yield write.value
        yield from write.path
