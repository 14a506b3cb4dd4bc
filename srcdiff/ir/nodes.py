"""The nodes: expressions, statements, blocks of them, and the function that holds them.

Nodes are frozen and compared by identity: an analysis is a table keyed by node. A variable is an
object too; its text is chosen by the `name` pass alone. Each assignment makes a new variable,
except where branches or rounds of a loop join: those are in `Function.changing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from srcdiff.diagnostics import Span
from srcdiff.ir.given_back import GivenBack
from srcdiff.ir.records import Record, RecordClass
from srcdiff.ir.source import Source

Role = Literal[
    "parameter", "local", "staged", "adjoint", "upstream", "global", "attribute", "object"
]


@dataclass(eq=False, slots=True)
class Variable:
    """One value with a name to wish for.

    Parameters
    ----------
    wish
        The text that it would like to have; empty for a value that the source didn't name.
    role
        Where it comes from; an attribute is self's, or an object's of self (`fc.W`).
    """

    wish: str
    role: Role = "local"

    def __repr__(self) -> str:
        return f"<{self.role} {self.wish or '?'} {id(self) & 0xFFFF:x}>"


Spelling = Literal["operator", "function", "method", "attribute"]


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """The value of a variable."""

    variable: Variable
    span: Span | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Const:
    """A constant, with the text that the source gave it (1e-3 stays 1e-3)."""

    value: Any
    text: str = ""
    span: Span | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """A function applied; operators, methods and attributes with a meaning are calls too.

    Parameters
    ----------
    function
        The Python function itself for a library's, a `UserFunction`, or a `Member` of an object.
    arguments, keywords
        In the order of the source.
    spelling
        How it was written and is to be written: `x * y`, `np.multiply(x, y)`, `x.sum()`, `x.T`.
    """

    function: Any
    arguments: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()
    spelling: Spelling = "function"
    span: Span | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Item:
    """An element or a part: value[index]."""

    value: Expression
    index: Expression
    span: Span | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Attribute:
    """An attribute without a meaning of its own: self.W."""

    value: Expression
    name: str
    span: Span | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """A list, tuple, dict (keys and values by turns) or slice (three items) written out.

    A tuple that has a record is made by calling that class.
    """

    kind: Literal["list", "tuple", "dict", "slice"]
    items: tuple[Expression, ...]
    span: Span | None = None
    record: Record | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """A conditional expression: then if test else otherwise."""

    test: Expression
    then: Expression
    otherwise: Expression
    span: Span | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Forward:
    """In backward code: the value that the forward pass gave to this node."""

    node: Expression
    span: Span | None = None


Expression = Read | Const | Call | Item | Attribute | Group | Choice | Forward


@dataclass(frozen=True, eq=False, slots=True)
class Bind:
    """A variable gets its value."""

    variable: Variable
    value: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Write:
    """An update in place.

    Parameters
    ----------
    variable, path, value
        What is updated: all of it, or the part at these indices, outermost first; with what.
    mode, at
        "set" for `=`, "add" for `+=`, "add.at" where indices may repeat, "append" and "pop" for
        a list, at a place or at its end, "del" for a dict.
    updates
        Whether the source says `+=`, `*=` or the like, which change an array in its place.
    """

    variable: Variable
    path: tuple[Expression, ...]
    value: Expression
    mode: Literal["set", "add", "add.at", "append", "pop", "del"]
    updates: bool = False
    at: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Unpack:
    """Several variables get the items of one value; None where not needed."""

    variables: tuple[Variable | None, ...]
    value: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """One statement of the source, and what it binds.

    Parameters
    ----------
    binds
        Its assignments, in order; a swap has several.
    span
        Its place; the text there is printed as it stands wherever that is possible.
    comment
        The comment at the end of its line, with the hash sign; empty where there is none.
    leading
        The comment lines above it.
    stores
        The attributes of self that it sets, with their variables.
    form
        "chain" binds one after the other, "swap" all at once, "unpack" first the whole, then
        its items, "update" is an augmented assignment; "guard" may only raise; "made" isn't in
        the source.
    writes
        What it writes in place, after its assignments.
    """

    binds: tuple[Bind, ...]
    span: Span
    comment: str = ""
    leading: tuple[str, ...] = ()
    stores: tuple[tuple[str, Variable], ...] = ()
    form: Literal["chain", "swap", "unpack", "update", "guard", "made"] = "chain"
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Jump:
    """The end of a block that leaves it; values are what a return gives back."""

    kind: Literal["break", "continue", "return", "raise"]
    header: Statement
    values: Expression | None = None


@dataclass(frozen=True, eq=False, slots=True)
class If:
    """An if statement.

    Parameters
    ----------
    header
        The place of its first line.
    flat
        Whether `then` leaves the block, so that `otherwise` stands below it, not under an else.
    """

    test: Expression
    then: Block
    otherwise: Block
    header: Statement
    flat: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Loop:
    """A loop.

    Parameters
    ----------
    header
        The place of its first line; its binds are what the first line binds in each round.
    index
        What runs over the sequence; the loop's own variable, or a hidden one.
    sequence
        What the index runs over; None for a while loop.
    test
        A while loop's test.
    rounds
        The variable that counts how many rounds began, where the sequence doesn't say it.
    otherwise
        What runs if the loop ends without break.
    """

    header: Statement
    index: Variable | None
    sequence: Expression | None
    test: Expression | None
    body: Block
    rounds: Variable | None = None
    otherwise: Block = ()


Node = Statement | If | Loop | Jump
Block = tuple[Node, ...]
Kind = Literal["positional", "either", "keyword", "star", "stars"]


@dataclass(frozen=True, eq=False, slots=True)
class Parameter:
    """A parameter of a function, with its annotation and default as texts.

    A "star" is `*xs`, "stars" are `**options`; what is `fixed` is always its default, a function.
    """

    variable: Variable
    kind: Kind
    annotation: str = ""
    default: str = ""
    default_value: Expression | None = None
    fixed: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Output:
    """One returned value and the name that its upstream gradient is built from."""

    name: str
    value: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Function:
    """A function as read.

    Parameters
    ----------
    name, parameters, body, outputs
        As in the source; the body without the docstring and the return.
    result
        The return statement's span, and its comment.
    source
        The text that spans point into, and its file's name.
    reads, annotations
        Names of the module that it reads, with their variables; annotations in the body.
    is_method, name_span
        Whether the first parameter is the object; where its name stands.
    attribute_table
        The object's attributes by name; filled on while methods that it calls are read.
    asked, records
        The arguments asked for as the outputs of a function that returns nothing; the classes of
        records that annotations name.
    gives_one, asks_class
        Whether it returns a tuple of one value; is read for arguments that are no objects.
    changing, origin, rewritten
        The variables that have more than one value: assigned in several places, in a loop, or
        written in place. The live function that was read, if it was one. Where statements begin
        that don't say what their tree says.
    """

    name: str
    parameters: tuple[Parameter, ...]
    body: Block
    outputs: tuple[Output, ...]
    result: Statement
    source: Source
    span: Span
    docstring: str = ""
    reads: dict[str, Variable] = field(default_factory=dict)
    annotations: dict[Variable, str] = field(default_factory=dict)
    is_method: bool = False
    name_span: Span | None = None
    attribute_table: dict[str, Variable] = field(default_factory=dict)
    changing: frozenset[Variable] = frozenset()
    origin: Any = None
    rewritten: frozenset[int] = frozenset()
    asked: tuple[str, ...] = ()
    records: dict[str, RecordClass] = field(default_factory=dict)
    gives_one: bool = False
    asks_class: bool = False

    @property
    def is_straight(self) -> bool:
        """Whether every statement runs once, and each variable has one value."""
        return all(isinstance(node, Statement) and not node.writes for node in self.body)

    @property
    def statements(self) -> list[Statement]:
        """All statements, those of inner blocks too, in the order of the text."""
        return list(leaves(self.body))

    @property
    def values(self) -> list[Expression]:
        """The returned values."""
        return [output.value for output in self.outputs]

    @property
    def attributes(self) -> list[Variable]:
        """The attributes of the object that are read, as variables."""
        return [v for v in self.attribute_table.values() if v.role == "attribute"]


def leaves(block: Block) -> Iterator[Statement]:
    """Give the statements of a block and of the blocks in it; headers come before their blocks."""
    for node in block:
        match node:
            case Statement():
                yield node
            case If():
                yield from leaves(node.then)
                yield from leaves(node.otherwise)
            case Loop():
                yield node.header
                yield from leaves(node.body)
                yield from leaves(node.otherwise)


@dataclass(eq=False, slots=True)
class UserFunction:
    """A function of the user's that another one calls.

    Parameters
    ----------
    name, read
        Its name at the place of the call; what reads it, or raises `Refusal` where it can't.
    gives
        What its outputs may share memory with; None where that isn't known.
    """

    name: str
    read: Callable[[], Function]
    gives: GivenBack | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A method of an object that srcdiff doesn't know: `forward` of self.layer."""

    name: str
