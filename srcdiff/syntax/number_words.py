"""What the text of a value says of its kind of number."""

from __future__ import annotations

import re

import libcst as cst

COMPLEX_VALUES = "Complex"
"""The annotation of what is complex, in whatever form."""
SUGGESTS_COMPLEX = re.compile(r"\d[jJ]\b|complex|\bi?fftn?2?\b|\beig(vals)?\b|\broots\b")


def number_kind(node: cst.BaseExpression) -> str:
    """Give the kind of a number written out; nothing for other expressions."""
    while isinstance(node, cst.UnaryOperation):
        node = node.expression
    match node:
        case cst.Float():
            return "float"
        case cst.Integer():
            return "int"
        case cst.Imaginary():
            return "complex"
        case cst.BinaryOperation(left=left, right=right):
            both = (number_kind(left), number_kind(right))
            return "complex" if "complex" in both and all(both) else ""
    return ""
