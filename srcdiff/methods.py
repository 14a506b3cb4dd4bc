"""The methods of a class: forward, which keeps what backward needs, and backward.

Takes the derivation of a class's forward. Gives the text of both methods. Refuses nothing.
"""

from __future__ import annotations

import libcst as cst

from srcdiff.emit import Emitter
from srcdiff.ir.nodes import Bind, Call, Item, Member, Read, Variable
from srcdiff.ir.walk import walk
from srcdiff.passes.cached import bound_in, changed_in_place
from srcdiff.passes.forward_nodes import forward_lines
from srcdiff.pipeline import Derivation
from srcdiff.syntax.layout import STEP, Piece, grouped, headed
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.vocabulary import Vocabulary


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
        self.writer.margin = STEP  # methods stand one step deeper in their class
        self.kept = self._kept()
        self.loaded = self._loaded()
        for variable, attribute in self.kept.items():
            if variable not in self.loaded:
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
            if variable in stored and variable not in self.function.changing:
                found[variable] = stored[variable]
                continue
            name = self.local_names[variable]
            own = {v.wish for v in self.function.attributes}
            while name in own | set(stored.values()) | set(found.values()):
                name += "_"
            found[variable] = name
        return found

    def _loaded(self) -> list[Variable]:
        """Give the kept variables that backward assigns or changes, and so reads from a copy."""
        changed = changed_in_place(self.derivation.groups)
        bound = bound_in(self.derivation.groups)
        return [v for v in self.kept if v in changed or v in bound]

    def _loads(self) -> list[str]:
        """Give the lines that take what backward changes from the object."""
        names = {v: f"{self._self_name()}.{self.kept[v]}" for v in self.loaded}
        copies = dict(self._copies(self.loaded, names))
        return [f"{STEP}{self.names[v]} = {copies.get(v, names[v])}" for v in self.loaded]

    def forward(self, node: cst.FunctionDef, positions: Positions) -> str:
        """Give the method forward, with the lines that keep what backward needs."""
        checks = self._rank_checks()
        if self.function.is_straight and not checks:
            return self.edited_forward(node, positions)
        start, _ = positions.offsets(node)
        text = positions.text
        indent = text[text.rfind("\n", 0, start) + 1 : start]
        bare = node.with_changes(
            body=cst.SimpleStatementSuite([cst.Pass()]), leading_lines=(), lines_after_decorators=()
        )
        head = cst.Module([]).code_for_node(bare).rstrip().removesuffix("pass").rstrip()
        names, self.names = self.names, self.local_names
        self.writer.names = self.names
        described = [STEP + self.function.docstring] if self.function.docstring else []
        unset = self._unset(list(self._stored_last()))
        body = [*described, *checks, *unset, *self._forward_lines(), *self._stores()]
        body += self._returned(self._outputs())
        self.names = names
        self.writer.names = names
        return "\n".join([indent + head, *(indent + line if line else line for line in body)])

    def _stores(self) -> list[str]:
        """Give the lines that keep what backward needs on the object."""
        own = f"{STEP}{self._self_name()}"
        return [f"{own}.{name} = {self.local_names[v]}" for v, name in self._stored_last().items()]

    def _stored_last(self) -> dict[Variable, str]:
        """Give what is kept but for what the class stores itself."""
        stored = {store for s in self.function.statements for store in s.stores}
        return {v: name for v, name in self.kept.items() if (name, v) not in stored}

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
            own = line.statement.form != "update" or line.statement in self.derivation.in_place
            if not (line.verbatim and kept and own):
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
            lines.append(f"{STEP}return {self._outputs().text}")
        else:
            lines.append(STEP + self.function.source.at(result.span))
        return result.span.start, result.span.end, lines

    def backward(self) -> list[str]:
        """Give the lines of the method backward, indented by one step."""
        parameters = [Piece(self._self_name())]
        for upstream, output in zip(self.upstreams, self.function.outputs, strict=True):
            known = self.derivation.types.of(output.value)
            single = len(self.upstreams) == 1 and not any(self.derivation.containers())
            default = "=1.0" if single and (known.shape == () or self._from_object(output)) else ""
            parameters.append(Piece(upstream + default))
        loads = self._loads()
        body = [*self._distinct_parts(), *loads, *self._backward_section(), *self._result()]
        head = headed("def backward(", tuple(parameters), "):", STEP)
        body = [line for line in body if line != f"{STEP}# backward pass"]
        body = [STEP + line if line else line for line in [*self._docstring(), *body]]
        return [*head, *body]

    def _distinct_parts(self) -> list[str]:
        """Give a check that the objects called are distinct: each keeps one call's values."""
        parts = self._parts()
        if len(parts) < 2 and not any(part.startswith("*") for part in parts):
            return []
        listed = grouped(tuple(map(Piece, parts)), "[", "]")
        return [
            *self.writer.stated("parts = ", listed, STEP),
            f"{STEP}if len(set(map(id, parts))) < len(parts):",
            f'{STEP * 2}raise RuntimeError("an object called twice keeps only its last call")',
        ]

    def _parts(self) -> list[str]:
        """Give the objects whose forward is called, a list of them with a star."""
        definitions = {b.variable: b.value for s in self.function.statements for b in s.binds}
        trees = [b.value for s in self.function.statements for b in s.binds]
        trees += [output.value for output in self.function.outputs]
        calls = [node for tree in trees for node in walk(tree) if isinstance(node, Call)]
        found: dict[str, None] = {}
        for call in calls:
            receiver = call.arguments[0] if isinstance(call.function, Member) else None
            if not isinstance(receiver, Read):
                continue
            own = definitions.get(receiver.variable)
            if isinstance(own, Item) and isinstance(own.value, Read):
                found[f"*{self._self_name()}.{own.value.variable.wish}"] = None
            else:
                found[f"{self._self_name()}.{receiver.variable.wish}"] = None
        return list(found)

    def _from_object(self, output: object) -> bool:
        """Whether an output is what another object's forward gave: its own business."""
        value = getattr(output, "value", None)
        definitions = {b.variable: b.value for s in self.function.statements for b in s.binds}
        value = definitions.get(getattr(value, "variable", None), value)  # type: ignore[arg-type]  # None is in no table
        return type(getattr(value, "function", None)).__name__ == "Member"
