"""What is to be derived: a function, what of it, in which form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from srcdiff.ir.nodes import Function
from srcdiff.ir.types import Type
from srcdiff.passes.inner import Part

Mode = Literal["joint", "split", "value", "method", "jvp"]


@dataclass(slots=True)
class Request:
    """What is to be derived.

    Parameters
    ----------
    function
        As read.
    wrt
        The parameters asked for; a single name comes back bare; None for all that matter.
    mode
        "joint" computes forward and backward in one function, "split" in two, "value" gives the
        outputs as well as the gradients, "method" is for a class: forward keeps what backward
        needs on the object, "jvp" is forward mode: the outputs and their tangents.
    given
        Types of parameters that are known otherwise than by annotation.
    attributes
        Types of the object's attributes.
    parts
        What is known of the objects that the object has, by their attributes.
    text_name
        What a companion is called, if not by its function's name and "_backward".
    complex_parameters
        The parameters of a companion to which its caller gives complex numbers.
    """

    function: Function
    wrt: tuple[str, ...] | str | None = None
    mode: Mode = "joint"
    given: dict[str, Type] | None = None
    attributes: dict[str, Type] | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    text_name: str = ""
    complex_parameters: frozenset[str] = frozenset()
