"""The methods of a class: forward, which keeps what backward needs, and backward.

Takes the derivation of a class's forward. Gives the text of both methods. Refuses nothing.
"""

from __future__ import annotations

import ast
import contextlib
import re
import textwrap
from collections.abc import Iterable, Iterator

import libcst as cst

from srcdiff.checks import rank_checks
from srcdiff.emit import Emitter, is_inner
from srcdiff.ir.nodes import Call, Const, Expression, Item, Member, Read, Statement, Variable
from srcdiff.ir.walk import variables, walk
from srcdiff.passes.cached import bound_in, changed_in_place
from srcdiff.passes.forward_nodes import forward_lines
from srcdiff.passes.inner import owner_of
from srcdiff.passes.record import ForwardLine
from srcdiff.pipeline import Derivation
from srcdiff.syntax.layout import STEP, Piece, grouped, headed
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.vocabulary import Vocabulary

Edits = dict[tuple[int, int], list[str]]
"""New lines in the place of statements, by where these begin and end."""


class MethodEmitter(Emitter):
    """Writes the methods of one class.

    Parameters
    ----------
    derivation, vocabulary
        As for a function.
    used
        The names that mean something else on the class's objects.
    """

    def __init__(self, derivation: Derivation, vocabulary: Vocabulary, used: set[str]) -> None:
        self.used = used
        super().__init__(derivation, vocabulary)
        self.local_names = dict(self.names)
        self.is_rewritten = False
        self.unnamed: dict[Variable, str] = {}
        self.stored = self._stored()
        self.writer.margin = STEP  # methods stand one step deeper in their class
        self.kept = self._kept()
        self.loaded = self._loaded()
        for variable, attribute in self.kept.items():
            if variable not in self.loaded:
                self.names[variable] = f"{self._self_name()}.{attribute}"
        for variable, adjoint in derivation.attributes:
            if not is_inner(variable):
                self.names[adjoint] = f"{self._self_name()}.d{variable.wish}"
        self.inner = {
            adjoint: f"{self._self_name()}.{'.d'.join(variable.wish.rsplit('.', 1))}"
            for variable, adjoint in derivation.attributes
            if is_inner(variable)
        }

    def _stored(self) -> dict[Variable, str]:
        """Give the variables that stand on the object when forward ends, with their attributes."""
        stores = [store for s in self.function.statements for store in s.stores]
        by_name: dict[str, list[Variable]] = {}
        for name, variable in stores:
            by_name.setdefault(name, []).append(variable)
        straight = self.function.is_straight
        last = {found[-1]: n for n, found in by_name.items() if straight or len(set(found)) == 1}
        return {v: name for v, name in last.items() if v not in self.function.changing}

    def _kept(self) -> dict[Variable, str]:
        """Give the variables that backward reads, with the attributes that keep them."""
        stored = {name for s in self.function.statements for name, _ in s.stores}
        stored |= {v.wish for v in self.function.attributes}
        found: dict[Variable, str] = {}
        for variable in self.cached_variables():
            if variable.role in ("attribute", "object"):
                continue
            if variable in self.stored:
                found[variable] = self.stored[variable]
                continue
            name = self.local_names[variable]
            while name in self.used | stored | set(found.values()):
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
        copies = self._copies(self.loaded, names)
        lines: list[str] = []
        for variable in self.loaded:
            name, text = copies.get(variable, (self.names[variable], names[variable]))
            if name != self.names[variable]:  # the array itself is changed, and put back
                lines.append(f"{STEP}{self.names[variable]} = {names[variable]}")
            lines.append(f"{STEP}{name} = {text}")
        return lines

    def forward(self, node: cst.FunctionDef, positions: Positions) -> str:
        """Give the method forward, with the lines that keep what backward needs."""
        edits = None if self.derivation.assumed.ranks else self._edits(node, positions)
        if edits is not None:
            return self._edited(node, positions, edits)
        self.is_rewritten = True
        start, _ = positions.offsets(node)
        text = positions.text
        indent = text[text.rfind("\n", 0, start) + 1 : start]
        bare = node.with_changes(
            body=cst.SimpleStatementSuite([cst.Pass()]), leading_lines=(), lines_after_decorators=()
        )
        head = cst.Module([]).code_for_node(bare).rstrip().removesuffix("pass").rstrip()
        described = [STEP + self.function.docstring] if self.function.docstring else []
        with self._named_as(self.local_names):
            unset = self._unset(list(self._stored_last()))
            first = rank_checks(self.derivation, self.vocabulary)
            body = [*described, *first, *unset, *self._forward_lines()]
            body += [*self._stores(), *self._return()]
        return "\n".join([indent + head, *(indent + line if line else line for line in body)])

    @contextlib.contextmanager
    def _named_as(self, names: dict[Variable, str]) -> Iterator[None]:
        """Let variables have other names."""
        own, self.names = self.names, names
        self.writer.names = self.sections.names = names
        try:
            yield
        finally:
            self.names = self.writer.names = self.sections.names = own

    def _stores(self) -> list[str]:
        """Give the lines that keep what backward needs on the object."""
        own = f"{STEP}{self._self_name()}"
        return [f"{own}.{name} = {self.names[v]}" for v, name in self._stored_last().items()]

    def _stored_last(self) -> dict[Variable, str]:
        """Give what is kept but for what the class stores itself."""
        return {v: name for v, name in self.kept.items() if self.stored.get(v) != name}

    def _edits(self, node: cst.FunctionDef, positions: Positions) -> Edits | None:
        """Give the statements of forward that change, with their lines.

        None where forward is to be written anew: lines of it belong to none of its statements.
        """
        if not self.function.is_straight:
            return None
        places = dict(map(positions.offsets, _statements(node)))
        lines: dict[int, list[ForwardLine]] = {}
        for line in forward_lines(self.derivation.forward):
            start = line.statement.span.start
            if start not in places or line.statement.form == "guard":
                return None
            lines.setdefault(start, []).append(line)
        result = self.function.result.span.start
        if result not in places:
            return None
        last = lines.pop(result, [])
        self.unnamed = self._unnamed()
        own = {v: text for v, text in self.unnamed.items() if v in self.stored}
        with self._named_as({**self.local_names, **own}):
            changed = {s: found for s, found in lines.items() if not all(map(self._stays, found))}
            edits = {start: self._changed(found) for start, found in changed.items()}
            returned = [*self._changed(last), *self._stores(), *self._own_return(last)]
        edits[result] = returned
        return {(start, places[start]): found for start, found in edits.items()}

    def _unnamed(self) -> dict[Variable, str]:
        """Give the variables that forward's text knows as attributes alone."""
        found: dict[Variable, str] = {}
        for statement in self.function.statements:
            bound = {bind.variable for bind in statement.binds}
            for name, variable in statement.stores:
                if variable in bound and name not in _assigned(self._text(statement)):
                    found[variable] = f"{self._self_name()}.{name}"
        return found

    def _text(self, statement: Statement) -> str:
        return self.function.source.at(statement.span)

    def _stays(self, line: ForwardLine) -> bool:
        """Whether a line's own text says what it is to say."""
        statement = line.statement
        read = {v for bind in line.binds for v in (bind.variable, *variables(bind.value))}
        own = statement.form != "update" or statement in self.derivation.in_place
        return line.verbatim and own and self._as_written(statement, read)

    def _as_written(self, statement: Statement, read: Iterable[Variable]) -> bool:
        """Whether variables have the names that a statement's text has for them."""
        shown = re.sub(r"\s", "", self._text(statement))
        return all(
            self.names[v] == self.unnamed.get(v, v.wish)
            and (v not in self.unnamed or self.names[v] in shown)
            for v in read
            if v.role in ("local", "parameter", "staged") and v.wish
        )

    def _changed(self, lines: list[ForwardLine]) -> list[str]:
        self.writer.generated = False
        found = [text for line in lines for text in self.sections.changed(line, STEP)]
        self.writer.generated = True
        return found

    def _own_return(self, lines: list[ForwardLine]) -> list[str]:
        """Give the return statement: as it stands, if it says what is returned."""
        result = self.function.result
        same = [o.value for o in self.function.outputs] == self.derivation.outputs
        read = {v for output in self.derivation.outputs for v in variables(output)}
        if same and not lines and self._as_written(result, read):
            if result.span.start not in self.function.rewritten:
                return [STEP + self._text(result)]
        return self._return()

    def _return(self) -> list[str]:
        """Give the return statement of a forward that is written anew."""
        self.writer.generated = False
        pieces = tuple(self.writer.piece(output) for output in self.derivation.outputs)
        self.writer.generated = True
        return self._returned(*((grouped(pieces),) if self.function.gives_one else pieces))

    def _edited(self, node: cst.FunctionDef, positions: Positions, edits: Edits) -> str:
        """Give forward's own text with some of its statements changed."""
        start, end = positions.offsets(node)
        text = positions.text
        indent = text[text.rfind("\n", 0, start) + 1 : start]
        if isinstance(node.body, cst.SimpleStatementSuite):
            return self._opened(node, positions, indent, edits)
        for (first, last), lines in sorted(edits.items(), reverse=True):
            begin = text.rfind("\n", 0, first) + 1
            inner = text[begin:first]
            inner = inner if not inner.strip() else indent + STEP
            new = f"\n{inner}".join(line[len(STEP) :] for line in lines)
            text = text[:first] + new + text[last:]
            end += len(new) - (last - first)
        return indent + text[start:end].rstrip()

    @staticmethod
    def _opened(node: cst.FunctionDef, positions: Positions, indent: str, edits: Edits) -> str:
        """Give a forward that stands on one line, on several."""
        start, _ = positions.offsets(node)
        changed = {first: lines for (first, _), lines in edits.items()}
        lines = []
        for small in node.body.body:
            first, last = positions.offsets(small)
            lines += changed.get(first, [STEP + positions.text[first:last]])
        head = positions.text[start : positions.offsets(node.body.body[0])[0]].rstrip()
        return "\n".join([indent + head, *(indent + line for line in lines)])

    def overwritten(self) -> Iterator[tuple[Statement, str]]:
        """Give the statements that overwrite an attribute whose value at entry backward needs.

        Or whose gradient would be left: it is of a value that the object no longer has.
        """
        read = set(self.backward_reads())
        straight = self.function.is_straight
        read |= {v for v, _ in self.derivation.attributes} if straight else set()
        needed = {v.wish for v in read if v.role == "attribute"}
        for statement in self.function.statements:
            yield from ((statement, name) for name, _ in statement.stores if name in needed)

    def inner_of_called(self) -> Iterator[str]:
        """Give the attributes that matter of objects that are called, or of what these have."""
        called = [part.lstrip("*") for part in self._parts()]
        found = [*(v for v, _ in self.derivation.attributes), *self.backward_reads()]
        for variable in dict.fromkeys(filter(is_inner, found)):
            path = self.local_names[variable]
            if any(path.startswith(f"{part}.") for part in called):
                yield variable.wish

    def called_objects(self) -> Iterator[str]:
        """Give the attributes whose forward is called, or that of what they hold."""
        own = f"{self._self_name()}."
        for part in self._parts():
            text = part.lstrip("*").partition("[")[0]
            if text.startswith(own) and text.removeprefix(own).isidentifier():
                yield text.removeprefix(own)

    def attributes_set(self) -> list[str]:
        """Give the attributes that the two methods set, but for the class's own."""
        kept = self._stored_last().values()
        own = [v for v, _ in self.derivation.attributes if not is_inner(v)]
        return [*kept, *(f"d{v.wish}" for v in own)]

    def backward(self) -> list[str]:
        """Give the lines of the method backward, indented by one step."""
        parameters = [Piece(self._self_name())]
        for upstream, output in zip(self.upstreams, self.function.outputs, strict=True):
            known = self.derivation.types.of(output.value)
            single = len(self.upstreams) == 1 and not any(self.derivation.containers())
            default = "=1.0" if single and (known.shape == () or self._from_object(output)) else ""
            parameters.append(Piece(upstream + default))
        loads = self._loads()
        body = [*self._distinct_parts(), *loads, *self._cleared()]
        body += [*self._backward_section(), *self._left_inside()]
        body += [*self._put_back(), *self._result()]
        head = headed("def backward(", tuple(parameters), "):", STEP)
        body = [line for line in body if line != f"{STEP}# backward pass"]
        body = [STEP + line if line else line for line in [*self._docstring(), *body]]
        return [*head, *body]

    def _cleared(self) -> list[str]:
        """Give the lines that forget the gradients that objects have of an earlier backward."""
        return [f"{STEP}{target} = 0.0" for target in self._added()]

    def _left_inside(self) -> list[str]:
        """Give the lines that leave gradients on objects that self has.

        Where backward calls objects, theirs may leave gradients at the same places.
        """
        added = self._added()
        return [
            f"{STEP}{target} = {target} + {self.names[adjoint]}"
            if target in added
            else f"{STEP}{target} = {self.names[adjoint]}"
            for adjoint, target in self.inner.items()
        ]

    def _added(self) -> list[str]:
        """Give the places of gradients on objects to which others may add."""
        names = [target.rsplit(".", 1)[1] for target in self.inner.values()]
        calls = bool(self._parts())
        return [
            target
            for target, name in zip(self.inner.values(), names, strict=True)
            if calls or names.count(name) > 1
        ]

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
            if call.function == Member("forward"):
                found[self._part(call.arguments[0], definitions)] = None
        return list(found)

    def _part(self, receiver: Expression, definitions: dict[Variable, Expression]) -> str:
        """Give the text of an object, or of the list that it is one of, with a star."""
        fixed = not isinstance(receiver, Item) or isinstance(receiver.index, Const)
        own = definitions.get(receiver.variable) if isinstance(receiver, Read) else receiver
        if isinstance(own, Item):
            owner = owner_of(own.value, definitions)
            if owner is not None and not (fixed and own is receiver):
                held = own.value
                while isinstance(held, Read) and held.variable in definitions:
                    held = definitions[held.variable]
                alone = all(v is owner for v in variables(held))
                return f"*{self.writer.text(held) if alone else self.names[owner]}"
        if isinstance(own, Read):
            return self._part(own, definitions)
        return self.writer.text(receiver)

    def _from_object(self, output: object) -> bool:
        """Whether an output is what another object's forward gave: its own business."""
        value = getattr(output, "value", None)
        definitions = {b.variable: b.value for s in self.function.statements for b in s.binds}
        value = definitions.get(getattr(value, "variable", None), value)  # type: ignore[arg-type]  # None is in no table
        return type(getattr(value, "function", None)).__name__ == "Member"


def _statements(node: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """Give the plain statements of a function's outermost block."""
    for line in node.body.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body
        elif isinstance(line, cst.BaseSmallStatement):
            yield line


def _assigned(text: str) -> set[str]:
    """Give the names that a statement assigns."""
    nodes = ast.walk(ast.parse(textwrap.dedent(text)))
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
