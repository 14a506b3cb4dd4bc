"""What is known of a value while deriving: its form, its kind of number, its shape.

A shape is either known, a tuple with one entry per axis, or opaque, a set of origins: two values
of the same origins have the same shape whatever it is, which is all that most simplifications
need. A dimension is an int, or a set of names: one name stands for one size, several for the size
that they broadcast to.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from srcdiff.diagnostics import Refusal
from srcdiff.ir.records import Record

Dim = int | frozenset[str]
Known = tuple[Dim, ...]
Opaque = frozenset[Hashable]
Shape = Known | Opaque
Form = Literal["scalar", "array", "number", "any", "list", "tuple", "dict", "other"]
Kind = Literal["complex", "float", "int", "bool", "any"]
DTYPES: dict[str, Kind] = {"c": "complex", "f": "float", "i": "int", "u": "int", "b": "bool"}
"""The kinds by the letters that NumPy has for them."""


@dataclass(frozen=True, slots=True)
class Type:
    """What is known of a value.

    Parameters
    ----------
    form
        "scalar" is a Python or NumPy number, "array" an ndarray, "number" one of these, "any" a
        number or a container of numbers; "other" has no gradient.
    kind
        Of its numbers; "complex" where they may be complex, "any" where they are of some real kind.
    shape
        Known or opaque.
    items
        The types of a list's or tuple's items, where each is known.
    value
        The value of an int that is a known size.
    fields
        The types of a dict's entries, where each is known.
    record
        The class, if it is a record: a tuple whose items have names.
    """

    form: Form = "any"
    kind: Kind = "any"
    shape: Shape = frozenset()
    items: tuple[Type, ...] | None = None
    value: Dim | None = None
    fields: tuple[tuple[str, Type], ...] | None = None
    record: Record | None = None

    @property
    def rank(self) -> int | None:
        """The number of axes, where known."""
        return len(self.shape) if isinstance(self.shape, tuple) else None

    @property
    def is_scalar(self) -> bool:
        """Whether this is certainly a number without axes."""
        return self.form in ("scalar", "number") and self.shape == ()

    @property
    def gradient_kind(self) -> Kind:
        """The kind of number that a gradient of this has."""
        return "complex" if self.kind == "complex" else "float"

    def of_kind(self, kind: Kind) -> Type:
        """Give the same type with another kind of number."""
        return replace(self, kind=kind)


SCALAR = Type("scalar", "float", ())
INTEGER = Type("scalar", "int", ())
BOOLEAN = Type("scalar", "bool", ())
OTHER = Type("other", "any", ())
COMPLEX = Type("scalar", "complex", ())
SIZES = Type("other", "int", ())
"""The type of a shape: a tuple of ints."""
NOTHING = Type("other", "bool", ())
"""The type of None."""


def is_container(known: Type) -> bool:
    """Whether a value is certainly a list, a tuple or a dict."""
    return known.form in ("list", "tuple", "dict") or known.fields is not None


def is_complex(value: Any) -> bool:
    """Whether a value is complex, or holds complex numbers."""
    if isinstance(value, dict):
        return any(map(is_complex, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(is_complex, value))
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind == "c" or isinstance(value, complex)


class _Origin:
    """Something with a shape of its own, known to be like no other."""

    __slots__ = ()


def unknown(origin: Hashable | None = None, form: Form = "any") -> Type:
    """Give the type of a value of which only its origin is known."""
    return Type(form, "any", frozenset([origin if origin is not None else _Origin()]))


def named_origins(shape: Opaque) -> Opaque:
    """Give the origins of an opaque shape, one for all those that are like no other."""
    return frozenset(_Origin if isinstance(origin, _Origin) else origin for origin in shape)


def array(shape: Shape, kind: Kind = "float") -> Type:
    """Give the type of an ndarray."""
    return Type("array", kind, shape)


def size(name: str) -> Dim:
    """Give the dimension of a named size."""
    return frozenset([name])


def size_of(number: int) -> Dim:
    """Give the size of an argument's axis, which has one name wherever it is met."""
    return 1 if number == 1 else size(f"size {number}")


def known_sizes(shape: Shape) -> tuple[int, ...] | None:
    """Give a shape in numbers, if all its sizes are those of arguments."""
    if not isinstance(shape, tuple):
        return None
    sizes: list[int] = []
    for dim in shape:
        if isinstance(dim, int):
            sizes.append(dim)
            continue
        words = {name.removeprefix("size ") for name in dim}
        if len(words) != 1 or not all(word.isdigit() for word in words):
            return None
        sizes.append(int(words.pop()))
    return tuple(sizes)


def broadcast(shapes: Iterable[Shape]) -> Shape:
    """Give the shape that values of these shapes broadcast to.

    Raises
    ------
    Refusal
        Two known sizes don't fit.
    """
    distinct: list[Shape] = []
    for shape in shapes:
        if shape != () and shape not in distinct:
            distinct.append(shape)
    if not distinct:
        return ()
    if len(distinct) == 1:
        return distinct[0]
    if all(isinstance(shape, tuple) for shape in distinct):
        known: Known = ()
        for shape in distinct:
            assert isinstance(shape, tuple)
            known = _broadcast_known(known, shape)
        return known
    origins: set[Hashable] = set()
    for shape in distinct:
        origins |= {shape} if isinstance(shape, tuple) else shape
    return frozenset(origins)


def _broadcast_known(left: Known, right: Known) -> Known:
    rank = max(len(left), len(right))
    left = (1,) * (rank - len(left)) + left
    right = (1,) * (rank - len(right)) + right
    return tuple(map(_broadcast_dim, left, right))


def _broadcast_dim(left: Dim, right: Dim) -> Dim:
    if left == right or right == 1:
        return left
    if left == 1:
        return right
    if isinstance(left, int) and isinstance(right, int):
        raise Refusal(
            "SD107",
            f"sizes {left} and {right} don't broadcast.",
            "Check the shapes in the annotations or of the arguments.",
        )
    if isinstance(left, int):
        return left
    if isinstance(right, int):
        return right
    return left | right


def certainly_differ(left: Shape, right: Shape) -> bool:
    """Whether two shapes can't be equal."""
    if not isinstance(left, tuple) or not isinstance(right, tuple):
        return False
    if len(left) != len(right):
        return True
    return any(
        isinstance(a, int) and isinstance(b, int) and a != b
        for a, b in zip(left, right, strict=True)
    )


def joined(types: Iterable[Type]) -> tuple[Form, Kind]:
    """Give the form and kind of the result of an elementwise operation."""
    found = list(types)
    forms = {t.form for t in found}
    if forms <= {"scalar"}:
        form: Form = "scalar"
    elif "array" in forms:
        form = "array"
    else:
        form = "number"
    kinds = {t.kind for t in found}
    for kind in ("complex", "any", "float", "int", "bool"):
        if kind in kinds:
            return form, kind
    return form, "int"


def as_complex(known: Type, real: tuple[int, ...] = ()) -> Type:
    """Give a type with complex numbers, in all items too but for those in some places."""
    if known.items is None:
        return replace(known, kind="complex")
    items = [item if i in real else as_complex(item) for i, item in enumerate(known.items)]
    return replace(known, kind="complex", items=tuple(items))
