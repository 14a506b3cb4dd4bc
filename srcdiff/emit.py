"""A derivation as the text of its functions."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator

from srcdiff.checks import checks, fixed, listed
from srcdiff.ir.nodes import Call, Expression, Parameter, Read, UserFunction, Variable
from srcdiff.ir.walk import variables, walk
from srcdiff.passes.backward import BackwardGroup, groups_in
from srcdiff.passes.cached import changed_in_place, taken_over
from srcdiff.passes.cleanup import values
from srcdiff.passes.forward_nodes import forward_lines, surely_bound
from srcdiff.passes.memory import Memory
from srcdiff.passes.name import Use, name
from srcdiff.passes.record import ForwardLine
from srcdiff.pipeline import Derivation
from srcdiff.rules.helpers import FOR_RECORDS, HELPERS, add_at
from srcdiff.sections import Sections
from srcdiff.syntax.layout import NARROW, STEP, Piece, bare, grouped, headed
from srcdiff.syntax.vocabulary import Vocabulary
from srcdiff.syntax.write import Writer
from srcdiff.uses import uses_of

BUILTIN_TYPES = frozenset(["float", "int", "bool", "list", "tuple", "dict", "str", "None"])


class Emitter:
    """Writes the functions of one derivation.

    Parameters
    ----------
    derivation
        What the passes gave.
    vocabulary
        The module's names for libraries.
    """

    def __init__(self, derivation: Derivation, vocabulary: Vocabulary) -> None:
        self.derivation = derivation
        self.function = derivation.function
        self.vocabulary = vocabulary
        self.upstreams = derivation.upstream_names()
        self.seen_elsewhere = self._seen_elsewhere()
        names = self._named()
        self.names = names
        instead = FOR_RECORDS if derivation.types.has_records else {}
        self.writer = Writer(names, vocabulary, derivation.types.of, add_at, instead)
        self.writer.taken = frozenset(names.values()) | self._taken() | self._written()
        self.sections = Sections(derivation, names, self.writer)

    def _named(self) -> dict[Variable, str]:
        derivation = self.derivation
        uses = uses_of(derivation)
        outputs = tuple(v for output in derivation.outputs for v in variables(output))
        last = tuple(v for gradient in derivation.gradients for v in variables(gradient))
        last += tuple(adjoint for v, adjoint in derivation.attributes if is_inner(v))
        uses.append(Use((*last, *outputs, *self.seen_elsewhere), ()))
        fixed = {p.variable: p.variable.wish for p in self.function.parameters}
        fixed |= dict(zip(derivation.upstreams, self.upstreams, strict=True))
        fixed |= {variable: text for text, variable in self.function.reads.items()}
        fixed |= {v: f"{self._self_name()}.{v.wish}" for v in self.function.attributes}
        origins = {adjoint: v for v, adjoint in derivation.adjoints.items()}
        return name(uses, fixed, self._taken(), origins, derivation.wishes)

    def _self(self) -> Variable:
        return self.function.parameters[0].variable

    def _self_name(self) -> str:
        return self._self().wish

    def _taken(self) -> set[str]:
        """Give the names that mean a module or a function in the user's statements."""
        taken = set(self.vocabulary.modules.values()) | {"np", "math"}
        taken |= set(HELPERS) | set(self.function.reads)
        taken = taken.union(*(names_in(p.default) or () for p in fixed(self.function)))
        source = self.function.source
        lines = list(forward_lines(self.derivation.forward))
        backward = [line for group in groups_in(self.derivation.groups) for line in group.lines]
        trees = [bind.value for line in lines for bind in line.binds]
        trees += [tree for line in backward for tree in values(line)]
        taken |= {name_ for tree in trees for name_ in self._called(tree)}
        bound = [v for line in lines for v in _bound(line)]
        bound += [bind.variable for s in self.function.statements for bind in s.binds]
        own = {v.wish for v in bound if v.role == "local"}
        for line in lines:
            text = source.at(line.statement.span)
            taken |= set(re.findall(r"[A-Za-z_]\w*(?=\s*[(.])", text)) - own
        return taken - {p.variable.wish for p in self.function.parameters}

    def _called(self, tree: Expression) -> Iterator[str]:
        """Give the names of the user's functions that are called, and of imported functions."""
        for node in walk(tree):
            if isinstance(node, Call) and isinstance(node.function, UserFunction):
                yield node.function.name
            elif isinstance(node, Call) and id(node.function) in self.vocabulary.direct:
                yield self.vocabulary.direct[id(node.function)]

    def _written(self) -> set[str]:
        """Give the names in the user's statements."""
        lines = forward_lines(self.derivation.forward)
        texts = [self.function.source.at(line.statement.span) for line in lines]
        return {name_ for text in texts for name_ in re.findall(r"[A-Za-z_]\w*", text)}

    # Functions.

    def joint(self) -> list[str]:
        """Give the lines of `f_backward(x, dout=1.0)`."""
        parameters = self._with_upstreams(default=True)
        name_ = self.derivation.text_name
        body = [
            *self._checks(),
            *self._forward_section(),
            *self._backward_section(),
            *self._result(),
        ]
        return [*self._head(name_, parameters), *self._docstring(), *body]

    def valued(self) -> list[str]:
        """Give the lines of `f_value_and_grad(x, dout=1.0)`, which returns the outputs too."""
        parameters = self._with_upstreams(default=True)
        name_ = f"{self.function.name}_value_and_grad"
        body = [
            *self._checks(),
            *self._forward_section(),
            *self._backward_section(),
        ]
        body += self._returned(self._outputs(), self._gradients())
        return [*self._head(name_, parameters), *body]

    def pushed(self) -> list[str]:
        """Give the lines of `f_jvp(x, dx)`, which returns the outputs and their tangents."""
        parameters = self._with_upstreams(default=False)
        what = ("value", "its tangent") if self.derivation.bare else ("values", "their tangents")
        name_ = self.function.name
        text = f"The {what[0]} of {name_} and {what[1]} along {listed(self.upstreams)}."
        if len(text) > NARROW - 10:
            text = f"The {what[0]} of {name_} and {what[1]}."
        return [
            *self._head(self.derivation.text_name, parameters),
            f'{STEP}"""{text}"""',
            *self._checks(),
            *self._forward_lines(),
            *self._returned(self._outputs(), self._gradients()),
        ]

    def split(self) -> list[list[str]]:
        """Give the lines of `f_forward(x)` and of `f_backward(dout, cache)`."""
        cached = list(dict.fromkeys(self.names[v] for v in self.cached_variables()))
        whole = _free("cache", {*self.names.values(), *self.upstreams})
        pieces = tuple(map(Piece, cached))
        forward = [
            *self._head(f"{self.function.name}_forward", self._parameters()),
            f'{STEP}"""The output of {self.function.name}, and what its backward pass needs."""',
            *self._checks(),
            *self._unset(self.cached_variables()),
            *self._forward_lines(),
            *self.writer.stated(f"{whole} = ", grouped(pieces), STEP),
            *self._returned(self._outputs(), Piece(whole)),
        ]
        backward = [
            *self._head(
                f"{self.function.name}_backward", [*map(Piece, self.upstreams), Piece(whole)]
            ),
            *self._docstring(),
        ]
        if cached:
            targets = grouped(pieces) if len(pieces) == 1 else bare(pieces)
            line = f"{STEP}{targets.text} = {whole}"
            backward += [line] if len(line) <= NARROW else headed("(", pieces, f") = {whole}", STEP)
            copies = self._copies(self.cached_variables(), self.names)
            backward += [f"{STEP}{target} = {text}" for target, text in copies.values()]
            backward.append("")
        backward += [*self._backward_section(), *self._put_back(), *self._result()]
        return [forward, backward]

    def backward_reads(self) -> list[Variable]:
        """Give the variables that the backward part reads before it binds them."""
        last = [v for gradient in self.derivation.gradients for v in variables(gradient)]
        prologue = BackwardGroup([], [*self.derivation.prologue])
        return taken_over([prologue, *self.derivation.groups], last)

    def cached_variables(self) -> list[Variable]:
        """Give what the backward part reads of the forward part."""
        given = set(self.derivation.upstreams)
        found = self.backward_reads()
        # An attribute is read off the object.
        found = [self._self() if v.role == "attribute" else v for v in found]
        return [v for v in dict.fromkeys(found) if v not in given and v.role != "global"]

    def _unset(self, cached: list[Variable]) -> list[str]:
        """Give the lines that let what some way through forward leaves out be None."""
        return [f"{STEP}{self.names[v]} = None" for v in self._unsure(cached)]

    def _unsure(self, cached: list[Variable]) -> list[Variable]:
        sure = surely_bound(self.derivation.forward)
        return [v for v in cached if v.role in ("local", "staged") and v not in sure]

    def _copies(
        self, cached: list[Variable], names: dict[Variable, str]
    ) -> dict[Variable, tuple[str, str]]:
        """Give copies of what backward changes, so that what forward kept stays as it is.

        With each variable comes the name of its copy, and the copy's text.
        """
        unsure = self._unsure(cached)
        changed = changed_in_place(self.derivation.groups)
        seen = self._kept_names()
        found: dict[Variable, tuple[str, str]] = {}
        for variable in (v for v in changed if v in cached):
            text, held = names[variable], self.derivation.types.of(Read(variable))
            guard = f" if {text} is not None else None" if variable in unsure else ""
            deep = changed[variable] == "deep" and held.form != "array"
            module = self.vocabulary.module("copy") if deep else ""
            copied = f"{module}.deepcopy({text})" if deep else f"{text}.copy(){guard}"
            found[variable] = seen.get(variable, self.names[variable]), copied
        return found

    def _seen_elsewhere(self) -> list[Variable]:
        """Give the arrays of forward's that a backward pass on its own changes under other names.

        A copy would leave the other names, as `v` of `v = y[1:]`, with what forward left in them;
        so the array itself is changed, and gets its contents back when backward ends.
        """
        types = self.derivation.types
        if self.derivation.request.mode not in ("split", "method"):
            return []
        forms = ("array", "number", "any")
        arrays = [v for v in self.cached_variables() if types.of(Read(v)).form in forms]
        changed = changed_in_place(self.derivation.groups)
        if len(arrays) == 1 or not any(v in changed for v in arrays):
            return []
        ever = Memory(self.function, types).ever
        return [v for v in arrays if v in changed and ever.get(v, set()) & ({*arrays} - {v})]

    def _kept_names(self) -> dict[Variable, str]:
        """Give the names of the copies from which such arrays get their contents back."""
        taken = {*self.names.values(), *self.upstreams}
        found: dict[Variable, str] = {}
        for variable in self.seen_elsewhere:
            found[variable] = _free(f"{self.names[variable]}_kept", taken)
            taken.add(found[variable])
        return found

    def _put_back(self) -> Iterator[str]:
        """Give the lines by which arrays that backward changed are again as forward left them."""
        unsure = self._unsure(self.seen_elsewhere)
        for variable, kept in self._kept_names().items():
            name_ = self.names[variable]
            array = self.derivation.types.of(Read(variable)).form == "array"
            line = f"{name_}[{'...' if array else ':'}] = {kept}"
            if variable in unsure:
                yield f"{STEP}if {name_} is not None:"
            yield f"{STEP}{STEP if variable in unsure else ''}{line}"

    def _outputs(self) -> Piece:
        self.writer.generated = False
        pieces = tuple(self.writer.piece(output) for output in self.derivation.outputs)
        self.writer.generated = True
        return pieces[0] if len(pieces) == 1 else grouped(pieces)

    def _returned(self, *pieces: Piece) -> list[str]:
        """Give the lines that return what the user's code computes, and more."""
        self.writer.generated = False
        lines = self.writer.stated("return ", bare(pieces) if len(pieces) > 1 else pieces[0], STEP)
        self.writer.generated = True
        return lines

    def _gradients(self) -> Piece:
        pieces = tuple(self.writer.piece(gradient) for gradient in self.derivation.gradients)
        return pieces[0] if self.derivation.bare else grouped(pieces)

    def _head(self, name_: str, parameters: list[Piece]) -> list[str]:
        return headed(f"def {name_}(", tuple(parameters), "):")

    def _with_upstreams(self, *, default: bool) -> list[Piece]:
        parameters = self._parameters()
        several = len(self.upstreams) > 1
        kinds = {p.kind for p in self.function.parameters}
        last = [parameters.pop()] if "stars" in kinds else []
        if several or not default or any(self.derivation.containers()):
            if any(p.default for p in self.function.parameters) and not {"keyword", "star"} & kinds:
                parameters.append(Piece("*"))
            return [*parameters, *map(Piece, self.upstreams), *last]
        return [*parameters, Piece(f"{self.upstreams[0]}=1.0"), *last]

    def _parameters(self) -> list[Piece]:
        pieces: list[Piece] = []
        kinds = [p.kind for p in self.function.parameters]
        for index, parameter in enumerate(self.function.parameters):
            if parameter.kind == "keyword" and not {"keyword", "star"} & set(kinds[:index]):
                pieces.append(Piece("*"))
            pieces.append(Piece(self._parameter(parameter)))
            last_positional = parameter.kind == "positional" and (
                index + 1 == len(kinds) or kinds[index + 1] != "positional"
            )
            if last_positional:
                pieces.append(Piece("/"))
        return pieces

    def _parameter(self, parameter: Parameter) -> str:
        text = {"star": "*", "stars": "**"}.get(parameter.kind, "") + parameter.variable.wish
        annotation = self._kept_annotation(parameter.annotation)
        if annotation:
            text += f": {annotation}"
        if parameter.default:
            text += f" = {parameter.default}" if annotation else f"={parameter.default}"
        return text

    def _kept_annotation(self, annotation: str) -> str:
        """Give an annotation if it needs no import beyond NumPy's."""
        if not annotation:
            return ""
        names = names_in(annotation)
        if names is None:
            return ""
        numpy_name = self.vocabulary.modules.get("numpy")
        if names <= BUILTIN_TYPES:
            return annotation
        if numpy_name in names and names <= BUILTIN_TYPES | {numpy_name}:
            return annotation
        return ""

    def _docstring(self) -> list[str]:
        texts = [v.wish for v in self.derivation.wanted]
        texts += [f"self.{v.wish}" for v, _ in self.derivation.attributes]
        word = "Gradient" if len(texts) == 1 else "Gradients"
        line = f'{STEP}"""{word} of {self.function.name} with respect to {listed(texts)}."""'
        if len(self.writer.margin + line) > NARROW:
            line = f'{STEP}"""Gradients of {self.function.name}."""'
        return [line]

    # Sections.

    def _checks(self) -> list[str]:
        return checks(self.derivation, self.vocabulary)

    def _forward_section(self) -> list[str]:
        lines = self._forward_lines()
        if not lines:
            return []
        return [f"{STEP}# forward pass", *lines, ""]

    def _forward_lines(self) -> list[str]:
        self.sections.names = self.names
        return self.sections.forward()

    def _backward_section(self) -> list[str]:
        self.sections.names = self.names
        return self.sections.backward()

    def _result(self) -> list[str]:
        gradients = self._gradients()
        if not self.derivation.gradients:
            return []
        if len(self.derivation.gradients) > 1:
            gradients = bare(gradients.items)
        return self.writer.stated("return ", gradients, STEP)


def is_inner(variable: Variable) -> bool:
    """Whether this is an attribute of an object that self has: `fc.W`."""
    return variable.role == "attribute" and "." in variable.wish


@functools.cache
def names_in(annotation: str) -> frozenset[str] | None:
    """Give the names in an annotation; None if it isn't an expression."""
    try:
        tree = ast.parse(annotation)
    except SyntaxError:
        return None
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _bound(line: ForwardLine) -> Iterable[Variable]:
    return (bind.variable for bind in line.binds)


def _free(wish: str, taken: set[str]) -> str:
    """Give a name that stands for nothing else."""
    while wish in taken:
        wish += "_"
    return wish
