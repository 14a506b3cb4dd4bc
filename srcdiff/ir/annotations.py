"""Types from the texts of annotations and docstrings."""

from __future__ import annotations

import ast
import functools
import itertools
import re

from srcdiff.ir.records import RecordClass
from srcdiff.ir.types import (
    BOOLEAN,
    COMPLEX,
    INTEGER,
    OTHER,
    SCALAR,
    Dim,
    Kind,
    Shape,
    Type,
    array,
    size,
)

SCALARS = {
    "float": SCALAR,
    "complex": COMPLEX,
    "int": INTEGER,
    "bool": BOOLEAN,
    "str": OTHER,
    "None": OTHER,
}
ARRAYS = frozenset(["ndarray", "NDArray", "Array", "ArrayLike"])
JAXTYPING: dict[str, Kind] = {
    "Float": "float",
    "Float32": "float",
    "Float64": "float",
    "Int": "int",
    "Int32": "int",
    "Int64": "int",
    "Integer": "int",
    "UInt": "int",
    "UInt8": "int",
    "Bool": "bool",
    "Complex": "complex",
    "Complex64": "complex",
    "Complex128": "complex",
    "Inexact": "complex",
    "Real": "any",
    "Num": "any",
    "Shaped": "any",
}


Classes = tuple[tuple[str, RecordClass], ...]


@functools.cache
def from_annotation(text: str, origin: str, classes: Classes = ()) -> Type | None:
    """Give the type that an annotation states; None if it states nothing known.

    Parameters
    ----------
    text
        The annotation, as written.
    origin
        The name of what is annotated; sizes without a name get one from it.
    classes
        Of records, by the names that annotations have for them.
    """
    try:
        node = ast.parse(text.strip().strip("\"'"), mode="eval").body
    except SyntaxError:
        return None
    known = _from_node(node, origin, dict(classes))
    if "complex" in text.lower():  # whatever it says besides: dict[str, complex], float | complex
        return (known or Type("any", "any", frozenset([origin]))).of_kind("complex")
    return known


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _from_node(node: ast.expr, origin: str, classes: dict[str, RecordClass]) -> Type | None:
    name = _last_name(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        name = node.value
    if name in classes:
        return _of_record(classes[name], origin, classes)
    if isinstance(node, ast.Constant) and node.value is None:
        return OTHER
    if name in SCALARS:
        return SCALARS[name]
    if name in ("ndarray", "NDArray"):
        return array(frozenset([origin]), "any")
    if name in ("list", "List"):
        return Type("list", "any", frozenset([origin]))
    if name in ("tuple", "Tuple"):
        return Type("tuple", "any", frozenset([origin]))
    if name in ("dict", "Dict"):
        return Type("dict", "any", frozenset([origin]))
    if not isinstance(node, ast.Subscript):
        return None
    return _from_subscript(_last_name(node.value), node.slice, origin, classes)


def _of_record(known: RecordClass, origin: str, classes: dict[str, RecordClass]) -> Type:
    """Give the type of a record; a field whose class is this one again is unknown."""
    record = known.record
    inner = {name: other for name, other in classes.items() if other is not known}
    places = [f"{origin}.{name}" for name in record.fields]
    items = tuple(
        from_annotation(text, place, tuple(inner.items())) or Type("any", "any", frozenset([place]))
        for text, place in zip(known.annotations, places, strict=True)
    )
    kind: Kind = "complex" if any(item.kind == "complex" for item in items) else "any"
    return Type("tuple", kind, frozenset([origin]), items, record=record)


def _from_subscript(
    head: str, inner: ast.expr, origin: str, classes: dict[str, RecordClass]
) -> Type | None:
    if head in ("list", "List"):
        item = _from_node(inner, origin, classes)
        kind = item.kind if item is not None else "any"
        flat = item is not None and item.form == "scalar"
        shape: Shape = (size(f"{origin}.0"),) if flat else frozenset([origin])
        return Type("list", kind, shape)
    if head in ("tuple", "Tuple"):
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if any(isinstance(part, ast.Constant) and part.value is ... for part in parts):
            return Type("tuple", "any", frozenset([origin]))
        items = [_from_node(part, f"{origin}.{index}", classes) for index, part in enumerate(parts)]
        known = tuple(item or Type("any", "any", frozenset([origin])) for item in items)
        flat = all(item.form == "scalar" for item in known)
        return Type("tuple", "any", (len(known),) if flat else frozenset([origin]), known)
    if head in ("ndarray", "NDArray"):
        return array(frozenset([origin]), _kind(inner))
    if head in JAXTYPING and isinstance(inner, ast.Tuple) and len(inner.elts) == 2:
        dimensions = inner.elts[1]
        owner = _last_name(inner.elts[0])
        if not isinstance(dimensions, ast.Constant) or not isinstance(dimensions.value, str):
            return None
        if owner not in ARRAYS:
            return SCALARS.get(owner)
        return array(_dimensions(dimensions.value.split(), origin), JAXTYPING[head])
    if head == "Array" and isinstance(inner, ast.Constant) and isinstance(inner.value, str):
        return array(_dimensions(inner.value.split(), origin), "float")
    return None


def _kind(inner: ast.expr) -> Kind:
    text = ast.unparse(inner)
    words: tuple[Kind, ...] = ("complex", "float", "int", "bool")
    return next((word for word in words if word in text), "any")


def _dimensions(names: list[str], origin: str) -> Shape:
    """Read a list of sizes, as in jaxtyping's "n d 3"."""
    if any(name == "..." or name.startswith("*") for name in names):
        return frozenset([origin])
    return tuple(_dimension(name, f"{origin}.{axis}") for axis, name in enumerate(names))


def _dimension(name: str, anonymous: str) -> Dim:
    name = name.rpartition("=")[2].lstrip("?")
    if name.lstrip("#").isdigit():
        return int(name.lstrip("#"))
    if name.startswith("#"):
        return size(anonymous)
    return size(name) if name.isidentifier() and name != "_" else size(anonymous)


ENTRY = re.compile(r"^(?P<names>[\w, *]+?)\s*:\s*(?P<what>\S.*)$")
SHAPED = re.compile(r"(?:nd)?array(?:[-_ ]like)?\b.*?(?:of )?shape\s*[=:]?\s*\((?P<shape>[^)]*)\)")


def from_docstring(docstring: str) -> dict[str, Type]:
    """Give the types that a numpydoc docstring's Parameters section states.

    Only statements about shapes and plain numbers count; "array_like" alone says nothing, for it
    may be a list. Source of the form: the numpydoc style guide.
    """
    found: dict[str, Type] = {}
    inside = False
    lines = [*docstring.splitlines(), ""]
    for line, after in itertools.pairwise(lines):
        if after.strip().startswith("---"):
            inside = line.strip() == "Parameters"
            continue
        entry = ENTRY.match(line.strip()) if inside else None
        if entry is None:
            continue
        for name in entry["names"].replace("*", "").split(","):
            stated = _from_words(entry["what"], name.strip())
            if stated is not None:
                found[name.strip()] = stated
    return found


def _from_words(what: str, origin: str) -> Type | None:
    words = what.split(",", maxsplit=1)[0].strip()
    shaped = SHAPED.search(what)
    if shaped is not None and "array_like" not in what and "array-like" not in what:
        names = [name.strip() for name in shaped["shape"].split(",") if name.strip()]
        kind: Kind = "int" if re.search(r"\bint", what) else "any"
        kind = "complex" if "complex" in what else kind
        return array(_dimensions(names, origin), kind)
    if words in ("ndarray", "np.ndarray", "numpy.ndarray"):
        return array(frozenset([origin]), "any")
    return SCALARS.get(words)
